/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Brings together what the store wants, what the facts say and what other programs left behind. */

#include "registry/wanted.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/package-list.h"
#include "model/drift-text.h"
#include "model/driver-derive.h"
#include "model/version-id.h"
#include "model/wanted-file.h"
#include "store/store-wanted.h"
#include "store/store.h"
#include "util/array.h"
#include "util/log.h"
#include "util/text-format.h"

static int add_row(void *userdata, const char *name, const char *release, const char *version,
                const char *build, const char *last_kind)
{
        WantedTable *table = userdata;
        const RegistryHost *host = table->host;
        WantedVersion *items = array_grow(table->items, table->count, sizeof(*items));
        struct WantedName *names;

        if (!items)
                return -ENOMEM;
        table->items = items;
        names = array_grow(table->names, table->count, sizeof(*names));
        if (!names)
                return -ENOMEM;
        table->names = names;
        names[table->count] = (struct WantedName){ .driver = strdup(name) };
        /* What another module's selection took along has no history of its own. */
        items[table->count] = (WantedVersion){
                .release = strdup(release),
                .version = strdup(version),
                .build = strdup(build),
                .may_be_stood_for = *last_kind == '\0' ||
                                    (host->may_be_stood_for &&
                                                    host->may_be_stood_for(host->userdata, last_kind)),
        };
        table->count++;
        return names[table->count - 1].driver && items[table->count - 1].release &&
                                               items[table->count - 1].version &&
                                               items[table->count - 1].build
                               ? 0
                               : -ENOMEM;
}

int wanted_table_load(const Registry *registry, WantedTable *ret)
{
        WantedTable table CLEANUP_WANTED_TABLE = { .host = &registry->host };
        int r = store_wanted_load(registry->store, add_row, &table);

        if (r == -ENOMEM)
                return r;
        if (r < 0) {
                log_warning("What was wanted could not be read, so that changes by others go unnoticed: %s.",
                                strerror(-r));
                return 0;
        }
        *ret = table;
        table = (WantedTable){ 0 };
        return 0;
}

void wanted_table_done(WantedTable *table)
{
        for (size_t i = 0; i < table->count; i++) {
                free(table->names[i].driver);
                free((char *) table->items[i].release);
                free((char *) table->items[i].version);
                free((char *) table->items[i].build);
        }
        free(table->names);
        free(table->items);
        *table = (WantedTable){ 0 };
}

