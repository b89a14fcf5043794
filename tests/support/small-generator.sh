#!/bin/busybox sh
# SPDX-License-Identifier: LGPL-2.1-or-later
# A small initramfs generator for the tests, called as mkinitramfs is: -o IMAGE RELEASE. It really makes an image,
# a cpio archive of the modules that /etc/small-generator/modules names, as the module index resolves them, and of
# modprobe.d. /etc/small-generator/fault says what shall go wrong.
set -e
image=$2 release=$3 build=/tmp/build-$3
echo "$release" >>/var/log/small-generator
fault=$(cat /etc/small-generator/fault)
case $fault in
fail)
    echo "There is no tape in the drive." >&2
    exit 3
    ;;
hang-once)
    : >/etc/small-generator/fault
    sleep 1000
    ;;
hang) sleep 1000 ;;
nothing) exit 0 ;;
esac
rm -rf "$build"
mkdir -p "$build/lib/modules/$release" "$build/etc"
[ "$fault" = unblocked ] || cp -r /etc/modprobe.d "$build/etc/"
while read -r module; do
    [ "$fault" != lacks ] || continue
    line=$(grep "/$module.ko" "/lib/modules/$release/modules.dep" | head -n 1)
    path=${line%%:*}
    [ -n "$path" ] || continue
    [ "$fault" != other ] || path=$(cat /etc/small-generator/other)
    mkdir -p "$build/lib/modules/$release/${path%/*}"
    cp -L "/lib/modules/$release/$path" "$build/lib/modules/$release/$path"
    echo "$path:" >>"$build/lib/modules/$release/modules.dep"
done </etc/small-generator/modules
(cd "$build" && find . | cpio -o -H newc) >"$image"
rm -rf "$build"
