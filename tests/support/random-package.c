/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Who exports what is decided first, and then who needs it. */

#include "random-package.h"

#include <string.h>

#define PACKAGE "xenserver/pack/"
#define OLD_VERSION "1.0"

static uint32_t chance(uint32_t sides)
{
        return (uint32_t) g_test_rand_int_range(0, (gint32) sides);
}

static uint32_t random_crc(void)
{
        return (uint32_t) g_test_rand_int_range(1, G_MAXINT32);
}

G_GNUC_PRINTF(2, 3)
static const char *keep(RandomPackage *package, const char *format, ...)
{
        va_list arguments;
        g_autofree char *text = NULL;

        va_start(arguments, format);
        text = g_strdup_vprintf(format, arguments);
        va_end(arguments);
        return g_string_chunk_insert_const(package->strings, text);
}

static void add_line(RandomPackage *package, uint32_t crc, const char *symbol, const char *where)
{
        g_string_append_printf(package->symvers, "0x%08x\t%s\t%s\t%s\t%s\n", crc, symbol, where,
                        chance(2) ? "EXPORT_SYMBOL" : "EXPORT_SYMBOL_GPL", chance(4) ? "" : "SPACE");
}

/* SYMBOL will be there with that CRC. */
static void set_exported(RandomPackage *package, const char *symbol, uint32_t crc)
{
        g_ptr_array_add(package->needable, (void *) symbol);
        g_hash_table_insert(package->exported, (void *) symbol, GUINT_TO_POINTER(crc));
}

static void add_kernel(RandomPackage *package)
{
        for (uint32_t i = 0; i < 6; i++) {
                const char *symbol = i == 0 ? "module_layout" : keep(package, "kernel_%u", i);
                uint32_t crc = random_crc();

                if (i > 0)
                        set_exported(package, symbol, crc);
                else
                        g_hash_table_insert(package->exported, (void *) symbol, GUINT_TO_POINTER(crc));
                add_line(package, crc, symbol, "vmlinux");
        }
}

/* A module that isn't the package's, with one symbol. What the kernel was built with may be another build.
 */
static void add_base(RandomPackage *package, uint32_t number)
{
        ModuleSymbol exports[2] = { { keep(package, "base_%u_open", number), random_crc() } };
        const ModuleSpec spec = { .exports = exports };
        g_autofree char *path = g_strdup_printf("kernel/lib/base_%u.ko", number);
        g_autofree char *update = g_strdup_printf("updates/base_%u.ko.xz", number);

        sample_root_add_module_spec(&package->sample, RANDOM_RELEASE, path, &spec);
        if (chance(3) > 0)
                add_line(package, exports[0].crc, exports[0].name, "lib/base");
        if (chance(3) == 0) {
                exports[0].crc = random_crc();
                sample_root_add_module_spec(&package->sample, RANDOM_RELEASE, update, &spec);
        }
        set_exported(package, exports[0].name, exports[0].crc);
}

/* One that only the older version of the package ships, and that stays where it is. */
static void add_left_behind(RandomPackage *package)
{
        const ModuleSymbol exports[2] = { { "left_open", random_crc() } };

        sample_root_add_module_spec(&package->sample, RANDOM_RELEASE, PACKAGE OLD_VERSION "/left.ko",
                        &(ModuleSpec){ .exports = exports });
        set_exported(package, exports[0].name, exports[0].crc);
}

/* Now and then the module that exports SYMBOL ("NAME_open"), or one that isn't there. */
static void add_depends(RandomModule *module, const char *symbol)
{
        const char *end = strstr(symbol, "_open");

        if (!end || chance(3) == 0)
                return;
        if (module->depends->len > 0)
                g_string_append_c(module->depends, ',');
        g_string_append_len(module->depends, symbol, end - symbol);
}

static bool has_import(const RandomModule *module, const char *symbol)
{
        for (guint i = 0; i < module->imports->len; i++)
                if (g_str_equal(g_array_index(module->imports, ModuleSymbol, i).name, symbol))
                        return true;
        return false;
}

static void add_import(const RandomPackage *package, RandomModule *module, const char *symbol)
{
        ModuleSymbol import = { .name = symbol };

        if (has_import(module, symbol))
                return;
        if (!random_package_crc(package, symbol, &import.crc))
                import.crc = random_crc();
        switch (chance(10)) {
        case 0:
                import.crc ^= 1U << chance(31);
                break;
        case 1:
                import.crc = 0;
                break;
        case 2:
                import.is_unused = import.crc != 0;
                break;
        default:
                break;
        }
        import.is_weak = chance(5) == 0 && !import.is_unused;
        if (!import.is_unused)
                add_depends(module, symbol);
        g_array_append_val(module->imports, import);
}

/* As modpost: the first of all versions. */
static void add_layout(const RandomPackage *package, RandomModule *module)
{
        ModuleSymbol layout = { .name = "module_layout", .is_unused = true };

        if (chance(5) == 0)
                return;
        g_assert_true(random_package_crc(package, layout.name, &layout.crc));
        if (chance(8) == 0)
                layout.crc ^= 1;
        g_array_append_val(module->imports, layout);
}

