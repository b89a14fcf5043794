/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The manager of the scripted service, and its main(). */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "scripted.h"
#include "util/macros.h"

void scripted_tell(const char *format, ...)
{
        va_list arguments;

        va_start(arguments, format);
        (void) vprintf(format, arguments);
        va_end(arguments);
        (void) putchar('\n');
        (void) fflush(stdout);
}

int scripted_error(const char *text, sd_bus_error *error)
{
        if (strncmp(text, "error:", 6) != 0)
                return 0;
        return sd_bus_error_set(error, text + 6, "It was scripted so.");
}

int scripted_options_read(sd_bus_message *message, const char *known, sd_bus_error *error)
{
        const char *name, *contents;
        int r = sd_bus_message_enter_container(message, 'a', "{sv}");

        while (r >= 0 && (r = sd_bus_message_enter_container(message, 'e', "sv")) > 0) {
                r = sd_bus_message_read_basic(message, 's', &name);
                if (r < 0)
                        return r;
                if (!strstr(known, name))
                        return sd_bus_error_setf(
                                        error, SD_BUS_ERROR_INVALID_ARGS, "Unknown option %s.", name);
                r = sd_bus_message_peek_type(message, NULL, &contents);
                if (r < 0)
                        return r;
                scripted_tell("option %s %s", name, contents);
                r = sd_bus_message_skip(message, "v");
                if (r >= 0)
                        r = sd_bus_message_exit_container(message);
        }
        return r < 0 ? r : sd_bus_message_exit_container(message);
}

static int get_driver(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        char *path CLEANUP_FREE = NULL;
        const char *name;
        int r = sd_bus_message_read_basic(message, 's', &name);

        if (r >= 0)
                r = scripted_error(name, error);
        if (r >= 0)
                r = scripted_driver_find(name, &path);
        if (r == 0)
                return sd_bus_error_setf(error, "org.hostdriver1.Error.NoSuchDriver",
                                "There is no driver \"%s\". \"hostdriverctl list\" shows those that are "
                                "installed.",
                                name);
        return r < 0 ? r : sd_bus_reply_method_return(message, "o", path);
}

