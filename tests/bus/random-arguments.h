/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Arguments of calls, made by chance from their types: some that mean something on the sample host, some
 * that nearly do, and some that never will. GLib's test seed decides. */
#pragma once

#include <gio/gio.h>
#include <gio/gunixfdlist.h>

#include "util/macros.h"

typedef struct RandomArguments {
        GPtrArray *nodes; /* of GDBusNodeInfo, whose path is the object's */
        GPtrArray *words; /* names of interfaces and properties; borrowed from the nodes */
        GArray *files;    /* of int: descriptors that may be handed over */
        unsigned jobs;    /* that were made so far */
        /* of the call that is being made */
        GUnixFDList *fds;
        bool has_many;
} RandomArguments;

#define RANDOM_ANY(list) (list)[g_test_rand_int_range(0, G_N_ELEMENTS(list))]
#define RANDOM_ANY_OF(array) ((array)->pdata[g_test_rand_int_range(0, (int) (array)->len)])

/* True once in COUNT times. */
bool random_one_in(int count);
/* Mostly NEAR, or one of its kind; else of any object that is there, was there, or never will be. The caller
 * frees it with g_free(). */
char *random_path(const RandomArguments *arguments, const char *near) NONNULL(1, 2);
/* Of any type. Borrowed. */
const char *random_type(void);
/* Floating. Descriptors in it are added to the call's. NAME is the argument's, for what may mean something.
 */
GVariant *random_value(RandomArguments *arguments, const char *type, const char *name) NONNULL(1, 2, 3);

/* Files, directories, pipes, sockets, below DIRECTORY, in the order in which they are to be used; free with
 * random_files_free(), which closes them. MODULE is the path of a sound module file. */
GArray *random_files_new(const char *directory, const char *module) NONNULL(1, 2);
void random_files_free(GArray *files) NONNULL(1);
