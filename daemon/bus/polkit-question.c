/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Questions to polkit and their answers. Nothing here waits, or remembers who asked. */

#include "bus/polkit-question.h"

#include <errno.h>
#include <string.h>

#include "bus/error.h"
#include "bus/object.h"

#define POLKIT_NAME "org.freedesktop.PolicyKit1"
#define POLKIT_PATH "/org/freedesktop/PolicyKit1/Authority"
#define POLKIT_INTERFACE "org.freedesktop.PolicyKit1.Authority"

/* CheckAuthorizationFlags of polkit's D-Bus API. */
#define POLKIT_ALLOW_USER_INTERACTION 1U

static const char *const question_keys[] = { "driver", "package", "version", "from" };

const char *polkit_action(const char *interface, const char *member, const char *kind)
{
        /* Every method that changes anything. What isn't here is refused: the table is closed. */
        static const struct {
                const char *interface, *member, *action;
                const char *kind; /* of the job, where that decides */
        } guards[] = {
                { MANAGER_INTERFACE, "Rescan", "org.hostdriver1.rescan" },
                { MANAGER_INTERFACE, "Select", "org.hostdriver1.select" },
                { MANAGER_INTERFACE, "Adopt", "org.hostdriver1.manage-versions" },
                { MANAGER_INTERFACE, "Unadopt", "org.hostdriver1.manage-versions" },
                { MANAGER_INTERFACE, "Import", "org.hostdriver1.manage-versions" },
                { DRIVER_INTERFACE, "Remove", "org.hostdriver1.manage-versions" },
                { MANAGER_INTERFACE, "KernelAdded", "org.hostdriver1.kernel-policy" },
                { MANAGER_INTERFACE, "KernelRemoved", "org.hostdriver1.kernel-policy" },
                { MANAGER_INTERFACE, "RebuildInitramfs", "org.hostdriver1.rebuild-initramfs" },
                { DRIVER_INTERFACE, "SetPolicy", "org.hostdriver1.kernel-policy" },
                { DRIVER_INTERFACE, "Select", "org.hostdriver1.select" },
                { DRIVER_INTERFACE, "Deselect", "org.hostdriver1.deselect" },
                /* To cancel is to go back, and needs the same leave. */
                { JOB_INTERFACE, "Cancel", "org.hostdriver1.select", "select" },
                { JOB_INTERFACE, "Cancel", "org.hostdriver1.select", "deselect" },
                { JOB_INTERFACE, "Cancel", "org.hostdriver1.select", "heal" },
                { JOB_INTERFACE, "Cancel", "org.hostdriver1.kernel-policy", "carry-over" },
                { JOB_INTERFACE, "Cancel", "org.hostdriver1.rebuild-initramfs", "initramfs" },
                { JOB_INTERFACE, "Cancel", "org.hostdriver1.manage-versions", "adopt" },
                { JOB_INTERFACE, "Cancel", "org.hostdriver1.manage-versions", "unadopt" },
                { JOB_INTERFACE, "Cancel", "org.hostdriver1.manage-versions", "import" },
                { JOB_INTERFACE, "Cancel", "org.hostdriver1.manage-versions", "remove" },
        };

        for (size_t i = 0; interface && member && i < ELEMENTSOF(guards); i++)
                if (strcmp(interface, guards[i].interface) == 0 && strcmp(member, guards[i].member) == 0 &&
                                (!guards[i].kind || (kind && strcmp(kind, guards[i].kind) == 0)))
                        return guards[i].action;
        return NULL;
}

int polkit_question_new(const char *action, const PolkitDetails *details, PolkitQuestion *ret)
{
        const char *const values[] = { details->driver, details->package, details->version, details->from };
        PolkitQuestion question CLEANUP(polkit_question_done) = { .action = action };

        for (size_t i = 0; i < ELEMENTSOF(values); i++)
                if (values[i]) {
                        question.details[i] = strdup(values[i]);
                        if (!question.details[i])
                                return -ENOMEM;
                }
        *ret = question;
        question = (PolkitQuestion){ 0 };
        return 0;
}

