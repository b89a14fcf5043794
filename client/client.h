/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What every verb gets: the options, the terminal and the connection. It holds nothing of one verb alone. */
#pragma once

#include "connection.h"
#include "options.h"
#include "pager.h"
#include "polkit-agent.h"
#include "terminal.h"

typedef struct Client {
        Options options;
        Terminal terminal;
        Connection connection;     /* none for verbs that need none */
        const char *needs_service; /* the verb's name, if it is of no use without one */
        PolkitAgent agent;
        Pager pager;
        bool use_pager; /* the verb's output may go through one */
} Client;
