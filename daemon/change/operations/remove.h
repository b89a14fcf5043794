/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Removing a version, with all modules of its package: nobody may need it, and no package of the
 * distribution own it. */
#pragma once

#include "change/enquiry.h"

int remove_plan(const ChangeContext *context, const Request *request, Proposal *proposal,
                Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 3, 4);
int remove_check(const ChangeContext *context, Proposal *proposal) WARN_UNUSED NONNULL(1, 2);

/* Which package owns it: rpm may take its time. */
extern const EnquiryKind remove_enquiry;
