/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Strings on their way to the bus: D-Bus takes UTF-8 alone, and a daemon that sends anything else is thrown
 * out. */
#pragma once

#include <systemd/sd-bus.h>

#include "model/problem.h"
#include "util/macros.h"
#include "util/string-set.h"

/* Whether TEXT is UTF-8 as RFC 3629 has it: shortest forms, no surrogates, nothing above U+10FFFF. */
bool text_is_utf8(const char *text) NONNULL(1);

/* Appends TEXT, or TEXT with its odd bytes escaped. NULL is "". 0 or a negative errno. */
int text_append(sd_bus_message *message, const char *text) WARN_UNUSED NONNULL(1);

/* Appends the array `as`. */
int text_append_set(sd_bus_message *message, const StringSet *set) WARN_UNUSED NONNULL(1, 2);

/* Appends the entry {sv} of a dictionary. */
int text_append_pair(sd_bus_message *message, const char *key, const char *value) WARN_UNUSED NONNULL(1, 2);

/* The same; one without a value (NULL or "") is left out. */
int text_append_entry(sd_bus_message *message, const char *key, const char *value) WARN_UNUSED NONNULL(1, 2);

/* Appends the array `a(sss)`: severity, code, sentence. */
int text_append_problems(sd_bus_message *message, const ProblemList *problems) WARN_UNUSED NONNULL(1, 2);
