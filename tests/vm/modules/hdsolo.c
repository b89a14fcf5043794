/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A driver of one module for a real device, QEMU's "edu" PCI card, with the vendor's note. udev loads it by
 * the card's alias. Version 3 is broken: its init fails. */
#include <linux/elfnote.h>
#include <linux/module.h>
#include <linux/pci.h>

ELFNOTE64("XenServer", 1, SAMPLE_VERSION);

static int hdsolo_probe(struct pci_dev *card, const struct pci_device_id *id)
{
        pci_info(card, "driven by hdsolo " SAMPLE_VERSION "\n");
        return 0;
}

static const struct pci_device_id hdsolo_cards[] = { { PCI_DEVICE(0x1234, 0x11e8) }, { 0 } };
MODULE_DEVICE_TABLE(pci, hdsolo_cards);

static struct pci_driver hdsolo_driver = {
        .name = "hdsolo",
        .id_table = hdsolo_cards,
        .probe = hdsolo_probe,
};

static int __init hdsolo_init(void)
{
        if (SAMPLE_MAJOR >= 3) {
                pr_err("hdsolo: " SAMPLE_VERSION " is broken\n");
                return -EIO;
        }
        return pci_register_driver(&hdsolo_driver);
}

static void __exit hdsolo_exit(void)
{
        pci_unregister_driver(&hdsolo_driver);
}

module_init(hdsolo_init);
module_exit(hdsolo_exit);
MODULE_DESCRIPTION("hostdriver sample: one module, with a note");
MODULE_VERSION(SAMPLE_VERSION);
MODULE_LICENSE("GPL");
