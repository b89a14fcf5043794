/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Connects and calls. */

#include "bus.h"

#include <errno.h>
#include <string.h>

#include "error.h"
#include "json.h"

/* A person looks for a password; depmod may hold the service up. µs. */
#define AUTHORIZED_TIMEOUT_US (UINT64_C(300) * 1000000)

int bus_fail_message(int error)
{
        if (error == -ENOMEM)
                return fail_errno(error, "Can't talk to the service hostdriverd");
        return fail(STATUS_FAILED,
                        "The service hostdriverd speaks another version of the protocol (%s). Restart it "
                        "with "
                        "\"systemctl restart hostdriverd\", or install the matching hostdriverctl.",
                        strerror(-error));
}

/* ssh runs beside us, so that what it can't do shows with the first call at the latest. */
static int fail_call(const Client *client, const sd_bus_error *error, int number)
{
        if (client->connection.daemon > 0 && bus_is_lost(number))
                return fail(STATUS_FAILED, "%s", CONNECTION_DAEMON_LOST);
        if (!client->options.host || !bus_is_lost(number))
                return fail_bus(error, number);
        return fail(STATUS_FAILED,
                        "The connection to the host \"%s\" was lost, or never came about. If ssh doesn't say "
                        "why: the host needs a system bus and systemd-stdio-bridge(1).",
                        client->options.host);
}

static int connect_here(Client *client)
{
        const ConnectionWish wish = { .root = client->options.root };
        ConnectionFailure failure = { 0 };
        int r = connection_open(&wish, &client->connection, &failure);

        if (r >= 0)
                return client->connection.daemon > 0 && client->needs_service
                                       ? fail(STATUS_FAILED,
                                                         "%s needs the service hostdriverd, and none runs for this "
                                                         "root.",
                                                         client->needs_service)
                                       : 0;
        (void) fail(failure.error == EPERM ? STATUS_NOT_AUTHORIZED : STATUS_FAILED, "%s",
                        failure.sentence ? failure.sentence : strerror(ENOMEM));
        free(failure.sentence);
        return failure.error == EPERM ? STATUS_NOT_AUTHORIZED : STATUS_FAILED;
}

int bus_connect(Client *client)
{
        const Options *options = &client->options;
        int r;

        if (client->connection.bus)
                return 0;
        if (options->host) {
                r = sd_bus_open_system_remote(&client->connection.bus, options->host);
                if (bus_is_lost(r))
                        return fail_call(client, &SD_BUS_ERROR_NULL, r);
                if (r < 0)
                        return fail(STATUS_FAILED, "Can't connect to the host \"%s\": %s. Try \"ssh %s\".",
                                        options->host, strerror(-r), options->host);
        } else if (options->machine) {
                r = sd_bus_open_system_machine(&client->connection.bus, options->machine);
                if (r < 0)
                        return fail(STATUS_FAILED,
                                        "Can't connect to the container \"%s\": %s. \"machinectl\" lists "
                                        "those that "
                                        "run.",
                                        options->machine, strerror(-r));
        } else {
                return connect_here(client);
        }
        return 0;
}

int bus_message_new(Client *client, const char *path, const char *interface, const char *member,
                sd_bus_message **ret)
{
        int r = bus_connect(client);

        if (r != 0)
                return r;
        r = sd_bus_message_new_method_call(
                        client->connection.bus, ret, SERVICE_NAME, path, interface, member);
        return r < 0 ? bus_fail_message(r) : 0;
}

int bus_call(Client *client, sd_bus_message *message, sd_bus_message **ret_reply)
{
        sd_bus_error error CLEANUP(sd_bus_error_free) = SD_BUS_ERROR_NULL;
        int r = sd_bus_call(client->connection.bus, message, 0, &error, ret_reply);

        return r < 0 ? fail_call(client, &error, r) : 0;
}

int bus_call_authorized(Client *client, sd_bus_message *message, sd_bus_message **ret_reply)
{
        sd_bus_error error CLEANUP(sd_bus_error_free) = SD_BUS_ERROR_NULL;
        const Options *options = &client->options;
        bool ask = !(options->given & OPTION_NO_ASK_PASSWORD);
        int r;

        /* An agent here can speak only for processes here. */
        if (ask && client->terminal.input && !options->host && !options->machine)
                polkit_agent_open(&client->agent);
        r = sd_bus_message_set_allow_interactive_authorization(message, ask);
        if (r < 0)
                return bus_fail_message(r);
        r = sd_bus_call(client->connection.bus, message, AUTHORIZED_TIMEOUT_US, &error, ret_reply);
        return r < 0 ? fail_call(client, &error, r) : 0;
}

