/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* devices: which devices the drivers cover or drive, and which versions cover each. */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <systemd/sd-hwdb.h>

#include "bus.h"
#include "error.h"
#include "json.h"
#include "table.h"
#include "text.h"
#include "verbs.h"

static int get_devices(Client *client, char **names, size_t count, json_t **ret)
{
        sd_bus_message *message CLEANUP(sd_bus_message_unrefp) = NULL;
        int r = bus_message_new(client, MANAGER_PATH, MANAGER_INTERFACE, "ListDevices", &message);

        if (r != 0)
                return r;
        r = sd_bus_message_open_container(message, 'a', "{sv}");
        if (r >= 0 && count > 0) {
                r = sd_bus_message_open_container(message, 'e', "sv");
                if (r >= 0)
                        r = sd_bus_message_append(message, "s", "drivers");
                if (r >= 0)
                        r = sd_bus_message_open_container(message, 'v', "as");
                if (r >= 0)
                        r = sd_bus_message_append_strv(message, names);
                if (r >= 0)
                        r = sd_bus_message_close_container(message);
                if (r >= 0)
                        r = sd_bus_message_close_container(message);
        }
        if (r >= 0)
                r = sd_bus_message_close_container(message);
        return r < 0 ? bus_fail_message(r) : bus_call_objects(client, message, ret);
}

static int set_from_database(sd_hwdb *database, json_t *device, const char *property, const char *key)
{
        const char *value;

        if (sd_hwdb_get(database, json_text(device, "modalias"), property, &value) < 0 ||
                        !text_is_utf8(value))
                return 0;
        return json_object_set_new(device, key, json_string(value)) < 0 ? -ENOMEM : 0;
}

/* Names the parts of DEVICE's KEY, if it has that. */
static int name_versions(json_t *device, const char *key)
{
        static const char *const names[] = { "driver", "version", NULL };
        json_t *versions = NULL;
        int r;

        if (!json_object_get(device, key))
                return 0;
        r = json_name_rows(json_object_get(device, key), names, &versions);
        return r < 0 ? r : json_object_set_new(device, key, versions) < 0 ? -ENOMEM : 0;
}

/* Adds what udev's database of this host calls the devices, and names the parts of "covered_by" and
 * "kept_from". */
static int describe(json_t *devices)
{
        sd_hwdb *database CLEANUP(sd_hwdb_unrefp) = NULL;
        int r = 0;

        if (sd_hwdb_new(&database) < 0)
                database = NULL; /* it is optional */
        for (size_t i = 0; r >= 0 && i < json_array_size(devices); i++) {
                json_t *device = json_array_get(devices, i);

                r = name_versions(device, "covered_by");
                if (r >= 0)
                        r = name_versions(device, "kept_from");
                if (r < 0 || !database || !*json_text(device, "modalias"))
                        continue;
                r = set_from_database(database, device, "ID_VENDOR_FROM_DATABASE", "vendor");
                if (r >= 0)
                        r = set_from_database(database, device, "ID_MODEL_FROM_DATABASE", "model");
        }
        return r;
}

/* What people call the device; else the ids in its modalias. The caller frees it. */
static char *description(const json_t *device)
{
        const char *vendor = json_text(device, "vendor"), *model = json_text(device, "model");
        const char *modalias = json_text(device, "modalias");
        unsigned vendor_id, device_id;
        char *text = NULL;
        int r;

        if (*model)
                r = asprintf(&text, "%s%s%s", vendor, *vendor ? " " : "", model);
        else if (sscanf(modalias, "pci:v%8xd%8x", &vendor_id, &device_id) == 2 ||
                        sscanf(modalias, "usb:v%4xp%4x", &vendor_id, &device_id) == 2)
                r = asprintf(&text, "%s%s%04x:%04x", vendor, *vendor ? " " : "", vendor_id, device_id);
        else
                return strdup(modalias);
        return r < 0 ? NULL : text;
}

/* "ice 1.6.4,1.11.17.1; other 2". The versions of one driver lie side by side. */
static void write_versions(FILE *stream, const json_t *versions)
{
        const char *before = NULL;

        for (size_t i = 0; i < json_array_size(versions); i++) {
                const json_t *version = json_array_get(versions, i);
                const char *driver = json_text(version, "driver");

                if (before && strcmp(before, driver) == 0)
                        (void) fprintf(stream, ",%s", json_text(version, "version"));
                else
                        (void) fprintf(stream, "%s%s %s", before ? "; " : "", driver,
                                        json_text(version, "version"));
                before = driver;
        }
}

/* Those that udev wouldn't load for the device in brackets. */
static char *candidates(const json_t *device)
{
        const json_t *covered = json_object_get(device, "covered_by");
        const json_t *kept = json_object_get(device, "kept_from");
        char *text = NULL;
        size_t size;
        FILE *stream = open_memstream(&text, &size);

        if (!stream)
                return NULL;
        write_versions(stream, covered);
        if (json_array_size(kept) > 0) {
                (void) fprintf(stream, "%s(", json_array_size(covered) > 0 ? " " : "");
                write_versions(stream, kept);
                (void) fputc(')', stream);
        }
        (void) fclose(stream);
        return text;
}

static int print_table(Client *client, const json_t *devices)
{
        static const char *const headings[] = { "BUS", "DEVICE", "DESCRIPTION", "DRIVER", "ACTIVE",
                "COVERED BY", NULL };
        Table *table CLEANUP(table_freep) = NULL;
        size_t count = json_array_size(devices);
        int r = table_new(headings, 2, &table);

        if (r < 0)
                return fail_errno(r, "Can't print the table");
        for (size_t i = 0; i < count; i++) {
                const json_t *device = json_array_get(devices, i);
                char *text CLEANUP_FREE = description(device), *versions CLEANUP_FREE = candidates(device);

                if (!text || !versions)
                        return bus_fail_message(-ENOMEM);
                table_add(table, json_text(device, "bus"), COLOUR_NONE);
                table_add(table, json_text(device, "id"), COLOUR_STRONG);
                table_add(table, text, COLOUR_NONE);
                table_add(table, json_text(device, "driver"), COLOUR_NONE);
                table_add(table, json_text(device, "active"), COLOUR_NONE);
                table_add(table, versions, COLOUR_NONE);
        }
        r = table_print(table, client, "No device of this host is covered or driven by these drivers.");
        if (r == 0 && count > 0 && !(client->options.given & OPTION_NO_LEGEND))
                (void) printf("\n%zu device%s.\n", count, count == 1 ? "" : "s");
        return r;
}

int verb_devices(Client *client, char **arguments, size_t count)
{
        json_t *devices CLEANUP_JSON = NULL;
        int r = get_devices(client, arguments, count, &devices);

        if (r != 0)
                return r;
        r = describe(devices);
        if (r < 0)
                return bus_fail_message(r);
        if (client->options.json != JSON_OFF)
                return json_print(&client->options, json_pack("{sO}", "devices", devices));
        return print_table(client, devices);
}
