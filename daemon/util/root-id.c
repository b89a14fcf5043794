/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Device and inode as text. */

#include "util/root-id.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

int root_id_read(int modules_fd, char ret[static ROOT_ID_SIZE])
{
        struct stat st;

        if (fstat(modules_fd, &st) < 0)
                return -errno;
        (void) snprintf(ret, ROOT_ID_SIZE, "%u:%u:%" PRIu64, major(st.st_dev), minor(st.st_dev),
                        (uint64_t) st.st_ino);
        return 0;
}
