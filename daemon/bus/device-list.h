/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The devices that drivers cover or drive, with the versions that cover each. A value, no bus. */
#pragma once

#include "registry/registry.h"

/* A version, by the positions of its driver in the registry and in that driver's versions. */
typedef struct DeviceCandidate {
        uint32_t entry;
        uint32_t version;
} DeviceCandidate;

/* Those of one modalias. */
typedef struct CandidateList {
        DeviceCandidate *items;
        size_t count;
} CandidateList;

typedef struct DeviceRow {
        const char *path;     /* "/sys/devices/…" */
        const char *modalias; /* NULL if it has none */
        const CandidateList *covered_by;
        bool is_driven; /* by the module of a driver in scope */
} DeviceRow;

typedef struct DeviceList {
        Hardware *hardware;
        CandidateList *candidates; /* one for each modalias of the hardware */
        DeviceRow *rows;           /* by path */
        size_t count;
} DeviceList;

/* Reads the devices anew, and looks up which versions cover them. NAMES are canonical names of drivers;
 * empty means all. The list holds only as long as the registry isn't refreshed. 0, or a negative errno. */
int device_list_read(const Registry *registry, const StringSet *names, DeviceList *ret) WARN_UNUSED
                NONNULL(1, 2, 3);
void device_list_done(DeviceList *list) NONNULL(1);
#define CLEANUP_DEVICE_LIST CLEANUP(device_list_done)
