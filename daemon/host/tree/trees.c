/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The trees, a row each. What the rest of the code does with one follows from its flags. */

#include "host/tree/info-json.h"
#include "host/tree/tree.h"

/* XenServer's driver versions: xenserver/<package>/<version>/…/<module>.ko. */
const Tree tree_xenserver = {
        .name = "xenserver",
        .setting = "XenServer",
        .base = "xenserver",
        .has_packages = true,
        .is_writable = true,
};

/* Driver variants with an info.json each: dmv/<package>/<variant>/…/<module>.ko. */
const Tree tree_dmv = {
        .name = "dmv",
        .setting = "Dmv",
        .base = "dmv",
        .has_packages = true,
        .has_driver_tool = true,
        .read_info = info_json_read,
};

/* What the kernel's own package ships. kbuild installs there (scripts/Makefile.modinst). */
const Tree tree_kernel = {
        .name = KERNEL_VERSION_ID,
        .base = "kernel",
        .is_fallback = true,
};

const Tree *const all_trees[] = { &tree_xenserver, &tree_dmv, &tree_kernel, NULL };

_Static_assert(ELEMENTSOF(all_trees) <= TREES_MAX, "Config has no place for so many trees");
