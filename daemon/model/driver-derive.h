/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the parts of driver_derive() share. Private to the model room. */
#pragma once

#include "model/driver.h"

/* A driver that is being made. Everything but the driver is borrowed from the facts. */
typedef struct Derivation {
        const Facts *facts;
        size_t module; /* position in facts->catalogue->modules */
        const char *name;
        const LoadedModule *loaded;
        const WantedVersion *wanted; /* what was last wanted, release by release */
        size_t wanted_count;
        const StringSet *settling; /* releases that a job is about to settle; NULL: none */
        Driver *driver;
} Derivation;

/* Each part fills its own fields of the driver; all but the problems come from facts and the parts before
 * it. 0 or -ENOMEM; on an error the driver is freed by the caller. */
int driver_derive_versions(const Derivation *derivation) WARN_UNUSED NONNULL(1);
int driver_derive_selected(const Derivation *derivation) WARN_UNUSED NONNULL(1);
int driver_derive_active(const Derivation *derivation) WARN_UNUSED NONNULL(1);
int driver_derive_file_problems(const Derivation *derivation) WARN_UNUSED NONNULL(1);
int driver_derive_selection_problems(const Derivation *derivation) WARN_UNUSED NONNULL(1);
int driver_derive_modprobe_problems(const Derivation *derivation) WARN_UNUSED NONNULL(1);
int driver_derive_initramfs(const Derivation *derivation) WARN_UNUSED NONNULL(1);
int driver_derive_package_problems(const Derivation *derivation) WARN_UNUSED NONNULL(1);

/* Whether the module is a part of the running kernel. */
bool derivation_is_builtin(const Derivation *derivation) NONNULL(1);

/* Whether a job is about to make what a boot or a load gets in RELEASE agree with the selection. */
bool derivation_is_settling(const Derivation *derivation, const char *release) NONNULL(1, 2);

/* Compares what was last wanted in the release at POSITION with what stands there. 1 if they differ, with an
 * item added to the driver's drifts; 0 if not, or if nothing can be said; -ENOMEM. */
int drift_find(const Derivation *derivation, size_t position) WARN_UNUSED NONNULL(1);

/* The version that FILE (of any release) belongs to, or NULL. */
const DriverVersion *driver_version_of_file(const Driver *driver, const CatalogueFile *file) NONNULL(1, 2);

/* What is selected for a module in one release, and by what. All borrowed from the facts; NULL: nothing. */
typedef struct SelectedFile {
        bool blocked;                /* our modprobe.d file forbids to load it: deselected */
        bool kept;                   /* from loading: by that, or by an install line of anybody's */
        const UpdateEntry *link;     /* the valid link of updates/ that counts */
        const CatalogueFile *linked; /* the file that it leads to */
        const OverrideEntry *override;
        bool override_edited; /* our override file has lines of the module that we didn't write so */
        bool block_edited;    /* and likewise the modprobe.d file */
        const CatalogueFile *overridden; /* the file of the override's directory; NULL if none is there */
        const CatalogueFile *kernel;     /* the kernel tree's file, if the index resolves to it */
} SelectedFile;

/* Reads back the selection of any module, MODULE being its position in the catalogue (design, section 5). */
SelectedFile selected_file(const Facts *facts, size_t release, size_t module) NONNULL(1);

/* Which of these files counts: the link's, else the override's, else the kernel tree's. NULL if none. */
const CatalogueFile *selected_file_winner(const SelectedFile *selected) NONNULL(1);
