/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads ELF headers with libelf, and holds to bounds what it leaves to its callers. elf_strptr() isn't
 * used: a section of names that says it is compressed (SHF_COMPRESSED) would be decompressed, to whatever
 * size it claims. */

#include "host/module/module-image.h"

#include <byteswap.h>
#include <errno.h>
#include <gelf.h>
#include <string.h>

#define NAMES_SIZE_MAX (16U * 1024 * 1024)

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define BYTE_ORDER_HOST ELFDATA2LSB
#else
#define BYTE_ORDER_HOST ELFDATA2MSB
#endif

uint32_t module_image_u32(const ModuleImage *image, const uint8_t *bytes)
{
        uint32_t value;

        memcpy(&value, bytes, sizeof(value));
        return image->swapped ? bswap_32(value) : value;
}

uint64_t module_image_u64(const ModuleImage *image, const uint8_t *bytes)
{
        uint64_t value;

        memcpy(&value, bytes, sizeof(value));
        return image->swapped ? bswap_64(value) : value;
}

static bool get_header(const ModuleImage *image, size_t index, GElf_Shdr *ret)
{
        return gelf_getshdr(elf_getscn(image->source->elf, index), ret) != NULL;
}

static int read_header(ModuleImage *image)
{
        Elf *elf = image->source->elf;
        GElf_Ehdr header;

        if (elf_kind(elf) != ELF_K_ELF || !gelf_getehdr(elf, &header))
                return -EBADMSG;
        image->elf_class = header.e_ident[EI_CLASS];
        image->byte_order = header.e_ident[EI_DATA];
        image->swapped = image->byte_order != BYTE_ORDER_HOST;
        image->machine = header.e_machine;
        if (header.e_type != ET_REL || header.e_shoff == 0 ||
                        header.e_shentsize != gelf_fsize(elf, ELF_T_SHDR, 1, EV_CURRENT))
                return -EBADMSG;
        if (elf_getshdrnum(elf, &image->section_count) != 0)
                return -EBADMSG;
        return image->section_count > 0 && image->section_count <= MODULE_SECTION_COUNT_MAX ? 0 : -EBADMSG;
}

static int read_names(ModuleImage *image)
{
        const uint8_t *bytes;
        GElf_Shdr header;
        size_t index;
        int r;

        /* The headers first: libelf 0.188 looks for the index of a foreign byte order's in a file, even if
         * there is but memory. */
        errno = 0;
        if (!get_header(image, 0, &header))
                return module_source_error();
        if (elf_getshdrstrndx(image->source->elf, &index) != 0 || index >= image->section_count ||
                        !get_header(image, index, &header))
                return -EBADMSG;
        if (header.sh_type != SHT_STRTAB || header.sh_size == 0 || header.sh_size > NAMES_SIZE_MAX)
                return -EBADMSG;
        r = module_source_get(image->source, header.sh_offset, header.sh_size, &bytes);
        if (r < 0)
                return r;
        if (bytes[header.sh_size - 1] != '\0')
                return -EBADMSG;
        image->names = (const char *) bytes;
        image->names_size = (size_t) header.sh_size;
        return 0;
}

static bool section_is_sound(const ModuleImage *image, size_t index)
{
        uint64_t size = image->source->size;
        GElf_Shdr header;

        if (!get_header(image, index, &header))
                return false;
        if (header.sh_type == SHT_NULL)
                return true;
        if (header.sh_name >= image->names_size)
                return false;
        return header.sh_type == SHT_NOBITS ||
               (header.sh_offset <= size && header.sh_size <= size - header.sh_offset);
}

int module_image_open(const ModuleSource *source, ModuleImage *ret)
{
        ModuleImage image = { .source = source };
        int r = read_header(&image);

        if (r >= 0)
                r = read_names(&image);
        if (r < 0)
                return r;
        for (size_t i = 1; i < image.section_count; i++)
                if (!section_is_sound(&image, i))
                        return -EBADMSG;
        *ret = image;
        return 0;
}

void module_image_section(const ModuleImage *image, size_t index, ModuleSection *ret)
{
        GElf_Shdr header;

        *ret = (ModuleSection){ .name = "" };
        if (!get_header(image, index, &header) || header.sh_type == SHT_NULL)
                return;
        ret->name = image->names + header.sh_name;
        ret->offset = header.sh_offset;
        ret->size = header.sh_type == SHT_NOBITS ? 0 : header.sh_size;
}

bool module_image_find(const ModuleImage *image, const char *name, ModuleSection *ret)
{
        for (size_t i = 1; i < image->section_count; i++) {
                ModuleSection section;

                module_image_section(image, i, &section);
                if (strcmp(section.name, name) == 0) {
                        *ret = section;
                        return true;
                }
        }
        return false;
}

int module_image_content(
                const ModuleImage *image, const ModuleSection *section, size_t limit, const uint8_t **ret)
{
        if (section->size > limit)
                return -EFBIG;
        return module_source_get(image->source, section->offset, section->size, ret);
}