int bus_call_manager(
                Client *client, const char *member, const char *a, const char *b, sd_bus_message **ret_reply)
{
        sd_bus_message *message CLEANUP(sd_bus_message_unrefp) = NULL;
        int r = bus_message_new(client, MANAGER_PATH, MANAGER_INTERFACE, member, &message);

        if (r != 0)
                return r;
        for (size_t i = 0; i < 2; i++) {
                const char *argument = i == 0 ? a : b;

                if (!argument)
                        continue;
                r = sd_bus_message_append_basic(message, 's', argument);
                if (r < 0)
                        return bus_fail_message(r);
        }
        return bus_call(client, message, ret_reply);
}

static int append_strings(sd_bus_message *message, const char *name, const char **strings)
{
        int r = sd_bus_message_open_container(message, SD_BUS_TYPE_DICT_ENTRY, "sv");

        if (r >= 0)
                r = sd_bus_message_append_basic(message, 's', name);
        if (r >= 0)
                r = sd_bus_message_open_container(message, SD_BUS_TYPE_VARIANT, "as");
        if (r >= 0)
                r = sd_bus_message_append_strv(message, (char **) strings);
        if (r >= 0)
                r = sd_bus_message_close_container(message);
        if (r >= 0)
                r = sd_bus_message_close_container(message);
        return r;
}

int bus_append_options(const Options *options, sd_bus_message *message)
{
        int r = sd_bus_message_open_container(message, SD_BUS_TYPE_ARRAY, "{sv}");

        if (r >= 0 && options->kernels)
                r = append_strings(message, "kernels", options->kernels);
        if (r >= 0 && options->ignore)
                r = append_strings(message, "ignore", options->ignore);
        if (r >= 0 && (options->given & OPTION_DRY_RUN))
                r = sd_bus_message_append(message, "{sv}", "dry-run", "b", 1);
        if (r >= 0 && options->package)
                r = sd_bus_message_append(message, "{sv}", "package", "s", options->package);
        if (r >= 0 && options->as_version)
                r = sd_bus_message_append(message, "{sv}", "version", "s", options->as_version);
        if (r >= 0)
                r = sd_bus_message_close_container(message);
        return r < 0 ? bus_fail_message(r) : 0;
}

int bus_call_objects(Client *client, sd_bus_message *message, json_t **ret)
{
        sd_bus_message *reply CLEANUP(sd_bus_message_unrefp) = NULL;
        int r = bus_call(client, message, &reply);

        if (r != 0)
                return r;
        r = json_read_objects(reply, ret);
        return r < 0 ? bus_fail_message(r) : 0;
}

int bus_find_driver(Client *client, const char *name, char **ret_path)
{
        sd_bus_message *reply CLEANUP(sd_bus_message_unrefp) = NULL;
        const char *path;
        int r = bus_call_manager(client, "GetDriver", name, NULL, &reply);

        if (r != 0)
                return r;
        r = sd_bus_message_read_basic(reply, 'o', &path);
        if (r < 0)
                return bus_fail_message(r);
        *ret_path = strdup(path);
        return *ret_path ? 0 : bus_fail_message(-ENOMEM);
}

int bus_get_properties(Client *client, const char *path, const char *interface, json_t **ret)
{
        sd_bus_message *message CLEANUP(sd_bus_message_unrefp) = NULL;
        sd_bus_message *reply CLEANUP(sd_bus_message_unrefp) = NULL;
        int r = bus_message_new(client, path, PROPERTIES_INTERFACE, "GetAll", &message);

        if (r != 0)
                return r;
        r = sd_bus_message_append_basic(message, 's', interface);
        if (r < 0)
                return bus_fail_message(r);
        r = bus_call(client, message, &reply);
        if (r != 0)
                return r;
        r = json_read_properties(reply, ret);
        return r < 0 ? bus_fail_message(r) : 0;
}

int bus_version_message_new(Client *client, const char *name, const char *member, const char *version,
                sd_bus_message **ret)
{
        char *path CLEANUP_FREE = NULL;
        int r = bus_find_driver(client, name, &path);

        if (r == 0)
                r = bus_message_new(client, path, DRIVER_INTERFACE, member, ret);
        if (r != 0)
                return r;
        r = sd_bus_message_append_basic(*ret, 's', version);
        return r < 0 ? bus_fail_message(r) : 0;
}
