/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Has each part say what it changes, and adds what follows from that. */

#include "change/parts/describe.h"

#include "change/parts/parts.h"

static int describe_parts(const Plan *plan, PartPhase phase, PlanText *text)
{
        const void *item;
        int r = 0;

        for (size_t i = 0; i < PART_COUNT; i++)
                if (parts[i]->describe[phase])
                        for (size_t j = 0; r >= 0 && (item = part_item(parts[i], plan, j)); j++)
                                r = parts[i]->describe[phase](plan, item, text);
        return r;
}

int plan_describe(const Plan *plan, const StringSet *images, PlanText *ret)
{
        PlanText text CLEANUP_PLAN_TEXT = { 0 };
        StringSet releases CLEANUP_STRING_SET = { 0 };
        int r = describe_parts(plan, PART_PLACE, &text);

        if (r >= 0 && plan->renews)
                r = plan_say(&text,
                                "Write hostdriver's files in /etc/depmod.d and /etc/modprobe.d anew, without "
                                "what was edited in them.");
        if (r >= 0)
                r = describe_parts(plan, PART_TAKE, &text);
        if (r >= 0 && !plan->operation->release_goes)
                r = plan_releases(plan, &releases);
        for (size_t i = 0; r >= 0 && i < releases.count; i++)
                r = plan_say(&text, "Run depmod for kernel release %s.", releases.items[i]);
        for (size_t i = 0; r >= 0 && i < images->count; i++)
                r = plan_say(&text, "Rebuild the initramfs %s.", images->items[i]);
        if (r < 0)
                return r;
        *ret = text;
        text = (PlanText){ 0 };
        return 0;
}
