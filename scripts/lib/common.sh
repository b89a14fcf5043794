# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# What the scripts share: talking to people, and running a step quietly. Sourced; changes nothing by itself.

project_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
        bold=$'\033[1m' green=$'\033[32m' red=$'\033[31m' yellow=$'\033[33m' plain=$'\033[0m'
else
        bold='' green='' red='' yellow='' plain=''
fi
export bold green red yellow plain

say() {
        printf '%s\n' "$*"
}

complain() {
        printf '%s: %s\n' "${0##*/}" "$*" >&2
}

die() {
        complain "$@"
        exit 1
}

have() {
        command -v "$1" >/dev/null 2>&1
}

# run_quietly LOG COMMAND…: output goes to LOG; shown, to the last 200 lines, only if the command fails.
run_quietly() {
        local log=$1 status=0
        shift
        "$@" >"$log" 2>&1 </dev/null || status=$?
        if [ "$status" -ne 0 ]; then
                {
                        printf -- '--- %s ended with status %s; its last lines:\n' "$*" "$status"
                        tail -n 200 "$log"
                        printf -- '--- the whole log is in %s\n' "$log"
                } >&2
        fi
        return "$status"
}

# build_targets: what build_profile builds; nothing: everything.
build_targets=()

# build_profile DIRECTORY LOG MESON-ARGUMENT…: sets up once, then builds. Two jobs unless JOBS says otherwise.
build_profile() {
        local directory=$1 log=$2
        shift 2
        if [ ! -e "$directory/build.ninja" ]; then
                run_quietly "$log" meson setup "$directory" "$project_root" "$@" || return
        fi
        run_quietly "$log" ninja -C "$directory" -j "${JOBS:-2}" "${build_targets[@]}"
}