void polkit_question_done(PolkitQuestion *question)
{
        for (size_t i = 0; i < ELEMENTSOF(question->details); i++)
                free(question->details[i]);
        *question = (PolkitQuestion){ 0 };
}

bool polkit_question_equal(const PolkitQuestion *a, const PolkitQuestion *b)
{
        if (!a->action || !b->action || strcmp(a->action, b->action) != 0)
                return false;
        for (size_t i = 0; i < ELEMENTSOF(a->details); i++) {
                if (!a->details[i] != !b->details[i])
                        return false;
                if (a->details[i] && strcmp(a->details[i], b->details[i]) != 0)
                        return false;
        }
        return true;
}

int polkit_question_message(const PolkitQuestion *question, sd_bus_message *request,
                const char *cancellation_id, sd_bus_message **ret)
{
        bool interactive = sd_bus_message_get_allow_interactive_authorization(request) > 0;
        sd_bus_message *message CLEANUP(sd_bus_message_unrefp) = NULL;
        int r;

        r = sd_bus_message_new_method_call(sd_bus_message_get_bus(request), &message, POLKIT_NAME,
                        POLKIT_PATH, POLKIT_INTERFACE, "CheckAuthorization");
        if (r < 0)
                return r;
        r = sd_bus_message_append(message, "(sa{sv})s", "system-bus-name", 1, "name", "s",
                        sd_bus_message_get_sender(request), question->action);
        if (r < 0)
                return r;
        r = sd_bus_message_open_container(message, 'a', "{ss}");
        for (size_t i = 0; r >= 0 && i < ELEMENTSOF(question_keys); i++)
                if (question->details[i])
                        r = sd_bus_message_append(message, "{ss}", question_keys[i], question->details[i]);
        if (r < 0)
                return r;
        r = sd_bus_message_close_container(message);
        if (r < 0)
                return r;
        r = sd_bus_message_append(
                        message, "us", interactive ? POLKIT_ALLOW_USER_INTERACTION : 0U, cancellation_id);
        if (r < 0)
                return r;
        *ret = STEAL(message);
        return 0;
}

static int answer_failed(const sd_bus_error *failure, const PolkitQuestion *question, sd_bus_error *error)
{
        if (sd_bus_error_has_names(failure, SD_BUS_ERROR_SERVICE_UNKNOWN, SD_BUS_ERROR_NAME_HAS_NO_OWNER))
                return error_deny(error, "The action %s isn't authorized, since polkit isn't running here.",
                                question->action);
        if (sd_bus_error_has_names(
                            failure, SD_BUS_ERROR_NO_REPLY, SD_BUS_ERROR_TIMEOUT, "System.Error.ETIMEDOUT"))
                return error_deny(error,
                                "The action %s isn't authorized, since polkit didn't answer in time.",
                                question->action);
        return error_deny(error, "The action %s isn't authorized, since polkit failed: %s", question->action,
                        failure->message ?: failure->name);
}

int polkit_answer(
                sd_bus_message *reply, const PolkitQuestion *question, bool interactive, sd_bus_error *error)
{
        int authorized = false, challenge = false, r;

        if (sd_bus_message_is_method_error(reply, NULL) > 0)
                return answer_failed(sd_bus_message_get_error(reply), question, error);
        r = sd_bus_message_enter_container(reply, 'r', "bba{ss}");
        if (r > 0)
                r = sd_bus_message_read(reply, "bb", &authorized, &challenge);
        if (r <= 0)
                return error_deny(error,
                                "The action %s isn't authorized, since polkit's answer makes no sense.",
                                question->action);
        if (authorized)
                return 1;
        if (challenge && !interactive)
                return error_interaction_required(error, question->action);
        return error_deny(error, "You are not authorized for the action %s%s%s.", question->action,
                        question->details[0] ? " on the driver " : "", question->details[0] ?: "");
}
