"""Drives maintenance windows and associations with boto3 and checks every reply.

Usage: python3 schedules.py ENDPOINT

ENDPOINT is that of an emulator on the sample fleet with its clock at 2026-05-14T00:00:00Z.
"""

import re

from checked import advance, compared, holds, is_recent, pages, refused, same, ssm

LINUX = "i-0c0ffee0000000004"
UUID = "[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
SCAN = {"Operation": ["Scan"]}


def make_window():
    arguments = dict(
        Name="boto3-nightly",
        Description="made by boto3",
        Schedule="cron(0 2 ? * * *)",
        ScheduleTimezone="Europe/Berlin",
        Duration=3,
        Cutoff=1,
        AllowUnassociatedTargets=False,
        ClientToken="token-of-the-window",
        Tags=[{"Key": "team", "Value": "platform"}],
    )
    window = ssm.create_maintenance_window(**arguments)["WindowId"]
    holds("id of a window", re.fullmatch("mw-[0-9a-f]{17}", window), window)
    same("repeated creation", ssm.create_maintenance_window(**arguments)["WindowId"], window)
    arguments["Duration"] = 4
    refused("IdempotentParameterMismatch", 400, ssm.create_maintenance_window, **arguments)
    read = ssm.get_maintenance_window(WindowId=window)
    same("zone", read["ScheduleTimezone"], "Europe/Berlin")
    same("enabled", read["Enabled"], True)
    same("next opening", read["NextExecutionTime"], "2026-05-15T00:00:00Z")
    is_recent("creation", read["CreatedDate"])
    kept = {"ResourceType": "MaintenanceWindow", "ResourceId": window}
    team = [{"Key": "team", "Value": "platform"}]
    same("tags", ssm.list_tags_for_resource(**kept)["TagList"], team)
    refused("ValidationException", 400, ssm.create_maintenance_window,
            Name="boto3-bad", Schedule="daily", Duration=3, Cutoff=1,
            AllowUnassociatedTargets=True)
    refused("DoesNotExistException", 400, ssm.get_maintenance_window,
            WindowId="mw-00000000000000000")
    return window


def fill_window(window):
    target = ssm.register_target_with_maintenance_window(
        WindowId=window, ResourceType="INSTANCE", Name="linux",
        Targets=[{"Key": "InstanceIds", "Values": [LINUX]}], OwnerInformation="platform",
    )["WindowTargetId"]
    holds("id of a target", re.fullmatch(UUID, target), target)
    task = ssm.register_task_with_maintenance_window(
        WindowId=window, Name="scan", TaskType="RUN_COMMAND", TaskArn="AWS-RunPatchBaseline",
        Targets=[{"Key": "WindowTargetIds", "Values": [target]}],
        TaskInvocationParameters={"RunCommand": {"Parameters": SCAN, "Comment": "by boto3"}},
        MaxConcurrency="1", MaxErrors="0", Priority=1, CutoffBehavior="CANCEL_TASK",
    )["WindowTaskId"]
    detail = ssm.get_maintenance_window_task(WindowId=window, WindowTaskId=task)
    same("parameters", detail["TaskInvocationParameters"]["RunCommand"]["Parameters"], SCAN)
    same("cutoff behaviour", detail["CutoffBehavior"], "CANCEL_TASK")
    changed = ssm.update_maintenance_window_task(
        WindowId=window, WindowTaskId=task, Priority=2
    )
    same("new priority", changed["Priority"], 2)
    targets = pages(ssm, "describe_maintenance_window_targets", "Targets", WindowId=window)
    same("targets", [row["WindowTargetId"] for row in targets], [target])
    tasks = pages(ssm, "describe_maintenance_window_tasks", "Tasks", WindowId=window)
    same("tasks", [(row["WindowTaskId"], row["Type"]) for row in tasks], [(task, "RUN_COMMAND")])
    refused("TargetInUseException", 400, ssm.deregister_target_from_maintenance_window,
            WindowId=window, WindowTargetId=target, Safe=True)
    own = ssm.describe_maintenance_windows_for_target(
        ResourceType="INSTANCE", Targets=[{"Key": "InstanceIds", "Values": [LINUX]}]
    )["WindowIdentities"]
    same("windows of the node", [row["WindowId"] for row in own], [window])
    return target, task


