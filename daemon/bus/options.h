/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The a{sv} that ends a method's arguments: known keys, each with its type. What isn't known is refused. */
#pragma once

#include <stdint.h>
#include <systemd/sd-bus.h>

#include "util/string-set.h"

typedef enum OptionKey {
        OPTION_KERNELS = 1 << 0, /* as */
        OPTION_IGNORE = 1 << 1,  /* as */
        OPTION_DRY_RUN = 1 << 2, /* b */
        OPTION_DRIVER = 1 << 3,  /* s */
        OPTION_SINCE = 1 << 4,   /* t */
        OPTION_LIMIT = 1 << 5,   /* t */
        OPTION_DRIVERS = 1 << 6, /* as */
        OPTION_PACKAGE = 1 << 7, /* s */
        OPTION_VERSION = 1 << 8, /* s */
        OPTION_LEAVING = 1 << 9, /* b */
} OptionKey;

typedef struct Options {
        unsigned given; /* a set of OptionKey */
        StringSet kernels;
        StringSet ignore;
        StringSet drivers;
        bool dry_run;
        bool leaving;
        char *driver;
        char *package;
        char *version;
        uint64_t since;
        uint64_t limit;
} Options;

/* Reads the dictionary that MESSAGE stands before. ALLOWED is a set of OptionKey. 0, or a negative errno
 * with ERROR set: InvalidArgs for a key that isn't allowed, is given twice, or has a value of another type.
 */
int options_read(sd_bus_message *message, unsigned allowed, Options *ret, sd_bus_error *error) WARN_UNUSED
                NONNULL(1, 3, 4);
void options_done(Options *options) NONNULL(1);

/* Adds the strings of the array that MESSAGE stands before to SET. 0 or more, or a negative errno; with
 * ERROR set if there are more than anybody needs. */
int options_read_names(sd_bus_message *message, StringSet *set, sd_bus_error *error) WARN_UNUSED
                NONNULL(1, 2, 3);

/* Refuses what can't be the name of a kernel release: 0, or a negative errno with ERROR set. */
int options_check_release(const char *release, sd_bus_error *error) WARN_UNUSED NONNULL(1, 2);
#define CLEANUP_OPTIONS CLEANUP(options_done)
