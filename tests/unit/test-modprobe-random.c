/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Random files of modprobe.d, and what is told of a selected driver, beside what libkmod makes of them.
 * Another
 * --seed makes others, and HOSTDRIVER_RANDOM_RUNS more of them. */

#include <glib.h>
#include <string.h>
#include <sys/stat.h>

#include "model/driver-derive.h"
#include "modprobe-run.h"
#include "sample-root.h"

#define RELEASE "lib/modules/" SAMPLE_KERNEL
#define VERSION "xenserver/p/1/dell-laptop.ko"
#define SELF "dell_laptop"
#define DEVICE "pci:v00001028d00000001sv*"
#define MODALIAS "pci:v00001028d00000001sv0"
#define RUNS 150

static const char *const files[] = { "etc/modprobe.d/a.conf", "run/modprobe.d/a.conf",
        "usr/local/lib/modprobe.d/m.conf", "lib/modprobe.d/modules.conf", "etc/modprobe.d/n.conf",
        "run/modprobe.d/z.conf", RELEASE "/modules.softdep" };

/* Whom a line is about. */
static const char *const patterns[] = { "dell-laptop", "dell_laptop", SELF, SELF, "dell*", "*", "[a-d]*",
        "b?low", "below", "lowest", "first", "above", "none", "no-ne", "dell[", "l]", "pci:*", DEVICE,
        MODALIAS };
static const char *const names[] = { "dell-laptop", "dell_laptop", "first", "below", "lowest", "above",
        "none", "no-ne", "off", MODALIAS, "symbol:laptop", "dell[" };

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

        /* A command for a modalias itself, which nobody writes, isn't followed. */
        if (strchr(pattern, ':') && strcmp(command, "alias") != 0)
                pattern = SELF;
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

static void write_files(const SampleRoot *sample)
{
        unsigned number = 0;

        for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
                g_autoptr(GString) text = g_string_new(NULL);

                (void) unlinkat(sample->dir.fd, files[i], 0);
                if (g_test_rand_int_range(0, 3) != 0)
                        continue;
                for (int lines = g_test_rand_int_range(0, 5); lines > 0; lines--)
                        add_line(text, ++number, strstr(files[i], "softdep"));
                g_test_message("%s:\n%s", files[i], text->str);
                temp_dir_write(&sample->dir, files[i], text->str);
        }
}

static void add(const SampleRoot *sample, const char *path, const char *depends, const char *needed,
                const char *exported)
{
        static const char *const aliases[] = { DEVICE, NULL };
        const ModuleSymbol imports[] = { { .name = needed, .crc = 1 }, { NULL } };
        const ModuleSymbol exports[] = { { .name = exported, .crc = 1 }, { NULL } };
        const ModuleSpec spec = { .depends = depends,
                .aliases = strcmp(path, VERSION) == 0 ? aliases : NULL,
                .imports = imports,
                .exports = exports };

        sample_root_add_module_spec(sample, SAMPLE_KERNEL, path, &spec);
}

/* What is done for MODULE: NULL, nothing; "", it is loaded; else a command is run. */
static const char *action_for(char *const *list, const char *module)
{
        size_t size = strlen(module);

        for (; *list; list++)
                if (strncmp(*list, module, size) == 0 && strchr("<", (*list)[size]))
                        return *list + size;
        return NULL;
}

static bool is_nothing(const char *action)
{
        return action && *action && !strstr(action, "/opt/load");
}

static void add_code(GString *codes, const char *code)
{
        g_string_append_printf(codes, "%s%s", codes->len > 0 ? " " : "", code);
}

static void tell(const char *what, char **list)
{
        g_autofree char *text = g_strjoinv(" ", list);

        g_test_message("by its %s: %s", what, text);
}

/* What libkmod's answers mean: the codes of the problems, in order, and whether the file is effective. */
static char *expect(const SampleRoot *sample, bool *ret_effective)
{
        static const char *const needed[] = { "below", "lowest" };
        g_auto(GStrv) direct = modprobe_dry_list(sample, SAMPLE_KERNEL, SELF, MODPROBE_ASK_MODULE);
        g_auto(GStrv) named = modprobe_dry_list(sample, SAMPLE_KERNEL, SELF, MODPROBE_ASK_NAME);
        g_auto(GStrv) device = modprobe_dry_list(sample, SAMPLE_KERNEL, MODALIAS, MODPROBE_ASK_NAME);
        const char *action = action_for(direct, SELF);
        GString *codes = g_string_new(NULL);
        bool told = false;

        tell("module", direct);
        tell("name", named);
        tell("device", device);
        *ret_effective = action_for(named, SELF) && !is_nothing(action);
        if (!action_for(named, SELF))
                add_code(codes, "alias-elsewhere");
        if (!action_for(device, SELF))
                add_code(codes, "alias-elsewhere");
        if (*action)
                add_code(codes, is_nothing(action) ? "blocked" : "install-command");
        for (size_t i = 0; i < G_N_ELEMENTS(needed); i++) {
                const char *other = action_for(direct, needed[i]);

                if (!is_nothing(other))
                        continue;
                *ret_effective = false;
                /* One line may be about both; the first dependency that is blocked is told. */
                if (!told && strcmp(other, action) != 0)
                        add_code(codes, "dependency-blocked");
                told = true;
        }
        if (modprobe_is_blacklisted(sample, SAMPLE_KERNEL, SELF))
                add_code(codes, "blocked");
        return g_string_free(codes, FALSE);
}

static void compare(const SampleRoot *sample)
{
        static const Config config = { 0 };
        Facts *facts CLEANUP(facts_freep) = NULL;
        Driver *driver CLEANUP(driver_freep) = NULL;
        g_autoptr(GString) found = g_string_new(NULL);
        bool effective;
        g_autofree char *expected = expect(sample, &effective);

        g_assert_cmpint(facts_read(sample->root, &config, NULL, NULL, &facts), ==, 0);
        g_assert_cmpuint(facts->catalogue->modules.count, ==, 1);
        g_assert_cmpint(driver_derive(facts, 0, &driver), ==, 0);
        for (size_t i = 0; i < driver->problems.count; i++) {
                g_test_message("%s", driver->problems.items[i].sentence);
                add_code(found, driver->problems.items[i].code);
        }
        g_assert_cmpstr(found->str, ==, expected);
        g_assert_cmpstr(driver->effective, ==, effective ? "/" RELEASE "/updates/dell-laptop.ko" : "");
}

static void test_random(void)
{
        const char *runs = g_getenv("HOSTDRIVER_RANDOM_RUNS");
        SampleRoot sample;

        sample_root_init(&sample, SAMPLE_KERNEL);
        add(&sample, VERSION, "below", "below", "laptop");
        add(&sample, "kernel/below.ko", "lowest", "lowest", "below");
        add(&sample, "kernel/lowest.ko", NULL, NULL, "lowest");
        add(&sample, "kernel/above.ko", "dell-laptop", "laptop", NULL);
        add(&sample, "kernel/first.ko", NULL, NULL, NULL);
        sample_root_add_device(&sample, "pci", "0000:00:01.0", MODALIAS);
        sample_root_select(&sample, SAMPLE_KERNEL, VERSION);
        sample_root_depmod(&sample, SAMPLE_KERNEL);
        for (long i = runs ? strtol(runs, NULL, 10) : RUNS; i > 0; i--) {
                write_files(&sample);
                compare(&sample);
        }
        sample_root_done(&sample);
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
        g_test_add_func("/modprobe-random/selected", test_random);
        return g_test_run();
}
