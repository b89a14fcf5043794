/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads ELF headers with bounds on every byte. libelf would want the whole file in memory or mapped. */

#include "host/module/module-image.h"

#include <byteswap.h>
#include <elf.h>
#include <errno.h>
#include <string.h>

/* What isn't a trap: 64 Ki sections and more come about with every function in its own. */
#define SECTION_COUNT_MAX (256U * 1024)
#define NAMES_SIZE_MAX (16U * 1024 * 1024)

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define BYTE_ORDER_HOST ELFDATA2LSB
#else
#define BYTE_ORDER_HOST ELFDATA2MSB
#endif

/* Of the ELF header, what is needed to find the sections. */
typedef struct Table {
        uint64_t offset;
        uint16_t entry_size;
        uint32_t count;
        uint32_t names; /* the index of their names' section */
} Table;

/* A section header, of either class. */
typedef struct Header {
        uint32_t name;
        uint32_t type;
        uint32_t link;
        uint64_t flags;
        uint64_t offset;
        uint64_t size;
} Header;

static uint16_t order16(const ModuleImage *image, uint16_t value)
{
        return image->swapped ? bswap_16(value) : value;
}

static uint32_t order32(const ModuleImage *image, uint32_t value)
{
        return image->swapped ? bswap_32(value) : value;
}

static uint64_t order64(const ModuleImage *image, uint64_t value)
{
        return image->swapped ? bswap_64(value) : value;
}

uint16_t module_image_u16(const ModuleImage *image, const uint8_t *bytes)
{
        uint16_t value;

        memcpy(&value, bytes, sizeof(value));
        return order16(image, value);
}

uint32_t module_image_u32(const ModuleImage *image, const uint8_t *bytes)
{
        uint32_t value;

        memcpy(&value, bytes, sizeof(value));
        return order32(image, value);
}

uint64_t module_image_u64(const ModuleImage *image, const uint8_t *bytes)
{
        uint64_t value;

        memcpy(&value, bytes, sizeof(value));
        return order64(image, value);
}

static Header section_header(const ModuleImage *image, const uint8_t *bytes)
{
        Elf64_Shdr wide;
        Elf32_Shdr narrow;

        if (image->elf_class == ELFCLASS64) {
                memcpy(&wide, bytes, sizeof(wide));
                return (Header){
                        .name = order32(image, wide.sh_name),
                        .type = order32(image, wide.sh_type),
                        .link = order32(image, wide.sh_link),
                        .flags = order64(image, wide.sh_flags),
                        .offset = order64(image, wide.sh_offset),
                        .size = order64(image, wide.sh_size),
                };
        }
        memcpy(&narrow, bytes, sizeof(narrow));
        return (Header){
                .name = order32(image, narrow.sh_name),
                .type = order32(image, narrow.sh_type),
                .link = order32(image, narrow.sh_link),
                .flags = order32(image, narrow.sh_flags),
                .offset = order32(image, narrow.sh_offset),
                .size = order32(image, narrow.sh_size),
        };
}

static size_t header_size(const ModuleImage *image)
{
        return image->elf_class == ELFCLASS64 ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);
}

/* Class, byte order, type and machine: the part that both classes have in common. */
static int read_ident(ModuleImage *image)
{
        const uint8_t *bytes;
        int r = byte_source_get(image->source, 0, offsetof(Elf32_Ehdr, e_entry), &bytes);

        if (r < 0)
                return r;
        if (memcmp(bytes, ELFMAG, SELFMAG) != 0 || bytes[EI_VERSION] != EV_CURRENT)
                return -EBADMSG;
        image->elf_class = bytes[EI_CLASS];
        image->byte_order = bytes[EI_DATA];
        if (image->elf_class != ELFCLASS32 && image->elf_class != ELFCLASS64)
                return -EBADMSG;
        if (image->byte_order != ELFDATA2LSB && image->byte_order != ELFDATA2MSB)
                return -EBADMSG;
        image->swapped = image->byte_order != BYTE_ORDER_HOST;
        image->machine = module_image_u16(image, bytes + offsetof(Elf32_Ehdr, e_machine));
        return module_image_u16(image, bytes + offsetof(Elf32_Ehdr, e_type)) == ET_REL ? 0 : -EBADMSG;
}

