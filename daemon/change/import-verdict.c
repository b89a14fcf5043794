/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A verdict as the bytes of a record. Both ends are this very program, but one of them has read whatever
 * somebody handed in. */

#include "change/import-verdict.h"

#include <errno.h>
#include <string.h>

#include "change/proposal.h"
#include "host/module/module-assemble.h"
#include "util/fs.h"
#include "util/record-pack.h"

/* No module says that much of itself. Bytes. */
#define VERDICT_SIZE_MAX (64U * 1024 * 1024)

#define ERRNO_MAX 4095

typedef struct PackedVerdict {
        int result;
        RefusalKind kind;
        const char *sentence;
        ModuleFile *files; /* what is borrowed in them is; an owned array */
        size_t count;
} PackedVerdict;

/* Only what is refused has a kind and a sentence. */
static bool is_sound(const void *value)
{
        const PackedVerdict *packed = value;
        bool refused = packed->result == -ECANCELED;

        return refused == (packed->kind != REFUSAL_NONE) && (refused || *packed->sentence == '\0');
}

static const RecordField fields[] = {
        RECORD_FIELD_NUMBER(PackedVerdict, result, -ERRNO_MAX, 0),
        RECORD_FIELD_NUMBER(PackedVerdict, kind, REFUSAL_NONE, REFUSAL_FAILED),
        RECORD_FIELD(PackedVerdict, sentence, RECORD_REQUIRED, NULL),
        RECORD_FIELD_ARRAY_MAX(PackedVerdict, files, count, &module_file_record, IMPORT_FILES_MAX),
};
static const Record verdict_record = { sizeof(PackedVerdict), fields, ELEMENTSOF(fields), is_sound };

static void packed_done(PackedVerdict *packed)
{
        record_done(&verdict_record, packed);
}

void import_verdict_done(ImportVerdict *verdict)
{
        refusal_done(&verdict->refusal);
        for (size_t i = 0; i < verdict->count; i++)
                (void) module_file_unref(verdict->files[i]);
        free(verdict->files);
        *verdict = (ImportVerdict){ 0 };
}

int import_verdict_write(int fd, const ImportVerdict *verdict)
{
        bool refused = verdict->result == -ECANCELED;
        PackedVerdict packed CLEANUP(packed_done) = { .result = verdict->result,
                .kind = refused ? verdict->refusal.kind : REFUSAL_NONE,
                .sentence = refused ? verdict->refusal.sentence : "",
                .files = calloc(verdict->count + 1, sizeof(*packed.files)) };
        void *data CLEANUP_FREE = NULL;
        size_t size;
        int r;

        if (!packed.files)
                return -ENOMEM;
        while (packed.count < verdict->count) {
                packed.files[packed.count] = *verdict->files[packed.count];
                packed.count++;
        }
        r = record_pack(&verdict_record, &packed, &data, &size);
        return r < 0 ? r : fs_write_all(fd, data, size);
}

static int take(const PackedVerdict *packed, ImportVerdict *verdict)
{
        int r = 0;

        verdict->result = packed->result;
        verdict->refusal.kind = packed->kind;
        verdict->refusal.sentence = packed->kind == REFUSAL_NONE ? NULL : strdup(packed->sentence);
        verdict->files = calloc(packed->count + 1, sizeof(*verdict->files));
        if (!verdict->files || (packed->kind != REFUSAL_NONE && !verdict->refusal.sentence))
                return -ENOMEM;
        for (; r >= 0 && verdict->count < packed->count; verdict->count += r >= 0)
                r = module_file_assemble(&packed->files[verdict->count], &verdict->files[verdict->count]);
        return r;
}

int import_verdict_read(int fd, size_t count, ImportVerdict *ret)
{
        ImportVerdict verdict CLEANUP_IMPORT_VERDICT = { 0 };
        PackedVerdict packed CLEANUP(packed_done) = { 0 };
        char *data CLEANUP_FREE = NULL;
        size_t size;
        int r = lseek(fd, 0, SEEK_SET) < 0 ? -errno : 0;

        if (r >= 0)
                r = fs_read_fd(fd, VERDICT_SIZE_MAX, &data, &size);
        if (r >= 0)
                r = record_unpack(&verdict_record, data, size, &packed);
        if (r >= 0 && packed.result == 0 && packed.count != count)
                r = -EBADMSG;
        if (r >= 0)
                r = take(&packed, &verdict);
        if (r < 0)
                return r;
        *ret = verdict;
        verdict = (ImportVerdict){ 0 };
        return 0;
}
