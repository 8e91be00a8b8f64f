# Numbered stages with their time, failures that say what to do, and builds with compact progress.
# Sourced by setup.sh and .ci/test.sh, both of which set `repository`,
# `log_directory` and `stage_count`.
# shellcheck shell=bash disable=SC2154

if [[ -t 1 ]]; then on_terminal=1; else on_terminal=0; fi
stage_number=0
stage_name=""
stage_started=0

seconds_since() { echo $((SECONDS - $1)); }

begin_stage() {
  stage_number=$((stage_number + 1))
  stage_name=$1
  stage_started=$SECONDS
  printf '[%d/%d] %s\n' "$stage_number" "$stage_count" "$1"
}

end_stage() { printf '      %s (%d s)\n' "${1:-done}" "$(seconds_since "$stage_started")"; }

# fail MESSAGE HINT: ends the script.
fail() {
  printf 'error: %s: %s\n' "$stage_name" "$1" >&2
  [[ -z ${2:-} ]] || printf '       %s\n' "$2" >&2
  exit 1
}

# tail_of LOG [LINES]: what went wrong, indented.
tail_of() { tail -n "${2:-25}" "$1" | sed 's/^/      | /' >&2; }

# need_space DIRECTORY MEGABYTES
need_space() {
  local free
  free=$(df --output=avail -m "$1" | tail -n 1 | tr -d ' ')
  if ((free < $2)); then
    fail "the disk of '$1' has $free MB free, $2 MB are needed" "free some space and run it again"
  fi
}

# progress_line PERCENT TEXT: one line that is rewritten on a terminal, otherwise a line each time that
# PERCENT has grown by ten. Start with progress_shown=-10.
progress_line() {
  if ((on_terminal)); then
    printf '\r\033[K      %3d %%  %.68s' "$1" "$2"
  elif (($1 >= progress_shown + 10)); then
    progress_shown=$(($1 - $1 % 10))
    printf '      %3d %%  %.68s\n' "$1" "$2"
  fi
}

clear_progress_line() { if ((on_terminal)); then printf '\r\033[K'; fi; }

# ninja's output, "[12/340] Building ...", in short.
ninja_progress() {
  local line progress_shown=-10
  while IFS= read -r line; do
    if [[ $line =~ ^\[([0-9]+)/([0-9]+)\]\ (.*) ]]; then
      local done_steps=${BASH_REMATCH[1]} all_steps=${BASH_REMATCH[2]} what=${BASH_REMATCH[3]}
      progress_line $((100 * done_steps / all_steps)) "$done_steps of $all_steps  ${what##*/}"
    fi
  done
  clear_progress_line
}

# build_preset PRESET [TARGET...]: configures when needed and builds. Returns non-zero after having
# shown the errors.
build_preset() {
  local preset=$1 log=$log_directory/build-$1.log
  shift
  # Objects are the same in every checkout: a clone elsewhere finds what this one has compiled.
  export CCACHE_BASEDIR=$repository CCACHE_NOHASHDIR=1
  if [[ ! -f build/$preset/build.ninja ]]; then
    if ! cmake --preset "$preset" >"$log" 2>&1; then
      tail_of "$log"
      return 1
    fi
  fi
  local targets=()
  if (($# > 0)); then targets=(--target "$@"); fi
  if ! NINJA_STATUS='[%f/%t] ' cmake --build --preset "$preset" "${targets[@]}" 2>&1 |
    tee "$log" | ninja_progress; then
    sed -n '/^FAILED:/,$p' "$log" | head -n 60 | sed 's/^/      | /' >&2
    grep -q '^FAILED:' "$log" || tail_of "$log"
    if grep -q 'No space left on device' "$log"; then
      echo '      the disk is full: free some space and run it again' >&2
    elif grep -qE 'Killed|internal compiler error' "$log"; then
      echo '      the compiler was killed, most likely for want of memory: build with' \
        'CMAKE_BUILD_PARALLEL_LEVEL=1' >&2
    fi
    return 1
  fi
}
