"""An account in the emulator for tools to look at: a patched node, others, and what patches them."""

import json
import os
import urllib.request

import boto3

# The sample fleet has them; the last one has no agent.
PATCHED, BEHIND, AGENTLESS = "i-0c0ffee0000000001", "i-0c0ffee0000000004", "i-0c0ffee0000000007"


def emulate(method, path, **body):
    """A request that only the emulator has."""
    request = urllib.request.Request(
        f"{os.environ['AWS_ENDPOINT_URL']}/_emulator/{path}", method=method, data=None if method == "GET" else json.dumps(body).encode(),
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def run(ssm, node, operation):
    ssm.send_command(
        DocumentName="AWS-RunPatchBaseline", InstanceIds=[node], Parameters={"Operation": [operation]}
    )
    emulate("POST", "advance", Seconds=3600)


def fill():
    """Makes one resource of each kind. The clock is at the machine's time, since tools compare ages with it."""
    emulate("POST", "reset")
    ssm = boto3.client("ssm")
    # It approves everything, so that a node which installs it complies.
    rule = {"PatchFilterGroup": {"PatchFilters": [{"Key": "PRODUCT", "Values": ["*"]}]}, "ApproveAfterDays": 0}
    baseline = ssm.create_patch_baseline(
        Name="everything", OperatingSystem="WINDOWS", ApprovalRules={"PatchRules": [rule]}
    )["BaselineId"]
    ssm.register_default_patch_baseline(BaselineId=baseline)
    ssm.register_patch_baseline_for_patch_group(BaselineId=baseline, PatchGroup="web")
    ssm.create_maintenance_window(
        Name="sunday", Schedule="cron(0 2 ? * SUN *)", Duration=3, Cutoff=1, AllowUnassociatedTargets=False
    )
    ssm.create_association(
        AssociationName="daily", Name="AWS-RunPatchBaseline", Parameters={"Operation": ["Scan"]},
        Targets=[{"Key": "tag:Nobody", "Values": ["here"]}],
    )
    for name in ["hook", "shared-hook", "public-hook"]:
        step = {"action": "aws:runShellScript", "name": "stop", "inputs": {"runCommand": ["systemctl stop web"]}}
        content = {"schemaVersion": "2.2", "description": name, "mainSteps": [step]}
        ssm.create_document(Name=name, DocumentType="Command", Content=json.dumps(content))
    for name, account in [("shared-hook", "222222222222"), ("public-hook", "all")]:
        ssm.modify_document_permission(Name=name, PermissionType="Share", AccountIdsToAdd=[account])
    ssm.create_resource_data_sync(
        SyncName="patching",
        S3Destination={"BucketName": "amzn-s3-demo-bucket", "SyncFormat": "JsonSerDe", "Region": "us-east-1"},
    )
    run(ssm, PATCHED, "Install")
    run(ssm, BEHIND, "Scan")
