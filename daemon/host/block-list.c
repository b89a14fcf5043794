/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Our modprobe.d files, one a deselected module, and what they say. It reads only. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "host/name.h"
#include "host/selection.h"
#include "util/directory.h"
#include "util/fs.h"

#define BLOCK_PREFIX "hostdriver-"
#define BLOCK_SUFFIX ".conf"
#define BLOCK_SIZE_MAX (64U * 1024)

int block_file_name(const char *module, char **ret)
{
        return asprintf(ret, BLOCK_PREFIX "%s" BLOCK_SUFFIX, module) < 0 ? -ENOMEM : 0;
}

int block_file_module(const char *file, char **ret)
{
        char *module CLEANUP_FREE = NULL;
        size_t size = strlen(file);

        if (size <= strlen(BLOCK_PREFIX BLOCK_SUFFIX) ||
                        strncmp(file, BLOCK_PREFIX, strlen(BLOCK_PREFIX)) != 0 ||
                        strcmp(file + size - strlen(BLOCK_SUFFIX), BLOCK_SUFFIX) != 0)
                return -EINVAL;
        module = strndup(file + strlen(BLOCK_PREFIX), size - strlen(BLOCK_PREFIX BLOCK_SUFFIX));
        return module ? module_name_canonical(module, ret) : -ENOMEM;
}

/* A backslash takes the meaning from what follows, and a line's end away (freadline_wrapped() of libkmod
 * 30).
 */
static void unwrap(char *text)
{
        char *end = text;

        for (const char *next = text; *next != '\0'; next++) {
                if (next[0] == '\\' && next[1] != '\0' && *++next == '\n')
                        continue;
                *end++ = *next;
        }
        *end = '\0';
}

static int is_module(const char *word, const char *module)
{
        char *canonical CLEANUP_FREE = NULL;
        int r = word ? module_name_canonical(word, &canonical) : -EINVAL;

        return r < 0 ? (r == -EINVAL ? 0 : r) : strcmp(canonical, module) == 0;
}

static int judge_line(char *line, const char *module, BlockJudgement *judgement)
{
        char *rest = NULL, *word = strtok_r(line, " \t", &rest);
        bool blacklists, installs;
        int r;

        if (!word || word[0] == '#')
                return 0;
        blacklists = strcmp(word, "blacklist") == 0;
        installs = strcmp(word, "install") == 0;
        word = strtok_r(NULL, " \t", &rest);
        r = blacklists || installs ? is_module(word, module) : 0;
        if (r < 0)
                return r;
        if (r > 0 && blacklists && !strtok_r(NULL, " \t", &rest)) {
                judgement->blacklists = true;
                return 0;
        }
        /* Of several the first one counts (kmod_module_get_install_commands()). */
        if (r > 0 && installs && !judgement->installs) {
                word = strtok_r(NULL, " \t", &rest);
                judgement->installs = true;
                judgement->blocks =
                                word && strcmp(word, BLOCK_COMMAND) == 0 && !strtok_r(NULL, " \t", &rest);
                judgement->edited = judgement->edited || !judgement->blocks;
                return 0;
        }
        judgement->edited = true;
        return 0;
}

int block_text_judge(const char *text, const char *module, BlockJudgement *ret)
{
        char *copy CLEANUP_FREE = strdup(text), *rest = copy;
        BlockJudgement judgement = { 0 };

        if (!copy)
                return -ENOMEM;
        unwrap(copy);
        while (rest) {
                int r = judge_line(strsep(&rest, "\n"), module, &judgement);

                if (r < 0)
                        return r;
        }
        judgement.edited = judgement.edited || !judgement.blacklists || !judgement.installs;
        *ret = judgement;
        return 0;
}

/* The names of all such files; those that can't be read are none. */
static int read_names(int fd, StringSet *ret)
{
        DIR *dir CLEANUP_DIRECTORY = NULL;
        const struct dirent *entry;
        int r = directory_open(fd, &dir);

        if (r < 0)
                return r == -ENOMEM ? r : 0;
        while (r >= 0 && (entry = readdir(dir))) {
                char *module CLEANUP_FREE = NULL;

                r = block_file_module(entry->d_name, &module);
                if (r >= 0)
                        r = string_set_add(ret, entry->d_name);
                else if (r == -EINVAL)
                        r = 0;
        }
        return r < 0 ? r : 0;
}

int blocks_read(const HostRoot *root, StringSet *ret)
{
        StringSet files CLEANUP_STRING_SET = { 0 };
        int r = read_names(host_root_open(root, BLOCK_DIRECTORY, O_RDONLY | O_DIRECTORY), &files);

        for (size_t i = 0; i < files.count && r >= 0; i++) {
                char *module CLEANUP_FREE = NULL;

                r = block_file_module(files.items[i], &module);
                if (r >= 0)
                        r = string_set_add(ret, module);
        }
        return r < 0 ? r : 0;
}

static int judge_file(const HostRoot *root, const char *file, StringSet *ret_blocked, StringSet *ret_edited)
{
        char *module CLEANUP_FREE = NULL, *path CLEANUP_FREE = NULL, *text CLEANUP_FREE = NULL;
        BlockJudgement judgement = { .edited = true };
        int r = block_file_module(file, &module);

        if (r < 0)
                return r;
        if (asprintf(&path, BLOCK_DIRECTORY "/%s", file) < 0) {
                path = NULL;
                return -ENOMEM;
        }
        r = host_root_read(root, path, BLOCK_SIZE_MAX, &text, NULL);
        if (r == -ENOMEM)
                return r;
        if (r >= 0)
                r = block_text_judge(text, module, &judgement);
        if (r == -ENOMEM)
                return r;
        r = judgement.blocks ? string_set_add(ret_blocked, module) : 0;
        if (r >= 0 && judgement.edited)
                r = string_set_add(ret_edited, module);
        return r < 0 ? r : 0;
}

int blocks_judge(const HostRoot *root, StringSet *ret_blocked, StringSet *ret_edited)
{
        StringSet files CLEANUP_STRING_SET = { 0 };
        int r = read_names(host_root_open(root, BLOCK_DIRECTORY, O_RDONLY | O_DIRECTORY), &files);

        for (size_t i = 0; i < files.count && r >= 0; i++)
                r = judge_file(root, files.items[i], ret_blocked, ret_edited);
        return r;
}
