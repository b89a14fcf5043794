/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A plan's files and directories as JSON. Reading back trusts nothing: what is read is moved and removed.
 * Pure. */

#include <errno.h>
#include <string.h>

#include "change/plan/plan-json.h"
#include "host/name.h"
#include "util/fs.h"

/* --- writing ---------------------------------------------------------------------------------------- */

static int append_file(json_t *array, const PlanFile *file)
{
        json_t *json = json_pack("{s:s, s:o, s:o, s:b, s:b, s:b}", "release", file->release, "outside",
                        plan_text_to_json(file->outside), "inside", plan_text_to_json(file->inside), "kept",
                        file->kept, "before", file->before, "after", file->after);

        return json_array_append_new(array, json) < 0 ? -ENOMEM : 0;
}

static int append_directory(json_t *array, const PlanDirectory *directory)
{
        json_t *json = json_pack("{s:s, s:o, s:s, s:b, s:b}", "release", directory->release, "place",
                        plan_text_to_json(directory->place), "aside", directory->aside, "before",
                        directory->before, "after", directory->after);

        if (directory->inside && json_object_set_new(json, "inside", json_true()) < 0) {
                json_decref(json);
                return -ENOMEM;
        }
        return json_array_append_new(array, json) < 0 ? -ENOMEM : 0;
}

int plan_files_to_json(const Plan *plan, json_t *object)
{
        json_t *files CLEANUP_JSON = json_array();
        json_t *directories CLEANUP_JSON = json_array();

        if (!files || !directories)
                return -ENOMEM;
        for (size_t i = 0; i < plan->file_count; i++)
                if (append_file(files, &plan->files[i]) < 0)
                        return -ENOMEM;
        for (size_t i = 0; i < plan->directory_count; i++)
                if (append_directory(directories, &plan->directories[i]) < 0)
                        return -ENOMEM;
        if (json_object_set(object, "files", files) < 0 ||
                        json_object_set(object, "directories", directories) < 0)
                return -ENOMEM;
        return 0;
}

/* --- reading ---------------------------------------------------------------------------------------- */

static int flag_from_json(const json_t *object, const char *key, bool *ret)
{
        const json_t *json = json_object_get(object, key);

        if (!json_is_boolean(json))
                return -EBADMSG;
        *ret = json_is_true(json);
        return 0;
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

        return slash && module_file_stem(slash + 1) > 0;
}

static int file_from_json(const json_t *json, PlanFile *ret)
{
        int r = plan_text_from_json(json, "release", false, &ret->release);

        if (r >= 0)
                r = plan_text_from_json(json, "outside", false, &ret->outside);
        if (r >= 0)
                r = plan_text_from_json(json, "inside", false, &ret->inside);
        if (r >= 0)
                r = flag_from_json(json, "kept", &ret->kept);
        if (r >= 0)
                r = flag_from_json(json, "before", &ret->before);
        if (r >= 0)
                r = flag_from_json(json, "after", &ret->after);
        if (r < 0)
                return r;
        if (name_check(ret->release) != NAME_VALID || !plan_path_is_below(ret->outside) ||
                        !plan_path_is_below(ret->inside) || !is_module_file(ret->outside) ||
                        !is_module_file(ret->inside))
                return -EBADMSG;
        return is_in_updates(ret->outside) && !is_in_updates(ret->inside) && count_parts(ret->inside) >= 4
                               ? 0
                               : -EBADMSG;
}

static int directory_from_json(const json_t *json, PlanDirectory *ret)
{
        int r = plan_text_from_json(json, "release", false, &ret->release);

        if (r >= 0)
                r = plan_text_from_json(json, "place", false, &ret->place);
        if (r >= 0)
                r = plan_text_from_json(json, "aside", false, &ret->aside);
        if (r >= 0 && json_object_get(json, "inside"))
                r = flag_from_json(json, "inside", &ret->inside);
        if (r >= 0)
                r = flag_from_json(json, "before", &ret->before);
        if (r >= 0)
                r = flag_from_json(json, "after", &ret->after);
        if (r < 0)
                return r;
        if (name_check(ret->release) != NAME_VALID || !plan_path_is_below(ret->place) ||
                        is_in_updates(ret->place) || count_parts(ret->place) < 3)
                return -EBADMSG;
        /* What is aside gets removed. */
        return name_check(ret->aside) == NAME_VALID && strncmp(ret->aside, FS_TEMPORARY_PREFIX,
                                                                       strlen(FS_TEMPORARY_PREFIX)) == 0
                               ? 0
                               : -EBADMSG;
}

int plan_files_from_json(const json_t *object, Plan *plan)
{
        const json_t *files = json_object_get(object, "files");
        const json_t *directories = json_object_get(object, "directories");
        int r = 0;

        if (!json_is_array(files) || !json_is_array(directories))
                return -EBADMSG;
        plan->files = calloc(json_array_size(files) + 1, sizeof(*plan->files));
        plan->directories = calloc(json_array_size(directories) + 1, sizeof(*plan->directories));
        if (!plan->files || !plan->directories)
                return -ENOMEM;
        while (r >= 0 && plan->file_count < json_array_size(files)) {
                size_t i = plan->file_count++;

                r = file_from_json(json_array_get(files, i), &plan->files[i]);
        }
        while (r >= 0 && plan->directory_count < json_array_size(directories)) {
                size_t i = plan->directory_count++;

                r = directory_from_json(json_array_get(directories, i), &plan->directories[i]);
        }
        return r < 0 ? r : 0;
}
