/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads the configuration files of generators, which a shell reads in earnest: only plain words count. */
#pragma once

#include "host/root.h"

/* Gets the text of one file, to change at will. 0, or a negative errno that ends the reading. */
typedef int (*SettingsTake)(void *userdata, char *text);

/* Gives TAKE the file at PATH; or, unless ENDING is NULL, all files of that directory whose names end so, by
 * name. What isn't there or can't be read is passed over. 0, -ENOMEM, or what TAKE returned. */
int settings_read(const HostRoot *root, const char *path, const char *ending, SettingsTake take,
                void *userdata) WARN_UNUSED NONNULL(1, 2, 4);

/* What stands behind KEY= or KEY+= at the beginning of LINE; NULL if another thing does. */
char *settings_value(char *line, const char *key) NONNULL(1, 2);

/* The plain word that KEY gets last in there. *ret, which the caller frees, stays as it is if there is none.
 * 0 or -ENOMEM. */
int settings_last(const HostRoot *root, const char *path, const char *ending, const char *key,
                char **ret) WARN_UNUSED NONNULL(1, 2, 4, 5);
