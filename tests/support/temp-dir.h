/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A real directory for one test, and what it takes to fill it. Every failure ends the test. */
#pragma once

#include <sys/types.h>

#include "util/macros.h"

typedef struct TempDir {
        char *path; /* absolute, without links */
        int fd;
} TempDir;

/* NAME tells the directory's owner apart: "hostdriver-NAME-XXXXXX". */
void temp_dir_init(TempDir *dir, const char *name) NONNULL(1, 2);

/* Removes it with all that is in it, directories without permissions too; links are not followed. */
void temp_dir_done(TempDir *dir) NONNULL(1);
#define CLEANUP_TEMP_DIR CLEANUP(temp_dir_done)

/* PATH below, with the directories that lead to it. */
void temp_dir_mkdir(const TempDir *dir, const char *path) NONNULL(1, 2);
/* Writes TEXT as the whole file, also with the directories that lead to it. */
void temp_dir_write(const TempDir *dir, const char *path, const char *text) NONNULL(1, 2, 3);
void temp_dir_link(const TempDir *dir, const char *path, const char *target) NONNULL(1, 2, 3);

/* The absolute path of PATH below. The caller frees it with free(). */
char *temp_dir_path(const TempDir *dir, const char *path) NONNULL(1, 2);
