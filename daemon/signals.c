/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Signals as events. What they are for, their handlers know. */

#include "signals.h"

#include <errno.h>
#include <signal.h>
#include <sys/stat.h>

/* Whatever started us left behind: an ignored SIGCHLD hides how tools end, and the mode of what we write is
 * for everybody to read. A reader of our log that ends is no reason to. */
int signals_take(void)
{
        sigset_t mask;

        (void) umask(022);
        (void) signal(SIGCHLD, SIG_DFL);
        (void) signal(SIGPIPE, SIG_IGN);
        (void) sigemptyset(&mask);
        (void) sigaddset(&mask, SIGTERM);
        (void) sigaddset(&mask, SIGINT);
        (void) sigaddset(&mask, SIGHUP);
        return sigprocmask(SIG_BLOCK, &mask, NULL) < 0 ? -errno : 0;
}

static int ignore(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
        return 0;
}

int signals_handle(sd_event *event, sd_event_signal_handler_t stop, sd_event_signal_handler_t reload,
                void *userdata)
{
        const struct {
                int number;
                sd_event_signal_handler_t handler;
        } signals[] = {
                { SIGTERM, stop },
                { SIGINT, stop },
                { SIGHUP, reload ? reload : ignore },
        };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(signals); i++)
                r = sd_event_add_signal(event, NULL, signals[i].number, signals[i].handler, userdata);
        return r < 0 ? r : 0;
}
