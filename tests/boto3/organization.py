"""Drives a patch run and a patch policy in an organization with boto3 and checks every reply.

Usage: python3 organization.py ENDPOINT

ENDPOINT is that of an emulator on an organization: the management account 111111111111, and
222222222222 and 333333333333 in the unit ou-ab12-production, each with the sample fleet in
eu-central-1 and eu-west-1. 333333333333 has neither an execution role nor that of stack sets.
"""

import json

import boto3
from botocore.config import Config
from checked import ENDPOINT, advance, compare_with_model, compared, holds, refused, same

CENTRAL, MEMBER, WITHOUT_ROLE = "111111111111", "222222222222", "333333333333"
REGIONS = ["eu-central-1", "eu-west-1"]
ROLE = "AWS-SystemsManager-AutomationExecutionRole"
TOKEN = "4105a4fc-f944-41e6-9d32-0a1b2c3d4e5f"
RUNBOOK = {
    "schemaVersion": "0.3",
    "description": "Scans nodes.",
    "parameters": {
        "AutomationAssumeRole": {"type": "String", "default": ""},
        "Nodes": {"type": "StringList"},
    },
    "mainSteps": [{
        "name": "patchNodes",
        "action": "aws:runCommand",
        "inputs": {
            "DocumentName": "AWS-RunPatchBaseline",
            "InstanceIds": "{{ Nodes }}",
            "Parameters": {"Operation": "Scan"},
        },
    }],
    "outputs": ["patchNodes.CommandId"],
}


def client(service, key, region, **session):
    return boto3.client(
        service,
        endpoint_url=ENDPOINT,
        region_name=region,
        aws_access_key_id=key,
        aws_secret_access_key="test",
        config=Config(retries={"max_attempts": 0}),
        **session,
    )


def key_of(account):
    return f"AKIA{account}MEMO"


def ssm_of(key, region, **session):
    made = client("ssm", key, region, **session)
    compare_with_model(made, (int, float))
    return made


central = ssm_of(key_of(CENTRAL), REGIONS[0])


def assume():
    sts = client("sts", key_of(CENTRAL), REGIONS[0])
    same("caller", sts.get_caller_identity()["Account"], CENTRAL)
    arn = f"arn:aws:iam::{MEMBER}:role/{ROLE}"
    assumed = sts.assume_role(RoleArn=arn, RoleSessionName="boto3")
    keys = assumed["Credentials"]
    session = {"aws_session_token": keys["SessionToken"]}
    there = client("sts", keys["AccessKeyId"], REGIONS[1], **session)
    same("assumed", there.get_caller_identity()["Account"], MEMBER)
    refused("AccessDenied", 403, sts.assume_role,
            RoleArn=f"arn:aws:iam::{WITHOUT_ROLE}:role/{ROLE}", RoleSessionName="boto3")
    stranger = ssm_of(key_of("999999999999"), REGIONS[0])
    refused("UnrecognizedClientException", 400, stranger.describe_instance_information)
    return ssm_of(keys["AccessKeyId"], REGIONS[1], **session)


def put_runbook_in_place():
    arguments = dict(Name="Scan-Nodes", DocumentType="Automation", DocumentFormat="JSON")
    created = central.create_document(Content=json.dumps(RUNBOOK), **arguments)
    described = created["DocumentDescription"]
    same("version", described["DocumentVersion"], "1")
    same("parameters", [one["Name"] for one in described["Parameters"]],
         ["AutomationAssumeRole", "Nodes"])
    refused("DocumentAlreadyExists", 400, central.create_document,
            Content=json.dumps(RUNBOOK), **arguments)
    RUNBOOK["description"] = "Scans nodes of an account."
    updated = central.update_document(
        Name="Scan-Nodes", Content=json.dumps(RUNBOOK), DocumentVersion="$LATEST")
    same("version", updated["DocumentDescription"]["DocumentVersion"], "2")
    central.update_document_default_version(Name="Scan-Nodes", DocumentVersion="2")
    read = central.get_document(Name="Scan-Nodes")
    same("text", json.loads(read["Content"]), RUNBOOK)
    same("default", central.describe_document(Name="Scan-Nodes")["Document"]["DefaultVersion"], "2")
    own = central.list_documents(Filters=[{"Key": "Owner", "Values": ["Self"]}])
    same("own", [one["Name"] for one in own["DocumentIdentifiers"]], ["Scan-Nodes"])
    share = dict(Name="Scan-Nodes", PermissionType="Share")
    central.modify_document_permission(AccountIdsToAdd=[MEMBER, WITHOUT_ROLE], **share)
    shared = central.describe_document_permission(**share)
    same("shared", shared["AccountIds"], [MEMBER, WITHOUT_ROLE])
    refused("InvalidDocument", 400, central.get_document, Name="Nobodys")


