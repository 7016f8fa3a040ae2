"""Drives the five steps of patching with boto3 and checks every reply.

Usage: python3 five_steps.py ENDPOINT

ENDPOINT is that of an emulator on the sample fleet with its clock at 2026-05-14T00:00:00Z.
"""

import json
import re

from checked import (
    advance, compared, ec2, holds, is_recent, pages, post, quicksetup, refused, same, ssm,
)

GROUP = "production"
WINDOWS = ["i-0c0ffee0000000001", "i-0c0ffee0000000002"]
LINUX = ["i-0c0ffee0000000004", "i-0c0ffee0000000005"]
SHOWS_TAGS = "i-0c0ffee0000000004"
HYBRID = "mi-0c0ffee0000000009"
# One update does not install on it, in the sample.
FAILS = "i-0c0ffee0000000002"
PATCHED = sorted([*WINDOWS, *LINUX, HYBRID])


def make_baseline(system, name, filters):
    arguments = dict(
        Name=name,
        OperatingSystem=system,
        Description="made by boto3",
        ApprovalRules={
            "PatchRules": [
                {
                    "PatchFilterGroup": {
                        "PatchFilters": [
                            {"Key": key, "Values": values} for key, values in filters.items()
                        ]
                    },
                    "ApproveAfterDays": 7,
                    "ComplianceLevel": "CRITICAL",
                }
            ]
        },
        ClientToken=f"token-of-{name}",
        Tags=[{"Key": "team", "Value": "platform"}],
    )
    made = ssm.create_patch_baseline(**arguments)["BaselineId"]
    holds("id of a baseline", re.fullmatch("pb-[0-9a-f]{17}", made), made)
    same("repeated creation", ssm.create_patch_baseline(**arguments)["BaselineId"], made)
    arguments["Description"] = "another"
    refused("IdempotentParameterMismatch", 400, ssm.create_patch_baseline, **arguments)
    return made


