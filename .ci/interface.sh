# The public interface: which features go together, what is public, and what a change breaks.

# Features that can be checked without an AWS SDK, and are not exempt from semver.
interface_features=$(metadata features | grep -vxE 'aws|ec2|athena|default-https-client|sso|mock' | paste -sd,)
interface=.ci/public-api.txt

sdk_features='aws|athena|ec2'

# Each of these features, or sets of them. Neither and all of them have steps of their own, with
# tests and examples.
check_features() {
  local features
  while read -r features; do
    echo "$features"
    cargo clippy --quiet --lib --features "$features" -- -D warnings || return 1
  done
}

# Those without an SDK. With others, each set has every SDK checked anew. Two at a time, for to check one crate takes
# one core.
check_light_features() {
  local sets other
  sets=$(features_to_check | grep -vxE "$sdk_features"; features_named_together | grep -v aws)
  CARGO_TARGET_DIR="$cache/features" check_features < <(sed -n 2~2p <<<"$sets") &
  other=$!
  check_features < <(sed -n 1~2p <<<"$sets") || { wait "$other"; return 1; }
  wait "$other"
}

check_sdk_features() {
  check_features < <(features_to_check | grep -xE "$sdk_features"; features_named_together | grep aws)
}

# As `aws,tracing`, for each condition of the code over two features.
features_named_together() {
  grep -rhoE 'cfg\((all|any)\(feature = "[a-z-]+", feature = "[a-z-]+"\)' src |
    sed -E 's/.*feature = "([a-z-]+)", feature = "([a-z-]+)".*/\1,\2/' | sort -u
}

# The public items, one on each line, as rustdoc lists them.
public_items() {
  local api
  api=$(tool cargo-public-api 0.52.0)
  [ -n "$api" ] || return 0
  RUSTC_BOOTSTRAP=1 CARGO_TARGET_DIR="$cache/interface" cargo rustdoc --quiet --lib --package aws-patch-manager \
    --features "$interface_features" -- -Z unstable-options --output-format json
  "$api" public-api -sss --rustdoc-json "$cache/interface/doc/aws_patch_manager.json" | sed "s/aws_patch_manager:://g"
}

# With `write` it accepts the present interface.
check_interface() {
  local items
  items=$(public_items) || return
  if [ "${1:-}" = write ]; then
    echo "$items" >"$interface"
  elif ! diff -u "$interface" - <<<"$items"; then
    echo "the public interface changed: if it is meant, say so in CHANGELOG.md and run .ci/accept-interface" >&2
    return 1
  fi
  wc -l <"$interface"
}

# What a program that used the crate at the baseline would no longer compile with: with the features of the
# interface, then with the SDKs too.
check_semver() {
  local semver features
  semver=$(tool cargo-semver-checks 0.51.0)
  [ -n "$semver" ] || return 0
  for features in "$interface_features" "$(metadata features | grep -vx mock | paste -sd,)"; do
    echo "with $features"
    CARGO_TARGET_DIR="$cache/interface" "$semver" semver-checks --package aws-patch-manager \
      --baseline-rev "$(cat .ci/api-baseline)" --release-type minor --only-explicit-features --features "$features"
  done
}
