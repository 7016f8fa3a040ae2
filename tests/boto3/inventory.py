"""What tools of other teams ask EC2 and Systems Manager about a fleet before they patch it."""

import datetime
import json

from checked import advance, ec2, holds, pages, post, refused, same, ssm

WINDOWS = "i-0c0ffee0000000001"
LINUX = "i-0c0ffee0000000004"


def regions():
    found = ec2.describe_regions()["Regions"]
    same("Regions", [region["RegionName"] for region in found], ["us-east-1"])
    same("endpoint", found[0]["Endpoint"], "ec2.us-east-1.amazonaws.com")
    same("by name", ec2.describe_regions(RegionNames=["us-east-1"])["Regions"], found)
    refused("InvalidParameterValue", 400, ec2.describe_regions, RegionNames=["eu-nowhere-1"])


def vpcs():
    found = pages(ec2, "describe_vpcs", "Vpcs")
    holds("VPCs", len(found) >= 1, found)
    instances = [one for page in ec2.describe_instances()["Reservations"] for one in page["Instances"]]
    of_instances = {one["VpcId"] for one in instances if "VpcId" in one}
    holds("VPCs of instances", of_instances <= {vpc["VpcId"] for vpc in found}, of_instances)
    for vpc in found:
        same("state", (vpc["State"], vpc["IsDefault"], vpc["OwnerId"]), ("available", False, "123456789012"))
        same("by id", ec2.describe_vpcs(VpcIds=[vpc["VpcId"]])["Vpcs"], [vpc])
        by_id = [{"Name": "vpc-id", "Values": [vpc["VpcId"]]}]
        same("by filter", ec2.describe_vpcs(Filters=by_id)["Vpcs"], [vpc])
    refused("InvalidVpcID.NotFound", 400, ec2.describe_vpcs, VpcIds=["vpc-00000000000000000"])
    colour = [{"Name": "colour", "Values": ["blue"]}]
    refused("InvalidParameterValue", 400, ec2.describe_vpcs, Filters=colour)
    for gateway in pages(ec2, "describe_nat_gateways", "NatGateways"):
        same("NAT gateway", gateway["State"], "available")


def instances():
    [reservation] = ec2.describe_instances(InstanceIds=[WINDOWS])["Reservations"]
    [instance] = reservation["Instances"]
    same("platform", (instance["Platform"], instance["PlatformDetails"]), ("windows", "Windows"))
    holds("image", instance["ImageId"].startswith("ami-"), instance)
    holds("launch time", isinstance(instance["LaunchTime"], datetime.datetime), instance)
    same("type", instance["InstanceType"], "m5.large")
    holds("private name", "PrivateDnsName" in instance, instance)

    def found(**filters):
        filters = [{"Name": name.replace("_", "-"), "Values": [value]} for name, value in filters.items()]
        rows = pages(ec2, "describe_instances", "Reservations", Filters=filters)
        return {row["Instances"][0]["InstanceId"] for row in rows}

    everything = found()
    for name, value in {
        "platform": "windows", "instance_type": "m5.large", "image_id": instance["ImageId"],
        "instance_state_name": instance["State"]["Name"], "instance_id": WINDOWS,
    }.items():
        holds(f"{name}={value}", WINDOWS in found(**{name: value}), found(**{name: value}))
    holds("windows", found(platform="windows") < everything, everything)
    same("another type", found(instance_type="t3.micro"), set())
    if "PrivateIpAddress" in instance:
        same("by address", found(private_ip_address=instance["PrivateIpAddress"]), {WINDOWS})


def statuses():
    def ids(**arguments):
        rows = pages(ec2, "describe_instance_status", "InstanceStatuses", **arguments)
        return {row["InstanceId"]: row["InstanceStatus"]["Status"] for row in rows}

    running, everything = ids(), ids(IncludeAllInstances=True)
    same("checks of running instances", set(running.values()), {"ok"})
    holds("stopped ones too", set(running) < set(everything), everything)
    same("in pages", ids(IncludeAllInstances=True, PaginationConfig={"PageSize": 5}), everything)
    post("/_emulator/condition", {"InstanceId": WINDOWS, "Condition": "Stopped"})
    holds("stopped", WINDOWS not in ids(), ids())
    same("its checks", ids(IncludeAllInstances=True)[WINDOWS], "not-applicable")
    refused(
        "InvalidInstanceID.NotFound", 400, ec2.describe_instance_status,
        InstanceIds=["i-00000000000000000"],
    )
    refused("InvalidParameterValue", 400, ec2.describe_instance_status, MaxResults=4)
    refused("InvalidNextToken", 400, ec2.describe_instance_status, NextToken="nobody's")


