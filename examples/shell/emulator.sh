# Starts the emulator for the tests, and stops it when the shell ends; to be sourced.
# The program is `patch-manager-emulator`, or what the variable PATCH_MANAGER_EMULATOR names.

# Starts it on a free port, and leads the AWS CLI there. Its clock runs 3600 times faster than
# the machine's, so an hour of patching takes a second.
start_emulator() {
  variables=$(mktemp)
  "${PATCH_MANAGER_EMULATOR:-patch-manager-emulator}" --speed 3600 >"$variables" &
  emulator=$!
  trap stop_emulator EXIT
  until grep -q AWS_SECRET_ACCESS_KEY=test "$variables"; do
    kill -0 "$emulator" || return 1
    sleep 0.1
  done
  source "$variables"
}

stop_emulator() {
  kill "$emulator" 2>/dev/null || true
  wait "$emulator" || true
  rm -f "$variables"
}

# Sends a request under /_emulator/; `emulate GET ""` lists them all.
emulate() {
  curl --silent --show-error --fail-with-body --request "$1" --header "Content-Type: application/json" \
    --data "${3:-}" "$AWS_ENDPOINT_URL/_emulator/$2"
}
