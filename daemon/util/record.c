/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is done with each type of field, and with all fields of a struct. How deep it goes the tables say,
 * never the JSON. */

#include "util/record.h"

#include <errno.h>
#include <string.h>

/* What can be done with a field, whose place in the struct is given. What is written to has
 * been zero. An error may leave half of it: record_done() follows. */
typedef struct TypeOperations {
        void (*done)(const RecordField *field, void *place);
        int (*copy)(const RecordField *field, const void *place, void *ret);
        bool (*equal)(const RecordField *field, const void *a, const void *b);
        int (*to_json)(const RecordField *field, const void *place, json_t **ret); /* NULL: left out */
        int (*from_json)(const RecordField *field, const json_t *json, void *ret); /* JSON NULL: missing */
        bool (*is_sound)(const RecordField *field, const void *place);
} TypeOperations;

static int parse(const Record *record, const json_t *json, void *ret);

/* --- text -------------------------------------------------------------------------------------------- */

static void text_done(const RecordField *field, void *place)
{
        freep(place);
}

static int text_copy(const RecordField *field, const void *place, void *ret)
{
        const char *text = *(char *const *) place;
        char *copy = text ? strdup(text) : NULL;

        *(char **) ret = copy;
        return text && !copy ? -ENOMEM : 0;
}

static bool text_equal(const RecordField *field, const void *a, const void *b)
{
        const char *left = *(char *const *) a, *right = *(char *const *) b;

        return left && right ? strcmp(left, right) == 0 : left == right;
}

static const char digits[] = "0123456789abcdef";

static json_t *hex_from_text(const char *text)
{
        size_t length = strlen(text);
        char *hex CLEANUP_FREE = malloc(2 * length + 1);

        if (!hex)
                return NULL;
        for (size_t i = 0; i < length; i++) {
                hex[2 * i] = digits[(unsigned char) text[i] >> 4];
                hex[2 * i + 1] = digits[(unsigned char) text[i] & 15];
        }
        hex[2 * length] = '\0';
        return json_pack("{s:s}", "hex", hex);
}

static int text_to_json(const RecordField *field, const void *place, json_t **ret)
{
        const char *text = *(char *const *) place;
        json_t *json;

        if (!text && field->presence == RECORD_OMITTED)
                return 0;
        json = text ? json_string(text) : json_null();
        *ret = json ?: hex_from_text(text);
        return *ret ? 0 : -ENOMEM;
}

static int hex_digit(char c)
{
        const char *found = c ? strchr(digits, c) : NULL;

        return found ? (int) (found - digits) : -1;
}

static int text_from_hex(const char *hex, char **ret)
{
        size_t length = strlen(hex);
        char *text CLEANUP_FREE = calloc(length / 2 + 1, 1);

        if (!text)
                return -ENOMEM;
        if (length % 2 != 0)
                return -EBADMSG;
        for (size_t i = 0; i < length / 2; i++) {
                int high = hex_digit(hex[2 * i]), low = hex_digit(hex[2 * i + 1]);

                if (high < 0 || low < 0 || (high == 0 && low == 0))
                        return -EBADMSG;
                text[i] = (char) (high << 4 | low);
        }
        *ret = STEAL(text);
        return 0;
}

static int text_from_json(const RecordField *field, const json_t *json, void *ret)
{
        const char *text = json_string_value(json);
        const char *hex = json_string_value(json_object_get(json, "hex"));
        char **place = ret;

        if (!json || json_is_null(json))
                return 0;
        if (hex)
                return text_from_hex(hex, place);
        if (!text || strlen(text) != json_string_length(json))
                return -EBADMSG;
        *place = strdup(text);
        return *place ? 0 : -ENOMEM;
}

static bool text_is_sound(const RecordField *field, const void *place)
{
        const char *text = *(char *const *) place;

        if (!text)
                return field->presence != RECORD_REQUIRED;
        return !field->is_sound || field->is_sound(text);
}

/* --- bool -------------------------------------------------------------------------------------------- */

static void bool_done(const RecordField *field, void *place)
{
        *(bool *) place = false;
}

static int bool_copy(const RecordField *field, const void *place, void *ret)
{
        *(bool *) ret = *(const bool *) place;
        return 0;
}

