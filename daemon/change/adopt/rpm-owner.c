/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Runs `rpm --query --file` and waits for it, in an event loop of its own. It changes nothing. */

#include "change/adopt/rpm-owner.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "change/tool/child.h"
#include "util/fs.h"
#include "util/text-format.h"

#define RPM "/usr/bin/rpm"
/* Less than whoever waits for several answers has. */
#define RPM_TIMEOUT_SEC 10

/* Where the database is, as rpm is to be told. NULL: there is none. */
static const char *find_database(const HostRoot *root)
{
        static const char *const directories[] = { "/usr/lib/sysimage/rpm", "/var/lib/rpm" };
        /* Of the formats sqlite, ndb and Berkeley DB (rpm 4.18, lib/backend). */
        static const char *const names[] = { "rpmdb.sqlite", "Packages.db", "Packages" };

        for (size_t i = 0; i < ELEMENTSOF(directories) * ELEMENTSOF(names); i++) {
                const char *directory = directories[i / ELEMENTSOF(names)];
                char *path CLEANUP_FREE = text_new("%s/%s", directory, names[i % ELEMENTSOF(names)]);
                int fd CLEANUP_FD = -1;

                fd = path ? host_root_open(root, path, O_PATH) : -ENOMEM;
                if (fd >= 0)
                        return directory;
        }
        return NULL;
}

typedef struct Answer {
        sd_event *event;
        const char *path;
        int result;
        char *text;
} Answer;

/* What rpm says, in the locale C, and nothing else, of a file without an owner; its exit status is that of
 * any error. Of one beneath another root it looks for the file on this one. */
static bool is_not_owned(const char *text, const char *path)
{
        static const char *const parts[][2] = {
                { "file ", " is not owned by any package" },
                { "error: file ", ": No such file or directory" },
        };

        for (size_t i = 0; i < ELEMENTSOF(parts); i++) {
                size_t size = strlen(parts[i][0]);

                if (strncmp(text, parts[i][0], size) == 0 && strncmp(text + size, path, strlen(path)) == 0 &&
                                strcmp(text + size + strlen(path), parts[i][1]) == 0)
                        return true;
        }
        return false;
}

static void on_done(Child *child, ChildOutcome outcome, int code, const char *last_lines, void *userdata)
{
        Answer *answer = userdata;

        (void) child;
        answer->text = strdup(outcome == CHILD_TIMED_OUT ? "it doesn't end" : last_lines);
        if (!answer->text)
                answer->result = -ENOMEM;
        else if (outcome == CHILD_EXITED && code == 0)
                answer->result = 1;
        else if (outcome == CHILD_EXITED && is_not_owned(last_lines, answer->path))
                answer->result = 0;
        else
                answer->result = -EIO;
        (void) sd_event_exit(answer->event, 0);
}

static int ask(const char *const argv[], const char *path, char **ret)
{
        Answer answer = { .path = path };
        Child *child CLEANUP(child_freep) = NULL;
        int r = sd_event_new(&answer.event);

        if (r >= 0)
                r = child_start(answer.event, argv, RPM_TIMEOUT_SEC, on_done, &answer, &child);
        if (r >= 0)
                r = sd_event_loop(answer.event);
        child = child_free(child);
        (void) sd_event_unref(answer.event);
        if (r >= 0)
                r = answer.result;
        if (r == 1 || r == -EIO)
                *ret = STEAL(answer.text);
        free(answer.text);
        return r;
}

int rpm_owner_find(const HostRoot *root, const char *path, char **ret)
{
        const char *database = find_database(root);
        const char *argv[] = { RPM, "--dbpath", database, "--query", "--queryformat", "%{NAME}\n", "--file",
                path, "--root", host_root_path(root), NULL };

        *ret = NULL;
        if (!database || access(RPM, X_OK) < 0)
                return 0;
        if (host_root_is_host(root))
                argv[ELEMENTSOF(argv) - 3] = NULL;
        return ask(argv, path, ret);
}
