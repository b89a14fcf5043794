/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Tries whether there are descriptors. */

#include "util/exhausted.h"

#include <fcntl.h>

/* Nested directories, a file and what it leads to, and what libkmod has open. */
#define DESCRIPTORS 16

int exhausted_check_descriptors(void)
{
        int fds[DESCRIPTORS], r = 0;
        size_t count = 0;

        while (r >= 0 && count < DESCRIPTORS) {
                fds[count] = open("/", O_PATH | O_CLOEXEC);
                if (fds[count] >= 0)
                        count++;
                else
                        r = -errno;
        }
        while (count > 0)
                (void) fd_close(fds[--count]);
        return exhausted(r) ? r : 0;
}
