/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The configuration that depmod would read for one kernel release (depmod.d(5)). It reads only; what it
 * means, is the model's. */
#pragma once

#include <stdint.h>

#include "host/root.h"

/* Where depmod looks for *.conf, by precedence; of files of one name the first counts (depmod.d(5)). The
 * last two are one where /lib is a link. */
#define DEPMOD_DIRECTORY_COUNT 5
extern const char *const depmod_directories[DEPMOD_DIRECTORY_COUNT];

typedef enum DepmodSearchKind {
        DEPMOD_SEARCH_DIRECTORY,
        DEPMOD_SEARCH_BUILT_IN, /* all directories that no other entry names */
        DEPMOD_SEARCH_EXTERNAL, /* the external directories */
} DepmodSearchKind;

typedef struct DepmodSearch {
        DepmodSearchKind kind;
        char *directory; /* relative to the module directory; "" for the other kinds */
        char *file;      /* that says so; "" if none does, since depmod begins with one by itself */
        unsigned line;   /* of it, from 1 on; likewise below */
} DepmodSearch;

/* An override line for this release. */
typedef struct DepmodOverride {
        char *path; /* "DIRECTORY/NAME", NAME without an ending, as depmod compares it */
        char *file; /* that says so: "/etc/depmod.d/zz-hostdriver.conf" */
        unsigned line;
} DepmodOverride;

/* A directory that is passed over, or one outside of the module directory that is searched, too. */
typedef struct DepmodDirectory {
        char *name;
        char *file; /* as above */
        unsigned line;
} DepmodDirectory;

/* Everything in the order in which depmod reads it: of searches and externals the first one counts most, of
 * overrides the last one. */
typedef struct DepmodConfig {
        DepmodSearch *searches; /* never empty: without any line, "updates" */
        size_t search_count;
        DepmodOverride *overrides;
        size_t override_count;
        uint32_t *by_path;          /* positions of overrides by path, then position; NULL: not ordered */
        DepmodDirectory *externals; /* absolute; those for this release */
        size_t external_count;
        DepmodDirectory *excludes; /* bare names, wherever they lie */
        size_t exclude_count;
} DepmodConfig;

/* Reads the files of the directories that depmod knows (kmod-config.h), beneath the root. What depmod
 * ignores is ignored. 0 or -ENOMEM. */
int depmod_config_read(const HostRoot *root, const char *release, DepmodConfig *ret) WARN_UNUSED
                NONNULL(1, 2, 3);

/* The same, as it will be when our override file holds TEXT; "": when it isn't there. */
int depmod_config_foresee(const HostRoot *root, const char *release, const char *text,
                DepmodConfig *ret) WARN_UNUSED NONNULL(1, 2, 3, 4);

/* The override that counts for the file at PATH, relative to the module directory: the last one that names
 * it, without its ending and letter for letter. NULL: none. Borrowed. */
const DepmodOverride *depmod_config_override(const DepmodConfig *config, const char *path) NONNULL(1, 2);

/* Adds what TEXT says, the content of FILE. 0 or -ENOMEM. */
int depmod_config_parse(DepmodConfig *config, const char *release, const char *file,
                const char *text) WARN_UNUSED NONNULL(1, 2, 3, 4);
void depmod_config_done(DepmodConfig *config) NONNULL(1);
#define CLEANUP_DEPMOD_CONFIG CLEANUP(depmod_config_done)
