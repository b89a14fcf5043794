/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Registers the kinds of objects with sd-bus. */

#include "bus/object.h"

static int publish(sd_bus *bus, const ObjectKind *kind, Service *service)
{
        int r;

        if (!kind->find)
                return sd_bus_add_object_vtable(
                                bus, NULL, kind->path, kind->interface, kind->vtable, service);
        r = kind->refuse_unknown ? sd_bus_add_fallback(bus, NULL, kind->path, kind->refuse_unknown, service)
                                 : 0;
        if (r < 0)
                return r;
        r = sd_bus_add_fallback_vtable(
                        bus, NULL, kind->path, kind->interface, kind->vtable, kind->find, service);
        if (r < 0)
                return r;
        return sd_bus_add_node_enumerator(bus, NULL, kind->path, kind->enumerate, service);
}

/* publish() has given it to each vtable, and find() what the handlers get. */
Service *object_service(sd_bus *bus)
{
        return sd_bus_slot_get_userdata(sd_bus_get_current_slot(bus));
}

int objects_publish(sd_bus *bus, Service *service)
{
        static const ObjectKind *const kinds[] = { &manager_object, &driver_object, &job_object };
        int r;

        for (size_t i = 0; i < ELEMENTSOF(kinds); i++) {
                r = publish(bus, kinds[i], service);
                if (r < 0)
                        return r;
        }
        return sd_bus_add_object_manager(bus, NULL, MANAGER_PATH);
}
