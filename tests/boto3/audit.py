"""What the checks of Prowler ask, in its own calls: ssm_managed_compliant_patching, ssm_documents_set_as_public,
ssm_document_secrets and ec2_instance_managed_by_ssm. tests/tools runs Prowler itself."""

import json

from checked import advance, ec2, holds, pages, same, ssm

SCANNED = "i-0c0ffee0000000004"
AGENTLESS = "i-0c0ffee0000000007"


def enabled_regions():
    found = ec2.describe_regions(AllRegions=True)["Regions"]
    same("Regions", [(one["RegionName"], one["OptInStatus"]) for one in found], [("us-east-1", "opt-in-not-required")])


def security_groups():
    for group in pages(ec2, "describe_security_groups", "SecurityGroups"):
        holds("names", group["GroupName"] and group["GroupId"] and group["VpcId"], group)


def own_documents():
    content = {"schemaVersion": "2.2", "description": "hook", "mainSteps": []}
    for name in ["hook", "shared-hook", "public-hook"]:
        ssm.create_document(Name=name, DocumentType="Command", Content=json.dumps(content))
    for name, account in [("shared-hook", "222222222222"), ("public-hook", "all")]:
        ssm.modify_document_permission(Name=name, PermissionType="Share", AccountIdsToAdd=[account])
    owned = [{"Key": "Owner", "Values": ["Self"]}]
    found = [one["Name"] for one in pages(ssm, "list_documents", "DocumentIdentifiers", Filters=owned)]
    same("own documents", sorted(found), ["hook", "public-hook", "shared-hook"])
    shares = {}
    for name in found:
        same(f"text of {name}", json.loads(ssm.get_document(Name=name)["Content"]), content)
        shares[name] = ssm.describe_document_permission(Name=name, PermissionType="Share")["AccountIds"]
    same("shares", shares, {"hook": [], "shared-hook": ["222222222222"], "public-hook": ["all"]})


def compliant_nodes():
    same("before a scan", pages(ssm, "list_resource_compliance_summaries", "ResourceComplianceSummaryItems"), [])
    ssm.send_command(
        DocumentName="AWS-RunPatchBaseline", InstanceIds=[SCANNED], Parameters={"Operation": ["Scan"]},
    )
    advance(hours=1)
    found = pages(ssm, "list_resource_compliance_summaries", "ResourceComplianceSummaryItems")
    same("status", {one["ResourceId"]: one["Status"] for one in found}, {SCANNED: "NON_COMPLIANT"})


def managed_nodes():
    managed = {one["InstanceId"] for one in pages(ssm, "describe_instance_information", "InstanceInformationList")}
    holds("managed", SCANNED in managed and AGENTLESS not in managed, managed)


enabled_regions()
security_groups()
own_documents()
compliant_nodes()
managed_nodes()
print("audit: ok")
