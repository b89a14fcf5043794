# SPDX-License-Identifier: LGPL-2.1-or-later
# What the scripts on the host's side of the VM tests share: where things are kept, and how a build ends up
# there whole or not at all. Sourced; it must not do anything by itself.
# shellcheck shell=bash disable=SC2034

set -euo pipefail
export LC_ALL=C DEBIAN_FRONTEND=noninteractive PATH="$PATH:/usr/sbin:/sbin"

vm_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
source_dir=$(cd "$vm_dir/../.." && pwd)
# Packages and images live outside the tree: a git clean keeps them, and they never get into a commit.
cache=${HOSTDRIVER_VM_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/hostdriver-vm}
debian_release=bookworm

note() {
        echo "# $*" >&2
}

die() {
        echo "${0##*/}: $*" >&2
        exit 1
}

# skip REASON…: what meson and automake understand as "could not be run".
skip() {
        echo "1..0 # SKIP $*"
        echo "${0##*/}: skipped: $*" >&2
        exit 77
}

require_tools() {
        local tool
        [ "$(id -u)" = 0 ] || skip "building the image takes root (chroot, device nodes)"
        [ "$(uname -m)" = x86_64 ] || skip "the VM is an x86-64 one"
        for tool in "$@"; do
                command -v "$tool" >/dev/null || skip "the program '$tool' is not installed"
        done
}

# apt_sources: the machine's own, so that no address stands in the tree.
apt_sources() {
        find /etc/apt -maxdepth 2 \( -name sources.list -o -path '*/sources.list.d/*.list' \
                -o -path '*/sources.list.d/*.sources' \) -size +0
}

# source_files: the files of the tree as it stands, committed or not, with NUL behind each.
source_files() {
        cd "$source_dir"
        if [ -e .git ] && git rev-parse 2>/dev/null; then
                git ls-files -z --cached --others --exclude-standard
        else
                find . -type f -not -path './build*' -not -path './.git/*' -print0
        fi | while IFS= read -r -d '' file; do
                [ ! -f "$file" ] || printf '%s\0' "$file"
        done | sort -z
}

# What answers of the package index hold for: it changes when apt-get update brings something new.
index_key() {
        find /etc/apt /var/lib/apt/lists -type f -printf '%p %T@\n' 2>/dev/null | sort | key_of
}

# take VARIABLE BUILDER: what the builder prints; if it skips or fails, so do we.
take() {
        local output status=0
        output=$("$vm_dir/$2") || status=$?
        if [ "$status" != 0 ]; then
                echo "$output"
                exit "$status"
        fi
        printf -v "$1" %s "$output"
}

# key_of: one short key of all that is read from standard input.
key_of() {
        sha256sum | cut -c1-16
}

# publish TEMPORARY FINAL: what others find under a name in the cache is complete.
publish() {
        rm -rf "$2"
        mv -T "$1" "$2"
}

# keep_newest COUNT PATTERN: ends what earlier runs left, but for the most recently used ones.
keep_newest() {
        local count=$1 old
        shift
        # The names are ours: no blanks in them.
        # shellcheck disable=SC2012
        ls -1dt "$@" 2>/dev/null | tail -n +$((count + 1)) | while read -r old; do
                rm -rf "$old"
        done
}

# with_lock NAME: until the end of this script; two test runs share one cache.
with_lock() {
        mkdir -p "$cache"
        exec 9>"$cache/.lock-$1"
        flock 9
}
