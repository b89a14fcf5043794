/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The hardware that this host has, as modaliases, and which devices a module file covers. Read only. */
#pragma once

#include "host/module/module-file.h"
#include "host/root.h"
#include "host/tree/catalogue.h"
#include "host/tree/tree.h"
#include "util/string-set.h"

typedef struct Hardware Hardware;

/* What says which devices a version's module file is for: its aliases, and the PCI ids that its tree has for
 * that module. All borrowed. */
typedef struct DeviceClaim {
        const ModuleFile *file;
        const TreeInfo *info; /* may be NULL */
        const char *module;   /* canonical */
} DeviceClaim;

DeviceClaim device_claim_of_file(const CatalogueFile *file) NONNULL(1);

/* Whether the claim is on devices that are there before any driver is: then a host without them has no such
 * hardware. Those of the auxiliary bus and the like are made by other drivers, and platform devices by
 * anyone. A claim on nothing is on no such device. */
bool device_claim_is_on_hardware(const DeviceClaim *claim) NONNULL(1);

/* Reads the modalias of every device of every bus in sysfs, and of the classes whose devices have one: all
 * that udev loads modules for. A host without /sys has no devices. */
int hardware_read(const HostRoot *root, Hardware **ret) WARN_UNUSED NONNULL(1, 2);
Hardware *hardware_free(Hardware *hardware);
DEFINE_CLEANUP(Hardware, hardware_free)

/* How many distinct modaliases there are. */
size_t hardware_count(const Hardware *hardware) NONNULL(1);

/* The modalias at POSITION as the kernel has it, and the sysfs paths ("/sys/devices/…") of its devices. */
const char *hardware_modalias(const Hardware *hardware, size_t position) NONNULL(1);
const StringSet *hardware_devices_at(const Hardware *hardware, size_t position) NONNULL(1);

/* Sets MARKS, hardware_count() of them and all false, at the positions of the modaliases that CLAIM covers.
 * Returns whether there are any.
 *
 * A pattern matches as depmod and libkmod do it (alias_normalize() in shared/util.c and index_searchwild()
 * in libkmod/libkmod-index.c of kmod 30): "-" is "_" but within brackets; a pattern with a bracket that
 * isn't closed or opened is none; up to the first of "*?[" all bytes are themselves, even "\"; the rest is
 * for fnmatch(3) without flags. */
bool hardware_match(const Hardware *hardware, const DeviceClaim *claim, bool marks[]) NONNULL(1, 2);

/* A number that differs, as good as surely, if CLAIM covers other devices; 0 if it covers none. -ENOMEM. */
int hardware_fingerprint(const Hardware *hardware, const DeviceClaim *claim, uint64_t *ret) WARN_UNUSED
                NONNULL(1, 2, 3);

/* Adds the sysfs paths of the devices that CLAIM covers. 0 or -ENOMEM. */
int hardware_devices(const Hardware *hardware, const DeviceClaim *claim, StringSet *ret) WARN_UNUSED
                NONNULL(1, 2, 3);
