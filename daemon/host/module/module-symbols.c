/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The symbol table of a module file as depmod and the kernel's loader see it: "__crc_X" for each export, and
 * what is undefined. */

#include "host/module/module-symbols.h"

#include <errno.h>
#include <gelf.h>
#include <string.h>

#include "host/module/module-image.h"
#include "host/module/module-source.h"
#include "host/module/module-versions.h"

#define CRC_PREFIX "__crc_"
#define EXPORT_STRINGS "__ksymtab_strings"
#define EXPORT_PREFIX "__ksymtab_"
#define NAMESPACE_PREFIX "__kstrtabns_"

/* One entry of the symbol table, of either class. */
typedef struct Entry {
        const char *name;
        uint64_t value;
        uint16_t section;
        uint8_t binding;
} Entry;

typedef struct Reader {
        const ModuleImage *image;
        Elf_Data *symbols; /* NULL: none */
        size_t symbol_count;
        SectionContent strings;
        SectionContent export_strings; /* names and namespaces of exports */
        SymbolTable versions;          /* of what it was built against */
        ModuleSymbols *result;
} Reader;

/* False if its name lies outside the strings. */
static bool get_entry(const Reader *reader, size_t index, Entry *ret)
{
        GElf_Sym symbol;

        if (!gelf_getsym(reader->symbols, (int) index, &symbol) || symbol.st_name >= reader->strings.size)
                return false;
        *ret = (Entry){
                .name = (const char *) reader->strings.bytes + symbol.st_name,
                .binding = GELF_ST_BIND(symbol.st_info),
                .section = symbol.st_shndx,
                .value = symbol.st_value,
        };
        return true;
}

/* Where "__crc_X" is absolute, its value is the CRC; else it lies at that place of its section. The file is
 * then read whole: there may be thousands of them, in any sections. */
static int get_crc(const Reader *reader, const Entry *entry, uint32_t *ret)
{
        const ModuleImage *image = reader->image;
        const char *bytes;
        ModuleSection section;
        size_t size;

        if (entry->section == SHN_ABS) {
                *ret = (uint32_t) entry->value;
                return 0;
        }
        if (entry->section >= image->section_count)
                return -EBADMSG;
        module_image_section(image, entry->section, &section);
        if (section.size < sizeof(*ret) || entry->value > section.size - sizeof(*ret))
                return -EBADMSG;
        errno = 0;
        bytes = elf_rawfile(image->source->elf, &size);
        if (!bytes)
                return module_source_error();
        /* libelf asked for the file's size itself: it may have been truncated meanwhile. */
        if (section.offset + section.size > size)
                return -EBADMSG;
        *ret = module_image_u32(image, (const uint8_t *) bytes + section.offset + entry->value);
        return 0;
}

