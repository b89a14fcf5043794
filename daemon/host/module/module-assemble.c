/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Measures all strings, then copies them behind the structure. */

#include "host/module/module-assemble.h"

#include <elf.h>
#include <errno.h>
#include <string.h>

#include "host/name.h"

#define ERRNO_MAX 4095

/* What module_file_next() can be asked for. */
static bool is_kept(const char *entry)
{
        return strncmp(entry, "alias=", 6) == 0 || strncmp(entry, "depends=", 8) == 0 ||
               strncmp(entry, "firmware=", 9) == 0 || strncmp(entry, "softdep=", 8) == 0 ||
               strncmp(entry, "supported=", 10) == 0 || strncmp(entry, "intree=", 7) == 0;
}

/* Copies the kept entries to PLACE unless that is NULL. Returns their size. */
static size_t copy_entries(const ModuleFile *content, char *place)
{
        const char *entry = content->modinfo, *end = entry ? entry + content->modinfo_size : NULL;
        size_t total = 0;

        while (entry && entry < end) {
                size_t size = strlen(entry) + 1;

                if (is_kept(entry)) {
                        if (place)
                                memcpy(place + total, entry, size);
                        total += size;
                }
                entry += size;
        }
        return total;
}

static bool entries_are_sound(const char *entry, size_t size)
{
        const char *end = entry + size;

        if (size > 0 && end[-1] != '\0')
                return false;
        for (; entry < end; entry += strlen(entry) + 1)
                if (!is_kept(entry))
                        return false;
        return true;
}

static const RecordField fields[] = {
        RECORD_FIELD_NUMBER(ModuleFile, defect, MODULE_SOUND, MODULE_NOT_A_MODULE),
        RECORD_FIELD_NUMBER(ModuleFile, error, -ERRNO_MAX, 0),
        RECORD_FIELD_NUMBER(ModuleFile, machine, 0, UINT16_MAX),
        RECORD_FIELD_NUMBER(ModuleFile, elf_class, ELFCLASSNONE, ELFCLASS64),
        RECORD_FIELD_NUMBER(ModuleFile, byte_order, ELFDATANONE, ELFDATA2MSB),
        RECORD_FIELD(ModuleFile, is_signed, RECORD_REQUIRED, NULL),
        RECORD_FIELD(ModuleFile, name, RECORD_REQUIRED, name_is_utf8),
        RECORD_FIELD(ModuleFile, version, RECORD_REQUIRED, name_is_utf8),
        RECORD_FIELD(ModuleFile, srcversion, RECORD_REQUIRED, name_is_utf8),
        RECORD_FIELD(ModuleFile, vermagic, RECORD_REQUIRED, name_is_utf8),
        RECORD_FIELD(ModuleFile, description, RECORD_REQUIRED, name_is_utf8),
        RECORD_FIELD(ModuleFile, license, RECORD_REQUIRED, name_is_utf8),
        RECORD_FIELD(ModuleFile, signer, RECORD_REQUIRED, name_is_utf8),
        RECORD_FIELD(ModuleFile, note_version, RECORD_REQUIRED, name_is_utf8),
        RECORD_FIELD(ModuleFile, note_driver_version, RECORD_REQUIRED, name_is_utf8),
        RECORD_FIELD(ModuleFile, note_release, RECORD_REQUIRED, name_is_utf8),
        RECORD_FIELD(ModuleFile, build_id, RECORD_REQUIRED, name_is_utf8),
        RECORD_FIELD(ModuleFile, digest, RECORD_REQUIRED, name_is_utf8),
        RECORD_FIELD_BYTES(ModuleFile, modinfo, modinfo_size, entries_are_sound),
};

#define FOREACH_TEXT(i)                                 \
        for (size_t i = 0; i < ELEMENTSOF(fields); i++) \
                if (fields[i].type == RECORD_BORROWED)

static const char *text_at(const ModuleFile *file, size_t field)
{
        const char *text = *(const char *const *) ((const char *) file + fields[field].offset);

        return text ? text : "";
}

/* What can't be used says nothing. */
static bool is_sound(const void *value)
{
        const ModuleFile *file = value;
        bool is_silent = file->modinfo_size == 0;

        if (file->defect == MODULE_SOUND)
                return true;
        FOREACH_TEXT(i)
        is_silent = is_silent && *text_at(file, i) == '\0';
        return is_silent;
}

const Record module_file_record = { sizeof(ModuleFile), fields, ELEMENTSOF(fields), is_sound };

typedef struct Texts {
        const char *texts[ELEMENTSOF(fields)];
        char *escaped[ELEMENTSOF(fields)];
} Texts;

static void texts_done(Texts *texts)
{
        for (size_t i = 0; i < ELEMENTSOF(fields); i++)
                free(texts->escaped[i]);
}

/* Returns the size of all, or 0 if there is no memory. */
static size_t prepare_texts(const ModuleFile *content, Texts *ret)
{
        size_t total = 0;

        FOREACH_TEXT(i)
        {
                ret->texts[i] = text_at(content, i);
                if (!name_is_utf8(ret->texts[i])) {
                        ret->escaped[i] = name_escape(ret->texts[i]);
                        if (!ret->escaped[i])
                                return 0;
                        ret->texts[i] = ret->escaped[i];
                }
                total += strlen(ret->texts[i]) + 1;
        }
        return total;
}

int module_file_assemble(const ModuleFile *content, ModuleFile **ret)
{
        Texts texts CLEANUP(texts_done) = { 0 };
        size_t texts_size = prepare_texts(content, &texts), modinfo_size = copy_entries(content, NULL);
        ModuleFile *file = texts_size > 0 ? malloc(sizeof(*file) + texts_size + modinfo_size) : NULL;
        char *place;

        if (!file)
                return -ENOMEM;
        *file = *content;
        file->references = 1;
        place = (char *) (file + 1);
        FOREACH_TEXT(i)
        {
                *(const char **) ((char *) file + fields[i].offset) = place;
                place = stpcpy(place, texts.texts[i]) + 1;
        }
        file->modinfo = place;
        file->modinfo_size = (uint32_t) copy_entries(content, place);
        *ret = file;
        return 0;
}

int module_file_new_defective(ModuleDefect defect, int error, ModuleFile **ret)
{
        return module_file_assemble(&(ModuleFile){ .defect = defect, .error = error }, ret);
}
