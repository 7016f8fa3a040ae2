"""Clients of the emulator at the address in argv, and how a reply is checked.

Any difference ends the program with an AssertionError that says which reply it was.
"""

import datetime
import json
import sys
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = sys.argv[1]

def client(service):
    return boto3.client(
        service,
        endpoint_url=ENDPOINT,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
        config=Config(retries={"max_attempts": 0}),
    )


KINDS = {
    "string": str,
    "integer": int,
    "long": int,
    "boolean": bool,
    "structure": dict,
    "map": dict,
    "list": list,
}


def fits(value, shape, instants, where):
    """Whether a reply as it came has the members and types of the service's own model."""
    kind = instants if shape.type_name == "timestamp" else KINDS[shape.type_name]
    holds(f"{where} is no {shape.type_name}", isinstance(value, kind), value)
    if shape.type_name == "structure":
        for name, member in value.items():
            holds(f"{where} has no {name}", name in shape.members, sorted(shape.members))
            fits(member, shape.members[name], instants, f"{where}.{name}")
    elif shape.type_name == "map":
        for name, member in value.items():
            fits(member, shape.value, instants, f"{where}.{name}")
    elif shape.type_name == "list":
        for item in value:
            fits(item, shape.member, instants, f"{where}[]")


def compare_with_model(service, instants):
    def compare(operation_model, response_dict, **_):
        if response_dict["status_code"] < 300 and operation_model.output_shape is not None:
            answer = json.loads(response_dict["body"])
            fits(answer, operation_model.output_shape, instants, operation_model.name)
            compared.add(operation_model.name)

    service.meta.events.register("before-parse", compare)


ssm = client("ssm")
ec2 = client("ec2")
quicksetup = client("ssm-quicksetup")
compared = set()


def same(what, found, wanted):
    assert found == wanted, f"{what}: {found!r}, not {wanted!r}"


def holds(what, condition, shown):
    assert condition, f"{what}: {shown!r}"


def refused(code, status, call, **arguments):
    try:
        answer = call(**arguments)
    except ClientError as error:
        same(f"code of {error}", error.response["Error"]["Code"], code)
        same(f"status of {error}", error.response["ResponseMetadata"]["HTTPStatusCode"], status)
        return error.response["Error"].get("Message", "")
    raise AssertionError(f"{code} was expected, not {answer!r}")


def post(path, body):
    request = urllib.request.Request(
        ENDPOINT + path, data=json.dumps(body).encode(), method="POST",
        headers={"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def advance(**duration):
    seconds = int(datetime.timedelta(**duration).total_seconds())
    return post("/_emulator/advance", {"Seconds": seconds})["Now"]


def pages(service, operation, member, **arguments):
    paginator = service.get_paginator(operation)
    return [item for page in paginator.paginate(**arguments) for item in page[member]]


def is_recent(what, instant):
    holds(what, isinstance(instant, datetime.datetime), instant)
    same(f"year of {what}", instant.year, 2026)


compare_with_model(ssm, (int, float))
compare_with_model(quicksetup, str)
