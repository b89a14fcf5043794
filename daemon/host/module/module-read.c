/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Takes from the sections what a ModuleFile is made of. */

#include "host/module/module-read.h"

#include <elf.h>
#include <errno.h>
#include <string.h>

#include "host/module/decompress.h"
#include "host/module/elf-note.h"
#include "host/module/module-assemble.h"
#include "host/module/module-digest.h"
#include "host/module/module-image.h"
#include "host/module/module-signer.h"
#include "host/module/module-source.h"
#include "util/exhausted.h"

/* The largest of Linux 6.1 has 100 KiB (amdgpu's firmware names and aliases). */
#define MODINFO_SIZE_MAX (4U * 1024 * 1024)
#define NOTES_SIZE_MAX (64U * 1024)
/* Of both names. The linker makes one of each; a file that has thousands wants memory and time. */
#define NOTE_SECTIONS_MAX 16

/* MODULE_SIG_STRING of the kernel's include/linux/module_signature.h; a structure of sizes precedes it. */
#define SIGNATURE_MARKER "~Module signature appended~\n"
#define SIGNATURE_MARKER_SIZE (sizeof(SIGNATURE_MARKER) - 1)

/* What was taken from a file and must be freed. */
typedef struct Findings {
        ModuleFile content;     /* whose strings are these, or lie in modinfo */
        char *modinfo;          /* with a NUL at its end */
        unsigned note_sections; /* read so far */
        char *note_version;
        char *note_driver_version;
        char *note_release;
        char *build_id;
        char *signer;
        char *digest;
} Findings;

static void findings_done(Findings *findings)
{
        free(findings->modinfo);
        free(findings->note_version);
        free(findings->note_driver_version);
        free(findings->note_release);
        free(findings->build_id);
        free(findings->signer);
        free(findings->digest);
}

static bool is_signed(const ModuleSource *source)
{
        const uint8_t *bytes;

        if (source->size < SIGNATURE_MARKER_SIZE ||
                        module_source_get(source, source->size - SIGNATURE_MARKER_SIZE,
                                        SIGNATURE_MARKER_SIZE, &bytes) < 0)
                return false;
        return memcmp(bytes, SIGNATURE_MARKER, SIGNATURE_MARKER_SIZE) == 0;
}

static void take_entry(ModuleFile *content, const char *entry)
{
        static const struct {
                const char *key;
                size_t offset;
        } rows[] = {
                { "name=", offsetof(ModuleFile, name) },
                { "version=", offsetof(ModuleFile, version) },
                { "srcversion=", offsetof(ModuleFile, srcversion) },
                { "vermagic=", offsetof(ModuleFile, vermagic) },
                { "description=", offsetof(ModuleFile, description) },
                { "license=", offsetof(ModuleFile, license) },
        };

        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                const char **place = (const char **) ((char *) content + rows[i].offset);
                size_t size = strlen(rows[i].key);

                if (strncmp(entry, rows[i].key, size) != 0)
                        continue;
                if (!*place) /* the first one counts, as for the kernel */
                        *place = entry + size;
                return;
        }
}

static int take_modinfo(const ModuleImage *image, const ModuleSection *section, Findings *findings)
{
        const char *entry, *end;
        const uint8_t *bytes;
        int r = module_image_content(image, section, MODINFO_SIZE_MAX, &bytes);

        if (r < 0)
                return r == -EFBIG ? -EBADMSG : r;
        findings->modinfo = malloc(section->size + 1);
        if (!findings->modinfo)
                return -ENOMEM;
        memcpy(findings->modinfo, bytes, section->size);
        findings->modinfo[section->size] = '\0';
        end = findings->modinfo + section->size;
        for (entry = findings->modinfo; entry < end; entry += strlen(entry) + 1)
                take_entry(&findings->content, entry);
        findings->content.modinfo = findings->modinfo;
        findings->content.modinfo_size = (uint32_t) section->size;
        return 0;
}

/* What is found first counts. */
static int take_xenserver(const uint8_t *bytes, size_t size, Findings *findings)
{
        char **const places[] = { &findings->note_version, &findings->note_driver_version,
                &findings->note_release };
        static const XenserverNote types[] = { XENSERVER_NOTE_VARIANT, XENSERVER_NOTE_VERSION,
                XENSERVER_NOTE_RELEASE };
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(types) && (r >= 0 || r == -ENOENT); i++)
                if (!*places[i])
                        r = elf_note_xenserver(bytes, size, types[i], places[i]);
        return r;
}

static int take_build_id(const uint8_t *bytes, size_t size, Findings *findings)
{
        return elf_note_build_id(bytes, size, &findings->build_id);
}

/* Notes that lie say nothing; they are no reason to distrust the rest. Those of the other byte order are
 * left alone: such a file never runs here. FOUND is what there is none left to look for, once it is set. */
static int take_note(const ModuleImage *image, const ModuleSection *section, Findings *findings,
                int (*take)(const uint8_t *, size_t, Findings *), const char *found)
{
        const uint8_t *bytes;
        int r;

        if (image->swapped || found || findings->note_sections++ >= NOTE_SECTIONS_MAX)
                return 0;
        r = module_image_content(image, section, NOTES_SIZE_MAX, &bytes);
        if (r >= 0)
                r = take(bytes, section->size, findings);
        return r == -ENOENT || r == -EBADMSG || r == -EFBIG ? 0 : r;
}

