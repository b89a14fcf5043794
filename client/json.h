/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What came over the bus as JSON values: what the tables are made from and what --json prints. */
#pragma once

#include <jansson.h>
#include <systemd/sd-bus.h>

#include "options.h"

/* The number in every object that is printed. It changes only if something is taken away or gets another
 * meaning; what is new comes beside the old. */
#define JSON_SCHEMA 1

#define CLEANUP_JSON CLEANUP(json_decrefp)

/* Reads one complete value of any type: structures become arrays, and dictionaries with keys that are
 * strings become objects; the names in an a{sv} are spelled in lower case with underscores. 1 with *ret, 0
 * at the end of a container, or a negative errno. */
int json_read_value(sd_bus_message *message, json_t **ret) WARN_UNUSED NONNULL(1, 2);

/* Reads an a{sv} of properties: "RebootRequired" becomes "reboot_required"; structures that are known
 * ("Problems", "Versions" of a job) become objects. 0, or a negative errno. */
int json_read_properties(sd_bus_message *message, json_t **ret) WARN_UNUSED NONNULL(1, 2);

/* Reads an object's a{sa{sv}}, and of that the properties of one interface. 1 with *ret, 0 if the object
 * doesn't have it, or a negative errno. */
int json_read_interface(sd_bus_message *message, const char *interface, json_t **ret) WARN_UNUSED
                NONNULL(1, 2, 3);

/* Reads an array of structures as an array of objects with these NULL-terminated names. 0, or a negative
 * errno.
 */
int json_read_rows(sd_bus_message *message, const char *const *names, json_t **ret) WARN_UNUSED
                NONNULL(1, 2, 3);

/* The same for an array of arrays. */
int json_name_rows(json_t *rows, const char *const *names, json_t **ret) WARN_UNUSED NONNULL(2, 3);

/* Reads an aa{sv}. 0, or a negative errno. */
int json_read_objects(sd_bus_message *message, json_t **ret) WARN_UNUSED NONNULL(1, 2);

/* A member of an object; "" or false if it isn't there or of another type. Borrowed. */
const char *json_text(const json_t *object, const char *key) NONNULL(2);
/* The same for an item of an array. */
const char *json_item_text(const json_t *array, size_t index);
bool json_flag(const json_t *object, const char *key) NONNULL(2);

/* Prints a document: "schema", and MEMBERS, which is taken (NULL: no memory). What could steer a terminal is
 * escaped as JSON does it. Returns an ExitStatus. */
int json_print(const Options *options, json_t *members_taken) WARN_UNUSED NONNULL(1);

/* The names of a problem's parts, for json_read_rows(). */
extern const char *const problem_names[];
