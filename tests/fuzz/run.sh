#!/usr/bin/env bash
# Builds the fuzz targets and runs each for a fixed number of inputs from its seeds: a regression run
# for CI, the same inputs each time. Usage: tests/fuzz/run.sh [RUNS [TARGET...]]
# FUZZ_SEED=N gives other inputs: RUNS many of them, with many seeds, are a campaign.
# A finding leaves its input in out/fuzz/ and ends with status 1.
set -euo pipefail
cd "$(dirname "$0")/../.."

# Without RUNS each target has its own number, so that all of them take well under a minute.
declare -A default_runs=([fuzz_safetensors]=40000 [fuzz_model_card]=20000 [fuzz_utf8]=100000 [fuzz_voice_shard]=20000 [fuzz_tokenizer]=2000 [fuzz_flash_sizes]=10000
  [fuzz_text_splitter]=300 [fuzz_text_stream]=50 [fuzz_normalizer]=5000
  [fuzz_document]=3000 [fuzz_chat_import]=3000 [fuzz_ssml]=2000 [fuzz_script]=200 [fuzz_user_lexicon]=2000)
runs=${1:-}
shift || true
if [[ -n $runs && ! $runs =~ ^[1-9][0-9]*$ ]]; then
  echo "usage: tests/fuzz/run.sh [RUNS [TARGET...]]" >&2
  exit 2
fi
if ! command -v clang++ > /dev/null; then
  echo "fuzz: clang++ is not installed; run: apt-get install clang libclang-rt-14-dev" >&2
  exit 1
fi

build=build/fuzz
log=$(mktemp -d)
trap 'rm -rf "$log"' EXIT
[[ -e $build/build.ninja ]] || cmake --preset fuzz > "$log/build" 2>&1 || { cat "$log/build" >&2; exit 1; }
cmake --build --preset fuzz --target fuzzers > "$log/build" 2>&1 || { tail -n 40 "$log/build" >&2; exit 1; }

targets=("$@")
if [[ ${#targets[@]} -eq 0 ]]; then
  for source in tests/fuzz/fuzz_*.cc; do targets+=("$(basename "$source" .cc)"); done
fi

mkdir -p out/fuzz
failed=0
for target in "${targets[@]}"; do
  count=${runs:-${default_runs[$target]:-10000}}
  if [[ ! -x $build/tests/fuzz/$target || ! -d tests/fuzz/seeds/$target ]]; then
    echo "fuzz: there is no target $target" >&2
    failed=1
    continue
  fi
  # libFuzzer adds what it finds to a directory of its own, never to the committed seeds. These are
  # named one by one, as it takes a directory's files in the file system's order.
  mkdir "$log/corpus"
  find "tests/fuzz/seeds/$target" -type f | LC_ALL=C sort | paste -sd, | tr -d '\n' > "$log/seeds"
  options=(-runs="$count" -seed="${FUZZ_SEED:-1}" -seed_inputs="@$log/seeds" -reload=0 -max_len=4096 -timeout=30 -rss_limit_mb=2048
    -artifact_prefix="out/fuzz/$target-" -print_final_stats=1)
  [[ -e tests/fuzz/$target.dict ]] && options+=(-dict="tests/fuzz/$target.dict")
  started=$SECONDS
  if "$build/tests/fuzz/$target" "${options[@]}" "$log/corpus" > "$log/run" 2>&1; then
    covered=$(grep -o 'cov: [0-9]*' "$log/run" | tail -n 1 | cut -d' ' -f2)
    printf '%-20s ok    %7d runs  %3d s  %s edges covered\n' "$target" "$count" \
      $((SECONDS - started)) "${covered:-?}"
  else
    printf '%-20s FOUND after %d s\n' "$target" $((SECONDS - started))
    tail -n 30 "$log/run" >&2
    failed=1
  fi
  rm -rf "$log/corpus"
done
exit "$failed"