static int list_versions(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        sd_bus_message *reply CLEANUP(sd_bus_message_unrefp) = NULL;
        int r = sd_bus_message_new_method_return(message, &reply);

        if (r >= 0)
                r = scripted_drivers_append(reply);
        return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

/* One that is bound, one that is not, one without ids: no database knows any of them. */
static int list_devices(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        sd_bus_message *reply CLEANUP(sd_bus_message_unrefp) = NULL;
        int r = scripted_options_read(message, "drivers", error);

        if (r >= 0)
                r = sd_bus_message_new_method_return(message, &reply);
        if (r >= 0)
                r = sd_bus_message_append(reply, "aa{sv}", 3, 8, "path", "s",
                                "/sys/devices/pci0000:00/0000:3b:00.0", "bus", "s", "pci", "id", "s",
                                "0000:3b:00.0", "modalias", "s",
                                "pci:v0000FFF1d00001592sv00000000sd00000000bc02sc00i00", "driver", "s",
                                "ice", "module", "s", "ice", "active", "s", "1.6.4", "covered-by", "a(ss)",
                                3, "ice", "1.6.4", "ice", "1.11.17.1", "odd_names", "1\033[31m", 6, "path",
                                "s", "/sys/devices/usb1/1-1:1.0", "bus", "s", "usb", "id", "s", "1-1:1.0",
                                "modalias", "s", "usb:vFFF1p0002d0601dcFFdscFFdpFFicFFiscFFipFFin00",
                                "covered-by", "a(ss)", 1, "igb", "5.17.4", "kept-from", "a(ss)", 2, "ice",
                                "1.6.4", "ice", "1.11.17.1", 6, "path", "s", "/sys/devices/virtual/odd",
                                "bus", "s", "odd", "id", "s", "odd", "driver", "s", "ice", "module", "s",
                                "ice", "covered-by", "a(ss)", 0);
        return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

static int rescan(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        scripted_tell("rescan, interactive %d", sd_bus_message_get_allow_interactive_authorization(message));
        return sd_bus_reply_method_return(message, "");
}

static int select_versions(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const char *driver, *version, *first_driver = NULL, *first_version = NULL;
        int r = sd_bus_message_enter_container(message, 'a', "(ss)");

        while (r >= 0 && (r = sd_bus_message_read(message, "(ss)", &driver, &version)) > 0) {
                scripted_tell("select %s %s", driver, version);
                if (!first_driver) {
                        first_driver = driver;
                        first_version = version;
                }
        }
        if (r >= 0)
                r = sd_bus_message_exit_container(message);
        if (r >= 0)
                r = scripted_options_read(message, "kernels ignore dry-run", error);
        return r < 0 ? r : scripted_job_play(message, first_driver, first_version, error);
}

static int adopt(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const char *name, *member = sd_bus_message_get_member(message);
        int r = sd_bus_message_read_basic(message, 's', &name);

        if (r >= 0)
                r = scripted_options_read(message, "package version kernels ignore dry-run", error);
        if (r < 0)
                return r;
        scripted_tell("%s %s", member, name);
        return scripted_job_play(message, name, "done", error);
}

/* Tells how large the files are that came with the call. */
static int import(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const char *name;
        int fd, r = sd_bus_message_enter_container(message, 'a', "(sh)");

        while (r >= 0 && (r = sd_bus_message_read(message, "(sh)", &name, &fd)) > 0)
                scripted_tell("import %s %lld", name, (long long) lseek(fd, 0, SEEK_END));
        if (r >= 0)
                r = sd_bus_message_exit_container(message);
        if (r >= 0)
                r = scripted_options_read(message, "package version kernels ignore dry-run", error);
        return r < 0 ? r : scripted_job_play(message, "ice", "done", error);
}

static int read_release(sd_bus_message *message, const char **ret, sd_bus_error *error)
{
        int r = sd_bus_message_read_basic(message, 's', ret);

        return r < 0 ? r : scripted_options_read(message, "", error);
}

/* A release of the name of a played job plays it. */
static int kernel_added(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const char *release;
        int r = read_release(message, &release, error);

        if (r < 0)
                return r;
        scripted_tell("kernel-added %s", release);
        if (strncmp(release, "6.", 2) == 0)
                return sd_bus_reply_method_return(message, "o", "/");
        return scripted_job_play(message, "ice", release, error);
}

static int kernel_removed(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const char *release;
        int r = sd_bus_message_read_basic(message, 's', &release);

        if (r >= 0)
                r = scripted_options_read(message, "leaving", error);
        if (r < 0)
                return r;
        scripted_tell("kernel-removed %s", release);
        return sd_bus_reply_method_return(message, "");
}

static int append_image(sd_bus_message *reply, const char *release, const char *image, int read,
                const char *version, const char *stale)
{
        char *path CLEANUP_FREE = NULL;
        int r;

        if (asprintf(&path, "%s%s", image, *image ? release : "") < 0)
                return -ENOMEM;
        r = sd_bus_message_open_container(reply, 'a', "{sv}");
        if (r >= 0)
                r = sd_bus_message_append(reply, "{sv}{sv}{sv}{sv}", "kernel", "s", release, "generator",
                                "s", "initramfs-tools", "image", "s", path, "read", "b", read);
        if (r >= 0)
                r = version ? sd_bus_message_append(reply, "{sv}", "drivers", "a{ss}", 2, "ice", version,
                                              "igb", "")
                            : sd_bus_message_append(reply, "{sv}", "drivers", "a{ss}", 0);
        if (r >= 0)
                r = stale ? sd_bus_message_append(reply, "{sv}", "stale", "as", 1, stale)
                          : sd_bus_message_append(reply, "{sv}", "stale", "as", 0);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int get_initramfs(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        sd_bus_message *reply CLEANUP(sd_bus_message_unrefp) = NULL;
        int r = sd_bus_message_new_method_return(message, &reply);

        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "a{sv}");
        if (r >= 0)
                r = append_image(reply, "6.1.0-48-amd64", "", 0, NULL, NULL);
        if (r >= 0)
                r = append_image(reply, "6.1.0-49-amd64", "/boot/initrd.img-", 1, "1.11.17.1", NULL);
        if (r >= 0)
                r = append_image(reply, "6.1.0-50-amd64", "/boot/initrd.img-", 1, "1.6.4", "ice");
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

/* A release of the name of a played job plays it. */
static int rebuild_initramfs(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const char *release = "done";
        int r = sd_bus_message_enter_container(message, 'a', "s");

        if (r >= 0)
                r = sd_bus_message_read_basic(message, 's', &release);
        if (r >= 0)
                r = sd_bus_message_exit_container(message);
        if (r >= 0)
                r = scripted_options_read(message, "", error);
        if (r < 0)
                return r;
        scripted_tell("rebuild-initramfs %s", release);
        return scripted_job_play(message, "", release, error);
}

static int list_jobs(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        return sd_bus_reply_method_return(message, "a(uosss)", 2, 7, JOB_PREFIX "/7", "ice", "running",
                        "depmod", 8, JOB_PREFIX "/8", "igb", "waiting", "");
}

static int append_entry(sd_bus_message *reply, int64_t id, uint64_t time, const char *to, const char *result,
                const char *detail)
{
        return sd_bus_message_append(reply, "a{sv}", 11, "id", "x", id, "time", "t", time, "boot-id", "s",
                        "4f0c1f2ab5b84d5aa0e1a0f2c4c5d6e7", "uid", "u", 0, "kind", "s", "select", "driver",
                        "s", "ice", "kernel", "s", "6.1.0-50-amd64", "from", "s", "", "to", "s", to,
                        "result", "s", result, "detail", "s", detail);
}

static int get_history(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        sd_bus_message *reply CLEANUP(sd_bus_message_unrefp) = NULL;
        int r = scripted_options_read(message, "driver since limit", error);

        if (r >= 0)
                r = sd_bus_message_new_method_return(message, &reply);
        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "a{sv}");
        if (r >= 0)
                r = append_entry(reply, 2, UINT64_C(1795312800000000), "1.11.17.1", "failed",
                                "depmod ended with status 1.");
        if (r >= 0)
                r = append_entry(reply, 1, UINT64_C(1795309200000000), "1.6.4", "done", "");
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        return r < 0 ? r : sd_bus_send(NULL, reply, NULL);
}

static int compare_versions(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const char *a, *b;
        int r = sd_bus_message_read(message, "ss", &a, &b), order;

        if (r < 0)
                return r;
        order = strverscmp(a, b);
        return sd_bus_reply_method_return(message, "i", order < 0 ? -1 : order > 0);
}

static int get_text(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        if (strcmp(property, "Version") == 0)
                scripted_tell("properties of the host");
        return sd_bus_message_append(reply, "s",
                        strcmp(property, "Version") == 0  ? "0.1.0"
                        : strcmp(property, "HostID") == 0 ? "0d7d4a4e-7b0b-4f4a-9d53-4a6f2f3a5b10"
                                                          : "6.1.0-50-amd64");
}

static int get_flag(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        return sd_bus_message_append(reply, "b", 1);
}

static int get_kernels(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        return strcmp(property, "Kernels") == 0
                               ? sd_bus_message_append(reply, "as", 2, "6.1.0-49-amd64", "6.1.0-50-amd64")
                               : sd_bus_message_append(reply, "as", 1,
                                                 "ice: 1.11.17.1 is selected, 1.6.4 "
                                                 "active.");
}

static int get_problems(sd_bus *bus, const char *path, const char *interface, const char *property,
                sd_bus_message *reply, void *userdata, sd_bus_error *error)
{
        return sd_bus_message_append(reply, "a(sss)", 1, "warning", "entry-skipped",
                        "\"xenserver/bad\\x0aname\" was passed over: its name holds a control character.");
}

static const sd_bus_vtable vtable[] = {
        SD_BUS_VTABLE_START(0), SD_BUS_METHOD("GetDriver", "s", "o", get_driver, SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_METHOD("ListVersions", "", "a(sasssbba(ss))", list_versions,
                                        SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_METHOD("ListDevices", "a{sv}", "aa{sv}", list_devices,
                                        SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_METHOD("Rescan", "", "", rescan, SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_METHOD("Select", "a(ss)a{sv}", "o", select_versions,
                                        SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_METHOD("Adopt", "sa{sv}", "o", adopt, SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_METHOD("Unadopt", "sa{sv}", "o", adopt, SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_METHOD("Import", "a(sh)a{sv}", "o", import, SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_METHOD("KernelAdded", "sa{sv}", "o", kernel_added,
                                        SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_METHOD("KernelRemoved", "sa{sv}", "", kernel_removed,
                                        SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_METHOD("GetInitramfs", "", "aa{sv}", get_initramfs,
                                        SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_METHOD("RebuildInitramfs", "asa{sv}", "o", rebuild_initramfs,
                                        SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_METHOD("ListJobs", "", "a(uosss)", list_jobs, SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_METHOD("GetHistory", "a{sv}", "aa{sv}", get_history,
                                        SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_METHOD("CompareVersions", "ss", "i", compare_versions,
                                        SD_BUS_VTABLE_UNPRIVILEGED),
                        SD_BUS_PROPERTY("Version", "s", get_text, 0, SD_BUS_VTABLE_PROPERTY_CONST),
                        SD_BUS_PROPERTY("HostID", "s", get_text, 0, SD_BUS_VTABLE_PROPERTY_CONST),
                        SD_BUS_PROPERTY("KernelRelease", "s", get_text, 0, SD_BUS_VTABLE_PROPERTY_CONST),
                        SD_BUS_PROPERTY("Kernels", "as", get_kernels, 0, 0),
                        SD_BUS_PROPERTY("RebootRequired", "b", get_flag, 0, 0),
                        SD_BUS_PROPERTY("RebootReasons", "as", get_kernels, 0, 0),
                        SD_BUS_PROPERTY("Problems", "a(sss)", get_problems, 0, 0), SD_BUS_VTABLE_END,
};

static int serve(sd_bus *bus)
{
        int r = sd_bus_add_object_vtable(bus, NULL, MANAGER_PATH, MANAGER_INTERFACE, vtable, NULL);

        if (r >= 0)
                r = sd_bus_add_object_manager(bus, NULL, MANAGER_PATH);
        if (r >= 0)
                r = scripted_drivers_add(bus);
        if (r >= 0)
                r = scripted_jobs_add(bus);
        if (r >= 0)
                r = scripted_random_add(bus);
        if (r >= 0)
                r = sd_bus_request_name(bus, "org.hostdriver1", 0);
        if (r >= 0)
                scripted_tell("ready");
        while (r >= 0) {
                r = sd_bus_process(bus, NULL);
                if (r == 0)
                        r = sd_bus_wait(bus, UINT64_MAX);
        }
        return r;
}

int main(void)
{
        sd_bus *bus CLEANUP(sd_bus_flush_close_unrefp) = NULL;
        int r = sd_bus_open_system(&bus);

        if (r >= 0)
                r = serve(bus);
        /* The end of the bus is the end of the test. */
        if (r == -ECONNRESET || r == -ENOTCONN || r == -EPIPE)
                return EXIT_SUCCESS;
        (void) fprintf(stderr, "scripted-service: %s\n", strerror(-r));
        return EXIT_FAILURE;
}
