/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Driver variants with their info.json, sound and broken. */

#include <fcntl.h>
#include <glib.h>
#include <string.h>
#include <sys/stat.h>

#include "host/tree/info-json.h"
#include "tree-record.h"

#define SOUND_JSON                                                                               \
        "{ \"category\": \"network\", \"name\": \"ice\", \"description\": \"Intel E800\",\n"     \
        "  \"variant\": \"generic\", \"version\": \"1.11.17.1\", \"priority\": 30,\n"            \
        "  \"status\": \"production\", \"extra\": [1, 2],\n"                                     \
        "  \"pci_ids\": { \"ice.ko\": [ { \"vendor_id\": \"8086\", \"device_id\": \"0x159B\",\n" \
        "    \"subvendor_id\": \"*\", \"subdevice_id\": \"0001\" },\n"                           \
        "    { \"vendor_id\": \"*\", \"device_id\": \"*\" } ], \"ir-dma.ko.xz\": [] } }\n"

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
        /* The files of a version share theirs. */
        g_assert_cmpuint(record.infos->len, ==, 2);
        g_assert_true(record.infos->pdata[0] == record.infos->pdata[1]);
        for (guint i = 0; i < record.infos->len; i++) {
                const TreeInfo *info = record.infos->pdata[i];

                g_assert_cmpstr(info->name, ==, "ice");
                g_assert_cmpstr(info->variant, ==, "generic");
                g_assert_cmpstr(info->type, ==, "network");
                g_assert_cmpstr(info->description, ==, "Intel E800");
                g_assert_cmpstr(info->version, ==, "1.11.17.1");
                g_assert_cmpstr(info->status, ==, "production");
                g_assert_true(info->has_priority);
                g_assert_cmpint(info->priority, ==, 30);
                g_assert_cmpuint(info->pci_ids_count, ==, 2);
                g_assert_cmpstr(info->pci_ids[0].module, ==, "ice");
                g_assert_cmpuint(info->pci_ids[0].count, ==, 2);
                g_assert_cmphex(info->pci_ids[0].items[0].vendor, ==, 0x8086);
                g_assert_cmphex(info->pci_ids[0].items[0].device, ==, 0x159B);
                g_assert_cmphex(info->pci_ids[0].items[0].subvendor, ==, PCI_ID_ANY);
                g_assert_cmphex(info->pci_ids[0].items[0].subdevice, ==, 1);
                g_assert_cmphex(info->pci_ids[0].items[1].vendor, ==, PCI_ID_ANY);
                g_assert_cmphex(info->pci_ids[0].items[1].subdevice, ==, PCI_ID_ANY);
                g_assert_cmpstr(info->pci_ids[1].module, ==, "ir_dma");
                g_assert_cmpuint(info->pci_ids[1].count, ==, 0);
                g_assert_cmpstr(info->problem, ==, "");
        }
}

#define FIELDS_BUT_PRIORITY                                                                            \
        "\"category\":\"c\",\"name\":\"n\",\"description\":\"d\",\"variant\":\"v\",\"version\":\"1\"," \
        "\"status\":\"s\",\"pci_ids\":{}"

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
                TreeInfo *info CLEANUP(tree_info_unrefp) = NULL;

                g_assert_cmpint(info_json_parse(rows[i].text, strlen(rows[i].text), &info), ==, 0);
                g_test_message("%zu: %s", i, info->problem);
                g_assert_nonnull(strstr(info->problem, rows[i].problem));
                g_assert_true(g_str_has_suffix(info->problem, "."));
                g_assert_true(g_utf8_validate(info->problem, -1, NULL));
                g_assert_cmpstr(info->type, ==, rows[i].type);
        }
}

#define ID(more) "{\"vendor_id\":\"8086\",\"device_id\":\"1592\"" more "}"

