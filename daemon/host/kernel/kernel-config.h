/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Choices that were made when a kernel release was built and that decide what it loads. Read only. */
#pragma once

#include "host/root.h"

typedef enum KernelOption {
        KERNEL_OPTION_UNKNOWN, /* there is no configuration of that kernel */
        KERNEL_OPTION_OFF,
        KERNEL_OPTION_ON,
} KernelOption;

typedef struct KernelConfig {
        KernelOption module_versions; /* CONFIG_MODVERSIONS */
        KernelOption force_load;      /* CONFIG_MODULE_FORCE_LOAD */
        KernelOption any_namespace;   /* CONFIG_MODULE_ALLOW_MISSING_NAMESPACE_IMPORTS */
} KernelConfig;

/* Reads the first that is there: /lib/modules/RELEASE/config, /boot/config-RELEASE, .config in
 * /lib/modules/RELEASE/build. None, or a file that is something else: all is unknown. 0 or -ENOMEM. */
int kernel_config_read(const HostRoot *root, const char *release, KernelConfig *ret) WARN_UNUSED
                NONNULL(1, 2, 3);
