# What is published.

# The package has everything that its users need, and nothing that only we need.
check_contents() {
  local listed odd target
  listed=$(cargo package --list --allow-dirty --package aws-patch-manager)
  odd=$(grep -vE '^(src/.*\.(rs|json|md|svg|css|js|html)|src/emulator/ssm/limits\.txt|examples/.*\.rs|examples/plan_fleet/fleet\.json|examples/images/.*\.png|Cargo\.(toml|lock|toml\.orig)|(README|CHANGELOG|CONTRIBUTING)\.md|LICENSE-(APACHE|MIT)|\.cargo_vcs_info\.json)$' <<<"$listed" || true)
  [ -z "$odd" ] || { printf 'not for the package:\n%s\n' "$odd" >&2; return 1; }
  for needed in src/lib.rs README.md LICENSE-MIT LICENSE-APACHE examples/patch_fleet/main.rs; do
    grep -qx "$needed" <<<"$listed" || { echo "the package lacks $needed" >&2; return 1; }
  done
  while read -r target; do
    grep -qE "^${target//./\\.}(/|\$)" <<<"$listed" || { echo "the README links to $target, which the package lacks" >&2; return 1; }
  done < <(readme_links)
  wc -l <<<"$listed"
}

# The files and folders that the README links to; a link with a scheme leads elsewhere.
readme_links() {
  grep -oE '\]\([^)]+\)' README.md | sed -E 's/^\]\(//; s/[#)].*//' | grep -vE '^([a-z]+:|$)' | sort -u
}

# The packaged crate, unpacked elsewhere, builds, and its example runs.
check_package() {
  check_contents
  local version unpacked
  cargo package --quiet --allow-dirty --no-verify --package aws-patch-manager
  version=$(cargo metadata --no-deps --format-version 1 |
    python3 -c 'import json, sys; print(next(p["version"] for p in json.load(sys.stdin)["packages"] if p["name"] == "aws-patch-manager"))')
  unpacked=$(mktemp -d)
  tar -xzf "$CARGO_TARGET_DIR/package/aws-patch-manager-$version.crate" -C "$unpacked"
  ls -l "$CARGO_TARGET_DIR/package/aws-patch-manager-$version.crate"
  (cd "$unpacked/aws-patch-manager-$version" && cargo run --quiet --example patch_fleet >/dev/null)
  rm -rf "$unpacked"
}
