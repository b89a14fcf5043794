/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* show: everything about some drivers, for reading. */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "bus.h"
#include "colour.h"
#include "error.h"
#include "json.h"
#include "text.h"
#include "verbs.h"
#include "wait-job.h"

#define LABEL_CELLS 12

/* A line "     Label: value"; a LABEL of "" goes on below the line before. */
static void print_line(const char *label, const char *value, bool coloured, Colour colour)
{
        char *escaped CLEANUP_FREE = text_escape(value);

        (void) printf("%*s%s %s%s%s\n", LABEL_CELLS, label, *label ? ":" : " ",
                        colour_begin(coloured, colour), escaped ? escaped : "?",
                        colour_end(coloured, colour));
}

static void print_format(const char *label, bool coloured, Colour colour, const char *format, ...)
                PRINTF_LIKE(4, 5);

static void print_format(const char *label, bool coloured, Colour colour, const char *format, ...)
{
        char *text CLEANUP_FREE = NULL;
        va_list arguments;
        int r;

        va_start(arguments, format);
        r = vasprintf(&text, format, arguments);
        va_end(arguments);
        if (r < 0)
                text = NULL;
        print_line(label, text ? text : "?", coloured, colour);
}

static void print_list(const char *label, const json_t *items)
{
        for (size_t i = 0; i < json_array_size(items); i++)
                print_line(i == 0 ? label : "", json_item_text(items, i), false, COLOUR_NONE);
}

static void print_active(const json_t *driver, bool coloured)
{
        static const struct {
                const char *by, *phrase;
        } phrases[] = {
                { "note", "its XenServer note says so" },
                { "build-id", "its build-id is that file's" },
                { "srcversion", "its srcversion is that file's" },
                { "version", "its modinfo version is that file's" },
                { "builtin", "built into the kernel" },
        };
        const char *active = json_text(driver, "active"), *by = json_text(driver, "active_by");

        for (size_t i = 0; i < ELEMENTSOF(phrases); i++)
                if (strcmp(phrases[i].by, by) == 0)
                        by = phrases[i].phrase;
        if (!json_flag(driver, "loaded"))
                print_line("Active", "not loaded", false, COLOUR_NONE);
        else if (!*active)
                print_line("Active", "loaded, but from which version can't be told", coloured,
                                COLOUR_WARNING);
        else
                print_format("Active", coloured, COLOUR_GOOD, "%s%s%s%s", active, *by ? " (" : "", by,
                                *by ? ")" : "");
}

static void print_reboot(const json_t *driver, bool coloured)
{
        const json_t *reasons = json_object_get(driver, "reboot_reasons");

        if (!json_flag(driver, "reboot_required"))
                return;
        print_line("Reboot", "required, to make the selected version active", coloured, COLOUR_WARNING);
        print_list("", reasons);
}

static void print_state(const json_t *driver, bool coloured)
{
        const char *selected = json_text(driver, "selected"), *effective = json_text(driver, "effective");

        if (*selected)
                print_line("Selected", selected, coloured, COLOUR_STRONG);
        else
                print_line("Selected", "none", false, COLOUR_NONE);
        print_line("Effective", *effective ? effective : "none: nothing would be loaded by this name", false,
                        COLOUR_NONE);
        print_active(driver, coloured);
        print_reboot(driver, coloured);
        if (strlen(json_text(driver, "job")) > 1)
                print_format("Job", coloured, COLOUR_WARNING, "%s is changing this driver now",
                                job_path_id(json_text(driver, "job")));
        print_line("Hardware", json_flag(driver, "hardware_present") ? "present" : "not present", false,
                        COLOUR_NONE);
        print_list("Devices", json_object_get(driver, "devices"));
}