static int take_sections(const ModuleImage *image, Findings *findings)
{
        bool is_module = false;
        int r = 0;

        for (size_t i = 1; i < image->section_count && r >= 0; i++) {
                ModuleSection section;

                module_image_section(image, i, &section);
                /* Of some fifty names, four matter. */
                if (section.name[0] != '.')
                        continue;
                if (strcmp(section.name, ".modinfo") == 0 && !findings->modinfo) {
                        is_module = true;
                        r = take_modinfo(image, &section, findings);
                } else if (strcmp(section.name, ".gnu.linkonce.this_module") == 0) {
                        is_module = true;
                } else if (strcmp(section.name, ".note.XenServer") == 0) {
                        r = take_note(image, &section, findings, take_xenserver, findings->note_version);
                } else if (strcmp(section.name, ".note.gnu.build-id") == 0) {
                        r = take_note(image, &section, findings, take_build_id, findings->build_id);
                }
        }
        return r < 0 ? r : is_module ? 0 : -EBADMSG;
}

/* The defect that an error of parsing amounts to. */
static int defective(int error, ModuleFile **ret)
{
        switch (error) {
        case -ENOMEM:
                return -ENOMEM;
        case -EBADMSG:
                return module_file_new_defective(MODULE_NOT_A_MODULE, 0, ret);
        case -EFBIG:
                return module_file_new_defective(MODULE_TOO_LARGE, 0, ret);
        default:
                return module_file_new_defective(MODULE_UNREADABLE, error, ret);
        }
}

/* Where the bytes are: an open file, or memory. */
typedef struct Bytes {
        int fd; /* -1: memory */
        const uint8_t *data;
        size_t size;
} Bytes;

static int take_digest(const Bytes *bytes, Findings *findings)
{
        if (findings->build_id && *findings->build_id)
                return 0;
        return bytes->fd >= 0 ? module_digest_of_file(bytes->fd, &findings->digest)
                              : module_digest_of_data(bytes->data, bytes->size, &findings->digest);
}

static int parse(const ModuleSource *source, const Bytes *bytes, const char *path, ModuleFile **ret)
{
        Findings findings CLEANUP(findings_done) = { 0 };
        ModuleFile *content = &findings.content;
        ModuleImage image;
        int r = module_image_open(source, &image);

        if (r >= 0)
                r = take_sections(&image, &findings);
        if (r >= 0)
                r = take_digest(bytes, &findings);
        if (r < 0)
                return defective(r, ret);
        content->machine = image.machine;
        content->elf_class = image.elf_class;
        content->byte_order = image.byte_order;
        content->is_signed = is_signed(source);
        if (path && content->is_signed && module_signer_read(path, &findings.signer) == -ENOMEM)
                return -ENOMEM;
        content->signer = findings.signer;
        content->note_version = findings.note_version;
        content->note_driver_version = findings.note_driver_version;
        content->note_release = findings.note_release;
        content->build_id = findings.build_id;
        content->digest = findings.digest;
        return module_file_assemble(content, ret);
}

int module_file_read(int fd, const char *path, ModuleFile **ret)
{
        ModuleSource source;
        int r = module_source_open(fd, &source);

        switch (r) {
        case 0:
                r = parse(&source, &(Bytes){ .fd = fd }, path, ret);
                module_source_done(&source);
                return r;
        case -EINVAL:
                return module_file_new_defective(MODULE_NOT_REGULAR, 0, ret);
        case -EBADMSG: /* what was compressed is damaged */
                return module_file_new_defective(MODULE_UNREADABLE, r, ret);
        default:
                return defective(r, ret);
        }
}

int module_file_parse(const uint8_t *data, size_t size, ModuleFile **ret)
{
        ModuleSource source;
        int r;

        if (size > MODULE_FILE_SIZE_MAX)
                return module_file_new_defective(MODULE_TOO_LARGE, 0, ret);
        r = module_source_open_memory(data, size, &source);
        if (r < 0)
                return defective(r, ret);
        r = parse(&source, &(Bytes){ -1, data, size }, NULL, ret);
        module_source_done(&source);
        return r;
}

int module_file_parse_packed(const uint8_t *data, size_t size, size_t limit, ModuleFile **ret)
{
        Compression compression = compression_detect(data, size);
        Decompressor *decompressor CLEANUP(decompressor_freep) = NULL;
        uint8_t *plain CLEANUP_FREE = NULL;
        size_t plain_size;
        int r;

        if (compression == COMPRESSION_NONE)
                return module_file_parse(data, size, ret);
        r = decompressor_new_memory(data, size, compression, &decompressor);
        if (r >= 0)
                r = decompressor_read_all(decompressor, limit, &plain, &plain_size);
        if (r < 0)
                return exhausted(r) ? r : module_file_new_defective(MODULE_UNREADABLE, r, ret);
        return module_file_parse(plain, plain_size, ret);
}
