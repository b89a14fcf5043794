# SPDX-License-Identifier: LGPL-2.1-or-later
# The virtual machine, for those who boot it. Sourced after host.sh; it must not do anything by itself.
# shellcheck shell=bash disable=SC2034

# Under emulation a second processor costs more than it gives: the host's other one has a machine of its own.
accel=${HOSTDRIVER_VM_ACCEL:-tcg}
boot_timeout=${HOSTDRIVER_VM_TIMEOUT:-600}
case_disk_size=8M
# Without fast string instructions, since those are emulated byte by byte: the kernel copies by words then.
processor=max,-erms,-fsrm

# kernel_arguments ROOT ARGUMENT…: the command line. Network cards keep the name that the kernel gave them. Nobody
# attacks this host, and its kernel's ciphers are known to be right: what the kernel does about that costs an emulated
# processor more than what is tested.
kernel_arguments() {
        echo "root=$1 rw console=ttyS0 panic=-1 quiet systemd.show_status=0 net.ifnames=0 mitigations=off" \
                "init_on_alloc=0 hardened_usercopy=off randomize_kstack_offset=off lsm= audit=0" \
                "cgroup_disable=memory cryptomgr.notests ${*:2}"
}

# machine CONTROLLER DIRECTORY LOG ARGUMENT…: one QEMU process, until the guest ends it or its time is up. The
# directory has the disks: "disk" with the host's system, "case" with what the guest is to do, and "spare",
# empty. They hang on NVMe controllers, which Debian's kernel has built in, or on virtio-blk-pci, whose state QEMU can save.
machine() {
        local controller=$1 directory=$2 log=$3
        shift 3
        # The card's only peer is a process of QEMU that echoes: the guest reaches no network.
        timeout --kill-after=5 "$boot_timeout" qemu-system-x86_64 \
                -machine pc -accel "$accel" -cpu "$processor" -smp 1 -m 1024 -nodefaults -display none -no-reboot \
                -serial "file:$log.console" -serial "file:$log.serial" \
                -drive "file=$directory/disk,if=none,id=disk,format=raw" \
                -device "$controller,serial=disk,drive=disk,addr=4" \
                -drive "file=$directory/case,if=none,id=case,format=raw,readonly=on" \
                -device "$controller,serial=case,drive=case,addr=5" \
                -drive "file=$directory/spare,if=none,id=spare,format=raw" \
                -device "$controller,serial=spare,drive=spare,addr=8" \
                -netdev user,id=net,restrict=on,guestfwd=tcp:10.0.2.100:7-cmd:cat \
                -device virtio-net-pci,netdev=net,romfile=,addr=6 -device edu,addr=7 \
                "$@" > "$log.qemu" 2>&1
}

# thaw FROZEN DIRECTORY LOG KERNEL: goes on with the machine that build-frozen saved, on a copy of its disk.
thaw() {
        machine virtio-blk-pci "$2" "$3" -monitor none -incoming "exec:zstd -qdc $1/state" \
                -kernel "$4" -initrd "$1/initrd" -append "$(kernel_arguments /dev/vda hdvm.freeze)"
}
