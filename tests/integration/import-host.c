/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes the file, asks for its import, and meets the children that the service has for it. */

#include "import-host.h"

#include <fcntl.h>
#include <glib.h>
#include <unistd.h>

/* A sound module, whatever its size: what follows the sections nobody reads. */
static char *add_incoming(const Harness *harness, off_t size)
{
        const ModuleSpec spec = { .vermagic = SAMPLE_KERNEL " SMP mod_unload modversions ", .version = "2" };
        char *path;

        sample_root_add_module_spec(&harness->sample, "..", "incoming/tg3.ko", &spec);
        path = g_build_filename(harness->sample.dir.path, "lib/incoming/tg3.ko", NULL);
        g_assert_cmpint(truncate(path, size), ==, 0);
        return path;
}

Answer *import_host_ask(const ImportHost *host, sd_bus *bus)
{
        int fd CLEANUP_FD = open(host->path, O_RDONLY | O_CLOEXEC);

        g_assert_cmpint(fd, >=, 0);
        return call_start(bus, false, MANAGER_PATH, MANAGER, "Import", "a(sh)a{sv}", 1, "tg3.ko", fd, 0);
}

bool import_host_start(ImportHost *host, off_t size)
{
        Harness *harness = harness_new(host_with_nics);
        const char *reason;

        *host = (ImportHost){ .harness = harness, .path = add_incoming(harness, size) };
        harness_start_polkitd_with_example(harness);
        harness_start_daemon(harness);
        reason = child_hold_watch(harness->daemon->pid);
        if (reason) {
                g_test_skip(reason);
                return false;
        }
        host->caller = harness_connect(harness, 0);
        host->answer = import_host_ask(host, host->caller);
        g_assert_cmpint(sd_bus_flush(host->caller), >=, 0);
        host->child = child_hold_meet(harness->daemon->pid);
        return true;
}

void import_host_go_on(ImportHost *host)
{
        g_assert_null(child_hold_watch(host->harness->daemon->pid));
        g_assert_true(child_hold_release(host->child));
        host->child = child_hold_meet(host->harness->daemon->pid);
}

void import_host_leave(ImportHost *host)
{
        g_autofree char *name = NULL;
        const char *unique;

        g_assert_cmpint(sd_bus_get_unique_name(host->caller, &unique), >=, 0);
        name = g_strdup(unique);
        host->answer = answer_free(host->answer);
        host->caller = sd_bus_flush_close_unref(host->caller);
        harness_wait_name(host->harness, name, false, host->harness->daemon);
        /* The bus has told the service before it tells it of this. */
        import_host_ping(host);
}

void import_host_ping(const ImportHost *host)
{
        g_free(call_text(host->harness->stranger, MANAGER_PATH, "org.freedesktop.DBus.Peer", "Ping", NULL));
}

void import_host_done(ImportHost *host)
{
        host->answer = answer_free(host->answer);
        host->caller = sd_bus_flush_close_unref(host->caller);
        g_free(host->path);
        host->harness = harness_free(host->harness);
}

void import_host_refused(Answer *answer, const char *error, const char *words)
{
        answer_wait(answer);
        g_assert_cmpstr(answer->error, ==, error);
        g_test_message("%s", answer->text);
        g_assert_nonnull(strstr(answer->text, words));
        g_assert_null(answer_free(answer));
}

void import_host_wait(const ImportHost *host, const char *result)
{
        const char *event = recorder_wait(host->harness->recorder, MANAGER_PATH " JobRemoved *tg3*");
        g_autofree char *suffix = g_strconcat(" ", result, NULL);

        if (!g_str_has_suffix(event, suffix))
                g_error("%s isn't %s", event, result);
}

void import_host_nothing_left(const ImportHost *host)
{
        g_autofree char *modules = g_build_filename(host->harness->sample.dir.path, "lib/modules", NULL);
        g_autofree char *package = host_module_path(host->harness, "xenserver/tg3");
        g_autoptr(GDir) dir = g_dir_open(modules, 0, NULL);

        for (const char *name; (name = g_dir_read_name(dir));)
                g_assert_cmpstr(name, ==, SAMPLE_KERNEL);
        g_assert_false(g_file_test(package, G_FILE_TEST_EXISTS));
}
