/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ELF notes: as the kernel shows them in sysfs, and as sections of files. */

#include <glib.h>
#include <string.h>

#include "fuzz.h"
#include "host/module/elf-note.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        char *build_id CLEANUP_FREE = NULL;
        size_t offset = 0, before = 0;
        ElfNote note;

        while (elf_note_next(data, size, &offset, &note) > 0) {
                const uint8_t *owner = (const uint8_t *) note.owner;

                g_assert_true(offset > before && offset <= size);
                g_assert_true(owner >= data && note.owner_size <= (size_t) (data + size - owner));
                g_assert_true(note.desc >= data && note.desc_size <= (size_t) (data + size - note.desc));
                before = offset;
        }
        for (XenserverNote type = XENSERVER_NOTE_VARIANT; type <= XENSERVER_NOTE_RELEASE; type++) {
                char *text CLEANUP_FREE = NULL;

                if (elf_note_xenserver(data, size, type, &text) >= 0)
                        g_assert_cmpuint(strlen(text), <=, size);
        }
        if (elf_note_build_id(data, size, &build_id) >= 0)
                g_assert_cmpuint(strspn(build_id, "0123456789abcdef"), ==, strlen(build_id));
        return 0;
}

static const struct {
        uint32_t header[3];
        char owner[4];
        char desc[8];
        uint32_t next_header[3];
        char next_owner[12];
        char next_desc[12];
} seed = {
        { 4, 8, 3 },
        "GNU",
        "\x12\x34\x56\x78\x9a\xbc\xde",
        { 10, 10, 1 },
        "XenServer",
        "1.11.17.1",
};

_Bool fuzz_seed(size_t index, uint8_t **ret, size_t *ret_size)
{
        if (index > 0)
                return false;
        *ret = g_memdup2(&seed, sizeof(seed));
        *ret_size = sizeof(seed);
        return true;
}
