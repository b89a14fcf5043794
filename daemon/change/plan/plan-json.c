/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The plan as JSON, for the operations journal. Reading back trusts nothing: it decides what recovery does
 * to the host. Pure. */

#include "change/plan/plan-json.h"

#include <errno.h>
#include <string.h>

#include "host/name.h"

/* A journal of another format is refused, not misread. */
#define PLAN_FORMAT 1
#define PLAN_FORMAT_FILES 2 /* it has the members "files" and "directories" too */

/* --- writing ---------------------------------------------------------------------------------------- */

/* A link's text that another tool made may be no UTF-8, which JSON can't hold: its bytes as hex then. */
json_t *plan_text_to_json(const char *text)
{
        size_t length = strlen(text);
        char *hex CLEANUP_FREE = NULL;
        json_t *json = json_string(text);

        if (json)
                return json;
        hex = malloc(2 * length + 1);
        if (!hex)
                return NULL;
        for (size_t i = 0; i < length; i++) {
                hex[2 * i] = "0123456789abcdef"[(unsigned char) text[i] >> 4];
                hex[2 * i + 1] = "0123456789abcdef"[(unsigned char) text[i] & 15];
        }
        hex[2 * length] = '\0';
        return json_pack("{s:s}", "hex", hex);
}

static json_t *module_state_to_json(const ModuleState *state)
{
        json_t *json CLEANUP_JSON = json_object();

        if (!json)
                return NULL;
        if (state->link && (json_object_set_new(json, "link", plan_text_to_json(state->link)) < 0 ||
                                           json_object_set_new(json, "target",
                                                           plan_text_to_json(state->target)) < 0))
                return NULL;
        if (state->directory &&
                        (json_object_set_new(json, "directory", plan_text_to_json(state->directory)) < 0 ||
                                        json_object_set_new(json, "spelling",
                                                        plan_text_to_json(state->spelling)) < 0))
                return NULL;
        return STEAL(json);
}

static int add_change(json_t *array, const PlanChange *change)
{
        json_t *json = json_pack("{s:s, s:s, s:o, s:o, s:s?}", "release", change->release, "module",
                        change->module, "before", module_state_to_json(&change->before), "after",
                        module_state_to_json(&change->after), "expected", change->expected);

        return json_array_append_new(array, json) < 0 ? -ENOMEM : 0;
}

static int fill_arrays(const Plan *plan, json_t *changes, json_t *blocks, json_t *subjects)
{
        for (size_t i = 0; i < plan->change_count; i++)
                if (add_change(changes, &plan->changes[i]) < 0)
                        return -ENOMEM;
        for (size_t i = 0; i < plan->block_count; i++)
                if (json_array_append_new(
                                    blocks, json_pack("{s:s, s:b, s:b}", "module", plan->blocks[i].module,
                                                            "before", plan->blocks[i].before, "after",
                                                            plan->blocks[i].after)) < 0)
                        return -ENOMEM;
        for (size_t i = 0; i < plan->subject_count; i++) {
                const PlanSubject *subject = &plan->subjects[i];

                if (json_array_append_new(
                                    subjects, json_pack("{s:s, s:s, s:s, s:s}", "driver", subject->driver,
                                                              "release", subject->release, "from",
                                                              subject->from, "to", subject->to)) < 0)
                        return -ENOMEM;
        }
        return 0;
}

int plan_to_json(const Plan *plan, char **ret)
{
        json_t *changes CLEANUP_JSON = json_array();
        json_t *blocks CLEANUP_JSON = json_array();
        json_t *subjects CLEANUP_JSON = json_array();
        json_t *json CLEANUP_JSON = NULL;
        bool has_files = plan->file_count > 0 || plan->directory_count > 0;
        char *text;

        if (!changes || !blocks || !subjects || fill_arrays(plan, changes, blocks, subjects) < 0)
                return -ENOMEM;
        json = json_pack("{s:i, s:s, s:O, s:O, s:O}", "format", has_files ? PLAN_FORMAT_FILES : PLAN_FORMAT,
                        "kind", plan->kind, "changes", changes, "blocks", blocks, "subjects", subjects);
        if (json && plan->renews && json_object_set_new(json, "renews", json_true()) < 0)
                return -ENOMEM;
        if (!json || (has_files && plan_files_to_json(plan, json) < 0))
                return -ENOMEM;
        text = json_dumps(json, JSON_COMPACT | JSON_SORT_KEYS);
        if (!text)
                return -ENOMEM;
        *ret = text;
        return 0;
}

