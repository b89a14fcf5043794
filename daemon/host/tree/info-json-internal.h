/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the readers of info.json share. Private to info-json.c and info-pci-ids.c. */
#pragma once

#include <jansson.h>

#include "host/tree/tree.h"

/* Sets the problem "Its info.json TEXT DETAIL; repair …", unless there is one already: the first one is the
 * cause of others. DETAIL is the file's own and is escaped. 0 or -ENOMEM. */
int info_json_problem(TreeInfo *info, const char *text, const char *detail) WARN_UNUSED NONNULL(1, 2, 3);

/* Takes the field "pci_ids" of OBJECT. What is wrong in it is a problem, what is sound is kept. 0 or
 * -ENOMEM.
 */
int info_json_take_pci_ids(TreeInfo *info, const json_t *object) WARN_UNUSED NONNULL(1, 2);
