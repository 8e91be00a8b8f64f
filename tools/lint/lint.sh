#!/usr/bin/env bash
# Everything that style tools can tell: layers, clang-format, shellcheck, Python syntax, clang-tidy.
#
#   lint.sh [--budget SECONDS]   the budget is clang-tidy's
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

failures=0
check() {
  local name=$1
  shift
  if "$@"; then echo "lint: $name passed"; else
    echo "lint: $name FAILED" >&2
    failures=$((failures + 1))
  fi
}

tracked() { git ls-files -z -- "$@"; }
clang_format() { tracked '*.h' '*.cc' | xargs -0 -r clang-format --dry-run -Werror; }
shell_scripts() {
  { tracked '*.sh' && printf '.ci/run\0'; } | xargs -0 -r shellcheck -x
}
# Without -B it would leave byte code beside every file.
python_syntax() {
  tracked '*.py' | xargs -0 -r python3 -B -c '
import ast, sys
for name in sys.argv[1:]:
    ast.parse(open(name, encoding="utf-8").read(), name)'
}

check "layers" python3 -B tests/check_layers.py
check "clang-format" clang_format
check "shellcheck" shell_scripts
check "python" python_syntax
check "clang-tidy" python3 -B tools/lint/clang_tidy.py "$@"
((failures == 0))
