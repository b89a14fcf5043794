/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Changes anywhere on a sample host make it dirty, once. */

#include <errno.h>
#include <fcntl.h>
#include <glib.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "host/tree/catalogue-read.h"
#include "sample-root.h"
#include "watch/watch.h"

/* Never written to. */
static const Config config = { 0 };

typedef struct Fixture {
        SampleRoot sample;
        sd_event *event;
        Watch *watch;
        unsigned dirty;
} Fixture;

static void became_dirty(void *userdata)
{
        Fixture *fixture = userdata;

        fixture->dirty++;
}

/* As the service does it after each reading. */
static int update(Fixture *fixture)
{
        Catalogue *catalogue CLEANUP(catalogue_freep) = NULL;

        g_assert_cmpint(catalogue_read(fixture->sample.root, &config, NULL, NULL, &catalogue), ==, 0);
        return watch_update(fixture->watch, catalogue);
}

/* Runs the loop until it has become dirty once. */
static void wait_for_dirty(Fixture *fixture)
{
        unsigned before = fixture->dirty;

        while (fixture->dirty == before)
                g_assert_cmpint(sd_event_run(fixture->event, 10000000), >, 0);
        g_assert_cmpuint(fixture->dirty, ==, before + 1);
}

/* Until an update finds nothing new. */
static void settle(Fixture *fixture)
{
        g_assert_cmpint(update(fixture), ==, WATCH_COMPLETE);
        wait_for_dirty(fixture);
        g_assert_cmpint(update(fixture), ==, WATCH_COMPLETE);
}

static void set_up(Fixture *fixture, gconstpointer data)
{
        sample_root_init(&fixture->sample, "6.1.0");
        sample_root_add_module(&fixture->sample, "6.1.0", "xenserver/p/1/ice.ko", "1");
        sample_root_add_module(&fixture->sample, "6.1.0", "xenserver/p/2/deep/er/ice.ko", "2");
        temp_dir_mkdir(&fixture->sample.dir, "lib/modules/6.1.0/xenserver/empty");
        temp_dir_mkdir(&fixture->sample.dir, "lib/modules/6.1.0/updates");
        g_assert_cmpint(sd_event_new(&fixture->event), >=, 0);
        g_assert_cmpint(watch_new(fixture->event, fixture->sample.root, &config, became_dirty, fixture,
                                        &fixture->watch),
                        ==, 0);
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
        fixture->watch = watch_free(fixture->watch);
        fixture->event = sd_event_unref(fixture->event);
        sample_root_done(&fixture->sample);
}

static void test_files(Fixture *fixture, gconstpointer data)
{
        static const char *const files[] = {
                "lib/modules/6.1.0/xenserver/p/1/new.ko",
                "lib/modules/6.1.0/xenserver/p/2/deep/er/new.ko",
                "lib/modules/6.1.0/xenserver/p/2/deep/er/new.ko", /* replaced */
                "lib/modules/6.1.0/xenserver/p/new",
                "lib/modules/6.1.0/xenserver/new",
                "lib/modules/6.1.0/updates/new.ko",
                "lib/modules/6.1.0/modules.dep.bin",
                "etc/depmod.d/new.conf",
                "etc/modprobe.d/new.conf",
                "run/modprobe.d/new.conf",
                "usr/lib/modprobe.d/new.conf",
        };

        temp_dir_mkdir(&fixture->sample.dir, "run/modprobe.d");
        temp_dir_mkdir(&fixture->sample.dir, "usr/lib/modprobe.d");
        settle(fixture);
        for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
                g_test_message("%s", files[i]);
                temp_dir_write(&fixture->sample.dir, files[i], "");
                wait_for_dirty(fixture);
                g_assert_cmpint(update(fixture), ==, WATCH_COMPLETE);
        }
        for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
                if (unlinkat(fixture->sample.dir.fd, files[i], 0) < 0)
                        continue; /* is in the list twice */
                wait_for_dirty(fixture);
        }
}

static int time_is_up(sd_event_source *source, uint64_t usec, void *userdata)
{
        bool *up = userdata;

        *up = true;
        return 0;
}

