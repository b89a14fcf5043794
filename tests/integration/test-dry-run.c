/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A dry run does nothing: disk, every table of the database, history and log are as before, also after a
 * rescan, a new start and healing. And it says what the change then really does. An operation is a row. */

#include <fcntl.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

#include "disk-state.h"
#include "host.h"
#include "sample-initramfs.h"
#include "snapshot.h"

#define ICE DRIVER_PATH("ice")
#define IXGBE DRIVER_PATH("ixgbe")
/* Of a driver that nothing here is about. */
#define BAIT DRIVER_PATH("e1000")
#define BAIT_LINK "updates/e1000.ko"

typedef struct Operation {
        const char *name;
        const char *path, *interface, *member;
        const char *types;        /* of what comes before the options: "", "s", "a(ss)" or "a(sh)" */
        const char *arguments[5]; /* an "h" is a path below the root */
        bool rebuilds;            /* an image */
        const char *error;        /* it is refused */
} Operation;

#define OF_MANAGER MANAGER_PATH, MANAGER

static const Operation operations[] = {
        { "select", ICE, DRIVER, "Select", "s", { "1.11.17.1" }, .rebuilds = true },
        { "select-kernel", ICE, DRIVER, "Select", "s", { "kernel" }, .rebuilds = true },
        { "select-same", ICE, DRIVER, "Select", "s", { "1.6.4" } },
        { "select-other", IXGBE, DRIVER, "Select", "s", { "5.10.2" } },
        { "select-several", OF_MANAGER, "Select", "a(ss)", { "ice", "1.11.17.1", "ixgbe", "5.3.5" },
                        .rebuilds = true },
        { "deselect", ICE, DRIVER, "Deselect", "", { NULL }, .rebuilds = true },
        { "adopt", OF_MANAGER, "Adopt", "s", { "tg3" } },
        { "unadopt", OF_MANAGER, "Unadopt", "s", { "igb" } },
        { "import", OF_MANAGER, "Import", "a(sh)", { "bnxt.ko", "lib/incoming/bnxt.ko" } },
        { "remove", IXGBE, DRIVER, "Remove", "s", { "5.10.2" } },

        { "no-driver", OF_MANAGER, "Select", "a(ss)", { "ghost", "1" }, .error = "NoSuchDriver" },
        { "no-version", ICE, DRIVER, "Select", "s", { "9" }, .error = "NoSuchVersion" },
        { "misfit", ICE, DRIVER, "Select", "s", { "6" }, .error = "Incompatible" },
        { "in-the-way", DRIVER_PATH("e100"), DRIVER, "Select", "s", { "3" }, .error = "Conflict" },
        { "adopt-nothing", OF_MANAGER, "Adopt", "s", { "ghost" }, .error = "NoSuchDriver" },
        { "not-adopted", OF_MANAGER, "Unadopt", "s", { "ice" }, .error = "Conflict" },
        { "other-name", OF_MANAGER, "Import", "a(sh)", { "tg3.ko", "lib/incoming/bnxt.ko" },
                        .error = "Incompatible" },
        { "remove-selected", ICE, DRIVER, "Remove", "s", { "1.6.4" }, .error = "InUse" },
};

/* --- the host ------------------------------------------------------------------------------------------ */

static void fill_host(SampleRoot *sample)
{
        const ModuleSpec incoming = { .vermagic = SAMPLE_KERNEL " SMP mod_unload modversions ",
                .version = "2" };
        const ModuleSpec misfit = { .vermagic = SAMPLE_KERNEL " SMP preempt mod_unload ", .version = "6" };

        host_with_nics(sample);
        sample_root_add_module(sample, SAMPLE_KERNEL, "updates/tg3.ko", "3.137");
        sample_root_add_module(sample, SAMPLE_KERNEL, "updates/igb.ko", "5.14");
        sample_root_add_module(sample, SAMPLE_KERNEL, "xenserver/intel-e1000/1/e1000.ko", "1");
        sample_root_add_module(sample, SAMPLE_KERNEL, "xenserver/intel-e1000/2/e1000.ko", "2");
        sample_root_add_module_spec(sample, SAMPLE_KERNEL, "xenserver/intel-ice/6/ice.ko", &misfit);
        sample_root_add_module(sample, SAMPLE_KERNEL, "updates/e100.ko", "2");
        sample_root_add_module(sample, SAMPLE_KERNEL, "xenserver/intel-e100/3/e100.ko", "3");
        sample_root_add_module_spec(sample, "..", "incoming/bnxt.ko", &incoming);
        sample_root_depmod(sample, SAMPLE_KERNEL);
        temp_dir_write(&sample->dir, "etc/hostdriver/hostdriver.conf", "[Service]\nOnDrift=heal\n");
        if (sample_initramfs_obstacle())
                return;
        sample_initramfs_init(sample, "ice\n");
        sample_initramfs_build(sample, SAMPLE_KERNEL);
}

