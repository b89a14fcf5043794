/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What libkmod resolves a module name to now, from a kernel release's module index. Read only. */
#pragma once

#include "host/root.h"
#include "util/string-set.h"

typedef struct ModuleIndex ModuleIndex;

/* Opens the index of a release with no configuration but its own. An index that isn't there is -ENOENT,
 * one that is damaged -EBADMSG. */
int module_index_open(const HostRoot *root, const char *release, ModuleIndex **ret) WARN_UNUSED
                NONNULL(1, 2, 3);
ModuleIndex *module_index_free(ModuleIndex *index);
DEFINE_CLEANUP(ModuleIndex, module_index_free)

/* The file that MODULE resolves to, relative to the module directory ("updates/ice.ko"), links not followed;
 * the caller frees *ret. -ENOENT if the index has no such module or lists it as built in. */
int module_index_resolve(ModuleIndex *index, const char *module, char **ret) WARN_UNUSED NONNULL(1, 2, 3);

/* True if modules.builtin lists MODULE. */
bool module_index_is_builtin(ModuleIndex *index, const char *module) NONNULL(1, 2);

/* Adds what NAME, of a module, a symbol or an alias, is looked up as where modprobe.d says nothing of it:
 * the names of modules, whether they have files or are built in. 0 or -ENOMEM. */
int module_index_look_up(ModuleIndex *index, const char *name, StringSet *ret) WARN_UNUSED NONNULL(1, 2, 3);

/* Adds the names of all that MODULE needs, directly or not. 0 or -ENOMEM. */
int module_index_dependencies(ModuleIndex *index, const char *module, StringSet *ret) WARN_UNUSED
                NONNULL(1, 2, 3);

/* Whether the index tells who exports what: its part modules.symbols is there and sound. */
bool module_index_has_symbols(const ModuleIndex *index) NONNULL(1);

/* The module that exports SYMBOL, as canonical name; the caller frees *ret. depmod has chosen if there are
 * several. -ENOENT if it is none of them. */
int module_index_exporter(ModuleIndex *index, const char *symbol, char **ret) WARN_UNUSED NONNULL(1, 2, 3);
