/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The tables of a module's state. They trust nothing: what a journal names is linked and removed. Pure. */

#include "change/plan/plan-change.h"

#include <string.h>

#include "host/name.h"
#include "host/path.h"

static bool is_text(const char *text)
{
        return *text != '\0';
}

/* Of an override line. */
static bool is_directory(const char *text)
{
        return path_is_below(text) && plan_directory_fits_line(text);
}

static bool module_state_is_sound(const void *value)
{
        const ModuleState *state = value;

        return !state->link == !state->target && !state->directory == !state->spelling;
}

static const RecordField module_state_fields[] = {
        RECORD_FIELD(ModuleState, link, RECORD_OMITTED, name_is_valid),
        RECORD_FIELD(ModuleState, target, RECORD_OMITTED, is_text),
        RECORD_FIELD(ModuleState, directory, RECORD_OMITTED, is_directory),
        RECORD_FIELD(ModuleState, spelling, RECORD_OMITTED, module_name_is_valid),
};
static const Record module_state_record = { sizeof(ModuleState), module_state_fields,
        ELEMENTSOF(module_state_fields), module_state_is_sound };
const Record plan_link_record = { sizeof(ModuleState), module_state_fields, 2, NULL };
const Record plan_line_record = { sizeof(ModuleState), module_state_fields + 2, 2, NULL };

static bool is_link_of(const char *link, const char *module)
{
        char *of_link CLEANUP_FREE = NULL;

        return !link || (module_name_from_file(link, &of_link) >= 0 && strcmp(of_link, module) == 0);
}

/* What becomes a link in updates/ must be of this very module. */
static bool change_is_sound(const void *value)
{
        const PlanChange *change = value;

        return is_link_of(change->before.link, change->module) &&
               is_link_of(change->after.link, change->module);
}

static const RecordField change_fields[] = {
        RECORD_FIELD(PlanChange, release, RECORD_REQUIRED, name_is_valid),
        RECORD_FIELD(PlanChange, module, RECORD_REQUIRED, module_name_is_valid),
        RECORD_FIELD_STRUCT(PlanChange, before, &module_state_record),
        RECORD_FIELD_STRUCT(PlanChange, after, &module_state_record),
        RECORD_FIELD(PlanChange, expected, RECORD_NULLABLE, path_is_below),
};
const Record plan_change_record = { sizeof(PlanChange), change_fields, ELEMENTSOF(change_fields),
        change_is_sound };

bool plan_change_does_anything(const PlanChange *change)
{
        return !record_equal(&module_state_record, &change->before, &change->after);
}
