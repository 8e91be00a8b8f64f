#!/usr/bin/env bash
# What waits for a GPU (docs/gpu-queue.md), in one script for a machine that has one, but perhaps no
# network, no compiler and little time: everything is built and packed beforehand, travels in parts,
# and each step's result is kept, so that a second call goes on where the first one was cut off.
#
#   run_on_gpu.sh pack DIRECTORY [PART_MIB]   here: build the preset `cuda`, write DIRECTORY/1/,
#                                             DIRECTORY/2/, ... of at most PART_MIB (45) each
#   run_on_gpu.sh receive PART STATE          there: keep the part in STATE
#   run_on_gpu.sh run STATE RESULTS [SECONDS] there: with all parts in STATE, run the steps that have
#                                             no result yet, at most SECONDS (540); RESULTS gets
#                                             log.txt, all steps, and bench*.jsonl
#
# STATE lives on the machine between calls. Steps: device, ops, studio, flash, bench, bench_graphs,
# bench_flash, cpu, memcheck, racecheck, profile. The last three need compute-sanitizer and ncu and say so where they are not.
set -euo pipefail

script=$(readlink -f "${BASH_SOURCE[0]}")

usage() {
  sed -n '2,/^set /{s/^# \{0,1\}//;/^set /d;p}' "$script" >&2
  exit 2
}

