/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which module files others have installed so that they are loaded, and which versions were such files once.
 * It reads only. */
#pragma once

#include "change/refusal.h"
#include "host/facts.h"

typedef struct AdoptableFile {
        char *release;
        char *outside; /* relative to the module directory: "updates/ice.ko" */
        char *inside;  /* of a file that was adopted: where it is now; else NULL */
        bool kept;     /* another program's own: see plan_path_is_kept() */
        char *package; /* its DKMS package; NULL: none, or not known */
        ModuleFile *file;
} AdoptableFile;

typedef struct AdoptableList {
        AdoptableFile *items; /* one a release, in the catalogue's order */
        size_t count;
} AdoptableList;

/* The file of MODULE anywhere below updates/, extra/ or weak-updates/, of each release (NULL: of all that
 * have one): the one that the name resolves to. Refused where there is none, where that is another file, and
 * where it is no sound module file. 0, -ECANCELED with a refusal, or a negative errno. */
int adoptable_find(const HostRoot *root, const Facts *facts, const char *module, const StringSet *releases,
                AdoptableList *ret, Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 3, 5, 6);

/* The directory of the version that is selected by an override line, so that FILE isn't what is loaded;
 * NULL: none. Borrowed. */
const char *adoptable_selected_instead(const Facts *facts, const char *module, const AdoptableFile *file)
                NONNULL(1, 2, 3);

/* DKMS's file remains where it was when it is adopted: takes those from LIST that were, or aren't what is
 * loaded for another reason, unless that are all. */
void adoptable_pass_over(const Facts *facts, const char *module, AdoptableList *list) NONNULL(1, 2, 3);

/* The files of MODULE that were adopted and are selected now. As adoptable_find(). */
int adoptable_find_adopted(const HostRoot *root, const Facts *facts, const char *module,
                const StringSet *releases, AdoptableList *ret, Refusal *refusal) WARN_UNUSED
                NONNULL(1, 2, 3, 5, 6);

void adoptable_list_done(AdoptableList *list) NONNULL(1);
#define CLEANUP_ADOPTABLE_LIST CLEANUP(adoptable_list_done)
