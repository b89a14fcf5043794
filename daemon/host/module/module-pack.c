/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A header, then the strings as they lie in memory. Believes no byte. */

#include "host/module/module-pack.h"

#include <elf.h>
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "host/module/module-assemble.h"
#include "host/name.h"

/* Counts up whenever the bytes change their meaning; the other byte order is another number. */
#define PACK_FORMAT 4U
#define ERRNO_MAX 4095

typedef struct PackHeader {
        char magic[4];
        uint32_t format;
        uint32_t defect;
        int32_t error;
        uint16_t machine;
        uint8_t elf_class;
        uint8_t byte_order;
        uint8_t is_signed;
        uint8_t zero[3];
        uint32_t texts_size;
        uint32_t modinfo_size;
} PackHeader;

static const char magic[4] = { 'H', 'D', 'M', 'F' };

int module_file_pack(const ModuleFile *file, void **ret_data, size_t *ret_size)
{
        /* The texts and the entries lie one behind the other: one piece. */
        size_t texts_size = (size_t) (file->modinfo - file->name);
        size_t size = sizeof(PackHeader) + texts_size + file->modinfo_size;
        char *data = malloc(size);
        PackHeader header = {
                .format = PACK_FORMAT,
                .defect = file->defect,
                .error = file->error,
                .machine = file->machine,
                .elf_class = file->elf_class,
                .byte_order = file->byte_order,
                .is_signed = file->is_signed,
                .texts_size = (uint32_t) texts_size,
                .modinfo_size = file->modinfo_size,
        };

        if (!data)
                return -ENOMEM;
        memcpy(header.magic, magic, sizeof(magic));
        memcpy(data, &header, sizeof(header));
        memcpy(data + sizeof(header), file->name, texts_size + file->modinfo_size);
        *ret_data = data;
        *ret_size = size;
        return 0;
}

static bool header_is_sound(const PackHeader *header, size_t size)
{
        static const uint8_t zero[sizeof(header->zero)] = { 0 };

        if (memcmp(header->magic, magic, sizeof(magic)) != 0 || header->format != PACK_FORMAT)
                return false;
        if (header->defect > MODULE_NOT_A_MODULE || header->is_signed > 1 ||
                        header->elf_class > ELFCLASS64 || header->byte_order > ELFDATA2MSB)
                return false;
        if (header->error > 0 || header->error < -ERRNO_MAX || memcmp(header->zero, zero, sizeof(zero)) != 0)
                return false;
        if (header->defect != MODULE_SOUND &&
                        (header->modinfo_size > 0 || header->texts_size != MODULE_TEXT_COUNT))
                return false;
        return size == (uint64_t) header->texts_size + header->modinfo_size;
}

/* Points to the MODULE_TEXT_COUNT strings that must fill SIZE bytes. */
static bool split_texts(const char *place, size_t size, ModuleContent *content)
{
        const char *end = place + size;

        for (size_t i = 0; i < MODULE_TEXT_COUNT; i++) {
                const char *nul = place < end ? memchr(place, '\0', (size_t) (end - place)) : NULL;

                if (!nul || !name_is_utf8(place))
                        return false;
                content->texts[i] = place;
                place = nul + 1;
        }
        return place == end;
}

static bool entries_are_sound(const char *entry, size_t size)
{
        const char *end = entry + size;

        if (size > 0 && end[-1] != '\0')
                return false;
        for (; entry < end; entry += strlen(entry) + 1)
                if (!modinfo_entry_is_kept(entry))
                        return false;
        return true;
}

int module_file_unpack(const void *data, size_t size, ModuleFile **ret)
{
        const char *texts = (const char *) data + sizeof(PackHeader);
        ModuleContent content = { 0 };
        PackHeader header;

        if (size < sizeof(header))
                return -EBADMSG;
        memcpy(&header, data, sizeof(header));
        if (!header_is_sound(&header, size - sizeof(header)))
                return -EBADMSG;
        content.modinfo = texts + header.texts_size;
        content.modinfo_size = header.modinfo_size;
        if (!split_texts(texts, header.texts_size, &content) ||
                        !entries_are_sound(content.modinfo, content.modinfo_size))
                return -EBADMSG;
        content.facts = (ModuleFile){
                .defect = (ModuleDefect) header.defect,
                .error = header.error,
                .machine = header.machine,
                .elf_class = header.elf_class,
                .byte_order = header.byte_order,
                .is_signed = header.is_signed,
        };
        return module_file_assemble(&content, ret);
}
