/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What benchmarks share: trees, a private bus, processes and their cost, and how results are printed. Every
 * failure ends the program; timings are printed and never judged. */
#pragma once

#include <glib.h>
#include <sys/types.h>
#include <systemd/sd-bus.h>

#include "sample-root.h"

#define BENCH_KERNEL "6.1.0-bench"
#define BENCH_BUS_NAME "org.hostdriver1"
#define BENCH_OBJECT_PATH "/org/hostdriver1"

/* Ends the program as skipped if sanitizers are compiled in: they distort every number. */
void bench_init(int argc, char *argv[]);

/* What the trees of one root are to hold. */
typedef struct BenchTree {
        unsigned drivers;
        unsigned versions;
        size_t padding;     /* bytes of each module file beyond the least */
        const char *ending; /* "", ".zst" */
        unsigned together;  /* drivers of one package; 0: one. The second and further ones need a symbol of
                               the package's first one */
        unsigned symbols;   /* of the kernel, that each needs; 0: none, and the kernel has no list of any */
} BenchTree;

/* Fills ROOT: its newest version of each driver selected, with a module index. */
void bench_tree_init(SampleRoot *root, const BenchTree *tree) NONNULL(1, 2);
/* The paths of all module files that it made, for other programs' command lines. Free with
 * g_ptr_array_unref. */
GPtrArray *bench_tree_files(const SampleRoot *root, const BenchTree *tree) NONNULL(1, 2);
/* Forgets what the service remembers: its next start is a cold one. */
void bench_tree_forget(const SampleRoot *root) NONNULL(1);

typedef struct BenchBus {
        TempDir dir;
        GPid pid;
        char *address;
} BenchBus;

void bench_bus_init(BenchBus *bus) NONNULL(1);
void bench_bus_done(BenchBus *bus) NONNULL(1);
sd_bus *bench_bus_connect(const BenchBus *bus) NONNULL(1);

/* Starts a program on the bus; its messages go to /dev/null. */
GPid bench_start(const BenchBus *bus, const char *const argv[]) NONNULL(1, 2);
/* Starts the service beneath ROOT, without waiting for it. */
GPid bench_start_service(const BenchBus *bus, const SampleRoot *root) NONNULL(1, 2);
void bench_wait_for_name(sd_bus *connection, const char *name) NONNULL(1, 2);
/* Ends it with SIGTERM and waits. */
void bench_stop(GPid pid);
/* Runs a program to its end, its output to /dev/null. Returns its CPU time in ms, children included. */
double bench_run(const BenchBus *bus, const char *const argv[]) NONNULL(2);

/* The service beneath a root with such trees, and a connection to its bus. */
typedef struct BenchHost {
        SampleRoot root;
        BenchBus bus;
        sd_bus *connection;
        GPid service;
} BenchHost;

void bench_host_init(BenchHost *host, const BenchTree *tree) NONNULL(1, 2);
void bench_host_done(BenchHost *host) NONNULL(1);

/* A method call without arguments that must succeed. Unref the reply. */
sd_bus_message *bench_call(sd_bus *connection, const char *name, const char *path, const char *interface,
                const char *method) NONNULL(1, 2, 3, 4, 5);

double bench_now(void);                /* ms, monotonic */
double bench_cpu(GPid pid);            /* ms on a CPU so far */
double bench_private_memory(GPid pid); /* RssAnon, MB of 10^6 bytes */

/* The middle one; sorts the array. */
double bench_median(double *values, size_t count) NONNULL(1);

/* "SUBJECT: 12.3 ms, 1.4 times BASELINE (8.8 ms); aim 1.5". */
void bench_report(const char *subject, double value, const char *baseline, double baseline_value,
                const char *unit, double aim) NONNULL(1, 3, 5);
