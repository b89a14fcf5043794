/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* FNV-1a of 64 bits (draft-eastlake-fnv), and the size: enough to notice a change. */

#include "host/module/module-digest.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "util/text-format.h"

#define BLOCK_SIZE (64U * 1024)
#define FNV_OFFSET UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x100000001b3)

typedef struct Digest {
        uint64_t hash;
        uint64_t size;
} Digest;

static void add(Digest *digest, const uint8_t *data, size_t size)
{
        for (size_t i = 0; i < size; i++)
                digest->hash = (digest->hash ^ data[i]) * FNV_PRIME;
        digest->size += size;
}

static int format(const Digest *digest, char **ret)
{
        return text_format(ret, "fnv1a:%016" PRIx64 ":%" PRIu64, digest->hash, digest->size);
}

int module_digest_of_file(int fd, char **ret)
{
        uint8_t *block CLEANUP_FREE = malloc(BLOCK_SIZE);
        Digest digest = { .hash = FNV_OFFSET };
        ssize_t n;

        if (!block)
                return -ENOMEM;
        do {
                n = pread(fd, block, BLOCK_SIZE, (off_t) digest.size);
                if (n > 0)
                        add(&digest, block, (size_t) n);
        } while (n > 0 || (n < 0 && errno == EINTR));
        return n < 0 ? -errno : format(&digest, ret);
}

int module_digest_of_data(const uint8_t *data, size_t size, char **ret)
{
        Digest digest = { .hash = FNV_OFFSET };

        add(&digest, data, size);
        return format(&digest, ret);
}
