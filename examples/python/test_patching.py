"""Tests of patching.py without an AWS account. Each begins with the same fleet, on the same day."""

import threading

import boto3
import pytest
from botocore.exceptions import ClientError

import patching

NODE = "i-0123456789abcdef0"
PATCH = {
    "KbNumber": "KB5099999",
    "Product": "WindowsServer2022",
    "ProductFamily": "Windows",
    "Classification": "SecurityUpdates",
    "MsrcSeverity": "Critical",
    "ReleaseDate": "2026-04-01T00:00:00Z",
}


@pytest.fixture
def web(emulator):
    """A Windows node in the patch group `web`."""
    emulator.send("POST", "nodes", {
        "InstanceInformation": {"InstanceId": NODE, "PlatformType": "Windows"},
        "OperatingSystem": "WINDOWS",
        "Product": "WindowsServer2022",
        "Tags": [{"Key": "PatchGroup", "Value": "web"}],
    })
    return emulator


def scanned(emulator):
    """Scans while the emulator's clock goes on."""
    found = {}
    scan = threading.Thread(target=lambda: found.update(patching.scan("web", pause=0.05)))
    scan.start()
    while scan.is_alive():
        emulator.advance(600)
        scan.join(0.05)
    return found


def test_a_new_patch_is_missing_after_the_next_scan(web):
    assert scanned(web) == {NODE: "Success"}
    assert "KB5099999" not in patching.missing("web")[NODE]
    web.send("POST", "catalog", {"Patches": [PATCH]})
    assert scanned(web) == {NODE: "Success"}
    assert "KB5099999" in patching.missing("web")[NODE]


def test_a_node_out_of_contact_is_not_reported_as_patched(web):
    web.send("POST", "condition", {"InstanceId": NODE, "Condition": "Unreachable"})
    assert scanned(web) != {NODE: "Success"}


def test_boto3_repeats_a_throttled_call(web):
    web.send("POST", "faults", {"Effect": "Throttle", "Operation": "SendCommand"})
    assert scanned(web) == {NODE: "Success"}
    assert [call.get("Error") for call in web.calls("SendCommand")] == ["ThrottlingException", None]


def test_a_denied_call_is_an_error_of_boto3(web):
    denied = {"Effect": "Fail", "Code": "AccessDeniedException", "Always": True}
    web.send("POST", "faults", denied)
    with pytest.raises(ClientError, match="AccessDeniedException"):
        patching.missing("web")


def test_each_test_begins_with_the_same_account(emulator):
    nodes = boto3.client("ssm").describe_instance_information()["InstanceInformationList"]
    assert NODE not in [node["InstanceId"] for node in nodes]
    assert emulator.calls("SendCommand") == []
