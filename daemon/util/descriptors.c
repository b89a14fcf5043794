/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads and sets RLIMIT_NOFILE. */

#include "util/descriptors.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>

#define SELECT_MAX 1024 /* FD_SETSIZE */

void descriptors_raise_limit(unsigned wanted)
{
        struct rlimit limit;

        if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur >= wanted)
                return;
        limit.rlim_cur = limit.rlim_max < wanted ? limit.rlim_max : wanted;
        (void) setrlimit(RLIMIT_NOFILE, &limit);
}

void descriptors_lower_limit(void)
{
        struct rlimit limit;

        if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur <= SELECT_MAX)
                return;
        limit.rlim_cur = SELECT_MAX;
        (void) setrlimit(RLIMIT_NOFILE, &limit);
}

bool descriptors_are_short(int fd, unsigned spare)
{
        struct rlimit limit;
        int lowest, saved = errno;

        if (getrlimit(RLIMIT_NOFILE, &limit) < 0 || limit.rlim_cur < 2 * (rlim_t) spare)
                return false;
        lowest = fcntl(fd, F_DUPFD_CLOEXEC, 0);
        if (lowest < 0) {
                bool full = errno == EMFILE;

                errno = saved;
                return full;
        }
        (void) close(lowest);
        errno = saved;
        return (rlim_t) lowest >= limit.rlim_cur - spare;
}