/* "KEY=VALUE" with a NUL behind each. */
static int take_modinfo(const ModuleImage *image, ModuleSymbols *result)
{
        static const char license[] = "license=", import[] = "import_ns=";
        SectionContent content;
        int r = section_content_get(image, ".modinfo", &content);
        const char *entry = (const char *) content.bytes, *end = entry + content.size;

        if (r >= 0 && content.size > 0 && end[-1] != '\0')
                return -EBADMSG;
        for (; r >= 0 && entry < end; entry += strlen(entry) + 1) {
                if (strncmp(entry, import, strlen(import)) == 0)
                        r = string_set_add(&result->namespaces, entry + strlen(import));
                if (strncmp(entry, license, strlen(license)) != 0 || result->license)
                        continue;
                result->license = strdup(entry + strlen(license));
                if (!result->license)
                        return -ENOMEM;
        }
        return r < 0 ? r : 0;
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

/* By its name, as depmod does it. As a piece of the file, not as a section: the section's type and the size
 * of its entries may lie, and it may have half an entry at its end. */
static int find_symbols(Reader *reader)
{
        Elf *elf = reader->image->source->elf;
        size_t entry_size = gelf_fsize(elf, ELF_T_SYM, 1, EV_CURRENT);
        ModuleSection section;

        if (!module_image_find(reader->image, ".symtab", &section) || section.size < entry_size)
                return 0;
        if (section.size > SECTION_CONTENT_SIZE_MAX)
                return -EBADMSG;
        reader->symbol_count = section.size / entry_size;
        errno = 0;
        reader->symbols = elf_getdata_rawchunk(
                        elf, (int64_t) section.offset, reader->symbol_count * entry_size, ELF_T_SYM);
        return reader->symbols ? 0 : module_source_error();
}

static int take_symbols(Reader *reader)
{
        int r = 0;

        if (reader->strings.size > 0 && reader->strings.bytes[reader->strings.size - 1] != '\0')
                return -EBADMSG;
        for (size_t i = 1; i < reader->symbol_count && r >= 0; i++) {
                Entry entry;

                r = get_entry(reader, i, &entry) ? take_entry(reader, &entry) : -EBADMSG;
        }
        return r;
}

static bool is_in_section(const Reader *reader, const Entry *entry, const char *name)
{
        ModuleSection section;

        if (entry->section >= reader->image->section_count)
                return false;
        module_image_section(reader->image, entry->section, &section);
        return strcmp(section.name, name) == 0;
}

static bool is_in_gpl_section(const Reader *reader, const Entry *entry)
{
        return is_in_section(reader, entry, "__ksymtab_gpl") ||
               is_in_section(reader, entry, "__ksymtab_unused_gpl"); /* before Linux 5.12 */
}

/* The namespace that an entry leads to, or NULL. All strings were seen to end in their section. */
static const char *get_namespace(const Reader *reader, const Entry *entry)
{
        if (entry->value >= reader->export_strings.size || !is_in_section(reader, entry, EXPORT_STRINGS) ||
                        reader->export_strings.bytes[entry->value] == '\0')
                return NULL;
        return (const char *) reader->export_strings.bytes + entry->value;
}

/* The export that an entry "PREFIX…" is about, or NULL. */
static Symbol *find_export(const Reader *reader, const Entry *entry, const char *prefix)
{
        size_t size = strlen(prefix);

        if (entry->section == SHN_UNDEF || strncmp(entry->name, prefix, size) != 0)
                return NULL;
        return symbol_table_find(&reader->result->exports, entry->name + size, strlen(entry->name + size));
}

/* For whom each export is: the section that "__ksymtab_X" lies in says it, and the string at "__kstrtabns_X"
 * (include/linux/export.h). */
static int take_conditions(Reader *reader)
{
        SymbolTable *exports = &reader->result->exports;
        size_t count = exports->count > 0 ? reader->symbol_count : 0;

        for (size_t i = 1; i < count; i++) {
                const char *name_space;
                Symbol *symbol;
                Entry entry;

                if (!get_entry(reader, i, &entry))
                        return -EBADMSG;
                symbol = find_export(reader, &entry, EXPORT_PREFIX);
                if (symbol)
                        symbol->is_gpl_only = is_in_gpl_section(reader, &entry);
                symbol = find_export(reader, &entry, NAMESPACE_PREFIX);
                name_space = symbol ? get_namespace(reader, &entry) : NULL;
                if (!name_space)
                        continue;
                symbol->name_space = string_pool_add(&exports->names, name_space);
                if (!symbol->name_space)
                        return -ENOMEM;
        }
        return 0;
}

/* Exports of a kernel without module versions have no CRC, but a name here. */
static int take_export_names(Reader *reader)
{
        SymbolTable *exports = &reader->result->exports;
        SectionContent names;
        int r = section_content_get(reader->image, EXPORT_STRINGS, &names);
        const char *name = (const char *) names.bytes, *end = name + names.size;

        if (r < 0)
                return r;
        reader->export_strings = names;
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
        int r = module_versions_read(image, &reader->versions);

        if (r >= 0)
                r = find_symbols(reader);
        if (r >= 0)
                r = section_content_get(image, ".strtab", &reader->strings);
        if (r >= 0)
                r = take_symbols(reader);
        if (r >= 0)
                r = take_layout(reader);
        if (r >= 0)
                r = take_export_names(reader);
        if (r >= 0)
                r = take_modinfo(image, result);
        if (r < 0)
                return r;
        result->has_versions = module_has_versions(image);
        symbol_table_sort(&result->exports);
        symbol_table_sort(&result->imports);
        return take_conditions(reader);
}

static int read_image(const ModuleSource *source, ModuleSymbols *result)
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
        r = read_image(&source, &symbols);
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
        string_set_done(&symbols->namespaces);
        free(symbols->license);
        symbols->license = NULL;
}
