/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The host that XenServer's design document for multi-version drivers shows. */

#include "sample-root.h"

static const char *const ice_aliases[] = { "pci:v00008086d00001592sv*sd*bc*sc*i*",
        "pci:v00008086d00001593sv*sd*bc*sc*i*", NULL };

static const struct {
        const char *path;
        const char *version; /* also that of the note; NULL: none, as in the kernel tree */
        const char *description;
        const char *const *aliases;
} modules[] = {
        { "kernel/drivers/scsi/bnx2fc/bnx2fc.ko", NULL, "QLogic FCoE Driver", NULL },
        { "kernel/drivers/platform/x86/dell-laptop.ko", NULL, "Dell laptop driver", NULL },
        { "kernel/drivers/net/ethernet/intel/ice/ice.ko", NULL, "Intel(R) Ethernet Connection E800 Series",
                        ice_aliases },
        { "xenserver/bnx2fc/2.12.13/bnx2fc.ko", "2.12.13", "QLogic FCoE Driver", NULL },
        { "xenserver/bnx2fc/2.12.20-dell/bnx2fc.ko", "2.12.20-dell", "QLogic FCoE Driver", NULL },
        { "xenserver/dell_laptop/1.2.3/dell_laptop.ko", "1.2.3", "Dell laptop driver", NULL },
        { "xenserver/intel-ice/1.6.4/ice.ko", "1.6.4", "Intel(R) Ethernet Connection E800 Series",
                        ice_aliases },
        { "xenserver/intel-ice/1.11.17.1/ice.ko", "1.11.17.1", "Intel(R) Ethernet Connection E800 Series",
                        ice_aliases },
        { "updates/aacraid.ko", "1.2.1", NULL, NULL },
        { "updates/bnx2i.ko", "2.7.10.1", NULL, NULL },
        { "updates/cxgb4.ko", "3.18.1", NULL, NULL },
        { "updates/cxgb4i.ko", "3.18.1", NULL, NULL },
        { "updates/e1000e.ko", "3.8.7", NULL, NULL },
        { "updates/i40e.ko", "2.22.20", NULL, NULL },
        { "updates/igb.ko", "5.14.16", NULL, NULL },
        { "updates/smartpqi.ko", "2.1.26", NULL, NULL },
        { "updates/tcm_qla2xxx.ko", "10.02.11", NULL, NULL },
};

static const char *const selected[] = {
        "xenserver/bnx2fc/2.12.20-dell/bnx2fc.ko",
        "xenserver/dell_laptop/1.2.3/dell_laptop.ko",
        "xenserver/intel-ice/1.11.17.1/ice.ko",
};

void sample_root_init_xenserver(SampleRoot *sample)
{
        sample_root_init(sample, SAMPLE_KERNEL);
        for (size_t i = 0; i < G_N_ELEMENTS(modules); i++) {
                ModuleSpec spec = {
                        .version = modules[i].version,
                        .note_version = g_str_has_prefix(modules[i].path, "xenserver/") ? modules[i].version
                                                                                        : NULL,
                        .description = modules[i].description,
                        .aliases = modules[i].aliases,
                };

                sample_root_add_module_spec(sample, SAMPLE_KERNEL, modules[i].path, &spec);
        }
        for (size_t i = 0; i < G_N_ELEMENTS(selected); i++)
                sample_root_select(sample, SAMPLE_KERNEL, selected[i]);
        sample_root_add_device(sample, "pci", "0000:3b:00.0",
                        "pci:v00008086d00001592sv00008086sd00000002bc02sc00i00");
        sample_root_depmod(sample, SAMPLE_KERNEL);
}
