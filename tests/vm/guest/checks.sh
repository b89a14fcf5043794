# SPDX-License-Identifier: LGPL-2.1-or-later
# The words in which cases say what must be true. A check that isn't so ends the case; it must not be possible
# to pass one by not reaching it. Sourced by the runner.
# shellcheck shell=bash disable=SC2154 disable=SC2034

# result TEXT: the one line that the host looks for; it is through the wire when this returns.
judged=
result() {
        judged=yes
        echo "RESULT $*"
        stty -F /dev/ttyS1 raw # sets the terminal once its output has drained
}

# evidence: what a person wants to see of a host where something went wrong.
evidence() {
        local path
        echo "# --- what the host looks like"
        for path in /etc/depmod.d/zz-hostdriver.conf /etc/modprobe.d/hostdriver-*.conf; do
                [ ! -e "$path" ] || { echo "# $path:"; sed 's/^/#   /' "$path"; }
        done
        find /lib/modules/*/updates -mindepth 1 -printf '#   %p -> %l\n'
        echo "# $unit:"
        journalctl --no-pager -o short-monotonic -u "$unit" -u "$early_unit" -n 40 2>/dev/null | sed 's/^/#   /'
        echo "# kernel:"
        dmesg | tail -n 15 | sed 's/^/#   /'
}

fail() {
        local text="$*"
        trap - ERR EXIT
        set +eE
        # A command substitution may be what failed: this goes past whoever wants its output.
        exec >&3
        echo "not ok - ${text//$'\n'/ | }"
        evidence
        result "fail"
        echo b > /proc/sysrq-trigger
        sleep infinity
}

unexpected() {
        fail "the command '$1' failed in ${3// / < }, line $2"
}

passed() {
        local text="$*"
        echo "ok - ${text//$'\n'/ | }"
}

# same WHAT ACTUAL EXPECTED
same() {
        [ "$2" = "$3" ] || fail "$1: is '$2', not '$3'"
        passed "$1: ${3:-nothing}"
}

differ() {
        [ "$2" != "$3" ] || fail "$1: both are '$2'"
        passed "$1"
}

# works WHAT COMMAND…: its output is shown only if it fails.
works() {
        local what=$1 output status=0
        shift
        output=$("$@" 2>&1 < /dev/null) || status=$?
        [ "$status" = 0 ] || fail "$what: '$*' ended with $status: $output"
        passed "$what"
}

# refuses WHAT STATUS TEXT COMMAND…: it ends with that status, and its output holds the text.
refuses() {
        local what=$1 wanted=$2 text=$3 output status=0
        shift 3
        output=$("$@" 2>&1 < /dev/null) || status=$?
        [ "$status" = "$wanted" ] || fail "$what: '$*' ended with $status, not $wanted: $output"
        [[ "$output" == *"$text"* ]] || fail "$what: '$*' says '$output' and not '$text'"
        passed "$what"
}

# exists WHAT PATH, missing WHAT PATH
exists() {
        [ -e "$2" ] || [ -L "$2" ] || fail "$1: there is no $2"
        passed "$1"
}

missing() {
        if [ -e "$2" ] || [ -L "$2" ]; then
                fail "$1: there is a $2"
        fi
        passed "$1"
}

# What is to happen within a second may take some more where a busy machine emulates this one.
patience=4

# within SECONDS WHAT EXPECTED COMMAND…: what the command prints becomes what is expected; how long it took is
# said. For what happens by itself; what was asked for must be so when the answer is there.
within() {
        local seconds=$(($1 * patience)) what=$2 expected=$3 actual start end now
        shift 3
        start=${EPOCHREALTIME/./}
        end=$((start + seconds * 1000000))
        while true; do
                actual=$("$@" 2>&1 < /dev/null) || true
                now=${EPOCHREALTIME/./}
                [ "$actual" != "$expected" ] || break
                [ "$now" -lt "$end" ] || fail "$what: is '$actual' and not '$expected' after $seconds s"
                sleep 0.05
        done
        passed "$what: $expected (after $(((now - start) / 1000)) ms)"
}
