/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Contracts and cleanup in prototypes and declarations. Nothing here may allocate or touch the host. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

#define WARN_UNUSED __attribute__((warn_unused_result))
#define NONNULL(...) __attribute__((nonnull(__VA_ARGS__)))
#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))

#define ELEMENTSOF(array) (sizeof(array) / sizeof((array)[0]))

/* Runs FUNCTION(&variable) when the variable leaves its scope. */
#define CLEANUP(function) __attribute__((cleanup(function)))

/* Hands a pointer on and clears its old place, so that a cleanup there does nothing. */
#define STEAL(pointer)                                    \
        ({                                                \
                __typeof__(pointer) *_place = &(pointer); \
                __typeof__(pointer) _value = *_place;     \
                *_place = NULL;                           \
                _value;                                   \
        })

/* Takes ITEM, which must be in it, out of LIST, whose items are linked by "next". */
#define LIST_REMOVE(list, item)                     \
        do {                                        \
                __typeof__(list) *_place = &(list); \
                while (*_place != (item))           \
                        _place = &(*_place)->next;  \
                *_place = (item)->next;             \
        } while (false)

/* Defines `function##p` for CLEANUP() from a destructor that takes NULL and returns NULL. */
#define DEFINE_CLEANUP(type, function)               \
        static inline void function##p(type **place) \
        {                                            \
                *place = function(*place);           \
        }

static inline void freep(void *place)
{
        free(*(void **) place);
        *(void **) place = NULL;
}

/* Closes a descriptor that may be negative; errno stays as it was. Returns -1 to be stored in its place. */
int fd_close(int fd);

static inline void fd_closep(int *place)
{
        *place = fd_close(*place);
}

static inline int fd_steal(int *place)
{
        int fd = *place;
        *place = -1;
        return fd;
}

#define CLEANUP_FREE CLEANUP(freep)
#define CLEANUP_FD CLEANUP(fd_closep)
