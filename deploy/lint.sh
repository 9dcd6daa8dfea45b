#!/bin/sh
# `make lint`: every linter over everything it knows. All of them run; the exit code is 1 if any complained.
set -u
cd "$(dirname "$0")/.." || exit
PATH=$PWD/.venv/bin:$PATH:/usr/sbin
failed=''

check() { # NAME COMMAND…
    name=$1
    shift
    if said=$("$@" 2>&1); then
        printf '  %-12s clean\n' "$name"
    else
        printf '  %-12s FAILED\n%s\n' "$name" "$said"
        failed=yes
    fi
}

shell_files() { git ls-files --cached --others --exclude-standard '*.sh' .ci/run; }

check 'ruff check' ruff check --quiet .
check 'ruff format' ruff format --quiet --check .
check mypy mypy --no-error-summary app deploy locustfiles tests benchmarks
check shellcheck sh -c "shellcheck $(shell_files | tr '\n' ' ')"
check hadolint hadolint deploy/images/Dockerfile
check 'nginx, gixy' pytest -q tests/edge/test_configuration.py
check 'uv.lock' uv lock --check --quiet
[ -z "$failed" ]
