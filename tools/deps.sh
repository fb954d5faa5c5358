#!/usr/bin/env bash
# Installs missing dependencies: deps.sh [--check] GROUP...
#
# Groups: build (to build and run), test, bench, bench-gateways, profile, lint. Dependencies are Debian packages
# (tools/packages.txt) and files under .deps/: npm/NAME/node_modules for each folder of tools/npm, llama/{lib,src},
# pypi/bench/NAME (a Python environment for each gateway that the proxy benchmark takes from PyPI). When nothing is missing it
# needs neither root nor network and takes well under a second. --check reports missing dependencies and installs nothing.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
# shellcheck source=tools/lib.sh
source "$root/tools/lib.sh"
deps=$root/.deps
check=''
if [[ ${1-} == --check ]]; then
    check=1
    shift
fi
groups=("$@")
missing_found=''

# packages_of GROUP: its lines of packages.txt.
packages_of() {
    awk -v group="[$1]" '/^#/ || NF == 0 { next } /^\[/ { on = ($0 == group); next } on' "$root/tools/packages.txt"
}

# Prints each line of the groups without an installed alternative.
missing_packages() {
    local installed line name have
    installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' | awk '$1 == "installed" { print $2 }')
    for group in "${groups[@]}"; do
        while read -r line; do
            have=''
            for name in ${line//|/ }; do
                grep -qxF -- "$name" <<<"$installed" && have=1
            done
            [[ $have ]] || echo "$line"
        done < <(packages_of "$group")
    done
    command -v npm >/dev/null || [[ -e $deps/llama/.stamp ]] || printf 'nodejs\nnpm\n'
}

as_root() {
    if ((EUID == 0)); then
        env DEBIAN_FRONTEND=noninteractive "$@"
    else
        sudo -n env DEBIAN_FRONTEND=noninteractive "$@"
    fi
}

# The first alternative of each line that is available in apt.
choose() {
    local line name
    for line in "$@"; do
        for name in ${line//|/ }; do
            apt-cache show "$name" >/dev/null 2>&1 && break
        done
        echo "$name"
    done
}

install_packages() {
    local lines names
    command -v dpkg-query >/dev/null || {
        note "this is not Debian: tools/packages.txt lists the required packages"
        return
    }
    mapfile -t lines < <(missing_packages)
    ((${#lines[@]} == 0)) && return
    if [[ $check ]]; then
        note "missing packages: ${lines[*]}"
        missing_found=1
        return
    fi
    say "missing Debian packages: ${lines[*]}"
    if ((EUID != 0)) && ! sudo -n true 2>/dev/null; then
        fail "installing packages needs root, and sudo asks for a password here." \
            "sudo apt-get install --no-install-recommends ${lines[*]%%|*}"
    fi
    step "reading the package lists" apt-update "check the network and /etc/apt/sources.list" as_root apt-get update
    mapfile -t names < <(choose "${lines[@]}")
    step "installing ${#names[@]} packages" apt-install "run: apt-get install ${names[*]}" as_root apt-get \
        -o DPkg::Lock::Timeout=120 install -y --no-install-recommends "${names[@]}"
}

hash_of() { cat "$@" | sha256sum | cut -c1-32; }

# stamped FILE HASH: whether the stamp file contains the expected hash.
stamped() { [[ -f $1 && $(<"$1") == "$2" ]]; }

# npm_folder NAME: tools/npm/NAME/package-lock.json -> .deps/npm/NAME/node_modules. Versions and hashes are pinned by the
# lock; package scripts are disabled; optional packages (other systems' binaries, 640 MB) are omitted.
npm_folder() {
    local name=$1 from=$root/tools/npm/$1 to=$deps/npm/$1 want
    want=$(hash_of "$from/package.json" "$from/package-lock.json")
    stamped "$to/.stamp" "$want" && return
    if [[ $check ]]; then
        note "missing npm packages: $name"
        missing_found=1
        return
    fi
    say "npm packages: $name ($(sed -n 's/.*"description": "\(.*\)".*/\1/p' "$from/package.json"))"
    mkdir -p "$to"
    cp "$from/package.json" "$from/package-lock.json" "$to/"
    step "npm ci $name" "npm-$name" "check the network (npm ping), then run the same command again" \
        npm ci --prefix "$to" --ignore-scripts --omit=optional --no-audit --no-fund --loglevel=error
    echo "$want" >"$to/.stamp"
}

# The libraries and the source of llama.cpp, from the two npm packages.
lay_out_llama() {
    local modules=$deps/npm/llama/node_modules want
    want=$(hash_of "$root/tools/npm/llama/package-lock.json")
    stamped "$deps/llama/.stamp" "$want" && return
    npm_folder llama
    [[ $check ]] && return
    say "llama.cpp, libraries and source"
    step "unpacking" llama-layout "rm -r .deps/llama .deps/npm/llama and run ./dev deps again" \
        unpack_llama "$modules" "$want"
}

unpack_llama() {
    rm -rf "$deps/llama.new"
    mkdir -p "$deps/llama.new/lib"
    cp "$1"/@node-llama-cpp/linux-x64/bins/linux-x64/*.so "$deps/llama.new/lib/"
    git clone --quiet "$1/node-llama-cpp/llama/gitRelease.bundle" "$deps/llama.new/src"
    rm -rf "$deps/llama.new/src/.git"
    echo "$2" >"$deps/llama.new/.stamp"
    rm -rf "$deps/llama"
    mv "$deps/llama.new" "$deps/llama"
}

# Node.js 22 or newer for the tests that run the official clients.
node_for_tests() {
    local major
    major=$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)
    ((major >= 22)) || npm_folder node
}

# pypi_gateway NAME: bench/proxy/config/requirements-NAME.txt -> .deps/pypi/bench/NAME. Versions and hashes are pinned, no
# package is built here. A gateway that cannot be installed is left out of the benchmark, which says so.
pypi_gateway() {
    local name=$1 from=$root/bench/proxy/config/requirements-$1.txt to=$deps/pypi/bench/$1 want
    want=$(hash_of "$from")
    stamped "$to/.stamp" "$want" && return
    if [[ $check ]]; then
        note "missing gateway for ./dev bench proxy: $name"
        missing_found=1
        return
    fi
    say "gateway from PyPI: $name"
    rm -rf "$to"
    mkdir -p "${to%/*}"
    if (step "installing $name" "pypi-$name" "check the network, then run ./dev deps bench-gateways again" \
        fill_gateway "$from" "$to"); then
        echo "$want" >"$to/.stamp"
    else
        rm -rf "$to"
        note "$name could not be installed and is left out of the benchmark"
    fi
}

fill_gateway() {
    python3 -m venv "$2" && "$2/bin/pip" install --quiet --retries 1 --timeout 30 --require-hashes \
        --only-binary :all: -r "$1"
}

wants() { [[ " ${groups[*]} " == *" $1 "* ]]; }

((${#groups[@]})) || groups=(build)
install_packages
if wants build; then lay_out_llama; fi
if wants test; then
    npm_folder sdk
    npm_folder agents
    node_for_tests
fi
if wants bench; then
    npm_folder bench
    node_for_tests
fi
if wants bench-gateways; then
    for gateway in smg ferrogw litellm; do pypi_gateway "$gateway"; done
fi
if [[ $missing_found ]]; then exit 1; fi