static bool bool_equal(const RecordField *field, const void *a, const void *b)
{
        return *(const bool *) a == *(const bool *) b;
}

static int bool_to_json(const RecordField *field, const void *place, json_t **ret)
{
        if (*(const bool *) place || field->presence != RECORD_OMITTED)
                *ret = json_boolean(*(const bool *) place);
        return 0;
}

static int bool_from_json(const RecordField *field, const json_t *json, void *ret)
{
        *(bool *) ret = json_is_true(json);
        return json_is_boolean(json) || (!json && field->presence == RECORD_OMITTED) ? 0 : -EBADMSG;
}

static bool bool_is_sound(const RecordField *field, const void *place)
{
        return true;
}

/* --- a struct in the struct ---------------------------------------------------------------------------- */

static void struct_done(const RecordField *field, void *place)
{
        record_done(field->record, place);
}

static int struct_copy(const RecordField *field, const void *place, void *ret)
{
        return record_copy(field->record, place, ret);
}

static bool struct_equal(const RecordField *field, const void *a, const void *b)
{
        return record_equal(field->record, a, b);
}

static int struct_to_json(const RecordField *field, const void *place, json_t **ret)
{
        return record_to_json(field->record, place, ret);
}

static int struct_from_json(const RecordField *field, const json_t *json, void *ret)
{
        return parse(field->record, json, ret);
}

static bool struct_is_sound(const RecordField *field, const void *place)
{
        return record_is_sound(field->record, place);
}

/* --- an array of structs ------------------------------------------------------------------------------- */

static size_t *count_of(const RecordField *field, void *place)
{
        return (size_t *) ((char *) place + field->count_distance);
}

static size_t count_at(const RecordField *field, const void *place)
{
        return *(const size_t *) ((const char *) place + field->count_distance);
}

static const void *item_at(const RecordField *field, const void *place, size_t position)
{
        return *(char *const *) place + position * field->record->size;
}

static void array_done(const RecordField *field, void *place)
{
        for (size_t i = 0; i < count_at(field, place); i++)
                record_done(field->record, *(char **) place + i * field->record->size);
        *count_of(field, place) = 0;
        freep(place);
}

/* Room for COUNT items, the next of which is *count_of(). */
static int array_make(const RecordField *field, size_t count, void *place)
{
        *(void **) place = calloc(count + 1, field->record->size);
        return *(void **) place ? 0 : -ENOMEM;
}

static void *next_item(const RecordField *field, void *place)
{
        return *(char **) place + (*count_of(field, place))++ * field->record->size;
}

static int array_copy(const RecordField *field, const void *place, void *ret)
{
        size_t count = count_at(field, place);
        int r = array_make(field, count, ret);

        for (size_t i = 0; r >= 0 && i < count; i++)
                r = record_copy(field->record, item_at(field, place, i), next_item(field, ret));
        return r;
}

static bool array_equal(const RecordField *field, const void *a, const void *b)
{
        size_t count = count_at(field, a);
        bool equal = count == count_at(field, b);

        for (size_t i = 0; equal && i < count; i++)
                equal = record_equal(field->record, item_at(field, a, i), item_at(field, b, i));
        return equal;
}

static int array_to_json(const RecordField *field, const void *place, json_t **ret)
{
        json_t *array CLEANUP_JSON = json_array();

        if (!array)
                return -ENOMEM;
        for (size_t i = 0; i < count_at(field, place); i++) {
                json_t *json;

                if (record_to_json(field->record, item_at(field, place, i), &json) < 0 ||
                                json_array_append_new(array, json) < 0)
                        return -ENOMEM;
        }
        *ret = STEAL(array);
        return 0;
}

static int array_from_json(const RecordField *field, const json_t *json, void *ret)
{
        int r = json_is_array(json) ? array_make(field, json_array_size(json), ret) : -EBADMSG;

        for (size_t i = 0; r >= 0 && i < json_array_size(json); i++)
                r = parse(field->record, json_array_get(json, i), next_item(field, ret));
        return r;
}

static bool array_is_sound(const RecordField *field, const void *place)
{
        for (size_t i = 0; i < count_at(field, place); i++)
                if (!record_is_sound(field->record, item_at(field, place, i)))
                        return false;
        return true;
}

