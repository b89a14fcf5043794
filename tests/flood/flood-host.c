/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A host whose service is flooded, and what must be as it was when the flood is over. */

#include "flood-host.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "call.h"
#include "wait.h"

#define VERSIONS 5
#define DRIVERS_OF_SAMPLE 3
#define FDS_LIMIT 1024 /* what systemd gives a service that asks for no other */
#define GROWTH_MAX_KB (64 * 1024L)
#define REMAINDER_MAX_KB (16 * 1024L) /* what an allocator may keep */
#define LOOK_USEC (50 * 1000)

/* The member of the array for the next harness_new(), which takes no argument. */
static unsigned drivers_wanted;

static void make_root(SampleRoot *sample)
{
        sample_root_init_xenserver(sample);
        for (unsigned i = 0; i < drivers_wanted; i++)
                for (unsigned j = 1; j <= VERSIONS; j++) {
                        g_autofree char *version = g_strdup_printf("%u.0", j);
                        g_autofree char *path = g_strdup_printf(
                                        "xenserver/flood-%03u/%s/flood_%03u.ko", i, version, i);
                        ModuleSpec spec = { .version = version, .note_version = version };

                        sample_root_add_module_spec(sample, SAMPLE_KERNEL, path, &spec);
                }
        sample_root_depmod(sample, SAMPLE_KERNEL);
}

/* --- what the service holds
 * --------------------------------------------------------------------------------
 */

static unsigned count_fds(const Flood *flood)
{
        g_autofree char *path = g_strdup_printf("/proc/%d/fd", (int) flood->pid);
        GDir *dir = g_dir_open(path, 0, NULL);
        unsigned count = 0;

        if (!dir)
                g_error("The service has ended:\n%s", process_output(flood->harness->daemon));
        while (g_dir_read_name(dir))
                count++;
        g_dir_close(dir);
        return count;
}

/* KB, of /proc/PID/status. */
static long memory(const Flood *flood, const char *label)
{
        g_autofree char *path = g_strdup_printf("/proc/%d/status", (int) flood->pid);
        g_autofree char *text = NULL;
        const char *place;

        if (!g_file_get_contents(path, &text, NULL, NULL) || !(place = strstr(text, label)))
                g_error("The service has ended:\n%s", process_output(flood->harness->daemon));
        return (long) g_ascii_strtoll(place + strlen(label), NULL, 10);
}

/* The peak of its memory counts from now on: proc(5). */
static void forget_peak(const Flood *flood)
{
        g_autofree char *path = g_strdup_printf("/proc/%d/clear_refs", (int) flood->pid);

        g_assert_true(g_file_set_contents_full(path, "5", 1, G_FILE_SET_CONTENTS_NONE, 0600, NULL));
}

/* --- attackers
 * ----------------------------------------------------------------------------------------------
 */

/* The attacker may read neither the build nor the root. */
static void copy_for_all(const char *from, const char *to, int mode)
{
        g_autofree char *text = NULL;
        gsize size;

        g_assert_true(g_file_get_contents(from, &text, &size, NULL));
        g_assert_true(g_file_set_contents(to, text, (gssize) size, NULL));
        g_assert_cmpint(chmod(to, (mode_t) mode), ==, 0);
}

static void equip_attacker(Flood *flood)
{
        Harness *harness = flood->harness;
        char *module CLEANUP_FREE = temp_dir_path(&harness->sample.dir,
                        "usr/lib/modules/" SAMPLE_KERNEL "/xenserver/flood-000/1.0/flood_000.ko");
        char *files CLEANUP_FREE = temp_dir_path(&harness->work, "files");
        char *program CLEANUP_FREE = temp_dir_path(&harness->work, "attacker");
        g_autofree char *fresh = g_build_filename(files, "fresh.ko", NULL);

        temp_dir_mkdir(&harness->work, "files");
        g_assert_cmpint(chmod(files, 0755), ==, 0);
        copy_for_all(module, fresh, 0644);
        copy_for_all(harness_setting("FLOOD_ATTACKER"), program, 0755);
        flood->files = g_strdup(files);
        flood->program = g_strdup(program);
}

