/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A verdict as bytes: a head, the refusal's sentence, and the files as the metadata cache has them. Both
 * ends are this very program, but one of them has read whatever somebody handed in. */

#include "change/import-verdict.h"

#include <errno.h>
#include <string.h>

#include "host/module/module-pack.h"
#include "util/fs.h"

/* No module says that much of itself. Bytes. */
#define VERDICT_SIZE_MAX (64U * 1024 * 1024)

#define ERRNO_MAX 4095

typedef struct VerdictHead {
        int32_t result;
        uint32_t kind;
        uint64_t sentence_size;
        uint64_t count;
} VerdictHead;

void import_verdict_done(ImportVerdict *verdict)
{
        refusal_done(&verdict->refusal);
        for (size_t i = 0; i < verdict->count; i++)
                (void) module_file_unref(verdict->files[i]);
        free(verdict->files);
        *verdict = (ImportVerdict){ 0 };
}

/* --- there ----------------------------------------------------------------------------------------------
 */

static int write_file(int fd, const ModuleFile *file)
{
        void *data CLEANUP_FREE = NULL;
        size_t size;
        uint64_t head;
        int r = module_file_pack(file, &data, &size);

        if (r < 0)
                return r;
        head = size;
        r = fs_write_all(fd, (const char *) &head, sizeof(head));
        return r < 0 ? r : fs_write_all(fd, data, size);
}

int import_verdict_write(int fd, const ImportVerdict *verdict)
{
        bool refused = verdict->result == -ECANCELED;
        const char *sentence = refused ? verdict->refusal.sentence : "";
        const VerdictHead head = { .result = verdict->result,
                .kind = refused ? verdict->refusal.kind : REFUSAL_NONE,
                .sentence_size = strlen(sentence),
                .count = verdict->count };
        int r = fs_write_all(fd, (const char *) &head, sizeof(head));

        if (r >= 0)
                r = fs_write_all(fd, sentence, (size_t) head.sentence_size);
        for (size_t i = 0; r >= 0 && i < verdict->count; i++)
                r = write_file(fd, verdict->files[i]);
        return r;
}

/* --- and back -------------------------------------------------------------------------------------------
 */

typedef struct Rest {
        const char *data;
        size_t size;
} Rest;

/* The next SIZE bytes, or NULL. Borrowed. */
static const char *take(Rest *rest, uint64_t size)
{
        const char *data = rest->data;

        if (size > rest->size)
                return NULL;
        rest->data += size;
        rest->size -= (size_t) size;
        return data;
}

/* Only what is refused has a kind and a sentence; and none has a NUL in it. */
static bool refusal_is_sound(const VerdictHead *head, const char *sentence)
{
        bool refused = head->result == -ECANCELED;

        return head->result <= 0 && head->result >= -ERRNO_MAX && head->kind <= REFUSAL_FAILED &&
               refused == (head->kind != REFUSAL_NONE) && (refused || head->sentence_size == 0) &&
               !memchr(sentence, '\0', (size_t) head->sentence_size);
}

static int read_refusal(Rest *rest, const VerdictHead *head, ImportVerdict *verdict)
{
        const char *sentence = take(rest, head->sentence_size);

        if (!sentence || !refusal_is_sound(head, sentence))
                return -EBADMSG;
        verdict->result = head->result;
        if (head->kind == REFUSAL_NONE)
                return 0;
        verdict->refusal.kind = (RefusalKind) head->kind;
        verdict->refusal.sentence = strndup(sentence, (size_t) head->sentence_size);
        return verdict->refusal.sentence ? 0 : -ENOMEM;
}

static int read_files(Rest *rest, uint64_t count, ImportVerdict *verdict)
{
        /* Each has a size of its own. */
        if (count > rest->size / sizeof(uint64_t))
                return -EBADMSG;
        verdict->files = calloc((size_t) count + 1, sizeof(*verdict->files));
        if (!verdict->files)
                return -ENOMEM;
        for (uint64_t i = 0; i < count; i++) {
                const char *head = take(rest, sizeof(uint64_t)), *data;
                uint64_t size = 0;
                int r;

                if (head)
                        memcpy(&size, head, sizeof(size));
                data = head ? take(rest, size) : NULL;
                r = data ? module_file_unpack(data, (size_t) size, &verdict->files[i]) : -EBADMSG;
                if (r < 0)
                        return r;
                verdict->count++;
        }
        return rest->size == 0 ? 0 : -EBADMSG;
}

int import_verdict_read(int fd, size_t count, ImportVerdict *ret)
{
        ImportVerdict verdict CLEANUP_IMPORT_VERDICT = { 0 };
        char *data CLEANUP_FREE = NULL;
        Rest rest = { 0 };
        const char *bytes;
        VerdictHead head;
        int r = lseek(fd, 0, SEEK_SET) < 0 ? -errno : 0;

        if (r >= 0)
                r = fs_read_fd(fd, VERDICT_SIZE_MAX, &data, &rest.size);
        if (r < 0)
                return r;
        rest.data = data;
        bytes = take(&rest, sizeof(head));
        if (!bytes)
                return -EBADMSG;
        memcpy(&head, bytes, sizeof(head));
        r = read_refusal(&rest, &head, &verdict);
        if (r >= 0)
                r = read_files(&rest, head.count, &verdict);
        if (r >= 0 && verdict.result == 0 && verdict.count != count)
                r = -EBADMSG;
        if (r < 0)
                return r;
        *ret = verdict;
        verdict = (ImportVerdict){ 0 };
        return 0;
}
