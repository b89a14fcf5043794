/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* From D-Bus messages to JSON values, and their printing. */

#include "json.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "error.h"
#include "text.h"

#define NAME_SIZE 256

const char *const problem_names[] = { "severity", "code", "sentence", NULL };
static const char *const target_names[] = { "driver", "version", NULL };

static int read_basic(sd_bus_message *message, char type, json_t **ret)
{
        union {
                uint8_t byte;
                int boolean;
                int16_t int16;
                uint16_t uint16;
                int32_t int32;
                uint32_t uint32;
                int64_t int64;
                uint64_t uint64;
                double real;
                const char *string;
        } value;
        int r = sd_bus_message_read_basic(message, type, &value);

        if (r < 0)
                return r;
        switch (type) {
        case SD_BUS_TYPE_BYTE:
                *ret = json_integer(value.byte);
                break;
        case SD_BUS_TYPE_BOOLEAN:
                *ret = json_boolean(value.boolean);
                break;
        case SD_BUS_TYPE_INT16:
                *ret = json_integer(value.int16);
                break;
        case SD_BUS_TYPE_UINT16:
                *ret = json_integer(value.uint16);
                break;
        case SD_BUS_TYPE_INT32:
                *ret = json_integer(value.int32);
                break;
        case SD_BUS_TYPE_UINT32:
                *ret = json_integer(value.uint32);
                break;
        case SD_BUS_TYPE_INT64:
                *ret = json_integer(value.int64);
                break;
        case SD_BUS_TYPE_UINT64:
                *ret = json_integer((json_int_t) value.uint64);
                break;
        case SD_BUS_TYPE_DOUBLE:
                /* JSON has neither infinity nor NaN. */
                *ret = isfinite(value.real) ? json_real(value.real) : json_null();
                break;
        case SD_BUS_TYPE_STRING:
        case SD_BUS_TYPE_OBJECT_PATH:
        case SD_BUS_TYPE_SIGNATURE:
                /* D-Bus strings are UTF-8 already. */
                *ret = json_string_nocheck(value.string);
                break;
        default:
                return -EBADMSG;
        }
        return *ret ? 1 : -ENOMEM;
}

/* Behind sd_bus_message_enter_container() of an array or structure. */
static int read_items(sd_bus_message *message, json_t **ret)
{
        json_t *array CLEANUP_JSON = json_array();
        int r;

        for (;;) {
                json_t *item;

                r = json_read_value(message, &item);
                if (r <= 0)
                        break;
                if (json_array_append_new(array, item) < 0)
                        return -ENOMEM;
        }
        if (r < 0)
                return r;
        *ret = STEAL(array);
        return *ret ? 1 : -ENOMEM;
}

/* "RebootRequired" → "reboot_required", "UUID" → "uuid", "build-id" → "build_id". */
static void property_key(const char *name, char key[static NAME_SIZE])
{
        size_t end = 0;

        size_t i;

        for (i = 0; name[i] && end < NAME_SIZE - 2; i++) {
                if (i > 0 && isupper((unsigned char) name[i]) && islower((unsigned char) name[i - 1]))
                        key[end++] = '_';
                key[end++] = (char) (name[i] == '-' ? '_' : tolower((unsigned char) name[i]));
        }
        /* Cut between two characters. */
        while (end > 0 && ((unsigned char) name[i] & 0xc0) == 0x80) {
                i--;
                end--;
        }
        key[end] = '\0';
}

/* Likewise of an array of dictionary entries. Where values are variants the keys are names of ours, else
 * they are data, such as versions, and stay as they are. */
