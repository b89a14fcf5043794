/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What stands in updates/, in the override file and in modprobe.d: links of every kind, files that aren't
 * ours. */

#include <glib.h>
#include <string.h>
#include <sys/stat.h>

#include "host/selection.h"
#include "host/tree/catalogue-read.h"
#include "sample-root.h"
#include "sample-set.h"

/* Never written to. */
static const Config config = { 0 };

typedef struct Fixture {
        SampleRoot sample;
        Catalogue *catalogue;
        Selection *selection;
} Fixture;

static void set_up(Fixture *fixture, gconstpointer data)
{
        sample_root_init(&fixture->sample, "6.1.0");
        sample_root_add_module(&fixture->sample, "6.1.0", "xenserver/p/1/ice.ko", "1");
        sample_root_add_module(&fixture->sample, "6.1.0", "xenserver/p/2/ice.ko", "2");
        sample_root_add_module(&fixture->sample, "6.1.0", "extra/foreign.ko", "1");
        temp_dir_mkdir(&fixture->sample.dir, "lib/modules/6.1.0/updates/below");
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
        fixture->selection = selection_free(fixture->selection);
        fixture->catalogue = catalogue_free(fixture->catalogue);
        sample_root_done(&fixture->sample);
}

static const Selection *read_selection(Fixture *fixture)
{
        const HostRoot *root = fixture->sample.root;

        fixture->selection = selection_free(fixture->selection);
        fixture->catalogue = catalogue_free(fixture->catalogue);
        g_assert_cmpint(catalogue_read(root, &config, NULL, NULL, &fixture->catalogue), ==, 0);
        g_assert_cmpint(selection_read(root, fixture->catalogue, &fixture->selection), ==, 0);
        return fixture->selection;
}

static void test_links(Fixture *fixture, gconstpointer data)
{
        static const struct {
                const char *target;
                UpdateKind kind;
                const char *path;
        } rows[] = {
                { "../xenserver/p/1/ice.ko", UPDATE_VERSION, "xenserver/p/1/ice.ko" },
                { "../updates/../xenserver/p/2/ice.ko", UPDATE_VERSION, "xenserver/p/2/ice.ko" },
                { "/lib/modules/6.1.0/xenserver/p/1/ice.ko", UPDATE_VERSION, "xenserver/p/1/ice.ko" },
                { "/usr/lib/modules/6.1.0/xenserver/p/1/ice.ko", UPDATE_VERSION, "xenserver/p/1/ice.ko" },
                { "../../6.1.0/xenserver/p/1/ice.ko", UPDATE_VERSION, "xenserver/p/1/ice.ko" },
                /* Through a link to a directory, and to another link. */
                { "../linked/ice.ko", UPDATE_VERSION, "xenserver/p/1/ice.ko" },
                { "again.link", UPDATE_VERSION, "xenserver/p/1/ice.ko" },
                /* The version's own file is a link to one that no tree knows. */
                { "../xenserver/p/3/ice.ko", UPDATE_VERSION, "xenserver/p/3/ice.ko" },
                { "/lib/modules/6.1.0/xenserver/p/3/ice.ko", UPDATE_VERSION, "xenserver/p/3/ice.ko" },
                { "/usr/lib/modules/6.1.0/xenserver/p/3/ice.ko", UPDATE_VERSION, "xenserver/p/3/ice.ko" },
                { "../extra/foreign.ko", UPDATE_FOREIGN, "extra/foreign.ko" },
                { "../modules.order", UPDATE_FOREIGN, "modules.order" },
                { "../../6.2.0/xenserver/p/1/ice.ko", UPDATE_OUTSIDE, NULL },
                { "/etc/machine-id", UPDATE_OUTSIDE, NULL },
                { "../../../../../../../../../etc/machine-id", UPDATE_OUTSIDE, NULL },
                { "../xenserver/p/9/ice.ko", UPDATE_DANGLING, NULL },
                { "../xenserver/p/1/ice.ko/more", UPDATE_DANGLING, NULL },
                { "/no/where", UPDATE_DANGLING, NULL },
                { "ice.ko", UPDATE_DANGLING, NULL },
                { "../xenserver/p/1", UPDATE_OTHER, NULL },
                { "..", UPDATE_OTHER, NULL },
                { "/etc", UPDATE_OTHER, NULL },
                { "pipe", UPDATE_OTHER, NULL },
        };
        const TempDir *dir = &fixture->sample.dir;

        sample_root_add_module(&fixture->sample, "6.2.0", "xenserver/p/1/ice.ko", "1");
        temp_dir_link(dir, "lib/modules/6.1.0/linked", "xenserver/p/1");
        temp_dir_link(dir, "lib/modules/6.1.0/updates/again.link", "../xenserver/p/1/ice.ko");
        temp_dir_link(dir, "lib/modules/6.1.0/xenserver/p/3/ice.ko", "../../../extra/foreign.ko");
        g_assert_cmpint(mkfifoat(dir->fd, "lib/modules/6.1.0/updates/pipe", 0600), ==, 0);
        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                const ReleaseSelection *release;

                g_test_message("%s", rows[i].target);
                temp_dir_link(dir, "lib/modules/6.1.0/updates/ice.ko", rows[i].target);
                release = selection_release(read_selection(fixture), "6.1.0");
                g_assert_nonnull(release);
                g_assert_cmpuint(release->update_count, ==, 1);
                g_assert_cmpstr(release->updates[0].file, ==, "ice.ko");
                g_assert_cmpstr(release->updates[0].module, ==, "ice");
                g_assert_cmpstr(release->updates[0].target, ==, rows[i].target);
                g_assert_cmpint(release->updates[0].absolute, ==, rows[i].target[0] == '/');
                g_assert_cmpint(release->updates[0].kind, ==, rows[i].kind);
                g_assert_cmpstr(release->updates[0].path, ==, rows[i].path);
                g_assert_cmpint(unlinkat(dir->fd, "lib/modules/6.1.0/updates/ice.ko", 0), ==, 0);
        }
}

