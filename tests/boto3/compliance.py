"""Compliance that others report, the counts of an inventory, and documents that are deleted."""

import datetime

from checked import advance, holds, pages, refused, same, ssm

WINDOWS, LINUX, AGENTLESS = "i-0c0ffee0000000001", "i-0c0ffee0000000004", "i-0c0ffee0000000007"
KIND = "Custom:Antivirus"
REPORTED = datetime.datetime(2026, 5, 13, 12, tzinfo=datetime.timezone.utc)


def entry(number, status, severity="HIGH"):
    return {"Id": f"rule-{number}", "Title": f"Rule {number}", "Status": status, "Severity": severity,
            "Details": {"Scanner": "own"}}


def put(node, items, **arguments):
    execution = {"ExecutionTime": REPORTED, "ExecutionId": "scan-7", "ExecutionType": "Command"}
    request = {"ResourceId": node, "ResourceType": "ManagedInstance", "ComplianceType": KIND}
    return ssm.put_compliance_items(**request | {"ExecutionSummary": execution, "Items": items} | arguments)


def listed(node, **arguments):
    return pages(ssm, "list_compliance_items", "ComplianceItems", ResourceIds=[node], **arguments)


def summaries(**arguments):
    return pages(ssm, "list_resource_compliance_summaries", "ResourceComplianceSummaryItems", **arguments)


def custom_items():
    put(LINUX, [entry(1, "COMPLIANT"), entry(2, "NON_COMPLIANT", "INFORMATIONAL"), entry(3, "NON_COMPLIANT", "MEDIUM")])
    put(WINDOWS, [entry(1, "COMPLIANT")])
    found = listed(LINUX)
    same("ids", [one["Id"] for one in found], ["rule-1", "rule-2", "rule-3"])
    same("type", {one["ComplianceType"] for one in found}, {KIND})
    same("run", found[0]["ExecutionSummary"], {"ExecutionTime": REPORTED, "ExecutionId": "scan-7", "ExecutionType": "Command"})
    same("details", found[0]["Details"], {"Scanner": "own"})
    failed = [{"Key": "Status", "Values": ["NON_COMPLIANT"], "Type": "EQUAL"}]
    same("failed", [one["Id"] for one in listed(LINUX, Filters=failed)], ["rule-2", "rule-3"])
    [fleet] = ssm.list_compliance_summaries()["ComplianceSummaryItems"]
    counts = (fleet["CompliantSummary"]["CompliantCount"], fleet["NonCompliantSummary"]["NonCompliantCount"])
    same("fleet", (fleet["ComplianceType"], *counts), (KIND, 1, 1))


def summaries_of_nodes():
    ssm.send_command(
        DocumentName="AWS-RunPatchBaseline", InstanceIds=[WINDOWS, LINUX], Parameters={"Operation": ["Scan"]},
    )
    advance(hours=1)
    other = "Custom:Backup"
    put(LINUX, [entry(1, "COMPLIANT")], ComplianceType=other)
    places = [(one["ComplianceType"], one["ResourceId"]) for one in summaries()]
    order = [("Patch", WINDOWS), ("Patch", LINUX), (KIND, WINDOWS), (KIND, LINUX), (other, LINUX)]
    same("order", places, order)
    for size in range(1, 6):
        paged = summaries(PaginationConfig={"PageSize": size})
        same(f"pages of {size}", [(one["ComplianceType"], one["ResourceId"]) for one in paged], order)
    of_kind = [{"Key": "ComplianceType", "Values": [KIND], "Type": "EQUAL"}]
    windows, linux = summaries(Filters=of_kind)
    same("Windows", (windows["Status"], windows["OverallSeverity"]), ("COMPLIANT", "UNSPECIFIED"))
    same("Linux", (linux["Status"], linux["OverallSeverity"]), ("NON_COMPLIANT", "MEDIUM"))
    same("failed by severity", linux["NonCompliantSummary"]["SeveritySummary"]["InformationalCount"], 1)
    same("patches are not mixed in", {one["ComplianceType"] for one in listed(WINDOWS)}, {"Patch", KIND})
    put(LINUX, [], ComplianceType=other)
    same("it is gone", [one["ComplianceType"] for one in summaries()].count(other), 0)


