/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Adding a version from open files, which isn't selected. No path that a caller names is followed, and the
 * service itself reads nothing of the files. */
#pragma once

#include "change/enquiry.h"

/* Before the files are read: what can be refused without, which are names, sizes and kernel releases. Its
 * plan has subjects alone. After it: where they are to go. Package: that of the only package which ships the
 * first module, else its name. Kernel release: the one that the files are built for. */
int import_plan(const ChangeContext *context, const Request *request, Proposal *proposal,
                Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 3, 4);

/* The job begins with copying the files, so that nothing is durable yet when this returns. */
int import_commit(Changer *changer, Proposal *proposal, uid_t uid, Job **ret_job,
                Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 4, 5);

/* What the files hold: to read a file of whoever calls may take as long as he likes. */
extern const EnquiryKind import_enquiry;
