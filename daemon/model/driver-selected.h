/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is selected in each release, read back from what stands on disk and in the index. */
#pragma once

#include "model/derivation.h"

/* 0 or -ENOMEM; on an error the driver is freed by the caller. */
int driver_derive_selected(const Derivation *derivation) WARN_UNUSED NONNULL(1);

/* What is selected for a module in one release, and by what. All borrowed from the facts; NULL: nothing. */
typedef struct SelectedFile {
        bool blocked;                /* our modprobe.d file forbids to load it: deselected */
        bool kept;                   /* from loading by its name: by that, or by other lines of modprobe.d */
        bool unsupported;            /* what the index names, where supported modules alone are loaded */
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
