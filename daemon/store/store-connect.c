/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Opens the database with SQLite and judges it. It neither changes nor moves it. */

#include "store/store-connect.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "store/store-file.h"
#include "store/store-schema.h"
#include "store/store-statement.h"
#include "util/text-format.h"

/* How long to wait for another process that holds the database. */
#define BUSY_TIMEOUT_MS 2000

/* Small, since it is the service's private memory: the cache is read once and in order. */
#define SETUP                                                                       \
        "PRAGMA locking_mode = EXCLUSIVE;" /* one writer: needs no shared memory */ \
        "PRAGMA cache_size = -256;"        /* KiB */                                \
        "PRAGMA trusted_schema = OFF;"                                              \
        "PRAGMA foreign_keys = ON;"                                                 \
        "PRAGMA cell_size_check = ON;"

static int encode(char **place, const char *path)
{
        static const char digits[] = "0123456789abcdef";
        char *out = malloc(strlen(path) * 3 + 1);

        *place = out;
        if (!out)
                return -ENOMEM;
        for (; *path; path++) {
                if (strchr("%?#", *path)) {
                        *out++ = '%';
                        *out++ = digits[(unsigned char) *path >> 4];
                        *out++ = digits[(unsigned char) *path & 15];
                } else
                        *out++ = *path;
        }
        *out = '\0';
        return 0;
}

static bool has_log(const char *directory)
{
        char *path CLEANUP_FREE = NULL;
        struct stat st;

        return text_format(&path, "%s/" STORE_FILE_NAME "-wal", directory) >= 0 && stat(path, &st) >= 0;
}

/* What a connection for reading alone needs: it can't make a missing log, and it can't take the exclusive
 * lock by which a log is read without shared memory. */
static const char *reading_parameters(const char *directory)
{
        return has_log(directory) ? "?vfs=unix-none" : "?immutable=1";
}

static int make_uri(const char *directory, bool read_only, char **ret)
{
        char *encoded CLEANUP_FREE = NULL;
        int r = encode(&encoded, directory);

        if (r < 0)
                return r;
        return text_format(ret, "file:%s/" STORE_FILE_NAME "%s", encoded,
                        read_only ? reading_parameters(directory) : "");
}

static int open_connection(const char *directory, bool read_only, sqlite3 **ret)
{
        int flags = (read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) | SQLITE_OPEN_URI |
                    SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE | SQLITE_OPEN_EXRESCODE;
        char *uri CLEANUP_FREE = NULL;
        int code;

        if (make_uri(directory, read_only, &uri) < 0)
                return SQLITE_NOMEM;
        code = sqlite3_open_v2(uri, ret, flags, NULL);
        if (code != SQLITE_OK)
                return code;
        /* SQLite falls back to reading by itself. */
        if (!read_only && sqlite3_db_readonly(*ret, "main") > 0)
                return SQLITE_READONLY;
        (void) sqlite3_db_config(*ret, SQLITE_DBCONFIG_LOOKASIDE, NULL, 128, 32);
        (void) sqlite3_db_config(*ret, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
        (void) sqlite3_busy_timeout(*ret, BUSY_TIMEOUT_MS);
        return sqlite3_exec(*ret, SETUP, NULL, NULL, NULL);
}

static int count_tables(sqlite3 *database, int64_t *ret)
{
        sqlite3_stmt *statement = NULL;
        int code = sqlite3_prepare_v2(database, "SELECT count(*) FROM sqlite_schema", -1, &statement, NULL);

        if (code == SQLITE_OK)
                code = sqlite3_step(statement);
        if (code == SQLITE_ROW) {
                *ret = sqlite3_column_int64(statement, 0);
                code = SQLITE_OK;
        }
        (void) sqlite3_finalize(statement);
        return code;
}

/* Looks through every page. *ret_whole tells the result. */
static int check_pages(sqlite3 *database, bool *ret_whole)
{
        sqlite3_stmt *statement = NULL;
        int code = sqlite3_prepare_v2(database, "PRAGMA quick_check(1)", -1, &statement, NULL);

        *ret_whole = false;
        if (code == SQLITE_OK)
                code = sqlite3_step(statement);
        if (code == SQLITE_ROW) {
                const char *text = (const char *) sqlite3_column_text(statement, 0);

                *ret_whole = text && strcmp(text, "ok") == 0;
                code = SQLITE_OK;
        }
        (void) sqlite3_finalize(statement);
        return code;
}

static StoreVerdict unusable(int code)
{
        return database_is_damaged(code) ? STORE_VERDICT_DAMAGED : STORE_VERDICT_UNUSABLE;
}

static StoreVerdict judge(sqlite3 *database, int *ret_code)
{
        int64_t id = 0, version = 0, tables = 0;
        bool whole = false;
        int code = store_schema_read_pragma(database, "application_id", &id);

        if (code == SQLITE_OK)
                code = store_schema_read_pragma(database, "user_version", &version);
        if (code == SQLITE_OK)
                code = count_tables(database, &tables);
        *ret_code = code;
        if (code != SQLITE_OK)
                return unusable(code);
        if (id == 0 && version == 0 && tables == 0)
                return STORE_VERDICT_EMPTY;
        if (id != STORE_APPLICATION_ID || version < 1)
                return STORE_VERDICT_DAMAGED;
        if (version > store_schema_version)
                return STORE_VERDICT_NEWER;
        code = *ret_code = check_pages(database, &whole);
        if (code != SQLITE_OK)
                return unusable(code);
        if (!whole)
                return STORE_VERDICT_DAMAGED;
        return version < store_schema_version ? STORE_VERDICT_OLD : STORE_VERDICT_SOUND;
}

StoreVerdict store_connect(
                const char *directory, bool read_only, sqlite3 **ret, int *ret_code, int *ret_error)
{
        sqlite3 *database = NULL;
        StoreVerdict verdict;

        *ret = NULL;
        *ret_code = open_connection(directory, read_only, &database);
        verdict = *ret_code != SQLITE_OK ? unusable(*ret_code) : judge(database, ret_code);
        *ret_error = database_error(database, *ret_code);
        if (verdict == STORE_VERDICT_SOUND || verdict == STORE_VERDICT_EMPTY ||
                        verdict == STORE_VERDICT_OLD) {
                *ret = database;
                return verdict;
        }
        /* What isn't ours to use stays as it is, its write-ahead log too. */
        if (database)
                (void) sqlite3_db_config(database, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
        (void) sqlite3_close(database);
        return verdict;
}

int store_connect_for_writing(sqlite3 *database)
{
        return sqlite3_exec(database,
                        "PRAGMA journal_mode = WAL;"
                        "PRAGMA synchronous = FULL;"
                        "PRAGMA journal_size_limit = 1048576;", /* bytes */
                        NULL, NULL, NULL);
}
