/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Makes, inspects and sets aside the database's files. It never deletes one and knows no SQL. */

#include "store/store-file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "store/store-schema.h"
#include "util/fs.h"
#include "util/text-format.h"

#define SET_ASIDE_TRIES 1000

/* Of the header of a database (https://www.sqlite.org/fileformat.html, section 1.3). */
#define HEADER_SIZE 100
#define HEADER_MAGIC "SQLite format 3"
#define HEADER_USER_VERSION 60
#define HEADER_APPLICATION_ID 68

static int open_directory(const char *directory)
{
        int fd;

        if (mkdir(directory, 0700) < 0 && errno != EEXIST && errno != EROFS)
                return -errno;
        fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        return fd < 0 ? -errno : fd;
}

static int make_file(int directory_fd)
{
        int fd CLEANUP_FD =
                        openat(directory_fd, STORE_FILE_NAME, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, 0600);

        if (fd < 0)
                return -errno;
        if (fchmod(fd, 0600) < 0) /* whatever the umask says */
                return -errno;
        return fs_sync(directory_fd);
}

static uint32_t read_number(const uint8_t *at)
{
        return (uint32_t) at[0] << 24 | (uint32_t) at[1] << 16 | (uint32_t) at[2] << 8 | at[3];
}

/* The newest header may still be in the write-ahead log: what this doesn't refuse, SQLite is asked. */
static StoreFileState judge_header(const uint8_t *header, size_t size)
{
        if (size < HEADER_SIZE || memcmp(header, HEADER_MAGIC, sizeof(HEADER_MAGIC)) != 0)
                return STORE_FILE_DAMAGED;
        if (read_number(header + HEADER_APPLICATION_ID) == STORE_APPLICATION_ID &&
                        read_number(header + HEADER_USER_VERSION) > (uint32_t) store_schema_version)
                return STORE_FILE_NEWER;
        return STORE_FILE_FOUND;
}

int store_file_prepare(const char *directory, StoreFileState *ret)
{
        int directory_fd CLEANUP_FD = open_directory(directory), fd CLEANUP_FD = -1, r;
        uint8_t header[HEADER_SIZE];
        struct stat st;
        ssize_t size;

        if (directory_fd < 0)
                return directory_fd;
        /* O_NONBLOCK: a FIFO that stands there must not block the service. */
        fd = openat(directory_fd, STORE_FILE_NAME, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
        if (fd < 0 && (errno == ENXIO || errno == ELOOP)) {
                *ret = STORE_FILE_DAMAGED; /* a socket, or a loop of links */
                return 0;
        }
        if (fd < 0 && errno != ENOENT)
                return -errno;
        if (fd >= 0 && fstat(fd, &st) < 0)
                return -errno;
        if (fd < 0 || (S_ISREG(st.st_mode) && st.st_size == 0)) {
                r = make_file(directory_fd);
                if (r >= 0)
                        *ret = STORE_FILE_NEW;
                return r;
        }
        if (!S_ISREG(st.st_mode)) {
                *ret = STORE_FILE_DAMAGED;
                return 0;
        }
        size = pread(fd, header, sizeof(header), 0);
        if (size < 0)
                return -errno;
        *ret = judge_header(header, (size_t) size);
        return 0;
}

static int format_aside_name(char **ret, const char *time, unsigned attempt)
{
        return attempt == 0 ? text_format(ret, STORE_FILE_NAME ".damaged-%s", time)
                            : text_format(ret, STORE_FILE_NAME ".damaged-%s-%u", time, attempt);
}

static int move(int directory_fd, const char *name, const char *ending)
{
        char *from CLEANUP_FREE = NULL, *to CLEANUP_FREE = NULL;

        if (text_format(&from, STORE_FILE_NAME "%s", ending) < 0 ||
                        text_format(&to, "%s%s", name, ending) < 0)
                return -ENOMEM;
        return renameat2(directory_fd, from, directory_fd, to, RENAME_NOREPLACE) < 0 ? -errno : 0;
}

static bool name_is_free(int directory_fd, const char *name)
{
        static const char *const endings[] = { "", "-wal", "-shm" };

        for (size_t i = 0; i < ELEMENTSOF(endings); i++) {
                char *path CLEANUP_FREE = NULL;
                struct stat st;

                if (text_format(&path, "%s%s", name, endings[i]) < 0)
                        return false;
                if (fstatat(directory_fd, path, &st, AT_SYMLINK_NOFOLLOW) >= 0)
                        return false;
        }
        return true;
}

/* The database last: should this be cut short, the next start finds it still damaged, and goes on. */
static int move_all(int directory_fd, const char *name)
{
        static const char *const endings[] = { "-wal", "-shm", "" };

        for (size_t i = 0; i < ELEMENTSOF(endings); i++) {
                int r = move(directory_fd, name, endings[i]);

                if (r < 0 && (r != -ENOENT || !*endings[i]))
                        return r;
        }
        return fs_sync(directory_fd);
}

int store_file_set_aside(const char *directory, char **ret_name)
{
        int directory_fd CLEANUP_FD = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        time_t now = time(NULL);
        char text[32];
        struct tm utc;

        if (directory_fd < 0)
                return -errno;
        if (!gmtime_r(&now, &utc) || strftime(text, sizeof(text), "%Y%m%dT%H%M%SZ", &utc) == 0)
                return -EOVERFLOW;
        for (unsigned attempt = 0; attempt < SET_ASIDE_TRIES; attempt++) {
                char *name CLEANUP_FREE = NULL;
                int r = format_aside_name(&name, text, attempt);

                if (r < 0)
                        return r;
                if (!name_is_free(directory_fd, name))
                        continue;
                r = move_all(directory_fd, name);
                if (r == -EEXIST)
                        continue;
                if (r >= 0)
                        *ret_name = STEAL(name);
                return r;
        }
        return -EEXIST;
}
