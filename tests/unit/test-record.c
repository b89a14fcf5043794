/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A struct with each type of field: copied, compared, to JSON and back; and JSON that isn't one. */

#include <errno.h>
#include <glib.h>
#include <string.h>

#include "util/record.h"

typedef struct Part {
        char *name;
        bool big;
} Part;

typedef struct Whole {
        int untold;
        char *name;
        char *note;
        char *label;
        bool old;
        bool rare;
        Part part;
        Part *parts;
        size_t count;
} Whole;

static bool has_no_slash(const char *text)
{
        return strchr(text, '/') == NULL;
}

static bool is_named_if_old(const void *value)
{
        const Whole *whole = value;

        return !whole->old || whole->label;
}

static const RecordField part_fields[] = {
        RECORD_FIELD(Part, name, RECORD_REQUIRED, has_no_slash),
        RECORD_FIELD(Part, big, RECORD_REQUIRED, NULL),
};
static const Record part_record = { sizeof(Part), part_fields, ELEMENTSOF(part_fields), NULL };
static const RecordField whole_fields[] = {
        RECORD_FIELD(Whole, name, RECORD_REQUIRED, NULL),
        RECORD_FIELD(Whole, note, RECORD_NULLABLE, NULL),
        RECORD_FIELD(Whole, label, RECORD_OMITTED, has_no_slash),
        RECORD_FIELD(Whole, old, RECORD_REQUIRED, NULL),
        RECORD_FIELD(Whole, rare, RECORD_OMITTED, NULL),
        RECORD_FIELD_STRUCT(Whole, part, &part_record),
        RECORD_FIELD_ARRAY(Whole, parts, count, &part_record),
};
static const Record whole_record = { sizeof(Whole), whole_fields, ELEMENTSOF(whole_fields),
        is_named_if_old };

#define PART "{\"big\":true,\"name\":\"p\"}"
#define WHOLE(rest, part, parts) "{" rest "\"part\":" part ",\"parts\":[" parts "]}"
#define NAMED "\"name\":\"n\",\"note\":null,\"old\":false,"

/* With sorted members, as they are written. */
static const char *const sound[] = {
        WHOLE(NAMED, PART, ""),
        WHOLE("\"label\":\"l\",\"name\":\"\",\"note\":\"x/\",\"old\":true,", PART, PART "," PART),
        WHOLE("\"name\":{\"hex\":\"ff2f\"},\"note\":null,\"old\":false,", PART, PART),
};

static const char *const hostile[] = {
        "7",
        "[]",
        "null",
        "{}",
        WHOLE("\"note\":null,\"old\":false,", PART, ""),
        WHOLE("\"name\":null,\"old\":false,", PART, ""),
        WHOLE("\"name\":[],\"old\":false,", PART, ""),
        WHOLE("\"name\":\"n\",\"note\":7,\"old\":false,", PART, ""),
        WHOLE("\"name\":\"n\",", PART, ""),
        WHOLE("\"name\":\"n\",\"old\":null,", PART, ""),
        WHOLE("\"name\":\"n\",\"old\":1,", PART, ""),
        WHOLE("\"name\":\"a\\u0000b\",\"old\":false,", PART, ""),
        WHOLE("\"name\":{},\"old\":false,", PART, ""),
        WHOLE("\"name\":{\"hex\":7},\"old\":false,", PART, ""),
        WHOLE("\"name\":{\"hex\":\"f\"},\"old\":false,", PART, ""),
        WHOLE("\"name\":{\"hex\":\"00\"},\"old\":false,", PART, ""),
        WHOLE("\"name\":{\"hex\":\"FF\"},\"old\":false,", PART, ""),
        WHOLE("\"label\":\"a/b\"," NAMED, PART, ""),
        WHOLE("\"label\":{\"hex\":\"2f\"}," NAMED, PART, ""),
        WHOLE(NAMED "\"rare\":null,", PART, ""),
        WHOLE(NAMED "\"rare\":\"true\",", PART, ""),
        WHOLE(NAMED, "null", ""),
        WHOLE(NAMED, "[]", ""),
        WHOLE(NAMED, "{\"big\":true,\"name\":\"a/b\"}", ""),
        WHOLE(NAMED, PART, "null"),
        WHOLE(NAMED, PART, PART ",{}"),
        WHOLE(NAMED, PART, PART ",{\"big\":true,\"name\":\"/\"}"),
        "{" NAMED "\"part\":" PART ",\"parts\":{}}",
        "{" NAMED "\"part\":" PART "}",
        /* each field is sound, and the whole is not */
        WHOLE("\"name\":\"n\",\"old\":true,", PART, ""),
};