def a_report_replaces_the_one_before_unless_its_hash_is_the_same():
    put(LINUX, [entry(4, "COMPLIANT")], ItemContentHash="a")
    put(LINUX, [entry(5, "COMPLIANT")], ItemContentHash="a")
    of_kind = [{"Key": "ComplianceType", "Values": [KIND], "Type": "EQUAL"}]
    same("ignored", [one["Id"] for one in listed(LINUX, Filters=of_kind)], ["rule-4"])
    put(LINUX, [entry(5, "COMPLIANT")], ItemContentHash="b")
    same("replaced", [one["Id"] for one in listed(LINUX, Filters=of_kind)], ["rule-5"])


def refused_reports():
    def refuse(code, **arguments):
        request = {"node": LINUX, "items": [entry(1, "COMPLIANT")]} | arguments
        refused(code, 400, put, **request)

    refuse("InvalidResourceId", node="i-00000000000000000")
    refuse("InvalidResourceId", node=AGENTLESS)
    refuse("InvalidResourceType", ResourceType="Instance")
    for kind in ["Patch", "Association", "Custom:x", "Custom:-", "Custom: antivirus", "Custom:é"]:
        refuse("ValidationException", ComplianceType=kind)
    refuse("ValidationException", UploadType="PARTIAL")
    refuse("ValidationException", UploadType="SOME")
    refuse("ValidationException", items=[entry(1, "UNKNOWN")])
    refuse("ValidationException", items=[entry(1, "COMPLIANT", "SEVERE")])
    refuse("ValidationException", items=[entry(1, "COMPLIANT") | {"Title": "x" * 501}])
    for number in range(9):
        put(WINDOWS, [entry(1, "COMPLIANT")], ComplianceType=f"Custom:type_{number}")
    refuse("ComplianceTypeCountLimitExceededException", ComplianceType="Custom:eleventh")


def counts_of_an_inventory():
    def count(*aggregators, **arguments):
        [entity] = ssm.get_inventory(Aggregators=list(aggregators), **arguments)["Entities"]
        return {name: item["Content"] for name, item in entity["Data"].items()}

    def rows(kind, *attributes, **arguments):
        nested = []
        for attribute in reversed(attributes):
            one = {"Expression": attribute} | ({"Aggregators": nested} if nested else {})
            nested = [one]
        return count(*nested, **arguments)[kind]

    platforms = {row["PlatformType"]: int(row["Count"]) for row in rows(
        "AWS:InstanceInformation", "AWS:InstanceInformation.PlatformType")}
    nodes = pages(ssm, "get_inventory", "Entities")
    same("nodes by platform", sum(platforms.values()), len(nodes))
    holds("values in lower case", {"windows", "linux"} <= platforms.keys(), platforms)
    same("scans", rows("AWS:PatchSummary", "AWS:PatchSummary.OperationType"), [{"OperationType": "scan", "Count": "2"}])
    by_platform = rows("AWS:PatchSummary", "AWS:PatchSummary.OperationType", "AWS:InstanceInformation.PlatformType")
    same("by platform", by_platform, [
        {"OperationType": "scan", "PlatformType": platform, "Count": "1"} for platform in ["linux", "windows"]])
    states = rows("AWS:ComplianceItem", "AWS:ComplianceItem.ComplianceType", "AWS:ComplianceItem.PatchState")
    holds("of one row", all(row["ComplianceType"] == "patch" for row in states), states)
    missing = [row["Count"] for row in states if row["PatchState"] == "missing"]
    same("a node counts once, however many it misses", missing, ["2"])
    linux = [{"Key": "AWS:InstanceInformation.PlatformType", "Values": ["Linux"], "Type": "Equal"}]
    of_linux = rows("AWS:PatchSummary", "AWS:PatchSummary.OperationType", Filters=linux)
    same("of Linux", of_linux, [{"OperationType": "scan", "Count": "1"}])

    def exists(kind):
        return {"Key": "TypeName", "Values": [kind], "Type": "Exists"}

    scanned = {"Name": "Scanned", "Filters": [exists("AWS:PatchSummary")]}
    other = str(len(nodes) - 2)
    same("groups", count({"Groups": [scanned]}), {"Scanned": [{"notMatchingCount": other}, {"matchingCount": "2"}]})
    both = {"Name": "Both", "Filters": [exists("AWS:PatchSummary"), exists("AWS:Application")]}
    same("no applications", count({"Groups": [both]})["Both"][1], {"matchingCount": "0"})
    behind = [{"Key": "AWS:PatchSummary.MissingCount", "Values": ["0"], "Type": "GreaterThan"}]
    same("behind", len(ssm.get_inventory(Filters=behind)["Entities"]), 2)
    for wrong in [{}, {"Expression": "AWS:PatchSummary"}, {"Expression": "AWS:Nothing.Name"}]:
        refused("InvalidAggregatorException", 400, ssm.get_inventory, Aggregators=[wrong])
    long_name = {"Groups": [scanned | {"Name": "x" * 201}]}
    refused("ValidationException", 400, ssm.get_inventory, Aggregators=[long_name])
    refused("InvalidFilter", 400, ssm.get_inventory, Filters=[exists("AWS:PatchSummary") | {"Key": linux[0]["Key"]}])
    both_ways = {"Aggregators": [{"Groups": [scanned]}], "ResultAttributes": [{"TypeName": "AWS:PatchSummary"}]}
    refused("ValidationException", 400, ssm.get_inventory, **both_ways)


