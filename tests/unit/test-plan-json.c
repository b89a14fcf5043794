/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Plans to JSON and back; JSON that must not be taken for a plan, since recovery would act upon it. */

#include <errno.h>
#include <glib.h>
#include <string.h>

#include "change/plan/plan.h"

#define PLAN(changes, blocks, subjects)                                                        \
        "{\"blocks\":[" blocks "],\"changes\":[" changes "],\"format\":1,\"kind\":\"select\"," \
        "\"subjects\":[" subjects "]}"
#define CHANGE(release, module, expected, before, after)                                                \
        "{\"after\":{" after "},\"before\":{" before "},\"expected\":" expected ",\"module\":\"" module \
        "\",\"release\":\"" release "\"}"
#define LINK "\"link\":\"ice.ko\",\"target\":\"../x/p/1/ice.ko\""
#define BOTH \
        "\"directory\":\"x/p/1\",\"link\":\"ice.ko\",\"spelling\":\"ice\",\"target\":\"../x/p/1/ice.ko\""

#define FILES(files, directories)                                                                \
        "{\"blocks\":[],\"changes\":[],\"directories\":[" directories "],\"files\":[" files "]," \
        "\"format\":2,\"kind\":\"adopt\",\"subjects\":[]}"
#define FILE_OF(release, outside, inside)                                            \
        "{\"after\":true,\"before\":false,\"inside\":\"" inside "\",\"kept\":false," \
        "\"outside\":\"" outside "\",\"release\":\"" release "\"}"
#define DIRECTORY(release, place, aside, inside)                                                \
        "{\"after\":false,\"aside\":\"" aside "\",\"before\":true," inside "\"place\":\"" place \
        "\",\"release\":\"" release "\"}"
#define INSIDE(text) "\"inside\":" text ","

/* Members are sorted, so that a round trip gives the very same text. */
static const char *const sound[] = {
        PLAN("", "", ""),
        PLAN(CHANGE("6.1.0", "ice", "\"x/p/1/ice.ko\"", "", BOTH), "", ""),
        PLAN(CHANGE("6.1.0", "ice", "null", LINK, ""),
                        "{\"after\":true,\"before\":false,\"module\":\"ice\"}",
                        "{\"driver\":\"ice\",\"from\":\"1\",\"release\":\"6.1.0\",\"to\":\"\"}"),
        /* no UTF-8 in a link that another tool made */
        PLAN(CHANGE("6.1.0", "ice", "null", "\"link\":\"ice.ko\",\"target\":{\"hex\":\"2e2e2fff\"}", ""), "",
                        ""),
        PLAN(CHANGE("6.1.0", "ice", "null", "\"link\":\"ice.ko\",\"target\":\"/usr/lib/\\\"x\\\"\"", ""), "",
                        ""),
        FILES(FILE_OF("6.1.0", "updates/net/ice.ko", "xenserver/ice/1/ice.ko"), ""),
        FILES("", DIRECTORY("6.1.0", "xenserver/ice/1", ".hostdriver-0123456789abcdef-0", "")),
        FILES("", DIRECTORY("6.1.0", "xenserver/ice/1", ".hostdriver-0123456789abcdef-0", INSIDE("true"))),
};

