/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The module files that tables of facts have in common: two versions of a package and the kernel's own. */
#pragma once

#include "facts-builder.h"

#define V1 "xenserver/p/1/ice.ko"
#define V2 "xenserver/p/2/ice.ko"
#define IN_BOX "kernel/net/ice.ko"
#define FILES                   \
        {                       \
                { V1 }, { V2 }, \
                {               \
                        IN_BOX  \
                }               \
        }
