/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What a fuzz target has. libFuzzer calls the first function (meson option `fuzz`); fuzz-main.c makes an
 * ordinary test of it, by damaging the seeds. */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* Takes any input. What must always hold is asserted: a violation aborts. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Gives the sound input at INDEX, freed with g_free() by the caller. False: there are no more. */
_Bool fuzz_seed(size_t index, uint8_t **ret, size_t *ret_size);
