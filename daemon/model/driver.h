/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The driver as a value: what D-Bus publishes of one, derived from facts alone. Never changed once made. */
#pragma once

#include "host/facts.h"
#include "model/drift.h"
#include "model/problem.h"

/* One version of a driver, over all kernel releases that have it. */
typedef struct DriverVersion {
        char *id; /* as published: directory's name, "PACKAGE/VERSION" or "kernel" */
        const Tree *tree;
        char *package;
        char *directory;    /* the version directory's name */
        StringSet releases; /* the kernel releases that have it */
        char *path;       /* of the running release's file, else of the last release that has it: relative */
        ModuleFile *file; /* a reference to that file's metadata */
        TreeInfo *info;   /* what the tree says of it, a reference; NULL if nothing */
        uint64_t covered; /* hardware_fingerprint() of the devices that it covers; 0: none */
        uint64_t kept;    /* differs if udev wouldn't load it for others of them; 0: it would for all */
        bool hardware_missing; /* it is for hardware that this host would show, and doesn't */
} DriverVersion;

/* One kernel release's selection. */
typedef struct DriverRelease {
        char *release;
        char *selected; /* version id or "" */
        bool chosen; /* somebody chose that: by a link, an override or a block; else depmod just picked it */
        bool builtin;    /* the module is a part of that kernel, which loads no file of it */
        bool stood_for;  /* by the kernel's own module, for want of the wanted version, or one that fits */
        char *effective; /* absolute path beneath the root (/lib/modules/…), or "" */
        char *initramfs; /* the path of its image; NULL: there is none, or what it holds isn't known */
        char *in_initramfs;   /* version id inside; "" if none of the known ones; NULL as above */
        bool initramfs_holds; /* any version of it */
        bool initramfs_stale; /* and another than a boot should load: there is a problem */
} DriverRelease;

typedef struct Driver {
        char *name;              /* canonical module name */
        char *package;           /* of the selected version, else the first one by name that ships it */
        DriverVersion *versions; /* ascending by version_compare_total() of the directory, "kernel" first */
        size_t version_count;
        DriverRelease *releases; /* every installed kernel release, by name */
        size_t release_count;
        char *selected;        /* in the running release: version id or "" */
        char *effective;       /* in the running release: absolute path or "" */
        char *active;          /* version id or "" */
        const char *active_by; /* "note", "build-id", "srcversion", "version", "builtin" or ""; static */
        bool loaded;
        bool reboot_required;
        bool hardware_present;
        char *description;
        char *type;
        StringSet devices;   /* sysfs paths of those that the loaded module drives now */
        StringSet uncovered; /* releases with the problem kernel-not-covered: kernel-policy.h */
        DriftList drifts;    /* releases where somebody else changed what was wanted */
        ProblemList problems;
} Driver;

/* The one truth table (design, section 2): loaded, and the active version is not the selected one. Not
 * loaded: the selected version will be loaded on demand. Built into the kernel: a reboot changes nothing, so
 * no. */
bool driver_reboot_required(LoadState state, const char *selected, const char *active) NONNULL(2, 3);

/* Why a reboot is required, as a clause that begins in lower case and ends with a full stop. NULL: no
 * memory, or none is required (driver->reboot_required). The caller frees it. */
char *driver_reboot_reason(const Driver *driver) WARN_UNUSED NONNULL(1);

Driver *driver_free(Driver *driver);
DEFINE_CLEANUP(Driver, driver_free)

/* What its tree calls its version and its status; "" if nothing. Borrowed from VERSION. */
const char *driver_version_told(const DriverVersion *version) NONNULL(1);
const char *driver_version_status(const DriverVersion *version) NONNULL(1);

/* Which devices it is for. Borrowed from both. */
DeviceClaim driver_version_claim(const Driver *driver, const DriverVersion *version) NONNULL(1, 2);

const DriverVersion *driver_version(const Driver *driver, const char *id) NONNULL(1, 2);

/* The version that FILE (of any release) belongs to, or NULL. */
const DriverVersion *driver_version_of_file(const Driver *driver, const CatalogueFile *file) NONNULL(1, 2);

const DriverRelease *driver_release(const Driver *driver, const char *release) NONNULL(1, 2);

/* The catalogue's file of a version in a release; NULL if that release doesn't have it. */
const CatalogueFile *driver_version_file(const Facts *facts, const Driver *driver,
                const DriverVersion *version, const char *release) NONNULL(1, 2, 3, 4);
