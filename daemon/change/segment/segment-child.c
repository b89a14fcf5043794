/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* To read an image takes a second, for which nobody shall wait. */

#include "change/segment/segment-child.h"

#include <errno.h>
#include <string.h>

#include "util/fs.h"
#include "util/text-format.h"

static int run(void *data)
{
        SegmentTask task = *(const SegmentTask *) data;
        HostRoot *root CLEANUP(host_root_freep) = NULL;
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        char *sentence CLEANUP_FREE = NULL;
        const char *why;
        /* The service's descriptor of the root isn't here. */
        int r = host_root_new(host_root_path(task.root), host_root_kernel(task.root), &root);

        task.root = root;
        if (r >= 0)
                r = segment_build(&task, &refusal);
        if (r >= 0)
                return SEGMENT_EXIT_DONE;
        if (!refusal.sentence)
                sentence = text_new("No segment can be made for %s: %s.", task.old->path, strerror(-r));
        why = refusal.sentence ? refusal.sentence : sentence ? sentence : strerror(ENOMEM);
        (void) !fs_write_all(STDOUT_FILENO, why, strlen(why));
        return refusal.kind == REFUSAL_NOT_SUPPORTED ? SEGMENT_EXIT_UNFIT : SEGMENT_EXIT_FAILED;
}

int segment_child_start(sd_event *event, SegmentTask *task, unsigned timeout_sec, ChildDone done,
                void *userdata, Child **ret)
{
        ChildFunction function = { .run = run, .data = task, .fds = &task->dir_fd, .fd_count = 1 };

        return child_start_function(event, &function, timeout_sec, done, userdata, ret);
}
