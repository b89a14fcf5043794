/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Initramfs images: cpio archives, plain and compressed, with module files, links and a modules.dep.
 * Whatever they hold, what is found is one of the names that were asked for. */

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <string.h>

#include "fuzz.h"
#include "host/initramfs/cpio-reader.h"
#include "host/initramfs/initramfs-image.h"
#include "host/initramfs/initramfs-reader.h"
#include "image-writer.h"
#include "temp-dir.h"

#define RELEASE "6.1.0"
#define MODULES "lib/modules/" RELEASE "/"
#define IMAGE "initrd.img"
#define UNPACKED_MAX (4U * 1024 * 1024)

/* One for all runs, since making it takes longer than a run. */
static TempDir dir;
static HostRoot *root;
static int image_fd;

static void end(void)
{
        image_fd = fd_close(image_fd);
        root = host_root_free(root);
        temp_dir_done(&dir);
}

static void begin(void)
{
        temp_dir_init(&dir, "fuzz-initramfs");
        g_assert_cmpint(host_root_new(dir.path, RELEASE, &root), ==, 0);
        image_fd = openat(dir.fd, IMAGE, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        g_assert_cmpint(image_fd, >=, 0);
        g_assert_cmpint(atexit(end), ==, 0);
}

static void write_image(const uint8_t *data, size_t size)
{
        g_assert_cmpint(ftruncate(image_fd, (off_t) size), ==, 0);
        g_assert_cmpint(pwrite(image_fd, data, size, 0), ==, (ssize_t) size);
}

/* Every entry with its content, which the image's reader asks for only now and then. */
static void read_entries(void)
{
        CpioReader *reader CLEANUP(cpio_reader_freep) = NULL;
        g_autofree CpioEntry *entry = g_new(CpioEntry, 1);
        int r;

        g_assert_cmpint(cpio_reader_new(openat(dir.fd, IMAGE, O_RDONLY | O_CLOEXEC), UNPACKED_MAX, &reader),
                        ==, 0);
        while ((r = cpio_reader_next(reader, entry)) > 0) {
                uint8_t *content CLEANUP_FREE = NULL;

                g_assert_nonnull(memchr(entry->name, '\0', sizeof(entry->name)));
                if (entry->inode % 2 == 0 && cpio_reader_content(reader, UNPACKED_MAX, &content) >= 0)
                        g_assert_cmpint(content[entry->size], ==, '\0');
        }
}

static void check_module(const InitramfsImage *image, const StringSet *names, size_t index)
{
        const InitramfsModule *module = &image->modules[index];

        g_assert_true(string_set_contains(names, module->name));
        g_assert_true(initramfs_image_module(image, module->name) == module);
        g_assert_cmpint(module->path[0], !=, '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        InitramfsImage *image CLEANUP(initramfs_image_unrefp) = NULL;
        StringSet names CLEANUP_STRING_SET = { 0 };

        if (!root)
                begin();
        write_image(data, size);
        read_entries();
        g_assert_cmpint(string_set_add(&names, "dell_laptop"), ==, 1);
        g_assert_cmpint(string_set_add(&names, "ice"), ==, 1);
        g_assert_cmpint(initramfs_image_read(root, RELEASE, "/" IMAGE, &names, &image), ==, 0);
        for (size_t i = 0; i < image->count; i++)
                check_module(image, &names, i);
        return 0;
}

_Bool fuzz_seed(size_t index, uint8_t **ret, size_t *ret_size)
{
        static const ModuleCompression compressions[] = { MODULE_PLAIN, MODULE_ZSTD };
        g_autoptr(GByteArray) image = g_byte_array_new();
        static const char content[] = "no module";
        ImageWriter *writer;

        if (index >= ELEMENTSOF(compressions))
                return false;
        writer = image_writer_new();
        image_writer_add_text(writer, "kernel/x86/microcode/GenuineIntel.bin", "microcode");
        image_writer_append_to(writer, MODULE_PLAIN, image);
        writer = image_writer_new();
        image_writer_add_module(writer, MODULES "dmv/ice/1/ice.ko", "ice", "00ff", "1", MODULE_PLAIN);
        image_writer_add_link(writer, MODULES "updates/ice.ko", "../dmv/ice/1/ice.ko");
        image_writer_add_hard_link(writer, MODULES "kernel/dell-laptop.ko", 7, NULL, 0);
        image_writer_add_hard_link(writer, MODULES "updates/dell-laptop.ko", 7, content, strlen(content));
        image_writer_add_text(writer, MODULES "modules.dep",
                        "updates/ice.ko: kernel/dell-laptop.ko\nupdates/dell-laptop.ko:\n");
        image_writer_append_to(writer, compressions[index], image);
        *ret_size = image->len;
        *ret = g_memdup2(image->data, image->len);
        return true;
}
