#!/usr/bin/env bash
# Everything that `make test` runs, in stages with their times. A stage that fails does not hide the
# next one, but without set-up and build there is nothing to test. On two cores, from nothing, it is
# made to fit one hour; with a warm compiler cache it takes minutes.
#
#   test.sh [STAGE]...   only these: unit python lint cuda train asan tsan fuzz
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$repository"
log_directory=build/test-logs
all_stages=(unit python lint cuda train asan tsan fuzz)
stages=("${@:-${all_stages[@]}}")
stage_count=$((${#stages[@]} + 1))
# shellcheck source=tools/setup/stages.sh
source tools/setup/stages.sh
mkdir -p "$log_directory"

passed=0
failed=0
summary=()
what_failed=()

# record NAME SECONDS PASSED FAILED
record() {
  local verdict=passed
  if (($4 > 0)); then verdict=FAILED; fi
  summary+=("$(printf '%-28s %6d s   %s' "$1" "$2" "$verdict")")
  passed=$((passed + $3))
  failed=$((failed + $4))
}

# remember_failures LOG TITLE: the lines that tell a reader who sees only the end of all this what failed.
remember_failures() {
  local lines
  mapfile -t lines < <(grep -E '\*\*\*|FAILED|FOUND|ERROR|SUMMARY|[Ee]rror:|Failure$|Test unit written' "$1" | tail -n 12)
  what_failed+=("$2, all of it in $1:" "${lines[@]/#/  }")
}

# run_ctest PRESET [ARGUMENT...]: sets run_passed and run_failed from ctest's closing line.
run_ctest() {
  local preset=$1 log=$log_directory/ctest-$1.log closing
  shift
  "${prefix[@]}" ctest --preset "$preset" --no-tests=error "$@" 2>&1 | tee "$log" || true
  closing=$(grep -E '[0-9]+ tests failed out of [0-9]+' "$log" || true)
  if [[ $closing =~ ([0-9]+)\ tests\ failed\ out\ of\ ([0-9]+) ]]; then
    run_failed=${BASH_REMATCH[1]}
    run_passed=$((BASH_REMATCH[2] - run_failed))
  else
    run_failed=1 run_passed=0
  fi
}

stage_unit() {
  prefix=()
  run_ctest release
}

# run_sanitizer PRESET [TEST...]: builds and runs these unit tests, otherwise all; ctest names them after
# their targets.
run_sanitizer() {
  local preset=$1
  shift
  mkdir -p "$log_directory"
  if [[ ! -f build/$preset/build.ninja ]]; then
    cmake --preset "$preset" >"$log_directory/configure-$preset.log" 2>&1 || {
      tail_of "$log_directory/configure-$preset.log"
      return 0
    }
  fi
  local tests=("$@")
  ((${#tests[@]} > 0)) || mapfile -t tests < <(ctest --preset "$preset" --show-only=json-v1 2>/dev/null |
    python3 -c 'import json, sys
for test in json.load(sys.stdin)["tests"]: print(test["name"])')
  build_preset "$preset" "${tests[@]}" || return 0
  run_ctest "$preset" --parallel 2 --tests-regex "^($(IFS='|' && echo "${tests[*]}"))\$"
}

stage_asan() {
  prefix=(env ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
    UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1)
  run_sanitizer asan
}

stage_tsan() {
  prefix=(env TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1)
  # GCC 12's TSan cannot live with the wide address randomisation of newer kernels.
  if setarch "$(uname -m)" -R true 2>/dev/null; then prefix+=(setarch "$(uname -m)" -R); fi
  # The modules that have threads.
  run_sanitizer tsan myna_base_test myna_backend_cpu_test myna_voice_test myna_trust_test
}

# Compiles the CUDA backend, which needs no GPU; its tests skip, and say so, where there is none.
stage_cuda() {
  prefix=()
  build_preset cuda myna_backend_cuda_device_test myna_flash_cuda_test myna_studio_cuda_test myna_voice_bench || return 0
  run_ctest cuda
}

# The trainer with LibTorch: formulas, a toy training whose loss must fall by 1.8, stop and resume.
stage_train() {
  prefix=(env OMP_NUM_THREADS=1)
  build_preset train myna_train_test || return 0
  run_ctest train
}

# Python tests run in the converters' environment, each file by itself; ctest has those of tests/e2e.
stage_python() {
  local file python log=$log_directory/python.log
  run_failed=0
  python=$(python3 tools/setup/python_env.py convert)
  for file in $(git ls-files '*test_*.py' ':!tests/e2e'); do
    if "$python" -B "$file" >"$log" 2>&1; then
      printf '      %-44s %s\n' "$file" "$(grep -E '^Ran ' "$log" || true)"
      run_passed=$((run_passed + 1))
    else
      tail_of "$log" 40
      printf '      %-44s FAILED\n' "$file"
      run_failed=$((run_failed + 1))
    fi
  done
}

stage_lint() {
  if tools/lint/lint.sh --budget 300; then run_passed=1 run_failed=0; fi
}

stage_fuzz() {
  if tests/fuzz/run.sh; then run_passed=1 run_failed=0; fi
}

declare -A titles=(
  [unit]="tests (release)" [python]="tests of the tools (Python)" [lint]="lint"
  [cuda]="CUDA backend, compiled" [train]="trainer (LibTorch)" [asan]="unit tests, ASan + UBSan" [tsan]="unit tests, TSan" [fuzz]="fuzzing, short"
)

begun=$SECONDS
begin_stage "set-up and release build"
tools/setup/setup.sh --tests || fail "there is nothing to test" "see above"
summary+=("$(printf '%-28s %6d s   done' "set-up and release build" "$(seconds_since "$stage_started")")")
for stage in "${stages[@]}"; do
  begin_stage "${titles[$stage]:?no stage is called $stage}"
  # A stage that ends without saying otherwise has failed.
  run_passed=0 run_failed=1
  stage_log=$log_directory/stage-$stage.log
  # Not a pipe: the counts must reach this shell.
  "stage_$stage" > >(tee "$stage_log") 2>&1 || true
  wait $! || true
  ((run_failed == 0)) || remember_failures "$stage_log" "${titles[$stage]}"
  record "${titles[$stage]}" "$(seconds_since "$stage_started")" "$run_passed" "$run_failed"
done

printf '\n'
printf '%s\n' "${summary[@]}"
printf '%-28s %6d s\n' "all" "$(seconds_since "$begun")"
if ((${#what_failed[@]} > 0)); then printf '\n' && printf '%s\n' "${what_failed[@]}"; fi
printf '\ntests: %d passed, %d failed\n' "$passed" "$failed"
((failed == 0))
