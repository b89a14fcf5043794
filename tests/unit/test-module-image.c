/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ELF images of every class and byte order, sound and damaged, read from memory. */

#include <elf.h>
#include <glib.h>
#include <string.h>

#include "host/module/module-read.h"
#include "sample-module.h"

static void test_classes(void)
{
        for (uint8_t class = ELFCLASS32; class <= ELFCLASS64; class ++)
                for (uint8_t order = ELFDATA2LSB; order <= ELFDATA2MSB; order++) {
                        ModuleSpec spec = sample_module;
                        ModuleFile *file CLEANUP(module_file_unrefp) = NULL;
                        uint8_t *image;
                        size_t size;

                        spec.elf_class = class;
                        spec.byte_order = order;
                        spec.machine = EM_PPC;
                        module_writer_image(&spec, &image, &size);
                        file = sample_module_parse(image, size);
                        g_free(image);
                        g_assert_cmpint(file->defect, ==, MODULE_SOUND);
                        g_assert_cmpint(file->elf_class, ==, class);
                        g_assert_cmpint(file->byte_order, ==, order);
                        g_assert_cmpint(file->machine, ==, EM_PPC);
                        g_assert_cmpstr(file->version, ==, sample_module.version);
                        g_assert_cmpstr(module_file_next(file, "firmware", NULL), ==,
                                        sample_module_firmware[0]);
                }
}

/* The section headers are the last thing in the file: without its last byte it is no module any more. */
static void test_truncated(void)
{
        uint8_t *image;
        size_t size;

        module_writer_image(&sample_module, &image, &size);
        for (size_t i = 0; i < size; i++) {
                ModuleFile *file CLEANUP(module_file_unrefp) = sample_module_parse(image, i);

                g_assert_cmpint(file->defect, ==, MODULE_NOT_A_MODULE);
        }
        g_free(image);
}

/* Every bit turned over: whatever is said is said of a file that holds together. */
static void test_flipped(void)
{
        uint8_t *image;
        size_t size;
        unsigned sound = 0;

        module_writer_image(&sample_module, &image, &size);
        for (size_t i = 0; i < size; i++)
                for (unsigned bit = 0; bit < 8; bit++) {
                        ModuleFile *file CLEANUP(module_file_unrefp) = NULL;

                        image[i] ^= (uint8_t) (1U << bit);
                        g_assert_cmpint(module_file_parse(image, size, &file), ==, 0);
                        g_assert_true(file->defect == MODULE_SOUND || file->defect == MODULE_NOT_A_MODULE);
                        sound += file->defect == MODULE_SOUND;
                        image[i] ^= (uint8_t) (1U << bit);
                }
        g_assert_cmpuint(sound, >, size); /* most bytes are content */
        g_assert_cmpuint(sound, <, 8 * size);
        g_free(image);
}

/* An image whose headers are changed where its own class and byte order have them. */
typedef struct Headers {
        uint8_t *image; /* with room behind it */
        size_t size;
        bool wide;
        bool big;
} Headers;

#define ROOM 2048

static uint64_t get(const Headers *headers, size_t offset, size_t width)
{
        uint64_t value = 0;

        for (size_t i = 0; i < width; i++)
                value = value << 8 | headers->image[offset + (headers->big ? i : width - 1 - i)];
        return value;
}

static void put(const Headers *headers, size_t offset, size_t width, uint64_t value)
{
        for (size_t i = 0; i < width; i++)
                headers->image[offset + (headers->big ? width - 1 - i : i)] = (uint8_t) (value >> 8 * i);
}