def step_1_baselines():
    windows = make_baseline(
        "WINDOWS",
        "boto3-windows",
        {"PRODUCT": ["*"], "CLASSIFICATION": ["CriticalUpdates", "SecurityUpdates"]},
    )
    linux = make_baseline(
        "AMAZON_LINUX_2023", "boto3-al2023", {"PRODUCT": ["*"], "CLASSIFICATION": ["Security"]}
    )
    read = ssm.get_patch_baseline(BaselineId=windows)
    same("name", read["Name"], "boto3-windows")
    same("operating system", read["OperatingSystem"], "WINDOWS")
    rule = read["ApprovalRules"]["PatchRules"][0]
    same("delay", rule["ApproveAfterDays"], 7)
    same("level", rule["ComplianceLevel"], "CRITICAL")
    same("rejected action", read["RejectedPatchesAction"], "ALLOW_AS_DEPENDENCY")
    # Filled in by the service, as for AWS's own baselines of Windows.
    waiting = "AvailableSecurityUpdatesComplianceStatus"
    same("available updates", read[waiting], "NON_COMPLIANT")
    holds("available updates of Linux", waiting not in ssm.get_patch_baseline(BaselineId=linux), linux)
    same("creation", read["CreatedDate"], read["ModifiedDate"])
    is_recent("creation", read["CreatedDate"])

    advance(seconds=1)
    changed = ssm.update_patch_baseline(BaselineId=windows, RejectedPatches=["KB0000001"])
    same("rejected patches", changed["RejectedPatches"], ["KB0000001"])
    same("description", changed["Description"], "made by boto3")
    holds("change", changed["ModifiedDate"] > changed["CreatedDate"], changed)
    changed = ssm.update_patch_baseline(
        BaselineId=windows, RejectedPatches=[], **{waiting: "COMPLIANT"}
    )
    same("rejected patches", changed["RejectedPatches"], [])
    same("available updates", changed[waiting], "COMPLIANT")

    kept = {"ResourceType": "PatchBaseline", "ResourceId": windows}
    team = [{"Key": "team", "Value": "platform"}]
    same("tags", ssm.list_tags_for_resource(**kept)["TagList"], team)

    own = [{"Key": "OWNER", "Values": ["Self"]}]
    listed = pages(
        ssm, "describe_patch_baselines", "BaselineIdentities",
        Filters=own, PaginationConfig={"PageSize": 1},
    )
    same("own baselines", sorted(row["BaselineId"] for row in listed), sorted([windows, linux]))
    same("own defaults", [row["DefaultBaseline"] for row in listed], [False, False])
    everyone = pages(ssm, "describe_patch_baselines", "BaselineIdentities")
    holds("all baselines", len(everyone) > 15, len(everyone))

    default = ssm.get_default_patch_baseline()["BaselineId"]
    holds("default of Windows", default.startswith("arn:aws:ssm:"), default)
    ssm.register_default_patch_baseline(BaselineId=windows)
    same("new default", ssm.get_default_patch_baseline()["BaselineId"], windows)
    refused("ResourceInUseException", 400, ssm.delete_patch_baseline, BaselineId=windows)
    ssm.register_default_patch_baseline(BaselineId=default)

    unknown = "pb-00000000000000000"
    refused("DoesNotExistException", 400, ssm.get_patch_baseline, BaselineId=unknown)
    refused("ValidationException", 400, ssm.create_patch_baseline, Name="no spaces please")

    effective = pages(
        ssm, "describe_effective_patches_for_patch_baseline", "EffectivePatches",
        BaselineId=windows,
    )
    holds("effective patches", effective, effective)
    for row in effective:
        holds("effective patch", row["Patch"]["KbNumber"].startswith("KB"), row)
        is_recent("release", row["Patch"]["ReleaseDate"])
    refused(
        "UnsupportedOperatingSystem", 400,
        ssm.describe_effective_patches_for_patch_baseline, BaselineId=linux,
    )
    available = pages(
        ssm, "describe_available_patches", "Patches",
        Filters=[{"Key": "PRODUCT", "Values": ["WindowsServer2022"]}],
        PaginationConfig={"PageSize": 3},
    )
    holds("available patches", len(available) > 3, len(available))
    products = pages(
        ssm, "describe_patch_properties", "Properties",
        OperatingSystem="AMAZON_LINUX_2023", Property="PRODUCT",
    )
    holds("products", {"Name": "AmazonLinux2023"} in products, products)
    return windows, linux


def step_2_group(windows, linux):
    for baseline in (windows, linux):
        bound = ssm.register_patch_baseline_for_patch_group(
            BaselineId=baseline, PatchGroup=GROUP
        )
        same("bound group", bound["PatchGroup"], GROUP)
        same("bound baseline", bound["BaselineId"], baseline)
    found = ssm.get_patch_baseline_for_patch_group(
        PatchGroup=GROUP, OperatingSystem="AMAZON_LINUX_2023"
    )
    same("baseline of the group", found["BaselineId"], linux)
    rows = pages(
        ssm, "describe_patch_groups", "Mappings",
        Filters=[{"Key": "NAME_PREFIX", "Values": [GROUP]}],
    )
    same("rows of the group", sorted(row["PatchGroup"] for row in rows), [GROUP, GROUP])
    same("groups of the baseline", ssm.get_patch_baseline(BaselineId=linux)["PatchGroups"], [GROUP])
    refused("ResourceInUseException", 400, ssm.delete_patch_baseline, BaselineId=linux)
    second = ssm.create_patch_baseline(Name="boto3-second", OperatingSystem="WINDOWS")["BaselineId"]
    refused(
        "AlreadyExistsException", 400,
        ssm.register_patch_baseline_for_patch_group, BaselineId=second, PatchGroup=GROUP,
    )
    same("deleted", ssm.delete_patch_baseline(BaselineId=second)["BaselineId"], second)


