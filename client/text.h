/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Strings of others made fit for a terminal: escaped, measured and cut. Pure, but for the locale. */
#pragma once

#include "util/macros.h"

/* TEXT with what could steer a terminal or mislead the eye made visible: control characters and bytes that
 * aren't UTF-8 as \xNN, direction and line separators as \uNNNN. The caller frees it; NULL: no memory. */
char *text_escape(const char *text) WARN_UNUSED NONNULL(1);

/* The same for JSON, in which such characters stand in strings only: they become \uNNNN there, which means
 * the same to whoever reads it. */
char *text_escape_json(const char *json) WARN_UNUSED NONNULL(1);

/* Whether TEXT is UTF-8, which D-Bus requires. */
bool text_is_utf8(const char *text) NONNULL(1);

/* The display cells that escaped TEXT takes. */
size_t text_width(const char *text) NONNULL(1);

/* The bytes of escaped TEXT that fit into CELLS. */
size_t text_fitting(const char *text, size_t cells) NONNULL(1);
