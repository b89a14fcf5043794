/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Puts a module file together with libelf. What its sections hold is composed here; module-output.c signs,
 * compresses and writes. */

#include "module-writer.h"

#include <byteswap.h>
#include <gelf.h>
#include <glib.h>
#include <string.h>
#include <sys/mman.h>

#include "module-output.h"

/* Of struct module: about what 6.1 has, and where its name lies (a list head and an int before it). */
#define THIS_MODULE_SIZE 0x380
#define NAME_OFFSET(elf_class) ((elf_class) == ELFCLASS32 ? 12 : 24)

/* sizeof(struct modversion_info) */
#define VERSION_ENTRY_SIZE 64

typedef struct Writer {
        const ModuleSpec *spec;
        Elf *elf;
        uint8_t elf_class;
        bool swapped;        /* byte order is not this machine's */
        GByteArray *names;   /* .shstrtab */
        GByteArray *strings; /* .strtab */
        GArray *symbols;     /* of GElf_Sym */
        GPtrArray *contents; /* what libelf borrows until the file is written */
} Writer;

static void append_word(const Writer *writer, GByteArray *bytes, uint32_t word)
{
        if (writer->swapped)
                word = bswap_32(word);
        g_byte_array_append(bytes, (const guint8 *) &word, sizeof(word));
}

/* An unsigned long of the module's class. */
static void append_long(const Writer *writer, GByteArray *bytes, uint32_t value)
{
        bool high_first = writer->swapped == (G_BYTE_ORDER == G_LITTLE_ENDIAN);

        if (writer->elf_class == ELFCLASS64 && high_first)
                append_word(writer, bytes, 0);
        append_word(writer, bytes, value);
        if (writer->elf_class == ELFCLASS64 && !high_first)
                append_word(writer, bytes, 0);
}

static void append_zeros(GByteArray *bytes, size_t count)
{
        size_t size = bytes->len;

        g_byte_array_set_size(bytes, (guint) (size + count));
        memset(bytes->data + size, 0, count);
}

static uint32_t append_string(GByteArray *bytes, const char *text)
{
        uint32_t offset = bytes->len;

        g_byte_array_append(bytes, (const guint8 *) text, (guint) strlen(text) + 1);
        return offset;
}

/* Adds a section; takes CONTENT over. Returns its index. */
static size_t add_section(Writer *writer, const char *name, uint32_t type, uint64_t flags,
                uint64_t alignment, GByteArray *content)
{
        Elf_Scn *section = elf_newscn(writer->elf);
        Elf_Data *data = section ? elf_newdata(section) : NULL;
        GElf_Shdr header;

        g_assert_nonnull(data);
        data->d_buf = content->data;
        data->d_size = content->len;
        data->d_align = alignment;
        data->d_type = ELF_T_BYTE;
        data->d_version = EV_CURRENT;
        g_assert_nonnull(gelf_getshdr(section, &header));
        header.sh_name = append_string(writer->names, name);
        header.sh_type = type;
        header.sh_flags = flags;
        g_assert_true(gelf_update_shdr(section, &header));
        g_ptr_array_add(writer->contents, content);
        return elf_ndxscn(section);
}

static void append_note(Writer *writer, GByteArray *bytes, const char *owner, uint32_t type,
                const uint8_t *desc, size_t size)
{
        append_word(writer, bytes, (uint32_t) strlen(owner) + 1);
        append_word(writer, bytes, (uint32_t) size);
        append_word(writer, bytes, type);
        (void) append_string(bytes, owner);
        append_zeros(bytes, -bytes->len & 3);
        g_byte_array_append(bytes, desc, (guint) size);
        append_zeros(bytes, -bytes->len & 3);
}

/* One section with all of them, as gen-note makes it. */
static void add_xenserver_notes(Writer *writer)
{
        const char *const texts[] = { writer->spec->note_version, writer->spec->note_driver_version,
                writer->spec->note_release };
        GByteArray *bytes = g_byte_array_new();

        for (uint32_t i = 0; i < G_N_ELEMENTS(texts); i++)
                if (texts[i])
                        append_note(writer, bytes, "XenServer", i + 1, (const uint8_t *) texts[i],
                                        strlen(texts[i]) + 1);
        if (bytes->len > 0)
                (void) add_section(writer, ".note.XenServer", SHT_NOTE, SHF_ALLOC, 4, bytes);
        else
                g_byte_array_unref(bytes);
}

