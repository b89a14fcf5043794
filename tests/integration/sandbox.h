/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* An own mount namespace in which polkit's and NSS's files are the test's. The machine's stay as they are.
 */
#pragma once

#include <sys/types.h>

#include "util/macros.h"

/* Users and groups that exist only in the sandbox. */
#define SANDBOX_OPERATOR "hostdriver-test-operator" /* member of the group below */
#define SANDBOX_OPERATOR_UID 64901
#define SANDBOX_PASSWORD "sesame"                   /* of that user */
#define SANDBOX_STRANGER "hostdriver-test-stranger" /* of no group that matters */
#define SANDBOX_STRANGER_UID 64902
#define SANDBOX_OPERATORS "hostdriver-operators"
#define SANDBOX_OPERATORS_GID 64903

/* Enters the sandbox for the rest of the process; its children live in it too. Call once, before anything
 * has a thread. NULL, or the reason why it can't be entered, for g_test_skip(). Static. */
const char *sandbox_enter(void);

/* Makes TEXT the one rules file that polkit reads; NULL for none. Before polkitd is started. */
void sandbox_set_rules(const char *text);

/* Takes the sandbox's files away; the namespace goes with the process. */
void sandbox_leave(void);