/* Waits for the job of the call, and forgets what it has announced. */
static void finish(Harness *harness, char *job_taken)
{
        g_autofree char *job = job_taken;
        g_autofree char *pattern = g_strdup_printf(MANAGER_PATH " JobRemoved *%s*", job);

        g_assert_true(g_str_has_suffix(recorder_wait(harness->recorder, pattern), " done"));
        recorder_clear(harness->recorder);
}

static void rescan(Harness *harness)
{
        g_free(call_text(harness->superuser, MANAGER_PATH, MANAGER, "Rescan", NULL));
}

/* The service reads it when it has nothing else to do. */
static void await_image(const Harness *harness)
{
        bool known = sample_initramfs_obstacle();

        while (!known) {
                g_autofree char *inside = property_text(harness->stranger, ICE, DRIVER, "InInitramfs");

                known = strstr(inside, SAMPLE_KERNEL);
        }
}

static void restart(Harness *harness)
{
        harness_stop_daemon(harness);
        harness_start_daemon(harness);
        rescan(harness);
        await_image(harness);
        recorder_clear(harness->recorder);
}

static Harness *start(void)
{
        Harness *harness = harness_new(fill_host);

        harness_start_script(harness, POLKIT_YES);
        harness_start_daemon(harness);
        host_select(harness, harness->superuser, ICE, "1.6.4");
        host_select(harness, harness->superuser, IXGBE, "5.3.5");
        host_select(harness, harness->superuser, BAIT, "1");
        finish(harness, call_text(harness->superuser, MANAGER_PATH, MANAGER, "Adopt", "sa{sv}", "igb", 0));
        restart(harness);
        if (!sample_initramfs_obstacle())
                (void) sample_initramfs_take_runs(&harness->sample);
        return harness;
}

/* --- what there is to compare ---------------------------------------------------------------------------
 */

static void add_table(GString *text, sqlite3 *database, const char *table)
{
        g_autofree char *query = g_strdup_printf("SELECT * FROM \"%s\" ORDER BY 1, 2", table);
        sqlite3_stmt *statement;

        if (sqlite3_prepare_v2(database, query, -1, &statement, NULL) != SQLITE_OK) {
                g_free(query);
                query = g_strdup_printf("SELECT * FROM \"%s\" ORDER BY 1", table);
                g_assert_cmpint(sqlite3_prepare_v2(database, query, -1, &statement, NULL), ==, SQLITE_OK);
        }
        while (sqlite3_step(statement) == SQLITE_ROW) {
                g_string_append(text, table);
                for (int i = 0; i < sqlite3_column_count(statement); i++)
                        g_string_append_printf(text, "|%s",
                                        (const char *) sqlite3_column_text(statement, i) ?: "NULL");
                g_string_append_c(text, '\n');
        }
        (void) sqlite3_finalize(statement);
}

/* The service has it open for itself alone. */
static char *copy_database(const Harness *harness)
{
        static const char *const endings[] = { "", "-wal" };
        char *copy = g_build_filename(harness->work.path, "copy.db", NULL);

        for (size_t i = 0; i < G_N_ELEMENTS(endings); i++) {
                g_autofree char *from = g_strconcat(harness->sample.dir.path,
                                "/var/lib/hostdriver/hostdriver.db", endings[i], NULL);
                g_autofree char *to = g_strconcat(copy, endings[i], NULL);
                g_autofree char *data = NULL;
                gsize size;

                (void) g_unlink(to);
                if (g_file_get_contents(from, &data, &size, NULL))
                        g_assert_true(g_file_set_contents(to, data, (gssize) size, NULL));
        }
        return copy;
}

/* Every row of every table, but for PASSED_OVER. */
static char *dump_database(const Harness *harness, const char *passed_over)
{
        g_autofree char *path = copy_database(harness);
        GString *text = g_string_new(NULL);
        sqlite3_stmt *tables;
        sqlite3 *database;

        g_assert_cmpint(sqlite3_open_v2(path, &database, SQLITE_OPEN_READWRITE, NULL), ==, SQLITE_OK);
        g_assert_cmpint(sqlite3_prepare_v2(database,
                                        "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
                                        -1, &tables, NULL),
                        ==, SQLITE_OK);
        while (sqlite3_step(tables) == SQLITE_ROW) {
                const char *name = (const char *) sqlite3_column_text(tables, 0);

                if (strcmp(name, passed_over) != 0)
                        add_table(text, database, name);
        }
        (void) sqlite3_finalize(tables);
        g_assert_cmpint(sqlite3_close(database), ==, SQLITE_OK);
        return g_string_free(text, FALSE);
}

