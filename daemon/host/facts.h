/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* All facts about the host at one time, read in one go: the only thing that the model is derived from. */
#pragma once

#include "host/config.h"
#include "host/hardware/hardware.h"
#include "host/index/depmod-config.h"
#include "host/index/modprobe-load.h"
#include "host/initramfs/initramfs-image.h"
#include "host/loaded.h"
#include "host/module/kmod-read.h"
#include "host/selection.h"
#include "host/tree/catalogue-file.h"
#include "host/tree/catalogue.h"

/* What a module's name resolves to in one release. */
typedef struct EffectiveFile {
        char *path;   /* relative to the module directory, links not followed; NULL if not in the index */
        bool builtin; /* modules.builtin has it: modprobe loads no file, whatever the path */
        bool linked;  /* the path is a link, or leads through one */
        bool gone;    /* nothing that could be loaded is at the path any more */
        const CatalogueFile *file; /* the version's file that is there, links followed; NULL if none */
        ModprobeLoad load;
        ModprobeLoad *unblocked; /* of a deselected module: as it is without that block; else NULL */
} EffectiveFile;

/* A modalias of this host that a line of modprobe.d names: udev loads for it what that says. */
typedef struct AliasedDevice {
        size_t position; /* in the hardware */
        const ModprobeLine *line;
        StringSet loaded; /* all modules that are loaded for it */
        StringSet listed; /* the same where blacklists count */
} AliasedDevice;

typedef struct Facts {
        char *kernel;        /* the running release */
        StringSet installed; /* if the modules of that are gone: the releases that have theirs; else empty */
        bool modules_disabled;  /* the kernel loads no more until it is booted again */
        char *driver_tool_mock; /* the path of xapi's stand-in for driver-tool; NULL: it has none */
        Catalogue *catalogue;
        Selection *selection;
        Hardware *hardware;
        LoadedModule *loaded; /* one for each of catalogue->modules, in that order */
        ModprobeRules modprobe;
        const ModprobeLine *supported_only; /* modprobe_rules_support(); NULL: all modules are loaded */
        ModprobeRules *softdeps;            /* modules.softdep of each of catalogue->releases */
        DepmodConfig *depmod;               /* of each of catalogue->releases */
        KmodFormats formats;
        EffectiveFile *effective; /* [release * modules.count + module], both in the catalogue's order */
        AliasedDevice *aliased;   /* by the index of the running release */
        size_t aliased_count;
        InitramfsGenerator generator;
        StringSet unified;      /* paths of unified kernel images, which nobody reads: see
                                   initramfs_find_unified() */
        StringSet other_images; /* paths of further images of a kernel, likewise: see initramfs_find_others()
                                 */
        InitramfsImage **images; /* one for each of catalogue->releases; NULL: there is none, or it is
                                  * unread. The array may be NULL */
} Facts;

/* Reads everything but initramfs images, which take long: those that PREVIOUS has are kept if their stamp
 * hasn't changed. See facts_unread_image(). PREVIOUS and CACHE as for catalogue_read(). 0, or a negative
 * errno. */
int facts_read(const HostRoot *root, const Config *config, const Facts *previous, const MetadataCache *cache,
                Facts **ret) WARN_UNUSED NONNULL(1, 2, 5);
Facts *facts_free(Facts *facts);
DEFINE_CLEANUP(Facts, facts_free)

/* The next release, from position FROM on, whose image is there and was not read, or not for all modules:
 * 1, with its position and the image's path, which the caller frees; 0 if there is none; -ENOMEM. */
int facts_unread_image(const HostRoot *root, const Facts *facts, size_t from, size_t *ret_release,
                char **ret_path) WARN_UNUSED NONNULL(1, 2, 4, 5);

/* Adds an image that was read for one of the releases, so that the next facts have it. References it. */
void facts_put_image(Facts *facts, InitramfsImage *image) NONNULL(1, 2);

/* Whether a module is a part of a release's kernel, both by their positions in the catalogue: as sysfs shows
 * it in the running one, else as modules.builtin has it. One without parameters has no directory in sysfs.
 */
bool facts_is_builtin(const Facts *facts, size_t release, size_t module) NONNULL(1);

/* The effective file of a module in a release, by their positions in the catalogue. */
const EffectiveFile *facts_effective(const Facts *facts, size_t release, size_t module) NONNULL(1);
