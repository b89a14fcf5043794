# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# A small host in a directory: one kernel, real module files in several versions, one of them loaded. Sourced,
# after common.sh.

sample_kernel=6.1.0-hostdriver

# sample_module MAKE-MODULE ROOT PATH VERSION DESCRIPTION [ALIAS]: a module file below the module directory.
sample_module() {
        local make_module=$1 file=$2/usr/lib/modules/$sample_kernel/$3 version=$4
        local -a more=()
        [ -n "${6:-}" ] && more=(--alias "$6")
        case $3 in
        kernel/*) ;;
        *) more+=(--note "$version") ;;
        esac
        mkdir -p "${file%/*}"
        "$make_module" --version "$version" --description "$5" --build-id "$(printf '%s' "$3" | sha1sum | cut -c1-40)" \
                --vermagic "$sample_kernel SMP preempt mod_unload modversions " "${more[@]}" "$file"
}

# sample_load ROOT MODULE VERSION: as if the kernel had loaded it. A note is sizes, type 1, owner and version,
# each padded to four bytes.
sample_load() {
        local directory=$1/sys/module/$2 version=$3 size
        mkdir -p "$directory/notes"
        size=$((${#version} + 1))
        printf 'live\n' >"$directory/initstate"
        printf '%s\n' "$version" >"$directory/version"
        {
                printf '\012\000\000\000'
                # shellcheck disable=SC2059 # the size as the byte of that number
                printf "\\$(printf %03o "$size")\\000\\000\\000"
                printf '\001\000\000\000XenServer\000\000\000%s\000' "$version"
                head -c $(((4 - size % 4) % 4)) /dev/zero
        } >"$directory/notes/.note.XenServer"
}

# sample_device ROOT NAME MODALIAS: a PCI device.
sample_device() {
        mkdir -p "$1/sys/devices/pci/$2" "$1/sys/bus/pci/devices"
        printf '%s\n' "$3" >"$1/sys/devices/pci/$2/modalias"
        ln -sfn "../../../devices/pci/$2" "$1/sys/bus/pci/devices/$2"
        ln -sfn ../../../bus/pci "$1/sys/devices/pci/$2/subsystem"
}

# sample_root MAKE-MODULE ROOT: ice in two versions and the kernel's own, of which 1.6.4 is selected
# and loaded; and bnx2fc, where 2.12.20-dell is selected.
sample_root() {
        local make_module=$1 root=$2 alias='pci:v00008086d00001592sv*sd*bc*sc*i*'
        local ice='Intel(R) Ethernet Connection E800 Series' bnx='QLogic FCoE Driver'

        mkdir -p "$root"/{etc/depmod.d,etc/modprobe.d,usr/lib/modules/$sample_kernel,sys,var/lib,run}
        ln -sfn usr/lib "$root/lib"
        printf '0123456789abcdef0123456789abcdef\n' >"$root/etc/machine-id"
        touch "$root/usr/lib/modules/$sample_kernel"/modules.{order,builtin,builtin.modinfo}
        sample_module "$make_module" "$root" kernel/drivers/net/ethernet/intel/ice/ice.ko 1.0 "$ice" "$alias"
        sample_module "$make_module" "$root" xenserver/intel-ice/1.6.4/ice.ko 1.6.4 "$ice" "$alias"
        sample_module "$make_module" "$root" xenserver/intel-ice/1.11.17.1/ice.ko 1.11.17.1 "$ice" "$alias"
        sample_module "$make_module" "$root" xenserver/bnx2fc/2.12.13/bnx2fc.ko 2.12.13 "$bnx"
        sample_module "$make_module" "$root" xenserver/bnx2fc/2.12.20-dell/bnx2fc.ko 2.12.20-dell "$bnx"
        mkdir -p "$root/usr/lib/modules/$sample_kernel/updates"
        ln -s ../xenserver/intel-ice/1.6.4/ice.ko "$root/usr/lib/modules/$sample_kernel/updates/ice.ko"
        ln -s ../xenserver/bnx2fc/2.12.20-dell/bnx2fc.ko "$root/usr/lib/modules/$sample_kernel/updates/bnx2fc.ko"
        sample_load "$root" ice 1.6.4
        sample_device "$root" 0000:3b:00.0 pci:v00008086d00001592sv00008086sd00000002bc02sc00i00
        /usr/sbin/depmod -b "$root" -C "$root/etc/depmod.d" "$sample_kernel"
}