/* Of structures of both classes, the place and size of one field. */
#define FIELD(headers, name, field)                                                        \
        ((headers)->wide ? offsetof(Elf64_##name, field) : offsetof(Elf32_##name, field)), \
                        (headers)->wide ? sizeof(((Elf64_##name *) NULL)->field)           \
                                        : sizeof(((Elf32_##name *) NULL)->field)
#define GET(headers, field) get((headers), FIELD(headers, Ehdr, field))

static void put_section(const Headers *headers, size_t index, size_t offset, size_t width, uint64_t value)
{
        size_t size = headers->wide ? sizeof(Elf64_Shdr) : sizeof(Elf32_Shdr);

        put(headers, GET(headers, e_shoff) + index * size + offset, width, value);
}

static Headers headers_new(int variant)
{
        Headers headers = { .wide = variant & 1, .big = variant & 2 };
        ModuleSpec spec = sample_module;
        uint8_t *image;

        spec.elf_class = headers.wide ? ELFCLASS64 : ELFCLASS32;
        spec.byte_order = headers.big ? ELFDATA2MSB : ELFDATA2LSB;
        module_writer_image(&spec, &image, &headers.size);
        headers.image = g_malloc0(headers.size + ROOM);
        memcpy(headers.image, image, headers.size);
        g_free(image);
        return headers;
}

static void assert_defect(const Headers *headers, ModuleDefect defect)
{
        ModuleFile *file CLEANUP(module_file_unrefp) = sample_module_parse(headers->image, headers->size);

        g_assert_cmpint(file->defect, ==, defect);
        if (defect == MODULE_SOUND)
                g_assert_cmpstr(file->version, ==, sample_module.version);
}

/* The number of sections, and the index of their names, where they don't fit in the ELF header. */
static void extend(const Headers *headers, uint64_t count)
{
        put_section(headers, 0, FIELD(headers, Shdr, sh_size), count);
        put_section(headers, 0, FIELD(headers, Shdr, sh_link), GET(headers, e_shstrndx));
        put(headers, FIELD(headers, Ehdr, e_shnum), 0);
        put(headers, FIELD(headers, Ehdr, e_shstrndx), SHN_XINDEX);
}

static void test_extended(void)
{
        static const uint32_t lies[] = { 0, 1 << 18, 0x7fffffff, 0xffffffff };

        for (int variant = 0; variant < 4; variant++) {
                Headers headers = headers_new(variant);

                extend(&headers, GET(&headers, e_shnum));
                assert_defect(&headers, MODULE_SOUND);
                for (size_t i = 0; i < ELEMENTSOF(lies); i++) {
                        put_section(&headers, 0, FIELD(&headers, Shdr, sh_size), lies[i]);
                        assert_defect(&headers, MODULE_NOT_A_MODULE);
                }
                g_free(headers.image);
        }
}

/* Nothing says that section headers are aligned. */
static void test_misaligned(void)
{
        for (int variant = 0; variant < 4; variant++)
                for (size_t shift = 1; shift < 8; shift++) {
                        Headers headers = headers_new(variant);
                        uint64_t place = GET(&headers, e_shoff);

                        memmove(headers.image + place + shift, headers.image + place, headers.size - place);
                        headers.size += shift;
                        put(&headers, FIELD(&headers, Ehdr, e_shoff), place + shift);
                        assert_defect(&headers, MODULE_SOUND);
                        g_free(headers.image);
                }
}

/* Flags, entry sizes, links and alignments that lie: none is needed, and none is believed. */
static void test_lying_sections(void)
{
        for (int variant = 0; variant < 4; variant++) {
                Headers headers = headers_new(variant);

                for (size_t i = 1; i < GET(&headers, e_shnum); i++) {
                        put_section(&headers, i, FIELD(&headers, Shdr, sh_flags), SHF_COMPRESSED);
                        put_section(&headers, i, FIELD(&headers, Shdr, sh_entsize), i % 2 ? 0 : UINT32_MAX);
                        put_section(&headers, i, FIELD(&headers, Shdr, sh_link), UINT32_MAX);
                        put_section(&headers, i, FIELD(&headers, Shdr, sh_addralign), UINT32_MAX);
                }
                assert_defect(&headers, MODULE_SOUND);
                g_free(headers.image);
        }
}

static uint8_t *find(uint8_t *image, size_t size, const char *text)
{
        uint8_t *place = memmem(image, size, text, strlen(text));

        g_assert_nonnull(place);
        return place;
}

/* The section whose content begins with the XenServer note. */
static size_t find_note_section(const Headers *headers)
{
        const uint8_t *note = find(headers->image, headers->size, "XenServer") - sizeof(Elf64_Nhdr);
        uint64_t table = GET(headers, e_shoff);
        size_t i = 1;

        while (headers->image + get(headers,
                                                table + i * sizeof(Elf64_Shdr) +
                                                                offsetof(Elf64_Shdr, sh_offset),
                                                8) !=
                        note)
                g_assert_cmpuint(++i, <, GET(headers, e_shnum));
        return i;
}

/* COUNT sections of that name without a note, and then the one that has it. */
static char *version_behind(size_t count)
{
        Headers headers = headers_new(__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? 3 : 1);
        size_t index = find_note_section(&headers), sections = GET(&headers, e_shnum);
        Elf64_Shdr *table = (Elf64_Shdr *) (headers.image + GET(&headers, e_shoff));
        Elf64_Shdr section = table[index];
        ModuleFile *file CLEANUP(module_file_unrefp) = NULL;
        char *version;

        g_assert_cmpuint((count + 1) * sizeof(section), <=, ROOM);
        table[index].sh_size = 0;
        for (size_t i = 1; i < count; i++)
                table[sections++] = table[index];
        table[sections++] = section;
        put(&headers, FIELD(&headers, Ehdr, e_shnum), sections);
        headers.size = GET(&headers, e_shoff) + sections * sizeof(section);
        file = sample_module_parse(headers.image, headers.size);
        g_assert_cmpint(file->defect, ==, MODULE_SOUND);
        version = g_strdup(file->note_version);
        g_free(headers.image);
        return version;
}

/* Of thousands of such sections only the first ones are read: they would all be kept in memory. */
static void test_many_notes(void)
{
        g_autofree char *few = version_behind(3), *many = version_behind(17);

        g_assert_cmpstr(few, ==, sample_module.note_version);
        g_assert_cmpstr(many, ==, "");
}

/* Notes whose sizes lie say nothing; the rest of the file stands. */
static void test_lying_note(void)
{
        ModuleFile *file CLEANUP(module_file_unrefp) = NULL;
        uint8_t *image;
        size_t size;

        module_writer_image(&sample_module, &image, &size);
        memset(find(image, size, "XenServer") - 12, 0xff, 4);
        file = sample_module_parse(image, size);
        g_assert_cmpint(file->defect, ==, MODULE_SOUND);
        g_assert_cmpstr(file->note_version, ==, "");
        g_assert_cmpstr(file->build_id, ==, sample_module.build_id);
        g_assert_cmpstr(file->version, ==, sample_module.version);
        g_free(image);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/module-image/classes", test_classes);
        g_test_add_func("/module-image/truncated", test_truncated);
        g_test_add_func("/module-image/flipped", test_flipped);
        g_test_add_func("/module-image/extended", test_extended);
        g_test_add_func("/module-image/misaligned", test_misaligned);
        g_test_add_func("/module-image/lying-sections", test_lying_sections);
        g_test_add_func("/module-image/lying-note", test_lying_note);
        g_test_add_func("/module-image/many-notes", test_many_notes);
        return g_test_run();
}
