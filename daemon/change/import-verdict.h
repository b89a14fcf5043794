/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the process that reads an import's files has found out, on its way back through a file. */
#pragma once

#include "change/refusal.h"
#include "host/module/module-file.h"

typedef struct ImportVerdict {
        int result; /* 0, -ECANCELED with the refusal, or another negative errno */
        Refusal refusal;
        ModuleFile **files; /* as far as they were read, in the order of the request */
        size_t count;
} ImportVerdict;

void import_verdict_done(ImportVerdict *verdict) NONNULL(1);
#define CLEANUP_IMPORT_VERDICT CLEANUP(import_verdict_done)

/* Appends VERDICT to FD. 0 or a negative errno. */
int import_verdict_write(int fd, const ImportVerdict *verdict) WARN_UNUSED NONNULL(2);

/* Reads what was written to FD, from its beginning. A verdict without a refusal must tell of COUNT files.
 * Believes no byte: -EBADMSG, -EFBIG, or another negative errno; then *ret is untouched. */
int import_verdict_read(int fd, size_t count, ImportVerdict *ret) WARN_UNUSED NONNULL(3);
