/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Removals whose owner is asked for. For the changer's own files. */
#pragma once

#include "change/changer-internal.h"

/* Ends all that is asked, since the service does: their callers are told so. */
void changer_remove_stop(Changer *changer) NONNULL(1);

/* Kills what asks. Nobody is told. */
void changer_remove_free(Changer *changer) NONNULL(1);