def step_3_tags():
    nodes = pages(ssm, "describe_instance_information", "InstanceInformationList", MaxResults=5)
    ids = [node["InstanceId"] for node in nodes]
    holds("managed nodes", set(PATCHED) <= set(ids), ids)
    for node in nodes:
        is_recent("last ping", node["LastPingDateTime"])
    online = ssm.describe_instance_information(
        Filters=[{"Key": "PingStatus", "Values": ["ConnectionLost"]}]
    )["InstanceInformationList"]
    same("lost nodes", [node["InstanceId"] for node in online], ["i-0c0ffee0000000006"])
    older = ssm.describe_instance_information(
        InstanceInformationFilterList=[{"key": "InstanceIds", "valueSet": [HYBRID]}]
    )["InstanceInformationList"]
    same("node by the older filter", [node["InstanceId"] for node in older], [HYBRID])
    refused(
        "InvalidFilterKey", 400,
        ssm.describe_instance_information, Filters=[{"Key": "Colour", "Values": ["red"]}],
    )

    reservations = ec2.describe_instances(InstanceIds=[*WINDOWS, *LINUX])["Reservations"]
    instances = [instance for row in reservations for instance in row["Instances"]]
    same("instances", [row["InstanceId"] for row in instances], [*WINDOWS, *LINUX])
    same("state", instances[0]["State"], {"Code": 16, "Name": "running"})
    shown = {
        row["InstanceId"]: row["MetadataOptions"]["InstanceMetadataTags"] for row in instances
    }
    same("tags in metadata", shown[SHOWS_TAGS], "enabled")
    everywhere = pages(ec2, "describe_instances", "Reservations", PaginationConfig={"PageSize": 5})
    same("all instances", len(everywhere), 8)
    stopped = ec2.describe_instances(
        Filters=[{"Name": "instance-state-name", "Values": ["stopped"]}]
    )["Reservations"]
    same("stopped", [row["Instances"][0]["InstanceId"] for row in stopped], ["i-0c0ffee0000000003"])
    refused(
        "InvalidInstanceID.NotFound", 400,
        ec2.describe_instances, InstanceIds=["i-00000000000000000"],
    )

    spaced = [{"Key": "Patch Group", "Value": GROUP}]
    joined = [{"Key": "PatchGroup", "Value": GROUP}]
    others = [node for node in [*WINDOWS, *LINUX] if node != SHOWS_TAGS]
    ec2.create_tags(Resources=others, Tags=[*spaced, {"Key": "note", "Value": "a+b = c/d @e"}])
    refused("InvalidParameterValue", 400, ec2.create_tags, Resources=[SHOWS_TAGS], Tags=spaced)
    ec2.create_tags(Resources=[SHOWS_TAGS], Tags=joined)
    ssm.add_tags_to_resource(ResourceType="ManagedInstance", ResourceId=HYBRID, Tags=spaced)

    def tags(node):
        of_node = [{"Name": "resource-id", "Values": [node]}]
        rows = pages(ec2, "describe_tags", "Tags", Filters=of_node)
        return {row["Key"]: row["Value"] for row in rows}

    same("note", tags(WINDOWS[0])["note"], "a+b = c/d @e")
    ec2.delete_tags(Resources=others, Tags=[{"Key": "note", "Value": "another"}])
    holds("note with another value", "note" in tags(WINDOWS[0]), tags(WINDOWS[0]))
    ec2.delete_tags(Resources=others, Tags=[{"Key": "note"}])
    same("tags", tags(WINDOWS[0]), {"Name": "win-web-1", "Patch Group": GROUP})
    same("joined key", tags(SHOWS_TAGS)["PatchGroup"], GROUP)
    hybrid = {"ResourceType": "ManagedInstance", "ResourceId": HYBRID}
    holds("hybrid tags", spaced[0] in ssm.list_tags_for_resource(**hybrid)["TagList"], hybrid)
    ssm.add_tags_to_resource(**hybrid, Tags=[{"Key": "note", "Value": "x"}])
    ssm.remove_tags_from_resource(**hybrid, TagKeys=["note"])
    left = [tag["Key"] for tag in ssm.list_tags_for_resource(**hybrid)["TagList"]]
    holds("hybrid tags left", "note" not in left, left)

    vpcs = {row["VpcId"] for row in ec2.describe_subnets()["Subnets"]}
    holds("VPCs", vpcs, vpcs)
    endpoints = pages(
        ec2, "describe_vpc_endpoints", "VpcEndpoints",
        Filters=[{"Name": "vpc-id", "Values": sorted(vpcs)}],
    )
    holds("endpoint of SSM", any(row["ServiceName"].endswith(".ssm") for row in endpoints), endpoints)
    same("kind", {type(row["PrivateDnsEnabled"]) for row in endpoints}, {bool})
    tables = ec2.describe_route_tables()["RouteTables"]
    holds("route tables", any(row["Routes"] for row in tables), tables)


