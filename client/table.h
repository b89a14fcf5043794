/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A table of text, measured in display cells. It escapes what it prints and knows nothing of drivers. */
#pragma once

#include "client.h"
#include "colour.h"

typedef struct Table Table;

/* HEADINGS is NULL-terminated and static. SHRINKABLE is the column that is cut first where the terminal is
 * too narrow. 0 or -ENOMEM. */
int table_new(const char *const *headings, size_t shrinkable, Table **ret) WARN_UNUSED NONNULL(1, 3);
Table *table_free(Table *table);
DEFINE_CLEANUP(Table, table_free)

/* Adds the next cell, row by row; "" becomes "-". Out of memory is kept and told by table_print(). */
void table_add(Table *table, const char *text, Colour colour) NONNULL(1, 2);

/* Starts the pager if one is to be used, and prints. A table without a row has no headings: the sentence
 * EMPTY stands for it, unless there are to be no legends. Returns an ExitStatus. */
int table_print(const Table *table, Client *client, const char *empty) WARN_UNUSED NONNULL(1, 2, 3);
