/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A driver without the vendor's note and without a version of its own: its source text is the same in both
 * versions, so that only the build-id tells them apart. */
#include <linux/init.h>
#include <linux/module.h>

static int __init hdplain_init(void)
{
        pr_info("hdplain: loaded build %d\n", SAMPLE_MAJOR);
        return 0;
}

static void __exit hdplain_exit(void)
{
}

module_init(hdplain_init);
module_exit(hdplain_exit);
MODULE_DESCRIPTION("hostdriver sample: no note, a build-id only");
MODULE_LICENSE("GPL");
