"""Moto, in this process, beside the memory backend in `memory.rs`.

Reads a number of nodes a line. Prints how many seconds it took to start so many tagged instances, and to send one
command to all of them and read each outcome. Moto runs no command: the outcome is there at once.
"""

import os
import sys
import time

os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_DEFAULT_REGION="eu-central-1")

import boto3
from moto import mock_aws


def timed(nodes):
    ec2, ssm = boto3.client("ec2"), boto3.client("ssm")
    start = time.perf_counter()
    tags = [{"ResourceType": "instance", "Tags": [{"Key": "fleet", "Value": "all"}]}]
    ec2.run_instances(ImageId="ami-12345678", MinCount=nodes, MaxCount=nodes, TagSpecifications=tags)
    built = time.perf_counter()
    command = ssm.send_command(
        DocumentName="AWS-RunPatchBaseline",
        Parameters={"Operation": ["Scan"]},
        Targets=[{"Key": "tag:fleet", "Values": ["all"]}],
    )["Command"]
    assert len(command["InstanceIds"]) == nodes
    for node in command["InstanceIds"]:  # moto has no ListCommandInvocations
        ssm.get_command_invocation(CommandId=command["CommandId"], InstanceId=node)
    return built - start, time.perf_counter() - built


with mock_aws():
    timed(1)  # what it loads once
print("ready", flush=True)
for line in sys.stdin:
    with mock_aws():
        print(*timed(int(line)), flush=True)
