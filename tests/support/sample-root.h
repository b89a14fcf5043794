/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A small host on a temporary directory: kernels with module files and a real module index, what they have
 * loaded, devices. Paths begin without a slash and lie below the root. Every failure ends the test. */
#pragma once

#include <glib.h>

#include "host/root.h"
#include "module-writer.h"
#include "temp-dir.h"

/* The kernel release of XenServer's design document: with a "+", which means something in an ERE. */
#define SAMPLE_KERNEL "4.19.0+1"

typedef struct SampleRoot {
        TempDir dir; /* temp_dir_write() and the like fill it further */
        HostRoot *root;
} SampleRoot;

/* A root with /lib -> usr/lib, /etc/machine-id, and KERNEL as its running release, which is added. */
void sample_root_init(SampleRoot *sample, const char *kernel) NONNULL(1, 2);
/* Removes it all. */
void sample_root_done(SampleRoot *sample) NONNULL(1);
#define CLEANUP_SAMPLE_ROOT CLEANUP(sample_root_done)

/* The host of XenServer's design document, with its index: SAMPLE_KERNEL runs; the drivers are
 *   bnx2fc (package bnx2fc; 2.12.13, 2.12.20-dell selected), dell_laptop (package dell_laptop; 1.2.3
 * selected; the kernel's own file is dell-laptop.ko), ice (package intel-ice; 1.6.4, 1.11.17.1 selected);
 * selected by links alone, each also below kernel/; plain module files in updates/; nothing is loaded; there
 * is one device that ice covers. */
void sample_root_init_xenserver(SampleRoot *sample) NONNULL(1);

/* An empty module directory with modules.order and modules.builtin, without an index. */
void sample_root_add_kernel(const SampleRoot *sample, const char *release) NONNULL(1, 2);

/* A module file at PATH below the module directory. Name from the file's name; srcversion and build-id
 * differ for each RELEASE, PATH and VERSION, which may be NULL; the vermagic is RELEASE's. Compressed as its
 * name says. An existing file is replaced. */
void sample_root_add_module(const SampleRoot *sample, const char *release, const char *path,
                const char *version) NONNULL(1, 2, 3);

/* The same, with what SPEC says before all; spec->name NULL is from the file's name. */
void sample_root_add_module_spec(const SampleRoot *sample, const char *release, const char *path,
                const ModuleSpec *spec) NONNULL(1, 2, 3, 4);

/* A link "updates/FILE" -> "../TARGET", FILE being the last component of TARGET. */
void sample_root_select(const SampleRoot *sample, const char *release, const char *target) NONNULL(1, 2, 3);

/* Runs the real depmod on a release, with the root's etc/depmod.d for its configuration. */
void sample_root_depmod(const SampleRoot *sample, const char *release) NONNULL(1, 2);

/* What the kernel is to say of a module. NULL: nothing. */
typedef struct SampleLoaded {
        const char *module; /* canonical */
        bool builtin;       /* no initstate, no refcnt */
        const char *srcversion;
        const char *version;
        const char *note_version; /* makes a sound note */
        const void *note;         /* raw bytes of .note.XenServer instead */
        size_t note_size;
        const char *build_id; /* hex digits; makes a sound note */
} SampleLoaded;
void sample_root_load(const SampleRoot *sample, const SampleLoaded *loaded) NONNULL(1, 2);

/* As if the module file at PATH of RELEASE had been loaded: its srcversion, version, notes. */
void sample_root_load_file(const SampleRoot *sample, const char *release, const char *path) NONNULL(1, 2, 3);
void sample_root_unload(const SampleRoot *sample, const char *module) NONNULL(1, 2);

/* Device NAME on BUS, at /sys/devices/BUS/NAME. MODALIAS NULL: it has no such attribute. */
void sample_root_add_device(const SampleRoot *sample, const char *bus, const char *name,
                const char *modalias) NONNULL(1, 2, 3);
/* Binds it to the driver of MODULE, which is loaded. */
void sample_root_bind_device(const SampleRoot *sample, const char *bus, const char *name, const char *module)
                NONNULL(1, 2, 3, 4);

/* Appends one note record in the host's byte order; DESC is taken as it is. */
void sample_note_append(GByteArray *notes, const char *owner, guint32 type, const void *desc,
                guint32 desc_size) NONNULL(1, 2);

/* What depmod would complain of with the symbols in the file SYMVERS, a line each: it writes nothing and
 * says so with status 0. Free with g_strfreev(). */
char **sample_root_depmod_complaints(const SampleRoot *sample, const char *release, const char *symvers)
                NONNULL(1, 2, 3);
