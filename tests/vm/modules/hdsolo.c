/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A driver of one module, with the vendor's note. Version 3 is broken: its init fails. */
#include <linux/elfnote.h>
#include <linux/init.h>
#include <linux/module.h>

ELFNOTE64("XenServer", 1, SAMPLE_VERSION);

static int __init hdsolo_init(void)
{
        if (SAMPLE_MAJOR >= 3) {
                pr_err("hdsolo: " SAMPLE_VERSION " is broken\n");
                return -EIO;
        }
        pr_info("hdsolo: loaded " SAMPLE_VERSION "\n");
        return 0;
}

static void __exit hdsolo_exit(void)
{
        pr_info("hdsolo: unloaded " SAMPLE_VERSION "\n");
}

module_init(hdsolo_init);
module_exit(hdsolo_exit);
MODULE_ALIAS("platform:hdsolo");
MODULE_DESCRIPTION("hostdriver sample: one module, with a note");
MODULE_VERSION(SAMPLE_VERSION);
MODULE_LICENSE("GPL");
