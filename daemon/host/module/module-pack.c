/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A number that says which bytes these are, and the table's fields behind it. */

#include "host/module/module-pack.h"

#include "host/module/module-assemble.h"
#include "util/record-pack.h"

/* Counts up whenever the bytes change their meaning; the other byte order is another number. */
#define PACK_FORMAT 0x484d4606U

typedef struct PackedFile {
        uint32_t format;
        ModuleFile file;
} PackedFile;

static const RecordField fields[] = {
        RECORD_FIELD_NUMBER(PackedFile, format, PACK_FORMAT, PACK_FORMAT),
        RECORD_FIELD_STRUCT(PackedFile, file, &module_file_record),
};
static const Record packed_record = { sizeof(PackedFile), fields, ELEMENTSOF(fields), NULL };

int module_file_pack(const ModuleFile *file, void **ret_data, size_t *ret_size)
{
        return record_pack(&packed_record, &(PackedFile){ PACK_FORMAT, *file }, ret_data, ret_size);
}

int module_file_unpack(const void *data, size_t size, ModuleFile **ret)
{
        PackedFile packed = { 0 };
        int r = record_unpack(&packed_record, data, size, &packed);

        return r < 0 ? r : module_file_assemble(&packed.file, ret);
}