def run(node):
    start = dict(
        DocumentName="Scan-Nodes",
        Parameters={"Nodes": [node]},
        ClientToken=TOKEN,
        TargetLocations=[{
            "Accounts": ["ou-ab12-production"],
            "Regions": REGIONS,
            "TargetLocationMaxConcurrency": "100%",
            "TargetLocationMaxErrors": "100%",
        }],
    )
    parent = central.start_automation_execution(**start)["AutomationExecutionId"]
    again = central.start_automation_execution(**start)["AutomationExecutionId"]
    same("repeated start", again, parent)
    start["Parameters"] = {"Nodes": [node, node]}
    refused("IdempotentParameterMismatch", 400, central.start_automation_execution, **start)
    same("running", status(parent), "InProgress")
    advance(seconds=600)
    same("ended", status(parent), "Success")
    steps = central.describe_automation_step_executions(AutomationExecutionId=parent)
    by_name = {step["StepName"]: step for step in steps["StepExecutions"]}
    same("steps", sorted(by_name), sorted(
        f"{account}_{region}" for account in (MEMBER, WITHOUT_ROLE) for region in REGIONS))
    failed = by_name[f"{WITHOUT_ROLE}_eu-west-1"]
    same("without a role", failed["StepStatus"], "Failed")
    holds("why", ROLE in failed["FailureMessage"], failed["FailureMessage"])
    listed = central.describe_automation_executions(
        Filters=[{"Key": "AutomationType", "Values": ["CrossAccount"]}])
    same("listed", [one["AutomationExecutionId"] for one in listed["AutomationExecutionMetadataList"]],
         [parent])
    refused("InvalidAutomationStatusUpdateException", 400, central.stop_automation_execution,
            AutomationExecutionId=parent)
    return parent, by_name[f"{MEMBER}_eu-west-1"]["Outputs"]["ExecutionId"][0]


def status(execution):
    read = central.get_automation_execution(AutomationExecutionId=execution)
    return read["AutomationExecution"]["AutomationExecutionStatus"]


def read_there(member, parent, child, node):
    children = member.describe_automation_executions(
        Filters=[{"Key": "ParentExecutionId", "Values": [parent]}])
    children = children["AutomationExecutionMetadataList"]
    same("child", [one["AutomationExecutionId"] for one in children], [child])
    command = children[0]["Outputs"]["patchNodes.CommandId"][0]
    there = member.list_command_invocations(CommandId=command)["CommandInvocations"]
    same("nodes", [(one["InstanceId"], one["Status"]) for one in there], [(node, "Success")])
    refused("AutomationExecutionNotFoundException", 400, member.get_automation_execution,
            AutomationExecutionId=parent)