static const char *const garbage[] = {
        "",
        "[]",
        "null",
        "{}",
        "{\"format\":1}",
        "{\"format\":2,\"kind\":\"select\",\"changes\":[],\"blocks\":[],\"subjects\":[]}",
        "{\"format\":1,\"kind\":\"select\",\"changes\":[],\"blocks\":[],\"subjects\":[]} x",
        "{\"format\":1,\"format\":1,\"kind\":\"select\",\"changes\":[],\"blocks\":[],\"subjects\":[]}",
        "{\"format\":1,\"kind\":\"unheard-of\",\"changes\":[],\"blocks\":[],\"subjects\":[]}",
        "{\"format\":1,\"changes\":[],\"blocks\":[],\"subjects\":[]}",
        "{\"format\":1,\"kind\":7,\"changes\":[],\"blocks\":[],\"subjects\":[]}",
        "{\"format\":1,\"kind\":\"select\",\"changes\":{},\"blocks\":[],\"subjects\":[]}",
        "{\"format\":1,\"kind\":\"select\",\"changes\":[],\"subjects\":[]}",
        FILES("7", ""),
        FILES("", "{}"),
        FILES(FILE_OF("../x", "updates/ice.ko", "xenserver/ice/1/ice.ko"), ""),
        FILES(FILE_OF("6", "kernel/ice.ko", "xenserver/ice/1/ice.ko"), ""),
        FILES(FILE_OF("6", "updates/../ice.ko", "xenserver/ice/1/ice.ko"), ""),
        FILES(FILE_OF("6", "updates/passwd", "xenserver/ice/1/ice.ko"), ""),
        FILES(FILE_OF("6", "updates/ice.ko", "updates/ice/1/ice.ko"), ""),
        FILES(FILE_OF("6", "updates/ice.ko", "xenserver/ice.ko"), ""),
        FILES(FILE_OF("6", "updates/ice.ko", "/etc/a/b/ice.ko"), ""),
        /* what is aside is removed */
        FILES("", DIRECTORY("6", "xenserver/ice/1", "6.1.0", "")),
        FILES("", DIRECTORY("6", "xenserver/ice/1", ".hostdriver-/../6.1.0", "")),
        FILES("", DIRECTORY("6", "xenserver/ice", ".hostdriver-0-0", "")),
        FILES("", DIRECTORY("6", "xenserver/../../..", ".hostdriver-0-0", "")),
        FILES("", DIRECTORY("6", "updates/a/b", ".hostdriver-0-0", "")),
        FILES("", DIRECTORY("6", "xenserver/ice/1", ".hostdriver-0-0", INSIDE("1"))),
        PLAN("7", "", ""),
        PLAN("", "null", ""),
        PLAN("", "", "\"x\""),
        PLAN("", "", "{\"driver\":\"ice\",\"release\":\"6\",\"from\":\"\"}"),
        PLAN("", "{\"after\":1,\"before\":false,\"module\":\"ice\"}", ""),
        PLAN("", "{\"after\":true,\"before\":false,\"module\":\"../../etc/passwd\"}", ""),
        PLAN(CHANGE("..", "ice", "null", "", ""), "", ""),
        PLAN(CHANGE("a/b", "ice", "null", "", ""), "", ""),
        PLAN(CHANGE("6", "i/ce", "null", "", ""), "", ""),
        PLAN(CHANGE("6", "ice", "\"/etc/ice.ko\"", "", ""), "", ""),
        PLAN(CHANGE("6", "ice", "\"a/../b\"", "", ""), "", ""),
        /* names that would lead out of updates/, or are of another module */
        PLAN(CHANGE("6", "ice", "null", "\"link\":\"../ice.ko\",\"target\":\"x\"", ""), "", ""),
        PLAN(CHANGE("6", "ice", "null", "\"link\":\"passwd\",\"target\":\"x\"", ""), "", ""),
        PLAN(CHANGE("6", "ice", "null", "\"link\":\"irdma.ko\",\"target\":\"x\"", ""), "", ""),
        PLAN(CHANGE("6", "ice", "null", "\"link\":\"ice.ko\"", ""), "", ""),
        PLAN(CHANGE("6", "ice", "null", "\"link\":\"ice.ko\",\"target\":\"\"", ""), "", ""),
        PLAN(CHANGE("6", "ice", "null", "\"target\":\"x\"", ""), "", ""),
        PLAN(CHANGE("6", "ice", "null", "\"link\":\"ice.ko\",\"target\":{\"hex\":\"0\"}", ""), "", ""),
        PLAN(CHANGE("6", "ice", "null", "\"link\":\"ice.ko\",\"target\":{\"hex\":\"00\"}", ""), "", ""),
        PLAN(CHANGE("6", "ice", "null", "\"link\":\"ice.ko\",\"target\":{\"hex\":\"zz\"}", ""), "", ""),
        PLAN(CHANGE("6", "ice", "null", "\"link\":\"ice.ko\",\"target\":\"a\\u0000b\"", ""), "", ""),
        PLAN(CHANGE("6", "ice", "null", "", "\"directory\":\"/x\",\"spelling\":\"ice\""), "", ""),
        PLAN(CHANGE("6", "ice", "null", "", "\"directory\":\"x/./y\",\"spelling\":\"ice\""), "", ""),
        PLAN(CHANGE("6", "ice", "null", "", "\"directory\":\"x//y\",\"spelling\":\"ice\""), "", ""),
        PLAN(CHANGE("6", "ice", "null", "", "\"directory\":\"x/\",\"spelling\":\"ice\""), "", ""),
        PLAN(CHANGE("6", "ice", "null", "", "\"directory\":\"x\""), "", ""),
        /* would add a line of its own to depmod's configuration */
        PLAN(CHANGE("6", "ice", "null", "", "\"directory\":\"x\\nsearch\",\"spelling\":\"ice\""), "", ""),
        PLAN(CHANGE("6", "ice", "null", "", "\"directory\":\"x y\",\"spelling\":\"ice\""), "", ""),
        PLAN(CHANGE("6", "ice", "null", "", "\"directory\":\"x\",\"spelling\":\"ice *\""), "", ""),
        PLAN(CHANGE("6\\nx", "ice", "null", "", ""), "", ""),
};

static void test_round_trip(void)
{
        for (size_t i = 0; i < ELEMENTSOF(sound); i++) {
                Plan *plan CLEANUP(plan_freep) = NULL;
                char *text CLEANUP_FREE = NULL;

                g_assert_cmpint(plan_from_json(sound[i], &plan), ==, 0);
                g_assert_cmpint(plan_to_json(plan, &text), ==, 0);
                g_assert_cmpstr(text, ==, sound[i]);
                g_assert_false(plan->renews);
        }
}