static void test_entries(Fixture *fixture, gconstpointer data)
{
        static const struct {
                const char *file;
                const char *module;
                UpdateKind kind;
        } rows[] = {
                { "dell-laptop.ko.xz", "dell_laptop", UPDATE_REGULAR },
                { "directory.ko", "directory", UPDATE_OTHER },
                { "fifo.ko", "fifo", UPDATE_OTHER },
                { "ice.ko", "ice", UPDATE_VERSION },
        };
        const TempDir *dir = &fixture->sample.dir;
        const ReleaseSelection *release;

        sample_root_select(&fixture->sample, "6.1.0", "xenserver/p/1/ice.ko");
        temp_dir_write(dir, "lib/modules/6.1.0/updates/dell-laptop.ko.xz", "");
        temp_dir_write(dir, "lib/modules/6.1.0/updates/README", "");
        temp_dir_write(dir, "lib/modules/6.1.0/updates/.hostdriver-0123", "");
        temp_dir_write(dir, "lib/modules/6.1.0/updates/bad\n.ko", "");
        temp_dir_write(dir, "lib/modules/6.1.0/updates/below/inner.ko", "");
        temp_dir_mkdir(dir, "lib/modules/6.1.0/updates/directory.ko");
        g_assert_cmpint(mkfifoat(dir->fd, "lib/modules/6.1.0/updates/fifo.ko", 0600), ==, 0);
        release = selection_release(read_selection(fixture), "6.1.0");
        g_assert_cmpuint(release->update_count, ==, G_N_ELEMENTS(rows));
        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_assert_cmpstr(release->updates[i].file, ==, rows[i].file);
                g_assert_cmpstr(release->updates[i].module, ==, rows[i].module);
                g_assert_cmpint(release->updates[i].kind, ==, rows[i].kind);
        }
}

/* No updates/ at all, or something else in its place: nothing is selected by links. */
static void test_no_updates(Fixture *fixture, gconstpointer data)
{
        const TempDir *dir = &fixture->sample.dir;
        const Selection *selection;

        sample_root_add_kernel(&fixture->sample, "6.2.0");
        sample_root_add_kernel(&fixture->sample, "6.3.0");
        temp_dir_link(dir, "lib/modules/6.2.0/updates", "../6.1.0/updates");
        sample_root_select(&fixture->sample, "6.1.0", "xenserver/p/1/ice.ko");
        selection = read_selection(fixture);
        g_assert_cmpuint(selection->release_count, ==, 3);
        g_assert_cmpuint(selection_release(selection, "6.1.0")->update_count, ==, 1);
        g_assert_cmpuint(selection_release(selection, "6.2.0")->update_count, ==, 0);
        g_assert_cmpuint(selection_release(selection, "6.3.0")->update_count, ==, 0);
        g_assert_null(selection_release(selection, "6.4.0"));
}

static void test_overrides(Fixture *fixture, gconstpointer data)
{
        const TempDir *dir = &fixture->sample.dir;
        const Selection *selection = read_selection(fixture);
        const OverrideEntry *entry;

        g_assert_cmpuint(selection->overrides.count, ==, 0);
        g_assert_false(selection->override_file_foreign);
        temp_dir_write(dir, "etc/depmod.d/zz-hostdriver.conf",
                        "override dell-laptop ^6[.]1[.]0$ xenserver/p/1\n");
        selection = read_selection(fixture);
        g_assert_false(selection->override_file_foreign);
        entry = override_list_find(&selection->overrides, "6.1.0", "dell_laptop");
        g_assert_nonnull(entry);
        g_assert_cmpstr(entry->module, ==, "dell-laptop");
        g_assert_cmpstr(entry->directory, ==, "xenserver/p/1");
        temp_dir_write(dir, "etc/depmod.d/zz-hostdriver.conf", "search updates\n");
        g_assert_true(read_selection(fixture)->override_file_foreign);
        temp_dir_write(dir, "etc/depmod.d/zz-hostdriver.conf",
                        "override ice ^6[.]1[.]0$ a\noverride dell-laptop * a\noverride igb\n");
        selection = read_selection(fixture);
        g_assert_false(selection->override_file_foreign);
        sample_set_assert(&selection->edited_overrides, "dell_laptop igb");
        g_assert_cmpuint(selection->overrides.count, ==, 1);
        g_assert_cmpint(unlinkat(dir->fd, "etc/depmod.d/zz-hostdriver.conf", 0), ==, 0);
        g_assert_cmpint(mkfifoat(dir->fd, "etc/depmod.d/zz-hostdriver.conf", 0600), ==, 0);
        g_assert_true(read_selection(fixture)->override_file_foreign);
}

