/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Why(): reads the candidates for a module's name now, and lets the model explain them. */

#include <errno.h>

#include "bus/driver-methods.h"
#include "bus/error.h"
#include "bus/service.h"
#include "bus/text.h"
#include "model/why.h"

static int append_entry(sd_bus_message *reply, const WhyEntry *entry)
{
        int effective = entry->effective, r;

        r = sd_bus_message_open_container(reply, 'r', "ssbs");
        if (r < 0)
                return r;
        r = text_append(reply, entry->path);
        if (r < 0)
                return r;
        r = text_append(reply, entry->version);
        if (r < 0)
                return r;
        r = sd_bus_message_append_basic(reply, 'b', &effective);
        if (r < 0)
                return r;
        r = text_append(reply, entry->reason);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

static int explain(const Service *service, const DriverEntry *entry, WhyList *ret)
{
        CandidateList candidates CLEANUP_CANDIDATE_LIST = { 0 };
        DepmodConfig config CLEANUP_DEPMOD_CONFIG = { 0 };
        const Facts *facts = service->registry->facts;
        const HostRoot *root = service->root;
        int r;

        r = depmod_config_read(root, facts->kernel, &config);
        if (r < 0)
                return r;
        r = candidates_read(root, facts->kernel, entry->name, &config, &candidates);
        if (r < 0)
                return r;
        r = why_derive(facts, entry->value, facts->kernel, &config, &candidates, ret);
        /* A kernel without a module directory has no candidates. */
        return r == -ENOENT ? 0 : r;
}

int driver_why(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        sd_bus_message *reply CLEANUP(sd_bus_message_unrefp) = NULL;
        WhyList list CLEANUP_WHY_LIST = { 0 };
        int r;

        r = explain(object_service(sd_bus_message_get_bus(message)), userdata, &list);
        if (r < 0)
                return error_from_errno(error, r, "Looking for the candidates");
        r = sd_bus_message_new_method_return(message, &reply);
        if (r < 0)
                return r;
        r = sd_bus_message_open_container(reply, 'a', "(ssbs)");
        for (size_t i = 0; r >= 0 && i < list.count; i++)
                r = append_entry(reply, &list.items[i]);
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        return r < 0 ? r : sd_bus_message_send(reply);
}
