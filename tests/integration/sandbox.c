/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An own mount namespace: bind mounts over what polkit and NSS read. */

#include "sandbox.h"

#include <errno.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "own-mounts.h"
#include "temp-dir.h"

#define ACTIONS "/usr/share/polkit-1/actions"
#define PASSWD                                                                        \
        SANDBOX_OPERATOR ":x:64901:64903::/nonexistent:/bin/false\n" SANDBOX_STRANGER \
                         ":x:64902:65534::/nonexistent:/bin/false\n"
/* "sesame", by crypt(5). */
#define SHADOW                                                                                           \
        SANDBOX_OPERATOR ":$5$rounds=1000$UGMg30/sk/yskZJ/$yA6xFvrbB/kCsyW.IC8JqT3YPVOYLhgKOYxLwpGNbU5:" \
                         "19000:0:99999:7:::\n"
#define GROUP SANDBOX_OPERATORS ":x:64903:" SANDBOX_OPERATOR "\n"

/* The one piece of state that outlives a test: a process can enter a namespace only once. */
static TempDir sandbox;

static void bind_over(const char *source, const char *target)
{
        char *path CLEANUP_FREE = temp_dir_path(&sandbox, source);

        if (mount(path, target, NULL, MS_BIND, NULL) < 0)
                g_error("Could not bind %s over %s: %s", path, target, g_strerror(errno));
}

/* The file of the machine, with lines of ours at its end. */
static void extend_file(const char *path, const char *name, const char *lines)
{
        char *old = NULL, *all;

        g_assert_true(g_file_get_contents(path, &old, NULL, NULL));
        all = g_strconcat(old, g_str_has_suffix(old, "\n") || !*old ? "" : "\n", lines, NULL);
        temp_dir_write(&sandbox, name, all);
        bind_over(name, path);
        g_free(all);
        g_free(old);
}

static void copy_file(const char *from, const char *to)
{
        char *text = NULL;

        if (!g_file_get_contents(from, &text, NULL, NULL))
                g_error("Could not read %s", from);
        temp_dir_write(&sandbox, to, text);
        g_free(text);
}

/* Our action beside a copy of the machine's. */
static void fill_actions(void)
{
        GDir *dir = g_dir_open(ACTIONS, 0, NULL);
        const char *name;

        g_assert_nonnull(dir);
        while ((name = g_dir_read_name(dir))) {
                char *from = g_build_filename(ACTIONS, name, NULL);
                char *to = g_build_filename("actions", name, NULL);

                copy_file(from, to);
                g_free(from);
                g_free(to);
        }
        g_dir_close(dir);
        copy_file(g_getenv("HOSTDRIVER_POLICY"), "actions/org.hostdriver1.policy");
        bind_over("actions", ACTIONS);
}

static const char *missing_piece(void)
{
        static const char *const needed[] = { ACTIONS, "/etc/polkit-1/rules.d",
                "/usr/share/polkit-1/rules.d", "/usr/lib/polkit-1/polkitd" };

        for (size_t i = 0; i < G_N_ELEMENTS(needed); i++)
                if (!g_file_test(needed[i], G_FILE_TEST_EXISTS))
                        return "polkitd isn't installed";
        return NULL;
}

const char *sandbox_enter(void)
{
        const char *missing = missing_piece();

        g_assert_null(sandbox.path);
        g_assert_nonnull(g_getenv("HOSTDRIVER_POLICY"));
        if (missing)
                return missing;
        if (geteuid() != 0)
                return "only root can enter an own mount namespace";
        if (!own_mounts_enter())
                return "this root may not enter an own mount namespace";

        temp_dir_init(&sandbox, "sandbox");
        g_assert_cmpint(chmod(sandbox.path, 0755), ==, 0);
        temp_dir_mkdir(&sandbox, "empty");
        temp_dir_mkdir(&sandbox, "rules");
        fill_actions();
        bind_over("rules", "/etc/polkit-1/rules.d");
        bind_over("empty", "/usr/share/polkit-1/rules.d");
        extend_file("/etc/passwd", "passwd", PASSWD);
        extend_file("/etc/group", "group", GROUP);
        /* Nobody else's password comes with it. */
        temp_dir_write(&sandbox, "shadow", SHADOW);
        bind_over("shadow", "/etc/shadow");
        return NULL;
}

void sandbox_set_rules(const char *text)
{
        char *path CLEANUP_FREE = temp_dir_path(&sandbox, "rules/10-hostdriver.rules");

        if (!text)
                (void) g_unlink(path);
        else
                temp_dir_write(&sandbox, "rules/10-hostdriver.rules", text);
}

void sandbox_leave(void)
{
        static const char *const targets[] = { "/etc/shadow", "/etc/group", "/etc/passwd",
                "/usr/share/polkit-1/rules.d", "/etc/polkit-1/rules.d", ACTIONS };

        if (!sandbox.path)
                return;
        for (size_t i = 0; i < G_N_ELEMENTS(targets); i++)
                (void) umount2(targets[i], MNT_DETACH);
        temp_dir_done(&sandbox);
}
