#!/usr/bin/env bash
# A team's own script: patches a patch group, prints how each node ended, and fails if one is not
# compliant. It knows nothing of tests. The operation is Scan or Install.
#
#   patching.sh GROUP OPERATION [NoReboot]
set -euo pipefail
group=$1 operation=$2 reboot=${3:-RebootIfNeeded}

command=$(aws ssm send-command --document-name AWS-RunPatchBaseline \
  --parameters "Operation=$operation,RebootOption=$reboot" \
  --targets "Key=tag:PatchGroup,Values=$group" --query Command.CommandId --output text)
while
  nodes=$(aws ssm list-command-invocations --command-id "$command" \
    --query 'CommandInvocations[].[InstanceId, Status]' --output text)
  [ -z "$nodes" ] || grep -qE 'Pending|InProgress|Delayed' <<<"$nodes"
do
  sleep "${PAUSE:-2}"
done
printf '%s\n' "$nodes"

behind=$(aws ssm describe-instance-patch-states-for-patch-group --patch-group "$group" --output text --query \
  'InstancePatchStates[?MissingCount > `0` || FailedCount > `0` || InstalledPendingRebootCount > `0`].InstanceId')
[ -z "$behind" ] || { printf 'not compliant: %s\n' "$behind" && exit 1; }
! grep -qv Success <<<"$nodes"