def policy_parameters(windows, linux):
    return {
        "PatchPolicyName": "boto3-policy",
        "ConfigurationOptionsPatchOperation": "ScanAndInstall",
        "ConfigurationOptionsScanValue": "cron(0 0 * * ? *)",
        "ConfigurationOptionsInstallValue": "cron(0 0 ? * SUN *)",
        "ConfigurationOptionsScanNextInterval": "true",
        "ConfigurationOptionsInstallNextInterval": "true",
        "RebootOption": "RebootIfNeeded",
        "TargetType": "*",
        "TargetRegions": "us-east-1",
        "PatchBaselineRegion": "us-east-1",
        "TargetAccounts": "123456789012",
        "RateControlConcurrency": "10%",
        "RateControlErrorThreshold": "2%",
        "PatchBaselineUseDefault": "custom",
        "SelectedPatchBaselines": json.dumps(
            {
                "WINDOWS": {"value": windows, "label": "boto3-windows", "disabled": False},
                "AMAZON_LINUX_2023": {"value": linux, "label": "boto3-al2023", "disabled": False},
            }
        ),
    }


def step_4_policy(windows, linux):
    definition = {
        "Type": "AWSQuickSetupType-PatchPolicy",
        "Parameters": policy_parameters(windows, linux),
        "LocalDeploymentAdministrationRoleArn":
            "arn:aws:iam::123456789012:role/AWS-QuickSetup-PatchPolicy-LocalAdministrationRole",
        "LocalDeploymentExecutionRoleName": "AWS-QuickSetup-PatchPolicy-LocalExecutionRole",
    }
    arn = quicksetup.create_configuration_manager(
        Name="boto3-policy", Description="from Python", ConfigurationDefinitions=[definition],
        Tags={"team": "platform"},
    )["ManagerArn"]
    read = quicksetup.get_configuration_manager(ManagerArn=arn)
    same("manager", read["ManagerArn"], arn)
    same("name", read["Name"], "boto3-policy")
    same("description", read["Description"], "from Python")
    same("tags", read["Tags"], {"team": "platform"})
    same("status at first", read["StatusSummaries"][0]["Status"], "DEPLOYING")
    is_recent("creation", read["CreatedAt"])
    found = read["ConfigurationDefinitions"][0]
    same("role", found["LocalDeploymentExecutionRoleName"],
         definition["LocalDeploymentExecutionRoleName"])
    for name, value in definition["Parameters"].items():
        if name == "SelectedPatchBaselines":
            value, kept = json.loads(value), json.loads(found["Parameters"][name])
            same(name, {os: kept[os]["value"] for os in kept},
                 {os: value[os]["value"] for os in value})
        elif name != "TargetAccounts":
            same(name, found["Parameters"][name], value)

    changed = {**found["Parameters"], "RebootOption": "NoReboot"}
    where = {"ManagerArn": arn, "Id": found["Id"]}
    quicksetup.update_configuration_definition(**where, Parameters=changed)
    quicksetup.update_configuration_manager(ManagerArn=arn, Description="changed")
    advance(minutes=2)
    read = quicksetup.get_configuration_manager(ManagerArn=arn)
    same("status later", read["StatusSummaries"][0]["Status"], "SUCCEEDED")
    same("new description", read["Description"], "changed")
    found = read["ConfigurationDefinitions"][0]["Parameters"]
    same("changed parameter", found["RebootOption"], "NoReboot")

    listed = pages(
        quicksetup, "list_configuration_managers", "ConfigurationManagersList",
        PaginationConfig={"PageSize": 1},
    )
    same("managers", [row["ManagerArn"] for row in listed], [arn])
    wrong = {**definition, "Parameters": {**definition["Parameters"], "RebootOption": "Never",
                                          "ConfigurationOptionsScanValue": "daily"}}
    refused("ValidationException", 400, quicksetup.create_configuration_manager,
            ConfigurationDefinitions=[wrong])
    nobody = arn[:-12] + "000000000000"
    refused("ResourceNotFoundException", 404,
            quicksetup.get_configuration_manager, ManagerArn=nobody)

    advance(days=1)
    run = ssm.describe_instance_patch_states(InstanceIds=WINDOWS)["InstancePatchStates"]
    same("scanned by the policy", [row["InstanceId"] for row in run], WINDOWS)
    quicksetup.delete_configuration_manager(ManagerArn=arn)
    refused("ResourceNotFoundException", 404,
            quicksetup.get_configuration_manager, ManagerArn=arn)