def entries_that_pass_filters():
    def ids(node, *filters):
        some = {"Filters": list(filters)} if filters else {}
        found = ssm.list_inventory_entries(InstanceId=node, TypeName="AWS:ComplianceItem", **some)
        return {entry["Id"] for entry in found["Entries"]}

    failed = {"Key": "Status", "Values": ["NON_COMPLIANT"], "Type": "Equal"}
    custom = {"Key": "AWS:ComplianceItem.ComplianceType", "Values": ["Custom:"], "Type": "BeginWith"}
    patches = custom | {"Values": ["Patch"]}
    holds("patches", len(ids(LINUX, failed, patches)) > 0, ids(LINUX))
    same("custom", ids(LINUX, custom), {"rule-5"})
    same("both", ids(LINUX, failed, custom), set())
    same("without an agent", ids(AGENTLESS), set())
    refused(
        "InvalidFilter", 400, ssm.list_inventory_entries,
        InstanceId=LINUX, TypeName="AWS:ComplianceItem", Filters=[failed | {"Type": "Exists"}],
    )
    refused(
        "ValidationException", 400, ssm.list_inventory_entries,
        InstanceId=AGENTLESS, TypeName="AWS:ComplianceItem", Filters=[failed | {"Type": "Like"}],
    )


def deleted_documents():
    content = '{"schemaVersion": "2.2", "mainSteps": []}'
    for name in ["hook", "shared", "associated"]:
        ssm.create_document(Name=name, DocumentType="Command", Content=content)
    ssm.modify_document_permission(Name="shared", PermissionType="Share", AccountIdsToAdd=["222222222222"])
    ssm.create_association(Name="associated", Targets=[{"Key": "tag:Role", "Values": ["web"]}])
    refused("InvalidDocumentOperation", 400, ssm.delete_document, Name="shared", Force=True)
    refused("AssociatedInstances", 400, ssm.delete_document, Name="associated")
    refused("InvalidDocument", 400, ssm.delete_document, Name="AWS-RunShellScript")
    ssm.delete_document(Name="hook")
    refused("InvalidDocument", 400, ssm.delete_document, Name="hook")
    refused("InvalidDocument", 400, ssm.send_command, DocumentName="hook", InstanceIds=[LINUX])
    same("others stay", ssm.get_document(Name="shared")["Name"], "shared")


custom_items()
summaries_of_nodes()
a_report_replaces_the_one_before_unless_its_hash_is_the_same()
counts_of_an_inventory()
entries_that_pass_filters()
refused_reports()
deleted_documents()
print("compliance: ok")
