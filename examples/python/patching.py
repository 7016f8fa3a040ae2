"""A team's own script: scans a patch group, and says who is not compliant. It knows nothing of tests."""

import time

import boto3


def scan(group, pause=2.0):
    """Scans the nodes of a patch group, and returns the status of each when all have ended."""
    ssm = boto3.client("ssm")
    command = ssm.send_command(
        DocumentName="AWS-RunPatchBaseline",
        Parameters={"Operation": ["Scan"]},
        Targets=[{"Key": "tag:PatchGroup", "Values": [group]}],
    )["Command"]["CommandId"]
    while True:
        listed = ssm.list_command_invocations(CommandId=command)["CommandInvocations"]
        statuses = {one["InstanceId"]: one["Status"] for one in listed}
        if statuses and not {"Pending", "InProgress", "Delayed"} & set(statuses.values()):
            return statuses
        time.sleep(pause)


def missing(group):
    """The patches that each node of a group misses."""
    ssm = boto3.client("ssm")
    states = ssm.describe_instance_patch_states_for_patch_group(PatchGroup=group)
    nodes = [state["InstanceId"] for state in states["InstancePatchStates"]]
    return {node: _missing(ssm, node) for node in nodes}


def _missing(ssm, node):
    pages = ssm.get_paginator("describe_instance_patches").paginate(
        InstanceId=node, Filters=[{"Key": "State", "Values": ["Missing"]}]
    )
    return sorted(patch["KBId"] for page in pages for patch in page["Patches"])
