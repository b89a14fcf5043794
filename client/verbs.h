/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of verbs: one row each. What a verb does is in its family's file, verb-*.c. */
#pragma once

#include "client.h"

/* ARGUMENTS are those behind the verb, as many as its row allows. Returns an ExitStatus; what went wrong was
 * said. */
typedef int (*VerbFunction)(Client *client, char **arguments, size_t count);

typedef struct VerbRow {
        const char *name;
        size_t arguments_min;
        size_t arguments_max;
        const char *usage; /* of the arguments; "" if there are none */
        const char *help;  /* one line */
        unsigned options;  /* set of OptionId, beside OPTIONS_OF_ALL */
        VerbFunction run;
        bool pager;
        bool needs_service; /* one that is there before and after it */
} VerbRow;

#define ARGUMENTS_UNLIMITED SIZE_MAX

const VerbRow *verb_rows(size_t *ret_count) NONNULL(1);

/* NULL if there is none of that name. */
const VerbRow *verb_find(const char *name) WARN_UNUSED NONNULL(1);

/* The verb that was probably meant; NULL if none is near. */
const VerbRow *verb_suggest(const char *name) WARN_UNUSED NONNULL(1);

int verb_list(Client *client, char **arguments, size_t count);
int verb_show(Client *client, char **arguments, size_t count);
int verb_devices(Client *client, char **arguments, size_t count);
int verb_select(Client *client, char **arguments, size_t count);
int verb_deselect(Client *client, char **arguments, size_t count);
int verb_check(Client *client, char **arguments, size_t count);
int verb_why(Client *client, char **arguments, size_t count);
int verb_adopt(Client *client, char **arguments, size_t count);
int verb_import(Client *client, char **arguments, size_t count);
int verb_remove(Client *client, char **arguments, size_t count);
int verb_rescan(Client *client, char **arguments, size_t count);
int verb_jobs(Client *client, char **arguments, size_t count);
int verb_cancel(Client *client, char **arguments, size_t count);
int verb_monitor(Client *client, char **arguments, size_t count);
int verb_history(Client *client, char **arguments, size_t count);
int verb_kernels(Client *client, char **arguments, size_t count);
int verb_policy(Client *client, char **arguments, size_t count);
int verb_kernel_added(Client *client, char **arguments, size_t count);
int verb_kernel_removed(Client *client, char **arguments, size_t count);
int verb_initramfs(Client *client, char **arguments, size_t count);
int verb_compare_versions(Client *client, char **arguments, size_t count);