static void add_notes(Writer *writer)
{
        const ModuleSpec *spec = writer->spec;

        if (spec->build_id) {
                g_autoptr(GByteArray) id = g_byte_array_new();
                GByteArray *bytes = g_byte_array_new();

                for (const char *digit = spec->build_id; *digit != '\0'; digit += 2) {
                        guint8 byte = (guint8) (g_ascii_xdigit_value(digit[0]) << 4 |
                                                g_ascii_xdigit_value(digit[1]));

                        g_byte_array_append(id, &byte, 1);
                }
                append_note(writer, bytes, "GNU", NT_GNU_BUILD_ID, id->data, id->len);
                (void) add_section(writer, ".note.gnu.build-id", SHT_NOTE, SHF_ALLOC, 4, bytes);
        }
        add_xenserver_notes(writer);
}

/* Bytes that neither compress to nothing nor repeat. */
static size_t add_text(Writer *writer)
{
        GByteArray *text = g_byte_array_new();
        uint32_t state = 2463534242;

        g_byte_array_set_size(text, (guint) writer->spec->padding);
        for (size_t i = 0; i < text->len; i++) {
                if (i % 4 == 0) {
                        state ^= state << 13;
                        state ^= state >> 17;
                        state ^= state << 5;
                }
                text->data[i] = (guint8) (i % 8 < 4 ? state >> 8 * (i % 4) : i % 251);
        }
        return add_section(writer, ".text", SHT_PROGBITS, SHF_ALLOC | SHF_EXECINSTR, 16, text);
}

static void append_entry(GByteArray *modinfo, const char *key, const char *value)
{
        g_autofree char *entry = g_strdup_printf("%s=%s", key, value ? value : "");

        (void) (value ? append_string(modinfo, entry) : 0);
}

static void append_entries(GByteArray *modinfo, const char *key, const char *const *values)
{
        for (; values && *values; values++)
                append_entry(modinfo, key, *values);
}

static void add_modinfo(Writer *writer)
{
        const ModuleSpec *spec = writer->spec;
        GByteArray *modinfo = g_byte_array_new();

        append_entry(modinfo, "version", spec->version);
        append_entry(modinfo, "license", spec->license);
        append_entry(modinfo, "description", spec->description);
        append_entries(modinfo, "firmware", spec->firmware);
        append_entries(modinfo, "import_ns", spec->namespaces);
        append_entry(modinfo, "srcversion", spec->srcversion);
        append_entries(modinfo, "alias", spec->aliases);
        append_entry(modinfo, "softdep", spec->softdep);
        append_entry(modinfo, "supported", spec->supported);
        append_entry(modinfo, "intree", spec->intree);
        append_entry(modinfo, "depends", spec->depends ? spec->depends : "");
        append_entry(modinfo, "retpoline", "Y");
        append_entry(modinfo, "name", spec->name);
        append_entry(modinfo, "vermagic", spec->vermagic);
        (void) add_section(writer, ".modinfo", SHT_PROGBITS, SHF_ALLOC, 1, modinfo);
}

static void add_symbol(Writer *writer, const char *name, unsigned binding, uint64_t value, size_t section)
{
        GElf_Sym symbol = {
                .st_name = append_string(writer->strings, name),
                .st_info = GELF_ST_INFO(binding, section == SHN_UNDEF ? STT_NOTYPE : STT_OBJECT),
                .st_shndx = (Elf64_Section) section,
                .st_value = value,
        };

        g_array_append_val(writer->symbols, symbol);
}

/* "__ksymtab_X" and "__kstrtabns_X", by which the linker script and the loader know for whom an export is.
 */
static void add_conditions(Writer *writer, const ModuleSymbol *symbol, uint64_t place, size_t table,
                uint64_t name_space, size_t names)
{
        g_autofree char *entry = g_strconcat("__ksymtab_", symbol->name, NULL);
        g_autofree char *string = g_strconcat("__kstrtabns_", symbol->name, NULL);

        add_symbol(writer, entry, STB_GLOBAL, place, table);
        add_symbol(writer, string, STB_GLOBAL, name_space, names);
}