def windows():
    window = make_window()
    target, task = fill_window(window)
    openings = pages(
        ssm, "describe_maintenance_window_schedule", "ScheduledWindowExecutions", WindowId=window,
        Filters=[{"Key": "ScheduledBefore", "Values": ["2026-05-18T00:00:00Z"]}],
    )
    same("openings", [row["ExecutionTime"] for row in openings],
         [f"2026-05-{day}T00:00:00Z" for day in (15, 16, 17)])
    listed = pages(ssm, "describe_maintenance_windows", "WindowIdentities",
                   Filters=[{"Key": "Name", "Values": ["boto3-nightly"]}])
    same("windows by name", [row["WindowId"] for row in listed], [window])

    advance(days=1, hours=2)
    runs = pages(ssm, "describe_maintenance_window_executions", "WindowExecutions",
                 WindowId=window)
    same("runs", [row["Status"] for row in runs], ["SUCCESS"])
    is_recent("start of a run", runs[0]["StartTime"])
    run = runs[0]["WindowExecutionId"]
    detail = ssm.get_maintenance_window_execution(WindowExecutionId=run)
    tasks = pages(ssm, "describe_maintenance_window_execution_tasks",
                  "WindowExecutionTaskIdentities", WindowExecutionId=run)
    same("tasks of the run", [row["TaskExecutionId"] for row in tasks], detail["TaskIds"])
    of_task = {"WindowExecutionId": run, "TaskId": detail["TaskIds"][0]}
    same("task", ssm.get_maintenance_window_execution_task(**of_task)["Priority"], 2)
    invocations = pages(ssm, "describe_maintenance_window_execution_task_invocations",
                        "WindowExecutionTaskInvocationIdentities", **of_task)
    same("target of the run", [row["WindowTargetId"] for row in invocations], [target])
    one = ssm.get_maintenance_window_execution_task_invocation(
        **of_task, InvocationId=invocations[0]["InvocationId"]
    )
    command = ssm.list_commands(CommandId=one["ExecutionId"])["Commands"][0]
    same("comment of the command", command["Comment"], "by boto3")
    same("status of the command", command["Status"], "Success")

    ssm.update_maintenance_window(WindowId=window, Enabled=False)
    holds("switched off", "NextExecutionTime" not in ssm.get_maintenance_window(WindowId=window),
          window)
    ssm.deregister_task_from_maintenance_window(WindowId=window, WindowTaskId=task)
    ssm.deregister_target_from_maintenance_window(
        WindowId=window, WindowTargetId=target, Safe=True
    )
    same("deleted", ssm.delete_maintenance_window(WindowId=window)["WindowId"], window)
    ssm.delete_maintenance_window(WindowId=window)


def associations():
    arguments = dict(
        Name="AWS-RunPatchBaseline",
        AssociationName="boto3-scan",
        Targets=[{"Key": "InstanceIds", "Values": [LINUX]}],
        Parameters=SCAN,
        ScheduleExpression="cron(0 2 ? * TUE#2 *)",
        ScheduleOffset=3,
        ApplyOnlyAtCronInterval=True,
        ComplianceSeverity="HIGH",
        MaxConcurrency="50%",
        MaxErrors="1",
        Tags=[{"Key": "team", "Value": "platform"}],
    )
    made = ssm.create_association(**arguments)["AssociationDescription"]
    association = made["AssociationId"]
    holds("id of an association", re.fullmatch(UUID, association), association)
    same("version", made["AssociationVersion"], "1")
    same("overview", made["Overview"]["Status"], "Pending")
    is_recent("creation", made["Date"])
    kept = {"ResourceType": "Association", "ResourceId": association}
    team = [{"Key": "team", "Value": "platform"}]
    same("tags", ssm.list_tags_for_resource(**kept)["TagList"], team)
    wrong = {**arguments, "ScheduleExpression": "cron(0/10 * * * ? *)", "ScheduleOffset": 1}
    refused("InvalidSchedule", 400, ssm.create_association, **wrong)
    refused("InvalidDocument", 400, ssm.create_association, **{**arguments, "Name": "Nobodys"})

    advance(minutes=10)
    asked = {"AssociationId": association}
    same("runs at first", ssm.describe_association_executions(**asked)["AssociationExecutions"], [])
    ssm.start_associations_once(AssociationIds=[association])
    advance(minutes=30)
    runs = pages(ssm, "describe_association_executions", "AssociationExecutions", **asked)
    same("runs", [row["Status"] for row in runs], ["Success"])
    is_recent("creation of a run", runs[0]["CreatedTime"])
    targets = pages(ssm, "describe_association_execution_targets", "AssociationExecutionTargets",
                    **asked, ExecutionId=runs[0]["ExecutionId"])
    same("targets", [(row["ResourceId"], row["Status"]) for row in targets], [(LINUX, "Success")])
    source = targets[0]["OutputSource"]["OutputSourceId"]
    same("command of the run", len(ssm.list_commands(CommandId=source)["Commands"]), 1)

    changed = ssm.update_association(
        **asked, Name="AWS-RunPatchBaseline", AssociationName="boto3-scan", Parameters=SCAN,
        Targets=arguments["Targets"], ScheduleExpression="rate(12 hours)",
    )["AssociationDescription"]
    same("new version", changed["AssociationVersion"], "2")
    holds("cleared offset", "ScheduleOffset" not in changed, changed)
    versions = pages(ssm, "list_association_versions", "AssociationVersions", **asked)
    same("versions", sorted(row["AssociationVersion"] for row in versions), ["1", "2"])
    named = [{"key": "AssociationName", "value": "boto3-scan"}]
    listed = pages(ssm, "list_associations", "Associations", AssociationFilterList=named)
    same("associations by name", [row["AssociationId"] for row in listed], [association])
    statuses = pages(ssm, "describe_instance_associations_status",
                     "InstanceAssociationStatusInfos", InstanceId=LINUX)
    same("of the node", [row["AssociationId"] for row in statuses], [association])
    effective = pages(ssm, "describe_effective_instance_associations", "Associations",
                      InstanceId=LINUX)
    same("effective", [row["AssociationId"] for row in effective], [association])
    ssm.delete_association(**asked)
    refused("AssociationDoesNotExist", 400, ssm.describe_association, **asked)


def main():
    windows()
    associations()
    holds("operations compared with the model", len(compared) > 25, sorted(compared))
    print("schedules: ok")


main()
