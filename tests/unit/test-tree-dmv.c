/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Driver variants with their info.json, sound and broken. */

#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/stat.h>

#include "host/info-json.h"
#include "tree-record.h"

#define SOUND_JSON                                                                           \
        "{ \"category\": \"network\", \"name\": \"ice\", \"description\": \"Intel E800\",\n" \
        "  \"variant\": \"generic\", \"version\": \"1.11.17.1\", \"priority\": 30,\n"        \
        "  \"status\": \"production\", \"extra\": [1, 2],\n"                                 \
        "  \"pci_ids\": [ { \"vendor_id\": \"8086\", \"device_id\": \"1592\" } ] }\n"

static void test_sound(void)
{
        TempDir dir CLEANUP_TEMP_DIR = { 0 };
        TreeRecord record CLEANUP_TREE_RECORD = { 0 };
        g_autofree char *found = NULL;

        temp_dir_init(&dir, "tree");
        temp_dir_write(&dir, "dmv/ice/generic/info.json", SOUND_JSON);
        temp_dir_write(&dir, "dmv/ice/generic/ice.ko", "");
        temp_dir_write(&dir, "dmv/ice/generic/rdma/irdma.ko", "");
        tree_record_scan(&record, &tree_dmv, &dir, "dmv", NULL);
        found = tree_record_lines(record.found);
        g_assert_cmpstr(found, ==,
                        "ice|generic|dmv/ice/generic/ice.ko\nice|generic|dmv/ice/generic/rdma/irdma.ko\n");
        g_assert_cmpuint(record.skipped->len, ==, 0);
        /* Each module file has an info of its own. */
        g_assert_cmpuint(record.infos->len, ==, 2);
        for (guint i = 0; i < record.infos->len; i++) {
                const TreeInfo *info = record.infos->pdata[i];

                g_assert_cmpstr(info->type, ==, "network");
                g_assert_cmpstr(info->description, ==, "Intel E800");
                g_assert_cmpstr(info->version, ==, "1.11.17.1");
                g_assert_cmpstr(info->status, ==, "production");
                g_assert_cmpint(info->priority, ==, 30);
                g_assert_cmpstr(info->pci_ids, ==, "[{\"vendor_id\":\"8086\",\"device_id\":\"1592\"}]");
                g_assert_cmpstr(info->problem, ==, "");
        }
}

#define FIELDS_BUT_PRIORITY                                                                            \
        "\"category\":\"c\",\"name\":\"n\",\"description\":\"d\",\"variant\":\"v\",\"version\":\"1\"," \
        "\"status\":\"s\",\"pci_ids\":[]"

static void test_broken(void)
{
        static const struct {
                const char *text;
                const char *problem; /* a part of it */
                const char *type;    /* what is sound is kept */
        } rows[] = {
                { "", "is not JSON", "" },
                { "garbage", "is not JSON", "" },
                { "{", "is not JSON", "" },
                { "[]", "is not a JSON object", "" },
                { "null", "is not JSON", "" },
                { "{}", "lacks the field category", "" },
                { "{\"category\":\"c\"}", "lacks the field name", "c" },
                { "{\"category\":1,\"name\":\"n\"}", "has no string in the field category", "" },
                { "{" FIELDS_BUT_PRIORITY "}", "lacks the field priority", "c" },
                { "{" FIELDS_BUT_PRIORITY ",\"priority\":\"high\"}", "no whole number in the field priority",
                                "c" },
                { "{" FIELDS_BUT_PRIORITY ",\"priority\":1.5}", "no whole number in the field priority",
                                "c" },
                { "{" FIELDS_BUT_PRIORITY ",\"priority\":1e400}", "is not JSON", "" },
                { "{" FIELDS_BUT_PRIORITY ",\"priority\":99999999999999999999}", "is not JSON", "" },
                { "{" FIELDS_BUT_PRIORITY ",\"priority\":1,\"name\":\"twice\"}", "is not JSON", "" },
                { "{\"category\":\"\\u0000\"}", "is not JSON", "" },
                { "{\"category\":\"\xff\"}", "is not JSON", "" },
                { "{" FIELDS_BUT_PRIORITY ",\"priority\":1} trailing", "is not JSON", "" },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                TreeInfo *info CLEANUP(tree_info_freep) = NULL;

                g_assert_cmpint(info_json_parse(rows[i].text, strlen(rows[i].text), &info), ==, 0);
                g_test_message("%zu: %s", i, info->problem);
                g_assert_nonnull(strstr(info->problem, rows[i].problem));
                g_assert_true(g_str_has_suffix(info->problem, "."));
                g_assert_true(g_utf8_validate(info->problem, -1, NULL));
                g_assert_cmpstr(info->type, ==, rows[i].type);
                g_assert_nonnull(info->pci_ids);
        }
}

