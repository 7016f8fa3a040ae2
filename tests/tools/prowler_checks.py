"""Runs checks of Prowler over an account in the emulator, and compares what they find.

It imports them rather than run the program, which imports every provider, so that `prowler_checks.txt` can do without
the SDKs of other clouds. A file named `prowler.py` would hide the package.
"""

import importlib
import logging
import re

import account
from prowler.lib.logger import logger
from prowler.providers.aws.aws_provider import AwsProvider
from prowler.providers.common.models import Audit_Metadata
from prowler.providers.common.provider import Provider

INSTANCES = {f"i-0c0ffee000000000{number}" for number in range(1, 9)}

# What each check finds. The stopped instance passes.
EXPECTED = {
    "ssm_managed_compliant_patching": {account.PATCHED: "PASS", account.BEHIND: "FAIL"},
    "ssm_documents_set_as_public": {"hook": "PASS", "shared-hook": "FAIL", "public-hook": "FAIL"},
    "ec2_instance_managed_by_ssm": {one: "FAIL" if one == account.AGENTLESS else "PASS" for one in INSTANCES},
}

# Prowler reads all of EC2 for any check, and goes on without what is refused.
LACKING = {
    "DescribeAccount", "DescribeAddresses", "DescribeClientVpnEndpoints", "DescribeImages", "DescribeLaunchTemplates",
    "DescribeNetworkAcls", "DescribeNetworkInterfaces", "DescribeSnapshots", "DescribeTransitGateways",
    "DescribeVolumes", "GetEbsEncryptionByDefault", "GetImageBlockPublicAccessState", "GetInstanceMetadataDefaults",
    "GetSnapshotBlockPublicAccessState",
}
REFUSAL = re.compile(r"\((?:InvalidAction|UnknownOperationException)\) when calling the (\w+) operation")


class Complaints(logging.Handler):
    """Collects what Prowler logs: after an error it goes on, and finds nothing."""

    def __init__(self):
        super().__init__(logging.WARNING)
        self.found = set()

    def emit(self, record):
        message = record.getMessage()
        refusal = REFUSAL.search(message)
        self.found.add(refusal[1] if refusal else message)


def findings(check):
    service = check.split("_")[0]
    module = importlib.import_module(f"prowler.providers.aws.services.{service}.{check}.{check}")
    found = [(finding.resource_id, finding.status) for finding in getattr(module, check)().execute()]
    assert len(found) == len(dict(found)), f"{check}: a resource twice in {found}"
    return dict(found)


def main():
    account.fill()
    complaints = Complaints()
    logger.handlers = [complaints]
    provider = AwsProvider(regions={"us-east-1"})
    provider.audit_metadata = Audit_Metadata(
        services_scanned=0, expected_checks=list(EXPECTED), completed_checks=0, audit_progress=0
    )
    Provider.set_global_provider(provider)
    for check, wanted in EXPECTED.items():
        got = findings(check)
        assert got == wanted, f"{check}: {got}, not {wanted}; {complaints.found}"
    assert complaints.found == LACKING, f"complaints: {complaints.found ^ LACKING}"
    print(f"Prowler: {len(EXPECTED)} checks ok")


main()
