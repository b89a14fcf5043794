/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Opens module files, compressed or not: told by their first bytes, since names may lie. */

#include "host/module/module-source.h"

#include <errno.h>
#include <sys/stat.h>

#include "host/module/decompress.h"
#include "host/module/module-file.h"

int module_source_open(int fd, ModuleSource *ret)
{
        Compression compression;
        struct stat st;
        size_t size;
        int r;

        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EINVAL;
        if (st.st_size > MODULE_FILE_SIZE_MAX)
                return -EFBIG;
        ret->decompressed = NULL;
        r = byte_source_init_file(&ret->bytes, fd, (uint64_t) st.st_size);
        if (r < 0)
                return r;
        compression = compression_detect(ret->bytes.head, ret->bytes.head_size);
        if (compression == COMPRESSION_NONE)
                return 0;
        r = decompress(fd, compression, MODULE_FILE_SIZE_MAX, &ret->decompressed, &size);
        if (r < 0)
                return r;
        byte_source_init_memory(&ret->bytes, ret->decompressed, size);
        return 0;
}

void module_source_done(ModuleSource *source)
{
        byte_source_done(&source->bytes);
        free(source->decompressed);
}
