/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Adopting module files of others as a version, and taking that back. */
#pragma once

#include "change/context.h"
#include "model/problem.h"

/* The file of the target's module that is loaded becomes a version: see adoptable_find(). Package: DKMS's
 * name for it, else that of the only package that ships this module and no other, else the module's name.
 * Version: as modinfo says, else the first 12 digits of the build-id. */
int adopt_plan(const ChangeContext *context, const Request *request, Proposal *proposal,
                Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 3, 4);

/* The selected version of the target's module, which was adopted, becomes a plain file again. */
int unadopt_plan(const ChangeContext *context, const Request *request, Proposal *proposal,
                Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 3, 4);

/* Of both: whether others need the files where they are, and whether any module of any kernel release would
 * be loaded from another file afterwards. */
extern const EnquiryKind adopt_enquiry;