void flood_attack(Flood *flood, const char *kind, unsigned count)
{
        g_autofree char *number = g_strdup_printf("%u", count);
        g_autofree char *seed = g_strdup_printf("--seed=R02S%08x%08x%08x%08x", g_test_rand_int(),
                        g_test_rand_int(), g_test_rand_int(), g_test_rand_int());
        g_autofree char *name = g_strdup_printf("attacker-%u.log", flood->attackers->len);
        char *log CLEANUP_FREE = temp_dir_path(&flood->harness->work, name);
        const char *argv[] = { flood->program, flood->harness->address, flood->files, kind, number, seed,
                NULL };

        g_ptr_array_add(flood->attackers,
                        process_start(flood->harness->event, log, argv, NULL, SANDBOX_STRANGER_UID));
}

static bool are_done(void *userdata)
{
        Flood *flood = userdata;

        if (flood->harness->daemon->ended)
                g_error("The service has ended with status %d:\n%s", process_status(flood->harness->daemon),
                                process_output(flood->harness->daemon));
        for (guint i = 0; i < flood->attackers->len; i++)
                if (!((Process *) flood->attackers->pdata[i])->ended)
                        return false;
        return true;
}

static void end_attacker(gpointer data)
{
        Process *attacker = data;
        g_autofree char *output = process_output(attacker);

        if (process_status(attacker) != 0)
                g_error("An attacker ended with status %d:\n%s", process_status(attacker), output);
        for (char *line = strtok(output, "\n"); line; line = strtok(NULL, "\n"))
                if (*line != '#')
                        g_test_message("%s", line);
        (void) process_free(attacker);
}

/* --- the flood
 * ----------------------------------------------------------------------------------------------
 */

static int on_look(sd_event_source *source, uint64_t usec, void *userdata)
{
        g_assert_cmpint(sd_event_source_set_time_relative(source, LOOK_USEC), >=, 0);
        return 0; /* it wakes the loop, which looks again */
}

/* What can't be waited for is looked at. */
static void look_until(Flood *flood, bool (*condition)(void *userdata), const char *what)
{
        sd_event_source *source = NULL;

        g_assert_cmpint(sd_event_add_time_relative(flood->harness->event, &source, CLOCK_MONOTONIC,
                                        LOOK_USEC, 0, on_look, NULL),
                        >=, 0);
        g_assert_cmpint(sd_event_source_set_enabled(source, SD_EVENT_ON), >=, 0);
        wait_until(flood->harness->event, condition, flood, what);
        (void) sd_event_source_disable_unref(source);
}

static bool has_fds_back(void *userdata)
{
        Flood *flood = userdata;

        return count_fds(flood) <= flood->fds;
}

static bool has_memory_back(void *userdata)
{
        Flood *flood = userdata;

        return memory(flood, "RssAnon:") <= flood->anonymous + REMAINDER_MAX_KB;
}

static bool has_answers(void *userdata)
{
        Flood *flood = userdata;

        return !flood->questions || question_watch_open(flood->questions) == 0;
}

static void limit_fds(const Flood *flood)
{
        const struct rlimit limit = { FDS_LIMIT, FDS_LIMIT };

        g_assert_cmpint(prlimit(flood->pid, RLIMIT_NOFILE, &limit, NULL), ==, 0);
}

static char *owner_of_name(const Harness *harness)
{
        sd_bus_creds *creds = NULL;
        const char *name;
        char *copy;

        g_assert_cmpint(sd_bus_get_name_creds(
                                        harness->superuser, SERVICE_NAME, SD_BUS_CREDS_UNIQUE_NAME, &creds),
                        >=, 0);
        g_assert_cmpint(sd_bus_creds_get_unique_name(creds, &name), >=, 0);
        copy = g_strdup(name);
        (void) sd_bus_creds_unref(creds);
        return copy;
}

