/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The calls of Import that have no reply yet, since their files are read. */
#pragma once

#include "bus/service.h"

/* Forgets all of them, once the changer is gone; they get no reply. */
void import_calls_free(Service *service) NONNULL(1);
