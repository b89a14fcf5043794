/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One program that changes a root and ends: for tests that kill it at every instruction. No part of the
 * product.
 *
 *     select-once ROOT KERNEL select DRIVER VERSION…   exit status 0 done, 1 failed, 3 refused
 *     select-once ROOT KERNEL adopt MODULE             likewise, as all of these
 *     select-once ROOT KERNEL unadopt MODULE
 *     select-once ROOT KERNEL import VERSION FILE…     the files lie below ROOT
 *     select-once ROOT KERNEL remove DRIVER VERSION
 *     select-once ROOT KERNEL forget RELEASE
 *     select-once ROOT KERNEL rebuild RELEASE
 *     select-once ROOT KERNEL recover                  as the service does at its start
 *     select-once ROOT KERNEL recover-early            as is done before udev
 *     select-once ROOT KERNEL state                    neither
 *
 * The latter three print what is remembered and what resolves.
 */

#include <fcntl.h>
#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>

#include "change/recovery.h"
#include "host/index/module-index.h"
#include "sample-changer.h"
#include "store/store-wanted.h"
#include "tracer.h"

#define TARGETS_MAX 8

/* The exit status of a request that ended with R, and its job with it. */
static int finish(SampleChanger *host, int r, const Refusal *refusal)
{
        if (r < 0) {
                g_printerr("refused: %s\n", refusal->sentence);
                return 3;
        }
        sample_changer_run(host);
        /* What is forgotten needs no job. */
        if (host->last_result == JOB_RESULT_DONE || host->last_result == JOB_RESULT_NONE)
                return 0;
        g_printerr("failed: %s\n", host->last_error);
        return 1;
}

static int select_drivers(SampleChanger *host, int count, char **arguments)
{
        ChangeTarget targets[TARGETS_MAX];
        StringSet ignore CLEANUP_STRING_SET = { 0 };
        Request options = { .ignore = &ignore };
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        size_t n = 0;
        Job *job;

        for (int i = 0; i + 1 < count && n < TARGETS_MAX; i += 2)
                targets[n++] = (ChangeTarget){ arguments[i], arguments[i + 1] };
        g_assert_cmpint(string_set_add(&ignore, "no-hardware"), ==, 1);
        return finish(host, sample_changer_change(host, targets, n, &options, 0, &job, &refusal), &refusal);
}

static int run_request(SampleChanger *host, OperationId operation, const Request *request)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };

        return finish(host, sample_changer_run_request(host, operation, request, 0, NULL, &refusal),
                        &refusal);
}

static int run_version(SampleChanger *host, OperationId operation, int count, char **arguments)
{
        const ChangeTarget target = { arguments[0], count > 1 ? arguments[1] : NULL };
        StringSet ignore CLEANUP_STRING_SET = { 0 };
        const Request request = { .targets = &target, .target_count = 1, .ignore = &ignore };

        /* Nor is anybody asked, then. */
        g_assert_cmpint(string_set_add(&ignore, "owned-by-package"), ==, 1);
        return run_request(host, operation, &request);
}

/* Without its enquiry, which changes nothing of the host, and would be most of the calls. */
static int run_adoption(SampleChanger *host, OperationId operation, const char *module)
{
        const ChangeTarget target = { module, NULL };
        const Request request = {
                .operation = &operation_table[operation], .targets = &target, .target_count = 1
        };
        Proposal proposal CLEANUP_PROPOSAL = { 0 };
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        Job *job;
        int r = proposal_make(host->changer, &request, &proposal, &refusal);

        proposal.waits = false;
        if (r >= 0)
                r = proposal_commit(host->changer, &proposal, 0, &job, &refusal);
        return finish(host, r, &refusal);
}

static int import_version(SampleChanger *host, int count, char **arguments)
{
        ImportFile files[TARGETS_MAX];
        Request request = { .files = files, .version = arguments[0] };
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        int r;

        for (int i = 1; i < count && request.file_count < TARGETS_MAX; i++) {
                g_autofree char *path = g_build_filename(host_root_path(host->root), arguments[i], NULL);

                files[request.file_count].name = strrchr(arguments[i], '/') + 1;
                files[request.file_count].fd = open(path, O_RDONLY | O_CLOEXEC);
                g_assert_cmpint(files[request.file_count++].fd, >=, 0);
        }
        r = sample_changer_run_request(host, OPERATION_IMPORT, &request, 0, NULL, &refusal);
        for (size_t i = 0; i < request.file_count; i++)
                (void) fd_close(files[i].fd);
        return finish(host, r, &refusal);
}

