/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Each state of the database leads to a condition, with a sentence for people. SQLite's part is in
 * store-connect.h. */

#include "store/store-open.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "store/store-connect.h"
#include "store/store-file.h"
#include "store/store-schema.h"
#include "store/store-statement.h"
#include "util/text-format.h"

/* What opening has come to so far. */
typedef struct Opening {
        const char *directory;
        Store *store;
        StoreCondition condition;
        char *detail;
} Opening;

static int finish(Opening *opening, StoreCondition condition, char *detail)
{
        if (!detail && condition != STORE_OPENED && condition != STORE_CREATED)
                return -ENOMEM;
        opening->condition = condition;
        free(opening->detail);
        opening->detail = detail;
        return 0;
}

static int finish_absent(Opening *opening, int error)
{
        const char *directory = opening->directory;

        if (error == -ENOMEM)
                return -ENOMEM;
        opening->store->refusal = error;
        if (error == -EBUSY)
                return finish(opening, STORE_ABSENT,
                                text_new("%s/" STORE_FILE_NAME
                                         " is in use by another process, so that nothing "
                                         "is remembered. End the other one and restart hostdriverd.",
                                                directory));
        if (error == -EPROTONOSUPPORT)
                return finish(opening, STORE_ABSENT,
                                text_new("%s/" STORE_FILE_NAME
                                         " was written by a newer hostdriver and is left "
                                         "alone, so that nothing is remembered. Install that version again.",
                                                directory));
        return finish(opening, STORE_ABSENT,
                        text_new("%s/" STORE_FILE_NAME
                                 " can be neither opened nor made (%s), so that nothing is "
                                 "remembered. Remove the cause and restart hostdriverd.",
                                        directory, strerrordesc_np(-error)));
}

static int open_read_only(Opening *opening, int error)
{
        int code, reason;
        StoreVerdict verdict =
                        store_connect(opening->directory, true, &opening->store->database, &code, &reason);

        if (verdict == STORE_VERDICT_SOUND) {
                opening->store->refusal = error;
                return finish(opening, STORE_READ_ONLY,
                                text_new("%s/" STORE_FILE_NAME
                                         " can be read but not written (%s), so that no "
                                         "version can be selected. Remove the cause and restart "
                                         "hostdriverd.",
                                                opening->directory, strerrordesc_np(-error)));
        }
        /* An empty or old database would have to be written first. */
        (void) sqlite3_close(opening->store->database);
        opening->store->database = NULL;
        return finish_absent(opening, error);
}

/* Turns an empty or old database into a current one and makes it ready to be written. */
static int make_current(Opening *opening, StoreVerdict verdict, StoreCondition condition)
{
        sqlite3 *database = opening->store->database;
        int code = store_connect_for_writing(database), r;

        if (code == SQLITE_OK && verdict != STORE_VERDICT_SOUND)
                code = store_schema_migrate(database, store_migrations, store_schema_version);
        if (code == SQLITE_OK)
                return finish(opening, condition, NULL);
        r = database_error(database, code);
        (void) sqlite3_close(database);
        opening->store->database = NULL;
        return verdict == STORE_VERDICT_SOUND ? open_read_only(opening, r) : finish_absent(opening, r);
}

static bool is_about_writing(int error)
{
        return error == -EROFS || error == -EACCES || error == -EPERM || error == -ENOSPC ||
               error == -EDQUOT;
}

static int open_found(Opening *opening, bool is_new, bool *ret_damaged)
{
        StoreCondition condition = is_new ? STORE_CREATED : STORE_OPENED;
        int code, error;
        StoreVerdict verdict =
                        store_connect(opening->directory, false, &opening->store->database, &code, &error);

        switch (verdict) {
        case STORE_VERDICT_EMPTY:
                return make_current(opening, verdict, STORE_CREATED);
        case STORE_VERDICT_SOUND:
        case STORE_VERDICT_OLD:
                return make_current(opening, verdict, condition);
        case STORE_VERDICT_NEWER:
                return finish_absent(opening, -EPROTONOSUPPORT);
        case STORE_VERDICT_DAMAGED:
                *ret_damaged = true;
                return 0;
        case STORE_VERDICT_UNUSABLE:
        default:
                return is_about_writing(error) ? open_read_only(opening, error)
                                               : finish_absent(opening, error);
        }
}

static int open_once(Opening *opening, bool *ret_damaged)
{
        StoreFileState state;
        int r = store_file_prepare(opening->directory, &state);

        *ret_damaged = false;
        if (r < 0)
                return finish_absent(opening, r);
        if (state == STORE_FILE_NEWER)
                return finish_absent(opening, -EPROTONOSUPPORT);
        if (state == STORE_FILE_DAMAGED) {
                *ret_damaged = true;
                return 0;
        }
        return open_found(opening, state == STORE_FILE_NEW, ret_damaged);
}

static int start_over(Opening *opening)
{
        char *name CLEANUP_FREE = NULL;
        bool damaged;
        int r = store_file_set_aside(opening->directory, &name);

        if (r < 0)
                return finish_absent(opening, r);
        r = open_once(opening, &damaged);
        if (r < 0)
                return r;
        if (damaged)
                return finish_absent(opening, -EBADMSG);
        if (opening->condition != STORE_CREATED)
                return 0;
        return finish(opening, STORE_SET_ASIDE,
                        text_new("%s/" STORE_FILE_NAME " was damaged: it is now %s, and a new one begins. "
                                 "Selections are not lost, since links hold them; the history is.",
                                        opening->directory, name));
}

int store_open(const char *directory, StoreCondition *ret_condition, char **ret_detail, Store **ret)
{
        Store *store CLEANUP(store_freep) = calloc(1, sizeof(*store));
        Opening opening = { .directory = directory, .store = store };
        bool damaged;
        int r;

        if (!store)
                return -ENOMEM;
        r = open_once(&opening, &damaged);
        if (r >= 0 && damaged)
                r = start_over(&opening);
        if (r < 0) {
                free(opening.detail);
                return r;
        }
        *ret_condition = opening.condition;
        if (ret_detail)
                *ret_detail = opening.detail;
        else
                free(opening.detail);
        *ret = STEAL(store);
        return 0;
}
