# fuzz, the fuzz targets. Outside the workspace, so no other step compiles libFuzzer.

# What cargo-fuzz passes to rustc, without a sanitizer, because no line of the crate is unsafe. Every flag is stable.
fuzz_flags="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4
  -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table
  -Cllvm-args=-sanitizer-coverage-trace-compares"

# How many seconds an input may take, and how much memory the process. The same seed makes the same inputs, so that
# a check does not fail by luck; a night's run takes another one.
fuzz_limits=(-timeout=20 -rss_limit_mb=2048 "-seed=${FUZZ_SEED:-1}")

# Builds every target, with FUZZ_OPT_LEVEL for the crate if it is set, and runs it for FUZZ_SECONDS, 10 if not set,
# from its seeds. Inputs that reach more code are stored in FUZZ_CORPUS, or nowhere.
check_fuzz() {
  local manifest=fuzz/Cargo.toml host seconds=${FUZZ_SECONDS:-10} scratch corpus optimised=()
  # libFuzzer is C++.
  command -v "${CXX:-c++}" >/dev/null || { echo "NOT RUN: no C++ compiler compiles libFuzzer here" >&2; return 0; }
  host=$(rustc -vV | sed -n 's/^host: //p')
  cargo fmt --check --manifest-path "$manifest"
  [ -z "${FUZZ_OPT_LEVEL:-}" ] ||
    optimised=(--config "profile.dev.package.aws-patch-manager.opt-level=$FUZZ_OPT_LEVEL")
  # With --target, because build scripts and macros do not take the flags.
  RUSTFLAGS=$(tr -s '\n ' ' ' <<<"$fuzz_flags") \
    cargo build --quiet --manifest-path "$manifest" --target "$host" "${optimised[@]}"
  scratch=$(mktemp -d)
  corpus=${FUZZ_CORPUS:-$scratch/corpus}
  fuzz_words >"$scratch/words"
  export -f fuzz_one
  fuzz_targets | xargs -P "$(nproc)" -I '{}' bash -euo pipefail -c 'fuzz_one "$@"' fuzz_one '{}' \
    "$CARGO_TARGET_DIR/$host/debug/{}" "$corpus" "$scratch/words" "-max_total_time=$seconds" "${fuzz_limits[@]}"
  rm -rf "$scratch"
}

# The names of the targets.
fuzz_targets() {
  sed -nE '/^\[\[bin\]\]/,$ s/^name = "(.*)"/\1/p' fuzz/Cargo.toml
}

# Runs one target with these flags. An input that it fails on stays in fuzz/artifacts.
fuzz_one() {
  local name=$1 program=$2 corpus=$3/$1 words=$4 log
  shift 4
  mkdir -p "$corpus" "fuzz/artifacts/$name"
  log=$(mktemp)
  if ! "$program" "$@" "-dict=$words" "-artifact_prefix=fuzz/artifacts/$name/" -print_final_stats=1 \
    "$corpus" "fuzz/seeds/$name" >"$log" 2>&1; then
    tail -n 60 "$log" >&2
    return 1
  fi
  printf '%s: %s inputs\n' "$name" "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")"
  rm -f "$log"
}

# The words of the crate's source, for libFuzzer to put into inputs: names of operations and members, values of enums;
# and the least and greatest numbers and instants.
fuzz_words() {
  {
    printf '"%s"\n' -1 255 4294967295 18446744073709551615 9223372036854775807 -9223372036854775808 1e308 \
      -9999-01-02T01:59:59Z 9999-12-30T22:00:00.999999999Z 253402207200 -377705023201 null true '{}' '[]'
    grep -rhoE '"[A-Za-z][A-Za-z0-9:_.-]{2,39}"' src --include='*.rs'
    grep -rhoE '^ +pub [a-z_0-9]+:' src --include='*.rs' | sed -E 's/^ +pub (.*):/\1/; s/(^|_)([a-z0-9])/\U\2/g; s/.*/"&"/'
    grep -hoE '`[A-Za-z]{3,60}`' src/emulator/operations.md | tr '`' '"'
  } | sort -u
}
