/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A struct with each type of field, as bytes and back; and bytes that aren't one. */

#include <errno.h>
#include <glib.h>
#include <string.h>

#include "util/record-pack.h"

typedef struct Part {
        const char *name;
        uint8_t small;
} Part;

typedef struct Whole {
        int untold;
        int number;
        uint16_t port;
        bool old;
        const char *borrowed;
        const char *bytes;
        uint32_t bytes_size;
        Part part;
        Part *parts;
        size_t count;
} Whole;

#define PARTS_MAX 2

static bool has_no_slash(const char *text)
{
        return strchr(text, '/') == NULL;
}

static bool begin_with_a(const char *bytes, size_t size)
{
        return size == 0 || bytes[0] == 'a';
}

static bool has_parts_if_old(const void *value)
{
        const Whole *whole = value;

        return !whole->old || whole->count > 0;
}

static const RecordField part_fields[] = {
        RECORD_FIELD(Part, name, RECORD_REQUIRED, NULL),
        RECORD_FIELD_NUMBER(Part, small, 0, 9),
};
static const Record part_record = { sizeof(Part), part_fields, ELEMENTSOF(part_fields), NULL };
static const RecordField whole_fields[] = {
        RECORD_FIELD_NUMBER(Whole, number, -5, 5),
        RECORD_FIELD_NUMBER(Whole, port, 1, UINT16_MAX),
        RECORD_FIELD(Whole, old, RECORD_REQUIRED, NULL),
        RECORD_FIELD(Whole, borrowed, RECORD_REQUIRED, has_no_slash),
        RECORD_FIELD_BYTES(Whole, bytes, bytes_size, begin_with_a),
        RECORD_FIELD_STRUCT(Whole, part, &part_record),
        RECORD_FIELD_ARRAY_MAX(Whole, parts, count, &part_record, PARTS_MAX),
};
static const Record whole_record = { sizeof(Whole), whole_fields, ELEMENTSOF(whole_fields),
        has_parts_if_old };

static Part parts[PARTS_MAX + 1] = { { "x", 1 }, { "", 9 }, { "y", 0 } };
static const Whole sample = { .untold = 1,
        .number = -5,
        .port = UINT16_MAX,
        .old = true,
        .borrowed = "b",
        .bytes = "a\0b",
        .bytes_size = 3,
        .part = { "p", 3 },
        .parts = parts,
        .count = 2 };

/* A copy of exactly that size, so that ASan sees a read behind the end. */
static int unpack_copy(const void *data, size_t size, Whole *ret)
{
        g_autofree void *copy = g_memdup2(data, size);
        int r = record_unpack(&whole_record, copy ?: "", size, ret);

        ret->borrowed = ret->bytes = NULL; /* these went with it */
        return r;
}

static void test_there_and_back(void)
{
        void *data CLEANUP_FREE = NULL, *again CLEANUP_FREE = NULL;
        Whole back = { .untold = 7 };
        size_t size, again_size;

        g_assert_cmpint(record_pack(&whole_record, &sample, &data, &size), ==, 0);
        g_assert_cmpint(record_unpack(&whole_record, data, size, &back), ==, 0);
        g_assert_cmpint(back.untold, ==, 7);
        g_assert_cmpint(back.number, ==, -5);
        g_assert_cmpuint(back.port, ==, UINT16_MAX);
        g_assert_true(back.old);
        g_assert_cmpstr(back.borrowed, ==, "b");
        g_assert_true(back.borrowed > (char *) data && back.borrowed < (char *) data + size);
        g_assert_cmpmem(back.bytes, back.bytes_size, "a\0b", 3);
        g_assert_cmpstr(back.part.name, ==, "p");
        g_assert_cmpuint(back.count, ==, 2);
        g_assert_cmpstr(back.parts[0].name, ==, "x");
        g_assert_cmpuint(back.parts[1].small, ==, 9);
        g_assert_cmpint(record_pack(&whole_record, &back, &again, &again_size), ==, 0);
        g_assert_cmpmem(again, again_size, data, size);
        record_done(&whole_record, &back);
        g_assert_null(back.parts);
        g_assert_null(back.borrowed);
        g_assert_cmpint(back.number, ==, 0);
}

/* Each is packed as it is, and not taken back. */
static void test_unsound(void)
{
        Whole rows[] = { sample, sample, sample, sample, sample, sample, sample, sample };

        rows[0].number = 6;
        rows[1].number = -6;
        rows[2].port = 0;
        rows[3].borrowed = "/";
        rows[4].bytes = "b";
        rows[4].bytes_size = 1;
        rows[5].part.small = 10;
        rows[6].count = 0;
        rows[7].count = PARTS_MAX + 1;
        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                void *data CLEANUP_FREE = NULL;
                Whole back = { 0 };
                size_t size;

                g_assert_cmpint(record_pack(&whole_record, &rows[i], &data, &size), ==, 0);
                g_assert_cmpint(unpack_copy(data, size, &back), ==, -EBADMSG);
                g_assert_null(back.parts);
        }
}

/* Cut short at every byte, with one too many, and with each byte as each value: what is taken is packed just
 * so. */
static void test_damaged(void)
{
        uint8_t *data CLEANUP_FREE = NULL;
        g_autofree uint8_t *longer = NULL;
        Whole back = { 0 };
        size_t size;

        g_assert_cmpint(record_pack(&whole_record, &sample, (void **) &data, &size), ==, 0);
        longer = g_malloc0(size + 1);
        memcpy(longer, data, size);
        g_assert_cmpint(unpack_copy(longer, size + 1, &back), ==, -EBADMSG);
        for (size_t i = 0; i < size; i++)
                g_assert_cmpint(unpack_copy(data, i, &back), ==, -EBADMSG);
        for (size_t i = 0; i < size * 256; i++) {
                const uint8_t kept = data[i / 256];

                data[i / 256] = (uint8_t) i;
                if (record_unpack(&whole_record, data, size, &back) >= 0) {
                        void *again CLEANUP_FREE = NULL;
                        size_t again_size;

                        g_assert_cmpint(record_pack(&whole_record, &back, &again, &again_size), ==, 0);
                        g_assert_cmpmem(again, again_size, data, size);
                        record_done(&whole_record, &back);
                }
                data[i / 256] = kept;
        }
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/record-pack/there-and-back", test_there_and_back);
        g_test_add_func("/record-pack/unsound", test_unsound);
        g_test_add_func("/record-pack/damaged", test_damaged);
        return g_test_run();
}
