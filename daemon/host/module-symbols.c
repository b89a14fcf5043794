/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The symbol table of a module file as depmod and the kernel's loader see it: "__crc_X" for each export, and
 * what is undefined. */

#include "host/module-symbols.h"

#include <elf.h>
#include <errno.h>
#include <string.h>

#include "host/module-image.h"
#include "host/module-source.h"

#define TABLE_SIZE_MAX (64U * 1024 * 1024)
#define CRC_PREFIX "__crc_"

/* sizeof(struct modversion_info): an unsigned long and a name that fill it. */
#define VERSION_SIZE 64

/* One section's content. */
typedef struct Content {
        const uint8_t *bytes;
        size_t size;
} Content;

/* One entry of the symbol table, of either class. */
typedef struct Entry {
        const char *name;
        uint64_t value;
        uint16_t section;
        uint8_t binding;
} Entry;

typedef struct Reader {
        const ModuleImage *image;
        Content symbols;
        Content strings;
        SymbolTable versions; /* of what it was built against */
        ModuleSymbols *result;
} Reader;

/* The content of the section NAME; empty if there is none. */
static int get_content(const ModuleImage *image, const char *name, Content *ret)
{
        ModuleSection section;
        int r;

        *ret = (Content){ .bytes = (const uint8_t *) "" };
        if (!module_image_find(image, name, &section))
                return 0;
        r = module_image_content(image, &section, TABLE_SIZE_MAX, &ret->bytes);
        if (r < 0)
                return r == -EFBIG ? -EBADMSG : r;
        ret->size = section.size;
        return 0;
}

static size_t entry_size(const ModuleImage *image)
{
        return image->elf_class == ELFCLASS64 ? sizeof(Elf64_Sym) : sizeof(Elf32_Sym);
}

/* False if its name lies outside the strings. */
static bool get_entry(const Reader *reader, size_t index, Entry *ret)
{
        const ModuleImage *image = reader->image;
        const uint8_t *bytes = reader->symbols.bytes + index * entry_size(image);
        bool wide = image->elf_class == ELFCLASS64;
        uint32_t name = module_image_u32(image, bytes);

        if (name >= reader->strings.size)
                return false;
        *ret = (Entry){
                .name = (const char *) reader->strings.bytes + name,
                .binding = (uint8_t) ELF64_ST_BIND(
                                bytes[wide ? offsetof(Elf64_Sym, st_info) : offsetof(Elf32_Sym, st_info)]),
                .section = module_image_u16(image, bytes + (wide ? offsetof(Elf64_Sym, st_shndx)
                                                                 : offsetof(Elf32_Sym, st_shndx))),
                .value = wide ? module_image_u64(image, bytes + offsetof(Elf64_Sym, st_value))
                              : module_image_u32(image, bytes + offsetof(Elf32_Sym, st_value)),
        };
        return true;
}

/* Where "__crc_X" is absolute, its value is the CRC; else it lies at that place of its section. */
static int get_crc(const Reader *reader, const Entry *entry, uint32_t *ret)
{
        const ModuleImage *image = reader->image;
        const uint8_t *bytes;
        ModuleSection section;
        int r;

        if (entry->section == SHN_ABS) {
                *ret = (uint32_t) entry->value;
                return 0;
        }
        if (entry->section >= image->section_count)
                return -EBADMSG;
        module_image_section(image, entry->section, &section);
        if (section.size < sizeof(*ret) || entry->value > section.size - sizeof(*ret))
                return -EBADMSG;
        r = byte_source_get(image->source, section.offset + entry->value, sizeof(*ret), &bytes);
        if (r >= 0)
                *ret = module_image_u32(image, bytes);
        return r;
}