static char *record(Harness *harness, const char *passed_over)
{
        g_autofree char *database = dump_database(harness, passed_over);
        g_autofree char *files = snapshot_take_exactly(harness->sample.dir.path);
        g_autofree char *log = process_output(harness->daemon);
        g_autofree char *history =
                        call_text(harness->stranger, MANAGER_PATH, MANAGER, "GetHistory", "a{sv}", 0);
        g_autofree char *drivers = call_text(harness->stranger, MANAGER_PATH, MANAGER, "ListDrivers", NULL);

        return g_strjoin("\n", files, database, history, drivers, log, NULL);
}

/* Takes both. */
static void assert_same(char *now_taken, const char *before, const char *when)
{
        g_auto(GStrv) old_lines = g_strsplit(before, "\n", -1);
        g_auto(GStrv) new_lines = g_strsplit(now_taken, "\n", -1);

        for (size_t i = 0; old_lines[i] || new_lines[i]; i++)
                if (g_strcmp0(old_lines[i], new_lines[i]) != 0)
                        g_error("%s: \"%s\" was \"%s\"", when, new_lines[i] ?: "(nothing)",
                                        old_lines[i] ?: "(nothing)");
        g_free(now_taken);
}

/* What the driver's selections are, and what is wanted of all but the bait. */
static char *record_selections(Harness *harness)
{
        g_autofree char *problems = property_text(harness->stranger, ICE, DRIVER, "Problems");
        g_autofree char *others = property_text(harness->stranger, IXGBE, DRIVER, "Problems");
        g_autofree char *state = disk_state(harness->sample.dir.path);

        return g_strjoin("\n", problems, others, state, NULL);
}

/* --- calls ----------------------------------------------------------------------------------------------
 */

static void append_arguments(
                const Harness *harness, const Operation *operation, sd_bus_message *message, int *ret_fd)
{
        const char *const *arguments = operation->arguments;

        *ret_fd = -1;
        if (strcmp(operation->types, "s") == 0)
                g_assert_cmpint(sd_bus_message_append(message, "s", arguments[0]), >=, 0);
        if (!g_str_has_prefix(operation->types, "a"))
                return;
        g_assert_cmpint(sd_bus_message_open_container(message, 'a', operation->types + 1), >=, 0);
        for (size_t i = 0; arguments[i]; i += 2) {
                if (strcmp(operation->types, "a(ss)") == 0) {
                        g_assert_cmpint(sd_bus_message_append(
                                                        message, "(ss)", arguments[i], arguments[i + 1]),
                                        >=, 0);
                        continue;
                }
                *ret_fd = openat(harness->sample.dir.fd, arguments[i + 1], O_RDONLY | O_CLOEXEC);
                g_assert_cmpint(*ret_fd, >=, 0);
                g_assert_cmpint(sd_bus_message_append(message, "(sh)", arguments[i], *ret_fd), >=, 0);
        }
        g_assert_cmpint(sd_bus_message_close_container(message), >=, 0);
}

static Answer *call(Harness *harness, const Operation *operation, bool dry_run)
{
        sd_bus_message *message CLEANUP(sd_bus_message_unrefp) = NULL;
        int fd CLEANUP_FD = -1;
        Answer *answer;

        recorder_clear(harness->recorder);
        g_assert_cmpint(sd_bus_message_new_method_call(harness->superuser, &message, SERVICE_NAME,
                                        operation->path, operation->interface, operation->member),
                        >=, 0);
        append_arguments(harness, operation, message, &fd);
        g_assert_cmpint(dry_run ? sd_bus_message_append(message, "a{sv}", 1, "dry-run", "b", 1)
                                : sd_bus_message_append(message, "a{sv}", 0),
                        >=, 0);
        answer = call_start_message(harness->superuser, message);
        answer_wait(answer);
        return answer;
}

/* What the job said last that it does, or would do. g_free() it. */
static char *find_plan(const Harness *harness, const char *job)
{
        const GPtrArray *events = harness->recorder->events;

        for (guint i = events->len; i > 0; i--) {
                const char *event = events->pdata[i - 1], *plan = strstr(event, "Plan=[");

                if (plan && strstr(event, job))
                        return g_strndup(plan + strlen("Plan=["), strcspn(plan, "]") - strlen("Plan=["));
        }
        g_error("%s told no plan", job);
}

