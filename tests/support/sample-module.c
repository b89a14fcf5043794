/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* One module for the tests of whoever reads modules. Every failure ends the test. */

#include "sample-module.h"

#include <glib.h>
#include <string.h>

#include "host/module/module-read.h"

const char *const sample_module_aliases[] = { "pci:v00008086d00001592sv*sd*bc*sc*i*", "pci:v2*", NULL };
const char *const sample_module_firmware[] = { "intel/ice/ddp/ice.pkg", NULL };

const ModuleSpec sample_module = {
        .name = "ice",
        .version = "1.11.17.1",
        .srcversion = "0123456789ABCDEF",
        .vermagic = MODULE_WRITER_VERMAGIC,
        .description = "A driver",
        .license = "GPL v2",
        .depends = "auxiliary,irdma",
        .aliases = sample_module_aliases,
        .firmware = sample_module_firmware,
        .note_version = "1.11.17.1-note",
        .note_driver_version = "1.11.17",
        .note_release = "1.11.17-1.xs9",
        .build_id = "00ff10",
};

ModuleFile *sample_module_parse(const uint8_t *data, size_t size)
{
        uint8_t *copy CLEANUP_FREE = malloc(size);
        ModuleFile *file = NULL;

        if (size > 0)
                memcpy(copy, data, size);
        g_assert_cmpint(module_file_parse(copy, size, &file), ==, 0);
        return file;
}
