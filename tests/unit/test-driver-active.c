/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Which version is active: each piece of evidence, their order, and that nothing is guessed. */

#include <glib.h>
#include <string.h>

#include "facts-builder.h"
#include "model/driver.h"

#define V1 "xenserver/p/1/ice.ko"
#define V2 "xenserver/p/2/ice.ko"
#define V3 "xenserver/p/3/ice.ko"

typedef struct Row {
        const char *name;
        FactsFile files[4];
        FactsLoaded loaded;
        const char *active, *active_by;
        const char *problems; /* codes, with blanks between */
        bool builtin;         /* as modules.builtin has it */
} Row;

static const TreeInfo info_one = { .version = (char *) "one", .variant = (char *) "generic" };

static const Row table[] = {
        { "not loaded", { { V1 } }, { "ice", LOAD_ABSENT, .note_version = "1" }, "", "", "" },
        { "built in, and unknown to sysfs", { { V1 } }, { "ice", LOAD_ABSENT }, "", "builtin", "builtin",
                        .builtin = true },
        { "loaded, though modules.builtin has it", { { V1, .build_id = "aa" } },
                        { "ice", LOAD_LIVE, .build_id = "aa" }, "1", "build-id", "", .builtin = true },
        { "built in", { { V1 } }, { "ice", LOAD_BUILTIN, .version = "1" }, "", "builtin", "builtin" },

        { "note is an id", { { V1 }, { V2 } }, { "ice", LOAD_LIVE, .note_version = "2" }, "2", "note", "" },
        { "note is an id, and another's modinfo version", { { V1, .version = "2" }, { V2 } },
                        { "ice", LOAD_LIVE, .note_version = "2" }, "2", "note", "" },
        { "note is one modinfo version", { { V1, .version = "v1" }, { V2 } },
                        { "ice", LOAD_LIVE, .note_version = "v1" }, "1", "note", "" },
        { "note is two modinfo versions", { { V1, .version = "v" }, { V2, .version = "v" } },
                        { "ice", LOAD_LIVE, .note_version = "v" }, "", "", "active-unknown" },
        { "note is one info.json version", { { "dmv/p/1/ice.ko", .info = &info_one }, { "dmv/p/2/ice.ko" } },
                        { "ice", LOAD_LIVE, .note_version = "one" }, "1", "note", "" },
        { "note is one info.json variant", { { "dmv/p/1/ice.ko", .info = &info_one }, { "dmv/p/2/ice.ko" } },
                        { "ice", LOAD_LIVE, .note_version = "generic" }, "1", "note", "" },
        { "note is one file's note", { { V1, .note_version = "n" }, { V2 } },
                        { "ice", LOAD_LIVE, .note_version = "n" }, "1", "note", "" },
        { "note is a directory's name", { { V1 }, { "xenserver/q/2/ice.ko" } },
                        { "ice", LOAD_LIVE, .note_version = "2" }, "q/2", "note", "duplicate-package" },
        { "note is the name of two directories", { { V1 }, { "xenserver/q/1/ice.ko" } },
                        { "ice", LOAD_LIVE, .note_version = "1" }, "", "",
                        "active-unknown duplicate-package" },
        { "note names nothing", { { V1 }, { V2 } }, { "ice", LOAD_LIVE, .note_version = "9" }, "", "",
                        "active-unknown" },
        { "note is empty", { { V1 }, { V2 } }, { "ice", LOAD_LIVE, .note_version = "" }, "", "",
                        "active-unknown" },
        { "note is of another kernel's version", { { V1, "5.10" }, { V2 } },
                        { "ice", LOAD_LIVE, .note_version = "1" }, "1", "note", "" },

        { "build-id of one", { { V1, .build_id = "aa" }, { V2, .build_id = "bb" } },
                        { "ice", LOAD_LIVE, .build_id = "bb" }, "2", "build-id", "" },
        { "build-id of the kernel's",
                        { { V1, .build_id = "aa" }, { "kernel/net/ice.ko", .build_id = "kk" } },
                        { "ice", LOAD_LIVE, .build_id = "kk" }, "kernel", "build-id", "" },
        { "build-id of two", { { V1, .build_id = "aa" }, { V2, .build_id = "aa" } },
                        { "ice", LOAD_LIVE, .build_id = "aa" }, "", "", "active-unknown" },
        { "build-id of a file for another kernel", { { V1, "5.10", .build_id = "aa" }, { V2 } },
                        { "ice", LOAD_LIVE, .build_id = "aa" }, "", "", "active-unknown" },
        { "note that says nothing, build-id", { { V1, .build_id = "aa" }, { V2 } },
                        { "ice", LOAD_LIVE, .note_version = "9", .build_id = "aa" }, "1", "build-id", "" },

        { "note and build-id agree", { { V1, .build_id = "aa" }, { V2, .build_id = "bb" } },
                        { "ice", LOAD_LIVE, .note_version = "1", .build_id = "aa" }, "1", "note", "" },
        { "note and build-id disagree", { { V1, .build_id = "aa" }, { V2, .build_id = "bb" } },
                        { "ice", LOAD_LIVE, .note_version = "1", .build_id = "bb" }, "2", "build-id",
                        "note-disagrees" },
        { "note is one of two with the build-id", { { V1, .build_id = "aa" }, { V2, .build_id = "aa" } },
                        { "ice", LOAD_LIVE, .note_version = "2", .build_id = "aa" }, "2", "note", "" },
        { "note is none of two with the build-id",
                        { { V1, .build_id = "aa" }, { V2, .build_id = "aa" }, { V3, .build_id = "bb" } },
                        { "ice", LOAD_LIVE, .note_version = "3", .build_id = "aa", .version = "x" }, "", "",
                        "note-disagrees active-unknown" },
        { "note, but its file was replaced", { { V1, .build_id = "aa" }, { V2, .build_id = "bb" } },
                        { "ice", LOAD_LIVE, .note_version = "1", .build_id = "cc" }, "1", "note",
                        "active-file-changed" },

        { "srcversion of one", { { V1, .srcversion = "S1" }, { V2, .srcversion = "S2" } },
                        { "ice", LOAD_LIVE, .srcversion = "S2", .version = "1" }, "2", "srcversion", "" },
        { "srcversion of two, version of one",
                        { { V1, .srcversion = "S", .version = "a" }, { V2, .srcversion = "S" } },
                        { "ice", LOAD_LIVE, .srcversion = "S", .version = "a" }, "1", "version", "" },
        { "version of one", { { V1, .version = "a" }, { V2, .version = "b" } },
                        { "ice", LOAD_LIVE, .version = "b" }, "2", "version", "" },
        { "version of two", { { V1, .version = "a" }, { V2, .version = "a" } },
                        { "ice", LOAD_LIVE, .version = "a" }, "", "", "active-unknown" },
        { "files that say nothing aren't equal to a kernel that says nothing", { { V1 } },
                        { "ice", LOAD_LIVE, .version = "", .srcversion = "" }, "", "", "active-unknown" },
        { "a note that lies about its size", { { V1, .version = "a" } },
                        { "ice", LOAD_LIVE, .notes_defective = true, .version = "a" }, "1", "version", "" },
        { "nothing at all", { { V1 } }, { "ice", LOAD_LIVE }, "", "", "active-unknown" },
};

