/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The files of modprobe.d that an image holds: modprobe inside goes by them, and not by the host's. For
 * initramfs-reader.c only. */
#pragma once

#include "host/modprobe-rules.h"

/* One file. */
typedef struct ImageConfig {
        size_t directory; /* in modprobe_directories */
        char *name;
        char *text; /* "" for a link, which stands in the place of others all the same */
} ImageConfig;

typedef struct ImageConfigs {
        ImageConfig *items;
        size_t count;
        size_t bytes; /* of all texts */
} ImageConfigs;

/* The file's name and its directory's position, if an entry that is called NAME in the image ("./etc/…",
 * "usr/lib/…") is a file that modprobe reads; else NULL. Borrowed from NAME. */
const char *image_config_name(const char *name, size_t *ret_directory) WARN_UNUSED NONNULL(1, 2);

/* Adds a file, whose TEXT is taken over. What comes later of the same path stands for what came before.
 * No more of them are kept than a host can have. 0 or -ENOMEM. */
int image_configs_add(ImageConfigs *configs, size_t directory, const char *name,
                char *text_taken) WARN_UNUSED NONNULL(1, 3, 4);

/* The lines of them all, in the order in which kmod goes by them. 0 or -ENOMEM. */
int image_configs_rules(ImageConfigs *configs, ModprobeRules *ret) WARN_UNUSED NONNULL(1, 2);
void image_configs_done(ImageConfigs *configs) NONNULL(1);