/* What is wrong in pci_ids is told, and what is sound in it counts. */
static void test_pci_ids(void)
{
        static const struct {
                const char *value;   /* of the field */
                const char *problem; /* a part of it; "" if there is none */
                size_t modules, ids;
        } rows[] = {
                { "{}", "", 0, 0 },
                { "{\"ice.ko\":[" ID("") "]}", "", 1, 1 },
                { "{\"ice.ko\":[" ID(",\"more\":1") "," ID("") "],\"b.ko\":[" ID("") "]}", "", 2, 3 },
                { "[]", "has no object in the field pci_ids;", 0, 0 },
                { "null", "has no object in the field pci_ids;", 0, 0 },
                { "\"8086\"", "has no object in the field pci_ids;", 0, 0 },
                { "{\"ice\":[" ID("") "]}", "names in pci_ids what is no module file: ice;", 0, 0 },
                { "{\"../\\u001b.ko\":[" ID("") "]}", "no module file: ../\\x1b.ko;", 0, 0 },
                { "{\"ice.ko\":{}}", "has in pci_ids no list for ice.ko;", 1, 0 },
                { "{\"ice.ko\":[1," ID("") "]}", "has in pci_ids an entry that is no object;", 1, 1 },
                { "{\"ice.ko\":[{}," ID("") "]}", "lacks in an entry of pci_ids the field vendor_id;", 1,
                                1 },
                { "{\"ice.ko\":[{\"vendor_id\":\"8086\"}]}",
                                "lacks in an entry of pci_ids the field device_id;", 1, 0 },
                { "{\"ice.ko\":[" ID(",\"subvendor_id\":1") "]}",
                                "has in pci_ids no string in the field subvendor_id;", 1, 0 },
                { "{\"ice.ko\":[" ID(",\"subdevice_id\":null") "]}",
                                "has in pci_ids no string in the field subdevice_id;", 1, 0 },
                { "{\"ice.ko\":[" ID(",\"subdevice_id\":\"12345\"") "]}",
                                "neither a hexadecimal number of up to four digits nor * in the field "
                                "subdevice_id;",
                                1, 0 },
                { "{\"ice.ko\":[{\"vendor_id\":\"eees\",\"device_id\":\"1\"}," ID("") "]}",
                                "nor * in the field vendor_id;", 1, 1 },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                g_autofree char *text = g_strdup_printf(
                                "{\"category\":\"c\",\"name\":\"n\",\"description\":\"d\",\"variant\":\"v\","
                                "\"version\":\"1\",\"status\":\"s\",\"priority\":-5,\"pci_ids\":%s}",
                                rows[i].value);
                TreeInfo *info CLEANUP(tree_info_unrefp) = NULL;
                size_t ids = 0;

                g_assert_cmpint(info_json_parse(text, strlen(text), &info), ==, 0);
                g_test_message("%s: %s", rows[i].value, info->problem);
                g_assert_nonnull(strstr(info->problem, rows[i].problem));
                g_assert_cmpint(info->problem[0] == '\0', ==, rows[i].problem[0] == '\0');
                g_assert_cmpuint(info->pci_ids_count, ==, rows[i].modules);
                for (size_t j = 0; j < info->pci_ids_count; j++)
                        ids += info->pci_ids[j].count;
                g_assert_cmpuint(ids, ==, rows[i].ids);
                g_assert_cmpint(info->priority, ==, -5);
        }
}

/* As many as fit into the largest file. */
static void test_many_pci_ids(void)
{
        g_autoptr(GString) text = g_string_new("{" FIELDS_BUT_PRIORITY);
        TreeInfo *info CLEANUP(tree_info_unrefp) = NULL;
        size_t count = 0;

        g_string_set_size(text, text->len - strlen("{}"));
        g_string_append(text, "{\"ice.ko\":[");
        while (text->len + 64 < INFO_JSON_SIZE_MAX)
                g_string_append_printf(text, "%s" ID(""), count++ > 0 ? "," : "");
        g_string_append(text, "]},\"priority\":1}");
        g_assert_cmpint(info_json_parse(text->str, text->len, &info), ==, 0);
        g_assert_cmpstr(info->problem, ==, "");
        g_assert_cmpuint(info->pci_ids[0].count, ==, count);
}

/* A million brackets overflow no stack. */
static void test_deep(void)
{
        size_t size = 1000000;
        g_autofree char *text = g_strnfill(size, '[');
        TreeInfo *info CLEANUP(tree_info_unrefp) = NULL;

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
        g_test_add_func("/tree-dmv/pci-ids", test_pci_ids);
        g_test_add_func("/tree-dmv/many-pci-ids", test_many_pci_ids);
        g_test_add_func("/tree-dmv/deep", test_deep);
        g_test_add_func("/tree-dmv/neighbours", test_neighbours);
        return g_test_run();
}
