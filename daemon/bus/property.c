/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads tables of properties, and has the types that several of them use. */

#include "bus/property.h"

#include <errno.h>
#include <string.h>

#include "bus/text.h"

static int append_text(sd_bus_message *reply, const void *field)
{
        return text_append(reply, *(const char *const *) field);
}

static bool same_text(const void *a, const void *b)
{
        const char *one = *(const char *const *) a, *other = *(const char *const *) b;

        return strcmp(one ?: "", other ?: "") == 0;
}

static int append_truth(sd_bus_message *reply, const void *field)
{
        int truth = *(const bool *) field;

        return sd_bus_message_append_basic(reply, 'b', &truth);
}

static bool same_truth(const void *a, const void *b)
{
        return *(const bool *) a == *(const bool *) b;
}

static int append_number(sd_bus_message *reply, const void *field)
{
        return sd_bus_message_append_basic(reply, 'u', field);
}

static int append_set(sd_bus_message *reply, const void *field)
{
        return text_append_set(reply, field);
}

static bool same_set(const void *a, const void *b)
{
        return string_set_equal(a, b);
}

static int append_problems(sd_bus_message *reply, const void *field)
{
        return text_append_problems(reply, field);
}

static bool same_problems(const void *a, const void *b)
{
        return problem_list_equal(a, b);
}

const PropertyType property_text = { append_text, same_text };
const PropertyType property_truth = { append_truth, same_truth };
const PropertyType property_number = { append_number, NULL };
const PropertyType property_set = { append_set, same_set };
const PropertyType property_problems = { append_problems, same_problems };

int property_append(const PropertyTable *table, const char *name, const void *object, sd_bus_message *reply)
{
        const Property *row = NULL;
        const void *place;

        for (size_t i = 0; !row && i < table->count; i++)
                if (strcmp(table->rows[i].name, name) == 0)
                        row = &table->rows[i];
        if (!row)
                return -ENOENT; /* not of this table's vtable */
        place = row->place == PROPERTY_IN_VALUE ? table->value(object) : object;
        return row->type->append(reply, (const char *) place + row->offset);
}

PropertyNames property_differences(const PropertyTable *table, const void *before, const void *after)
{
        PropertyNames names = { 0 };

        for (size_t i = 0; i < table->count; i++) {
                const Property *row = &table->rows[i];

                if (row->place == PROPERTY_IN_VALUE && row->type->same &&
                                !row->type->same((const char *) before + row->offset,
                                                (const char *) after + row->offset))
                        names.items[names.count++] = row->name;
        }
        return names;
}

PropertyNames property_changes(const PropertyTable *table, unsigned changes)
{
        PropertyNames names = { 0 };

        for (size_t i = 0; i < table->count; i++)
                if (table->rows[i].change & changes)
                        names.items[names.count++] = table->rows[i].name;
        return names;
}
