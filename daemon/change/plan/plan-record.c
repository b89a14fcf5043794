/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A plan's tables, and what each field must be. They trust nothing: what a journal names is linked, moved
 * and removed. Pure. */

#include "change/plan/plan-record.h"

#include <string.h>

#include "change/plan/plan.h"
#include "host/name.h"
#include "host/path.h"
#include "util/fs.h"

/* --- what a text must be ------------------------------------------------------------------------------- */

static bool is_name(const char *text)
{
        return name_check(text) == NAME_VALID;
}

static bool is_module(const char *text)
{
        char *canonical CLEANUP_FREE = NULL;

        return module_name_canonical(text, &canonical) >= 0;
}

static bool is_text(const char *text)
{
        return *text != '\0';
}

/* Of an override line. */
static bool is_directory(const char *text)
{
        return path_is_below(text) && plan_directory_fits_line(text);
}

static bool is_in_updates(const char *path)
{
        return strncmp(path, "updates/", strlen("updates/")) == 0;
}

static size_t count_parts(const char *path)
{
        size_t count = 1;

        while ((path = strchr(path, '/'))) {
                path++;
                count++;
        }
        return count;
}

static bool is_module_file(const char *path)
{
        const char *slash = strrchr(path, '/');

        return path_is_below(path) && slash && module_file_stem(slash + 1) > 0;
}

static bool is_outside(const char *path)
{
        return is_module_file(path) && is_in_updates(path);
}

static bool is_inside(const char *path)
{
        return is_module_file(path) && !is_in_updates(path) && count_parts(path) >= 4;
}

static bool is_place(const char *path)
{
        return path_is_below(path) && !is_in_updates(path) && count_parts(path) >= 3;
}

/* What is aside gets removed. */
static bool is_aside(const char *name)
{
        return is_name(name) && fs_is_temporary(name);
}

/* --- the tables ---------------------------------------------------------------------------------------- */

static bool module_state_is_sound(const void *value)
{
        const ModuleState *state = value;

        return !state->link == !state->target && !state->directory == !state->spelling;
}

static const RecordField module_state_fields[] = {
        RECORD_FIELD(ModuleState, link, RECORD_OMITTED, is_name),
        RECORD_FIELD(ModuleState, target, RECORD_OMITTED, is_text),
        RECORD_FIELD(ModuleState, directory, RECORD_OMITTED, is_directory),
        RECORD_FIELD(ModuleState, spelling, RECORD_OMITTED, is_module),
};
const Record plan_module_state_record = { sizeof(ModuleState), module_state_fields,
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
        RECORD_FIELD(PlanChange, release, RECORD_REQUIRED, is_name),
        RECORD_FIELD(PlanChange, module, RECORD_REQUIRED, is_module),
        RECORD_FIELD_STRUCT(PlanChange, before, &plan_module_state_record),
        RECORD_FIELD_STRUCT(PlanChange, after, &plan_module_state_record),
        RECORD_FIELD(PlanChange, expected, RECORD_NULLABLE, path_is_below),
};
static const Record change_record = { sizeof(PlanChange), change_fields, ELEMENTSOF(change_fields),
        change_is_sound };

static const RecordField block_fields[] = {
        RECORD_FIELD(PlanBlock, module, RECORD_REQUIRED, is_module),
        RECORD_FIELD(PlanBlock, before, RECORD_REQUIRED, NULL),
        RECORD_FIELD(PlanBlock, after, RECORD_REQUIRED, NULL),
};
static const Record block_record = { sizeof(PlanBlock), block_fields, ELEMENTSOF(block_fields), NULL };

static const RecordField file_fields[] = {
        RECORD_FIELD(PlanFile, release, RECORD_REQUIRED, is_name),
        RECORD_FIELD(PlanFile, outside, RECORD_REQUIRED, is_outside),
        RECORD_FIELD(PlanFile, inside, RECORD_REQUIRED, is_inside),
        RECORD_FIELD(PlanFile, kept, RECORD_REQUIRED, NULL),
        RECORD_FIELD(PlanFile, before, RECORD_REQUIRED, NULL),
        RECORD_FIELD(PlanFile, after, RECORD_REQUIRED, NULL),
};
static const Record file_record = { sizeof(PlanFile), file_fields, ELEMENTSOF(file_fields), NULL };

static const RecordField directory_fields[] = {
        RECORD_FIELD(PlanDirectory, release, RECORD_REQUIRED, is_name),
        RECORD_FIELD(PlanDirectory, place, RECORD_REQUIRED, is_place),
        RECORD_FIELD(PlanDirectory, aside, RECORD_REQUIRED, is_aside),
        RECORD_FIELD(PlanDirectory, inside, RECORD_OMITTED, NULL),
        RECORD_FIELD(PlanDirectory, before, RECORD_REQUIRED, NULL),
        RECORD_FIELD(PlanDirectory, after, RECORD_REQUIRED, NULL),
};
static const Record directory_record = { sizeof(PlanDirectory), directory_fields,
        ELEMENTSOF(directory_fields), NULL };

static const RecordField subject_fields[] = {
        RECORD_FIELD(PlanSubject, driver, RECORD_REQUIRED, NULL),
        RECORD_FIELD(PlanSubject, release, RECORD_REQUIRED, NULL),
        RECORD_FIELD(PlanSubject, from, RECORD_REQUIRED, NULL),
        RECORD_FIELD(PlanSubject, to, RECORD_REQUIRED, NULL),
};
static const Record subject_record = { sizeof(PlanSubject), subject_fields, ELEMENTSOF(subject_fields),
        NULL };

static const RecordField plan_fields[] = {
        RECORD_FIELD(Plan, renews, RECORD_OMITTED, NULL),
        RECORD_FIELD_ARRAY(Plan, changes, change_count, &change_record),
        RECORD_FIELD_ARRAY(Plan, blocks, block_count, &block_record),
        RECORD_FIELD_ARRAY(Plan, subjects, subject_count, &subject_record),
        RECORD_FIELD_ARRAY(Plan, files, file_count, &file_record),
        RECORD_FIELD_ARRAY(Plan, directories, directory_count, &directory_record),
};
const Record plan_record = { sizeof(Plan), plan_fields, ELEMENTSOF(plan_fields), NULL };
const Record plan_record_without_files = { sizeof(Plan), plan_fields, ELEMENTSOF(plan_fields) - 2, NULL };