/* --- reading ---------------------------------------------------------------------------------------- */

static int hex_digit(char c)
{
        const char *digits = "0123456789abcdef";
        const char *found = c ? strchr(digits, c) : NULL;

        return found ? (int) (found - digits) : -1;
}

static int hex_to_text(const char *hex, char **ret)
{
        size_t length = strlen(hex);
        char *text CLEANUP_FREE = calloc(length / 2 + 1, 1);

        if (!text)
                return -ENOMEM;
        if (length % 2 != 0)
                return -EBADMSG;
        for (size_t i = 0; i < length / 2; i++) {
                int high = hex_digit(hex[2 * i]), low = hex_digit(hex[2 * i + 1]);

                if (high < 0 || low < 0 || (high == 0 && low == 0))
                        return -EBADMSG;
                text[i] = (char) (high << 4 | low);
        }
        *ret = STEAL(text);
        return 0;
}

int plan_text_from_json(const json_t *object, const char *key, bool optional, char **ret)
{
        const json_t *json = json_object_get(object, key);
        const char *text = json_string_value(json);

        if (!json || json_is_null(json))
                return optional ? 0 : -EBADMSG;
        if (json_is_object(json)) {
                const char *hex = json_string_value(json_object_get(json, "hex"));

                return hex ? hex_to_text(hex, ret) : -EBADMSG;
        }
        if (!text || strlen(text) != json_string_length(json))
                return -EBADMSG;
        *ret = strdup(text);
        return *ret ? 0 : -ENOMEM;
}

bool plan_path_is_below(const char *path)
{
        size_t length = strlen(path);

        if (length == 0 || path[0] == '/' || path[length - 1] == '/')
                return false;
        for (const char *part = path; part; part = strchr(part, '/')) {
                size_t n;

                part += *part == '/';
                n = strcspn(part, "/");
                if (n == 0 || (n == 1 && part[0] == '.') || (n == 2 && part[0] == '.' && part[1] == '.'))
                        return false;
                part += n;
        }
        return true;
}

static bool is_module(const char *name)
{
        char *canonical CLEANUP_FREE = NULL;

        return module_name_canonical(name, &canonical) >= 0;
}

static int module_state_from_json(const json_t *json, const char *module, ModuleState *ret)
{
        char *of_link CLEANUP_FREE = NULL;
        int r;

        if (!json_is_object(json))
                return -EBADMSG;
        r = plan_text_from_json(json, "link", true, &ret->link);
        if (r >= 0)
                r = plan_text_from_json(json, "target", !ret->link, &ret->target);
        if (r >= 0)
                r = plan_text_from_json(json, "directory", true, &ret->directory);
        if (r >= 0)
                r = plan_text_from_json(json, "spelling", !ret->directory, &ret->spelling);
        if (r < 0)
                return r;
        if (!ret->link != !ret->target || !ret->directory != !ret->spelling)
                return -EBADMSG;
        /* What becomes a file name must be one, and of this very module. */
        if (ret->link && (module_name_from_file(ret->link, &of_link) < 0 || strcmp(of_link, module) != 0))
                return -EBADMSG;
        if (ret->link && (ret->target[0] == '\0' || name_check(ret->link) != NAME_VALID))
                return -EBADMSG;
        if (ret->directory &&
                        (!plan_path_is_below(ret->directory) || !plan_directory_fits_line(ret->directory) ||
                                        !is_module(ret->spelling)))
                return -EBADMSG;
        return 0;
}

