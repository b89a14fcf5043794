/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* depmod's configuration, which anybody may have written: what is understood is never empty. */

#include <glib.h>
#include <string.h>

#include "fuzz.h"
#include "host/index/depmod-config.h"

static void check_directories(const DepmodDirectory *directories, size_t count)
{
        for (size_t i = 0; i < count; i++) {
                g_assert_cmpstr(directories[i].name, !=, "");
                g_assert_cmpstr(directories[i].file, ==, "/etc/depmod.d/a.conf");
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        DepmodConfig config CLEANUP_DEPMOD_CONFIG = { 0 };
        char *text CLEANUP_FREE = strndup((const char *) data, size);

        g_assert_cmpint(depmod_config_parse(&config, "4.19.0+1", "/etc/depmod.d/a.conf", text), ==, 0);
        check_directories(config.externals, config.external_count);
        check_directories(config.excludes, config.exclude_count);
        for (size_t i = 0; i < config.override_count; i++)
                g_assert_nonnull(strchr(config.overrides[i].path, '/'));
        for (size_t i = 0; i < config.search_count; i++)
                g_assert_true((config.searches[i].kind == DEPMOD_SEARCH_DIRECTORY) ==
                                (config.searches[i].directory[0] != '\0'));
        return 0;
}

_Bool fuzz_seed(size_t index, uint8_t **ret, size_t *ret_size)
{
        static const char *const seeds[] = {
                "# order\nsearch updates extra built-in weak-updates external\nexclude xenserver\n",
                "override ice ^4[.]19[.]0[+]1$ xenserver/intel-ice/1.6.4\n\toverride b * updates\n"
                "external 4.* /opt/drivers\\\n/more\nmake_map_files yes\n",
        };

        if (index >= ELEMENTSOF(seeds))
                return false;
        *ret_size = strlen(seeds[index]);
        *ret = g_memdup2(seeds[index], *ret_size);
        return true;
}
