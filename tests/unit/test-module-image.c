/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ELF images of every class and byte order, sound and damaged, read from memory. */

#include <elf.h>
#include <glib.h>
#include <string.h>

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

static uint8_t *find(uint8_t *image, size_t size, const char *text)
{
        uint8_t *place = memmem(image, size, text, strlen(text));

        g_assert_nonnull(place);
        return place;
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
        g_test_add_func("/module-image/lying-note", test_lying_note);
        return g_test_run();
}
