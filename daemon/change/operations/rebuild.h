/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Rebuilding initramfs images on request, without any selection. */
#pragma once

#include "change/proposal.h"

/* The images of the request's kernels, whatever they hold; or, if it names none, all that are stale. */
int rebuild_plan(const ChangeContext *context, const Request *request, Proposal *proposal,
                Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 3, 4);
int rebuild_commit(Changer *changer, Proposal *proposal, uid_t uid, Job **ret_job,
                Refusal *refusal) WARN_UNUSED NONNULL(1, 2, 4, 5);
