/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Versions come in two formats. A section's content is taken as a whole, and checked where it is read. */

#include "host/module/module-versions.h"

#include <elf.h>
#include <errno.h>
#include <string.h>

/* sizeof(struct modversion_info): an unsigned long and a name that fill it. */
#define VERSION_SIZE 64

int section_content_get(const ModuleImage *image, const char *name, SectionContent *ret)
{
        ModuleSection section;
        int r;

        *ret = (SectionContent){ .bytes = (const uint8_t *) "" };
        if (!module_image_find(image, name, &section))
                return 0;
        r = module_image_content(image, &section, SECTION_CONTENT_SIZE_MAX, &ret->bytes);
        if (r < 0)
                return r == -EFBIG ? -EBADMSG : r;
        ret->size = section.size;
        return 0;
}

/* __versions: records of fixed size. */
static int take_versions(const ModuleImage *image, SymbolTable *versions)
{
        size_t number = image->elf_class == ELFCLASS64 ? 8 : 4;
        SectionContent content;
        int r = section_content_get(image, "__versions", &content);

        for (size_t i = 0; r >= 0 && i + VERSION_SIZE <= content.size; i += VERSION_SIZE) {
                const uint8_t *place = content.bytes + i;
                char name[VERSION_SIZE] = "";
                uint32_t crc = number == 8 ? (uint32_t) module_image_u64(image, place)
                                           : module_image_u32(image, place);

                memcpy(name, place + number, VERSION_SIZE - number);
                r = symbol_table_add(versions, name, &crc);
        }
        return r;
}

/* The same since Linux 6.14, for names of any length: CRCs and names in the same order. */
static int take_extended_versions(const ModuleImage *image, SymbolTable *versions)
{
        SectionContent crcs, names;
        int r = section_content_get(image, "__version_ext_crcs", &crcs);
        const char *name, *end;

        if (r >= 0)
                r = section_content_get(image, "__version_ext_names", &names);
        if (r < 0)
                return r;
        if (names.size > 0 && names.bytes[names.size - 1] != '\0')
                return -EBADMSG;
        name = (const char *) names.bytes;
        end = name + names.size;
        for (size_t i = 0; r >= 0 && name < end && i + sizeof(uint32_t) <= crcs.size;
                        i += sizeof(uint32_t)) {
                uint32_t crc = module_image_u32(image, crcs.bytes + i);

                r = symbol_table_add(versions, name, &crc);
                name += strlen(name) + 1;
        }
        return r;
}

int module_versions_read(const ModuleImage *image, SymbolTable *versions)
{
        int r = take_extended_versions(image, versions);

        if (r >= 0 && versions->count == 0)
                r = take_versions(image, versions);
        symbol_table_sort(versions);
        return r;
}

bool module_has_versions(const ModuleImage *image)
{
        ModuleSection section;

        return module_image_find(image, "__versions", &section) ||
               module_image_find(image, "__version_ext_crcs", &section);
}
