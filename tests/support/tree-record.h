/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a tree tells of a directory, written down in order. Every failure ends the test. */
#pragma once

#include <glib.h>

#include "host/tree/tree.h"
#include "temp-dir.h"

typedef struct TreeRecord {
        GPtrArray *found;   /* "PACKAGE|VERSION|PATH", sorted */
        GPtrArray *skipped; /* "PATH REASON", sorted */
        GPtrArray *infos;   /* TreeInfo, those that there were, in the order they came */
} TreeRecord;

/* Scans DIRECTORY in DIR, which stands for a kernel release's module directory. WANTED may be NULL. */
void tree_record_scan(TreeRecord *record, const Tree *tree, const TempDir *dir, const char *directory,
                const StringSet *wanted) NONNULL(1, 2, 3, 4);
void tree_record_done(TreeRecord *record) NONNULL(1);
#define CLEANUP_TREE_RECORD CLEANUP(tree_record_done)

/* All lines, each ended by a newline, as one string to compare with. g_free() it. */
char *tree_record_lines(const GPtrArray *lines) NONNULL(1);
