/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What selections stand on disk: links in updates/, our override file, our modprobe.d files. It reads only.
 */
#pragma once

#include "host/root.h"
#include "host/tree/catalogue.h"

#define OVERRIDE_FILE_PATH "/etc/depmod.d/zz-hostdriver.conf"
#define BLOCK_DIRECTORY "/etc/modprobe.d"

typedef enum UpdateKind {
        UPDATE_VERSION,  /* a link to a file of the catalogue */
        UPDATE_FOREIGN,  /* a link to a regular file beneath the module directory that no tree knows */
        UPDATE_OUTSIDE,  /* a link that leads out of the module directory */
        UPDATE_DANGLING, /* a link to nothing, or a loop of links */
        UPDATE_REGULAR,  /* a regular file: somebody else's */
        UPDATE_OTHER,    /* a directory, FIFO, socket or device of a module file's name */
} UpdateKind;

/* An entry of updates/ itself (not below it) that has a module file's name. */
typedef struct UpdateEntry {
        char *file;   /* its name */
        char *module; /* canonical */
        UpdateKind kind;
        bool absolute; /* the link's text begins with a slash */
        char *target;  /* the link's text; "" if no link */
        char *path;    /* UPDATE_VERSION and UPDATE_FOREIGN: the file it leads to, relative to the module
                          directory */
} UpdateEntry;

/* A line `override MODULE ^RELEASE$ DIRECTORY` of our own override file. */
typedef struct OverrideEntry {
        char *module;    /* raw spelling of the module file */
        char *release;   /* plain again, without anchors and brackets */
        char *directory; /* relative to the module directory */
} OverrideEntry;

typedef struct OverrideList {
        OverrideEntry *items; /* by release, then module, "-" taken as "_" (strcmp) */
        size_t count;
} OverrideList;

typedef struct ReleaseSelection {
        char *release;
        UpdateEntry *updates; /* by module, then file name (strcmp) */
        size_t update_count;
} ReleaseSelection;

typedef struct Selection {
        ReleaseSelection *releases; /* the catalogue's releases, in its order */
        size_t release_count;
        OverrideList overrides;
        StringSet edited_overrides; /* modules with lines in our override file that we didn't write so */
        StringSet blocked;          /* modules that our modprobe.d file keeps from loading */
        StringSet edited_blocks;    /* modules whose file doesn't say that and no more: blocked or not */
        bool override_file_foreign; /* the file is there, but holds lines of another kind */
} Selection;

int selection_read(const HostRoot *root, const Catalogue *catalogue, Selection **ret) WARN_UNUSED
                NONNULL(1, 2, 3);
Selection *selection_free(Selection *selection);
DEFINE_CLEANUP(Selection, selection_free)

const ReleaseSelection *selection_release(const Selection *selection, const char *release) NONNULL(1, 2);

/* The next entry of updates/ for MODULE behind PREVIOUS, or the first one if that is NULL. */
const UpdateEntry *update_entry_next(const ReleaseSelection *selection, const char *module,
                const UpdateEntry *previous) NONNULL(1, 2);

/* The override of a module (compared as canonical names) in a release, or NULL. */
const OverrideEntry *override_list_find(const OverrideList *list, const char *release, const char *module)
                NONNULL(1, 2, 3);

/* Parses the text of the override file. Lines that override_list_format() wouldn't write, but for comments,
 * are passed over. If they begin with `override MODULE`, its canonical name is added to RET_EDITED, unless
 * that is NULL; all others set *ret_foreign. Of two lines for one module and release the last one counts. */
int override_list_parse(const char *text, OverrideList *ret, StringSet *ret_edited,
                bool *ret_foreign) WARN_UNUSED NONNULL(1, 2, 4);

/* Adds or replaces (DIRECTORY not NULL) or removes (NULL) one line. MODULE is the raw spelling of the module
 * file. 0, -ENOMEM, or -EINVAL if the line can't be written: depmod.d knows no way to quote blanks and
 * backslashes, and a name with a control character or ".." is refused. */
int override_list_set(OverrideList *list, const char *release, const char *module,
                const char *directory) WARN_UNUSED NONNULL(1, 2, 3);

/* The whole file's text, header and all; the caller frees it. Releases are written as an anchored ERE with
 * each special character in brackets: "^4[.]19[.]0[+]1$". depmod reads them unanchored and eats
 * backslashes (measured with kmod 30). */
int override_list_format(const OverrideList *list, char **ret) WARN_UNUSED NONNULL(1, 2);
void override_list_done(OverrideList *list) NONNULL(1);

/* "hostdriver-MODULE.conf"; the caller frees it. */
int block_file_name(const char *module, char **ret) WARN_UNUSED NONNULL(1, 2);

/* Adds the modules that have such a file, whatever it says. 0 or -ENOMEM; what can't be read is none. */
int blocks_read(const HostRoot *root, StringSet *ret) WARN_UNUSED NONNULL(1, 2);

/* What keeps modprobe from loading a module (modprobe.d(5)). */
#define BLOCK_COMMAND "/bin/false"
/* And what keeps soft dependencies from defeating that: none. */
#define BLOCK_SOFTDEP "pre:"

/* What the text of such a file says. */
typedef struct BlockJudgement {
        bool blocks; /* it keeps the module from loading: `install MODULE /bin/false` */
        bool edited; /* it doesn't say that, `blacklist MODULE` and `softdep MODULE pre:`, in any order and
                        once each, or says more */
        bool installs, blacklists, softens; /* has such a line */
} BlockJudgement;

/* Reads TEXT as libkmod 30 does. 0 or -ENOMEM. */
int block_text_judge(const char *text, const char *module, BlockJudgement *ret) WARN_UNUSED NONNULL(1, 2, 3);

/* Adds the modules whose file keeps them from loading, and those whose file was edited, or can't be read. 0
 * or -ENOMEM. */
int blocks_judge(const HostRoot *root, StringSet *ret_blocked, StringSet *ret_edited) WARN_UNUSED
                NONNULL(1, 2, 3);

/* The canonical name of the module that such a file is of. The caller frees *ret. -EINVAL if FILE is no name
 * of ours, -ENOMEM. */
int block_file_module(const char *file, char **ret) WARN_UNUSED NONNULL(1, 2);
