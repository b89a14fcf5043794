/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Numbers as they lie in memory, texts with their NUL, counts in front of what they count. */

#include "util/record-pack.h"

#include <errno.h>
#include <string.h>

#include "util/array.h"

typedef struct Writer {
        char *data; /* NULL: it is only counted */
        size_t size;
} Writer;

static void put(Writer *writer, const void *bytes, size_t size)
{
        if (writer->data && size > 0)
                memcpy(writer->data + writer->size, bytes, size);
        writer->size += size;
}

typedef struct Reader {
        const char *data;
        size_t size;
} Reader;

/* The next SIZE bytes, or NULL. Borrowed. */
static const char *take(Reader *reader, size_t size)
{
        const char *data = reader->data;

        if (size > reader->size)
                return NULL;
        reader->data += size;
        reader->size -= size;
        return data;
}

static int get(Reader *reader, void *ret, size_t size)
{
        const char *bytes = take(reader, size);

        if (!bytes)
                return -EBADMSG;
        memcpy(ret, bytes, size);
        return 0;
}

static void pack(Writer *writer, const Record *record, const void *value);
static int unpack(Reader *reader, const Record *record, void *ret);

/* What is done with a field, whose place in the struct is given. What is read to has been zero. */
typedef struct Packing {
        void (*put)(Writer *writer, const RecordField *field, const void *place);
        int (*get)(Reader *reader, const RecordField *field, void *ret);
} Packing;

static void put_borrowed(Writer *writer, const RecordField *field, const void *place)
{
        const char *text = *(const char *const *) place;

        put(writer, text, strlen(text) + 1);
}

static int get_borrowed(Reader *reader, const RecordField *field, void *ret)
{
        const char *nul = reader->size > 0 ? memchr(reader->data, '\0', reader->size) : NULL;

        if (!nul)
                return -EBADMSG;
        *(const char **) ret = take(reader, (size_t) (nul - reader->data) + 1);
        return 0;
}

static void put_bool(Writer *writer, const RecordField *field, const void *place)
{
        put(writer, place, sizeof(bool));
}

static int get_bool(Reader *reader, const RecordField *field, void *ret)
{
        const char *byte = take(reader, sizeof(bool));

        if (!byte || (*byte != false && *byte != true))
                return -EBADMSG;
        *(bool *) ret = *byte;
        return 0;
}

static void put_number(Writer *writer, const RecordField *field, const void *place)
{
        put(writer, place, field->size);
}

static int get_number(Reader *reader, const RecordField *field, void *ret)
{
        return get(reader, ret, field->size);
}

static void put_bytes(Writer *writer, const RecordField *field, const void *place)
{
        const uint32_t *size = (const void *) ((const char *) place + field->count_distance);

        put(writer, size, sizeof(*size));
        put(writer, *(const char *const *) place, *size);
}

static int get_bytes(Reader *reader, const RecordField *field, void *ret)
{
        uint32_t *size = (void *) ((char *) ret + field->count_distance);
        int r = get(reader, size, sizeof(*size));

        if (r >= 0)
                *(const char **) ret = take(reader, *size);
        return r < 0 || *(const char **) ret ? r : -EBADMSG;
}

static void put_struct(Writer *writer, const RecordField *field, const void *place)
{
        pack(writer, field->record, place);
}

static int get_struct(Reader *reader, const RecordField *field, void *ret)
{
        return unpack(reader, field->record, ret);
}

static void put_array(Writer *writer, const RecordField *field, const void *place)
{
        const size_t *count = (const void *) ((const char *) place + field->count_distance);

        put(writer, count, sizeof(*count));
        for (size_t i = 0; i < *count; i++)
                pack(writer, field->record, *(const char *const *) place + i * field->record->size);
}

/* The array grows with what is there, not with what is said to be there. */
static int get_array(Reader *reader, const RecordField *field, void *ret)
{
        size_t *count = (void *) ((char *) ret + field->count_distance), said;
        const size_t size = field->record->size;
        int r = get(reader, &said, sizeof(said));

        if (r >= 0 && field->count_max > 0 && said > field->count_max)
                r = -EBADMSG;
        while (r >= 0 && *count < said) {
                char *items = array_grow(*(char **) ret, *count, size);

                if (!items)
                        return -ENOMEM;
                *(char **) ret = items;
                memset(items + *count * size, 0, size);
                r = unpack(reader, field->record, items + (*count)++ * size);
        }
        return r;
}

static const Packing packings[] = {
        [RECORD_BOOL] = { put_bool, get_bool },
        [RECORD_STRUCT] = { put_struct, get_struct },
        [RECORD_ARRAY] = { put_array, get_array },
        [RECORD_NUMBER] = { put_number, get_number },
        [RECORD_BORROWED] = { put_borrowed, get_borrowed },
        [RECORD_BYTES] = { put_bytes, get_bytes },
};

static void pack(Writer *writer, const Record *record, const void *value)
{
        FOREACH_FIELD(field, record)
        packings[field->type].put(writer, field, (const char *) value + field->offset);
}

static int unpack(Reader *reader, const Record *record, void *ret)
{
        int r = 0;

        FOREACH_FIELD(field, record)
        if (r >= 0)
                r = packings[field->type].get(reader, field, (char *) ret + field->offset);
        return r;
}

int record_pack(const Record *record, const void *value, void **ret_data, size_t *ret_size)
{
        Writer writer = { 0 };

        pack(&writer, record, value);
        writer.data = malloc(writer.size + 1);
        if (!writer.data)
                return -ENOMEM;
        writer.size = 0;
        pack(&writer, record, value);
        *ret_data = writer.data;
        *ret_size = writer.size;
        return 0;
}

int record_unpack(const Record *record, const void *data, size_t size, void *ret)
{
        Reader reader = { data, size };
        int r = unpack(&reader, record, ret);

        if (r >= 0 && (reader.size > 0 || !record_is_sound(record, ret)))
                r = -EBADMSG;
        if (r < 0)
                record_done(record, ret);
        return r;
}