def profiles():
    operation = "describe_iam_instance_profile_associations"
    for association in pages(ec2, operation, "IamInstanceProfileAssociations"):
        same("state", association["State"], "associated")
        holds("profile", association["IamInstanceProfile"]["Arn"].startswith("arn:"), association)
        of_instance = [{"Name": "instance-id", "Values": [association["InstanceId"]]}]
        same("of an instance", pages(ec2, operation, "IamInstanceProfileAssociations", Filters=of_instance), [association])


DOCUMENTS = [
    "AWS-ConfigureWindowsUpdate", "AWS-InstallWindowsUpdates", "AWS-RunPatchBaseline",
    "AWS-RunPatchBaselineAssociation", "AWS-RunPatchBaselineWithHooks", "AWS-RunPowerShellScript",
    "AWS-RunShellScript",
]


def documents():
    for name in DOCUMENTS:
        listed = ssm.list_documents(Filters=[{"Key": "Name", "Values": [name]}])["DocumentIdentifiers"]
        holds(f"{name} is listed", name in [one["Name"] for one in listed], listed)
        content = json.loads(ssm.get_document(Name=name)["Content"])
        described = ssm.describe_document(Name=name)["Document"]
        same(f"parameters of {name}", set(content["parameters"]), {one["Name"] for one in described["Parameters"]})
        same(f"owner of {name}", described["Owner"], "Amazon")
    operation = json.loads(ssm.get_document(Name="AWS-RunPatchBaseline")["Content"])["parameters"]["Operation"]
    same("operations", operation["allowedValues"], ["Scan", "Install"])
    refused("InvalidDocument", 400, ssm.get_document, Name="AWS-Nothing")
    refused("InvalidDocument", 400, ssm.get_document, Name="AWS-RunShellScript", DocumentVersion="7")


def others_are_recorded_and_not_run():
    for name, node, parameters in [
        ("AWS-RunShellScript", LINUX, {"commands": ["exit 1"]}),
        ("AWS-InstallWindowsUpdates", WINDOWS, {"Action": ["Install"], "AllowReboot": ["True"]}),
        ("AWS-ConfigureWindowsUpdate", WINDOWS, {"updateLevel": ["NeverCheckForUpdates"]}),
        ("AWS-RunPatchBaselineAssociation", LINUX, {"Operation": ["Scan"]}),
    ]:
        command = ssm.send_command(DocumentName=name, InstanceIds=[node], Parameters=parameters)["Command"]["CommandId"]
        advance(minutes=5)
        same(f"status of {name}", ssm.get_command_invocation(CommandId=command, InstanceId=node)["Status"], "Success")
        same(f"{name} reports nothing", ssm.describe_instance_patch_states(InstanceIds=[node])["InstancePatchStates"], [])


def patch_snapshot():
    snapshot = "4681775b-098f-4435-a956-0ef33373ac11"
    found = ssm.get_deployable_patch_snapshot_for_instance(InstanceId=WINDOWS, SnapshotId=snapshot)
    same("product", found["Product"], "WindowsServer2022")
    holds("address", found["SnapshotDownloadUrl"].endswith(f"/WINDOWS-{snapshot}"), found)
    refused(
        "InvalidInstanceId", 400, ssm.get_deployable_patch_snapshot_for_instance,
        InstanceId="i-00000000000000000", SnapshotId=snapshot,
    )


