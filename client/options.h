/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The command line as a value. One table names every option; which verb takes which is in verbs.c. */
#pragma once

#include <stdint.h>

#include "util/macros.h"

typedef enum JsonMode {
        JSON_OFF,
        JSON_LINE,   /* --json=short */
        JSON_PRETTY, /* --json=pretty */
} JsonMode;

/* Bits, so that a verb can name a set of them. */
typedef enum OptionId {
        OPTION_HELP = 1 << 0,
        OPTION_VERSION = 1 << 1,
        OPTION_HOST = 1 << 2,
        OPTION_MACHINE = 1 << 3,
        OPTION_JSON = 1 << 4,
        OPTION_NO_PAGER = 1 << 5,
        OPTION_NO_LEGEND = 1 << 6,
        OPTION_FULL = 1 << 7,
        OPTION_NO_BLOCK = 1 << 8,
        OPTION_NO_ASK_PASSWORD = 1 << 9,
        OPTION_KERNEL = 1 << 10,
        OPTION_IGNORE = 1 << 11,
        OPTION_DRY_RUN = 1 << 12,
        OPTION_FORCE = 1 << 13,
        OPTION_SINCE = 1 << 14,
        OPTION_LINES = 1 << 15,
        OPTION_PACKAGE = 1 << 16,
        OPTION_AS_VERSION = 1 << 17,
        OPTION_UNDO = 1 << 18,
        OPTION_LEAVING = 1 << 19,
        OPTION_ROOT = 1 << 20,
} OptionId;

/* The options that every verb takes. */
#define OPTIONS_OF_ALL                                                                             \
        (OPTION_HELP | OPTION_VERSION | OPTION_HOST | OPTION_MACHINE | OPTION_ROOT | OPTION_JSON | \
                        OPTION_NO_PAGER | OPTION_NO_LEGEND | OPTION_FULL | OPTION_NO_BLOCK |       \
                        OPTION_NO_ASK_PASSWORD)

typedef struct OptionRow {
        OptionId id;
        const char *name;  /* without "--" */
        char letter;       /* '\0': none */
        const char *value; /* what stands for its value in the help; NULL: it has none */
        const char *help;
} OptionRow;

typedef struct Options {
        unsigned given; /* set of OptionId */
        const char *host;
        const char *machine;
        const char *root; /* NULL: not given */
        JsonMode json;
        const char **kernels;   /* NULL-terminated, borrowed strings; NULL: none */
        const char **ignore;    /* likewise */
        const char *package;    /* NULL: not given */
        const char *as_version; /* likewise */
        uint64_t since_us;      /* µs since the epoch; 0: not given */
        uint64_t lines;         /* 0: all */
        char **arguments;       /* the verb and its arguments, NULL-terminated, borrowed from argv */
        size_t argument_count;
} Options;

/* Reads the command line; options may stand behind the verb, and end at "--". 0, or an ExitStatus after
 * saying what is wrong. End it with options_done() in either case. */
int options_parse(int count, char **values, Options *ret) WARN_UNUSED NONNULL(2, 3);
void options_done(Options *options) NONNULL(1);

/* The table, for the help. */
const OptionRow *option_rows(size_t *ret_count) NONNULL(1);
