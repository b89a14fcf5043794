/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The help, made from the tables of verbs and options. */
#pragma once

#include "verbs.h"

/* Prints the help of the program. */
void help_print(const Terminal *terminal) NONNULL(1);

/* Prints the help of one verb. */
void help_print_verb(const Terminal *terminal, const VerbRow *verb) NONNULL(1, 2);
