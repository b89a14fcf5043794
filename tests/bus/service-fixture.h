/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The whole service in this process, on a sample host and a private bus with a scripted polkit. */
#pragma once

#include "bus/wiring.h"
#include "private-bus.h"
#include "sample-root.h"
#include "scripted-polkit.h"

typedef struct ServiceFixture {
        SampleRoot sample;
        PrivateBus private_bus;
        GDBusConnection *authority_connection;
        ScriptedPolkit authority; /* says yes */
        Service *service;
        unsigned subscription;
        GPtrArray *events; /* of strings: see service_fixture_take_events() */
} ServiceFixture;

/* For g_test_add(). The sample host is XenServer's; the service runs. */
void service_fixture_set_up(ServiceFixture *fixture, gconstpointer data) NONNULL(1);
void service_fixture_tear_down(ServiceFixture *fixture, gconstpointer data) NONNULL(1);

/* Ends the service and starts it anew on the same root. */
void service_fixture_stop(ServiceFixture *fixture) NONNULL(1);
void service_fixture_start(ServiceFixture *fixture) NONNULL(1);

/* Calls a method that must succeed; the caller unrefs the reply. */
GVariant *service_fixture_call(ServiceFixture *fixture, const char *path, const char *interface,
                const char *method, GVariant *parameters) NONNULL(1, 2, 3, 4);
/* Calls one that must fail with an error whose name ends with NAME. The caller frees the error's text. */
char *service_fixture_call_fails(ServiceFixture *fixture, const char *path, const char *interface,
                const char *method, GVariant *parameters, const char *name) NONNULL(1, 2, 3, 4, 6);

/* What an object says of itself, as XML. The caller frees it. */
char *service_fixture_introspect(ServiceFixture *fixture, const char *path) NONNULL(1, 2);
/* The same of a job, for which versions of "ice" are selected until one is asked before it has ended. The
 * caller frees the path, too. */
char *service_fixture_introspect_job(ServiceFixture *fixture, char **ret_path) NONNULL(1, 2);

/* A property as text, in GVariant's format. The caller frees it. */
char *service_fixture_property(ServiceFixture *fixture, const char *path, const char *interface,
                const char *property) NONNULL(1, 2, 3, 4);

/* The service's signals since the last call, one a line: "PATH MEMBER" with, for PropertiesChanged, the
 * changed properties by name and "NAME!" for invalidated ones; for InterfacesAdded and -Removed, the object.
 * All that was sent before this call is in it. The caller frees it. */
char *service_fixture_take_events(ServiceFixture *fixture) NONNULL(1);

/* Ends the test unless they are as EXPECTED. */
void service_fixture_check_property(ServiceFixture *fixture, const char *path, const char *interface,
                const char *property, const char *expected) NONNULL(1, 2, 3, 4, 5);
void service_fixture_check_events(ServiceFixture *fixture, const char *expected) NONNULL(1, 2);

/* Runs until no job is left. */
void service_fixture_finish_jobs(ServiceFixture *fixture) NONNULL(1);
