/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Waits until things have settled and no package manager is at work, then asks the changer for what was
 * wanted. It never fights: who changes a selection again and again wins. */

#include "upkeep/heal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "change/proposal.h"
#include "host/package-lock.h"
#include "util/array.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/messages.h"
#include "util/text-format.h"

/* After the watch's own quiet time: whoever changes a link may be about to run depmod. */
#define SETTLE_USEC (500 * 1000ULL)
/* Until the package managers' locks are looked at again. */
#define RETRY_USEC (2 * 1000 * 1000ULL)

#define HEALS_MAX 3
#define HEALS_WITHIN_USEC (60 * 60 * 1000000ULL)

#define UNTIL "until a version of %s is selected or the service is restarted."

/* What is known of one driver. Never removed: there are few. */
typedef struct HealRecord {
        char *driver;
        char *told;                      /* the problem's sentence that the journal has; NULL */
        char *note;                      /* see drift_heal_note() */
        uint64_t healed_usec[HEALS_MAX]; /* CLOCK_MONOTONIC; oldest first */
        size_t heals;
        bool stopped;
} HealRecord;

struct DriftHealer {
        Registry *registry;
        Changer *changer;
        int (*refresh)(void *userdata);
        void *userdata;
        sd_event_source *timer;
        HealRecord **records;
        size_t count;
        bool publish;    /* a note has changed since the drivers were derived */
        bool publishing; /* the registry is refreshed for that alone */
};

/* --- records ------------------------------------------------------------------------------------------ */

static HealRecord *find_record(const DriftHealer *healer, const char *driver)
{
        for (size_t i = 0; i < healer->count; i++)
                if (strcmp(healer->records[i]->driver, driver) == 0)
                        return healer->records[i];
        return NULL;
}

/* The driver's record, a new one if it has none; NULL: no memory. */
static HealRecord *need_record(DriftHealer *healer, const char *driver)
{
        HealRecord *record = find_record(healer, driver);
        HealRecord **records;

        if (record)
                return record;
        records = array_grow(healer->records, healer->count, sizeof(HealRecord *));
        if (!records)
                return NULL;
        healer->records = records;
        record = calloc(1, sizeof(*record));
        if (!record)
                return NULL;
        record->driver = strdup(driver);
        if (!record->driver) {
                free(record);
                return NULL;
        }
        return records[healer->count++] = record;
}

static void set_note(DriftHealer *healer, HealRecord *record, const char *format, ...) PRINTF_LIKE(3, 4);
static void set_note(DriftHealer *healer, HealRecord *record, const char *format, ...)
{
        char *note;
        va_list arguments;

        va_start(arguments, format);
        (void) !text_format_va(&note, format, arguments);
        va_end(arguments);
        if (!note || (record->note && strcmp(record->note, note) == 0)) {
                free(note);
                return;
        }
        free(record->note);
        record->note = note;
        healer->publish = true;
        log_message(4, record->driver, NULL, "%s", note);
}

static void forget(HealRecord *record)
{
        record->heals = 0;
        record->stopped = false;
        free(STEAL(record->note));
}

const char *drift_heal_note(const DriftHealer *healer, const char *driver)
{
        const HealRecord *record = healer ? find_record(healer, driver) : NULL;

        if (!record || healer->registry->config->on_drift != ON_DRIFT_HEAL)
                return NULL;
        return record->note;
}

/* --- what is to be healed ------------------------------------------------------------------------------ */

static void arm(DriftHealer *healer, uint64_t usec)
{
        int r = sd_event_source_set_time_relative(healer->timer, usec);

        if (r >= 0)
                r = sd_event_source_set_enabled(healer->timer, SD_EVENT_ONESHOT);
        if (r < 0)
                log_warning("Nothing can be healed: %s.", strerror(-r));
}

static bool is_healable(const DriftHealer *healer, const DriverEntry *entry)
{
        const DriftList *drifts = &entry->value->drifts;
        const HealRecord *record = find_record(healer, entry->name);

        if (drifts->count == 0 || (record && record->stopped) ||
                        changer_job_of(healer->changer, entry->name))
                return false;
        for (size_t i = 0; i < drifts->count; i++)
                if (!drift_can_be_healed(&drifts->items[i]))
                        return false;
        return true;
}

