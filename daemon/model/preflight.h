/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Whether one module file would load and serve in one kernel release: findings, derived from facts alone. No
 * I/O: change/checks/preflight.c gathers what is asked for here. */
#pragma once

#include "host/facts.h"
#include "host/kernel/kernel-config.h"
#include "host/kernel/signature-policy.h"
#include "host/module/kmod-read.h"
#include "host/tree/catalogue.h"
#include "model/problem.h"

/* What became of the symbols that the file needs. */
typedef struct SymbolFindings {
        StringSet missing;   /* nobody exports them */
        StringSet changed;   /* exported with another CRC */
        StringSet gpl_only;  /* exported for modules with another licence than the file's */
        StringSet foreign;   /* exported in namespaces that the file doesn't import */
        bool lacks_versions; /* the file has no section for CRCs at all */
        char *source;        /* what was asked for the kernel's own, as a path; NULL: nothing there */
        bool needs_any;      /* the file needs symbols at all */
        bool crcs_unchecked; /* the source has no CRCs, but the file has */
} SymbolFindings;

/* All that the findings rest on. Borrowed; NULL and empty: not known, and then nothing is found. */
typedef struct PreflightFacts {
        const char *release;
        const CatalogueFile *file;     /* the version's file in that release */
        const ModuleFile *reference;   /* any module file that came with that release's kernel */
        const CatalogueFile *selected; /* the file of the version that is selected there now */
        const char *selected_version;
        bool builtin; /* the module is a part of that release's kernel */
        const Hardware *hardware;
        const SignaturePolicy *signatures;
        const KernelConfig *config;
        const SymbolFindings *symbols;
        KmodReading kmod; /* whether modprobe and depmod can read the file, which is sound */
        StringSet missing_dependencies;
        StringSet missing_firmware;
        StringSet rivals; /* "MODULE DEVICE": what holds a device that the file is for, and is for it, too */
        ModprobeLoad load;            /* once it is selected */
        const Facts *all;             /* they have the device */
        const AliasedDevice *aliased; /* a device that the file is for, and for which udev loads others */
} PreflightFacts;

/* Appends what was found. Codes, with the severity in brackets:
 *   not-regular, unreadable, not-a-module (error): then nothing else is looked at;
 *   compression-unsupported, wrong-architecture, vermagic-mismatch, name-mismatch (error);
 *   dependency-missing, symbol-missing, symbol-crc-mismatch, symbol-gpl-only (error);
 *   symbol-namespace, symbol-versions-missing (error if the kernel's configuration says so, warning if it is
 *   lenient or not known); symbols-unchecked (info);
 *   not-signed (error if enforced, else warning under Secure Boot), signer-unknown (warning);
 *   no-hardware, device-dropped (error); rival-driver, firmware-missing (warning);
 *   builtin, alias-elsewhere, blocked, install-command, dependency-blocked, unsupported-module
 *   (warning).
 * 0 or -ENOMEM. */
int preflight_find(const PreflightFacts *facts, ProblemList *ret) WARN_UNUSED NONNULL(1, 2);

/* A module outside the change that depends on a module of it. Borrowed. */
typedef struct DependentFacts {
        const char *module;          /* canonical */
        const char *path;            /* of its file, relative to the module directory */
        const CatalogueFile *needed; /* the file that the module it depends on will have */
        StringSet missing;           /* what it needs of that, and what isn't exported for it then */
        StringSet changed;           /* what is exported with another CRC then */
        bool is_loaded;
        bool has_hardware;
        bool has_versions; /* it is a driver, so that another version of it may be selected */
} DependentFacts;

/* Appends dependent-breaks if anything is missing or changed: an error if the module is loaded or this host
 * has hardware for it, else a warning. It is about the needed file's module. 0 or -ENOMEM. */
int preflight_find_dependent(const DependentFacts *facts, ProblemList *ret) WARN_UNUSED NONNULL(1, 2);

/* The kernel's own rule (same_magic() in its kernel/module/version.c): with module versions the release
 * doesn't count, since the CRCs decide; the flags always do. */
bool vermagic_is_compatible(const char *module, const char *kernel) NONNULL(1, 2);

/* The kernel's own list (include/linux/license.h): whether a module with that licence may use symbols that
 * are exported with EXPORT_SYMBOL_GPL. NULL: the module doesn't say, and may not. */
bool license_is_gpl_compatible(const char *license);

/* Whether FLAGS, words with blanks between as in a version magic, has WORD. */
bool flags_have_word(const char *flags, const char *word) NONNULL(1, 2);
