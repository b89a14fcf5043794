/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The metadata cache's bytes: a damaged database must not harm, and what is accepted is what was packed. */

#include <errno.h>
#include <glib.h>

#include "fuzz.h"
#include "host/module/module-assemble.h"
#include "host/module/module-file.h"
#include "host/module/module-pack.h"
#include "host/module/module-read.h"
#include "module-writer.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        ModuleFile *file CLEANUP(module_file_unrefp) = NULL;
        void *packed CLEANUP_FREE = NULL;
        size_t packed_size;
        int r = module_file_unpack(data, size, &file);

        if (r < 0) {
                g_assert_cmpint(r, ==, -EBADMSG);
                return 0;
        }
        g_assert_cmpint(module_file_pack(file, &packed, &packed_size), ==, 0);
        g_assert_cmpmem(packed, packed_size, data, size);
        return 0;
}

_Bool fuzz_seed(size_t index, uint8_t **ret, size_t *ret_size)
{
        static const char *const aliases[] = { "pci:v1*", "pci:v2*", NULL };
        const ModuleSpec spec = { .name = "ice", .version = "1.2", .aliases = aliases, .depends = "a" };
        ModuleFile *file CLEANUP(module_file_unrefp) = NULL;
        void *packed CLEANUP_FREE = NULL;

        if (index > 1)
                return false;
        if (index == 0) {
                g_assert_cmpint(module_file_new_defective(MODULE_UNREADABLE, -EIO, &file), ==, 0);
        } else {
                g_autofree uint8_t *image = NULL;
                size_t size;

                module_writer_image(&spec, &image, &size);
                g_assert_cmpint(module_file_parse(image, size, &file), ==, 0);
        }
        g_assert_cmpint(module_file_pack(file, &packed, ret_size), ==, 0);
        *ret = g_memdup2(packed, *ret_size);
        return true;
}
