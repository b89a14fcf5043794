/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files that turn plans into JSON share. Nobody else includes it. */
#pragma once

#include <jansson.h>

#include "change/plan/plan.h"

static inline void json_freep(json_t **place)
{
        json_decref(*place);
        *place = NULL;
}

#define CLEANUP_JSON CLEANUP(json_freep)

/* A text as JSON; one that is no UTF-8 as an object with its bytes as hex. NULL: no memory. */
json_t *plan_text_to_json(const char *text) WARN_UNUSED NONNULL(1);

/* -EBADMSG unless the member is a text; NULL stays where an OPTIONAL one is missing or null. */
int plan_text_from_json(const json_t *object, const char *key, bool optional, char **ret) WARN_UNUSED
                NONNULL(2, 4);

/* Whether PATH stays below the directory that it is relative to. */
bool plan_path_is_below(const char *path) WARN_UNUSED NONNULL(1);

/* --- plan-json-files.c: the members "files" and "directories" --- */

int plan_files_to_json(const Plan *plan, json_t *object) WARN_UNUSED NONNULL(1, 2);
int plan_files_from_json(const json_t *object, Plan *plan) WARN_UNUSED NONNULL(1, 2);
