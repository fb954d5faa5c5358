# Shared by dev and tools/*.sh: progress, timing and error messages of steps. Sourced, not run.
# shellcheck shell=bash

if [[ -t 1 ]]; then
    bold=$'\e[1m' dim=$'\e[2m' red=$'\e[31m' green=$'\e[32m' plain=$'\e[0m' tty=1
else
    bold='' dim='' red='' green='' plain='' tty=''
fi

say() { printf '%s\n' "${bold}==>${plain} $*"; }
note() { printf '%s\n' "    $*"; }
good() { printf '%s\n' "    ${green}ok${plain} $*"; }

# fail MESSAGE [REMEDY]: prints an error and a remedy; ends the script.
fail() {
    printf '%s\n' "${red}${bold}error:${plain} $1" >&2
    [[ $# -gt 1 ]] && printf '%s\n' "  try: $2" >&2
    exit 1
}

# step TITLE LOGNAME REMEDY COMMAND...: runs a command with its output in build/log/LOGNAME.log; shows the elapsed
# seconds on a terminal, and the end of the log when the command fails.
step() {
    # shellcheck disable=SC2154  # root: set by the sourcing script
    local title=$1 log=$root/build/log/$2.log remedy=$3 start=$SECONDS pid code=0
    shift 3
    mkdir -p "${log%/*}"
    "$@" >"$log" 2>&1 &
    pid=$!
    if [[ $tty ]]; then
        while kill -0 "$pid" 2>/dev/null; do
            printf '\r    %s %s%ds%s ' "$title" "$dim" $((SECONDS - start)) "$plain"
            sleep 0.2
        done
        printf '\r\e[K'
    else
        note "$title ..."
    fi
    wait "$pid" || code=$?
    if ((code != 0)); then
        tail -n 25 "$log" | sed 's/^/    | /' >&2
        fail "$title failed with exit code $code (all of it: ${log#"$root"/})." "$remedy"
    fi
    good "$title ${dim}$((SECONDS - start))s${plain}"
}
