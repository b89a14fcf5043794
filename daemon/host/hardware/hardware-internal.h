/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The hardware as a value. Private to hardware.c and hardware-read.c. */
#pragma once

#include <limits.h>

#include "host/hardware/hardware.h"

/* libkmod takes no more of an alias. */
#define ALIAS_SIZE_MAX PATH_MAX

typedef struct Modalias {
        char *text; /* normalized */
        char *raw;  /* as the kernel has it; often the same pointer */
        uint64_t hash;
        StringSet devices;
} Modalias;

struct Hardware {
        Modalias *items; /* by text, then raw (strcmp), so that those of one beginning lie side by side */
        size_t count;
};

/* Puts ALIAS into the form in which aliases and modaliases are compared. False if no module can have it: a
 * bracket in it isn't closed, or not opened. */
bool alias_normalize(const char *alias, char ret[static ALIAS_SIZE_MAX]) WARN_UNUSED NONNULL(1, 2);

/* The first of the modaliases that isn't before the SIZE bytes of TEXT. */
size_t hardware_first_from(const Hardware *hardware, const char *text, size_t size) NONNULL(1, 2);
