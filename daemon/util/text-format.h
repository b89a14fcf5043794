/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Texts that are made by a format. */
#pragma once

#include <stdarg.h>

#include "util/macros.h"

/* The text, which the caller frees. NULL: there is no memory. */
char *text_new(const char *format, ...) WARN_UNUSED NONNULL(1) PRINTF_LIKE(1, 2);

/* Sets *ret to the text, which the caller frees. 0, or -ENOMEM and *ret is NULL. */
int text_format(char **ret, const char *format, ...) WARN_UNUSED NONNULL(1, 2) PRINTF_LIKE(2, 3);
int text_format_va(char **ret, const char *format, va_list arguments) WARN_UNUSED NONNULL(1, 2)
                PRINTF_LIKE(2, 0);

/* Appends to *text, which the caller frees; SEPARATOR comes first unless that was NULL. 0, or -ENOMEM and
 * *text is as it was. */
int text_join(char **text, const char *separator, const char *format, ...) WARN_UNUSED NONNULL(1, 2, 3)
                PRINTF_LIKE(3, 4);