/* Runs it to its end. Returns the plan. */
static char *run(Harness *harness, const Operation *operation, bool dry_run)
{
        Answer *answer = call(harness, operation, dry_run);
        g_autofree char *pattern = g_strdup_printf(MANAGER_PATH " JobRemoved *%s*", answer->text);
        char *plan;

        if (answer->error)
                g_error("%s: %s", answer->error, answer->text);
        g_assert_true(g_str_has_suffix(recorder_wait(harness->recorder, pattern), " done"));
        plan = find_plan(harness, answer->text);
        g_assert_null(answer_free(answer));
        return plan;
}

/* --- tests ----------------------------------------------------------------------------------------------
 */

/* Somebody moves another driver's link, and it is moved back: so would have been what else isn't as wanted.
 */
static void let_heal(Harness *harness)
{
        g_autofree char *link = host_module_path(harness, BAIT_LINK);

        recorder_clear(harness->recorder);
        g_assert_cmpint(g_unlink(link), ==, 0);
        g_assert_cmpint(symlink("../xenserver/intel-e1000/2/e1000.ko", link), ==, 0);
        (void) recorder_wait(harness->recorder, MANAGER_PATH " JobRemoved * e1000 done");
        g_assert_cmpuint(recorder_count(harness->recorder, MANAGER_PATH " JobNew *"), ==, 1);
}

static void assert_nothing_done(Harness *harness, const char *before, const char *before_start)
{
        g_autofree char *selections = record_selections(harness);

        assert_same(record(harness, ""), before, "after the dry run");
        rescan(harness);
        assert_same(record(harness, ""), before, "after a rescan");
        restart(harness);
        /* Each start of the service tries whether it can write. */
        assert_same(record(harness, "probe"), before_start, "after a new start");
        let_heal(harness);
        assert_same(record_selections(harness), selections, "after healing");
}

static void test_nothing_done(gconstpointer data)
{
        const Operation *operation = data;
        Harness *harness CLEANUP_HARNESS = start();
        g_autofree char *before = record(harness, ""), *before_start = record(harness, "probe");
        g_autofree char *planned = run(harness, operation, true), *done = NULL;
        bool rebuilds = operation->rebuilds && !sample_initramfs_obstacle();
        const char *image;

        g_test_message("%s", planned);
        g_assert_cmpuint(recorder_count(harness->recorder, DRIVER_PATH("*") " PropertiesChanged *"), ==, 0);
        assert_nothing_done(harness, before, before_start);
        if (!sample_initramfs_obstacle())
                g_assert_cmpuint(sample_initramfs_take_runs(&harness->sample), ==, 0);

        /* The same but for the image, of which a change doesn't know before. */
        done = run(harness, operation, false);
        image = strstr(planned, " Rebuild the initramfs /" SAMPLE_IMAGE ".");
        g_assert_cmpint(image != NULL, ==, rebuilds);
        if (image)
                planned[image - planned] = '\0';
        g_assert_cmpstr(planned, ==, done);
        if (!sample_initramfs_obstacle())
                g_assert_cmpint(sample_initramfs_take_runs(&harness->sample) > 0, ==, rebuilds);
}

static void check_refused(Harness *harness, const Operation *operation)
{
        g_autofree char *before = record(harness, "");
        Answer *dry = call(harness, operation, true), *real;

        if (!dry->error || !g_str_has_suffix(dry->error, operation->error))
                g_error("%s: %s and not %s: %s", operation->name, dry->error, operation->error, dry->text);
        g_assert_cmpuint(recorder_count(harness->recorder, "*Job*"), ==, 0);
        assert_same(record(harness, ""), before, operation->name);
        real = call(harness, operation, false);
        g_assert_cmpstr(dry->error, ==, real->error);
        g_assert_cmpstr(dry->text, ==, real->text);
        g_assert_null(answer_free(real));
        g_assert_null(answer_free(dry));
}

/* What is refused leaves no trace, and its dry run is refused in the same words. */
static void test_refused(void)
{
        Harness *harness CLEANUP_HARNESS = start();
        g_autofree char *before = record(harness, ""), *before_start = record(harness, "probe");

        for (size_t i = 0; i < G_N_ELEMENTS(operations); i++)
                if (operations[i].error)
                        check_refused(harness, &operations[i]);
        assert_nothing_done(harness, before, before_start);
}

static void add_tests(void)
{
        for (size_t i = 0; i < G_N_ELEMENTS(operations); i++) {
                g_autofree char *path = g_strconcat("/dry-run/", operations[i].name, NULL);

                if (!operations[i].error)
                        g_test_add_data_func(path, &operations[i], test_nothing_done);
        }
        g_test_add_func("/dry-run/refused", test_refused);
}

int main(int argc, char *argv[])
{
        return harness_main(argc, argv, add_tests);
}
