/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of the codes, and what somebody may have meant by another one. */

#include "model/preflight-codes.h"

#include <string.h>

#include "util/word-distance.h"

/* Two slips of the finger in a word, or three in a long one. */
#define DISTANCE_MAX 3

static const PreflightCode codes[] = {
        { "alias-elsewhere", false },
        { "blocked", false },
        { "builtin", false },
        { "compression-unsupported", true },
        { "dependency-blocked", false },
        { "dependency-missing", true },
        { "dependent-breaks", true },
        { "device-dropped", true },
        { "firmware-missing", false },
        { "install-command", false },
        { "name-mismatch", true },
        { "no-hardware", true },
        { "no-space", true },
        { "not-a-module", true },
        { "not-effective", true },
        { "not-regular", true },
        { "not-signed", true },
        { "owned-by-package", true },
        { "read-only", true },
        { "rival-driver", false },
        { "signer-unknown", false },
        { "symbol-crc-mismatch", true },
        { "symbol-gpl-only", true },
        { "symbol-missing", true },
        { "symbol-namespace", true },
        { "symbol-versions-missing", true },
        { "symbols-unchecked", false },
        { "unreadable", true },
        { "unsupported-module", false },
        { "vermagic-mismatch", true },
        { "wrong-architecture", true },
};

const PreflightCode *preflight_code_find(const char *code)
{
        for (size_t i = 0; i < ELEMENTSOF(codes); i++)
                if (strcmp(codes[i].code, code) == 0)
                        return &codes[i];
        return NULL;
}

const char *preflight_code_suggest(const char *written)
{
        size_t best_distance = DISTANCE_MAX + 1;
        const char *best = NULL;

        for (size_t i = 0; i < ELEMENTSOF(codes); i++) {
                size_t distance = word_distance(written, codes[i].code), length = strlen(written);

                /* "vermagic" is far from "vermagic-mismatch", and yet meant. */
                if (length >= 4 && strncmp(written, codes[i].code, length) == 0)
                        distance = 1;
                /* What has next to nothing in common isn't meant. */
                if (codes[i].refuses && distance < best_distance && 3 * distance <= length) {
                        best_distance = distance;
                        best = codes[i].code;
                }
        }
        return best;
}
