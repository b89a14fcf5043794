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
                g_string_append_printf(actions, "%s%s", kmod_module_get_name(module),
                                kmod_module_get_path(module) ? "" : "?");
}

char *modprobe_dry_run(const SampleRoot *sample, const char *release, const char *name, bool aliased)
{
        /* The order of libkmod 30, which knows usr/lib by lib. */
        static const char *const directories[] = { "etc", "run", "usr/local/lib", "lib" };
        char *paths[G_N_ELEMENTS(directories) + 1] = { NULL };
        g_autofree char *below = g_strdup_printf("lib/modules/%s", release);
        char *modules CLEANUP_FREE = temp_dir_path(&sample->dir, below);
        struct kmod_ctx *context;
        struct kmod_list *found = NULL, *entry;
        int flags = KMOD_PROBE_DRY_RUN | KMOD_PROBE_IGNORE_LOADED;

        for (size_t i = 0; i < G_N_ELEMENTS(directories); i++)
                paths[i] = g_build_filename(sample->dir.path, directories[i], "modprobe.d", NULL);
        context = kmod_new(modules, (const char *const *) paths);
        g_assert_nonnull(context);
        g_assert_cmpint(kmod_module_new_from_lookup(context, name, &found), >=, 0);
        actions = g_string_new(NULL);
        kmod_list_foreach(entry, found)
        {
                struct kmod_module *module = kmod_module_get_module(entry);

                /* A module that isn't there is an error only when it comes to insert it. */
                (void) kmod_module_probe_insert_module(module,
                                (unsigned) (flags | (aliased ? KMOD_PROBE_APPLY_BLACKLIST : 0)), NULL, NULL,
                                NULL, take_action);
                (void) kmod_module_unref(module);
        }
        (void) kmod_module_unref_list(found);
        (void) kmod_unref(context);
        for (size_t i = 0; i < G_N_ELEMENTS(directories); i++)
                g_free(paths[i]);
        return g_string_free(STEAL(actions), FALSE);
}
