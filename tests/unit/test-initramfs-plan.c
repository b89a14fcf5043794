/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which images have to be rebuilt and which rebuilt ones are right, as a table; and what a batch adds up to.
 */

#include <errno.h>
#include <glib.h>
#include <string.h>

#include "change/initramfs/initramfs-plan.h"
#include "change/initramfs/rebuild-requests.h"
#include "host/module/module-read.h"
#include "module-writer.h"

/* A module file is told by its build-id: one byte of it here. 0: there is none. */
typedef struct Row {
        const char *name;
        char inside; /* the image's file */
        bool inside_blocked;
        char host; /* what the index resolves to */
        bool host_blocked;
        bool listed;
        bool stale;
        const char *wrong; /* if the rebuilt image were like that, and the old one held the module: words of
                            * the sentence; NULL: it is right */
} Row;

static const Row rows[] = {
        { "absent", 0, false, 'a', false, false, false, "lacks ice" },
        { "absent-listed", 0, false, 'a', false, true, true, "lacks ice" },
        { "absent-listed-deselected", 0, false, 'a', true, true, false, NULL },
        { "absent-everywhere", 0, false, 0, false, true, false, NULL },
        { "same", 'a', false, 'a', false, false, false, NULL },
        { "other", 'a', false, 'b', false, false, true, "another version of ice" },
        { "other-listed", 'a', false, 'b', false, true, true, "another version of ice" },
        { "deselected", 'a', false, 'a', true, false, true, "could load ice" },
        { "deselected-blocked", 'a', true, 'a', true, false, false, NULL },
        { "selected-blocked", 'a', true, 'a', false, false, true, "keeps ice from being loaded" },
        { "gone", 'a', false, 0, false, false, false, NULL },
};

static ModuleFile *make_file(char build)
{
        g_autofree char *build_id = g_strdup_printf("%02x%038d", build, 0);
        const ModuleSpec spec = { .name = "ice", .build_id = build_id };
        uint8_t *image CLEANUP_FREE = NULL;
        ModuleFile *file;
        size_t size;

        module_writer_image(&spec, &image, &size);
        g_assert_cmpint(module_file_parse(image, size, &file), ==, 0);
        return file;
}

static void make_image(InitramfsImage *image, char build, bool blocked)
{
        *image = (InitramfsImage){ .references = 2, .release = strdup("6.1.0"), .path = strdup("/boot/x") };
        if (build) {
                image->modules = calloc(1, sizeof(InitramfsModule));
                image->modules[0] = (InitramfsModule){
                        .name = strdup("ice"), .path = strdup("updates/ice.ko"), .file = make_file(build)
                };
                image->count = 1;
        }
        if (blocked)
                g_assert_cmpint(string_set_add(&image->blocked, "ice"), ==, 1);
}

static void test_row(gconstpointer data)
{
        const Row *row = data;
        ImageWant want = { .module = (char *) "ice", .blocked = row->host_blocked, .listed = row->listed };
        const ImageWants wants = { .items = &want, .count = 1 };
        InitramfsImage *image = calloc(1, sizeof(*image)), *old = calloc(1, sizeof(*old));
        char *sentence = NULL;

        make_image(image, row->inside, row->inside_blocked);
        make_image(old, 'z', false);
        want.file = row->host ? make_file(row->host) : NULL;
        g_assert_cmpint(image_is_stale(image, &wants), ==, row->stale);
        g_assert_cmpint(image_check(old, image, &wants, &sentence), ==, !row->wrong);
        if (row->wrong)
                g_assert_nonnull(strstr(sentence, row->wrong));
        g_assert_cmpint(image_concerns(image, &wants, "ice"), ==, row->inside || row->listed);
        g_assert_false(image_concerns(image, &wants, "ixgbe"));
        free(sentence);
        (void) module_file_unref(want.file);
        for (unsigned i = 0; i < 2; i++) {
                (void) initramfs_image_unref(image);
                (void) initramfs_image_unref(old);
        }
}

/* A rebuilt image that lacks what the old one lacked, too, is fine; one that can't be read is not. */
static void test_check(void)
{
        ImageWant want = { .module = (char *) "ice", .listed = true, .file = make_file('a') };
        const ImageWants wants = { .items = &want, .count = 1 };
        InitramfsImage *empty = calloc(1, sizeof(*empty));
        char *sentence = NULL;

        make_image(empty, 0, false);
        g_assert_cmpint(image_check(empty, empty, &wants, &sentence), ==, 1);
        g_assert_cmpint(image_check(NULL, empty, &wants, &sentence), ==, 1);
        empty->error = -EBADMSG;
        g_assert_cmpint(image_check(NULL, empty, &wants, &sentence), ==, 0);
        g_assert_nonnull(strstr(sentence, "can't be read: it is damaged"));
        free(sentence);
        (void) module_file_unref(want.file);
        for (unsigned i = 0; i < 2; i++)
                (void) initramfs_image_unref(empty);
}

static Plan *make_plan(const char *module, const char *releases)
{
        g_auto(GStrv) list = g_strsplit(releases, " ", -1);
        GString *text = g_string_new(
                        "{\"format\":1,\"kind\":\"select\",\"subjects\":[],\"blocks\":[],\"changes\":[");
        Plan *plan;

        for (unsigned i = 0; list[i]; i++)
                g_string_append_printf(text,
                                "%s{\"release\":\"%s\",\"module\":\"%s\",\"before\":{},\"after\":{}}",
                                i > 0 ? "," : "", list[i], module);
        g_string_append(text, "]}");
        g_assert_cmpint(plan_from_json(text->str, &plan), ==, 0);
        g_string_free(text, true);
        return plan;
}

static void test_requests(void)
{
        RebuildRequests requests CLEANUP(rebuild_requests_done) = { 0 };
        StringSet releases CLEANUP_STRING_SET = { 0 }, modules CLEANUP_STRING_SET = { 0 };
        Plan *first CLEANUP(plan_freep) = make_plan("ice", "6.1.0 6.2.0");
        Plan *second CLEANUP(plan_freep) = make_plan("ixgbe", "6.2.0");

        g_assert_cmpint(rebuild_requests_add_plan(&requests, first), ==, 0);
        g_assert_cmpint(rebuild_requests_add_plan(&requests, second), ==, 0);
        g_assert_cmpint(string_set_add(&releases, "6.1.0"), ==, 1);
        g_assert_cmpint(string_set_add(&modules, "i40e"), ==, 1);
        g_assert_cmpint(rebuild_requests_add_all(&requests, &releases, &modules, true), ==, 0);
        g_assert_cmpuint(requests.count, ==, 2);
        g_assert_cmpstr(requests.items[0].release, ==, "6.1.0");
        g_assert_true(requests.items[0].forced);
        g_assert_cmpuint(requests.items[0].modules.count, ==, 2);
        g_assert_cmpstr(requests.items[1].release, ==, "6.2.0");
        g_assert_false(requests.items[1].forced);
        g_assert_true(string_set_contains(&requests.items[1].modules, "ice"));
        g_assert_true(string_set_contains(&requests.items[1].modules, "ixgbe"));
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autofree char *path = g_strdup_printf("/initramfs-plan/%s", rows[i].name);

                g_test_add_data_func(path, &rows[i], test_row);
        }
        g_test_add_func("/initramfs-plan/check", test_check);
        g_test_add_func("/initramfs-plan/requests", test_requests);
        return g_test_run();
}
