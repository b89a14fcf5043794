/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The links in a directory, as sysfs uses them for lists. It opens nothing that they lead to. */
#pragma once

#include "host/root.h"

/* Calls FOUND with what each link in the directory PATH leads to, as path_of_link() has it, until it returns
 * an error. A directory that isn't there has none, and what is no link, or not any more, is passed over. 0,
 * -ENOMEM, or FOUND's error. */
int links_read(const HostRoot *root, const char *path, int (*found)(void *userdata, const char *target),
                void *userdata) WARN_UNUSED NONNULL(1, 2, 3);