static int change_from_json(const json_t *json, PlanChange *ret)
{
        int r = plan_text_from_json(json, "release", false, &ret->release);

        if (r >= 0)
                r = plan_text_from_json(json, "module", false, &ret->module);
        if (r >= 0)
                r = plan_text_from_json(json, "expected", true, &ret->expected);
        if (r < 0)
                return r;
        if (name_check(ret->release) != NAME_VALID || !is_module(ret->module))
                return -EBADMSG;
        if (ret->expected && !plan_path_is_below(ret->expected))
                return -EBADMSG;
        r = module_state_from_json(json_object_get(json, "before"), ret->module, &ret->before);
        return r < 0 ? r : module_state_from_json(json_object_get(json, "after"), ret->module, &ret->after);
}

static int changes_from_json(const json_t *array, Plan *plan)
{
        if (!json_is_array(array))
                return -EBADMSG;
        plan->changes = calloc(json_array_size(array) + 1, sizeof(*plan->changes));
        if (!plan->changes)
                return -ENOMEM;
        while (plan->change_count < json_array_size(array)) {
                size_t i = plan->change_count++;
                int r = change_from_json(json_array_get(array, i), &plan->changes[i]);

                if (r < 0)
                        return r;
        }
        return 0;
}

static int blocks_from_json(const json_t *array, Plan *plan)
{
        if (!json_is_array(array))
                return -EBADMSG;
        plan->blocks = calloc(json_array_size(array) + 1, sizeof(*plan->blocks));
        if (!plan->blocks)
                return -ENOMEM;
        while (plan->block_count < json_array_size(array)) {
                const json_t *json = json_array_get(array, plan->block_count);
                const json_t *before = json_object_get(json, "before");
                const json_t *after = json_object_get(json, "after");
                PlanBlock *block = &plan->blocks[plan->block_count++];
                int r = plan_text_from_json(json, "module", false, &block->module);

                if (r < 0)
                        return r;
                if (!json_is_boolean(before) || !json_is_boolean(after) || !is_module(block->module))
                        return -EBADMSG;
                block->before = json_is_true(before);
                block->after = json_is_true(after);
        }
        return 0;
}

static int subjects_from_json(const json_t *array, Plan *plan)
{
        if (!json_is_array(array))
                return -EBADMSG;
        plan->subjects = calloc(json_array_size(array) + 1, sizeof(*plan->subjects));
        if (!plan->subjects)
                return -ENOMEM;
        while (plan->subject_count < json_array_size(array)) {
                const json_t *json = json_array_get(array, plan->subject_count);
                PlanSubject *subject = &plan->subjects[plan->subject_count++];
                int r = plan_text_from_json(json, "driver", false, &subject->driver);

                if (r >= 0)
                        r = plan_text_from_json(json, "release", false, &subject->release);
                if (r >= 0)
                        r = plan_text_from_json(json, "from", false, &subject->from);
                if (r >= 0)
                        r = plan_text_from_json(json, "to", false, &subject->to);
                if (r < 0)
                        return r;
        }
        return 0;
}

int plan_from_json(const char *text, Plan **ret)
{
        json_t *json CLEANUP_JSON = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
        Plan *plan CLEANUP(plan_freep) = calloc(1, sizeof(*plan));
        json_int_t format = json_integer_value(json_object_get(json, "format"));
        int r;

        if (!plan)
                return -ENOMEM;
        if (!json_is_object(json) || (format != PLAN_FORMAT && format != PLAN_FORMAT_FILES))
                return -EBADMSG;
        plan->renews = json_is_true(json_object_get(json, "renews"));
        r = plan_text_from_json(json, "kind", false, &plan->kind);
        if (r >= 0)
                r = changes_from_json(json_object_get(json, "changes"), plan);
        if (r >= 0)
                r = blocks_from_json(json_object_get(json, "blocks"), plan);
        if (r >= 0)
                r = subjects_from_json(json_object_get(json, "subjects"), plan);
        if (r >= 0 && format == PLAN_FORMAT_FILES)
                r = plan_files_from_json(json, plan);
        if (r < 0)
                return r;
        *ret = STEAL(plan);
        return 0;
}
