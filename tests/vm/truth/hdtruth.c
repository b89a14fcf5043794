/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A module without a device, in variants that need what a kernel has, may have or doesn't have: the
 * preflight says whether it loads, and then the kernel does. */
#include <linux/init.h>
#include <linux/ktime.h>
#include <linux/module.h>

#include "hdpair.h"

#if defined(TRUTH_NOWHERE)
int hdtruth_nowhere(void);
#elif defined(TRUTH_WEAK)
int __attribute__((weak)) hdtruth_nowhere(void);
#endif

static int hdtruth_ask(void)
{
#if defined(TRUTH_NOWHERE)
        return hdtruth_nowhere();
#elif defined(TRUTH_WEAK)
        return hdtruth_nowhere ? hdtruth_nowhere() : 0;
#elif defined(TRUTH_DEPENDENT)
        struct hdpair_request request = { .question = 21 };

        return hdpair_answer(&request);
#else
        return 0;
#endif
}

static int __init hdtruth_init(void)
{
        /* Exported to modules under the GPL alone. */
        pr_info("hdtruth: %d after %lld ns\n", hdtruth_ask(), ktime_to_ns(ktime_get()));
        return 0;
}

static void __exit hdtruth_exit(void)
{
}

module_init(hdtruth_init);
module_exit(hdtruth_exit);
MODULE_DESCRIPTION("hostdriver sample: what the preflight is held against");
MODULE_LICENSE("GPL");
