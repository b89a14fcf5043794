/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Has the rooms work on one host: the changer asks the registry, the registry asks what is under way, and
 * what is done unasked follows from what was read. */

#include "upkeep/upkeep.h"

#include <errno.h>
#include <malloc.h>
#include <string.h>

#include "change/reboot-flag.h"
#include "change/recovery.h"
#include "registry/refresh.h"
#include "store/store-open.h"
#include "store/store.h"
#include "util/log.h"

/* --- what the registry asks --------------------------------------------------------------------------- */

static bool is_changing(void *userdata, const char *driver)
{
        const Changer *changer = ((Upkeep *) userdata)->changer;
        const Job *job = changer ? changer_job_of(changer, driver) : NULL;

        return job && !job->recorded;
}

static int add_settling(void *userdata, const char *driver, StringSet *releases)
{
        const Changer *changer = ((Upkeep *) userdata)->changer;

        return changer ? changer_settling(changer, driver, releases) : 0;
}

static const StringSet *get_coming(void *userdata)
{
        const CarryOver *carrier = ((Upkeep *) userdata)->carrier;

        return carrier ? carry_over_coming(carrier) : NULL;
}

static bool may_be_stood_for(void *userdata, const char *kind)
{
        const Operation *operation = operation_find(kind);

        return operation && operation->wanted == WANTED_STANDS_IN;
}

static const char *get_drift_note(void *userdata, const char *driver)
{
        return drift_heal_note(((Upkeep *) userdata)->healer, driver);
}

static int make_registry(Upkeep *upkeep, ProblemList *problems_taken)
{
        const RegistryHost host = {
                .is_changing = is_changing,
                .add_settling = add_settling,
                .coming = get_coming,
                .may_be_stood_for = may_be_stood_for,
                .drift_note = get_drift_note,
                .reads_only = upkeep->host.reads_only,
                .userdata = upkeep,
        };
        int r = registry_new(upkeep->root, &upkeep->config, upkeep->store, &host, &upkeep->host.observer,
                        problems_taken, &upkeep->registry);

        return r < 0 ? r : registry_refresh(upkeep->registry);
}

/* --- what the changer asks ---------------------------------------------------------------------------- */

static const Facts *get_facts(void *userdata)
{
        return ((Upkeep *) userdata)->registry->facts;
}

static const Driver *get_driver(void *userdata, const char *name)
{
        const DriverEntry *entry = registry_find(((Upkeep *) userdata)->registry, name);

        return entry ? entry->value : NULL;
}

static void refresh(void *userdata)
{
        const Upkeep *upkeep = userdata;

        (void) upkeep->host.refresh(upkeep->host.userdata);
}

static void keep_image(void *userdata, InitramfsImage *image)
{
        facts_put_image(((Upkeep *) userdata)->registry->facts, image);
}

static int make_changer(Upkeep *upkeep)
{
        const ChangerHost host = {
                .facts = get_facts,
                .driver = get_driver,
                .refresh = refresh,
                .image = keep_image,
                .userdata = upkeep,
        };

        return changer_new(upkeep->event, upkeep->root, &upkeep->config, upkeep->store, &host,
                        upkeep->host.jobs, &upkeep->changer);
}

/* --- the beginning ------------------------------------------------------------------------------------- */

static const char *store_problem_code(StoreCondition condition)
{
        switch (condition) {
        case STORE_SET_ASIDE:
                return "database-set-aside";
        case STORE_READ_ONLY:
                return "database-read-only";
        case STORE_ABSENT:
                return "database-absent";
        case STORE_OPENED:
        case STORE_CREATED:
        default:
                return NULL;
        }
}

static int open_store(Upkeep *upkeep, ProblemList *problems)
{
        char *directory CLEANUP_FREE = NULL, *detail CLEANUP_FREE = NULL;
        StoreCondition condition;
        const char *code;
        int fd CLEANUP_FD = -1;
        int r;

        /* Should it fail, then so does the store, which says why. */
        fd = host_root_make_directory(upkeep->root, STATE_DIRECTORY, 0700);
        r = host_root_resolve(upkeep->root, STATE_DIRECTORY, &directory);
        if (r == -ENOMEM)
                return r;
        r = store_open(directory ?: STATE_DIRECTORY, &condition, &detail, &upkeep->store);
        if (r < 0)
                return r;
        code = store_problem_code(condition);
        if (!code)
                return 0;
        return problem_list_add(problems, condition == STORE_SET_ASIDE ? SEVERITY_WARNING : SEVERITY_ERROR,
                        code, "%s", detail ?: "The database can't be used.");
}

static int read_config(Upkeep *upkeep, ProblemList *problems)
{
        int r = config_read(upkeep->root, &upkeep->config);

        for (size_t i = 0; r >= 0 && i < upkeep->config.warnings.count; i++)
                r = problem_list_add(problems, SEVERITY_WARNING, "config", "%s",
                                upkeep->config.warnings.items[i]);
        return r;
}

int upkeep_new(sd_event *event, HostRoot *root_taken, const UpkeepHost *host, Upkeep **ret)
{
        Upkeep *upkeep CLEANUP(upkeep_freep) = calloc(1, sizeof(*upkeep));
        ProblemList problems CLEANUP_PROBLEM_LIST = { 0 };
        int r;

        if (!upkeep) {
                (void) host_root_free(root_taken);
                return -ENOMEM;
        }
        *upkeep = (Upkeep){ .host = *host, .event = sd_event_ref(event), .root = root_taken };
        r = read_config(upkeep, &problems);
        if (r >= 0)
                r = open_store(upkeep, &problems);
        if (r >= 0)
                r = make_registry(upkeep, &problems);
        if (r >= 0)
                r = make_changer(upkeep);
        if (r < 0)
                return r;
        *ret = STEAL(upkeep);
        return 0;
}

