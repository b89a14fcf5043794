# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# The Debian packages that the project needs, and how to get them. Sourced, after common.sh.
# shellcheck disable=SC2034 # the lists are for those who source this

# To build the service and the client, as README.md lists them.
packages_build=(gcc libc6-dev pkgconf meson ninja-build libsystemd-dev libkmod-dev libelf-dev libarchive-dev
        libsqlite3-dev libjansson-dev uuid-dev)

# To run it: depmod, the bus, polkit.
packages_run=(kmod dbus-daemon polkitd)

# To try it out: module files are made with what the tests use.
packages_try=(libglib2.0-dev dbus-bin mount util-linux)

# To test it: GLib, module files, oracles, checkers.
packages_test=(libglib2.0-dev scdoc systemd sqlite3 mount util-linux xz-utils zstd clang clang-format valgrind
        shellcheck codespell busybox-static dosfstools exfatprogs exfat-fuse ntfs-3g rpm)

# For the tests in a real kernel: the Debian package, the image, the emulator, modules built outside the tree.
packages_vm=(dpkg-dev debhelper lintian mmdebstrap e2fsprogs qemu-system-x86 kmod gcc-12 make binutils libelf1
        libssl3)

# For the package in clean Debian releases.
packages_distributions=(mmdebstrap debian-archive-keyring util-linux)

# packages_missing NAME…: those that aren't installed, one a line.
packages_missing() {
        local name
        for name; do
                # "${…}" is for dpkg-query, not for the shell.
                # shellcheck disable=SC2016
                [ "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null)" = installed ] || say "$name"
        done
}

# packages_require INSTALL NAME…: with INSTALL=yes gets what is missing by apt-get, as root or through sudo;
# else, or if that can't be, names what is missing and fails.
packages_require() {
        local install=$1 log status=0
        local -a missing as_root=()
        shift

        have dpkg-query || { complain "this isn't a Debian system: install the counterparts of $* yourself"; return 1; }
        mapfile -t missing < <(packages_missing "$@")
        [ "${#missing[@]}" -eq 0 ] && return 0

        if [ "$install" != yes ]; then
                complain "missing packages: ${missing[*]}"
                complain "install them with: apt-get install --no-install-recommends ${missing[*]}"
                return 1
        fi
        if [ "$(id -u)" -ne 0 ]; then
                if ! have sudo || ! sudo -n true 2>/dev/null; then
                        complain "missing packages: ${missing[*]}"
                        complain "only root can install them: run this as root, or where sudo asks for no password"
                        return 1
                fi
                as_root=(sudo -n)
        fi
        log=$(mktemp)
        say "Installing ${#missing[@]} packages: ${missing[*]}"
        run_quietly "$log" "${as_root[@]}" apt-get -q update &&
                run_quietly "$log" "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
                        apt-get -q -y install --no-install-recommends "${missing[@]}" || status=1
        rm -f "$log"
        return "$status"
}