static int list_healable(const DriftHealer *healer, StringSet *ret)
{
        const Registry *registry = healer->registry;

        for (size_t i = 0; i < registry->count; i++)
                if (is_healable(healer, registry->entries[i]) &&
                                string_set_add(ret, registry->entries[i]->name) < 0)
                        return -ENOMEM;
        return 0;
}

/* --- the change ---------------------------------------------------------------------------------------- */

static void drop_old_heals(HealRecord *record, uint64_t now)
{
        size_t kept = 0;

        for (size_t i = 0; i < record->heals; i++)
                if (now - record->healed_usec[i] < HEALS_WITHIN_USEC)
                        record->healed_usec[kept++] = record->healed_usec[i];
        record->heals = kept;
}

/* Selects what was wanted in the first release that has drifted, and in all that want the same. */
static int change(DriftHealer *healer, const DriverEntry *entry, char **ret_wanted, Refusal *refusal)
{
        StringSet kernels CLEANUP_STRING_SET = { 0 };
        const DriftList *drifts = &entry->value->drifts;
        char *wanted CLEANUP_FREE = strdup(drifts->items[0].wanted);
        char *driver CLEANUP_FREE = strdup(entry->name);
        ChangeTarget target = { driver, wanted };
        Request request = {
                .operation = &operation_table[OPERATION_HEAL], .targets = &target, .target_count = 1
        };
        Job *job;
        int r = driver && wanted ? 0 : -ENOMEM;

        for (size_t i = 0; r >= 0 && i < drifts->count; i++)
                if (strcmp(drifts->items[i].wanted, wanted) == 0)
                        r = string_set_add(&kernels, drifts->items[i].release);
        /* A driver is deselected in all releases at once. */
        if (r >= 0 && *wanted)
                request.kernels = &kernels;
        if (r >= 0)
                r = proposal_carry_out(healer->changer, &request, geteuid(), &job, refusal);
        if (r < 0)
                return r;
        *ret_wanted = STEAL(wanted);
        return 0;
}

static void heal(DriftHealer *healer, const DriverEntry *entry)
{
        HealRecord *record = need_record(healer, entry->name);
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        char *wanted CLEANUP_FREE = NULL;
        uint64_t now = clock_usec(CLOCK_MONOTONIC);
        int r;

        if (!record)
                return;
        drop_old_heals(record, now);
        if (record->heals == HEALS_MAX) {
                record->stopped = true;
                set_note(healer, record,
                                "It was taken back %d times within an hour and came back each time, so that "
                                "it is left alone now " UNTIL,
                                HEALS_MAX, record->driver);
                return;
        }
        r = change(healer, entry, &wanted, &refusal);
        if (r >= 0) {
                record->healed_usec[record->heals++] = now;
                free(STEAL(record->note));
                log_message(5, record->driver, MESSAGE_DRIFT_HEALED,
                                "%s%s of %s is %s again, since somebody else changed that.",
                                *wanted ? "Version " : "The driver", wanted, record->driver,
                                *wanted ? "selected" : "deselected");
                return;
        }
        if (refusal.kind == REFUSAL_BUSY)
                arm(healer, RETRY_USEC);
        set_note(healer, record, "It isn't taken back: %s", refusal.sentence ?: strerror(-r));
}

/* Whether to wait for a package manager; those who wait are told why. */
static bool must_wait(DriftHealer *healer, const StringSet *names)
{
        const char *path = NULL;
        int r = package_lock_held(healer->registry->root, &path);

        if (r == 0)
                return false;
        for (size_t i = 0; i < names->count; i++) {
                HealRecord *record = need_record(healer, names->items[i]);

                if (record)
                        set_note(healer, record,
                                        "It is taken back when the package manager has ended: %s%s.",
                                        path ? "it holds " : "its lock can't be read: ",
                                        path ?: strerror(-r));
        }
        return true;
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
        DriftHealer *healer = userdata;
        StringSet names CLEANUP_STRING_SET = { 0 };
        bool heals = healer->registry->config->on_drift == ON_DRIFT_HEAL;

        if (heals && list_healable(healer, &names) < 0)
                return 0;
        if (names.count > 0 && must_wait(healer, &names))
                arm(healer, RETRY_USEC);
        else
                for (size_t i = 0; i < names.count; i++) {
                        const DriverEntry *entry = registry_find(healer->registry, names.items[i]);

                        /* The one before may have taken it along. */
                        if (entry && is_healable(healer, entry))
                                heal(healer, entry);
                }
        if (healer->publish) {
                healer->publishing = true;
                (void) healer->refresh(healer->userdata);
                healer->publishing = false;
        }
        return 0;
}

