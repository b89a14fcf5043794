/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A table of steps, and the walk through it: each step for each kernel release. */

#include "change/tool/apply.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "change/tool/child-report.h"
#include "change/tool/depmod.h"
#include "change/tool/index-sync.h"

/* One kind of tool. */
typedef struct ApplyStep {
        const char *name;
        const char *tool;
        unsigned weight; /* how long it takes, compared with the others */
        unsigned (*timeout_sec)(const Config *config);
        int (*start)(Apply *apply, const char *release, Refusal *refusal);
        int (*settle)(const HostRoot *root, const char *release); /* after it ended well */
} ApplyStep;

struct Apply {
        sd_event *event;
        const HostRoot *root;
        const Config *config;
        StringSet releases;
        ApplyObserver observer;
        sd_event_source *first;
        Child *child;
        size_t step;    /* the running one, and */
        size_t release; /* for which */
        bool canceled;
};

static void on_child_done(
                Child *child, ChildOutcome outcome, int code, const char *last_lines, void *userdata);

static unsigned depmod_timeout_sec(const Config *config)
{
        return config->depmod_timeout_sec;
}

static int start_depmod(Apply *apply, const char *release, Refusal *refusal)
{
        DepmodCommand command CLEANUP(depmod_command_done) = { 0 };
        int r = depmod_command(apply->root, release, &command, refusal);

        return r < 0 ? r
                     : child_start(apply->event, command.argv, depmod_timeout_sec(apply->config),
                                       on_child_done, apply, &apply->child);
}

static const ApplyStep steps[] = {
        { "depmod", "depmod", 1, depmod_timeout_sec, start_depmod, index_sync },
};

Apply *apply_free(Apply *apply)
{
        if (!apply)
                return NULL;
        (void) child_free(apply->child);
        (void) sd_event_source_disable_unref(apply->first);
        (void) sd_event_unref(apply->event);
        string_set_done(&apply->releases);
        free(apply);
        return NULL;
}

static double fraction_done(const Apply *apply)
{
        unsigned all = 0, done = 0;

        for (size_t i = 0; i < ELEMENTSOF(steps); i++) {
                all += steps[i].weight;
                if (i < apply->step)
                        done += steps[i].weight;
        }
        if (apply->step >= ELEMENTSOF(steps) || apply->releases.count == 0)
                return 1;
        return (done + (double) steps[apply->step].weight * (double) apply->release /
                                               (double) apply->releases.count) /
               all;
}

/* Starts the tool that is next, or says that all is done. */
static void advance(Apply *apply)
{
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        int r;

        if (apply->release >= apply->releases.count) {
                apply->release = 0;
                apply->step++;
        }
        if (apply->releases.count == 0 || apply->step >= ELEMENTSOF(steps)) {
                apply->observer.done(apply->observer.userdata, NULL);
                return;
        }
        apply->observer.progress(apply->observer.userdata, steps[apply->step].name, fraction_done(apply));
        r = steps[apply->step].start(apply, apply->releases.items[apply->release], &refusal);
        if (r >= 0)
                return;
        if (r != -ECANCELED)
                (void) refuse(&refusal, REFUSAL_FAILED, "%s could not be started: %s.",
                                steps[apply->step].tool, strerror(-r));
        apply->observer.done(apply->observer.userdata,
                        refusal.sentence ? refusal.sentence : "There is no memory.");
}

static int settle(const Apply *apply, char **ret_failure)
{
        const ApplyStep *step = &steps[apply->step];
        const char *release = apply->releases.items[apply->release];
        int r = step->settle(apply->root, release);

        if (r < 0 && asprintf(ret_failure,
                                     "What %s wrote for kernel release %s can't be synced to disk: %s.",
                                     step->tool, release, strerror(-r)) < 0)
                *ret_failure = NULL;
        return r;
}

static void on_child_done(
                Child *child, ChildOutcome outcome, int code, const char *last_lines, void *userdata)
{
        Apply *apply = userdata;
        char *failure CLEANUP_FREE = NULL;
        bool succeeded = !apply->canceled && outcome == CHILD_EXITED && code == 0;

        if (!succeeded)
                failure = child_report(steps[apply->step].tool, apply->releases.items[apply->release],
                                steps[apply->step].timeout_sec(apply->config),
                                apply->canceled ? CHILD_CANCELED : outcome, code, last_lines);
        if (succeeded)
                succeeded = settle(apply, &failure) >= 0;
        apply->child = child_free(child);
        if (!succeeded) {
                apply->observer.done(apply->observer.userdata, failure ? failure : "There is no memory.");
                return;
        }
        apply->release++;
        advance(apply);
}

static int on_first(sd_event_source *source, void *userdata)
{
        Apply *apply = userdata;

        if (apply->canceled)
                apply->observer.done(apply->observer.userdata, "It was canceled.");
        else
                advance(apply);
        return 0;
}

void apply_cancel(Apply *apply)
{
        apply->canceled = true;
        if (apply->child)
                child_cancel(apply->child);
}

int apply_start(sd_event *event, const HostRoot *root, const Config *config, const StringSet *releases,
                const ApplyObserver *observer, Apply **ret)
{
        Apply *apply CLEANUP(apply_freep) = calloc(1, sizeof(*apply));
        int r;

        if (!apply)
                return -ENOMEM;
        *apply = (Apply){
                .event = sd_event_ref(event), .root = root, .config = config, .observer = *observer
        };
        r = string_set_add_all(&apply->releases, releases);
        if (r >= 0)
                r = sd_event_add_defer(event, &apply->first, on_first, apply);
        if (r < 0)
                return r;
        *ret = STEAL(apply);
        return 0;
}