static int run_kernel(SampleChanger *host, OperationId operation, const char *release)
{
        StringSet releases CLEANUP_STRING_SET = { 0 };
        const Request request = { .kernels = &releases, .leaving = true };

        g_assert_cmpint(string_set_add(&releases, release), ==, 1);
        return run_request(host, operation, &request);
}

/* The file that a name resolves to, links followed: whether the index names a link or what that leads to is
 * the same to whoever loads it. The caller frees it; NULL: nothing. */
static char *resolve(const SampleChanger *host, ModuleIndex *index, const char *release, const char *name)
{
        g_autofree char *below = g_strdup_printf("/lib/modules/%s/", release), *full = NULL;
        char *path CLEANUP_FREE = NULL, *file CLEANUP_FREE = NULL;
        const char *inside;

        if (module_index_resolve(index, name, &path) < 0)
                return NULL;
        full = g_strconcat(below, path, NULL);
        if (host_root_resolve(host->root, full, &file) < 0)
                return strdup(path);
        inside = strstr(file, below);
        return strdup(inside ? inside + strlen(below) : file);
}

static void print_release(const SampleChanger *host, const char *release)
{
        ModuleIndex *index CLEANUP(module_index_freep) = NULL;
        int opened = module_index_open(host->root, release, &index);

        for (size_t i = 0; i < host->driver_count; i++) {
                const char *name = host->drivers[i]->name;
                char *path CLEANUP_FREE = NULL;
                char *wanted CLEANUP_FREE = NULL;

                /* What a blocked name resolves to is depmod's whim, and nobody loads it. */
                if (opened >= 0 && !string_set_contains(&host->facts->selection->blocked, name))
                        path = resolve(host, index, release, name);
                (void) !store_wanted_get(host->store, name, release, &wanted);
                printf("%s %s resolves to %s, wanted %s\n", release, name, path ? path : "nothing",
                                wanted ? wanted : "nothing");
        }
}

static int print_state(const SampleChanger *host)
{
        for (size_t i = 0; i < host->facts->catalogue->release_count; i++)
                print_release(host, host->facts->catalogue->releases[i].release);
        printf("%zu open entries\n", sample_changer_open_entries(host));
        return 0;
}

int main(int argc, char **argv)
{
        SampleChanger host CLEANUP_SAMPLE_CHANGER = { 0 };

        if (argc < 4)
                return 2;
        sample_changer_init(&host, argv[1], argv[2]);
        /* What comes before only reads. */
        (void) prctl(TRACER_MARK, 0, 0, 0, 0);
        if (strcmp(argv[3], "select") == 0)
                return select_drivers(&host, argc - 4, argv + 4);
        if (strcmp(argv[3], "adopt") == 0)
                return run_adoption(&host, OPERATION_ADOPT, argv[4]);
        if (strcmp(argv[3], "unadopt") == 0)
                return run_adoption(&host, OPERATION_UNADOPT, argv[4]);
        if (strcmp(argv[3], "remove") == 0)
                return run_version(&host, OPERATION_REMOVE, argc - 4, argv + 4);
        if (strcmp(argv[3], "import") == 0)
                return import_version(&host, argc - 4, argv + 4);
        if (strcmp(argv[3], "forget") == 0)
                return run_kernel(&host, OPERATION_FORGET, argv[4]);
        if (strcmp(argv[3], "rebuild") == 0)
                return run_kernel(&host, OPERATION_REBUILD, argv[4]);
        if (g_str_has_prefix(argv[3], "recover")) {
                bool early = strcmp(argv[3], "recover-early") == 0;

                if ((early ? recovery_run_early : recovery_run)(host.changer) < 0)
                        return 1;
                sample_changer_run(&host);
        }
        return print_state(&host);
}
