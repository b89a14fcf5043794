/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* import: opens module files with the user's own rights and hands them to the service. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "bus.h"
#include "error.h"
#include "run-job.h"
#include "verbs.h"

static const char *base_name(const char *path)
{
        const char *slash = strrchr(path, '/');

        return slash ? slash + 1 : path;
}

static int append_open_file(sd_bus_message *message, const char *path, int fd)
{
        struct stat st;
        int r;

        if (fstat(fd, &st) < 0)
                return fail(STATUS_FAILED, "Can't read %s: %s.", path, strerror(errno));
        if (!S_ISREG(st.st_mode))
                return fail(STATUS_FAILED, "%s is no regular file.", path);
        r = sd_bus_message_append(message, "(sh)", base_name(path), fd);
        return r < 0 ? bus_fail_message(r) : 0;
}

static int append_file(sd_bus_message *message, const char *path)
{
        /* O_NONBLOCK: a FIFO would wait for somebody to write. */
        int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK), r;

        if (fd < 0)
                return fail(STATUS_FAILED, "Can't open %s: %s.", path, strerror(errno));
        /* The message duplicates it. */
        r = append_open_file(message, path, fd);
        (void) close(fd);
        return r;
}

static int append_files(sd_bus_message *message, char **paths, size_t count)
{
        int r = sd_bus_message_open_container(message, SD_BUS_TYPE_ARRAY, "(sh)");

        if (r < 0)
                return bus_fail_message(r);
        for (size_t i = 0; i < count; i++) {
                r = append_file(message, paths[i]);
                if (r != 0)
                        return r;
        }
        r = sd_bus_message_close_container(message);
        return r < 0 ? bus_fail_message(r) : 0;
}

static void report(Client *client, void *userdata)
{
        (void) puts("The version was added. \"hostdriverctl list\" shows it; \"hostdriverctl select\" makes it "
                    "the selected one.");
}

int verb_import(Client *client, char **arguments, size_t count)
{
        sd_bus_message *message CLEANUP(sd_bus_message_unrefp) = NULL;
        JobWaiter *waiter CLEANUP(job_waiter_freep) = NULL;
        JobRun run = { .name = base_name(arguments[0]), .done = report };
        int r;

        if (client->options.host)
                return fail(STATUS_USAGE,
                                "Files can't be handed to another host. Copy them there, and import them "
                                "there.");
        r = job_run_make_waiter(client, &waiter);
        if (r == 0)
                r = bus_message_new(client, MANAGER_PATH, MANAGER_INTERFACE, "Import", &message);
        if (r == 0)
                r = append_files(message, arguments, count);
        if (r == 0)
                r = bus_append_options(&client->options, message);
        run.waiter = waiter;
        return r ? r : job_run(client, &run, message);
}