static int read_entries(sd_bus_message *message, const char *entry, json_t **ret)
{
        json_t *object CLEANUP_JSON = json_object();
        int r;

        while ((r = sd_bus_message_enter_container(message, SD_BUS_TYPE_DICT_ENTRY, entry)) > 0) {
                char name[NAME_SIZE];
                const char *key;
                json_t *value;

                r = sd_bus_message_read_basic(message, entry[0], &key);
                if (r < 0)
                        return r;
                r = json_read_value(message, &value);
                if (r < 0)
                        return r;
                if (strcmp(entry, "sv") == 0) {
                        property_key(key, name);
                        key = name;
                }
                if (json_object_set_new_nocheck(object, key, value) < 0)
                        return -ENOMEM;
                r = sd_bus_message_exit_container(message);
                if (r < 0)
                        return r;
        }
        if (r < 0)
                return r;
        *ret = STEAL(object);
        return *ret ? 1 : -ENOMEM;
}

static int read_container(sd_bus_message *message, char type, const char *contents, json_t **ret)
{
        json_t *value CLEANUP_JSON = NULL;
        int r = sd_bus_message_enter_container(message, type, contents);

        if (r < 0)
                return r;
        if (type == SD_BUS_TYPE_VARIANT)
                r = json_read_value(message, &value);
        else if (type == SD_BUS_TYPE_ARRAY && contents[0] == '{') {
                char entry[NAME_SIZE];

                if (!strchr("sog", contents[1]) || strlen(contents) - 2 >= sizeof(entry))
                        return -EBADMSG;
                (void) snprintf(entry, sizeof(entry), "%.*s", (int) strlen(contents) - 2, contents + 1);
                r = read_entries(message, entry, &value);
        } else
                r = read_items(message, &value);
        if (r < 0)
                return r;
        if (!value)
                return -EBADMSG;
        r = sd_bus_message_exit_container(message);
        if (r < 0)
                return r;
        *ret = STEAL(value);
        return 1;
}

int json_read_value(sd_bus_message *message, json_t **ret)
{
        const char *contents;
        char type;
        int r = sd_bus_message_peek_type(message, &type, &contents);

        if (r <= 0)
                return r;
        return contents ? read_container(message, type, contents, ret) : read_basic(message, type, ret);
}

/* Gives the items of ROW names. */
static int name_row(json_t *row, const char *const *names, json_t **ret)
{
        json_t *object CLEANUP_JSON = json_object();

        for (size_t i = 0; names[i]; i++)
                if (json_object_set(object, names[i], json_array_get(row, i)) < 0)
                        return object ? -EBADMSG : -ENOMEM;
        *ret = STEAL(object);
        return 0;
}

int json_name_rows(json_t *rows, const char *const *names, json_t **ret)
{
        json_t *named CLEANUP_JSON = json_array();

        for (size_t i = 0; i < json_array_size(rows); i++) {
                json_t *object;
                int r = name_row(json_array_get(rows, i), names, &object);

                if (r < 0)
                        return r;
                if (json_array_append_new(named, object) < 0)
                        return -ENOMEM;
        }
        *ret = STEAL(named);
        return *ret ? 0 : -ENOMEM;
}

int json_read_rows(sd_bus_message *message, const char *const *names, json_t **ret)
{
        json_t *rows CLEANUP_JSON = NULL;
        int r = json_read_value(message, &rows);

        if (r < 0)
                return r;
        return json_is_array(rows) ? json_name_rows(rows, names, ret) : -EBADMSG;
}

int json_read_objects(sd_bus_message *message, json_t **ret)
{
        json_t *objects CLEANUP_JSON = NULL;
        int r = json_read_value(message, &objects);

        if (r < 0)
                return r;
        if (!json_is_array(objects))
                return -EBADMSG;
        for (size_t i = 0; i < json_array_size(objects); i++)
                if (!json_is_object(json_array_get(objects, i)))
                        return -EBADMSG;
        *ret = STEAL(objects);
        return 0;
}

