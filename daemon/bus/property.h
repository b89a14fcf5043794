/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The properties of a kind of objects as one table: how each is shown, and when it has changed. */
#pragma once

#include <systemd/sd-bus.h>

#include "util/macros.h"

/* What a property shows. */
typedef struct PropertyType {
        int (*append)(sd_bus_message *reply, const void *field);
        bool (*same)(const void *a, const void *b); /* NULL: it never differs, or its owner tells */
} PropertyType;

extern const PropertyType property_text;     /* s, of a char *, which may be NULL */
extern const PropertyType property_truth;    /* b, of a bool */
extern const PropertyType property_number;   /* u, of an uint32_t */
extern const PropertyType property_set;      /* as, of a StringSet */
extern const PropertyType property_problems; /* a(sss), of a ProblemList */

/* What its field is in. */
typedef enum PropertyPlace {
        PROPERTY_IN_VALUE,  /* the value that is compared: PropertyTable.value */
        PROPERTY_IN_OBJECT, /* what the vtable's handlers get */
} PropertyPlace;

typedef struct Property {
        const char *name;
        const PropertyType *type;
        PropertyPlace place;
        size_t offset;   /* of the field */
        unsigned change; /* for those that are told of in bits: its bit */
} Property;

typedef struct PropertyTable {
        const Property *rows;
        size_t count;
        const void *(*value)(const void *object);
} PropertyTable;

/* A table is a macro of rows, since sd-bus wants some columns in a vtable of its own:
 *
 *         #define ICE_PROPERTIES(ROW) \
 *                 ROW("Selected", "s", property_text, IN_VALUE(Driver, selected), CHANGES) \
 *                 …
 *         static const Property rows[] = { ICE_PROPERTIES(PROPERTY_ROW) };
 *         static const sd_bus_vtable vtable[] = { …, ICE_PROPERTIES(PROPERTY_VTABLE_ROW) … };
 *
 * The last column of the vtable says how a change is told: with the new value, without it, or not at all,
 * either since there is none (CONST) or since nobody notices it (UNTOLD). */
#define SD_BUS_VTABLE_PROPERTY_UNTOLD 0
#define PROPERTY_ROW(name, signature, type, place, told, ...) { name, &(type), place, __VA_ARGS__ },
#define PROPERTY_VTABLE_ROW(name, signature, type, place, told, ...) \
        SD_BUS_PROPERTY(name, signature, get_property, 0, SD_BUS_VTABLE_PROPERTY_##told),
#define IN_VALUE(Struct, member) PROPERTY_IN_VALUE, offsetof(Struct, member)
#define IN_OBJECT(Struct, member) PROPERTY_IN_OBJECT, offsetof(Struct, member)
#define WHOLE_VALUE PROPERTY_IN_VALUE, 0
#define WHOLE_OBJECT PROPERTY_IN_OBJECT, 0

/* For get_property(), the getter of all of them: appends property NAME of OBJECT. */
int property_append(const PropertyTable *table, const char *name, const void *object,
                sd_bus_message *reply) WARN_UNUSED NONNULL(1, 2, 3, 4);

/* The most that a table has, and the NULL behind them. */
#define PROPERTY_NAMES_MAX 32

/* The names of those that differ between two values of an object, or whose bit is in CHANGES: a list that
 * ends with NULL. Borrowed from the table. */
typedef struct PropertyNames {
        const char *items[PROPERTY_NAMES_MAX];
        size_t count;
} PropertyNames;

PropertyNames property_differences(const PropertyTable *table, const void *before,
                const void *after) WARN_UNUSED NONNULL(1, 2, 3);
PropertyNames property_changes(const PropertyTable *table, unsigned changes) WARN_UNUSED NONNULL(1);
