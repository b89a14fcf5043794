/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What several parts ask of a driver that is being made. */

#include "model/derivation.h"

#include <string.h>

bool derivation_is_builtin(const Derivation *derivation)
{
        const Facts *facts = derivation->facts;

        for (size_t i = 0; i < facts->catalogue->release_count; i++)
                if (strcmp(facts->catalogue->releases[i].release, facts->kernel) == 0)
                        return facts_is_builtin(facts, i, derivation->module);
        return derivation->loaded->state == LOAD_BUILTIN;
}

bool derivation_is_settling(const Derivation *derivation, const char *release)
{
        return derivation->settling && string_set_contains(derivation->settling, release);
}
