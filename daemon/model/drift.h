/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What somebody else changed of a selection: what was last wanted against what stands. Values; no I/O. */
#pragma once

#include "host/drift-evidence.h"
#include "host/facts.h"

/* What was last wanted of a driver in one kernel release. */
typedef struct WantedVersion {
        const char *release;
        const char *version;   /* for driver_version_meant(); "" to be deselected */
        bool may_be_stood_for; /* what was selected last may be the kernel's own module, for want of VERSION
                                */
        const char *build;     /* module_file_identity() of its file then; NULL or "": not known */
} WantedVersion;

typedef enum DriftChange {
        DRIFT_LINK_GONE = 1 << 0,
        DRIFT_LINK_CHANGED = 1 << 1,  /* it leads to something else */
        DRIFT_LINK_REPLACED = 1 << 2, /* something that is no link stands in its place */
        DRIFT_LINK_ADDED = 1 << 3,    /* where there shall be none */
        DRIFT_FILE_ADDED = 1 << 4,    /* something that is no link, likewise */
        DRIFT_OVERRIDE_GONE = 1 << 5,
        DRIFT_OVERRIDE_CHANGED = 1 << 6,
        DRIFT_OVERRIDE_ADDED = 1 << 7,
        DRIFT_BLOCK_GONE = 1 << 8,
        DRIFT_BLOCK_CHANGED = 1 << 9, /* our modprobe.d file of a deselected driver says something else */
        DRIFT_BLOCK_ADDED = 1 << 10,
        DRIFT_INDEX = 1 << 11, /* all that is ours stands, but the index has another file */
} DriftChange;

/* Who did it, by the look of it. */
typedef enum DriftCulprit {
        DRIFT_SOMEBODY,
        DRIFT_DKMS,
        DRIFT_DRIVER_TOOL,  /* of XenServer */
        DRIFT_WEAK_MODULES, /* of Red Hat and SUSE */
        DRIFT_PACKAGE,
        DRIFT_DEPMOD_CONFIG, /* a file of depmod.d that isn't ours */
} DriftCulprit;

/* One driver in one kernel release. */
typedef struct Drift {
        char *release;
        char *wanted;     /* version id; "" to be deselected */
        char *path;       /* of the wanted version's file, relative to the module directory; NULL: none */
        unsigned changes; /* a set of DriftChange, not empty */
        char *file;       /* the name in updates/ that the changes are about; NULL if about none */
        char *target;     /* the text of the link that stands there; NULL if none does */
        char *version;    /* id of the version that it leads to; NULL if to none */
        bool has_driver_tool; /* that version is of a tree with one */
        char *directory; /* of the override line that stands; NULL if none does, or none that we wrote */
        char *effective; /* what the index has, relative to the module directory; NULL: nothing */
        bool blocked;    /* our modprobe.d file keeps it from loading */
        bool same;       /* that is the wanted version's file all the same, or the module is built in */
        bool elsewhere;  /* other releases have other versions selected */
        DriftCulprit culprit;
        char *clue; /* the path, the line of a file or the package that points to the culprit; NULL if none
                     * does
                     */
} Drift;

typedef struct DriftList {
        Drift *items; /* by release */
        size_t count;
} DriftList;

void drift_list_done(DriftList *list) NONNULL(1);

/* Finds out who did it, as far as that can be told, and fills `culprit` and `clue`. 0 or -ENOMEM. */
int drift_blame(Drift *drift, const DriftEvidence *evidence) WARN_UNUSED NONNULL(1, 2);

/* Whether selecting again could bring back what was wanted: nothing of somebody else's is in the way. */
bool drift_can_be_healed(const Drift *drift) NONNULL(1);
