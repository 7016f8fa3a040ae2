"""The loop that one writes with boto3: list the nodes, then look up their patch states.

Usage: python3 sweep_loop.py ENDPOINT

Prints nodes, wall and CPU in milliseconds, and the peak memory in KiB.
"""

import resource
import sys
import time

import boto3

ssm = boto3.client(
    "ssm",
    endpoint_url=sys.argv[1],
    region_name="us-east-1",
    aws_access_key_id="test",
    aws_secret_access_key="test",
)
begun, cpu = time.monotonic(), time.process_time()
ids = []
for page in ssm.get_paginator("describe_instance_information").paginate(
    PaginationConfig={"PageSize": 50}
):
    ids += [node["InstanceId"] for node in page["InstanceInformationList"]]
nodes = 0
for start in range(0, len(ids), 50):
    states = ssm.describe_instance_patch_states(InstanceIds=ids[start : start + 50], MaxResults=100)
    nodes += len(states["InstancePatchStates"])
wall = (time.monotonic() - begun) * 1000
spent = (time.process_time() - cpu) * 1000
print(nodes, f"{wall:.1f}", f"{spent:.0f}", resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