static void test_pci_ids_is_no_list(void)
{
        static const char text[] =
                        "{\"category\":\"c\",\"name\":\"n\",\"description\":\"d\",\"variant\":\"v\","
                        "\"version\":\"1\",\"status\":\"s\",\"priority\":-5,\"pci_ids\":{}}";
        TreeInfo *info CLEANUP(tree_info_freep) = NULL;

        g_assert_cmpint(info_json_parse(text, strlen(text), &info), ==, 0);
        g_assert_nonnull(strstr(info->problem, "has no list in the field pci_ids"));
        g_assert_cmpstr(info->pci_ids, ==, "");
        g_assert_cmpint(info->priority, ==, -5);
}

/* A million brackets overflow no stack. */
static void test_deep(void)
{
        size_t size = 1000000;
        g_autofree char *text = g_strnfill(size, '[');
        TreeInfo *info CLEANUP(tree_info_freep) = NULL;

        g_assert_cmpint(info_json_parse(text, size, &info), ==, 0);
        g_assert_nonnull(strstr(info->problem, "is not JSON"));
}

/* Each broken info.json is its own version's problem; the module files are all there. */
static void test_neighbours(void)
{
        static const char not_regular[] = "Its info.json can't be read: it is not a regular file; "
                                          "repair the driver's package.";
        static const struct {
                const char *version;
                const char *problem;
        } rows[] = {
                { "missing", "Its info.json is missing; repair the driver's package." },
                { "huge", "Its info.json can't be read: it is larger than 1 MiB; "
                          "repair the driver's package." },
                { "link", not_regular },
                { "fifo", not_regular },
                { "directory", not_regular },
                { "sound", "" },
        };
        TempDir dir CLEANUP_TEMP_DIR = { 0 };
        TreeRecord record CLEANUP_TREE_RECORD = { 0 };
        int fd CLEANUP_FD = -1;

        temp_dir_init(&dir, "tree");
        temp_dir_write(&dir, "dmv/ice/sound/info.json", SOUND_JSON);
        temp_dir_write(&dir, "dmv/ice/huge/info.json", "[");
        fd = openat(dir.fd, "dmv/ice/huge/info.json", O_WRONLY | O_CLOEXEC);
        g_assert_cmpint(ftruncate(fd, 100 * 1024 * 1024), ==, 0);
        temp_dir_link(&dir, "dmv/ice/link/info.json", "../sound/info.json");
        temp_dir_mkdir(&dir, "dmv/ice/fifo");
        g_assert_cmpint(mkfifoat(dir.fd, "dmv/ice/fifo/info.json", 0600), ==, 0);
        temp_dir_mkdir(&dir, "dmv/ice/directory/info.json");
        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autofree char *path = g_strdup_printf("dmv/ice/%s/ice.ko", rows[i].version);

                temp_dir_write(&dir, path, "");
        }
        tree_record_scan(&record, &tree_dmv, &dir, "dmv", NULL);
        g_assert_cmpuint(record.found->len, ==, G_N_ELEMENTS(rows));
        g_assert_cmpuint(record.infos->len, ==, G_N_ELEMENTS(rows));
        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                guint same_problem = 0, expected = 0;

                for (guint j = 0; j < record.infos->len; j++)
                        same_problem += strcmp(((TreeInfo *) record.infos->pdata[j])->problem,
                                                        rows[i].problem) == 0;
                for (size_t j = 0; j < G_N_ELEMENTS(rows); j++)
                        expected += strcmp(rows[j].problem, rows[i].problem) == 0;
                g_assert_cmpuint(same_problem, ==, expected);
        }
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/tree-dmv/sound", test_sound);
        g_test_add_func("/tree-dmv/broken", test_broken);
        g_test_add_func("/tree-dmv/pci-ids-is-no-list", test_pci_ids_is_no_list);
        g_test_add_func("/tree-dmv/deep", test_deep);
        g_test_add_func("/tree-dmv/neighbours", test_neighbours);
        return g_test_run();
}
