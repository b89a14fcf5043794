/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* make-module: the module writer for scripts. `make-module --name ice --version 1.2 --note 1.2 FILE`; the
 * file's ending (.gz, .xz, .zst) says how it is compressed. */

#include <glib.h>
#include <stdio.h>

#include "module-writer.h"

typedef struct Options {
        char *name;
        char *version;
        char *srcversion;
        char *vermagic;
        char *description;
        char *license;
        char *depends;
        char *softdep;
        char *note;
        char *note_version;
        char *note_release;
        char *build_id;
        char *signer;
        char **aliases;
        char **firmware;
        char **exports;
        char **imports;
        char **files;
        gint64 padding;
        int machine;
} Options;

static ModuleCompression compression_of(const char *path)
{
        return g_str_has_suffix(path, ".gz")    ? MODULE_GZIP
               : g_str_has_suffix(path, ".xz")  ? MODULE_XZ
               : g_str_has_suffix(path, ".zst") ? MODULE_ZSTD
                                                : MODULE_PLAIN;
}

/* "SYMBOL" or "SYMBOL=CRC", the CRC in hex. NULL stays NULL. */
static ModuleSymbol *parse_symbols(char **texts)
{
        guint count = texts ? g_strv_length(texts) : 0;
        ModuleSymbol *symbols = count > 0 ? g_new0(ModuleSymbol, count + 1) : NULL;

        for (guint i = 0; i < count; i++) {
                char *crc = strchr(texts[i], '=');

                if (crc)
                        *crc++ = '\0';
                symbols[i].name = texts[i];
                symbols[i].crc = crc ? (uint32_t) g_ascii_strtoull(crc, NULL, 16) : 0;
        }
        return symbols;
}

static char *stem_of(const char *path)
{
        char *stem = g_path_get_basename(path);

        stem[strcspn(stem, ".")] = '\0';
        return g_strdelimit(stem, "-", '_');
}

static void write_files(const Options *options)
{
        ModuleSymbol *exports = parse_symbols(options->exports), *imports = parse_symbols(options->imports);

        for (char **file = options->files; *file; file++) {
                g_autofree char *stem = stem_of(*file);
                ModuleSpec spec = {
                        .name = options->name ? options->name : stem,
                        .version = options->version,
                        .srcversion = options->srcversion,
                        .vermagic = options->vermagic ? options->vermagic : MODULE_WRITER_VERMAGIC,
                        .description = options->description,
                        .license = options->license ? options->license : "GPL",
                        .depends = options->depends,
                        .softdep = options->softdep,
                        .aliases = (const char *const *) options->aliases,
                        .firmware = (const char *const *) options->firmware,
                        .note_version = options->note,
                        .note_driver_version = options->note_version,
                        .note_release = options->note_release,
                        .build_id = options->build_id,
                        .exports = exports,
                        .imports = imports,
                        .machine = (uint16_t) options->machine,
                        .padding = (size_t) options->padding,
                        .signer = options->signer,
                        .compression = compression_of(*file),
                };

                module_writer_write(&spec, *file);
        }
        g_free(exports);
        g_free(imports);
}

static void options_done(Options *options)
{
        char *const texts[] = { options->name, options->version, options->srcversion, options->vermagic,
                options->description, options->license, options->depends, options->softdep, options->note,
                options->note_version, options->note_release, options->build_id, options->signer };
        char **const lists[] = { options->aliases, options->firmware, options->exports, options->imports,
                options->files };

        for (size_t i = 0; i < ELEMENTSOF(texts); i++)
                g_free(texts[i]);
        for (size_t i = 0; i < ELEMENTSOF(lists); i++)
                g_strfreev(lists[i]);
}

int main(int argc, char *argv[])
{
        Options options CLEANUP(options_done) = { 0 };
        const GOptionEntry entries[] = {
                { "name", 0, 0, G_OPTION_ARG_STRING, &options.name, "default: the file's name", "NAME" },
                { "version", 0, 0, G_OPTION_ARG_STRING, &options.version, "modinfo's version", "TEXT" },
                { "srcversion", 0, 0, G_OPTION_ARG_STRING, &options.srcversion, "srcversion", "TEXT" },
                { "vermagic", 0, 0, G_OPTION_ARG_STRING, &options.vermagic,
                                "default: \"" MODULE_WRITER_VERMAGIC "\"", "TEXT" },
                { "description", 0, 0, G_OPTION_ARG_STRING, &options.description, "description", "TEXT" },
                { "license", 0, 0, G_OPTION_ARG_STRING, &options.license, "default: GPL", "TEXT" },
                { "depends", 0, 0, G_OPTION_ARG_STRING, &options.depends, "depends", "A,B" },
                { "softdep", 0, 0, G_OPTION_ARG_STRING, &options.softdep, "softdep", "pre: A post: B" },
                { "note", 0, 0, G_OPTION_ARG_STRING, &options.note, "version in the note", "TEXT" },
                { "note-version", 0, 0, G_OPTION_ARG_STRING, &options.note_version,
                                "the driver's version in the note", "TEXT" },
                { "note-release", 0, 0, G_OPTION_ARG_STRING, &options.note_release, "release in the note",
                                "TEXT" },
                { "build-id", 0, 0, G_OPTION_ARG_STRING, &options.build_id, "GNU build-id", "HEX" },
                { "signer", 0, 0, G_OPTION_ARG_STRING, &options.signer, "append a signature", "NAME" },
                { "alias", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.aliases, "repeatable", "ALIAS" },
                { "firmware", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.firmware, "repeatable", "FILE" },
                { "export", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.exports, "repeatable",
                                "SYMBOL[=CRC]" },
                { "import", 0, 0, G_OPTION_ARG_STRING_ARRAY, &options.imports, "repeatable",
                                "SYMBOL[=CRC]" },
                { "padding", 0, 0, G_OPTION_ARG_INT64, &options.padding, "size of .text", "BYTES" },
                { "machine", 0, 0, G_OPTION_ARG_INT, &options.machine, "e_machine of elf(5)", "NUMBER" },
                { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options.files, NULL, "FILE…" },
                { NULL },
        };
        g_autoptr(GOptionContext) context = g_option_context_new("- write kernel module files for tests");
        g_autoptr(GError) error = NULL;

        g_option_context_add_main_entries(context, entries, NULL);
        if (!g_option_context_parse(context, &argc, &argv, &error) || !options.files) {
                (void) fprintf(stderr, "%s\n", error ? error->message : "Name at least one FILE.");
                return 2;
        }
        write_files(&options);
        return 0;
}
