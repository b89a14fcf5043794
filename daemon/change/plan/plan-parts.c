/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Looks things up in a plan.
 * Pure. */

#include "change/plan/plan-parts.h"

#include <string.h>

#include "host/name.h"
#include "host/path.h"
#include "host/selection.h"

bool plan_has_module(const Plan *plan, const char *module)
{
        for (size_t i = 0; i < plan->change_count; i++)
                if (strcmp(plan->changes[i].module, module) == 0)
                        return true;
        for (size_t i = 0; i < plan->block_count; i++)
                if (strcmp(plan->blocks[i].module, module) == 0)
                        return true;
        for (size_t i = 0; i < plan->subject_count; i++)
                if (strcmp(plan->subjects[i].driver, module) == 0)
                        return true;
        return false;
}

int plan_check_edited_lines(const Plan *plan, const StringSet *edited, Refusal *refusal)
{
        for (size_t i = 0; i < edited->count; i++)
                if (!plan_has_module(plan, edited->items[i]))
                        return refuse(refusal, REFUSAL_CONFLICT,
                                        OVERRIDE_FILE_PATH
                                        " has a line for %s that hostdriver did not write so, and it would "
                                        "be lost. Run `hostdriverctl select %s VERSION` to replace it, or "
                                        "move it to another file of that directory; then try again.",
                                        edited->items[i], edited->items[i]);
        return 0;
}

const PlanFile *plan_file_outside(const Plan *plan, const char *release, const char *outside)
{
        for (size_t i = 0; i < plan->file_count; i++)
                if (strcmp(plan->files[i].release, release) == 0 &&
                                strcmp(plan->files[i].outside, outside) == 0)
                        return &plan->files[i];
        return NULL;
}

bool plan_directory_fits_line(const char *directory)
{
        for (const char *c = directory; *c != '\0'; c++)
                if ((unsigned char) *c <= ' ' || *c == '\\' || *c == '\x7f')
                        return false;
        return true;
}

static bool is_below_any(const char *path, const char *const directories[], size_t count)
{
        for (size_t i = 0; i < count; i++)
                if (strncmp(path, directories[i], strlen(directories[i])) == 0)
                        return path_is_below(path);
        return false;
}

bool plan_path_is_outside(const char *path)
{
        static const char *const directories[] = { "updates/", "extra/", "weak-updates/" };

        return is_below_any(path, directories, ELEMENTSOF(directories));
}

bool plan_path_is_kept(const char *path)
{
        static const char *const directories[] = { "updates/dkms/", "extra/", "weak-updates/" };

        return is_below_any(path, directories, ELEMENTSOF(directories));
}

bool plan_path_is_in_tree(const char *path, size_t depth)
{
        size_t count = 1;

        for (const char *slash = path; (slash = strchr(slash, '/')); slash++)
                count++;
        return path_is_below(path) && !plan_path_is_outside(path) && count >= depth;
}
