/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The module writer's other half: from an ELF image to a file. For module-writer.c only. */
#pragma once

#include "module-writer.h"

/* Takes the image in FD over, appends the signature that SPEC asks for. The caller frees *ret. */
void module_output_finish(const ModuleSpec *spec, int fd, uint8_t **ret, size_t *ret_size) NONNULL(1, 3, 4);

/* e_machine and EI_DATA of the machine that the tests run on. */
uint16_t module_output_machine(void);
uint8_t module_output_byte_order(void);