static int read_whole(const char *text, Whole *ret)
{
        json_t *json CLEANUP_JSON = json_loads(text, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

        g_assert_nonnull(json);
        return record_from_json(&whole_record, json, ret);
}

static void test_round_trip(void)
{
        for (size_t i = 0; i < ELEMENTSOF(sound); i++) {
                Whole whole = { .untold = 1 }, copy = { .untold = 2 };
                json_t *json CLEANUP_JSON = NULL;
                char *text CLEANUP_FREE = NULL;

                g_assert_cmpint(read_whole(sound[i], &whole), ==, 0);
                g_assert_cmpint(record_copy(&whole_record, &whole, &copy), ==, 0);
                g_assert_true(record_equal(&whole_record, &whole, &copy));
                record_done(&whole_record, &whole);
                g_assert_null(whole.name);
                g_assert_null(whole.parts);
                g_assert_cmpuint(whole.count, ==, 0);
                g_assert_cmpint(whole.untold, ==, 1);
                g_assert_cmpint(copy.untold, ==, 2);
                g_assert_cmpint(record_to_json(&whole_record, &copy, &json), ==, 0);
                text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
                g_assert_cmpstr(text, ==, sound[i]);
                record_done(&whole_record, &copy);
        }
}

static void test_hostile(void)
{
        for (size_t i = 0; i < ELEMENTSOF(hostile); i++) {
                Whole whole = { .untold = 1 };
                int r = read_whole(hostile[i], &whole);

                if (r != -EBADMSG)
                        g_test_message("taken: %s", hostile[i]);
                g_assert_cmpint(r, ==, -EBADMSG);
                g_assert_null(whole.name);
                g_assert_null(whole.parts);
                g_assert_null(whole.part.name);
                g_assert_cmpuint(whole.count, ==, 0);
        }
        g_assert_cmpint(record_from_json(&whole_record, NULL, &(Whole){ 0 }), ==, -EBADMSG);
}

/* What is unknown is passed over, and what may be missing is. */
static void test_lenient(void)
{
        Whole whole = { 0 };

        g_assert_cmpint(read_whole(WHOLE("\"name\":\"n\",\"new\":[1],\"old\":false,", PART, ""), &whole), ==,
                        0);
        g_assert_null(whole.note);
        g_assert_null(whole.label);
        g_assert_false(whole.rare);
        record_done(&whole_record, &whole);
}

static void test_equal(void)
{
        Whole a = { 0 }, b = { 0 };

        g_assert_cmpint(read_whole(sound[1], &a), ==, 0);
        g_assert_cmpint(read_whole(sound[1], &b), ==, 0);
        g_assert_true(record_equal(&whole_record, &a, &b));
        b.parts[1].big = false;
        g_assert_false(record_equal(&whole_record, &a, &b));
        b.parts[1].big = true;
        b.count = 1;
        g_assert_false(record_equal(&whole_record, &a, &b));
        b.count = 2;
        freep(&b.note);
        g_assert_false(record_equal(&whole_record, &a, &b));
        g_assert_false(record_equal(&whole_record, &b, &a));
        record_done(&whole_record, &a);
        record_done(&whole_record, &b);
}

static void test_sound(void)
{
        Whole whole = { 0 };

        g_assert_false(record_is_sound(&whole_record, &whole));
        g_assert_cmpint(read_whole(sound[1], &whole), ==, 0);
        g_assert_true(record_is_sound(&whole_record, &whole));
        whole.parts[1].name[0] = '/';
        g_assert_false(record_is_sound(&whole_record, &whole));
        record_done(&whole_record, &whole);
}

int main(int argc, char **argv)
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/record/round-trip", test_round_trip);
        g_test_add_func("/record/hostile", test_hostile);
        g_test_add_func("/record/lenient", test_lenient);
        g_test_add_func("/record/equal", test_equal);
        g_test_add_func("/record/sound", test_sound);
        return g_test_run();
}