def finish(command):
    for _ in range(60):
        advance(minutes=5)
        state = ssm.list_commands(CommandId=command)["Commands"][0]
        if state["Status"] not in ("Pending", "InProgress"):
            return state
    raise AssertionError(f"the command did not end: {state!r}")


def run(operation, failing=()):
    sent = ssm.send_command(
        DocumentName="AWS-RunPatchBaseline",
        Parameters={"Operation": [operation], "RebootOption": ["RebootIfNeeded"]},
        Targets=[{"Key": "InstanceIds", "Values": PATCHED}],
        MaxConcurrency="50%",
        MaxErrors="1",
        Comment=f"{operation} by boto3",
        TimeoutSeconds=600,
    )["Command"]
    is_recent("expiry", sent["ExpiresAfter"])
    same("parameters", sent["Parameters"]["Operation"], [operation])
    asked = {"CommandId": sent["CommandId"], "InstanceId": WINDOWS[0]}
    refused("InvocationDoesNotExist", 400, ssm.get_command_invocation, **asked)
    ended = finish(sent["CommandId"])
    same("status of the command", ended["Status"], "Failed" if failing else "Success")
    same("errors of the command", ended["ErrorCount"], len(failing))
    same("nodes that ended", ended["CompletedCount"], len(PATCHED))
    invocations = pages(
        ssm, "list_command_invocations", "CommandInvocations",
        CommandId=sent["CommandId"], Details=True, PaginationConfig={"PageSize": 2},
    )
    same("nodes of the command", sorted(row["InstanceId"] for row in invocations), PATCHED)
    for row in invocations:
        wanted = "Failed" if row["InstanceId"] in failing else "Success"
        same("status of a node", row["Status"], wanted)
        plugin = next(one for one in row["CommandPlugins"] if one["Output"])
        holds("times of a step",
              plugin["ResponseFinishDateTime"] > plugin["ResponseStartDateTime"], plugin)
    detail = ssm.get_command_invocation(**asked, PluginName="PatchWindows")
    same("exit code", detail["ResponseCode"], 0)
    holds("start", detail["ExecutionStartDateTime"].startswith("2026-"), detail)
    return sent["CommandId"]


def states():
    rows = pages(ssm, "describe_instance_patch_states", "InstancePatchStates", InstanceIds=PATCHED)
    same("nodes with a state", sorted(row["InstanceId"] for row in rows), PATCHED)
    return {row["InstanceId"]: row for row in rows}


