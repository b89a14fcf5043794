/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Derives and finds UUIDs. What the store remembers wins over what would be derived: that is the caller's.
 */

#include "registry/identity.h"
#include "store/store-identity.h"
#include "util/array.h"
#include "util/clock.h"

#include <errno.h>
#include <string.h>
#include <uuid.h>

#define MACHINE_ID_DIGITS 32

/* The store's name for the host's own identity: no module can have a slash in its name. */
#define HOST_IDENTITY "/host"

static int derive(const uuid_t space, const char *name, char **ret)
{
        char *text CLEANUP_FREE = malloc(UUID_STR_LEN);
        uuid_t uuid;

        if (!text)
                return -ENOMEM;
        uuid_generate_sha1(uuid, space, name, strlen(name));
        uuid_unparse_lower(uuid, text);
        *ret = STEAL(text);
        return 0;
}

/* machine-id(5): 32 lower-case hexadecimal digits and a newline; all zeroes or "uninitialized" is none. */
static bool read_machine_id(const HostRoot *root, uuid_t ret)
{
        char *text CLEANUP_FREE = NULL;
        char dashed[UUID_STR_LEN];
        size_t size;

        if (host_root_read(root, "/etc/machine-id", 4096, &text, &size) < 0)
                return false;
        if (strcspn(text, "\n") != MACHINE_ID_DIGITS)
                return false;
        for (size_t from = 0, to = 0; from < MACHINE_ID_DIGITS; from++) {
                if (from == 8 || from == 12 || from == 16 || from == 20)
                        dashed[to++] = '-';
                dashed[to++] = text[from];
        }
        dashed[UUID_STR_LEN - 1] = '\0';
        return uuid_parse(dashed, ret) == 0 && !uuid_is_null(ret);
}

static int remembered_host(Store *store, char **ret)
{
        IdentityList list CLEANUP(identity_list_done) = { 0 };
        const Identity *identity;
        char random[UUID_STR_LEN];
        uuid_t uuid;
        int r;

        r = store ? store_identities(store, &list) : 0;
        if (r == -ENOMEM)
                return r;
        identity = identity_find(&list, HOST_IDENTITY);
        if (identity) {
                *ret = strdup(identity->uuid);
                return *ret ? 0 : -ENOMEM;
        }
        uuid_generate_random(uuid);
        uuid_unparse_lower(uuid, random);
        if (store)
                r = store_identity_seen(store, HOST_IDENTITY, random, "", clock_usec(CLOCK_REALTIME));
        /* A store that can't write has told so itself. */
        if (r == -ENOMEM)
                return r;
        *ret = strdup(random);
        return *ret ? 0 : -ENOMEM;
}

int identity_host(const HostRoot *root, Store *store, ProblemList *problems, char **ret)
{
        uuid_t machine;
        int r;

        if (read_machine_id(root, machine))
                return derive(machine, "host", ret);
        r = problem_list_add(problems, SEVERITY_WARNING, "machine-id-missing",
                        "/etc/machine-id holds no machine id, so a random one is remembered. Run "
                        "systemd-machine-id-setup to make one that outlives the database.");
        return r < 0 ? r : remembered_host(store, ret);
}

int identity_derive(const char *host_id, const char *name, char **ret)
{
        uuid_t space;

        if (uuid_parse(host_id, space) != 0)
                return -EINVAL;
        return derive(space, name, ret);
}

/* The database may be damaged, and what isn't UTF-8 must not go over the bus. */
static bool is_uuid(const char *text)
{
        uuid_t uuid;

        return uuid_parse(text, uuid) == 0;
}

const Identity *identity_find(const IdentityList *list, const char *name)
{
        size_t place = array_search(i, list->count, strcmp(list->items[i].name, name) < 0);

        if (place == list->count || strcmp(list->items[place].name, name) != 0)
                return NULL;
        return is_uuid(list->items[place].uuid) ? &list->items[place] : NULL;
}

int identity_present(const IdentityList *list, StringSet *ret)
{
        StringSet present CLEANUP_STRING_SET = { 0 };

        for (size_t i = 0; i < list->count; i++) {
                const Identity *identity = &list->items[i];

                if (identity->removed_at_us != 0 || strcmp(identity->name, HOST_IDENTITY) == 0)
                        continue;
                if (string_set_add(&present, identity->name) < 0)
                        return -ENOMEM;
        }
        *ret = present;
        present = (StringSet){ 0 };
        return 0;
}
