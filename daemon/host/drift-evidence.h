/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What other programs have left of a module that may say who changed its selection. Facts only. */
#pragma once

#include "host/index/depmod-config.h"

typedef struct DriftEvidence {
        char *dkms;    /* absolute path of a file or link of the module that DKMS keeps; NULL: none */
        char *package; /* the Debian package that owns the entry of updates/; NULL: none */
        DepmodConfig depmod;
} DriftEvidence;

/* FILE is the entry's name in updates/, or NULL. Nothing that is missing or can't be read is an error. DKMS
 * keeps files that it found in the way in /var/lib/dkms/PACKAGE/original_module/RELEASE/ARCHITECTURE, and
 * installs its own in updates/dkms (dkms 3.0.10 and 3.2). dpkg lists a package's files in
 * /var/lib/dpkg/info/PACKAGE.list, one a line. 0 or -ENOMEM. */
int drift_evidence_read(const HostRoot *root, const char *release, const char *module, const char *file,
                DriftEvidence *ret) WARN_UNUSED NONNULL(1, 2, 3, 5);
void drift_evidence_done(DriftEvidence *evidence) NONNULL(1);
#define CLEANUP_DRIFT_EVIDENCE CLEANUP(drift_evidence_done)