/* One detail of a version as text; the caller frees it. NULL: not to be shown. */
static char *detail_text(const json_t *value)
{
        char *text = NULL;
        size_t size;
        FILE *stream;

        if (json_is_string(value))
                return *json_string_value(value) ? strdup(json_string_value(value)) : NULL;
        if (json_is_boolean(value))
                return strdup(json_is_true(value) ? "yes" : "no");
        stream = open_memstream(&text, &size);
        if (!stream)
                return NULL;
        if (json_is_integer(value))
                (void) fprintf(stream, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
        for (size_t i = 0; i < json_array_size(value); i++)
                (void) fprintf(stream, "%s%s", i > 0 ? ", " : "", json_item_text(value, i));
        (void) fclose(stream);
        return text;
}

static void print_details(json_t *details)
{
        const char *key;
        json_t *value;

        json_object_foreach(details, key, value)
        {
                char *text CLEANUP_FREE = detail_text(value), *escaped CLEANUP_FREE = NULL;
                char *label CLEANUP_FREE = text_escape(key);

                if (!text)
                        continue;
                /* A vermagic ends with a blank. */
                for (size_t end = strlen(text); end > 0 && text[end - 1] == ' ';)
                        text[--end] = '\0';
                if (!*text)
                        continue;
                escaped = text_escape(text);
                (void) printf("%*s%-16s %s\n", LABEL_CELLS + 6, "", label ? label : "?",
                                escaped ? escaped : "?");
        }
}

static void print_versions(const json_t *driver, bool coloured)
{
        const json_t *versions = json_object_get(driver, "versions");
        const json_t *details = json_object_get(driver, "version_details");
        const char *selected = json_text(driver, "selected"), *active = json_text(driver, "active");

        for (size_t i = 0; i < json_array_size(versions); i++) {
                const char *version = json_item_text(versions, i);
                bool is_selected = strcmp(version, selected) == 0, is_active = strcmp(version, active) == 0;

                print_format(i == 0 ? "Versions" : "", coloured, COLOUR_STRONG, "%s%s%s%s%s", version,
                                is_selected || is_active ? "  (" : "", is_selected ? "selected" : "",
                                is_selected && is_active ? ", active"
                                : is_active              ? "active"
                                                         : "",
                                is_selected || is_active ? ")" : "");
                print_details(json_object_get(details, version));
        }
}

static void print_kernels(const json_t *driver)
{
        json_t *kernels = json_object_get(driver, "selected_by_kernel");
        const char *kernel, *label = "Kernels";
        json_t *version;

        json_object_foreach(kernels, kernel, version)
        {
                const char *text = json_string_value(version);

                print_format(label, false, COLOUR_NONE, "%s: %s", kernel, text && *text ? text : "none");
                label = "";
        }
}

/* A sentence behind what has been printed up to COLUMN, broken between words where the terminal would break
 * it anywhere. */
static void print_wrapped(const char *escaped, size_t column, size_t columns)
{
        size_t used = column;

        for (const char *word = escaped; *word;) {
                size_t length = strcspn(word, " ");
                char *copy CLEANUP_FREE = strndup(word, length);
                size_t width = copy ? text_width(copy) : length;

                if (columns > 0 && used > LABEL_CELLS + 2 && used + 1 + width > columns) {
                        (void) printf("\n%*s", LABEL_CELLS + 2, "");
                        used = LABEL_CELLS + 2;
                } else if (word != escaped) {
                        (void) putchar(' ');
                        used++;
                }
                (void) fwrite(word, 1, length, stdout);
                used += width;
                word += length;
                word += *word == ' ';
        }
        (void) putchar('\n');
}

static void print_problems(const json_t *driver, bool coloured, size_t columns)
{
        const json_t *problems = json_object_get(driver, "problems");

        for (size_t i = 0; i < json_array_size(problems); i++) {
                const json_t *problem = json_array_get(problems, i);
                char *code CLEANUP_FREE = text_escape(json_text(problem, "code"));
                char *sentence CLEANUP_FREE = text_escape(json_text(problem, "sentence"));
                char *severity CLEANUP_FREE = text_escape(json_text(problem, "severity"));
                Colour colour = colour_of_severity(json_text(problem, "severity"));

                if (!code || !sentence || !severity)
                        continue;
                (void) printf("%*s%s %s%s: %s:%s ", LABEL_CELLS, i == 0 ? "Problems" : "",
                                i == 0 ? ":" : " ", colour_begin(coloured, colour), severity, code,
                                colour_end(coloured, colour));
                print_wrapped(sentence,
                                LABEL_CELLS + strlen("  : : ") + text_width(severity) + text_width(code),
                                columns);
        }
}

static void print_driver(const json_t *driver, const Terminal *terminal, size_t columns)
{
        const char *description = json_text(driver, "description"), *type = json_text(driver, "type");
        char *name CLEANUP_FREE = text_escape(json_text(driver, "name"));
        char *title CLEANUP_FREE = text_escape(description);
        bool coloured = terminal->output_colour;

        (void) printf("%s%s%s%s%s\n", colour_begin(coloured, COLOUR_STRONG), name ? name : "?",
                        colour_end(coloured, COLOUR_STRONG), *description ? " - " : "", title ? title : "");
        print_line("UUID", json_text(driver, "uuid"), false, COLOUR_NONE);
        print_line("Package", json_text(driver, "package"), false, COLOUR_NONE);
        if (*type)
                print_line("Type", type, false, COLOUR_NONE);
        print_state(driver, coloured);
        print_kernels(driver);
        print_line("Policy", json_text(driver, "policy"), false, COLOUR_NONE);
        print_problems(driver, coloured, columns);
        print_versions(driver, coloured);
}

int verb_show(Client *client, char **arguments, size_t count)
{
        size_t columns = client->options.given & OPTION_FULL ? 0 : client->terminal.columns;
        json_t *drivers CLEANUP_JSON = json_array();
        int status = STATUS_DONE;

        /* One that isn't there doesn't keep the others from being shown. */
        for (size_t i = 0; i < count; i++) {
                char *path CLEANUP_FREE = NULL;
                json_t *driver = NULL;
                int r = bus_find_driver(client, arguments[i], &path);

                if (r == 0)
                        r = bus_get_properties(client, path, DRIVER_INTERFACE, &driver);
                if (r != 0) {
                        status = r;
                        continue;
                }
                if (json_object_set_new(driver, "path", json_string(path)) < 0 ||
                                json_array_append_new(drivers, driver) < 0)
                        return bus_fail_message(-ENOMEM);
        }
        if (json_array_size(drivers) == 0)
                return status;
        if (client->options.json != JSON_OFF) {
                int r = json_print(&client->options, json_pack("{sO}", "drivers", drivers));

                return r ? r : status;
        }
        if (client->use_pager)
                pager_open(&client->pager);
        for (size_t i = 0; i < json_array_size(drivers); i++) {
                if (i > 0)
                        (void) putchar('\n');
                print_driver(json_array_get(drivers, i), &client->terminal, columns);
        }
        return status;
}
