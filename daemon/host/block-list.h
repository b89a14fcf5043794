/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Our modprobe.d files, one a deselected module: their names, their text, and those that are there. */
#pragma once

#include "host/root.h"
#include "util/string-set.h"

#define BLOCK_DIRECTORY "/etc/modprobe.d"

/* "hostdriver-MODULE.conf"; the caller frees it. */
int block_file_name(const char *module, char **ret) WARN_UNUSED NONNULL(1, 2);

/* Adds the modules that have such a file, whatever it says. 0 or -ENOMEM; what can't be read is none. */
int blocks_read(const HostRoot *root, StringSet *ret) WARN_UNUSED NONNULL(1, 2);

/* What the text of such a file says. */
typedef struct BlockJudgement {
        bool blocks; /* it keeps the module from loading: `install MODULE /bin/false` */
        bool edited; /* it doesn't say that, `blacklist MODULE` and `softdep MODULE pre:`, in any order and
                        once each, or says more */
        bool installs, blacklists, softens; /* has such a line */
} BlockJudgement;

/* The text of such a file; the caller frees it. 0 or -ENOMEM. */
int block_text_format(const char *module, char **ret) WARN_UNUSED NONNULL(1, 2);

/* Reads TEXT as libkmod 30 does. 0 or -ENOMEM. */
int block_text_judge(const char *text, const char *module, BlockJudgement *ret) WARN_UNUSED NONNULL(1, 2, 3);

/* Adds the modules whose file keeps them from loading, and those whose file was edited, or can't be read. 0
 * or -ENOMEM. */
int blocks_judge(const HostRoot *root, StringSet *ret_blocked, StringSet *ret_edited) WARN_UNUSED
                NONNULL(1, 2, 3);

/* The canonical name of the module that such a file is of. The caller frees *ret. -EINVAL if FILE is no name
 * of ours, -ENOMEM. */
int block_file_module(const char *file, char **ret) WARN_UNUSED NONNULL(1, 2);