static void free_module(gpointer data)
{
        RandomModule *module = data;

        g_free(module->name);
        g_free(module->path);
        g_array_unref(module->imports);
        g_string_free(module->depends, TRUE);
        g_free(module);
}

static RandomModule *new_module(const RandomPackage *package, uint32_t number)
{
        static const char *const endings[] = { "", ".xz", ".zst" };
        RandomModule *module = g_new0(RandomModule, 1);

        module->name = g_strdup_printf("drv_%u", number);
        module->path = g_strdup_printf(PACKAGE RANDOM_VERSION "/%s.ko%s", module->name,
                        endings[chance(ELEMENTSOF(endings))]);
        module->imports = g_array_new(TRUE, TRUE, sizeof(ModuleSymbol));
        module->depends = g_string_new(NULL);
        module->versions = chance(4) == 0 ? MODULE_VERSIONS_EXTENDED : 2 * chance(2);
        add_layout(package, module);
        for (uint32_t i = chance(7); i > 0; i--)
                add_import(package, module,
                                g_ptr_array_index(package->needable, chance(package->needable->len)));
        return module;
}

/* Another build of the module, with another version of its symbol and one that the new one lacks. */
static void add_old(RandomPackage *package, const RandomModule *module, const char *symbol)
{
        const ModuleSymbol exports[] = { { symbol, random_crc() },
                { keep(package, "%s_old_open", module->name), random_crc() }, { NULL } };
        g_autofree char *path = g_strdup_printf(PACKAGE OLD_VERSION "/%s.ko", module->name);

        sample_root_add_module_spec(
                        &package->sample, RANDOM_RELEASE, path, &(ModuleSpec){ .exports = exports });
        g_ptr_array_add(package->needable, (void *) exports[1].name);
        if (chance(2) == 0)
                sample_root_select(&package->sample, RANDOM_RELEASE, path);
}

static void add_module(RandomPackage *package, uint32_t number)
{
        RandomModule *module = new_module(package, number);
        const ModuleSymbol exports[2] = { { keep(package, "%s_open", module->name), random_crc() } };

        sample_root_add_module_spec(&package->sample, RANDOM_RELEASE, module->path,
                        &(ModuleSpec){ .exports = exports,
                                        .imports = (const ModuleSymbol *) (void *) module->imports->data,
                                        .depends = module->depends->str,
                                        .versions = module->versions });
        if (chance(2) == 0)
                add_old(package, module, exports[0].name);
        set_exported(package, exports[0].name, exports[0].crc);
        g_ptr_array_add(package->modules, module);
}

void random_package_init(RandomPackage *package)
{
        package->exported = g_hash_table_new(g_str_hash, g_str_equal);
        package->modules = g_ptr_array_new_with_free_func(free_module);
        package->needable = g_ptr_array_new();
        package->strings = g_string_chunk_new(4096);
        package->symvers = g_string_new(NULL);
        sample_root_init(&package->sample, RANDOM_RELEASE);
        add_kernel(package);
        add_base(package, 0);
        add_base(package, 1);
        add_left_behind(package);
        /* Known to the kernel's headers, but not installed; and known to nobody. */
        add_line(package, random_crc(), "gone_open", "lib/gone");
        g_ptr_array_add(package->needable, (void *) "gone_open");
        g_ptr_array_add(package->needable, (void *) "nobodys");
        for (uint32_t i = 0, count = 1 + chance(4); i < count; i++)
                add_module(package, i);
        temp_dir_write(&package->sample.dir, RANDOM_SYMVERS, package->symvers->str);
        temp_dir_link(&package->sample.dir, "usr/lib/modules/" RANDOM_RELEASE "/build/Module.symvers",
                        "/" RANDOM_SYMVERS);
        sample_root_depmod(&package->sample, RANDOM_RELEASE);
}

void random_package_done(RandomPackage *package)
{
        sample_root_done(&package->sample);
        g_string_free(package->symvers, TRUE);
        g_string_chunk_free(package->strings);
        g_ptr_array_unref(package->needable);
        g_ptr_array_unref(package->modules);
        g_hash_table_unref(package->exported);
}

void random_package_select(const RandomPackage *package)
{
        for (guint i = 0; i < package->modules->len; i++) {
                const RandomModule *module = g_ptr_array_index(package->modules, i);
                g_autofree char *old = g_strdup_printf(
                                "lib/modules/" RANDOM_RELEASE "/updates/%s.ko", module->name);

                (void) unlinkat(package->sample.dir.fd, old, 0);
                sample_root_select(&package->sample, RANDOM_RELEASE, module->path);
        }
}

bool random_package_crc(const RandomPackage *package, const char *symbol, uint32_t *ret)
{
        gpointer crc;

        if (!g_hash_table_lookup_extended(package->exported, symbol, NULL, &crc))
                return false;
        *ret = GPOINTER_TO_UINT(crc);
        return true;
}