/* __versions: records of fixed size. */
static int take_versions(const ModuleImage *image, SymbolTable *versions)
{
        size_t number = image->elf_class == ELFCLASS64 ? 8 : 4;
        Content content;
        int r = get_content(image, "__versions", &content);

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
        Content crcs, names;
        int r = get_content(image, "__version_ext_crcs", &crcs);
        const char *name, *end;

        if (r >= 0)
                r = get_content(image, "__version_ext_names", &names);
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

/* A kernel that knows the extended ones doesn't look at the others (check_version() in its
 * kernel/module/version.c). */
static int read_versions(const ModuleImage *image, SymbolTable *versions)
{
        int r = take_extended_versions(image, versions);

        if (r >= 0 && versions->count == 0)
                r = take_versions(image, versions);
        symbol_table_sort(versions);
        return r;
}

/* What the linker or the kernel's loader makes up, and nobody exports. */
static bool is_made_up(const char *name)
{
        return name[0] == '\0' || strcmp(name, "_GLOBAL_OFFSET_TABLE_") == 0 || strcmp(name, ".TOC.") == 0;
}

/* NULL: it doesn't say. */
static const uint32_t *find_version(const Reader *reader, const char *name)
{
        const Symbol *version = symbol_table_find(&reader->versions, name, strlen(name));

        return version ? &version->crc : NULL;
}

/* Stands for the layout of the kernel's own structures. No code refers to it, but the loader compares its
 * version before any other (check_modstruct_version() there). A kernel without versions doesn't have it. */
static int take_layout(Reader *reader)
{
        static const char name[] = "module_layout";
        const uint32_t *crc = find_version(reader, name);

        return crc ? symbol_table_add_weak(&reader->result->imports, name, crc) : 0;
}

static int take_import(Reader *reader, const Entry *entry)
{
        const uint32_t *crc = find_version(reader, entry->name);

        if (entry->binding == STB_WEAK)
                return symbol_table_add_weak(&reader->result->imports, entry->name, crc);
        return symbol_table_add(&reader->result->imports, entry->name, crc);
}

static int take_entry(Reader *reader, const Entry *entry)
{
        size_t prefix = strlen(CRC_PREFIX);
        uint32_t crc;
        int r;

        if (strncmp(entry->name, CRC_PREFIX, prefix) == 0) {
                if (entry->section == SHN_UNDEF)
                        return 0;
                r = get_crc(reader, entry, &crc);
                return r < 0 ? r : symbol_table_add(&reader->result->exports, entry->name + prefix, &crc);
        }
        return entry->section != SHN_UNDEF || is_made_up(entry->name) ? 0 : take_import(reader, entry);
}

static int take_symbols(Reader *reader)
{
        size_t count = reader->symbols.size / entry_size(reader->image);
        int r = 0;

        if (reader->strings.size > 0 && reader->strings.bytes[reader->strings.size - 1] != '\0')
                return -EBADMSG;
        for (size_t i = 1; i < count && r >= 0; i++) {
                Entry entry;

                r = get_entry(reader, i, &entry) ? take_entry(reader, &entry) : -EBADMSG;
        }
        return r;
}

/* Exports of a kernel without module versions have no CRC, but a name here. */
static int take_export_names(const ModuleImage *image, SymbolTable *exports)
{
        Content names;
        int r = get_content(image, "__ksymtab_strings", &names);
        const char *name = (const char *) names.bytes, *end = name + names.size;

        if (r < 0)
                return r;
        if (names.size > 0 && end[-1] != '\0')
                return -EBADMSG;
        for (; name < end && r >= 0; name += strlen(name) + 1)
                if (name[0] != '\0')
                        r = symbol_table_add(exports, name, NULL);
        return r;
}

static int read_tables(Reader *reader)
{
        const ModuleImage *image = reader->image;
        ModuleSymbols *result = reader->result;
        int r = read_versions(image, &reader->versions);

        if (r >= 0)
                r = get_content(image, ".symtab", &reader->symbols);
        if (r >= 0)
                r = get_content(image, ".strtab", &reader->strings);
        if (r >= 0)
                r = take_symbols(reader);
        if (r >= 0)
                r = take_layout(reader);
        if (r >= 0)
                r = take_export_names(image, &result->exports);
        if (r < 0)
                return r;
        symbol_table_sort(&result->exports);
        symbol_table_sort(&result->imports);
        return 0;
}

static int read_image(ByteSource *source, ModuleSymbols *result)
{
        ModuleImage image;
        Reader reader = { .image = &image, .result = result };
        int r = module_image_open(source, &image);

        if (r < 0)
                return r;
        r = read_tables(&reader);
        symbol_table_done(&reader.versions);
        return r;
}

int module_symbols_read(int fd, ModuleSymbols *ret)
{
        ModuleSymbols symbols = { 0 };
        ModuleSource source;
        int r = module_source_open(fd, &source);

        if (r < 0)
                return r;
        r = read_image(&source.bytes, &symbols);
        module_source_done(&source);
        if (r < 0) {
                module_symbols_done(&symbols);
                return r;
        }
        *ret = symbols;
        return 0;
}

void module_symbols_done(ModuleSymbols *symbols)
{
        symbol_table_done(&symbols->exports);
        symbol_table_done(&symbols->imports);
}