/* What the first version wrote is read, and written in the very same way. */
static void test_journals(void)
{
        g_autofree char *stored = NULL;
        g_auto(GStrv) lines = NULL;
        size_t count = 0;

        g_assert_true(g_file_get_contents(g_getenv("JOURNALS"), &stored, NULL, NULL));
        lines = g_strsplit(stored, "\n", -1);
        for (size_t i = 0; lines[i]; i++) {
                Plan *plan CLEANUP(plan_freep) = NULL;
                Plan *copy CLEANUP(plan_freep) = NULL;
                char *text CLEANUP_FREE = NULL;

                if (lines[i][0] != '{')
                        continue;
                g_assert_cmpint(plan_from_json(lines[i], &plan), ==, 0);
                g_assert_cmpint(plan_copy(plan, &copy), ==, 0);
                g_assert_cmpint(plan_to_json(copy, &text), ==, 0);
                g_assert_cmpstr(text, ==, lines[i]);
                count++;
        }
        g_assert_cmpuint(count, >=, 23);
}

/* A change that recovery could not read is none. */
static void test_unsound(void)
{
        Plan *plan CLEANUP(plan_freep) = NULL;
        char *text = NULL;

        g_assert_cmpint(plan_from_json(sound[2], &plan), ==, 0);
        plan->changes[0].before.link[0] = '/';
        g_assert_cmpint(plan_to_json(plan, &text), ==, -EBADMSG);
        g_assert_null(text);
}

static void test_renews(void)
{
        g_auto(GStrv) parts = g_strsplit(sound[0], "\"subjects\"", 2);
        g_autofree char *json = g_strjoinv("\"renews\":true,\"subjects\"", parts);
        Plan *plan CLEANUP(plan_freep) = NULL;
        char *text CLEANUP_FREE = NULL;

        g_assert_cmpint(plan_from_json(json, &plan), ==, 0);
        g_assert_true(plan->renews);
        g_assert_false(plan_is_empty(plan));
        g_assert_cmpint(plan_to_json(plan, &text), ==, 0);
        g_assert_cmpstr(text, ==, json);
}

static void test_bytes(void)
{
        Plan *plan CLEANUP(plan_freep) = NULL;

        g_assert_cmpint(plan_from_json(sound[3], &plan), ==, 0);
        g_assert_cmpstr(plan->changes[0].before.target, ==, "../\xff");
        g_assert_null(plan->changes[0].after.link);
        g_assert_null(plan->changes[0].expected);
}

static void test_garbage(void)
{
        for (size_t i = 0; i < ELEMENTSOF(garbage); i++) {
                Plan *plan = NULL;
                int r = plan_from_json(garbage[i], &plan);

                if (r != -EBADMSG)
                        g_test_message("taken for a plan: %s", garbage[i]);
                g_assert_cmpint(r, ==, -EBADMSG);
                g_assert_null(plan);
        }
}

/* Cut at every byte, and with every byte replaced: never a crash, and never taken if it is cut. */
static void test_damaged(void)
{
        const char *text = sound[2];

        for (size_t i = 0; i < strlen(text); i++) {
                g_autofree char *cut = g_strndup(text, i);
                g_autofree char *changed = g_strdup(text);
                Plan *plan CLEANUP(plan_freep) = NULL;
                Plan *other CLEANUP(plan_freep) = NULL;

                g_assert_cmpint(plan_from_json(cut, &plan), ==, -EBADMSG);
                changed[i] = '\x01';
                g_assert_cmpint(plan_from_json(changed, &other), ==, -EBADMSG);
        }
}

static void test_invert(void)
{
        for (size_t i = 0; i < ELEMENTSOF(sound); i++) {
                Plan *plan CLEANUP(plan_freep) = NULL;
                Plan *inverse CLEANUP(plan_freep) = NULL;
                Plan *again CLEANUP(plan_freep) = NULL;
                char *text CLEANUP_FREE = NULL;
                char *back CLEANUP_FREE = NULL;

                g_assert_cmpint(plan_from_json(sound[i], &plan), ==, 0);
                /* the inverse expects nothing, so neither may this */
                for (size_t j = 0; j < plan->change_count; j++)
                        free(STEAL(plan->changes[j].expected));
                g_assert_cmpint(plan_to_json(plan, &text), ==, 0);
                g_assert_cmpint(plan_invert(plan, &inverse), ==, 0);
                g_assert_cmpint(plan_is_empty(inverse), ==, plan_is_empty(plan));
                g_assert_cmpint(plan_invert(inverse, &again), ==, 0);
                g_assert_cmpint(plan_to_json(again, &back), ==, 0);
                g_assert_cmpstr(text, ==, back);
        }
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/plan-json/round-trip", test_round_trip);
        g_test_add_func("/plan-json/journals", test_journals);
        g_test_add_func("/plan-json/unsound", test_unsound);
        g_test_add_func("/plan-json/renews", test_renews);
        g_test_add_func("/plan-json/bytes", test_bytes);
        g_test_add_func("/plan-json/garbage", test_garbage);
        g_test_add_func("/plan-json/damaged", test_damaged);
        g_test_add_func("/plan-json/invert", test_invert);
        return g_test_run();
}
