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

# The newest Rust that a dependency asks for, with these arguments to cargo tree.
newest_rust() {
  cargo metadata --all-features --format-version 1 | python3 -c '
import json, subprocess, sys
asked = {(p["name"], p["version"]): p["rust_version"] for p in json.load(sys.stdin)["packages"]}
numbers = lambda text: tuple(int(part) for part in text.split("."))
tree = ["cargo", "tree", "--package", "aws-patch-manager", "--prefix", "none", "--no-dedupe", "-e", "normal", *sys.argv[1:]]
lines = (line.split() for line in subprocess.check_output(tree, text=True).splitlines() if line)
found = {(name, version[1:]) for name, version, *_ in lines if name != "aws-patch-manager"}
print(max((asked[one] for one in found if asked.get(one)), key=numbers, default="0"))
' "$@"
}

# No dependency asks for a newer Rust than the README says: of the default build, and with all features. Only
# one toolchain is at hand, so the older ones are not run; clippy looks for newer parts of std.
check_rust_versions() {
  local all default
  all=$(newest_rust --all-features)
  default=$(newest_rust)
  echo "dependencies ask for Rust $all with all features, for $default in the default build"
  [ "$(printf '%s\n1.94.1\n' "$all" | sort -V | tail -1)" = 1.94.1 ]
  grep -q 'Rust 1.94.1 or later' README.md && grep -qx 'rust-version = "1.94.1"' Cargo.toml
  grep -qF "those of the default build for $default" README.md
}
