/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A struct as bytes, by the table of its fields, for this machine alone: neither the bytes nor what they
 * mean outlive a change of the table. */
#pragma once

#include "util/record.h"

/* The fields of VALUE one behind the other; the caller frees *ret_data. 0 or -ENOMEM. */
int record_pack(const Record *record, const void *value, void **ret_data, size_t *ret_size) WARN_UNUSED
                NONNULL(1, 2, 3, 4);

/* Fills *ret, whose fields are zero, and believes nothing: -EBADMSG unless record_pack() makes just these
 * bytes of a sound value. What it has that is borrowed lies in DATA. On error, also -ENOMEM, the fields are
 * zero again. */
int record_unpack(const Record *record, const void *data, size_t size, void *ret) WARN_UNUSED
                NONNULL(1, 2, 4);
