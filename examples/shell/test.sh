#!/usr/bin/env bash
# Tests of patching.sh without an AWS account. Each begins with the same fleet, on the same day.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
source ./emulator.sh

node=i-0123456789abcdef0
export PAUSE=0

# Runs the script, and fails unless it prints this and ends with this exit code.
expect() {
  local code=$1 printed=$2 found=0 output
  shift 2
  output=$(bash patching.sh "$@") || found=$?
  [[ $found == "$code" && $output == *"$printed"* ]] ||
    { printf 'patching.sh %s: exit code %s, and it printed:\n%s\n' "$*" "$found" "$output" >&2 && return 1; }
}

# A Windows node in the patch group `web`, and a patch that it lacks.
begin() {
  emulate POST reset
  emulate POST nodes '{"InstanceInformation": {"InstanceId": "'$node'", "PlatformType": "Windows"},
    "OperatingSystem": "WINDOWS", "Product": "WindowsServer2022",
    "Tags": [{"Key": "PatchGroup", "Value": "web"}]}'
  emulate POST catalog '{"Patches": [{"KbNumber": "KB5099999", "Product": "WindowsServer2022",
    "ProductFamily": "Windows", "Classification": "SecurityUpdates", "MsrcSeverity": "Critical",
    "ReleaseDate": "2026-04-01T00:00:00Z"}]}'
} >/dev/null

a_patch_without_its_reboot_is_not_compliant_until_the_node_restarts() {
  expect 1 "not compliant: $node" web Scan
  expect 1 "not compliant: $node" web Install NoReboot
  emulate POST reboot '{"InstanceId": "'$node'"}'
  expect 0 Success web Scan
}

a_node_out_of_contact_is_not_reported_as_patched() {
  emulate POST condition '{"InstanceId": "'$node'", "Condition": "Unreachable"}'
  expect 1 "$node" web Scan
}

the_cli_repeats_a_throttled_call() {
  emulate POST faults '{"Effect": "Throttle", "Operation": "SendCommand"}'
  expect 0 Success web Install
  emulate GET calls | grep ThrottlingException
}

start_emulator
for name in \
  a_patch_without_its_reboot_is_not_compliant_until_the_node_restarts \
  a_node_out_of_contact_is_not_reported_as_patched \
  the_cli_repeats_a_throttled_call; do
  begin
  "$name" >/dev/null
  echo "ok: ${name//_/ }"
done