/* What happened before the host is read needs no other reading; what happens later does. */
static void test_caught_up(Fixture *fixture, gconstpointer data)
{
        sd_event_source *timer = NULL;
        bool up = false;
        unsigned before;

        settle(fixture);
        before = fixture->dirty;
        temp_dir_write(&fixture->sample.dir, "lib/modules/6.1.0/updates/new.ko", "");
        g_assert_cmpint(sd_event_run(fixture->event, 10000000), >, 0);
        temp_dir_mkdir(&fixture->sample.dir, "lib/modules/6.1.0/xenserver/q");
        watch_catch_up(fixture->watch);
        /* Twice as long as it is quiet before a call. */
        g_assert_cmpint(sd_event_add_time_relative(
                                        fixture->event, &timer, CLOCK_MONOTONIC, 200000, 0, time_is_up, &up),
                        >=, 0);
        while (!up)
                g_assert_cmpint(sd_event_run(fixture->event, 10000000), >=, 0);
        (void) sd_event_source_disable_unref(timer);
        g_assert_cmpuint(fixture->dirty, ==, before);

        settle(fixture); /* the new directory */
        temp_dir_write(&fixture->sample.dir, "lib/modules/6.1.0/xenserver/q/new", "");
        wait_for_dirty(fixture);
}

/* Directories that come later are watched like those that were there. */
static void test_directories(Fixture *fixture, gconstpointer data)
{
        static const char *const paths[] = {
                "lib/modules/6.1.0/xenserver/empty/1",
                "lib/modules/6.1.0/xenserver/q",
                "lib/modules/6.1.0/xenserver/q/1",
                "lib/modules/6.1.0/xenserver/q/1/deep",
                "lib/modules/6.1.0/dmv",
                "lib/modules/6.1.0/dmv/p",
                "lib/modules/6.2.0",
                "lib/modules/6.2.0/updates",
                "lib/modules/6.2.0/xenserver",
        };

        settle(fixture);
        for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
                g_autofree char *file = g_strdup_printf("%s/file", paths[i]);

                g_test_message("%s", paths[i]);
                temp_dir_mkdir(&fixture->sample.dir, paths[i]);
                wait_for_dirty(fixture);
                /* What is newly watched may have changed before it was. */
                g_assert_cmpint(update(fixture), ==, WATCH_COMPLETE);
                wait_for_dirty(fixture);
                g_assert_cmpint(update(fixture), ==, WATCH_COMPLETE);
                temp_dir_write(&fixture->sample.dir, file, "");
                wait_for_dirty(fixture);
        }
}

/* A directory that is replaced by another one. */
static void test_replaced(Fixture *fixture, gconstpointer data)
{
        const TempDir *dir = &fixture->sample.dir;

        settle(fixture);
#define PACKAGE "lib/modules/6.1.0/xenserver/p"
        temp_dir_mkdir(dir, PACKAGE "/1.new");
        g_assert_cmpint(renameat(dir->fd, PACKAGE "/1", dir->fd, "aside"), ==, 0);
        g_assert_cmpint(renameat(dir->fd, PACKAGE "/1.new", dir->fd, PACKAGE "/1"), ==, 0);
        wait_for_dirty(fixture);
        settle(fixture);
        temp_dir_write(dir, PACKAGE "/1/ice.ko", "");
        wait_for_dirty(fixture);
        /* What was put aside matters no longer: only the second file makes it dirty. */
        temp_dir_write(dir, "aside/ice.ko", "changed");
        g_assert_cmpint(update(fixture), ==, WATCH_COMPLETE);
        temp_dir_write(dir, PACKAGE "/1/ice.ko", "changed");
        wait_for_dirty(fixture);
}

/* A thousand changes make it dirty once. */
static void test_many_changes(Fixture *fixture, gconstpointer data)
{
        settle(fixture);
        for (unsigned i = 0; i < 1000; i++) {
                g_autofree char *path = g_strdup_printf("lib/modules/6.1.0/updates/m%u.ko", i);

                temp_dir_link(&fixture->sample.dir, path, "nowhere");
        }
        wait_for_dirty(fixture);
        temp_dir_write(&fixture->sample.dir, "etc/depmod.d/x.conf", "");
        wait_for_dirty(fixture);
}

static void test_depmod(Fixture *fixture, gconstpointer data)
{
        settle(fixture);
        sample_root_depmod(&fixture->sample, "6.1.0");
        wait_for_dirty(fixture);
}

