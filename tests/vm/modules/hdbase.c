/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The lower half of a package of two modules: exports the symbol that hdtop uses. */
#include <linux/elfnote.h>
#include <linux/init.h>
#include <linux/module.h>

#include "hdpair.h"

ELFNOTE64("XenServer", 1, SAMPLE_VERSION);

int hdpair_answer(const struct hdpair_request *request)
{
        return request->question * SAMPLE_MAJOR;
}
EXPORT_SYMBOL(hdpair_answer);

static int __init hdbase_init(void)
{
        return 0;
}

static void __exit hdbase_exit(void)
{
}

module_init(hdbase_init);
module_exit(hdbase_exit);
MODULE_DESCRIPTION("hostdriver sample: the lower of two modules");
MODULE_VERSION(SAMPLE_VERSION);
MODULE_LICENSE("GPL");
