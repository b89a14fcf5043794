/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The pager between stdout and the terminal, with the conventions of systemctl. It decides nothing about
 * what is printed. */
#pragma once

#include <sys/types.h>

#include "util/macros.h"

typedef struct Pager {
        pid_t process; /* 0: none */
} Pager;

/* Starts $SYSTEMD_PAGER, else $PAGER, else less, and puts it behind stdout; an empty value or "cat" means no
 * pager. Where the user of the session isn't the one that the program runs as (sudo), or
 * $SYSTEMD_PAGERSECURE says so, only less in its secure mode is run. No pager is no error: stdout stays. */
void pager_open(Pager *pager) NONNULL(1);

/* Ends the output and waits until the user has closed the pager. */
void pager_close(Pager *pager) NONNULL(1);
