/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The end of a batch: udev forgets the module index that it has read, and devices that wait for one of the
 * selected drivers are announced anew. What fails here is told, and undoes nothing. */

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "change/job/job-queue-internal.h"
#include "change/tool/devices.h"
#include "util/log.h"

/* It only tells udev, which answers at once or not at all. */
#define UDEVADM_TIMEOUT_SEC 10U
#define UDEV_CONTROL "/run/udev/control"

static int find_devices(const JobQueue *queue, const Job *job, StringSet *ret)
{
        const Facts *facts = queue->operations.facts(queue->operations.userdata);
        int r = 0;

        for (size_t i = 0; r >= 0 && i < job->plan->subject_count; i++) {
                const PlanSubject *subject = &job->plan->subjects[i];
                const Driver *driver = queue->operations.driver(queue->operations.userdata, subject->driver);

                if (driver)
                        r = devices_find_waiting(queue->root, facts, driver, subject, ret);
        }
        return r;
}

static void announce_devices(const JobQueue *queue)
{
        StringSet devices CLEANUP_STRING_SET = { 0 };
        const char *failed = "?";
        int r = 0;

        for (size_t i = 0; r >= 0 && i < queue->count; i++)
                if (queue->entries[i]->in_batch && !queue->entries[i]->job->undone)
                        r = find_devices(queue, queue->entries[i]->job, &devices);
        if (r >= 0)
                r = devices_announce(queue->root, &devices, &failed);
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
        JobQueue *queue = userdata;

        if (outcome != CHILD_EXITED || code != 0)
                complain(outcome == CHILD_TIMED_OUT ? "it didn't answer in time" : last_lines);
        queue->udevadm = child_free(child);
        announce_devices(queue);
        queue_finish_batch(queue);
}

/* udev looks at the module index and at modprobe.d when it is told to, else every 3 s (measured with 252):
 * until then it would load what is deselected. 1 if it is being told; 0 if there is no udev; negative: not.
 */
static int reload_udev(JobQueue *queue)
{
        static const char *const programs[] = { "/usr/bin/udevadm", "/bin/udevadm", "/sbin/udevadm" };
        const char *argv[] = { NULL, "control", "--reload", NULL };
        int r;

        if (access(UDEV_CONTROL, F_OK) < 0)
                return 0;
        for (size_t i = 0; !argv[0] && i < ELEMENTSOF(programs); i++)
                if (access(programs[i], X_OK) == 0)
                        argv[0] = programs[i];
        if (!argv[0])
                return -ENOENT;
        r = child_start(queue->event, argv, UDEVADM_TIMEOUT_SEC, on_reloaded, queue, &queue->udevadm);
        return r < 0 ? r : 1;
}

void queue_settle_batch(JobQueue *queue)
{
        int r;

        queue->committed = true;
        if (!host_root_is_host(queue->root) || queue->index_only) {
                queue_finish_batch(queue);
                return;
        }
        for (size_t i = 0; i < queue->count; i++) {
                Job *job = queue->entries[i]->job;

                if (!queue->entries[i]->in_batch)
                        continue;
                job_set_cancelable(job, false);
                job_set_step(job, job->undone ? "undo" : "devices", job->progress);
        }
        r = reload_udev(queue);
        if (r > 0)
                return;
        if (r < 0)
                complain(strerror(-r));
        announce_devices(queue);
        queue_finish_batch(queue);
}
