/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the files of the preflight share. Nobody else includes it. */
#pragma once

#include "change/preflight/symbol-sources.h"
#include "host/kernel/kernel-config.h"
#include "host/kernel/signature-policy.h"

struct Preflight {
        const HostRoot *root;
        const Facts *facts;
        const char *release;
        const CatalogueRelease *installed; /* NULL: it isn't */
        PlannedFiles planned;
        SymbolSources *sources; /* NULL if it isn't installed */
        bool has_conditions;    /* the following were read */
        SignaturePolicy signatures;
        KernelConfig config;
        ModuleFile *reference; /* a module file of the kernel's own, or NULL */
        int reference_fd;
};
