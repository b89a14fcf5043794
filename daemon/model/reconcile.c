/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* removed = remembered − found, added = found − remembered, updated = both. All three or none. */

#include "model/reconcile.h"

#include <errno.h>

int reconcile(const StringSet *remembered, const StringSet *found, Reconciliation *ret)
{
        Reconciliation result CLEANUP(reconciliation_done) = { 0 };

        if (string_set_difference(remembered, found, &result.removed) < 0 ||
                        string_set_difference(found, remembered, &result.added) < 0 ||
                        string_set_intersection(remembered, found, &result.updated) < 0)
                return -ENOMEM;
        *ret = result;
        result = (Reconciliation){ 0 };
        return 0;
}

void reconciliation_done(Reconciliation *reconciliation)
{
        string_set_done(&reconciliation->removed);
        string_set_done(&reconciliation->added);
        string_set_done(&reconciliation->updated);
}