static void add_exports(Writer *writer, size_t text)
{
        GByteArray *tables[] = { g_byte_array_new(), g_byte_array_new() };
        GByteArray *crcs = g_byte_array_new(), *names = g_byte_array_new();
        const ModuleSymbol *exports = writer->spec->exports;
        size_t sections[2], crc_section, name_section;
        uint64_t places[2] = { 0 }, name_place = 0;

        for (const ModuleSymbol *symbol = exports; symbol->name; symbol++) {
                /* Since 5.x three relative references; relocations would fill them. */
                append_zeros(tables[symbol->is_gpl_only], 12);
                append_word(writer, crcs, symbol->crc);
                (void) append_string(names, symbol->name);
                (void) append_string(names, symbol->name_space ? symbol->name_space : "");
        }
        sections[0] = add_section(writer, "__ksymtab", SHT_PROGBITS, SHF_ALLOC, 4, tables[0]);
        sections[1] = add_section(writer, "__ksymtab_gpl", SHT_PROGBITS, SHF_ALLOC, 4, tables[1]);
        crc_section = add_section(writer, "__kcrctab", SHT_PROGBITS, SHF_ALLOC, 4, crcs);
        name_section = add_section(writer, "__ksymtab_strings", SHT_PROGBITS, SHF_ALLOC, 1, names);
        for (const ModuleSymbol *symbol = exports; symbol->name; symbol++) {
                g_autofree char *crc = g_strconcat("__crc_", symbol->name, NULL);
                bool absolute = writer->spec->absolute_crcs;

                add_symbol(writer, symbol->name, STB_GLOBAL, 0, text);
                add_symbol(writer, crc, STB_GLOBAL,
                                absolute ? symbol->crc : 4 * (uint64_t) (symbol - exports),
                                absolute ? SHN_ABS : crc_section);
                name_place += strlen(symbol->name) + 1;
                add_conditions(writer, symbol, places[symbol->is_gpl_only], sections[symbol->is_gpl_only],
                                name_place, name_section);
                name_place += (symbol->name_space ? strlen(symbol->name_space) : 0) + 1;
                places[symbol->is_gpl_only] += 12;
        }
}

/* Takes CONTENT over; nothing is added for nothing. */
static void add_versions_section(Writer *writer, const char *name, uint64_t alignment, GByteArray *content)
{
        if (content->len > 0)
                (void) add_section(writer, name, SHT_PROGBITS, SHF_ALLOC, alignment, content);
        else
                g_byte_array_unref(content);
}

static void add_versions(Writer *writer)
{
        GByteArray *versions = g_byte_array_new();

        for (const ModuleSymbol *symbol = writer->spec->imports; symbol->name; symbol++) {
                size_t start = versions->len;

                if (symbol->crc == 0)
                        continue;
                append_long(writer, versions, symbol->crc);
                (void) append_string(versions, symbol->name);
                g_assert_cmpuint(versions->len - start, <=, VERSION_ENTRY_SIZE);
                append_zeros(versions, start + VERSION_ENTRY_SIZE - versions->len);
        }
        /* modpost makes it with any import, since there is always one: "module_layout". */
        (void) add_section(writer, "__versions", SHT_PROGBITS, SHF_ALLOC, 32, versions);
}

static void add_extended_versions(Writer *writer)
{
        GByteArray *crcs = g_byte_array_new(), *names = g_byte_array_new();

        for (const ModuleSymbol *symbol = writer->spec->imports; symbol->name; symbol++) {
                if (symbol->crc == 0)
                        continue;
                append_word(writer, crcs, symbol->crc);
                (void) append_string(names, symbol->name);
        }
        add_versions_section(writer, "__version_ext_crcs", 4, crcs);
        add_versions_section(writer, "__version_ext_names", 1, names);
}

static void add_imports(Writer *writer)
{
        for (const ModuleSymbol *symbol = writer->spec->imports; symbol->name; symbol++)
                if (!symbol->is_unused)
                        add_symbol(writer, symbol->name, symbol->is_weak ? STB_WEAK : STB_GLOBAL, 0,
                                        SHN_UNDEF);
        if (writer->spec->versions == MODULE_VERSIONS_BASIC ||
                        writer->spec->versions == MODULE_VERSIONS_BOTH)
                add_versions(writer);
        if (writer->spec->versions == MODULE_VERSIONS_EXTENDED ||
                        writer->spec->versions == MODULE_VERSIONS_BOTH)
                add_extended_versions(writer);
}

static void add_this_module(Writer *writer)
{
        GByteArray *module = g_byte_array_new();
        size_t offset = NAME_OFFSET(writer->elf_class);
        size_t section;

        append_zeros(module, THIS_MODULE_SIZE);
        g_assert_cmpuint(strlen(writer->spec->name), <, 56);
        memcpy(module->data + offset, writer->spec->name, strlen(writer->spec->name));
        section = add_section(writer, ".gnu.linkonce.this_module", SHT_PROGBITS, SHF_ALLOC | SHF_WRITE, 64,
                        module);
        add_symbol(writer, "__this_module", STB_GLOBAL, 0, section);
}