def nodes_of_every_account():
    sync = {"SyncName": "AWS-QuickSetup-ManagedNode"}
    of_region = central.list_nodes(**sync, Filters=[{"Key": "Region", "Values": [REGIONS[1]], "Type": "Equal"}])
    same("accounts", {node["Owner"]["AccountId"] for node in of_region["Nodes"]},
         {CENTRAL, MEMBER, WITHOUT_ROLE})
    same("regions", {node["Region"] for node in of_region["Nodes"]}, {REGIONS[1]})
    by_region = [{"AggregatorType": "Count", "TypeName": "Instance", "AttributeName": "Region"}]
    rows = central.list_nodes_summary(**sync, Aggregators=by_region)["Summary"]
    same("counted", [row["Region"] for row in rows], REGIONS)
    same("count", int(rows[1]["Count"]), len(of_region["Nodes"]))
    there = ssm_of(key_of(MEMBER), REGIONS[0])
    refused("ResourceDataSyncNotFoundException", 400, there.list_nodes, **sync)
    same("own", {node["Owner"]["AccountId"] for node in there.list_nodes()["Nodes"]}, {MEMBER})


def policy_in_every_account(node):
    parameters = {
        "PatchPolicyName": "boto3-policy",
        "SelectedPatchBaselines": "{}",
        "PatchBaselineUseDefault": "default",
        "PatchBaselineRegion": REGIONS[0],
        "ConfigurationOptionsPatchOperation": "Scan",
        "ConfigurationOptionsScanValue": "cron(0 1 * * ? *)",
        "TargetOrganizationalUnits": "ou-ab12-production",
        "TargetRegions": ",".join(REGIONS),
    }
    definition = {
        "Type": "AWSQuickSetupType-PatchPolicy",
        "Parameters": parameters,
        "LocalDeploymentAdministrationRoleArn":
            f"arn:aws:iam::{CENTRAL}:role/AWS-QuickSetup-PatchPolicy-LocalAdministrationRole",
        "LocalDeploymentExecutionRoleName": "AWS-QuickSetup-PatchPolicy-LocalExecutionRole",
    }
    stranger = client("ssm-quicksetup", key_of(MEMBER), REGIONS[0])
    refused("ValidationException", 400, stranger.create_configuration_manager,
            ConfigurationDefinitions=[definition])
    setup = client("ssm-quicksetup", key_of(CENTRAL), REGIONS[0])
    compare_with_model(setup, str)
    arn = setup.create_configuration_manager(
        Name="boto3-policy", ConfigurationDefinitions=[definition])["ManagerArn"]
    advance(seconds=120)
    listed = setup.list_configurations(ManagerArn=arn)["ConfigurationsList"]
    found = {(one["Account"], one["Region"]): one for one in listed}
    same("configurations", sorted(found), [
        (account, region) for account in (MEMBER, WITHOUT_ROLE) for region in REGIONS])
    summaries = {place: one["StatusSummaries"][0] for place, one in found.items()}
    same("deployed", {summaries[MEMBER, region]["Status"] for region in REGIONS}, {"SUCCEEDED"})
    failed = summaries[WITHOUT_ROLE, REGIONS[1]]
    same("without a role", failed["Status"], "FAILED")
    holds("why", "StackSets" in failed["StatusMessage"], failed["StatusMessage"])
    read = setup.get_configuration(ConfigurationId=found[MEMBER, REGIONS[1]]["Id"])
    same("one of them", (read["Account"], read["Region"]), (MEMBER, REGIONS[1]))

    there = ssm_of(key_of(MEMBER), REGIONS[1])
    same("associations", len(there.list_associations()["Associations"]), 1)
    advance(days=1)
    state = there.describe_instance_patch_states(InstanceIds=[node])["InstancePatchStates"]
    same("scanned by the policy", [one["InstanceId"] for one in state], [node])
    setup.delete_configuration_manager(ManagerArn=arn)
    same("deleted there", there.list_associations()["Associations"], [])


def main():
    node = "i-0c0ffee0000000004"
    member = assume()
    put_runbook_in_place()
    parent, child = run(node)
    read_there(member, parent, child, node)
    nodes_of_every_account()
    policy_in_every_account("i-0c0ffee0000000005")
    holds("compared", {"GetAutomationExecution", "ListDocuments"} <= compared, compared)
    print("organization: ok")


main()
