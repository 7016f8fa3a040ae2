# tests/consumer, a crate that uses this one as an outside user would.

# Its tests compile no AWS crate; those that talk to the emulator may.
check_consumer() {
  local manifest=tests/consumer/Cargo.toml compiled
  cargo fmt --check --manifest-path "$manifest"
  compiled=$(cargo test --quiet --manifest-path "$manifest" --no-run --message-format=json |
    python3 -c '
import json, sys
names = {json.loads(line)["target"]["name"] for line in sys.stdin if "compiler-artifact" in line}
print("\n".join(sorted(name for name in names if name.startswith("aws_"))))
')
  printf 'crates of its tests that are named aws_…: %s\n' "$compiled"
  [ "$compiled" = aws_patch_manager ] || { echo "its tests compile an AWS SDK" >&2; return 1; }
  cargo test --quiet --manifest-path "$manifest"
  cargo test --quiet --manifest-path "$manifest" --features live
  cargo clippy --quiet --manifest-path "$manifest" --all-targets --all-features -- -D warnings
}
