/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Lines that somebody may have written, and many that nobody would. */

#include "random-modprobe.h"

#include <string.h>
#include <unistd.h>

static const char *const files[] = { "etc/modprobe.d/a.conf", "run/modprobe.d/a.conf",
        "usr/local/lib/modprobe.d/m.conf", "lib/modprobe.d/modules.conf", "etc/modprobe.d/n.conf",
        "run/modprobe.d/z.conf" };

/* Whom a line is about. */
static const char *const patterns[] = { "dell-laptop", "dell_laptop", RANDOM_MODPROBE_SELF,
        RANDOM_MODPROBE_SELF, "dell*", "*", "[a-d]*", "b?low", "below", "lowest", "first", "above", "none",
        "no-ne", "dell[", "l]", "pci:*", RANDOM_MODPROBE_DEVICE, RANDOM_MODPROBE_MODALIAS,
        RANDOM_MODPROBE_MODALIAS, "symbol:laptop" };
static const char *const names[] = { "dell-laptop", "dell_laptop", "first", "below", "lowest", "above",
        "none", "no-ne", "off", RANDOM_MODPROBE_MODALIAS, "symbol:laptop", "dell[" };

static const char *pick(const char *const choices[], size_t count)
{
        return choices[g_test_rand_int_range(0, (gint32) count)];
}

#define PICK(choices) pick((choices), G_N_ELEMENTS(choices))

/* Commands differ, so that they tell lines apart. depmod writes nothing but softdeps. */
static void add_line(GString *text, unsigned number, bool softdeps)
{
        static const char *const commands[] = { "alias", "alias", "alias", "softdep", "softdep", "install",
                "install", "blacklist", "remove", "options", "#install" };
        static const char *const programs[] = { "/bin/false", ":", "/opt/load" };
        const char *command = softdeps ? "softdep" : PICK(commands), *pattern = PICK(patterns);

        g_string_append_printf(text, "%s %s", command, pattern);
        if (strcmp(command, "alias") == 0)
                g_string_append_printf(text, " %s", PICK(names));
        else if (strcmp(command, "softdep") == 0)
                g_string_append_printf(text, " %s %s %s %s", g_test_rand_bit() ? "pre:" : "", PICK(names),
                                g_test_rand_bit() ? "post:" : "pre:", g_test_rand_bit() ? PICK(names) : "");
        else if (strcmp(command, "blacklist") != 0)
                g_string_append_printf(text, " %s %u", PICK(programs), number);
        /* A command is to be one program. */
        g_string_append(text,
                        !strchr("#ior", *command) && g_test_rand_int_range(0, 12) == 0 ? " \\\n" : "\n");
}

static void write_file(const SampleRoot *sample, const char *path, unsigned *number)
{
        g_autoptr(GString) text = g_string_new(NULL);

        (void) unlinkat(sample->dir.fd, path, 0);
        if (g_test_rand_int_range(0, 3) != 0)
                return;
        for (int lines = g_test_rand_int_range(0, 5); lines > 0; lines--)
                add_line(text, ++*number, strstr(path, "softdep"));
        g_test_message("%s:\n%s", path, text->str);
        temp_dir_write(&sample->dir, path, text->str);
}

void random_modprobe_write(const SampleRoot *sample, const char *const *releases)
{
        unsigned number = 0;

        for (size_t i = 0; i < G_N_ELEMENTS(files); i++)
                write_file(sample, files[i], &number);
        for (; *releases; releases++) {
                g_autofree char *path = g_strdup_printf("lib/modules/%s/modules.softdep", *releases);

                write_file(sample, path, &number);
        }
}

static void add(const SampleRoot *sample, const char *release, const char *path, const char *depends,
                const char *needed, const char *exported, const char *softdep)
{
        static const char *const aliases[] = { RANDOM_MODPROBE_DEVICE, NULL };
        const ModuleSymbol imports[] = { { .name = needed, .crc = 1 }, { NULL } };
        const ModuleSymbol exports[] = { { .name = exported, .crc = 1 }, { NULL } };
        const ModuleSpec spec = { .depends = depends,
                .aliases = g_str_has_suffix(path, RANDOM_MODPROBE_FILE) ? aliases : NULL,
                .imports = imports,
                .exports = exports,
                .softdep = softdep };

        sample_root_add_module_spec(sample, release, path, &spec);
}

void random_modprobe_add_modules(const SampleRoot *sample, const char *release, const char *const *versions,
                const char *needed, const char *softdep)
{
        for (; *versions; versions++)
                add(sample, release, *versions, needed, needed, "laptop", softdep);
        add(sample, release, "kernel/below.ko", "lowest", "lowest", "below", NULL);
        add(sample, release, "kernel/lowest.ko", NULL, NULL, "lowest", NULL);
        add(sample, release, "kernel/above.ko", "dell-laptop", "laptop", NULL, NULL);
        add(sample, release, "kernel/first.ko", NULL, NULL, "first", NULL);
}

const char *random_modprobe_action(char *const *list, const char *module)
{
        size_t size = strlen(module);

        for (; *list; list++)
                if (strncmp(*list, module, size) == 0 && strchr("<", (*list)[size]))
                        return *list + size;
        return NULL;
}

bool random_modprobe_is_nothing(const char *action)
{
        return action && *action && !strstr(action, "/opt/load");
}
