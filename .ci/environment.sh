# Finds or installs, once, what the checks need on this machine.

# Prints why something cannot be checked; with CI=true that is a failure.
cannot() {
  printf 'CANNOT CHECK: %s\n' "$*" >&2
  [ "${CI:-}" != true ]
}

# Removes earlier builds of our packages: cargo identifies packages by their folder, so a run in
# another clone does not use them. Builds of dependencies stay until they exceed the limit too. A
# target folder that the caller named is the caller's to clean.
make_room() {
  local manifest
  [ "$CARGO_TARGET_DIR" = "$cache/target" ] || return 0
  mkdir -p "$CARGO_TARGET_DIR"
  for manifest in Cargo.toml tests/consumer/Cargo.toml fuzz/Cargo.toml; do
    cargo clean --quiet --workspace --manifest-path "$manifest"
  done
  if [ "$(du -s --block-size=1G "$CARGO_TARGET_DIR" | cut -f1)" -gt "$target_limit_gb" ]; then
    echo "$CARGO_TARGET_DIR is over $target_limit_gb GB: emptied"
    cargo clean --quiet
  fi
  df -h "$CARGO_TARGET_DIR"
}

# Finds or installs, once, what the tests compare with and run.
prepare() {
  [ -z "${prepared:-}" ] || return 0
  find_folder AWS_CLI_EXAMPLES fixtures
  find_folder PATCH_ORACLE oracle
  find_folder PATCH_CASES cases
  prepare_python
  prepare_model
  prepare_chromium
  prepare_axe
  prepared=true
}

# Others' data is not in the repository: it is in the folder that the variable names, or in one
# beside the clone. An empty variable means that the data is not available here.
find_folder() {
  local variable=$1 beside
  beside="$(dirname "$here")/shared/$2"
  if [ -z "${!variable+set}" ] && [ -d "$beside" ]; then
    printf -v "$variable" %s "$beside"
  fi
  if [ -n "${!variable+set}" ]; then
    export "${variable?}"
    echo "$variable: ${!variable:-not to be had here}"
  else
    cannot "what $variable would name: set it to the folder, or to nothing"
  fi
}

# Prints the Python for the tests that run others' AWS tools: the machine's if it has exactly the
# versions that we compare with, otherwise our own.
prepare_python() {
  local own="$cache/python/bin/python"
  if has_requirements "${PYTHON:-python3}"; then
    PYTHON="${PYTHON:-python3}"
  elif has_requirements "$own"; then
    PYTHON=$own
  elif make_python; then
    PYTHON=$own
  else
    cannot "what needs Python: no ${python_requirements[*]}"
    return
  fi
  export PYTHON
  echo "Python: $PYTHON"
}

has_requirements() {
  "$1" - "$botocore_version" "$moto_version" "$sqlglot_version" "$duckdb_version" "$pytest_version" 2>/dev/null <<'PY'
import sys
import boto3, botocore, duckdb, moto, moto.server, pytest, sqlglot

modules = [botocore, boto3, moto, sqlglot, duckdb, pytest]
sys.exit([module.__version__ for module in modules] != [sys.argv[1], *sys.argv[1:]])
PY
}

make_python() {
  echo "installing ${python_requirements[*]}, once"
  python3 -m venv "$cache/python" &&
    "$cache/python/bin/python" -m pip install --quiet --disable-pip-version-check "${python_requirements[@]}" &&
    has_requirements "$cache/python/bin/python"
}

# Prints the virtual environment of a Python package of this version, installed once; prints nothing
# if it is not available. Each has its own, because each wants another boto3. With a file of requirements
# it has just those, whatever else it wants, and again if the file changes.
python_tool() {
  local root="$cache/tools/${1/==/-}" requirements="${2:-/dev/null}" options=()
  if ! cmp --quiet "$requirements" "$root/installed"; then
    echo "installing $1, once" >&2
    # Without its bytecode a package that is large and little used installs sooner and is smaller.
    [ -z "${2:-}" ] || options=(--no-deps --only-binary=:all: --no-compile --requirement "$2")
    if python3 -m venv --clear "$root" && "$root/bin/python" -m pip install --quiet --disable-pip-version-check "${options[@]}" "$1" >&2; then
      cp "$requirements" "$root/installed"
    else
      cannot "what needs $1: pip does not install it"
      return
    fi
  fi
  echo "$root"
}

# Finds the browser that opens the report's page, or installs Debian's.
prepare_chromium() {
  local name
  for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome; do
    if [ -n "$name" ] && "$name" --version >/dev/null 2>&1; then
      export CHROMIUM="$name"
      echo "Chromium: $CHROMIUM"
      return
    fi
  done
  echo "installing chromium, once"
  if apt-get update >/dev/null && apt-get install --yes --no-install-recommends chromium >/dev/null; then
    export CHROMIUM=chromium
  else
    cannot "the report's page: no Chromium, and apt-get installs none; name one in CHROMIUM"
  fi
}

# Finds or installs axe-core, which looks for what keeps people from reading the pages.
prepare_axe() {
  local axe="$cache/axe-core-$axe_version.js" unpacked
  if [ -z "${AXE+set}" ]; then
    if [ ! -s "$axe" ]; then
      echo "installing axe-core $axe_version, once"
      unpacked=$(mktemp -d)
      if (cd "$unpacked" && npm pack --silent "axe-core@$axe_version" >/dev/null && tar -xzf axe-core-*.tgz); then
        mv "$unpacked/package/axe.min.js" "$axe"
      fi
      rm -rf "$unpacked"
    fi
    [ -s "$axe" ] || { cannot "the pages with axe: no npm, or it has no axe-core; name its axe.min.js in AXE"; return; }
    export AXE="$axe"
  fi
  echo "axe: ${AXE:-not to be had here}"
}

# The service's own model of SSM, uncompressed, for the tests that compare our shapes with it.
prepare_model() {
  local model="$cache/ssm-2014-11-06-botocore-$botocore_version.json"
  if [ ! -s "$model" ]; then
    [ -n "${PYTHON:-}" ] || { cannot "the SSM model: no botocore $botocore_version"; return; }
    "$PYTHON" - "$model.part" <<'PY'
import gzip, pathlib, sys
import botocore

folder = pathlib.Path(botocore.__file__).parent / "data/ssm/2014-11-06"
plain, packed = folder / "service-2.json", folder / "service-2.json.gz"
text = plain.read_bytes() if plain.exists() else gzip.decompress(packed.read_bytes())
pathlib.Path(sys.argv[1]).write_bytes(text)
PY
    mv "$model.part" "$model"
  fi
  export SSM_MODEL="$model"
  echo "SSM model: $SSM_MODEL"
}

# Prints the path of a tool of this version, installed once; prints nothing if it is not available.
tool() {
  local name=$1 version=$2 root
  root="$cache/tools/$name-$version"
  if [ ! -x "$root/bin/$name" ]; then
    echo "installing $name $version, once" >&2
    CARGO_TARGET_DIR="$root/target" timeout 1200 cargo install --quiet --locked --root "$root" "$name@$version" >&2 ||
      { cannot "what needs $name: it did not install within 1200 s"; return; }
    rm -rf "$root/target"
  fi
  echo "$root/bin/$name"
}
