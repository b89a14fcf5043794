/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What one process has found out of an import's files, another one reads; and it believes no byte. */

#include <errno.h>
#include <glib.h>
#include <string.h>
#include <sys/mman.h>

#include "change/import-verdict.h"
#include "host/module/module-assemble.h"
#include "sample-module.h"
#include "util/fs.h"

typedef struct Fixture {
        int fd;
        ImportVerdict verdict; /* what is written */
} Fixture;

static void set_up(Fixture *fixture, gconstpointer data)
{
        fixture->fd = memfd_create("test", MFD_CLOEXEC);
        g_assert_cmpint(fixture->fd, >=, 0);
        fixture->verdict.files = calloc(2, sizeof(ModuleFile *));
        g_assert_nonnull(fixture->verdict.files);
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
        import_verdict_done(&fixture->verdict);
        (void) fd_close(fixture->fd);
}

static void add_files(Fixture *fixture)
{
        ModuleFile **files = fixture->verdict.files;
        uint8_t *image;
        size_t size;

        module_writer_image(&sample_module, &image, &size);
        files[0] = sample_module_parse(image, size);
        free(image);
        g_assert_cmpint(module_file_new_defective(MODULE_UNREADABLE, -EIO, &files[1]), ==, 0);
        fixture->verdict.count = 2;
}

static void test_files(Fixture *fixture, gconstpointer data)
{
        ImportVerdict found CLEANUP_IMPORT_VERDICT = { 0 };

        add_files(fixture);
        g_assert_cmpint(import_verdict_write(fixture->fd, &fixture->verdict), ==, 0);
        g_assert_cmpint(import_verdict_read(fixture->fd, 3, &found), ==, -EBADMSG);
        g_assert_cmpint(import_verdict_read(fixture->fd, 2, &found), ==, 0);
        g_assert_cmpint(found.result, ==, 0);
        g_assert_cmpint(found.refusal.kind, ==, REFUSAL_NONE);
        g_assert_cmpuint(found.count, ==, 2);
        g_assert_cmpstr(found.files[0]->vermagic, ==, sample_module.vermagic);
        g_assert_cmpstr(found.files[0]->build_id, ==, sample_module.build_id);
        g_assert_cmpint(found.files[1]->defect, ==, MODULE_UNREADABLE);
        g_assert_cmpint(found.files[1]->error, ==, -EIO);
}

/* With what was read by then. */
static void test_refusal(Fixture *fixture, gconstpointer data)
{
        ImportVerdict found CLEANUP_IMPORT_VERDICT = { 0 };

        add_files(fixture);
        fixture->verdict.result =
                        refuse(&fixture->verdict.refusal, REFUSAL_INCOMPATIBLE, "%s", "ice.ko is none.");
        g_assert_cmpint(import_verdict_write(fixture->fd, &fixture->verdict), ==, 0);
        g_assert_cmpint(import_verdict_read(fixture->fd, 3, &found), ==, 0);
        g_assert_cmpint(found.result, ==, -ECANCELED);
        g_assert_cmpint(found.refusal.kind, ==, REFUSAL_INCOMPATIBLE);
        g_assert_cmpstr(found.refusal.sentence, ==, "ice.ko is none.");
}

/* Cut short at every byte, with one too many, and with each of the head's bytes spoilt. */
static void test_damaged(Fixture *fixture, gconstpointer data)
{
        ImportVerdict found = { 0 };
        g_autofree char *bytes = NULL;
        size_t size;

        add_files(fixture);
        fixture->verdict.result = refuse(&fixture->verdict.refusal, REFUSAL_INCOMPATIBLE, "no");
        g_assert_cmpint(import_verdict_write(fixture->fd, &fixture->verdict), ==, 0);
        g_assert_cmpint(lseek(fixture->fd, 0, SEEK_SET), ==, 0);
        g_assert_cmpint(fs_read_fd(fixture->fd, SIZE_MAX / 2, &bytes, &size), ==, 0);
        g_assert_cmpint(fs_write_all(fixture->fd, "", 1), ==, 0);
        g_assert_cmpint(import_verdict_read(fixture->fd, 2, &found), ==, -EBADMSG);
        for (size_t i = 0; i < 24; i++) {
                const char spoilt = (char) ~bytes[i];

                g_assert_cmpint(ftruncate(fixture->fd, (off_t) size), ==, 0);
                g_assert_cmpint(pwrite(fixture->fd, &spoilt, 1, (off_t) i), ==, 1);
                if (import_verdict_read(fixture->fd, 2, &found) >= 0) {
                        /* Another errno of ours. */
                        g_assert_cmpint(found.result, <=, 0);
                        g_assert_cmpuint(found.count, ==, 2);
                        import_verdict_done(&found);
                }
                g_assert_cmpint(pwrite(fixture->fd, &bytes[i], 1, (off_t) i), ==, 1);
        }
        for (size_t i = size; i-- > 0;) {
                g_assert_cmpint(ftruncate(fixture->fd, (off_t) i), ==, 0);
                g_assert_cmpint(import_verdict_read(fixture->fd, 2, &found), ==, -EBADMSG);
        }
        g_assert_null(found.files);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
#define ADD(name, function) g_test_add("/import-verdict/" name, Fixture, NULL, set_up, function, tear_down)
        ADD("files", test_files);
        ADD("refusal", test_refusal);
        ADD("damaged", test_damaged);
        return g_test_run();
}