pack() {
  local output=$1 part_mib=${2:-45} repository staging library
  repository=$(cd "$(dirname "$script")/../.." && pwd)
  output=$(mkdir -p "$output" && cd "$output" && pwd)
  cd "$repository"
  [[ -f build/cuda/build.ninja ]] || cmake --preset cuda
  local targets=(myna_backend_cuda_device_test myna_studio_cuda_test myna_flash_cuda_test
    myna_voice_bench myna_backend_cpu_test)
  cmake --build --preset cuda --target "${targets[@]}"
  local models=${MYNA_HOME:-${XDG_DATA_HOME:-$HOME/.local/share}/myna}/models
  local package
  for package in kokoro-82m myna-voice-1; do
    [[ -d $models/$package ]] || {
      echo "error: the model package $package is not installed; myna models pull $package" >&2
      exit 1
    }
  done
  staging=$(mktemp -d)
  mkdir -p "$staging/bin" "$staging/lib" "$staging/home/models" "$staging/source/tests/golden"
  local target
  for target in "${targets[@]}"; do
    find build/cuda -name "$target" -type f -exec strip -o "$staging/bin/$target" {} \;
    # The machine brings its own C library; everything else comes along.
    while read -r library; do
      cp -Ln "$library" "$staging/lib/"
    done < <(ldd "$staging/bin/$target" | awk '$2 == "=>" && $3 ~ /^\// {print $3}' |
      grep -Ev '/(libc|libm|libpthread|libdl|librt|ld-linux[^/]*)\.so')
  done
  cp -r "$models/kokoro-82m" "$staging/home/models/"
  cp -r "$models/myna-voice-1" "$staging/home/models/"
  cp -r tests/golden/studio tests/golden/flash "$staging/source/tests/golden/"
  cp tools/gpu/phonemes.txt "$staging/"
  git rev-parse HEAD >"$staging/revision"
  rm -rf "${output:?}"/*
  tar -C "$staging" -cf - . | xz -T0 -6 | split -b "${part_mib}M" -d -a 2 - "$output/all-"
  local file number=0 count
  count=$(find "$output" -name 'all-*' | wc -l)
  for file in "$output"/all-*; do
    number=$((number + 1))
    mkdir "$output/$number"
    mv "$file" "$output/$number/data-$(printf %02d $number)"
    echo "$count" >"$output/$number/count"
    (cd "$output/$number" && sha256sum "data-$(printf %02d $number)" >"sum-$number")
  done
  rm -rf "$staging"
  du -sh "$output"/*
}

receive() {
  local part=$1 state=$2
  mkdir -p "$state/parts"
  cp "$part"/data-* "$part"/sum-* "$part/count" "$state/parts/"
  (cd "$state/parts" && sha256sum --quiet -c sum-*)
  echo "$(find "$state/parts" -name 'data-*' | wc -l) of $(cat "$state/parts/count") parts"
}

# step NAME SECONDS COMMAND...: runs it when it has no result yet and there is time. Its output goes
# to the log at once, for the machine may go away before the last step.
step() {
  local name=$1 limit=$2 left
  shift 2
  if [[ ! -f $state/done/$name ]]; then
    left=$((deadline - SECONDS))
    if ((left < 20)); then
      echo "$name: no time left, call again"
      return 0
    fi
    ((limit > left)) && limit=$left
    local begun=$SECONDS status=0
    timeout --signal=INT --kill-after=10 "$limit" "$@" >"$state/$name.log" 2>&1 || status=$?
    echo "$name: exit $status after $((SECONDS - begun)) s" | tee -a "$state/$name.log"
    tail -n 13 "$state/$name.log" | sed '$d; s/^/    /'
    # Cut off by the clock: again next time. A failure is a result.
    if ((status != 124 && status != 137)); then touch "$state/done/$name"; fi
  fi
  { printf '\n===== %s\n' "$name" && cat "$state/$name.log"; } >>"$results/log.txt"
  if [[ $name == bench* ]]; then grep '^{' "$state/$name.log" >"$results/$name.jsonl" || true; fi
}

if_there() {
  local tool=$1
  if command -v "$tool" >/dev/null; then "$@"; else echo "there is no $tool on this machine"; fi
}

run() {
  state=$(cd "$1" && pwd)
  results=$(mkdir -p "$2" && cd "$2" && pwd)
  deadline=$((SECONDS + ${3:-540}))
  mkdir -p "$state/done"
  if [[ ! -d $state/files ]]; then
    (($(find "$state/parts" -name 'data-*' | wc -l) == $(cat "$state/parts/count"))) || {
      echo "error: parts are missing in $state/parts" >&2
      exit 1
    }
    mkdir "$state/files.new"
    cat "$state"/parts/data-* | tar -C "$state/files.new" -xJf -
    mv "$state/files.new" "$state/files"
  fi
  export LD_LIBRARY_PATH=$state/files/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
  export MYNA_HOME=$state/files/home MYNA_TEST_SOURCE_DIR=$state/files/source
  local bin=$state/files/bin
  cat "$state/files/revision" >"$results/log.txt"
  step device 60 bash -c 'nvidia-smi; lscpu; ldd --version | head -1'
  step ops 120 "$bin/myna_backend_cuda_device_test"
  step studio 180 "$bin/myna_studio_cuda_test"
  step flash 120 "$bin/myna_flash_cuda_test"
  step bench 240 "$bin/myna_voice_bench" "$state/files/phonemes.txt"
  step bench_graphs 120 env MYNA_CUDA_GRAPHS=1 "$bin/myna_voice_bench" --largest-batch 1 \
    "$state/files/phonemes.txt"
  step bench_flash 120 "$bin/myna_voice_bench" --tier flash --largest-batch 1024 \
    "$state/files/phonemes.txt"
  step cpu 120 "$bin/myna_backend_cpu_test"
  step memcheck 240 "$script" if_there compute-sanitizer --tool memcheck --error-exitcode 9 \
    "$bin/myna_backend_cuda_device_test"
  step racecheck 240 "$script" if_there compute-sanitizer --tool racecheck --error-exitcode 9 \
    "$bin/myna_backend_cuda_device_test"
  step profile 240 "$script" if_there ncu --clock-control none --launch-skip 1200 --launch-count 400 \
    --section SpeedOfLight --csv "$bin/myna_voice_bench" --repeat 1 --largest-batch 1 \
    "$state/files/phonemes.txt"
}

# timeout(1) starts programs, not functions.
if [[ ${1:-} == if_there ]]; then
  shift
  if_there "$@"
  exit
fi
case "${1:-} $#" in
  "pack 2" | "pack 3") pack "${@:2}" ;;
  "receive 3") receive "$2" "$3" ;;
  "run 3" | "run 4") run "${@:2}" ;;
  *) usage ;;
esac
