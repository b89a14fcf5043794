/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Processes on a private bus, and what they cost. */

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>

#include "bench.h"

/* What the service and the client are told of the bus. */
static char **environment_of(const BenchBus *bus)
{
        char **environment = g_get_environ();

        if (bus)
                environment = g_environ_setenv(environment, "DBUS_SYSTEM_BUS_ADDRESS", bus->address, TRUE);
        return environment;
}

static GPid spawn(const BenchBus *bus, const char *const argv[])
{
        g_auto(GStrv) environment = environment_of(bus);
        g_autoptr(GError) error = NULL;
        GPid pid;

        (void) g_spawn_async(NULL, (char **) argv, environment,
                        G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL |
                                        G_SPAWN_STDERR_TO_DEV_NULL,
                        NULL, NULL, &pid, &error);
        g_assert_no_error(error);
        return pid;
}

GPid bench_start(const BenchBus *bus, const char *const argv[])
{
        return spawn(bus, argv);
}

static const char *program(const char *variable)
{
        const char *path = g_getenv(variable);

        if (!path)
                g_error("%s must name the program; run this by `meson test --benchmark`", variable);
        return path;
}

GPid bench_start_service(const BenchBus *bus, const SampleRoot *root)
{
        g_autofree char *option = g_strconcat("--root=", root->dir.path, NULL);
        const char *argv[] = { program("HOSTDRIVERD"), option, "--kernel=" BENCH_KERNEL, NULL };

        return spawn(bus, argv);
}

void bench_stop(GPid pid)
{
        int status;

        g_assert_cmpint(kill(pid, SIGTERM), ==, 0);
        g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
}

double bench_run(const BenchBus *bus, const char *const argv[])
{
        GPid pid = spawn(bus, argv);
        struct rusage usage;
        int status;

        g_assert_cmpint(wait4(pid, &status, 0, &usage), ==, pid);
        if (status != 0)
                g_error("%s ended with status %#x", argv[0], status);
        return (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
               (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

double bench_now(void)
{
        struct timespec now;

        (void) clock_gettime(CLOCK_MONOTONIC, &now);
        return (double) now.tv_sec * 1e3 + (double) now.tv_nsec / 1e6;
}

/* The number behind LABEL in a file of /proc/PID; behind "" the first one. */
static double read_proc_number(GPid pid, const char *name, const char *label)
{
        g_autofree char *path = g_strdup_printf("/proc/%d/%s", (int) pid, name);
        char text[8192] = "", *place;
        FILE *file = fopen(path, "re");

        g_assert_nonnull(file);
        (void) !fread(text, 1, sizeof(text) - 1, file);
        (void) fclose(file);
        place = strstr(text, label);
        g_assert_nonnull(place);
        return (double) g_ascii_strtoull(place + strlen(label), NULL, 10);
}

/* Finer than the ticks of /proc/PID/stat: the first number is in ns. */
double bench_cpu(GPid pid)
{
        return read_proc_number(pid, "schedstat", "") / 1e6;
}

double bench_private_memory(GPid pid)
{
        return read_proc_number(pid, "status", "RssAnon:") * 1024 / 1e6;
}

static int compare_numbers(const void *a, const void *b)
{
        double x = *(const double *) a, y = *(const double *) b;

        return (x > y) - (x < y);
}

double bench_median(double *values, size_t count)
{
        qsort(values, count, sizeof(*values), compare_numbers);
        return values[count / 2];
}

void bench_report(const char *subject, double value, const char *baseline, double baseline_value,
                const char *unit, double aim)
{
        g_print("%s: %.3f %s, %.2f times %s (%.3f %s); aim %.2f\n", subject, value, unit,
                        value / baseline_value, baseline, baseline_value, unit, aim);
}

void bench_init(int argc, char *argv[])
{
        (void) argc;
        (void) argv;
#if defined(__SANITIZE_ADDRESS__)
        g_print("skipped: sanitizers are compiled in, and distort every number\n");
        exit(77);
#endif
}

void bench_host_init(BenchHost *host, const BenchTree *tree)
{
        bench_tree_init(&host->root, tree);
        bench_bus_init(&host->bus);
        host->connection = bench_bus_connect(&host->bus);
        host->service = bench_start_service(&host->bus, &host->root);
        bench_wait_for_name(host->connection, BENCH_BUS_NAME);
}

void bench_host_done(BenchHost *host)
{
        bench_stop(host->service);
        (void) sd_bus_flush_close_unref(host->connection);
        bench_bus_done(&host->bus);
        sample_root_done(&host->root);
}
