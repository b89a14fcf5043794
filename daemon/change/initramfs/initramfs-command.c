/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A table of generators: the words of their command lines. */

#include "change/initramfs/initramfs-command.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "host/block-list.h"
#include "util/text-format.h"

#define HOOKS_DIRECTORY "/etc/initramfs/post-update.d"

/* Stand for the program, the release, the image, and the files (what is before those belongs to them). */
static const char program_word[] = "PROGRAM", release_word[] = "RELEASE", image_word[] = "IMAGE",
                  files_word[] = "FILES";

typedef struct Row {
        InitramfsGenerator generator;
        const char *words[9]; /* NULL-terminated */
} Row;

static const Row rows[] = {
        { INITRAMFS_TOOLS, { program_word, "-o", image_word, release_word } },
        { INITRAMFS_DRACUT, { program_word, "--force", "--quiet", "--install", files_word, image_word,
                                            release_word } },
        { INITRAMFS_MKINITCPIO, { program_word, "-k", release_word, "-g", image_word } },
};

void initramfs_command_done(InitramfsCommand *command)
{
        for (size_t i = 0; i < ELEMENTSOF(command->strings); i++)
                free(command->strings[i]);
        *command = (InitramfsCommand){ 0 };
}

static const char *word_for(const char *word, const char *program, const InitramfsCommand *command)
{
        if (word == program_word)
                return program;
        if (word == release_word)
                return command->strings[0];
        if (word == image_word)
                return command->strings[1];
        return word == files_word ? command->strings[2] : word;
}

static void fill(const Row *row, const char *program, InitramfsCommand *command)
{
        bool files = command->strings[2][0] != '\0';
        size_t count = 0;

        for (size_t i = 0; row->words[i]; i++)
                if (files || (row->words[i] != files_word && row->words[i + 1] != files_word))
                        command->argv[count++] = word_for(row->words[i], program, command);
}

int initramfs_command_blocks(const HostRoot *root, char **ret)
{
        StringSet modules CLEANUP_STRING_SET = { 0 };
        char *list CLEANUP_FREE = NULL;
        int r = blocks_read(root, &modules);

        for (size_t i = 0; r >= 0 && i < modules.count; i++) {
                char *name CLEANUP_FREE = NULL;

                r = block_file_name(modules.items[i], &name);
                if (r >= 0)
                        r = text_join(&list, " ", BLOCK_DIRECTORY "/%s", name);
        }
        if (r >= 0 && !list)
                r = text_format(&list, "%s", "");
        if (r < 0)
                return r;
        *ret = STEAL(list);
        return 0;
}

int initramfs_command(InitramfsGenerator generator, const char *program, const char *release,
                const char *image, const char *files, InitramfsCommand *ret)
{
        InitramfsCommand command CLEANUP(initramfs_command_done) = {
                .strings = { strdup(release), strdup(image), strdup(files) },
        };

        for (size_t i = 0; i < ELEMENTSOF(command.strings); i++)
                if (!command.strings[i])
                        return -ENOMEM;
        for (size_t i = 0; i < ELEMENTSOF(rows); i++) {
                if (rows[i].generator != generator)
                        continue;
                fill(&rows[i], program, &command);
                *ret = command;
                command = (InitramfsCommand){ 0 };
                return 0;
        }
        return -EOPNOTSUPP;
}

static bool exists(const HostRoot *root, const char *path)
{
        int fd CLEANUP_FD = host_root_open(root, path, O_PATH);

        return fd >= 0;
}

int initramfs_hooks_command(
                const HostRoot *root, const char *release, const char *image, InitramfsCommand *ret)
{
        static const char *const programs[] = { "/usr/bin/run-parts", "/bin/run-parts" };
        InitramfsCommand command CLEANUP(initramfs_command_done) = { 0 };
        size_t program = 0;

        if (!exists(root, HOOKS_DIRECTORY))
                return -ENOENT;
        while (program < ELEMENTSOF(programs) && !exists(root, programs[program]))
                program++;
        if (program == ELEMENTSOF(programs))
                return -ENOENT;
        for (size_t i = 0; i < 2; i++)
                if (text_format(&command.strings[i], "--arg=%s", i == 0 ? release : image) < 0)
                        return -ENOMEM;
        command.argv[0] = programs[program];
        command.argv[1] = command.strings[0];
        command.argv[2] = command.strings[1];
        command.argv[3] = HOOKS_DIRECTORY;
        *ret = command;
        command = (InitramfsCommand){ 0 };
        return 0;
}
