/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the running kernel does with module signatures, and whose keys it knows. Read only; it verifies
 * nothing. */
#pragma once

#include "host/root.h"
#include "util/string-set.h"

typedef struct SignaturePolicy {
        bool is_enforced; /* the kernel refuses modules without a valid signature */
        bool secure_boot; /* the firmware enforces signatures, and most kernels then do, too */
        bool keys_known;  /* the kernel's keys could be read */
        StringSet keys;   /* names of their owners */
} SignaturePolicy;

/* From /sys/module/module/parameters/sig_enforce, the lockdown LSM (kernel_lockdown(7)), the EFI variable
 * SecureBoot and /proc/keys (proc(5)). What isn't there is off or unknown. 0 or -ENOMEM. */
int signature_policy_read(const HostRoot *root, SignaturePolicy *ret) WARN_UNUSED NONNULL(1, 2);
void signature_policy_done(SignaturePolicy *policy) NONNULL(1);
#define CLEANUP_SIGNATURE_POLICY CLEANUP(signature_policy_done)
