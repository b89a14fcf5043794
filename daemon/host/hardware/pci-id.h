/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* PCI ids as a packager lists them, and the pattern of modaliases that they stand for. No I/O. */
#pragma once

#include <stdint.h>

#include "util/macros.h"

/* Any value will do. No real id is that large: those of PCI have 16 bits. */
#define PCI_ID_ANY UINT32_MAX

typedef struct PciId {
        uint32_t vendor;
        uint32_t device;
        uint32_t subvendor;
        uint32_t subdevice;
} PciId;

/* One number of an id: "*" for any, else hexadecimal of either case, with or without "0x". 0, or -EINVAL for
 * anything else and for what exceeds 16 bits. */
int pci_id_parse(const char *text, uint32_t *ret) WARN_UNUSED NONNULL(1, 2);

/* "pci:v00008086d00001592sv*sd*bc*sc*i*" and its NUL. */
#define PCI_ID_PATTERN_SIZE 64

/* The pattern in the kernel's form (file2alias.c in its scripts/mod). */
void pci_id_pattern(const PciId *id, char ret[static PCI_ID_PATTERN_SIZE]) NONNULL(1, 2);
