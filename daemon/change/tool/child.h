/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One child process of the event loop (depmod, an initramfs tool, a copy that takes long): no shell, a
 * deadline, its last lines kept. */
#pragma once

#include <systemd/sd-event.h>

#include "change/refusal.h"
#include "util/macros.h"

typedef struct Child Child;

typedef enum ChildOutcome {
        CHILD_EXITED,    /* code is the exit status */
        CHILD_SIGNALED,  /* code is the signal */
        CHILD_TIMED_OUT, /* it was ended at its deadline: TERM, then KILL */
        CHILD_CANCELED,  /* child_cancel() ended it */
} ChildOutcome;

/* LAST_LINES: what it printed last, without control characters; borrowed. The child may be freed in the
 * callback. */
typedef void (*ChildDone)(
                Child *child, ChildOutcome outcome, int code, const char *last_lines, void *userdata);

/* Starts ARGV (argv[0] absolute) with standard input from /dev/null and output to a pipe, in a clean
 * environment (PATH and LC_ALL=C), signals reset, every other descriptor closed, and a death signal. 0 or a
 * negative errno; the callback comes from the event loop, exactly once, never from inside this call. */
int child_start(sd_event *event, const char *const argv[], unsigned timeout_sec, ChildDone done,
                void *userdata, Child **ret) WARN_UNUSED NONNULL(1, 2, 4, 6);

/* The same inside DIRECTORY by chroot(2), unless that is NULL; argv[0] is a path in there. -EPERM if
 * we aren't root. */
int child_start_inside(sd_event *event, const char *directory, const char *const argv[],
                unsigned timeout_sec, ChildDone done, void *userdata, Child **ret) WARN_UNUSED
                NONNULL(1, 3, 5, 7);

/* What runs in a process of its own without another program, since it may take long or never return. */
typedef struct ChildFunction {
        int (*run)(void *data); /* returns the exit status; what it writes to STDOUT_FILENO is the output */
        void *data;             /* as it is at the start: nothing comes back */
        const int *fds;         /* the descriptors that it keeps, all above 2, each once */
        size_t fd_count;
} ChildFunction;

/* The same for a function, in a copy of this process, with its environment and without its other
 * descriptors.
 */
int child_start_function(sd_event *event, const ChildFunction *function, unsigned timeout_sec,
                ChildDone done, void *userdata, Child **ret) WARN_UNUSED NONNULL(1, 2, 4, 6);

/* TERM now, KILL after a grace period; the callback still comes. */
void child_cancel(Child *child) NONNULL(1);

/* Kills the process if it still runs, waits for it, and frees; no callback afterwards. */
Child *child_free(Child *child);
DEFINE_CLEANUP(Child, child_free)

/* A sentence about the end of TOOL, which was run for RELEASE. The caller frees it; NULL: no memory. */
char *child_report(const char *tool, const char *release, unsigned timeout_sec, ChildOutcome outcome,
                int code, const char *last_lines) WARN_UNUSED NONNULL(1, 2, 6);

/* Refuses for a function of ours that has not done with files what VERB says ("read"). LAST_LINES: its own
 * sentence, or "". -ECANCELED or -ENOMEM. */
int child_refuse_files(ChildOutcome outcome, const char *last_lines, const char *verb,
                Refusal *refusal) WARN_UNUSED NONNULL(2, 3, 4);