static int read_property(sd_bus_message *message, const char *name, json_t *object)
{
        json_t *value CLEANUP_JSON = NULL;
        const char *const *names = NULL;
        char key[NAME_SIZE];
        int r = json_read_value(message, &value);

        if (r <= 0)
                return r < 0 ? r : -EBADMSG;
        if (strcmp(name, "Problems") == 0)
                names = problem_names;
        else if (strcmp(name, "Versions") == 0 && json_is_array(json_array_get(value, 0)))
                names = target_names;
        if (names) {
                json_t *named;

                r = json_name_rows(value, names, &named);
                if (r < 0)
                        return r;
                json_decref(value);
                value = named;
        }
        property_key(name, key);
        return json_object_set_nocheck(object, key, value) < 0 ? -ENOMEM : 0;
}

int json_read_properties(sd_bus_message *message, json_t **ret)
{
        json_t *object CLEANUP_JSON = json_object();
        int r = sd_bus_message_enter_container(message, SD_BUS_TYPE_ARRAY, "{sv}");

        if (r < 0)
                return r;
        while ((r = sd_bus_message_enter_container(message, SD_BUS_TYPE_DICT_ENTRY, "sv")) > 0) {
                const char *name;

                r = sd_bus_message_read_basic(message, 's', &name);
                if (r < 0)
                        return r;
                r = read_property(message, name, object);
                if (r < 0)
                        return r;
                r = sd_bus_message_exit_container(message);
                if (r < 0)
                        return r;
        }
        if (r < 0)
                return r;
        r = sd_bus_message_exit_container(message);
        if (r < 0)
                return r;
        *ret = STEAL(object);
        return *ret ? 0 : -ENOMEM;
}

int json_read_interface(sd_bus_message *message, const char *wanted, json_t **ret)
{
        json_t *properties CLEANUP_JSON = NULL;
        int r = sd_bus_message_enter_container(message, SD_BUS_TYPE_ARRAY, "{sa{sv}}");

        if (r < 0)
                return r;
        while ((r = sd_bus_message_enter_container(message, SD_BUS_TYPE_DICT_ENTRY, "sa{sv}")) > 0) {
                const char *interface;

                r = sd_bus_message_read_basic(message, 's', &interface);
                if (r >= 0)
                        r = strcmp(interface, wanted) == 0 && !properties
                                            ? json_read_properties(message, &properties)
                                            : sd_bus_message_skip(message, "a{sv}");
                if (r >= 0)
                        r = sd_bus_message_exit_container(message);
                if (r < 0)
                        return r;
        }
        if (r >= 0)
                r = sd_bus_message_exit_container(message);
        if (r < 0 || !properties)
                return r < 0 ? r : 0;
        *ret = STEAL(properties);
        return 1;
}

const char *json_text(const json_t *object, const char *key)
{
        const char *text = json_string_value(json_object_get(object, key));

        return text ? text : "";
}

const char *json_item_text(const json_t *array, size_t index)
{
        const char *text = json_string_value(json_array_get(array, index));

        return text ? text : "";
}

bool json_flag(const json_t *object, const char *key)
{
        return json_is_true(json_object_get(object, key));
}

int json_print(const Options *options, json_t *members_taken)
{
        json_t *members CLEANUP_JSON = members_taken;
        json_t *document CLEANUP_JSON = json_object();
        char *text CLEANUP_FREE = NULL, *escaped CLEANUP_FREE = NULL;
        size_t flags = options->json == JSON_PRETTY ? JSON_INDENT(2) : JSON_COMPACT;

        if (!members || json_object_set_new(document, "schema", json_integer(JSON_SCHEMA)) < 0 ||
                        json_object_update(document, members) < 0)
                return fail_errno(ENOMEM, "Can't print JSON");
        text = json_dumps(document, flags);
        escaped = text ? text_escape_json(text) : NULL;
        if (!escaped)
                return fail_errno(ENOMEM, "Can't print JSON");
        if (puts(escaped) == EOF)
                return fail(STATUS_FAILED, "Can't write all of the output.");
        return STATUS_DONE;
}
