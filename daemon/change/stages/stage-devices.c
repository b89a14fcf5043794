/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* udev forgets the module index that it has read, and devices that wait for one of the selected drivers are
 * announced again. What fails here is told, and undoes nothing. */

#include "change/stages/stage-devices.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "change/tool/child.h"
#include "util/log.h"
#include "util/text-format.h"

static int open_below(const HostRoot *root, const char *device, const char *name, int flags)
{
        char *path CLEANUP_FREE = NULL;

        if (text_format(&path, "%s/%s", device, name) < 0)
                return -ENOMEM;
        return host_root_open(root, path, flags);
}

int devices_find_waiting(const HostRoot *root, const Facts *facts, const Driver *driver,
                const PlanSubject *subject, StringSet *ret)
{
        StringSet covered CLEANUP_STRING_SET = { 0 };
        const DriverVersion *version = driver_version(driver, subject->to);
        const CatalogueFile *file = NULL;
        DeviceClaim claim;
        int r;

        if (driver->loaded || !version || strcmp(subject->release, facts->kernel) != 0)
                return 0;
        file = driver_version_file(facts, driver, version, subject->release);
        if (!file)
                return 0;
        claim = device_claim_of_file(file);
        r = hardware_devices(facts->hardware, &claim, &covered);
        for (size_t i = 0; r >= 0 && i < covered.count; i++) {
                int fd CLEANUP_FD = open_below(root, covered.items[i], "driver", O_PATH);

                if (fd == -ENOENT)
                        r = string_set_add(ret, covered.items[i]);
                else if (fd == -ENOMEM)
                        r = fd;
        }
        return r < 0 ? r : 0;
}

int devices_announce(const HostRoot *root, const StringSet *devices, const char **ret_failed)
{
        static const char action[] = "add";
        int r = 0;

        for (size_t i = 0; i < devices->count; i++) {
                int fd CLEANUP_FD = open_below(root, devices->items[i], "uevent", O_WRONLY | O_NOCTTY);
                int error = fd < 0 ? fd : write(fd, action, strlen(action)) < 0 ? -errno : 0;

                if (error < 0 && r == 0) {
                        r = error;
                        *ret_failed = devices->items[i];
                }
        }
        return r;
}

/* --- the stage -------------------------------------------------------------------------------------- */

/* It only tells udev, which answers at once or not at all. */
#define UDEVADM_TIMEOUT_SEC 10U
#define UDEV_CONTROL "/run/udev/control"

static int find_devices(const StageHost *host, const Job *job, StringSet *ret)
{
        const Facts *facts = host->facts(host->userdata);
        int r = 0;

        for (size_t i = 0; r >= 0 && i < job->plan->subject_count; i++) {
                const PlanSubject *subject = &job->plan->subjects[i];
                const Driver *driver = host->driver(host->userdata, subject->driver);

                if (driver)
                        r = devices_find_waiting(host->root, facts, driver, subject, ret);
        }
        return r;
}

static void announce_devices(const StageRun *run)
{
        StringSet devices CLEANUP_STRING_SET = { 0 };
        const char *failed = "?";
        int r = 0;

        for (Job *job = run->jobs; r >= 0 && job; job = job->next_in_run)
                if (!job->undone)
                        r = find_devices(run->host, job, &devices);
        if (r >= 0)
                r = devices_announce(run->host->root, &devices, &failed);
        if (r < 0)
                log_warning("The device %s could not be announced anew (%s): its driver is loaded at the "
                            "next boot.",
                                failed, strerror(-r));
}

static void complain(const char *why)
{
        log_warning("udev could not be told to reload (%s): for 3 s it may go by the former selection.",
                        why);
}

static void on_reloaded(Child *child, ChildOutcome outcome, int code, const char *last_lines, void *userdata)
{
        const StageRun *run = userdata;

        if (outcome != CHILD_EXITED || code != 0)
                complain(outcome == CHILD_TIMED_OUT ? "it didn't answer in time" : last_lines);
        announce_devices(run);
        run->observer.done(run->observer.userdata, STAGE_DONE, NULL);
}

/* udev looks at the module index and at modprobe.d when it is told to, else every 3 s (measured with 252):
 * until then it would load what is deselected. 1 if it is being told; 0 if there is no udev; negative: not.
 */
static int reload_udev(StageRun *run)
{
        static const char *const programs[] = { "/usr/bin/udevadm", "/bin/udevadm", "/sbin/udevadm" };
        const char *argv[] = { NULL, "control", "--reload", NULL };
        Child *child;
        int r;

        if (access(UDEV_CONTROL, F_OK) < 0)
                return 0;
        for (size_t i = 0; !argv[0] && i < ELEMENTSOF(programs); i++)
                if (access(programs[i], X_OK) == 0)
                        argv[0] = programs[i];
        if (!argv[0])
                return -ENOENT;
        r = child_start(run->host->event, argv, UDEVADM_TIMEOUT_SEC, on_reloaded, run, &child);
        if (r < 0)
                return r;
        run->data = child;
        return 1;
}

static int start(StageRun *run, Refusal *refusal)
{
        int r;

        if (!host_root_is_running(run->host->root))
                return 0;
        run->observer.progress(run->observer.userdata, NULL, 0, 1);
        r = reload_udev(run);
        if (r > 0)
                return 1;
        if (r < 0)
                complain(strerror(-r));
        announce_devices(run);
        return 0;
}

static void free_run(StageRun *run)
{
        run->data = child_free(run->data);
}

const Stage stage_devices = {
        .id = STAGE_DEVICES,
        .step = "devices",
        .undo = STAGE_UNDO_ALWAYS,
        .start = start,
        .free = free_run,
};
