/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Asks libkmod, as modprobe does, and loads nothing. */

#include "modprobe-run.h"

#include <libkmod.h>
#include <string.h>

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

static struct kmod_ctx *open_context(const SampleRoot *sample, const char *release)
{
        /* The order of libkmod 30, which knows usr/lib by lib. */
        static const char *const directories[] = { "etc", "run", "usr/local/lib", "lib" };
        char *paths[G_N_ELEMENTS(directories) + 1] = { NULL };
        g_autofree char *below = g_strdup_printf("lib/modules/%s", release);
        char *modules CLEANUP_FREE = temp_dir_path(&sample->dir, below);
        struct kmod_ctx *context;

        for (size_t i = 0; i < G_N_ELEMENTS(directories); i++)
                paths[i] = g_build_filename(sample->dir.path, directories[i], "modprobe.d", NULL);
        context = kmod_new(modules, (const char *const *) paths);
        g_assert_nonnull(context);
        for (size_t i = 0; i < G_N_ELEMENTS(directories); i++)
                g_free(paths[i]);
        return context;
}

static void probe(struct kmod_module *module, int flags,
                void (*take)(struct kmod_module *module, bool install, const char *options))
{
        flags |= KMOD_PROBE_DRY_RUN | KMOD_PROBE_IGNORE_LOADED;
        /* A module that isn't there is an error only when it comes to insert it. */
        (void) kmod_module_probe_insert_module(module, (unsigned) flags, NULL, NULL, NULL, take);
}

/* As modprobe does it for each module that NAME is looked up as. */
static void probe_all(struct kmod_ctx *context, const char *name, int flags,
                void (*take)(struct kmod_module *module, bool install, const char *options))
{
        struct kmod_list *found = NULL, *entry;

        g_assert_cmpint(kmod_module_new_from_lookup(context, name, &found), >=, 0);
        kmod_list_foreach(entry, found)
        {
                struct kmod_module *module = kmod_module_get_module(entry);

                probe(module, flags, take);
                (void) kmod_module_unref(module);
        }
        (void) kmod_module_unref_list(found);
}

char *modprobe_dry_run(const SampleRoot *sample, const char *release, const char *name, bool aliased)
{
        struct kmod_ctx *context = open_context(sample, release);

        actions = g_string_new(NULL);
        probe_all(context, name,
                        aliased ? KMOD_PROBE_APPLY_BLACKLIST : KMOD_PROBE_APPLY_BLACKLIST_ALIAS_ONLY,
                        take_action);
        (void) kmod_unref(context);
        return g_string_free(STEAL(actions), FALSE);
}

static GPtrArray *list;

static void take_item(struct kmod_module *module, bool install, const char *options)
{
        const char *name = kmod_module_get_name(module);

        g_ptr_array_add(list,
                        install ? g_strdup_printf("%s<%s>", name, kmod_module_get_install_commands(module))
                                : g_strdup(name));
}

char **modprobe_dry_list(const SampleRoot *sample, const char *release, const char *name, ModprobeAsk ask)
{
        static const int flags[] = {
                [MODPROBE_ASK_NAME] = KMOD_PROBE_APPLY_BLACKLIST_ALIAS_ONLY,
                [MODPROBE_ASK_ALIAS] = 0,
                [MODPROBE_ASK_DEVICE] = KMOD_PROBE_APPLY_BLACKLIST,
        };
        struct kmod_ctx *context = open_context(sample, release);
        struct kmod_module *module;

        list = g_ptr_array_new();
        if (ask != MODPROBE_ASK_MODULE) {
                probe_all(context, name, flags[ask], take_item);
        } else {
                g_assert_cmpint(kmod_module_new_from_name(context, name, &module), ==, 0);
                probe(module, 0, take_item);
                (void) kmod_module_unref(module);
        }
        (void) kmod_unref(context);
        g_ptr_array_add(list, NULL);
        return (char **) g_ptr_array_free(STEAL(list), FALSE);
}

bool modprobe_is_blacklisted(const SampleRoot *sample, const char *release, const char *module)
{
        struct kmod_ctx *context = open_context(sample, release);
        struct kmod_config_iter *iter = kmod_config_get_blacklists(context);
        bool found = false;

        while (iter && kmod_config_iter_next(iter))
                found = found || strcmp(kmod_config_iter_get_key(iter), module) == 0;
        kmod_config_iter_free_iter(iter);
        (void) kmod_unref(context);
        return found;
}