def step_5_runs(windows, linux):
    run("Scan")
    scanned = states()
    for node, state in scanned.items():
        same("operation", state["Operation"], "Scan")
        same("group", state["PatchGroup"], GROUP)
        same("baseline", state["BaselineId"], windows if node in WINDOWS else linux)
        is_recent("start", state["OperationStartTime"])
    holds("missing patches", sum(row["MissingCount"] for row in scanned.values()) > 0, scanned)
    node = max(scanned, key=lambda id: scanned[id]["MissingCount"])
    missing = pages(
        ssm, "describe_instance_patches", "Patches",
        InstanceId=node, Filters=[{"Key": "State", "Values": ["Missing"]}],
    )
    same("missing on one node", len(missing), scanned[node]["MissingCount"])
    worse = pages(
        ssm, "describe_instance_patch_states_for_patch_group", "InstancePatchStates",
        PatchGroup=GROUP,
        Filters=[{"Key": "MissingCount", "Values": ["0"], "Type": "GreaterThan"}],
    )
    same("nodes that miss some", sorted(row["InstanceId"] for row in worse),
         sorted(id for id, row in scanned.items() if row["MissingCount"]))
    counts = ssm.describe_patch_group_state(PatchGroup=GROUP)
    same("nodes of the group", counts["Instances"], len(PATCHED))
    same("nodes of the group that miss some", counts["InstancesWithMissingPatches"], len(worse))
    before = summary()
    holds("non-compliant nodes", before["NonCompliantSummary"]["NonCompliantCount"] > 0, before)

    run("Install", failing=[FAILS])
    installed = states()
    for id, state in installed.items():
        same("operation", state["Operation"], "Install")
        same("missing after the install", state["MissingCount"], 0)
        same("failed in the install", state["FailedCount"], int(id == FAILS))
    same(
        "compliance of the nodes",
        compliance_of(PATCHED),
        {id: "NON_COMPLIANT" if id == FAILS else "COMPLIANT" for id in PATCHED},
    )
    node = WINDOWS[0]
    items = pages(
        ssm, "list_compliance_items", "ComplianceItems",
        ResourceIds=[node], ResourceTypes=["ManagedInstance"],
        Filters=[{"Key": "ComplianceType", "Values": ["Patch"], "Type": "EQUAL"}],
    )
    holds("items", items, items)
    same("status of the items", {item["Status"] for item in items}, {"COMPLIANT"})
    for item in items:
        is_recent("execution", item["ExecutionSummary"]["ExecutionTime"])
        holds("state of an item", item["Details"]["PatchState"], item)
    refused("InvalidInstanceId", 400, ssm.send_command,
            DocumentName="AWS-RunPatchBaseline", InstanceIds=["i-00000000000000000"],
            Parameters={"Operation": ["Scan"]})
    cancelled = ssm.send_command(
        DocumentName="AWS-RunPatchBaseline", InstanceIds=WINDOWS, Parameters={"Operation": ["Scan"]}
    )["Command"]["CommandId"]
    ssm.cancel_command(CommandId=cancelled)
    same("cancelled", finish(cancelled)["Status"], "Cancelled")
    everything = pages(ssm, "list_commands", "Commands", PaginationConfig={"PageSize": 2})
    holds("commands", cancelled in [row["CommandId"] for row in everything], everything)


def summary():
    rows = pages(ssm, "list_compliance_summaries", "ComplianceSummaryItems")
    return next(row for row in rows if row["ComplianceType"] == "Patch")


def compliance_of(nodes):
    rows = pages(
        ssm, "list_resource_compliance_summaries", "ResourceComplianceSummaryItems",
        Filters=[{"Key": "ComplianceType", "Values": ["Patch"]}], PaginationConfig={"PageSize": 2},
    )
    return {row["ResourceId"]: row["Status"] for row in rows if row["ResourceId"] in nodes}


def a_node_that_joins_later():
    id = "i-0c0ffee00000000aa"
    post("/_emulator/nodes", {
        "InstanceInformation": {"InstanceId": id, "PlatformType": "Linux"},
        "OperatingSystem": "AMAZON_LINUX_2023",
        "Product": "AmazonLinux2023",
    })
    found = ssm.describe_instance_information(Filters=[{"Key": "InstanceIds", "Values": [id]}])
    same("node that joined", len(found["InstanceInformationList"]), 1)


def main():
    windows, linux = step_1_baselines()
    step_2_group(windows, linux)
    step_3_tags()
    step_4_policy(windows, linux)
    step_5_runs(windows, linux)
    a_node_that_joins_later()
    refused("UnknownOperationException", 400, ssm.describe_ops_items)
    refused("InvalidAction", 400, ec2.describe_key_pairs)
    holds("operations compared with the model", len(compared) > 30, sorted(compared))
    print("five steps: ok")


main()
