/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What every verb gets: the options, the terminal and the connection. It holds nothing of one verb alone. */
#pragma once

#include <systemd/sd-bus.h>

#include "options.h"
#include "pager.h"
#include "polkit-agent.h"
#include "terminal.h"

typedef struct Client {
        Options options;
        Terminal terminal;
        sd_bus *bus; /* NULL for verbs that need none */
        PolkitAgent agent;
        Pager pager;
        bool use_pager; /* the verb's output may go through one */
} Client;
