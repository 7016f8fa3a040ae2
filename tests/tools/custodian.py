"""Runs Cloud Custodian's policies over an account in the emulator, and compares what they find."""

import json
import pathlib
import subprocess
import sys
import tempfile

import account

ONLINE = {account.PATCHED, account.BEHIND, *(f"i-0c0ffee000000000{number}" for number in (2, 5, 8))}

# What each policy finds.
EXPECTED = {
    "nodes-online": ONLINE | {"mi-0c0ffee0000000009"},
    "baselines": {"everything"},
    "baselines-tagged": {"everything"},
    "groups": {"web"},
    "windows": {"sunday"},
    "windows-marked": {"sunday"},
    "associations": {"daily"},
    "syncs": {"patching"},
    "documents": {"hook", "public-hook", "shared-hook"},
    "documents-public": {"public-hook"},
    "documents-shared": {"shared-hook"},
    "documents-left": {"hook", "shared-hook"},
    "instances-online": ONLINE,
    "instances-not-managed": {"i-0c0ffee0000000003", account.AGENTLESS},
    "instances-behind": {account.BEHIND},
    "instances-patched": {account.PATCHED},
    "instances-with-applications": set(),
    "instances-with-curl": set(),
}
NAMES = ["InstanceId", "BaselineName", "AssociationName", "PatchGroup", "SyncName", "Name"]


def name(resource):
    return next(resource[member] for member in NAMES if member in resource)


def main():
    account.fill()
    policies = pathlib.Path(__file__).with_suffix(".yml")
    custodian = pathlib.Path(sys.executable).with_name("custodian")
    with tempfile.TemporaryDirectory() as output:
        command = [custodian, "run", "--output-dir", output, "--cache-period", "0", "--region", "us-east-1", policies]
        run = subprocess.run(command, capture_output=True, text=True)
        assert run.returncode == 0, run.stdout + run.stderr
        found = {
            policy.name: {name(resource) for resource in json.loads((policy / "resources.json").read_text())}
            for policy in pathlib.Path(output).iterdir()
        }
    for policy in EXPECTED.keys() | found.keys():
        wanted, got = EXPECTED.get(policy), found.get(policy)
        assert got == wanted, f"{policy}: {got}, not {wanted}"
    refused = [call for call in account.emulate("GET", "calls")["Calls"] if "Error" in call]
    # A shared document is not deleted until Cloud Custodian, which was told to, has stopped sharing it.
    wanted = [{"Service": "ssm", "Operation": "DeleteDocument", "Error": "InvalidDocumentOperation"}]
    assert refused == wanted, f"refused calls: {refused}"
    print(f"Cloud Custodian: {len(EXPECTED)} policies ok")


main()
