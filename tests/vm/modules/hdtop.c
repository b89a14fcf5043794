/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The upper half of a package of two modules: loads only over the hdbase that it was built with. */
#include <linux/elfnote.h>
#include <linux/init.h>
#include <linux/module.h>

#include "hdpair.h"

ELFNOTE64("XenServer", 1, SAMPLE_VERSION);

static int __init hdtop_init(void)
{
        struct hdpair_request request = { .question = 21 };

        pr_info("hdtop: " SAMPLE_VERSION " got %d\n", hdpair_answer(&request));
        return 0;
}

static void __exit hdtop_exit(void)
{
}

module_init(hdtop_init);
module_exit(hdtop_exit);
MODULE_DESCRIPTION("hostdriver sample: the upper of two modules");
MODULE_VERSION(SAMPLE_VERSION);
MODULE_LICENSE("GPL");
