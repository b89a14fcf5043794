/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A gate before the host's depmod: a script is bound over kmod, whose name depmod is a link to. */

#include "tool-gate.h"

#include <fcntl.h>
#include <glib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#define KMOD "/usr/bin/kmod"

static void install(Harness *harness, const char *action)
{
        char *gate CLEANUP_FREE = temp_dir_path(&harness->work, "gate");
        char *copy CLEANUP_FREE = temp_dir_path(&harness->work, "kmod");
        char *fifo CLEANUP_FREE = temp_dir_path(&harness->work, "fifo");
        char *arrived CLEANUP_FREE = temp_dir_path(&harness->work, "arrived");
        char *script = g_strdup_printf("#!/bin/bash\n"
                                       "case $0 in *depmod) %s;; esac\n"
                                       "exec -a \"$0\" '%s' \"$@\"\n",
                        action, copy);
        char *binary = NULL;
        gsize size;

        if (!g_file_test(copy, G_FILE_TEST_EXISTS)) {
                g_assert_true(g_file_get_contents(KMOD, &binary, &size, NULL));
                g_assert_true(g_file_set_contents_full(
                                copy, binary, (gssize) size, G_FILE_SET_CONTENTS_NONE, 0755, NULL));
                g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
                g_assert_cmpint(mkfifo(arrived, 0600), ==, 0);
                g_free(binary);
        }
        temp_dir_write(&harness->work, "gate", script);
        g_assert_cmpint(chmod(gate, 0755), ==, 0);
        g_assert_cmpint(mount(gate, KMOD, NULL, MS_BIND, NULL), ==, 0);
        g_free(script);
}

void tool_gate_close(Harness *harness)
{
        char *fifo CLEANUP_FREE = temp_dir_path(&harness->work, "fifo");
        char *arrived CLEANUP_FREE = temp_dir_path(&harness->work, "arrived");
        char *action = g_strdup_printf(": > '%s'; read -r _ < '%s'", arrived, fifo);

        install(harness, action);
        g_free(action);
}

void tool_gate_meet(Harness *harness)
{
        char *arrived CLEANUP_FREE = temp_dir_path(&harness->work, "arrived");
        int fd = open(arrived, O_RDONLY | O_CLOEXEC);

        g_assert_cmpint(fd, >=, 0);
        (void) close(fd);
}

void tool_gate_break(Harness *harness)
{
        install(harness, "echo 'depmod: ERROR: the test says so' >&2; exit 1");
}

void tool_gate_open(Harness *harness)
{
        char *fifo CLEANUP_FREE = temp_dir_path(&harness->work, "fifo");

        g_assert_cmpint(umount2(KMOD, MNT_DETACH), ==, 0);
        /* Both ends, so that this never waits for somebody to come; and kept open, so that who comes later
         * finds what was written. */
        harness->gate_fd = open(fifo, O_RDWR | O_CLOEXEC);
        g_assert_cmpint(harness->gate_fd, >=, 0);
        g_assert_cmpint(write(harness->gate_fd, "\n", 1), ==, 1);
}
