/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One line to the journal with fields when it listens, else to stderr. Part of `service`: core can't log. */
#pragma once

#include "util/macros.h"

/* Looks once whether stderr is the journal's stream ($JOURNAL_STREAM). */
void log_init(void);

/* From now on, only what is as grave as PRIORITY is written, or graver. */
void log_limit(int priority);

/* PRIORITY is of syslog(3). DRIVER becomes the field HOSTDRIVER=, MESSAGE_ID the field MESSAGE_ID= (see
 * units/hostdriver.catalog); either may be NULL. */
void log_message(int priority, const char *driver, const char *message_id, const char *format, ...)
                PRINTF_LIKE(4, 5);

#define log_error(...) log_message(3, NULL, NULL, __VA_ARGS__)
#define log_warning(...) log_message(4, NULL, NULL, __VA_ARGS__)
#define log_info(...) log_message(6, NULL, NULL, __VA_ARGS__)
