# Other tools that look at Systems Manager, against the emulator.

# A subshell, so that its trap ends the emulator whatever happens. The clock starts at the machine's
# time, since tools compare ages with it.
run_tools() (
  custodian=$(python_tool "c7n==$c7n_version")
  prowler=$(python_tool "prowler==$prowler_version" tests/tools/prowler_checks.txt)
  [ -n "$custodian$prowler" ] || exit 0
  cargo build --quiet --all-features --bin patch-manager-emulator
  variables=$(mktemp)
  "$CARGO_TARGET_DIR/debug/patch-manager-emulator" --speed 0 --start now --for 600 >"$variables" &
  emulator=$!
  trap 'kill "$emulator" 2>/dev/null || true; rm -f "$variables"' EXIT
  until grep -q '^export AWS_SECRET_ACCESS_KEY=' "$variables"; do
    kill -0 "$emulator"
    sleep 0.1
  done
  # shellcheck source=/dev/null
  source "$variables"
  [ -z "$custodian" ] || "$custodian/bin/python" -B tests/tools/custodian.py
  [ -z "$prowler" ] || "$prowler/bin/python" -B tests/tools/prowler_checks.py
)
