/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The hardware that this host has, as modaliases, and whether a module file covers any of it. Read only. */
#pragma once

#include "host/module-file.h"
#include "host/root.h"
#include "util/string-set.h"

typedef struct Hardware Hardware;

/* Reads the modalias of every device of every bus in sysfs. A host without /sys has no devices. */
int hardware_read(const HostRoot *root, Hardware **ret) WARN_UNUSED NONNULL(1, 2);
Hardware *hardware_free(Hardware *hardware);
DEFINE_CLEANUP(Hardware, hardware_free)

/* How many distinct modaliases there are. */
size_t hardware_count(const Hardware *hardware) NONNULL(1);

/* Whether an alias of FILE matches a device's modalias, with fnmatch(3) as libkmod does it. */
bool hardware_covers(const Hardware *hardware, const ModuleFile *file) NONNULL(1, 2);

/* Adds the sysfs paths ("/sys/devices/…") of the devices that FILE covers. 0 or -ENOMEM. */
int hardware_devices(const Hardware *hardware, const ModuleFile *file, StringSet *ret) WARN_UNUSED
                NONNULL(1, 2, 3);
