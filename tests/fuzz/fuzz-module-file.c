/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Module files: any bytes in a module file's place. A file, which may be read in pieces, says the same as
 * its bytes in memory. */

#include <elf.h>
#include <glib.h>
#include <string.h>
#include <sys/mman.h>

#include "fuzz.h"
#include "host/module/module-file.h"
#include "host/module/module-pack.h"
#include "host/module/module-read.h"
#include "host/name.h"
#include "module-writer.h"

static void check_entries(const ModuleFile *file)
{
        static const char *const keys[] = { "alias", "depends", "firmware" };

        for (size_t i = 0; i < ELEMENTSOF(keys); i++) {
                const char *value = NULL;
                size_t total = 0;

                while ((value = module_file_next(file, keys[i], value))) {
                        g_assert_true(value > file->modinfo);
                        total += strlen(keys[i]) + strlen(value) + 2;
                }
                g_assert_cmpuint(total, <=, file->modinfo_size);
        }
}

static void check_read(const uint8_t *data, size_t size, const void *packed, size_t packed_size)
{
        ModuleFile *file CLEANUP(module_file_unrefp) = NULL;
        int fd CLEANUP_FD = memfd_create("module", MFD_CLOEXEC);
        void *same CLEANUP_FREE = NULL;
        size_t same_size;

        g_assert_cmpint(fd, >=, 0);
        g_assert_cmpint(write(fd, data, size), ==, (ssize_t) size);
        g_assert_cmpint(module_file_read(fd, NULL, &file), ==, 0);
        if (file->defect == MODULE_UNREADABLE) /* it looks compressed */
                return;
        g_assert_cmpint(module_file_pack(file, &same, &same_size), ==, 0);
        g_assert_cmpmem(same, same_size, packed, packed_size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        ModuleFile *file CLEANUP(module_file_unrefp) = NULL, *back CLEANUP(module_file_unrefp) = NULL;
        void *packed CLEANUP_FREE = NULL;
        size_t packed_size;

        g_assert_cmpint(module_file_parse(data, size, &file), ==, 0);
        g_assert_true(file->defect == MODULE_SOUND || file->defect == MODULE_NOT_A_MODULE);
        g_assert_true(name_is_utf8(file->version) && name_is_utf8(file->description));
        check_entries(file);
        g_assert_cmpint(module_file_pack(file, &packed, &packed_size), ==, 0);
        g_assert_cmpint(module_file_unpack(packed, packed_size, &back), ==, 0);
        g_assert_cmpstr(file->version, ==, back->version);
        g_assert_cmpstr(file->note_version, ==, back->note_version);
        g_assert_cmpstr(file->note_driver_version, ==, back->note_driver_version);
        g_assert_cmpstr(file->note_release, ==, back->note_release);
        g_assert_cmpuint(file->modinfo_size, ==, back->modinfo_size);
        check_read(data, size, packed, packed_size);
        return 0;
}

_Bool fuzz_seed(size_t index, uint8_t **ret, size_t *ret_size)
{
        static const char *const aliases[] = { "pci:v00008086d00001592sv*sd*bc*sc*i*", NULL };
        static const ModuleSymbol symbols[] = { { "ice_open", 0x11223344 }, { NULL } };
        ModuleSpec spec = {
                .name = "ice",
                .version = "1.11.17.1",
                .vermagic = MODULE_WRITER_VERMAGIC,
                .description = "A driver",
                .aliases = aliases,
                .firmware = aliases,
                .note_version = "1.11.17.1",
                .note_driver_version = "1.11.17",
                .note_release = "1.11.17-1",
                .build_id = "0123456789abcdef",
                .imports = symbols,
                .exports = symbols,
        };

        if (index > 3)
                return false;
        spec.padding = index == 3 ? 21000 : 0;
        spec.elf_class = index == 1 ? ELFCLASS32 : ELFCLASS64;
        spec.byte_order = index == 2 ? ELFDATA2MSB : ELFDATA2LSB;
        spec.signer = index == 1 ? "key" : NULL;
        module_writer_image(&spec, ret, ret_size);
        return true;
}