/* --- what others tell ---------------------------------------------------------------------------------- */

/* Says each change by somebody else once. */
static void tell(DriftHealer *healer, const DriverEntry *entry)
{
        const ProblemList *problems = &entry->value->problems;
        HealRecord *record = find_record(healer, entry->name);

        if (entry->value->drifts.count == 0) {
                if (record)
                        free(STEAL(record->told));
                return;
        }
        record = need_record(healer, entry->name);
        for (size_t i = 0; record && i < problems->count; i++) {
                const char *sentence = problems->items[i].sentence;

                if (strcmp(problems->items[i].code, "drift") != 0)
                        continue;
                /* A note behind it has been logged by itself. */
                if (!record->told || strncmp(record->told, sentence, strlen(record->told)) != 0) {
                        free(record->told);
                        record->told = strdup(sentence);
                        log_message(4, entry->name, MESSAGE_DRIFT, "%s", sentence);
                }
                return;
        }
}

void drift_heal_update(DriftHealer *healer)
{
        const Registry *registry;
        bool any = false;

        if (!healer)
                return;
        healer->publish = false;
        registry = healer->registry;
        for (size_t i = 0; i < registry->count; i++) {
                tell(healer, registry->entries[i]);
                any = any || is_healable(healer, registry->entries[i]);
        }
        if (any && !healer->publishing && healer->registry->config->on_drift == ON_DRIFT_HEAL)
                arm(healer, SETTLE_USEC);
}

void drift_heal_job_ended(DriftHealer *healer, const Job *job)
{
        /* One that ended with the service says nothing about how the next one will. */
        bool heals = job->plan->operation->heals && !job->recovered;

        if (!healer || (heals && job->result == JOB_RESULT_DONE))
                return;
        if (heals) {
                HealRecord *record = need_record(healer, job->driver);

                if (!record)
                        return;
                record->stopped = true;
                set_note(healer, record, "Taking it back %s, so that it is left alone now " UNTIL,
                                job->result == JOB_RESULT_CANCELED ? "was canceled" : "failed", job->driver);
                arm(healer, 0);
                return;
        }
        for (size_t i = 0; i < job->plan->change_count + job->plan->block_count; i++) {
                HealRecord *record = find_record(healer,
                                i < job->plan->change_count
                                                ? job->plan->changes[i].module
                                                : job->plan->blocks[i - job->plan->change_count].module);

                if (record)
                        forget(record);
        }
}

int drift_healer_new(sd_event *event, Registry *registry, Changer *changer, int (*refresh)(void *userdata),
                void *userdata, DriftHealer **ret)
{
        DriftHealer *healer CLEANUP(drift_healer_freep) = calloc(1, sizeof(*healer));
        int r;

        if (!healer)
                return -ENOMEM;
        *healer = (DriftHealer){
                .registry = registry, .changer = changer, .refresh = refresh, .userdata = userdata
        };
        r = sd_event_add_time(event, &healer->timer, CLOCK_MONOTONIC, UINT64_MAX, 0, on_timer, healer);
        if (r >= 0)
                r = sd_event_source_set_enabled(healer->timer, SD_EVENT_OFF);
        if (r < 0)
                return r;
        *ret = STEAL(healer);
        return 0;
}

DriftHealer *drift_healer_free(DriftHealer *healer)
{
        if (!healer)
                return NULL;
        (void) sd_event_source_disable_unref(healer->timer);
        for (size_t i = 0; i < healer->count; i++) {
                free(healer->records[i]->driver);
                free(healer->records[i]->told);
                free(healer->records[i]->note);
                free(healer->records[i]);
        }
        free(healer->records);
        free(healer);
        return NULL;
}
