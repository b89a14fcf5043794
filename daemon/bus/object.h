/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What is on the bus: one constant implementation for each kind of object. */
#pragma once

#include <systemd/sd-bus.h>

#include "bus/property.h"

#define BUS_NAME "org.hostdriver1"
#define MANAGER_PATH "/org/hostdriver1"
#define MANAGER_INTERFACE "org.hostdriver1.Manager"
#define DRIVER_PREFIX "/org/hostdriver1/driver"
#define DRIVER_INTERFACE "org.hostdriver1.Driver"
#define JOB_PREFIX "/org/hostdriver1/job"
#define JOB_INTERFACE "org.hostdriver1.Job"

typedef struct Service Service;

/* For the vtables: every method may be called by anybody, and those that change something ask polkit. */
#define ANYBODY SD_BUS_VTABLE_UNPRIVILEGED

/* Objects below a prefix cost nothing each: they are found when they are asked for. */
typedef struct ObjectKind {
        const char *path; /* of the object, or the prefix of all of them */
        const char *interface;
        const sd_bus_vtable *vtable;
        const PropertyTable *properties; /* that the vtable has */
        sd_bus_object_find_t find;       /* NULL: one object, whose handlers get the Service */
        sd_bus_node_enumerator_t enumerate;
        /* Sees each call below the prefix before sd-bus does: what FIND says of an object that isn't there,
         * sd-bus forgets if it doesn't know the interface or property, and says EIO. NULL: sees none. */
        sd_bus_message_handler_t refuse_unknown;
} ObjectKind;

extern const ObjectKind manager_object; /* handlers get the Service */
extern const ObjectKind driver_object;  /* a DriverEntry */
extern const ObjectKind job_object;     /* a JobEntry */

/* The service, for handlers that get something else: while sd-bus calls one, on BUS. */
Service *object_service(sd_bus *bus) NONNULL(1);

/* Publishes all kinds and the object manager. They stay until BUS is closed. */
int objects_publish(sd_bus *bus, Service *service) WARN_UNUSED NONNULL(1, 2);
