/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What Select and Deselect of every object have in common: validate, authorize, change, reply with the job.
 */
#pragma once

#include "bus/options.h"
#include "bus/service.h"

/* Runs for TARGETS, all or nothing. To be called anew with each run of the handler; returns what the handler
 * is to return. The drivers must exist. */
int change_request(Service *service, sd_bus_message *message, const ChangeTarget *targets, size_t count,
                const Options *options, sd_bus_error *error) WARN_UNUSED NONNULL(1, 2, 3, 5, 6);

/* Refuses a version's name that can't be one, and the empty one, which would deselect: 0 or a negative errno
 * with ERROR set. */
int change_request_check_version(const char *driver, const char *version, sd_bus_error *error) WARN_UNUSED
                NONNULL(1, 2, 3);

/* Asks for all of DETAILS, with what OPTIONS say of errors to pass over and of kernel releases; the result
 * is that of authorization_check_all(). */
int change_request_authorize(Authorization *authorization, PolkitDetails *details, size_t count,
                const Options *options, sd_bus_error *error) WARN_UNUSED NONNULL(2, 4, 5);

/* Replies with the job's path, or "/" if JOB is NULL. */
int change_request_reply(sd_bus_message *message, const Job *job) WARN_UNUSED NONNULL(1);
