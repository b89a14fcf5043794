/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks libkmod, as modprobe does, and loads nothing. */

#include "modprobe-run.h"

#include <libkmod.h>

/* libkmod hands on nothing of the caller's. */
static GString *actions;

static void take_action(struct kmod_module *module, bool install, const char *options)
{
        if (actions->len > 0)
                g_string_append_c(actions, ' ');
        if (install)
                g_string_append_printf(actions, "<%s>", kmod_module_get_install_commands(module));
        else
                g_string_append(actions, kmod_module_get_name(module));
}

char *modprobe_dry_run(const SampleRoot *sample, const char *release, const char *module, bool aliased)
{
        /* The order of libkmod 30, which knows usr/lib by lib. */
        static const char *const directories[] = { "etc", "run", "usr/local/lib", "lib" };
        char *paths[G_N_ELEMENTS(directories) + 1] = { NULL };
        g_autofree char *below = g_strdup_printf("lib/modules/%s", release);
        char *modules CLEANUP_FREE = temp_dir_path(&sample->dir, below);
        struct kmod_ctx *context;
        struct kmod_module *found;
        int flags = KMOD_PROBE_DRY_RUN | KMOD_PROBE_IGNORE_LOADED;

        for (size_t i = 0; i < G_N_ELEMENTS(directories); i++)
                paths[i] = g_build_filename(sample->dir.path, directories[i], "modprobe.d", NULL);
        context = kmod_new(modules, (const char *const *) paths);
        g_assert_nonnull(context);
        g_assert_cmpint(kmod_module_new_from_name(context, module, &found), ==, 0);
        actions = g_string_new(NULL);
        g_assert_cmpint(kmod_module_probe_insert_module(found,
                                        (unsigned) (flags | (aliased ? KMOD_PROBE_APPLY_BLACKLIST : 0)),
                                        NULL, NULL, NULL, take_action),
                        >=, 0);
        (void) kmod_module_unref(found);
        (void) kmod_unref(context);
        for (size_t i = 0; i < G_N_ELEMENTS(directories); i++)
                g_free(paths[i]);
        return g_string_free(STEAL(actions), FALSE);
}
