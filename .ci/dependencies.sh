# What the crate depends on.

# The crates named aws-… in a graph of ours, with these arguments to cargo tree.
aws_crates() {
  cargo tree --prefix none --no-dedupe "$@" | awk '$1 ~ /^aws-/ && $1 != "aws-patch-manager" { print $1 }' | sort -u
}

# The default build, with tests, examples and mocks, stays small and free of AWS crates; only the
# feature for EC2 compiles its SDK.
check_tree() {
  local arguments found count
  for arguments in "-e normal" "-e normal,dev" "-e normal --features mock" "-e normal,dev --features mock"; do
    found=$(aws_crates $arguments)
    [ -z "$found" ] || { printf 'AWS crates with %s:\n%s\n' "$arguments" "$found" >&2; return 1; }
    echo "no AWS crate with $arguments"
  done
  found=$(aws_crates -e normal,dev --features aws)
  grep -x aws-sdk-ssm <<<"$found" >/dev/null || { echo "--features aws has no aws-sdk-ssm: nothing was looked at" >&2; return 1; }
  ! grep -x aws-sdk-ec2 <<<"$found" || { echo "aws-sdk-ec2 is in --features aws" >&2; return 1; }
  echo "no aws-sdk-ec2 with --features aws"
  found=$(aws_crates -e normal,dev --features athena | grep -E '^aws-sdk-(ssm|ssmquicksetup|ec2)$' || true)
  [ -z "$found" ] || { printf 'other SDKs with --features athena:\n%s\n' "$found" >&2; return 1; }
  echo "no SDK of the adapters with --features athena"
  count=$(cargo tree -e normal --prefix none --no-dedupe | sort -u | wc -l)
  echo "crates in the default build: $count, at most 45"
  [ "$count" -le 45 ]
}

check_deny() {
  local deny
  deny=$(tool cargo-deny 0.20.2)
  [ -n "$deny" ] || return 0
  "$deny" check licenses bans sources
}

# No dependency, with any feature, says that it needs a newer Rust than the crate says. Only one
# toolchain is at hand, so the older one itself is not run; clippy looks for newer parts of std.
check_rust_versions() {
  cargo metadata --all-features --format-version 1 | python3 -c '
import json, sys
packages = json.load(sys.stdin)["packages"]
numbers = lambda text: tuple(int(part) for part in text.split("."))
ours = next(p for p in packages if p["name"] == "aws-patch-manager")["rust_version"]
newer = ["{name} {version} needs {rust_version}".format(**p) for p in packages
         if p["rust_version"] and numbers(p["rust_version"]) > numbers(ours)]
print(f"{len(packages)} packages, Rust {ours}")
sys.exit("\n".join(newer) or 0)
'
}