/* The codes, but for what is said of the selection: it is not the subject. */
static char *codes_of(const Driver *driver)
{
        GString *codes = g_string_new(NULL);

        for (size_t i = 0; i < driver->problems.count; i++) {
                const char *code = driver->problems.items[i].code;

                if (strcmp(code, "effective-differs") != 0)
                        g_string_append_printf(codes, "%s%s", codes->len > 0 ? " " : "", code);
        }
        return g_string_free(codes, FALSE);
}

static void test_table(void)
{
        for (size_t i = 0; i < G_N_ELEMENTS(table); i++) {
                FactsSpec spec = { .releases = { "5.10", "6.1" }, .loaded = { table[i].loaded } };
                Driver *driver CLEANUP(driver_freep) = NULL;
                char *codes;

                memcpy(spec.files, table[i].files, sizeof(table[i].files));
                spec.effective[0] = (FactsEffective){ "ice", NULL, V1, table[i].builtin };
                driver = facts_derive(&spec, "ice");
                codes = codes_of(driver);
                if (strcmp(driver->active, table[i].active) != 0 ||
                                strcmp(driver->active_by, table[i].active_by) != 0 ||
                                strcmp(codes, table[i].problems) != 0)
                        g_error("%s: active '%s' by '%s', problems '%s'", table[i].name, driver->active,
                                        driver->active_by, codes);
                g_assert_true(driver->loaded == (table[i].loaded.state != LOAD_ABSENT || table[i].builtin));
                if (strcmp(driver->active_by, "builtin") == 0)
                        g_assert_false(driver->reboot_required);
                g_free(codes);
        }
}

/* The sentence must let an administrator follow the evidence. */
static void test_reasons(void)
{
        FactsSpec spec = {
                .files = { { V1, .build_id = "aa", .version = "v" }, { V2, .version = "v" } },
                .effective = { { "ice", .path = V1 } },
                .updates = { { "ice.ko", .path = V1 } },
                .overrides = { { "ice", NULL, "xenserver/p/1" } },
                .loaded = { { "ice", LOAD_LIVE, true, "9", "bb", NULL, "v" } },
        };
        Driver *driver CLEANUP(driver_freep) = facts_derive(&spec, "ice");
        const char *sentence;

        g_assert_cmpuint(driver->problems.count, ==, 1);
        sentence = driver->problems.items[0].sentence;
        g_test_message("%s", sentence);
        g_assert_nonnull(strstr(sentence, "its version note can't be read"));
        g_assert_nonnull(strstr(sentence, "its note 9 is that of no version"));
        g_assert_nonnull(strstr(sentence, "its build-id bb is that of no version"));
        g_assert_nonnull(strstr(sentence, "its version v is that of 2 versions"));
        g_assert_null(strstr(sentence, "srcversion"));
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/driver-active/table", test_table);
        g_test_add_func("/driver-active/reasons", test_reasons);
        return g_test_run();
}
