/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The last lines that a tool printed, however much it prints. For child.c. */
#pragma once

#include "util/macros.h"

/* More than a screen of lines; older output is dropped. */
#define CHILD_OUTPUT_SIZE 4096

typedef struct ChildOutput {
        char data[CHILD_OUTPUT_SIZE]; /* a ring */
        size_t total;                 /* bytes ever added */
} ChildOutput;

void child_output_add(ChildOutput *output, const char *data, size_t size) NONNULL(1, 2);

/* Reads what FD has without blocking. 0 at its end, 1 if more may come, or a negative errno. */
int child_output_drain(ChildOutput *output, int fd) WARN_UNUSED NONNULL(1);

/* The last lines as one printable line, "; " between them. The caller frees it; NULL: no memory. */
char *child_output_text(const ChildOutput *output) WARN_UNUSED NONNULL(1);
