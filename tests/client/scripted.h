/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A service with fixed answers, to test what hostdriverctl prints. It shares no code with hostdriverd, so
 * that an error in one doesn't hide in the other. */
#pragma once

#include <systemd/sd-bus.h>

#define MANAGER_PATH "/org/hostdriver1"
#define MANAGER_INTERFACE "org.hostdriver1.Manager"
#define DRIVER_PREFIX MANAGER_PATH "/driver"
#define DRIVER_INTERFACE "org.hostdriver1.Driver"
/* Elsewhere, so that the object manager doesn't list it. */
#define HOSTILE_PATH "/org/hostile"
#define JOB_PREFIX MANAGER_PATH "/job"
#define JOB_INTERFACE "org.hostdriver1.Job"

/* Adds the objects beneath DRIVER_PREFIX. */
int scripted_drivers_add(sd_bus *bus);

/* 1 and the path, which the caller frees; 0 if there is no such driver. */
int scripted_driver_find(const char *name, char **ret_path);

/* Adds the driver "hostile", which isn't listed: values of wrong types, and control characters wherever text
 * is allowed. */
int scripted_hostile_add(sd_bus *bus);

/* Appends the array of Manager.ListVersions. */
int scripted_drivers_append(sd_bus_message *reply);

/* Adds the objects beneath JOB_PREFIX. */
int scripted_jobs_add(sd_bus *bus);

/* Plays the job that VERSION names, see scripted-job.c, and replies to MESSAGE. */
int scripted_job_play(sd_bus_message *message, const char *driver, const char *version, sd_bus_error *error);

/* Reads an a{sv} of options that has no other names than those in KNOWN, and tells the test of each. */
int scripted_options_read(sd_bus_message *message, const char *known, sd_bus_error *error);

/* If TEXT is "error:NAME", sets that error and returns a negative errno. */
int scripted_error(const char *text, sd_bus_error *error);

/* Makes "kernel-removed random:SEED" and "signals:SEED" begin answers by chance. */
int scripted_random_add(sd_bus *bus);

/* Tells the test what was asked, a line on stdout. */
void scripted_tell(const char *format, ...) __attribute__((format(printf, 1, 2)));
