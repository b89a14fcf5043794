/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Where modprobe inside an initramfs goes by other lines than on the host. Pure. */
#pragma once

#include "host/modprobe-rules.h"

/* NULL: that side has none. */
typedef struct ImageDifference {
        const ModprobeLine *inside;
        const ModprobeLine *outside;
} ImageDifference;

/* Finds the first line that only one side has, or has otherwise, of those that say whether NAME is loaded:
 * its install line, with the soft dependencies that may defeat it, a blacklist and aliases. NAME is a
 * module's, or a modalias, of which aliases alone count. The block of MODULE's deselection is left out, and
 * so is the kernel's command line, which is the same for both. False: there is none. */
bool image_modprobe_differs(const ModprobeRules *inside, const ModprobeRules *outside, const char *module,
                const char *name, ImageDifference *ret) WARN_UNUSED NONNULL(1, 2, 3, 4, 5);

/* The same of a module that is loaded for another one's sake, of which its install line counts alone, be it
 * that of its deselection. */
bool image_install_differs(const ModprobeRules *inside, const ModprobeRules *outside, const char *module,
                ImageDifference *ret) WARN_UNUSED NONNULL(1, 2, 3, 4);

/* The line inside that counts before the block of MODULE's deselection, which is in there, where outside
 * none does. False: there is none. */
bool image_block_is_defeated(const ModprobeRules *inside, const ModprobeRules *outside, const char *module,
                ImageDifference *ret) WARN_UNUSED NONNULL(1, 2, 3, 4);

/* What the difference means, as the rest of a sentence that begins with the image, and a full stop. The
 * caller frees it; NULL: no memory. */
char *image_difference_text(const ImageDifference *difference) WARN_UNUSED NONNULL(1);