#define BLOCK "softdep ice pre:\nblacklist ice\ninstall ice /bin/false\n"

static void test_blocked(Fixture *fixture, gconstpointer data)
{
        static const struct {
                const char *file, *text;
        } files[] = {
                { "hostdriver-ice.conf", "# comment\n" BLOCK },
                { "hostdriver-dell-laptop.conf", "install dell_laptop /bin/false\n" },
                { "hostdriver-igb.conf", "" },
                { "hostdriver-.conf", BLOCK },
                { "hostdriver-i ce.conf", BLOCK },
                { "hostdriver-other.bak", BLOCK },
                { "ice.conf", BLOCK },
                { "hostdriver-a.b.conf", BLOCK },
                { "xhostdriver-x.conf", BLOCK },
        };
        StringSet names CLEANUP_STRING_SET = { 0 };
        const Selection *selection;
        char *name CLEANUP_FREE = NULL;

        for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
                g_autofree char *path = g_strdup_printf("etc/modprobe.d/%s", files[i].file);

                temp_dir_write(&fixture->sample.dir, path, files[i].text);
        }
        /* What is no file can't be waited for. */
        g_assert_cmpint(mkfifoat(fixture->sample.dir.fd, "etc/modprobe.d/hostdriver-fifo.conf", 0600), ==,
                        0);
        selection = read_selection(fixture);
        sample_set_assert(&selection->blocked, "dell_laptop ice");
        sample_set_assert(&selection->edited_blocks, "dell_laptop fifo igb");
        g_assert_cmpint(blocks_read(fixture->sample.root, &names), ==, 0);
        sample_set_assert(&names, "dell_laptop fifo ice igb");
        g_assert_cmpint(block_file_name("ice", &name), ==, 0);
        g_assert_cmpstr(name, ==, files[0].file);
}

static void test_block_text(void)
{
        static const struct {
                const char *text;
                bool blocks, edited;
        } rows[] = {
                { BLOCK, true, false },
                { "# a\n\n  install\tice  /bin/false \n#b\nblacklist ice\nsoftdep ice pre:", true, false },
                { "blacklist ice\ninstall ice /bin/false\n", true, true },
                { "softdep ice pre: igb\nblacklist ice\ninstall ice /bin/false\n", true, true },
                { "softdep ice\nblacklist ice\ninstall ice /bin/false\n", true, true },
                { BLOCK "softdep ice pre: igb\n", true, true },
                { "install ice /bin/false\n", true, true },
                { "blacklist ice\n", false, true },
                { "", false, true },
                { "#blacklist ice\n#install ice /bin/false\n", false, true },
                { BLOCK "options ice debug=1\n", true, true },
                { BLOCK "blacklist igb\n", true, true },
                { "blacklist ice\ninstall ice /sbin/modprobe -i ice\n", false, true },
                { "blacklist ice\ninstall ice /bin/false || true\n", false, true },
                { "blacklist ice\ninstall ice\n", false, true },
                { "blacklist igb\ninstall igb /bin/false\n", false, true },
                { "install ice /bin/true\n" BLOCK, false, true },
                { BLOCK "install ice /bin/true\n", true, true },
                { "softdep ice pre:\n# a \\\nblacklist ice\ninstall ice /bin/false\n", true, true },
                { "softdep ice pre:\nblacklist ice\ninstall \\\nice /bin/fa\\lse\n", true, false },
                { "blacklist ice\ninstall ice /bin/false\\", false, true },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                BlockJudgement judgement;

                g_test_message("%s", rows[i].text);
                g_assert_cmpint(block_text_judge(rows[i].text, "ice", &judgement), ==, 0);
                g_assert_cmpint(judgement.blocks, ==, rows[i].blocks);
                g_assert_cmpint(judgement.edited, ==, rows[i].edited);
        }
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
#define TEST(name, function) g_test_add("/selection/" name, Fixture, NULL, set_up, function, tear_down)
        TEST("links", test_links);
        TEST("entries", test_entries);
        TEST("no-updates", test_no_updates);
        TEST("overrides", test_overrides);
        TEST("blocked", test_blocked);
        g_test_add_func("/selection/block-text", test_block_text);
        return g_test_run();
}
