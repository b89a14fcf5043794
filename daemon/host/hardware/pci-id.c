/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Parses PCI ids and spells them as modaliases. It matches nothing: hardware.c does. */

#include "host/hardware/pci-id.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define PCI_ID_MAX 0xFFFFU

int pci_id_parse(const char *text, uint32_t *ret)
{
        uint32_t value = 0;

        if (strcmp(text, "*") == 0) {
                *ret = PCI_ID_ANY;
                return 0;
        }
        if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
                text += 2;
        if (*text == '\0')
                return -EINVAL;
        for (; *text != '\0'; text++) {
                static const char digits[] = "0123456789abcdef";
                /* Of ASCII: no locale decides what a letter is. */
                char lower = *text >= 'A' && *text <= 'F' ? (char) (*text - 'A' + 'a') : *text;
                const char *digit = strchr(digits, lower);

                if (!digit)
                        return -EINVAL;
                value = value * 16 + (uint32_t) (digit - digits);
                if (value > PCI_ID_MAX)
                        return -EINVAL;
        }
        *ret = value;
        return 0;
}

/* "*", or the number in TEXT. */
static const char *spell(uint32_t value, char text[static 9])
{
        if (value == PCI_ID_ANY)
                return "*";
        (void) snprintf(text, 9, "%08X", value);
        return text;
}

void pci_id_pattern(const PciId *id, char ret[static PCI_ID_PATTERN_SIZE])
{
        char vendor[9], device[9], subvendor[9], subdevice[9];

        (void) snprintf(ret, PCI_ID_PATTERN_SIZE, "pci:v%sd%ssv%ssd%sbc*sc*i*", spell(id->vendor, vendor),
                        spell(id->device, device), spell(id->subvendor, subvendor),
                        spell(id->subdevice, subdevice));
}