Flood *flood_new(unsigned drivers)
{
        Flood *flood = g_new0(Flood, 1);
        Harness *harness;

        drivers_wanted = drivers;
        flood->drivers = drivers + DRIVERS_OF_SAMPLE;
        flood->harness = harness = harness_new(make_root);
        flood->attackers = g_ptr_array_new_with_free_func(end_attacker);
        equip_attacker(flood);
        harness_start_polkitd(harness, NULL);
        harness_start_daemon(harness);
        flood->pid = harness->daemon->pid;
        flood->owner = owner_of_name(harness);
        limit_fds(flood);
        /* What is made at the first use is no growth. */
        host_select(harness, harness->superuser, FLOOD_DRIVER_PATH("000"), "2.0");
        g_free(call_text(harness->member, MANAGER_PATH, MANAGER, "ListDrivers", NULL));
        g_free(call_text(harness->member, MANAGER_PATH, "org.freedesktop.DBus.ObjectManager",
                        "GetManagedObjects", NULL));
        flood->fds = count_fds(flood);
        flood->anonymous = memory(flood, "RssAnon:");
        flood->resident = memory(flood, "VmRSS:");
        forget_peak(flood);
        return flood;
}

void flood_watch_questions(Flood *flood)
{
        flood->questions = question_watch_new(flood->harness, flood->owner);
}

void flood_watch(Flood *flood)
{
        flood->lister = lister_new(flood->harness->member, flood->drivers);
        flood->selecter = selecter_new(flood->harness->superuser, FLOOD_DRIVER_PATH("000"));
}

static bool are_settled(void *userdata)
{
        Flood *flood = userdata;

        for (guint i = 0; i < flood->attackers->len; i++) {
                g_autofree char *output = process_output(flood->attackers->pdata[i]);

                if (!strstr(output, "settled"))
                        return false;
        }
        return true;
}

void flood_wait_settled(Flood *flood)
{
        flood->stays = true;
        look_until(flood, are_settled, "an attacker");
}

static bool has_gone_on(void *userdata)
{
        Flood *flood = userdata;

        return (flood->stays || are_done(flood)) && flood->selecter->selections >= flood->goal;
}

static void wait_for_attackers(Flood *flood)
{
        /* An attacker's own alarm ends it, if nothing else does. */
        while (!are_done(flood))
                g_assert_cmpint(sd_event_run(flood->harness->event, UINT64_MAX), >=, 0);
        g_ptr_array_set_size(flood->attackers, 0);
}

void flood_wait_selections(Flood *flood, unsigned count)
{
        flood->goal = flood->selecter->selections + count;
        wait_until(flood->harness->event, has_gone_on, flood, "others to be served");
}

void flood_calm(Flood *flood)
{
        if (!flood->stays)
                wait_for_attackers(flood);
        flood_wait_selections(flood, 2);
        for (guint i = 0; i < flood->attackers->len; i++)
                process_signal(flood->attackers->pdata[i], SIGTERM);
        wait_for_attackers(flood);
        flood->lister = lister_free(flood->lister);
        flood->selecter = selecter_free(flood->selecter);
}

void flood_withstand(Flood *flood, const char *kind, unsigned count)
{
        flood_watch(flood);
        flood_attack(flood, kind, count);
        flood_calm(flood);
}

void flood_end(Flood **place)
{
        Flood *flood = *place;
        g_autofree char *owner = NULL;
        long peak;

        look_until(flood, has_answers, "polkit's answers to all questions");
        look_until(flood, has_fds_back, "the service to close what it was given");
        look_until(flood, has_memory_back, "the service to give back its memory");
        peak = memory(flood, "VmHWM:") - flood->resident;
        g_test_message("memory grew by %ld MB at most, by %ld MB in the end", peak / 1024,
                        (memory(flood, "RssAnon:") - flood->anonymous) / 1024);
        g_assert_cmpint(peak, <, GROWTH_MAX_KB);
        owner = owner_of_name(flood->harness);
        g_assert_cmpstr(owner, ==, flood->owner);
        g_assert_cmpint(flood->harness->daemon->pid, ==, flood->pid);

        flood->questions = question_watch_free(flood->questions);
        g_ptr_array_unref(flood->attackers);
        (void) harness_free(flood->harness);
        g_free(flood->owner);
        g_free(flood->program);
        g_free(flood->files);
        g_free(flood);
}
