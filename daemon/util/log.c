/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sends lines where they are read: structured to the journal, or plain to stderr. */

#include "util/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <systemd/sd-journal.h>

#include "util/text-format.h"

#define FIELDS_MAX 4

static bool stderr_is_journal;
static int least_grave = 7;

void log_limit(int priority)
{
        least_grave = priority;
}

void log_init(void)
{
        /* DEVICE:INODE of the stream that the journal reads: systemd.exec(5), $JOURNAL_STREAM. */
        const char *stream = getenv("JOURNAL_STREAM");
        unsigned long long device, inode;
        struct stat st;

        stderr_is_journal = stream && sscanf(stream, "%llu:%llu", &device, &inode) == 2 &&
                            fstat(STDERR_FILENO, &st) >= 0 && st.st_dev == device && st.st_ino == inode;
}

static void add_field(struct iovec fields[], int *count, const char *name, const char *value, char **buffer)
{
        if (value && text_format(buffer, "%s=%s", name, value) >= 0)
                fields[(*count)++] = (struct iovec){ .iov_base = *buffer, .iov_len = strlen(*buffer) };
}

void log_message(int priority, const char *driver, const char *message_id, const char *format, ...)
{
        char *text CLEANUP_FREE = NULL;
        va_list arguments;
        int r;

        if (priority > least_grave)
                return;
        va_start(arguments, format);
        r = text_format_va(&text, format, arguments);
        va_end(arguments);
        if (r < 0)
                return;
        if (stderr_is_journal) {
                char *buffers[FIELDS_MAX] = { NULL };
                struct iovec fields[FIELDS_MAX];
                const char digit[] = { (char) ('0' + priority), '\0' };
                int count = 0;

                add_field(fields, &count, "MESSAGE", text, &buffers[0]);
                add_field(fields, &count, "PRIORITY", digit, &buffers[1]);
                add_field(fields, &count, "HOSTDRIVER", driver, &buffers[2]);
                add_field(fields, &count, "MESSAGE_ID", message_id, &buffers[3]);
                r = sd_journal_sendv(fields, count);
                for (size_t i = 0; i < ELEMENTSOF(buffers); i++)
                        free(buffers[i]);
                if (r >= 0)
                        return;
        }
        (void) fprintf(stderr, "hostdriverd: %s%s%s\n", driver ? driver : "", driver ? ": " : "", text);
}