static int read_table(ModuleImage *image, Table *ret)
{
        bool wide = image->elf_class == ELFCLASS64;
        const uint8_t *bytes;
        Elf64_Ehdr header;
        Elf32_Ehdr narrow;
        int r = byte_source_get(image->source, 0, wide ? sizeof(header) : sizeof(narrow), &bytes);

        if (r < 0)
                return r;
        if (wide) {
                memcpy(&header, bytes, sizeof(header));
                ret->offset = order64(image, header.e_shoff);
        } else {
                memcpy(&narrow, bytes, sizeof(narrow));
                ret->offset = order32(image, narrow.e_shoff);
                header.e_shentsize = narrow.e_shentsize;
                header.e_shnum = narrow.e_shnum;
                header.e_shstrndx = narrow.e_shstrndx;
        }
        ret->entry_size = order16(image, header.e_shentsize);
        ret->count = order16(image, header.e_shnum);
        ret->names = order16(image, header.e_shstrndx);
        return 0;
}

/* Numbers that don't fit in the ELF header stand in the first section header. */
static int read_extended(ModuleImage *image, Table *table)
{
        const uint8_t *bytes;
        Header first;
        int r;

        if (table->offset == 0 || table->entry_size != header_size(image))
                return -EBADMSG;
        if (table->count > 0 && table->names != SHN_XINDEX)
                return 0;
        r = byte_source_get(image->source, table->offset, table->entry_size, &bytes);
        if (r < 0)
                return r;
        first = section_header(image, bytes);
        if (table->count == 0)
                table->count = first.size <= SECTION_COUNT_MAX ? (uint32_t) first.size : 0;
        if (table->names == SHN_XINDEX)
                table->names = first.link;
        return 0;
}

static int read_names(ModuleImage *image, uint32_t index)
{
        const uint8_t *bytes;
        Header header;
        int r;

        if (index >= image->section_count)
                return -EBADMSG;
        header = section_header(image, image->sections + index * header_size(image));
        if (header.type != SHT_STRTAB || header.size == 0 || header.size > NAMES_SIZE_MAX)
                return -EBADMSG;
        r = byte_source_get(image->source, header.offset, header.size, &bytes);
        if (r < 0)
                return r;
        if (bytes[header.size - 1] != '\0')
                return -EBADMSG;
        image->names = (const char *) bytes;
        image->names_size = (size_t) header.size;
        return 0;
}

static bool section_is_sound(const ModuleImage *image, size_t index)
{
        Header header = section_header(image, image->sections + index * header_size(image));

        if (header.type == SHT_NULL)
                return true;
        if (header.name >= image->names_size)
                return false;
        return header.type == SHT_NOBITS ||
               (header.offset <= image->source->size && header.size <= image->source->size - header.offset);
}

int module_image_open(ByteSource *source, ModuleImage *ret)
{
        ModuleImage image = { .source = source };
        Table table = { 0 };
        int r = read_ident(&image);

        if (r >= 0)
                r = read_table(&image, &table);
        if (r >= 0)
                r = read_extended(&image, &table);
        if (r < 0)
                return r;
        if (table.count == 0 || table.count > SECTION_COUNT_MAX)
                return -EBADMSG;
        r = byte_source_get(
                        source, table.offset, (uint64_t) table.count * table.entry_size, &image.sections);
        if (r < 0)
                return r;
        image.section_count = table.count;
        r = read_names(&image, table.names);
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
        Header header = section_header(image, image->sections + index * header_size(image));
        bool is_null = header.type == SHT_NULL;

        *ret = (ModuleSection){
                .name = is_null ? "" : image->names + header.name,
                .type = header.type,
                .link = header.link,
                .flags = header.flags,
                .offset = header.offset,
                .size = is_null || header.type == SHT_NOBITS ? 0 : header.size,
        };
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
        if (section->size == 0) { /* SHT_NOBITS: its offset means nothing */
                *ret = (const uint8_t *) "";
                return 0;
        }
        return byte_source_get(image->source, section->offset, section->size, ret);
}
