/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The members of a plan, each with its part's table. */

#include "change/plan/plan-record.h"

#include "change/parts/block-file.h"
#include "change/parts/version-directory.h"
#include "change/parts/version-file.h"
#include "change/plan/plan-change.h"

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
        RECORD_FIELD_ARRAY(Plan, changes, change_count, &plan_change_record),
        RECORD_FIELD_ARRAY(Plan, blocks, block_count, &block_file_record),
        RECORD_FIELD_ARRAY(Plan, subjects, subject_count, &subject_record),
        RECORD_FIELD_ARRAY(Plan, files, file_count, &version_file_record),
        RECORD_FIELD_ARRAY(Plan, directories, directory_count, &version_directory_record),
};
const Record plan_record = { sizeof(Plan), plan_fields, ELEMENTSOF(plan_fields), NULL };
const Record plan_record_without_files = { sizeof(Plan), plan_fields, ELEMENTSOF(plan_fields) - 2, NULL };
