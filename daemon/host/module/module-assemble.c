/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Measures all strings, then copies them behind the structure. */

#include "host/module/module-assemble.h"

#include <errno.h>
#include <string.h>

#include "host/name.h"

const char **module_file_text(ModuleFile *file, ModuleText text)
{
        switch (text) {
        case MODULE_TEXT_NAME:
                return &file->name;
        case MODULE_TEXT_VERSION:
                return &file->version;
        case MODULE_TEXT_SRCVERSION:
                return &file->srcversion;
        case MODULE_TEXT_VERMAGIC:
                return &file->vermagic;
        case MODULE_TEXT_DESCRIPTION:
                return &file->description;
        case MODULE_TEXT_LICENSE:
                return &file->license;
        case MODULE_TEXT_SIGNER:
                return &file->signer;
        case MODULE_TEXT_NOTE_VERSION:
                return &file->note_version;
        case MODULE_TEXT_NOTE_DRIVER_VERSION:
                return &file->note_driver_version;
        case MODULE_TEXT_NOTE_RELEASE:
                return &file->note_release;
        case MODULE_TEXT_BUILD_ID:
        case MODULE_TEXT_COUNT:
                break;
        }
        return &file->build_id;
}

bool modinfo_entry_is_kept(const char *entry)
{
        return strncmp(entry, "alias=", 6) == 0 || strncmp(entry, "depends=", 8) == 0 ||
               strncmp(entry, "firmware=", 9) == 0 || strncmp(entry, "softdep=", 8) == 0 ||
               strncmp(entry, "supported=", 10) == 0 || strncmp(entry, "intree=", 7) == 0;
}

/* Copies the kept entries to PLACE unless that is NULL. Returns their size. */
static size_t copy_entries(const ModuleContent *content, char *place)
{
        const char *entry = content->modinfo, *end = entry ? entry + content->modinfo_size : NULL;
        size_t total = 0;

        while (entry && entry < end) {
                size_t size = strlen(entry) + 1;

                if (modinfo_entry_is_kept(entry)) {
                        if (place)
                                memcpy(place + total, entry, size);
                        total += size;
                }
                entry += size;
        }
        return total;
}

typedef struct Texts {
        const char *texts[MODULE_TEXT_COUNT];
        char *escaped[MODULE_TEXT_COUNT];
} Texts;

static void texts_done(Texts *texts)
{
        for (size_t i = 0; i < MODULE_TEXT_COUNT; i++)
                free(texts->escaped[i]);
}

/* Returns the size of all, or 0 if there is no memory. */
static size_t prepare_texts(const ModuleContent *content, Texts *ret)
{
        size_t total = 0;

        for (size_t i = 0; i < MODULE_TEXT_COUNT; i++) {
                ret->texts[i] = content->texts[i] ? content->texts[i] : "";
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

int module_file_assemble(const ModuleContent *content, ModuleFile **ret)
{
        Texts texts CLEANUP(texts_done) = { 0 };
        size_t texts_size = prepare_texts(content, &texts), modinfo_size = copy_entries(content, NULL);
        ModuleFile *file = texts_size > 0 ? malloc(sizeof(*file) + texts_size + modinfo_size) : NULL;
        char *place;

        if (!file)
                return -ENOMEM;
        *file = content->facts;
        file->references = 1;
        place = (char *) (file + 1);
        for (size_t i = 0; i < MODULE_TEXT_COUNT; i++) {
                *module_file_text(file, (ModuleText) i) = place;
                place = stpcpy(place, texts.texts[i]) + 1;
        }
        file->modinfo = place;
        file->modinfo_size = (uint32_t) copy_entries(content, place);
        *ret = file;
        return 0;
}

int module_file_new_defective(ModuleDefect defect, int error, ModuleFile **ret)
{
        return module_file_assemble(&(ModuleContent){ .facts = { .defect = defect, .error = error } }, ret);
}
