# The commands that the documentation shows, and the examples.

# Reads the package's metadata: its features, or its examples with the features they need.
metadata() {
  cargo metadata --no-deps --format-version 1 | python3 -c '
import json, sys
package = next(p for p in json.load(sys.stdin)["packages"] if p["name"] == "aws-patch-manager")
if sys.argv[1] == "features":
    rows = [name for name in package["features"] if name != "default"]
else:
    rows = [" ".join([t["name"], ",".join(t.get("required-features", []))])
            for t in package["targets"] if t["kind"] == ["example"]]
print("\n".join(sorted(rows)))
' "$1"
}

# Without those that only add to the AWS SDKs, and alone change nothing.
features_to_check() { metadata features | grep -vxE 'default-https-client|sso'; }

# Every command in a shell block of the documentation, once.
documented_commands() {
  local file
  git ls-files '*.md' '*.rs' | while read -r file; do
    sed -E 's,^ *//[/!] ?,,' "$file" | awk '/^```sh$/ { inside = 1; next } /^```/ { inside = 0 } inside'
  done | sed -E 's/ +#.*//' | awk 'NF && !seen[$0]++'
}

# The commands of the first shell block of the README.
readme_commands() {
  awk '/^```sh$/ { inside = 1; next } /^```/ { if (inside) exit } inside' README.md
}

# Runs them as a reader would paste them.
run_documented() {
  local command
  prepare
  [ "$(readme_commands | wc -l)" -eq 2 ] || { echo "the README no longer has its two commands" >&2; return 1; }
  while read -r command; do
    printf '$ %s\n' "$command"
    case $command in
      .ci/run | ".ci/run "*) echo "(this is it)" ;;
      "cargo install --path . "*) cargo build --quiet --all-features --bin patch-manager-emulator ;;
      "python3 -m pip "*) echo "(the Python of the tests has it)" ;;
      "python3 -m pytest "*) with_emulator "${command/python3/${PYTHON:-python3} -B} -p no:cacheprovider" ;;
      "npm --prefix examples/node "*) run_node_example "$command" ;;
      "bash examples/shell/"*) run_shell_example "$command" ;;
      "cargo bench "*) bash -euo pipefail -c "${command/bench/test} --benches" </dev/null ;; # each once, untimed
      *) bash -euo pipefail -c "$command" </dev/null ;;
    esac
  done < <(documented_commands)
}

# Runs a command whose tests start the emulator that was built.
with_emulator() {
  PATCH_MANAGER_EMULATOR="$CARGO_TARGET_DIR/debug/patch-manager-emulator" bash -euo pipefail -c "$1" </dev/null
}

# Runs it in a copy, because npm installs beside package.json.
run_node_example() {
  local copy="$cache/examples-node"
  mkdir -p "$copy"
  cp examples/node/*.js examples/node/*.json "$copy"
  npm_config_cache="$cache/npm" npm_config_prefer_offline=true with_emulator "${1//examples\/node/$copy}"
}

# Runs it with the version of the AWS CLI in .ci/run.
run_shell_example() {
  local installed
  installed=$(python_tool "awscli==$awscli_version")
  [ -z "$installed" ] || PATH="$installed/bin:$PATH" with_emulator "$1"
}

# Every example as the tests built it, with all features: `cargo run` would build the library anew
# for each set of features that an example needs.
run_examples() {
  local name features arguments
  cargo build --quiet --all-features --examples
  while read -r name features; do
    arguments=()
    case $name in
      patch_fleet | aws_live) continue ;; # by the README's command, and against the emulator
      organization_run) arguments=(10 2 20) ;; # its own size is for a release build
    esac
    printf '$ %s %s\n' "$name" "${arguments[*]}"
    "$CARGO_TARGET_DIR/debug/examples/$name" "${arguments[@]}" </dev/null
  done < <(metadata examples)
  printf '$ cargo run --package patch-manager-progress\n'
  cargo run --quiet --package patch-manager-progress </dev/null
}

# The example for a real account, against the emulator. A subshell, so that its trap ends the
# emulator whatever happens. With all features, as the tests before it: no SDK compiles twice.
run_aws_live() (
  port=48610
  built="$CARGO_TARGET_DIR/debug/examples"
  metadata examples | grep '^aws_live ' >/dev/null || { echo "this tree has no example aws_live"; exit 0; }
  cargo build --quiet --all-features --bin patch-manager-emulator --example aws_live
  "$CARGO_TARGET_DIR/debug/patch-manager-emulator" --port "$port" --speed 600 --for 300 &
  trap "kill $! 2>/dev/null || true" EXIT
  wait_for_port "$port" "$!"
  export AWS_ENDPOINT_URL="http://127.0.0.1:$port" AWS_REGION=us-east-1 AWS_ACCOUNT_ID=123456789012
  export AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test
  "$built/aws_live" --dry-run </dev/null
  "$built/aws_live" </dev/null
)

# Fails if the process ends before it listens, or does not listen within 10 seconds.
wait_for_port() {
  local tries
  for tries in {1..100}; do
    kill -0 "$2" || return 1
    ! (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null || return 0
    sleep 0.1
  done
  return 1
}