static const WantedVersion *find_rows(const WantedTable *table, const char *name, size_t *ret_count)
{
        size_t low = 0, high = table->count, end;

        while (low < high) {
                size_t middle = low + (high - low) / 2;

                if (strcmp(table->names[middle].driver, name) < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        for (end = low; end < table->count && strcmp(table->names[end].driver, name) == 0;)
                end++;
        *ret_count = end - low;
        return table->items ? table->items + low : NULL;
}

int wanted_table_respell(WantedTable *table, const Driver *driver)
{
        size_t count;
        const WantedVersion *rows = find_rows(table, driver->name, &count);
        size_t first = count > 0 ? (size_t) (rows - table->items) : 0;

        for (size_t i = first; i < first + count; i++) {
                WantedVersion *item = &table->items[i];
                const DriverVersion *version =
                                *item->version ? driver_version_meant(driver, item->version) : NULL;
                char *full CLEANUP_FREE = NULL;

                if (!version)
                        continue;
                full = driver_version_full(version);
                if (!full)
                        return -ENOMEM;
                if (strcmp(full, item->version) == 0)
                        continue;
                free((char *) item->version);
                item->version = STEAL(full);
                table->names[i].renewed = table->any_renewed = true;
        }
        return 0;
}

int wanted_table_identify(WantedTable *table, const Facts *facts, const Driver *driver)
{
        size_t count;
        const WantedVersion *rows = find_rows(table, driver->name, &count);
        size_t first = count > 0 ? (size_t) (rows - table->items) : 0;

        for (size_t i = first; i < first + count; i++) {
                WantedVersion *item = &table->items[i];
                const CatalogueFile *file = *item->build ? NULL : wanted_file(facts, driver, item);
                char *build CLEANUP_FREE = NULL;

                if (!file || *module_file_identity(file->file) == '\0')
                        continue;
                build = strdup(module_file_identity(file->file));
                if (!build)
                        return -ENOMEM;
                free((char *) item->build);
                item->build = STEAL(build);
                table->names[i].renewed = table->any_renewed = true;
        }
        return 0;
}

static int save_row(Store *store, const char *driver, const WantedVersion *item)
{
        int r = store_wanted_set(store, driver, item->release, item->version);

        return r < 0 ? r : store_wanted_set_build(store, driver, item->release, item->build);
}

void wanted_table_save(const WantedTable *table, Store *store)
{
        int r = table->any_renewed ? store_begin(store) : -ENOENT;

        if (r < 0)
                return;
        for (size_t i = 0; r >= 0 && i < table->count; i++)
                if (table->names[i].renewed)
                        r = save_row(store, table->names[i].driver, &table->items[i]);
        if (r < 0 || store_commit(store) < 0)
                store_rollback(store);
}

/* The releases that a job, or a carrying over that is about to become one, settles. */
static int find_settling(const RegistryHost *host, const char *name, const StringSet *coming, StringSet *ret)
{
        int r = coming ? string_set_add_all(ret, coming) : 0;

        return r < 0 || !host->add_settling ? r : host->add_settling(host->userdata, name, ret);
}

static int blame_and_tell(const Registry *registry, Driver *driver)
{
        const RegistryHost *host = &registry->host;

        for (size_t i = 0; i < driver->drifts.count; i++) {
                DriftEvidence evidence CLEANUP_DRIFT_EVIDENCE = { 0 };
                Drift *drift = &driver->drifts.items[i];
                int r = drift_evidence_read(
                                registry->root, drift->release, driver->name, drift->file, &evidence);

                if (r >= 0)
                        r = drift_blame(drift, &evidence);
                if (r < 0)
                        return r;
        }
        return drift_add_problems(&driver->drifts, driver->name,
                        host->drift_note ? host->drift_note(host->userdata, driver->name) : NULL,
                        &driver->problems);
}

/* A file that says nothing has a problem of its own. */
static int tell_changed(const Registry *registry, const Facts *facts, Driver *driver,
                const WantedVersion *rows, size_t count)
{
        int r = 0;

        for (size_t i = 0; r >= 0 && i < count; i++) {
                const CatalogueFile *file = wanted_file_changed(facts, driver, &rows[i]);
                char *path CLEANUP_FREE = NULL, *package CLEANUP_FREE = NULL;
                int64_t unpacked_ns = 0;

                if (!file)
                        continue;
                if (text_format(&path, "/lib/modules/%s/%s", rows[i].release, file->path) < 0)
                        return -ENOMEM;
                r = package_list_find(registry->root, path, &package, &unpacked_ns);
                if (r >= 0)
                        r = wanted_file_tell(driver, &rows[i], path,
                                        file->stamp.ctime_ns <= unpacked_ns ? package : NULL);
        }
        return r;
}

int wanted_derive_driver(const Registry *registry, const Facts *facts, const WantedTable *wanted,
                size_t module, const StringSet *coming, Driver **ret)
{
        const RegistryHost *host = &registry->host;
        Driver *driver CLEANUP(driver_freep) = NULL;
        StringSet settling CLEANUP_STRING_SET = { 0 };
        const char *name = facts->catalogue->modules.items[module];
        const WantedVersion *rows;
        size_t count;
        int r = find_settling(host, name, coming, &settling);

        if (r < 0)
                return r;
        rows = find_rows(wanted, name, &count);
        if (host->is_changing && host->is_changing(host->userdata, name))
                count = 0;
        r = driver_derive_wanted(facts, module, rows, count, &settling, &driver);
        if (r >= 0 && driver->drifts.count > 0)
                r = blame_and_tell(registry, driver);
        if (r >= 0)
                r = tell_changed(registry, facts, driver, rows, count);
        if (r < 0)
                return r;
        *ret = STEAL(driver);
        return 0;
}
