/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* GetInitramfs(): which images there are, and what they hold. */

#include "bus/image-list.h"

#include <errno.h>
#include <string.h>

#include "bus/service.h"
#include "bus/text.h"
#include "host/initramfs/initramfs-find.h"
#include "host/initramfs/initramfs-generator.h"

static int open_entry(sd_bus_message *reply, const char *key, const char *type)
{
        int r = sd_bus_message_open_container(reply, 'e', "sv");

        if (r >= 0)
                r = sd_bus_message_append_basic(reply, 's', key);
        return r < 0 ? r : sd_bus_message_open_container(reply, 'v', type);
}

/* The variant, and the entry that it is in. */
static int close_entry(sd_bus_message *reply)
{
        int r = sd_bus_message_close_container(reply);

        return r < 0 ? r : sd_bus_message_close_container(reply);
}

/* The drivers that the image holds, with their versions. */
static int append_held(sd_bus_message *reply, const Registry *registry, const char *release)
{
        int r = open_entry(reply, "drivers", "a{ss}");

        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "{ss}");
        for (size_t i = 0; r >= 0 && i < registry->count; i++) {
                const DriverRelease *found = driver_release(registry->entries[i]->value, release);

                if (found && found->initramfs_holds)
                        r = sd_bus_message_append(
                                        reply, "{ss}", registry->entries[i]->name, found->in_initramfs);
        }
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        return r < 0 ? r : close_entry(reply);
}

/* Those of them for which it has to be rebuilt. */
static int append_stale(sd_bus_message *reply, const Registry *registry, const char *release)
{
        int r = open_entry(reply, "stale", "as");

        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "s");
        for (size_t i = 0; r >= 0 && i < registry->count; i++) {
                const DriverRelease *found = driver_release(registry->entries[i]->value, release);

                if (found && found->initramfs_stale)
                        r = sd_bus_message_append_basic(reply, 's', registry->entries[i]->name);
        }
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        return r < 0 ? r : close_entry(reply);
}

static int append_image(sd_bus_message *reply, const Registry *registry, size_t position)
{
        const Facts *facts = registry->facts;
        const char *release = facts->catalogue->releases[position].release;
        const InitramfsImage *image = facts->images ? facts->images[position] : NULL;
        char *path CLEANUP_FREE = NULL;
        FileStamp stamp;
        int r = initramfs_find(registry->root, release, &path, &stamp);

        if (r == -ENOMEM)
                return r;
        r = sd_bus_message_open_container(reply, 'a', "{sv}");
        if (r >= 0)
                r = text_append_pair(reply, "kernel", release);
        if (r >= 0)
                r = text_append_pair(reply, "generator", initramfs_generator_text(facts->generator));
        if (r >= 0)
                r = text_append_pair(reply, "image", path ? path : "");
        if (r >= 0)
                r = sd_bus_message_append(reply, "{sv}", "read", "b", image && image->error == 0);
        if (r >= 0)
                r = append_held(reply, registry, release);
        if (r >= 0)
                r = append_stale(reply, registry, release);
        return r < 0 ? r : sd_bus_message_close_container(reply);
}

int manager_get_initramfs(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        const Registry *registry = ((Service *) userdata)->registry;
        sd_bus_message *reply CLEANUP(sd_bus_message_unrefp) = NULL;
        int r = sd_bus_message_new_method_return(message, &reply);

        if (r >= 0)
                r = sd_bus_message_open_container(reply, 'a', "a{sv}");
        for (size_t i = 0; r >= 0 && i < registry->facts->catalogue->release_count; i++)
                r = append_image(reply, registry, i);
        if (r >= 0)
                r = sd_bus_message_close_container(reply);
        return r < 0 ? r : sd_bus_message_send(reply);
}