Upkeep *upkeep_free(Upkeep *upkeep)
{
        if (!upkeep)
                return NULL;
        (void) image_scan_free(upkeep->images);
        upkeep->healer = drift_healer_free(upkeep->healer);
        upkeep->carrier = carry_over_free(upkeep->carrier);
        (void) health_free(upkeep->health);
        (void) changer_free(upkeep->changer);
        (void) registry_free(upkeep->registry);
        (void) store_free(upkeep->store);
        config_done(&upkeep->config);
        (void) host_root_free(upkeep->root);
        (void) sd_event_unref(upkeep->event);
        free(upkeep);
        return NULL;
}

/* --- what is done unasked ------------------------------------------------------------------------------ */

static void flag_reboot(Upkeep *upkeep)
{
        bool required = host_state_reboot_required(&upkeep->registry->state);
        int r = reboot_flag_set(upkeep->root, required);

        if (r < 0)
                log_warning(REBOOT_FLAG_PATH " can't be %s: %s.", required ? "written" : "removed",
                                strerror(-r));
}

static void update_images(Upkeep *upkeep)
{
        int r = image_scan_update(upkeep->images);

        if (r < 0)
                log_warning("The initramfs images can't be read: %s.", strerror(-r));
}

static void scan_images(Upkeep *upkeep)
{
        int r = image_scan_new(upkeep->event, upkeep->registry, refresh, upkeep, &upkeep->images);

        if (r < 0)
                log_warning("The initramfs images can't be read: %s.", strerror(-r));
        else
                update_images(upkeep);
}

void upkeep_remember_metadata(Upkeep *upkeep)
{
        RememberedMetadata *metadata = &upkeep->registry->metadata;

        if (metadata->pending_count == 0)
                return;
        /* A database that can't be written is one of the Manager's problems already: files are read again.
         */
        (void) remembered_metadata_write(metadata, upkeep->store);
        /* What was read for the first time needed more memory than the facts that stay. */
        (void) malloc_trim(0);
}

int upkeep_refresh(Upkeep *upkeep)
{
        bool reboot_required = host_state_reboot_required(&upkeep->registry->state);
        int r = registry_refresh(upkeep->registry);

        if (upkeep->health) {
                health_tell_reading(upkeep->health, r);
                health_check_state(upkeep->health);
        }
        if (!upkeep->only_asked && reboot_required != host_state_reboot_required(&upkeep->registry->state))
                flag_reboot(upkeep);
        if (r >= 0 && upkeep->images)
                update_images(upkeep);
        upkeep_remember_metadata(upkeep);
        if (r >= 0)
                drift_heal_update(upkeep->healer);
        return r;
}

static int start_unasked(Upkeep *upkeep)
{
        const UpkeepHost *host = &upkeep->host;
        int r = carry_over_missed(upkeep->carrier);

        if (r >= 0)
                r = drift_healer_new(upkeep->event, upkeep->registry, upkeep->changer, host->refresh,
                                host->userdata, &upkeep->healer);
        if (r < 0)
                return r;
        drift_heal_update(upkeep->healer);
        flag_reboot(upkeep);
        return 0;
}

int upkeep_start(Upkeep *upkeep, bool only_asked)
{
        const UpkeepHost *host = &upkeep->host;
        int r;

        upkeep->only_asked = only_asked;
        r = health_new(upkeep->event, upkeep->registry, host->look_again, host->userdata, &upkeep->health);

        if (r >= 0)
                r = carry_over_new(upkeep->event, upkeep->registry, upkeep->changer, host->refresh,
                                host->userdata, &upkeep->carrier);
        if (r >= 0)
                r = recovery_run(upkeep->changer);
        if (r >= 0)
                r = only_asked ? carry_over_begin(upkeep->carrier) : start_unasked(upkeep);
        if (r < 0)
                return r;
        health_check_state(upkeep->health);
        scan_images(upkeep);
        return 0;
}

bool upkeep_is_unsettled(const Upkeep *upkeep)
{
        return changer_job_count(upkeep->changer) > 0 ||
               (upkeep->images && image_scan_is_busy(upkeep->images));
}

void upkeep_job_ended(Upkeep *upkeep, const Job *job)
{
        drift_heal_job_ended(upkeep->healer, job);
}

/* --- the configuration --------------------------------------------------------------------------------- */

#define KEPT                                                                                                  \
        "The configuration holds something that isn't understood, so that none of it was taken over and the " \
        "settings of before stay. Correct it, then run `systemctl reload hostdriverd`."

/* Whoever reads a value reads it from here, so that new ones hold for what follows. */
static int take_over(Upkeep *upkeep, Config *config)
{
        StringSet sentences CLEANUP_STRING_SET = { 0 };
        bool broken = config->warnings.count > 0;
        Config before = upkeep->config;
        int r = string_set_add_all(&sentences, &config->warnings);

        if (r >= 0 && broken)
                r = string_set_add(&sentences, KEPT);
        if (r >= 0)
                r = registry_replace_problems(upkeep->registry, "config", &sentences);
        if (r < 0 || broken)
                return r < 0 ? r : 0;
        upkeep->config = *config;
        *config = before;
        return 1;
}

int upkeep_reload(Upkeep *upkeep)
{
        Config config;
        int r = config_read(upkeep->root, &config);

        if (r >= 0) {
                r = take_over(upkeep, &config);
                config_done(&config);
        }
        if (r < 0)
                log_error("The configuration can't be read anew: %s. It stays as it was.", strerror(-r));
        return r > 0;
}