/* --- what is only packed ------------------------------------------------------------------------------- */

static void number_done(const RecordField *field, void *place)
{
        memset(place, 0, field->size);
}

/* As unsigned unless it may be negative, so that what must not be is too large. */
static int64_t number_at(const RecordField *field, const void *place)
{
        bool is_signed = field->min < 0;

        switch (field->size) {
        case 1:
                return is_signed ? *(const int8_t *) place : *(const uint8_t *) place;
        case 2:
                return is_signed ? *(const int16_t *) place : *(const uint16_t *) place;
        default:
                return is_signed ? *(const int32_t *) place : (int64_t) * (const uint32_t *) place;
        }
}

static bool number_is_sound(const RecordField *field, const void *place)
{
        int64_t number = number_at(field, place);

        return number >= field->min && number <= field->max;
}

static void borrowed_done(const RecordField *field, void *place)
{
        *(const char **) place = NULL;
}

static void bytes_done(const RecordField *field, void *place)
{
        *(const char **) place = NULL;
        *(uint32_t *) ((char *) place + field->count_distance) = 0;
}

static bool bytes_are_sound(const RecordField *field, const void *place)
{
        return field->are_sound(*(char *const *) place,
                        *(const uint32_t *) ((const char *) place + field->count_distance));
}

/* --- all fields ---------------------------------------------------------------------------------------- */

static const TypeOperations types[] = {
        [RECORD_TEXT] = { text_done, text_copy, text_equal, text_to_json, text_from_json, text_is_sound },
        [RECORD_BOOL] = { bool_done, bool_copy, bool_equal, bool_to_json, bool_from_json, bool_is_sound },
        [RECORD_STRUCT] = { struct_done, struct_copy, struct_equal, struct_to_json, struct_from_json,
                        struct_is_sound },
        [RECORD_ARRAY] = { array_done, array_copy, array_equal, array_to_json, array_from_json,
                        array_is_sound },
        [RECORD_NUMBER] = { .done = number_done, .is_sound = number_is_sound },
        [RECORD_BORROWED] = { .done = borrowed_done, .is_sound = text_is_sound },
        [RECORD_BYTES] = { .done = bytes_done, .is_sound = bytes_are_sound },
};

void record_done(const Record *record, void *value)
{
        FOREACH_FIELD(field, record)
        types[field->type].done(field, (char *) value + field->offset);
}

int record_copy(const Record *record, const void *value, void *ret)
{
        int r = 0;

        FOREACH_FIELD(field, record)
        if (r >= 0)
                r = types[field->type].copy(
                                field, (const char *) value + field->offset, (char *) ret + field->offset);
        if (r < 0)
                record_done(record, ret);
        return r;
}

bool record_equal(const Record *record, const void *a, const void *b)
{
        FOREACH_FIELD(field, record)
        if (!types[field->type].equal(
                            field, (const char *) a + field->offset, (const char *) b + field->offset))
                return false;
        return true;
}

int record_to_json(const Record *record, const void *value, json_t **ret)
{
        json_t *object CLEANUP_JSON = json_object();

        if (!object)
                return -ENOMEM;
        FOREACH_FIELD(field, record)
        {
                json_t *json = NULL;

                if (types[field->type].to_json(field, (const char *) value + field->offset, &json) < 0 ||
                                (json && json_object_set_new(object, field->name, json) < 0))
                        return -ENOMEM;
        }
        *ret = STEAL(object);
        return 0;
}

bool record_is_sound(const Record *record, const void *value)
{
        FOREACH_FIELD(field, record)
        if (!types[field->type].is_sound(field, (const char *) value + field->offset))
                return false;
        return !record->is_sound || record->is_sound(value);
}

static int parse(const Record *record, const json_t *json, void *ret)
{
        int r = json_is_object(json) ? 0 : -EBADMSG;

        FOREACH_FIELD(field, record)
        if (r >= 0)
                r = types[field->type].from_json(
                                field, json_object_get(json, field->name), (char *) ret + field->offset);
        return r;
}

int record_from_json(const Record *record, const json_t *json, void *ret)
{
        int r = parse(record, json, ret);

        if (r >= 0 && !record_is_sound(record, ret))
                r = -EBADMSG;
        if (r < 0)
                record_done(record, ret);
        return r;
}
