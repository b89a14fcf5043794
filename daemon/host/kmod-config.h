/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The configuration files of kmod's tools, depmod.d and modprobe.d: which ones are read, in which order, and
 * what is a line. It doesn't know what the lines mean. */
#pragma once

#include "host/root.h"

/* What divides words. */
#define KMOD_CONFIG_BLANKS "\t "

/* TEXT is the content of FILE ("/etc/depmod.d/a.conf"). 0, or a negative errno, which ends the reading. */
typedef int (*KmodConfigTake)(void *userdata, const char *file, const char *text);

/* Has TAKE see the files *.conf of DIRECTORIES, by name; of those of one name only the first directory's, be
 * it a link to nothing, but no directory (kmod 30: conf_files_list() of libkmod, cfg_files_list() of
 * depmod). What can't be read is passed over. 0, -ENOMEM or what TAKE returned. */
int kmod_config_read(const HostRoot *root, const char *const directories[], size_t count,
                KmodConfigTake take, void *userdata) WARN_UNUSED NONNULL(1, 2, 4);

/* The lines of one file. */
typedef struct KmodConfigLines {
        const char *rest; /* what is still to be read, borrowed */
        char *line;       /* the current line, for the caller to change; the list's */
        unsigned number;  /* where that begins, from 1 on */
        unsigned read;    /* how many lines were joined so far */
} KmodConfigLines;

/* 0 or -ENOMEM. */
int kmod_config_lines(KmodConfigLines *lines, const char *text) WARN_UNUSED NONNULL(1, 2);

/* Moves to the next line. A backslash before a line's end joins it with the one behind; any other is
 * dropped (freadline_wrapped() of kmod 30). False at the end. */
bool kmod_config_next(KmodConfigLines *lines) NONNULL(1);
void kmod_config_lines_done(KmodConfigLines *lines) NONNULL(1);
#define CLEANUP_KMOD_CONFIG_LINES CLEANUP(kmod_config_lines_done)
