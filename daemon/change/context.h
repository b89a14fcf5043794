/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What all parts of a change work with: the host, what is known of it, and what is remembered. A value that
 * owns nothing. */
#pragma once

#include <systemd/sd-event.h>

#include "change/plan/plan.h"
#include "host/config.h"
#include "store/store.h"

/* What the changer needs from its owner. */
typedef struct ChangerHost {
        /* The facts as last read; borrowed, valid until the next call of `refresh`. */
        const Facts *(*facts)(void *userdata);
        /* The driver value of a canonical name, or NULL. Borrowed likewise. */
        const Driver *(*driver)(void *userdata, const char *name);
        /* The disk or the index has changed: read the facts anew, now. */
        void (*refresh)(void *userdata);
        /* What a new initramfs holds: keep it with the facts. */
        void (*image)(void *userdata, InitramfsImage *image);
        void *userdata;
} ChangerHost;

struct ChangeContext {
        sd_event *event;
        const HostRoot *root;
        const Config *config;
        Store *store;
        ChangerHost host;
};

/* What the owner knows; see ChangerHost. */
const Facts *context_facts(const ChangeContext *context) NONNULL(1);
const Driver *context_driver(const ChangeContext *context, const char *name) NONNULL(1, 2);
void context_refresh(const ChangeContext *context) NONNULL(1);

/* The catalogue's file that a change leaves a module with; NULL if none. Borrowed. */
const CatalogueFile *change_file(const Facts *facts, const PlanChange *change) NONNULL(1, 2);

/* The version that a change selects of its module, by the facts as last read; NULL if none, or none that is
 * known. Borrowed. */
const DriverVersion *change_version(const ChangeContext *context, const PlanChange *change) NONNULL(1, 2);
