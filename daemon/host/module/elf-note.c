/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Walks ELF notes and trusts none of their sizes. No I/O. */

#include "host/module/elf-note.h"

#include <elf.h>
#include <errno.h>
#include <string.h>

/* Owner of the records that vendors of multi-version drivers put their version in. */
#define XENSERVER_OWNER "XenServer"

/* SIZE with its padding to 4 bytes, or all that remains if the data ends before it. */
static size_t padded(size_t size, size_t remaining)
{
        size_t padding = -size & 3;

        return padding > remaining - size ? remaining : size + padding;
}

int elf_note_next(const uint8_t *data, size_t size, size_t *offset, ElfNote *ret)
{
        size_t remaining, owner, desc;
        Elf64_Nhdr header; /* the same for both classes */
        const uint8_t *place;

        if (*offset >= size)
                return 0;
        remaining = size - *offset;
        if (remaining < sizeof(header))
                return -EBADMSG;
        memcpy(&header, data + *offset, sizeof(header));
        place = data + *offset + sizeof(header);
        remaining -= sizeof(header);
        if (header.n_namesz > remaining)
                return -EBADMSG;
        owner = padded(header.n_namesz, remaining);
        if (header.n_descsz > remaining - owner)
                return -EBADMSG;
        desc = padded(header.n_descsz, remaining - owner);
        *ret = (ElfNote){
                .owner = (const char *) place,
                .owner_size = strnlen((const char *) place, header.n_namesz),
                .type = header.n_type,
                .desc = place + owner,
                .desc_size = header.n_descsz,
        };
        *offset += sizeof(header) + owner + desc;
        return 1;
}

static int find(const uint8_t *data, size_t size, const char *owner, uint32_t type, ElfNote *ret)
{
        size_t offset = 0;
        ElfNote note;
        int r;

        while ((r = elf_note_next(data, size, &offset, &note)) > 0)
                if (note.type == type && note.owner_size == strlen(owner) &&
                                memcmp(note.owner, owner, note.owner_size) == 0) {
                        *ret = note;
                        return 0;
                }
        return r < 0 ? r : -ENOENT;
}

int elf_note_xenserver(const uint8_t *data, size_t size, XenserverNote type, char **ret)
{
        ElfNote note;
        int r = find(data, size, XENSERVER_OWNER, type, &note);

        if (r < 0)
                return r;
        *ret = strndup((const char *) note.desc, note.desc_size);
        return *ret ? 0 : -ENOMEM;
}

int elf_note_build_id(const uint8_t *data, size_t size, char **ret)
{
        static const char digits[] = "0123456789abcdef";
        ElfNote note;
        char *text;
        int r = find(data, size, ELF_NOTE_GNU, NT_GNU_BUILD_ID, &note);

        if (r < 0)
                return r;
        text = malloc(2 * note.desc_size + 1);
        if (!text)
                return -ENOMEM;
        for (size_t i = 0; i < note.desc_size; i++) {
                text[2 * i] = digits[note.desc[i] >> 4];
                text[2 * i + 1] = digits[note.desc[i] & 0xf];
        }
        text[2 * note.desc_size] = '\0';
        *ret = text;
        return 0;
}
