#!/usr/bin/env bash
# Brings a Debian 12 machine from a bare checkout to a built Myna with its models. What is there
# already is found and left alone, so that it can run before every `make demo` and `make test`.
#
#   setup.sh [--tests] [--no-build] [--target NAME]...
#
#   --tests        also the packages that tests and lint need
#   --no-build     stop when the models are there
#   --target NAME  build this target only (default: everything)
#
# Models and Python environments go to $MYNA_HOME (default: the XDG data directory), the build to
# build/release, the output of each step to build/setup-logs. Packages are installed with sudo when
# this is not root.
set -euo pipefail

repository=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$repository"
log_directory=build/setup-logs
stage_count=5
groups=(build)
with_build=1
targets=()
# shellcheck source=tools/setup/stages.sh
source tools/setup/stages.sh

usage() { sed -n '2,/^set/{/^set/!s/^# \{0,1\}//p}' "${BASH_SOURCE[0]}"; }

while (($# > 0)); do
  case $1 in
    --tests) groups+=(test) ;;
    --no-build) with_build=0 stage_count=4 ;;
    --target) targets+=("${2:?--target needs a name}") && shift ;;
    -h | --help) usage && exit 0 ;;
    *) usage >&2 && exit 2 ;;
  esac
  shift
done

required_packages() {
  local group package command
  while read -r group package command; do
    [[ -n $group && $group != \#* && " ${groups[*]} " == *" $group "* ]] || continue
    if [[ -n $command ]] && command -v "$command" >/dev/null; then continue; fi
    echo "$package"
  done <tools/setup/apt-packages.txt
}

missing_packages() {
  local package
  local -A installed=()
  mapfile -t wanted < <(required_packages)
  ((${#wanted[@]} > 0)) || return 0
  while read -r package; do installed[$package]=1; done < <(
    dpkg-query -W -f='${Package} ${db:Status-Status}\n' "${wanted[@]}" 2>/dev/null |
      sed -n 's/ installed$//p'
  )
  for package in "${wanted[@]}"; do
    [[ -n ${installed[$package]:-} ]] || echo "$package"
  done
}

# How far apt-get is, from its status lines "pmstatus:PACKAGE:PERCENT:TEXT".
apt_progress() {
  local kind percent text last="" progress_shown=-10
  while IFS=: read -r kind _ percent text; do
    case $kind in
      dlstatus) text="downloading" ;;
      pmstatus) ;;
      *) continue ;;
    esac
    if [[ $kind != "$last" ]]; then last=$kind progress_shown=-10; fi
    progress_line "${percent%%.*}" "$text"
  done
  clear_progress_line
}

# apt_get LOG ARGUMENT...
apt_get() {
  local log=$1
  shift
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o Acquire::Retries=3 \
    -o DPkg::Lock::Timeout=300 "$@" </dev/null >>"$log" 2>&1
}

explain_apt() {
  tail_of "$1" 12
  if grep -qE 'No space left|enough free space' "$1"; then
    fail "apt-get ran out of disk space" "free some space and run it again"
  elif grep -qE 'Temporary failure resolving|Could not connect|Failed to fetch|timed out' "$1"; then
    fail "apt-get cannot reach the package archive" "check the network and /etc/apt, then run it again"
  elif grep -q 'Unable to locate package' "$1"; then
    fail "this system does not offer a package that Myna needs" \
      "Myna is made for Debian 12; elsewhere install the equivalents of tools/setup/apt-packages.txt"
  fi
  fail "apt-get failed" "the whole output is in $1"
}

install_system_packages() {
  begin_stage "system packages"
  if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
    fail "this is not a Debian system" \
      "install the equivalents of tools/setup/apt-packages.txt, then run cmake --preset release"
  fi
  mapfile -t missing < <(missing_packages)
  if ((${#missing[@]} == 0)); then
    end_stage "all there"
    return
  fi
  as_root=()
  if ((EUID != 0)); then
    local by_hand="apt-get install --no-install-recommends ${missing[*]}"
    command -v sudo >/dev/null ||
      fail "${#missing[@]} packages are missing and there is no sudo" "as root, run: $by_hand"
    # Without a terminal sudo could only wait for a password that nobody can type.
    if ((on_terminal)); then sudo -v; else sudo -n true 2>/dev/null; fi ||
      fail "${#missing[@]} packages are missing and sudo refused" "as root, run: $by_hand"
    as_root=(sudo)
  fi
  need_space /usr 1500
  echo "      installing ${#missing[@]}: ${missing[*]}"
  local log=$log_directory/apt.log
  : >"$log"
  apt_get "$log" update || explain_apt "$log"
  # Status lines come on descriptor 3, which sudo would close: the child opens it itself.
  # shellcheck disable=SC2016
  if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive bash -c 'exec 3>&1 >>"$0" 2>&1; exec "$@"' \
    "$log" apt-get install -y --no-install-recommends -o Acquire::Retries=3 \
    -o DPkg::Lock::Timeout=300 -o APT::Status-Fd=3 -o Dpkg::Use-Pty=0 "${missing[@]}" </dev/null |
    apt_progress; then
    explain_apt "$log"
  fi
  end_stage
}

# Debian's Python first: the pinned wheels are for its version.
find_python() {
  local candidate
  for candidate in /usr/bin/python3 python3; do
    if "$candidate" -c 'import ensurepip, venv' 2>/dev/null; then
      python=$candidate
      return
    fi
  done
  fail "no usable Python 3" "install Debian's python3 and python3-venv"
}

make_python_environment() {
  begin_stage "Python environment for the converters"
  find_python
  local environment
  environment=$("$python" tools/setup/python_env.py convert) || fail "see above"
  end_stage "${environment%/bin/python}"
}

install_models() {
  begin_stage "model packages"
  local packages=(kokoro-82m lexicon-en pronunciation-en smollm2-135m-instruct)
  # Our own voice, once its weights are published.
  [[ ! -e models/myna-voice-1/voice.safetensors ]] || packages+=(myna-voice-1)
  # Our own chat model: experts that are merged with smollm2-135m-instruct.
  [[ ! -e models/myna-chat-1/delta.safetensors ]] || packages+=(myna-chat-1)
  "$python" tools/models/fetch_models.py pull "${packages[@]}" || fail "see above"
  end_stage
}

build_llama() {
  begin_stage "llama.cpp (built once)"
  local directory
  directory=$("$python" tools/setup/llama_library.py) || fail "see above"
  end_stage "$directory"
}

build() {
  begin_stage "building (release)"
  need_space "$repository" 1500
  build_preset release "${targets[@]}" || fail "the build failed" \
    "the whole output is in $log_directory/build-release.log"
  end_stage
}

started=$SECONDS
mkdir -p "$log_directory"
install_system_packages
make_python_environment
install_models
build_llama
if ((with_build)); then build; fi
printf 'set-up complete (%d s)\n' "$(seconds_since "$started")"
