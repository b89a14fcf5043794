/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A struct's fields as a constant table, by which it is freed, copied, compared, and turned into JSON or
 * bytes (record-pack.h) and back. A member of the struct that the table doesn't name is left alone. No I/O.
 */
#pragma once

#include <jansson.h>
#include <stdint.h>

#include "util/macros.h"

typedef enum RecordType {
        RECORD_TEXT,   /* char *, owned. One that is no UTF-8, which JSON can't hold, is an object in JSON,
                          whose member "hex" has its bytes */
        RECORD_BOOL,   /* bool */
        RECORD_STRUCT, /* a struct in the struct */
        RECORD_ARRAY,  /* a pointer to structs, owned, and their count beside it */
        /* For a struct that is only freed, packed and unpacked, which has no text of its own then: */
        RECORD_NUMBER,   /* an integer or an enum of at most 4 bytes */
        RECORD_BORROWED, /* const char *, never NULL; unpacked, it points into the bytes */
        RECORD_BYTES,    /* likewise, with their uint32_t size beside it instead of a NUL */
} RecordType;

typedef enum RecordPresence {
        RECORD_REQUIRED,
        RECORD_NULLABLE, /* a text: NULL is null in JSON; what is missing there is NULL, too */
        RECORD_OMITTED,  /* a text or a bool: NULL or false is left out in JSON */
} RecordPresence;

typedef struct Record Record;

typedef struct RecordField {
        const char *name; /* in JSON: the member's own */
        RecordType type;
        RecordPresence presence;
        size_t offset;
        size_t count_distance; /* of an array, or bytes: how far behind the pointer its count lies */
        size_t count_max;      /* of an array; 0: it may be as long as it is */
        const Record *record;  /* of a struct, and of an array's items */
        bool (*is_sound)(const char *text); /* of a text that isn't NULL; NULL: any text is */
        bool (*are_sound)(const char *bytes, size_t size);
        size_t size; /* of a number */
        int64_t min, max;
} RecordField;

struct Record {
        size_t size; /* of the struct */
        const RecordField *fields;
        size_t count;
        bool (*is_sound)(const void *value); /* what can be asked of a whole struct alone, each of its fields
                                                being sound; NULL: nothing */
};

#define FOREACH_FIELD(field, record)                                                                  \
        for (const RecordField *field = (record)->fields; field < (record)->fields + (record)->count; \
                        field++)

/* A field, of the type that MEMBER has. */
#define RECORD_FIELD(Struct, member, presence_, is_sound_)                                             \
        {                                                                                              \
                .name = #member, .type = _Generic(((Struct *) NULL)->member, char *                  \
                                                  : RECORD_TEXT, const char *                        \
                                                  : RECORD_BORROWED, bool                            \
                                                  : RECORD_BOOL),                                    \
                .presence = (presence_), .offset = offsetof(Struct, member), .is_sound = (is_sound_) \
        }
#define RECORD_FIELD_STRUCT(Struct, member, record_)                                        \
        {                                                                                   \
                .name = #member, .type = RECORD_STRUCT, .offset = offsetof(Struct, member), \
                .record = (record_)                                                         \
        }
#define RECORD_FIELD_ARRAY(Struct, member, count_, record_) \
        RECORD_FIELD_ARRAY_MAX(Struct, member, count_, record_, 0)
#define RECORD_FIELD_ARRAY_MAX(Struct, member, count_, record_, max_)                                       \
        {                                                                                                   \
                .name = #member, .type = RECORD_ARRAY, .offset = offsetof(Struct, member),                  \
                .count_distance = offsetof(Struct, count_) - offsetof(Struct, member), .record = (record_), \
                .count_max = (max_)                                                                         \
        }
#define RECORD_FIELD_NUMBER(Struct, member, min_, max_)                                     \
        {                                                                                   \
                .name = #member, .type = RECORD_NUMBER, .offset = offsetof(Struct, member), \
                .size = sizeof(((Struct *) NULL)->member), .min = (min_), .max = (max_)     \
        }
#define RECORD_FIELD_BYTES(Struct, member, size_, are_sound_)                              \
        {                                                                                  \
                .name = #member, .type = RECORD_BYTES, .offset = offsetof(Struct, member), \
                .count_distance = offsetof(Struct, size_) - offsetof(Struct, member),      \
                .are_sound = _Generic(((Struct *) NULL)->size_, uint32_t                   \
                                      : (are_sound_))                                      \
        }

/* Frees what VALUE owns; its fields are zero afterwards. */
void record_done(const Record *record, void *value) NONNULL(1, 2);

/* Fills *ret, whose fields are zero. 0, or -ENOMEM, and they are zero again. */
int record_copy(const Record *record, const void *value, void *ret) WARN_UNUSED NONNULL(1, 2, 3);

bool record_equal(const Record *record, const void *a, const void *b) WARN_UNUSED NONNULL(1, 2, 3);

/* Whether record_from_json() would take what record_to_json() makes of VALUE; so for bytes. */
bool record_is_sound(const Record *record, const void *value) WARN_UNUSED NONNULL(1, 2);

/* An object; the caller frees *ret. 0 or -ENOMEM. */
int record_to_json(const Record *record, const void *value, json_t **ret) WARN_UNUSED NONNULL(1, 2, 3);

/* Fills *ret, whose fields are zero, and believes nothing: -EBADMSG unless JSON is an object that has each
 * required member, each of its type and sound. A member that the table doesn't name is passed over. On
 * error, also -ENOMEM, the fields are zero again. */
int record_from_json(const Record *record, const json_t *json, void *ret) WARN_UNUSED NONNULL(1, 3);

static inline void json_freep(json_t **place)
{
        json_decref(*place);
        *place = NULL;
}

#define CLEANUP_JSON CLEANUP(json_freep)
