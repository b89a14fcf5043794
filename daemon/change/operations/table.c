/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The table of operations. */

#include <string.h>

#include "change/checks/plan-checks.h"
#include "change/operations/adopt.h"
#include "change/operations/forget.h"
#include "change/operations/import.h"
#include "change/operations/rebuild.h"
#include "change/operations/remove.h"
#include "change/operations/select.h"

#define ACTION(name) "org.hostdriver1." name

/* What makes effective whatever stands on disk. */
#define STAGES_OF_CHANGE (STAGE_INDEX | STAGE_IMAGES | STAGE_DEVICES)

const Operation operation_table[OPERATION_COUNT] = {
        [OPERATION_SELECT] = {
                .name = "select",
                .doing = "The change",
                .action = ACTION("select"),
                .cancel_action = ACTION("select"),
                .wanted = WANTED_SET,
                .plan = select_plan,
                .check = select_check,
                .stages = STAGES_OF_CHANGE,
        },
        [OPERATION_DESELECT] = {
                .name = "deselect",
                .doing = "The change",
                .action = ACTION("deselect"),
                .cancel_action = ACTION("select"),
                .wanted = WANTED_SET,
                .plan = select_plan,
                .check = select_check,
                .stages = STAGES_OF_CHANGE,
        },
        [OPERATION_CARRY_OVER] = {
                .name = "carry-over",
                .doing = "Carrying over",
                .action = ACTION("kernel-policy"),
                .cancel_action = ACTION("kernel-policy"),
                .wanted = WANTED_STANDS_IN,
                .plan = select_plan,
                .check = select_check,
                .stages = STAGES_OF_CHANGE,
        },
        [OPERATION_HEAL] = {
                .name = "heal",
                .doing = "The change",
                .cancel_action = ACTION("select"),
                .wanted = WANTED_SET,
                .heals = true,
                .plan = select_plan,
                .check = select_check,
                .stages = STAGES_OF_CHANGE,
        },
        [OPERATION_ADOPT] = {
                .name = "adopt",
                .doing = "Adopting the module file",
                .action = ACTION("manage-versions"),
                .cancel_action = ACTION("manage-versions"),
                .wanted = WANTED_SET,
                .stages = STAGES_OF_CHANGE,
                .plan = adopt_plan,
                .enquiry = &adopt_enquiry,
                .check = space_check_plan,
        },
        [OPERATION_UNADOPT] = {
                .name = "unadopt",
                .doing = "Taking back the adoption",
                .action = ACTION("manage-versions"),
                .cancel_action = ACTION("manage-versions"),
                .wanted = WANTED_NOTHING,
                .stages = STAGES_OF_CHANGE,
                .plan = unadopt_plan,
                .enquiry = &adopt_enquiry,
                .check = space_check_plan,
        },
        [OPERATION_IMPORT] = {
                .name = "import",
                .doing = "The import",
                .action = ACTION("manage-versions"),
                .cancel_action = ACTION("manage-versions"),
                .stages = STAGE_COPY | STAGES_OF_CHANGE,
                .plan = import_plan,
                .enquiry = &import_enquiry,
                .commit = import_commit,
        },
        [OPERATION_REMOVE] = {
                .name = "remove",
                .doing = "Removing the version",
                .action = ACTION("manage-versions"),
                .cancel_action = ACTION("manage-versions"),
                .stages = STAGES_OF_CHANGE,
                .plan = remove_plan,
                .check = remove_check,
                .enquiry = &remove_enquiry,
        },
        [OPERATION_FORGET] = {
                .name = "forget",
                .doing = "Forgetting the kernel release",
                .action = ACTION("kernel-policy"),
                .release_goes = true,
                .plan = forget_plan,
                .commit = forget_commit,
        },
        [OPERATION_REBUILD] = {
                .name = "initramfs",
                .doing = "The rebuild",
                .action = ACTION("rebuild-initramfs"),
                .cancel_action = ACTION("rebuild-initramfs"),
                .stages = STAGE_IMAGES,
                .plan = rebuild_plan,
                .commit = rebuild_commit,
        },
};

const Operation *operation_find(const char *name)
{
        for (size_t i = 0; i < ELEMENTSOF(operation_table); i++)
                if (strcmp(operation_table[i].name, name) == 0)
                        return &operation_table[i];
        return NULL;
}