/* On a root without any of the directories, each makes itself noticed when it comes. */
static void test_bare_root(void)
{
        static const char *const paths[] = { "lib", "lib/modules", "lib/modules/6.1", "etc", "etc/depmod.d",
                "etc/modprobe.d" };
        Fixture fixture = { 0 };

        temp_dir_init(&fixture.sample.dir, "watch");
        g_assert_cmpint(host_root_new(fixture.sample.dir.path, "6.1", &fixture.sample.root), ==, 0);
        g_assert_cmpint(sd_event_new(&fixture.event), >=, 0);
        g_assert_cmpint(watch_new(fixture.event, fixture.sample.root, &config, became_dirty, &fixture,
                                        &fixture.watch),
                        ==, 0);
        g_assert_cmpint(update(&fixture), ==, WATCH_COMPLETE);
        for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
                g_test_message("%s", paths[i]);
                temp_dir_mkdir(&fixture.sample.dir, paths[i]);
                wait_for_dirty(&fixture);
                settle(&fixture);
        }
        temp_dir_write(&fixture.sample.dir, "etc/modprobe.d/x.conf", "");
        wait_for_dirty(&fixture);
        tear_down(&fixture, NULL);
}

/* In a user namespace of its own, whose watches can be counted out: what matters most is watched. */
static int watch_with_few(Fixture *fixture)
{
        FILE *file;

        if (unshare(CLONE_NEWUSER) < 0)
                return 77;
        file = fopen("/proc/sys/user/max_inotify_watches", "we");
        if (!file)
                return 77;
        /* /lib/modules, depmod.d, modprobe.d, the release, updates, xenserver: not one for the packages. */
        if (fputs("6", file) < 0 || fclose(file) != 0)
                return 77;
        if (watch_new(fixture->event, fixture->sample.root, &config, became_dirty, fixture,
                            &fixture->watch) < 0)
                return 1;
        if (update(fixture) != WATCH_LIMITED)
                return 2;
        wait_for_dirty(fixture);
        if (update(fixture) != WATCH_LIMITED)
                return 3;
        temp_dir_mkdir(&fixture->sample.dir, "lib/modules/6.1.0/xenserver/q");
        wait_for_dirty(fixture);
        temp_dir_write(&fixture->sample.dir, "lib/modules/6.1.0/updates/x.ko", "");
        wait_for_dirty(fixture);
        return 0;
}

static void test_few_watches(Fixture *fixture, gconstpointer data)
{
        pid_t child;
        int status;

        /* sd-event refuses to be used across fork(). */
        fixture->watch = watch_free(fixture->watch);
        fixture->event = sd_event_unref(fixture->event);
        child = fork();
        g_assert_cmpint(child, >=, 0);
        if (child == 0) {
                if (sd_event_new(&fixture->event) < 0)
                        _exit(9);
                _exit(watch_with_few(fixture));
        }
        g_assert_cmpint(waitpid(child, &status, 0), ==, child);
        g_assert_true(WIFEXITED(status));
        if (WEXITSTATUS(status) == 77)
                g_test_skip("this user may make no user namespace with limits of its own");
        else
                g_assert_cmpint(WEXITSTATUS(status), ==, 0);
}

/* The host itself: the uevents, too, can be listened to. */
static void test_this_host(void)
{
        HostRoot *root CLEANUP(host_root_freep) = NULL;
        Watch *watch CLEANUP(watch_freep) = NULL;
        sd_event *event = NULL;
        Fixture fixture = { 0 };
        int r;

        g_assert_cmpint(host_root_new("/", NULL, &root), ==, 0);
        g_assert_cmpint(sd_event_new(&event), >=, 0);
        r = watch_new(event, root, &config, became_dirty, &fixture, &watch);
        if (r == -EPERM || r == -EACCES || r == -EAFNOSUPPORT)
                g_test_skip("uevents can't be listened to in this sandbox");
        else
                g_assert_cmpint(r, ==, 0);
        watch = watch_free(watch);
        sd_event_unref(event);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
#define TEST(name, function) g_test_add("/watch/" name, Fixture, NULL, set_up, function, tear_down)
        TEST("files", test_files);
        TEST("caught-up", test_caught_up);
        TEST("directories", test_directories);
        TEST("replaced", test_replaced);
        TEST("many-changes", test_many_changes);
        TEST("depmod", test_depmod);
        TEST("few-watches", test_few_watches);
        g_test_add_func("/watch/bare-root", test_bare_root);
        g_test_add_func("/watch/this-host", test_this_host);
        return g_test_run();
}