def inventory():
    def entries(node, kind, **arguments):
        return ssm.list_inventory_entries(InstanceId=node, TypeName=kind, **arguments)

    of_summary = {"InstanceId": LINUX, "TypeName": "AWS:PatchSummary"}
    nowhere = of_summary | {"InstanceId": "i-00000000000000000"}

    found = entries(LINUX, "AWS:InstanceInformation")
    same("information", [entry["InstanceId"] for entry in found["Entries"]], [LINUX])
    same("before a scan", entries(LINUX, "AWS:PatchSummary")["Entries"], [])
    same("not collected", entries(LINUX, "AWS:Application")["Entries"], [])
    ssm.send_command(
        DocumentName="AWS-RunPatchBaseline", InstanceIds=[LINUX], Parameters={"Operation": ["Scan"]},
    )
    advance(hours=1)
    [summary] = entries(LINUX, "AWS:PatchSummary")["Entries"]
    [state] = ssm.describe_instance_patch_states(InstanceIds=[LINUX])["InstancePatchStates"]
    same("missing", summary["MissingCount"], str(state["MissingCount"]))
    whole = entries(LINUX, "AWS:ComplianceItem")["Entries"]
    first = entries(LINUX, "AWS:ComplianceItem", MaxResults=1)
    rest = entries(LINUX, "AWS:ComplianceItem", NextToken=first["NextToken"])
    same("in pages", first["Entries"] + rest["Entries"], whole)
    of_windows = [{"Key": "AWS:InstanceInformation.PlatformType", "Values": ["Windows"], "Type": "Equal"}]
    entities = pages(ssm, "get_inventory", "Entities", Filters=of_windows)
    holds("Windows", WINDOWS in [one["Id"] for one in entities], entities)
    [whole] = [one for one in pages(ssm, "get_inventory", "Entities") if one["Id"] == LINUX]
    same("content", whole["Data"]["AWS:InstanceInformation"]["Content"], found["Entries"])
    summaries = pages(
        ssm, "get_inventory", "Entities", ResultAttributes=[{"TypeName": "AWS:PatchSummary"}],
        PaginationConfig={"PageSize": 2},
    )
    [of_linux] = [one for one in summaries if one["Id"] == LINUX]
    same("summary", of_linux["Data"]["AWS:PatchSummary"]["Content"], [summary])
    colour = [{"Key": "Colour", "Values": ["blue"]}]
    refused("InvalidFilter", 400, ssm.get_inventory, Filters=colour)
    nodes = pages(ssm, "list_nodes", "Nodes", PaginationConfig={"PageSize": 2})
    managed = pages(ssm, "describe_instance_properties", "InstanceProperties")
    same("nodes", {node["Id"] for node in nodes}, {one["InstanceId"] for one in managed})
    of_linux = [{"Key": "PlatformType", "Values": ["Linux"]}]
    linux = ssm.list_nodes(Filters=of_linux)["Nodes"]
    holds("Linux", LINUX in [node["Id"] for node in linux], linux)
    holds("not Windows", WINDOWS not in [node["Id"] for node in linux], linux)
    [node] = [node for node in nodes if node["Id"] == LINUX]
    holds("captured", isinstance(node["CaptureTime"], datetime.datetime), node)
    same("owner", (node["Owner"]["AccountId"], node["Region"]), ("123456789012", "us-east-1"))
    same("agent", node["NodeType"]["Instance"]["AgentType"], "amazon-ssm-agent")
    by_platform = [{"AggregatorType": "Count", "TypeName": "Instance", "AttributeName": "PlatformType"}]
    rows = pages(ssm, "list_nodes_summary", "Summary", Aggregators=by_platform, PaginationConfig={"PageSize": 1})
    same("rows", {row["PlatformType"] for row in rows}, {"Linux", "Windows"})
    same("counts", sum(int(row["Count"]) for row in rows), len(nodes))
    sync = {"SyncName": "AWS-QuickSetup-ManagedNode"}
    refused("ResourceDataSyncNotFoundException", 400, ssm.list_nodes, **sync)
    refused("ResourceDataSyncNotFoundException", 400, ssm.list_nodes_summary, Aggregators=by_platform, **sync)
    refused("InvalidInstanceId", 400, ssm.list_inventory_entries, **nowhere)
    refused("InvalidNextToken", 400, ssm.list_inventory_entries, **of_summary, NextToken="7")


documents()
others_are_recorded_and_not_run()
patch_snapshot()
inventory()
regions()
vpcs()
instances()
statuses()
profiles()
print("inventory: ok")
