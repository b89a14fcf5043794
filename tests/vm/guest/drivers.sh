# SPDX-License-Identifier: LGPL-2.1-or-later
# What the kernel and kmod say about the sample drivers, and how their files get to where an administrator's
# package manager would put them. Asks nothing of the service. Sourced by the runner.
# shellcheck shell=bash disable=SC2034

kernel=$(uname -r)
modules=/lib/modules/$kernel
# Where the image keeps every version: RELEASE/PACKAGE/VERSION/MODULE.ko
stock=/usr/share/hdvm/drivers

other_kernel() {
        local path
        for path in /lib/modules/*; do
                [ "${path##*/}" = "$kernel" ] || echo "${path##*/}"
        done
}

# install_driver PACKAGE VERSION [RELEASE]: whole or not at all, as package managers do.
install_driver() {
        local tree=/lib/modules/${3:-$kernel}/xenserver
        mkdir -p "$tree/$1"
        cp -r "$stock/${3:-$kernel}/$1/$2" "$tree/$1/.new-$2"
        mv "$tree/$1/.new-$2" "$tree/$1/$2"
}

# install_all PACKAGE…: every version, as one package manager's run brings them.
install_all() {
        local package
        for package; do
                cp -r "$stock/$kernel/$package" "$modules/xenserver/.new-$package"
                mv "$modules/xenserver/.new-$package" "$modules/xenserver/$package"
        done
        depmod
}

loaded() {
        local name _
        while read -r name _; do
                [ "$name" != "$1" ] || { echo yes; return; }
        done < /proc/modules
        echo no
}

# udev looks at the card of hdsolo as if it had just been plugged in; at what it may load, the service has told it to
# look anew.
replug() {
        udevadm trigger --settle --action=add /sys/bus/pci/devices/0000:00:07.0
}

# The version in the vendor's note of the loaded module: after three words of 4 bytes and the name's 12, and padded
# by NULs.
active_note() {
        local -a parts
        local version='' part
        mapfile -t -d '' parts < "/sys/module/$1/notes/.note.XenServer"
        for part in "${parts[@]}"; do
                version=${part:-$version}
        done
        echo "$version"
}

hex() {
        od -An -v -tx1 | tr -d ' \n'
}

# Of a module file: the note is among its first sections, and found by its header: sizes 4 and 20, type 3, "GNU".
file_build_id() {
        local header=040000001400000003000000474e5500 contents
        contents=$(head -c 4096 "$1" | hex)
        contents=${contents#*"$header"}
        echo "${contents:0:40}"
}

loaded_build_id() {
        tail -c +17 "/sys/module/$1/notes/.note.gnu.build-id" | hex
}

# The file that modprobe takes by that name, relative to the module directory; links aren't followed.
resolved() {
        local path
        path=$(modinfo -k "${2:-$kernel}" -n "$1" 2>/dev/null) || return 0
        echo "${path#/lib/modules/"${2:-$kernel}"/}"
}

link_of() {
        readlink "/lib/modules/${2:-$kernel}/updates/$1.ko" || true
}

# What a version's link says, and what modprobe resolves to when that version is selected.
link_to() {
        echo "../xenserver/$1/$2/$3.ko"
}

card_driver() {
        basename "$(readlink -f "/sys/class/net/$1/device/driver/module")"
}

# carries_traffic WHAT: a word goes to the peer behind the card and comes back.
carries_traffic() {
        local word=word-$RANDOM answer=
        ip link set eth0 up
        ip address replace 10.0.2.15/24 dev eth0
        # shellcheck disable=SC2016 # for the inner shell
        answer=$(timeout 20 bash -c 'exec 3<>/dev/tcp/10.0.2.100/7 && echo "$0" >&3 && head -n 1 <&3' "$word") || true
        same "traffic by $1" "$answer" "$word"
}
