/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks the owner of a change what is known, and finds in it what a plan means. */

#include "change/context.h"

#include <string.h>

const Facts *context_facts(const ChangeContext *context)
{
        return context->host.facts(context->host.userdata);
}

const Driver *context_driver(const ChangeContext *context, const char *name)
{
        return context->host.driver(context->host.userdata, name);
}

void context_refresh(const ChangeContext *context)
{
        context->host.refresh(context->host.userdata);
}

const CatalogueFile *change_file(const Facts *facts, const PlanChange *change)
{
        const CatalogueRelease *release = catalogue_release(facts->catalogue, change->release);

        if (!release || !change->expected)
                return NULL;
        return catalogue_file_at(release,
                        change->after.target ? change->after.target + strlen("../") : change->expected);
}

const DriverVersion *change_version(const ChangeContext *context, const PlanChange *change)
{
        const Driver *driver = context_driver(context, change->module);
        const CatalogueFile *file = change_file(context_facts(context), change);

        return driver && file ? driver_version_of_file(driver, file) : NULL;
}
