/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The least that an sd-bus service can be, as a baseline for memory: an event loop, a name, one property. */

#include <stdlib.h>
#include <systemd/sd-bus.h>
#include <systemd/sd-event.h>

static const sd_bus_vtable vtable[] = {
        SD_BUS_VTABLE_START(0), SD_BUS_PROPERTY("Number", "u", NULL, 0, SD_BUS_VTABLE_PROPERTY_CONST),
                        SD_BUS_VTABLE_END,
};

int main(void)
{
        static uint32_t number = 1;
        sd_event *event = NULL;
        sd_bus *bus = NULL;

        if (sd_event_new(&event) < 0 || sd_bus_open_system(&bus) < 0 ||
                        sd_bus_attach_event(bus, event, SD_EVENT_PRIORITY_NORMAL) < 0 ||
                        sd_bus_add_object_vtable(
                                        bus, NULL, "/bare", "org.hostdriver1.Bare", vtable, &number) < 0 ||
                        sd_bus_request_name(bus, "org.hostdriver1.Bare", 0) < 0)
                return EXIT_FAILURE;
        return sd_event_loop(event) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