/* The symbol table refers to its strings, so both come last. */
static void add_symbol_table(Writer *writer)
{
        GByteArray *bytes = g_byte_array_new();
        size_t size = gelf_fsize(writer->elf, ELF_T_SYM, writer->symbols->len, EV_CURRENT);
        Elf_Scn *section;
        Elf_Data *data;
        GElf_Shdr header;
        size_t strings;

        append_zeros(bytes, size);
        section = elf_getscn(writer->elf, add_section(writer, ".symtab", SHT_SYMTAB, 0, 8, bytes));
        data = elf_getdata(section, NULL);
        data->d_type = ELF_T_SYM;
        for (guint i = 0; i < writer->symbols->len; i++)
                g_assert_true(gelf_update_sym(data, (int) i, &g_array_index(writer->symbols, GElf_Sym, i)));
        strings = add_section(writer, ".strtab", SHT_STRTAB, 0, 1, g_byte_array_ref(writer->strings));
        g_assert_nonnull(gelf_getshdr(section, &header));
        header.sh_link = (uint32_t) strings;
        header.sh_info = 1; /* the first one that isn't local */
        header.sh_entsize = gelf_fsize(writer->elf, ELF_T_SYM, 1, EV_CURRENT);
        g_assert_true(gelf_update_shdr(section, &header));
}

static void add_header(Writer *writer)
{
        const ModuleSpec *spec = writer->spec;
        uint8_t byte_order = spec->byte_order ? spec->byte_order : module_output_byte_order();
        GElf_Ehdr header;

        g_assert_true(gelf_newehdr(writer->elf, writer->elf_class));
        g_assert_nonnull(gelf_getehdr(writer->elf, &header));
        header.e_ident[EI_DATA] = byte_order;
        header.e_type = ET_REL;
        header.e_machine = spec->machine ? spec->machine : module_output_machine();
        header.e_version = EV_CURRENT;
        g_assert_true(gelf_update_ehdr(writer->elf, &header));
        writer->swapped = byte_order != module_output_byte_order();
}

static void add_sections(Writer *writer)
{
        static const GElf_Sym none = { 0 };
        GElf_Ehdr header;
        size_t text, names;

        g_array_append_val(writer->symbols, none);
        (void) append_string(writer->strings, "");
        (void) append_string(writer->names, "");
        add_notes(writer);
        text = add_text(writer);
        if (writer->spec->exports)
                add_exports(writer, text);
        add_modinfo(writer);
        if (writer->spec->imports)
                add_imports(writer);
        else if (writer->spec->versions !=
                        MODULE_VERSIONS_NONE) /* modpost adds it with any import or none */
                (void) add_section(writer, "__versions", SHT_PROGBITS, SHF_ALLOC, 32, g_byte_array_new());
        add_this_module(writer);
        add_symbol_table(writer);
        names = add_section(writer, ".shstrtab", SHT_STRTAB, 0, 1, g_byte_array_ref(writer->names));
        /* Its own name was appended after its content was handed to libelf. */
        elf_getdata(elf_getscn(writer->elf, names), NULL)->d_buf = writer->names->data;
        elf_getdata(elf_getscn(writer->elf, names), NULL)->d_size = writer->names->len;
        g_assert_nonnull(gelf_getehdr(writer->elf, &header));
        header.e_shstrndx = (Elf64_Section) names;
        g_assert_true(gelf_update_ehdr(writer->elf, &header));
}

void module_writer_image(const ModuleSpec *spec, uint8_t **ret, size_t *ret_size)
{
        int fd = memfd_create("module", MFD_CLOEXEC);
        Writer writer = {
                .spec = spec,
                .elf_class = spec->elf_class ? spec->elf_class : ELFCLASS64,
                .names = g_byte_array_new(),
                .strings = g_byte_array_new(),
                .symbols = g_array_new(FALSE, FALSE, sizeof(GElf_Sym)),
                .contents = g_ptr_array_new_with_free_func((GDestroyNotify) g_byte_array_unref),
        };

        g_assert_cmpint(fd, >=, 0);
        g_assert_cmpuint(elf_version(EV_CURRENT), !=, EV_NONE);
        writer.elf = elf_begin(fd, ELF_C_WRITE, NULL);
        g_assert_nonnull(writer.elf);
        add_header(&writer);
        add_sections(&writer);
        g_assert_cmpint(elf_update(writer.elf, ELF_C_WRITE), >, 0);
        (void) elf_end(writer.elf);
        module_output_finish(spec, fd, ret, ret_size);
        g_ptr_array_unref(writer.contents);
        g_array_unref(writer.symbols);
        g_byte_array_unref(writer.strings);
        g_byte_array_unref(writer.names);
}
