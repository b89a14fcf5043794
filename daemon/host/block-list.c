/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Formats the text, and judges it. It writes no file. */

#include "host/block-list.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "host/kmod-config.h"
#include "host/name.h"
#include "util/directory.h"
#include "util/exhausted.h"
#include "util/fs.h"
#include "util/text-format.h"

#define BLOCK_PREFIX "hostdriver-"
#define BLOCK_SUFFIX ".conf"
#define BLOCK_SIZE_MAX (64U * 1024)

int block_file_name(const char *module, char **ret)
{
        return text_format(ret, BLOCK_PREFIX "%s" BLOCK_SUFFIX, module);
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

/* What keeps modprobe from loading a module (modprobe.d(5)). */
#define BLOCK_COMMAND "/bin/false"
/* And what keeps soft dependencies from defeating that: none. */
#define BLOCK_SOFTDEP "pre:"

/* kmod turns "-" into "_" in all of modprobe.d and in what it is asked to load, so the canonical name fits
 * both spellings. "blacklist" is for aliases (udev), "install" for the name itself. That is passed over for
 * a module that has soft dependencies, be they its own (__kmod_module_get_probe_list() of libkmod 30); but
 * only the first line of them counts, and ours has none: "modules.softdep" of the index sorts behind it. */
int block_text_format(const char *module, char **ret)
{
        return text_format(ret,
                        "# Written by hostdriver: the driver %s is deselected, so that nothing loads it.\n"
                        "# To undo it, select a version: hostdriverctl select %s VERSION\n"
                        "softdep %s " BLOCK_SOFTDEP "\n"
                        "blacklist %s\n"
                        "install %s " BLOCK_COMMAND "\n",
                        module, module, module, module, module);
}

static int is_module(const char *word, const char *module)
{
        char *canonical CLEANUP_FREE = NULL;
        int r = word ? module_name_canonical(word, &canonical) : -EINVAL;

        return r < 0 ? (r == -EINVAL ? 0 : r) : strcmp(canonical, module) == 0;
}

/* WORDS: the command, its module, what follows, and whatever follows that. NULL where there is none. */
static void judge_words(char *const words[4], BlockJudgement *judgement)
{
        const char *command = words[0], *argument = words[2];
        bool alone = !words[3];

        if (strcmp(command, "blacklist") == 0 && !argument) {
                judgement->blacklists = true;
        } else if (strcmp(command, "softdep") == 0 && argument && strcmp(argument, BLOCK_SOFTDEP) == 0 &&
                        alone) {
                judgement->softens = true;
        } else if (strcmp(command, "install") == 0 && !judgement->installs) {
                /* Of several the first one counts (kmod_module_get_install_commands()). */
                judgement->installs = true;
                judgement->blocks = argument && strcmp(argument, BLOCK_COMMAND) == 0 && alone;
                judgement->edited = judgement->edited || !judgement->blocks;
        } else {
                judgement->edited = true;
        }
}

static int judge_line(char *line, const char *module, BlockJudgement *judgement)
{
        char *words[4], *rest = NULL;
        int r;

        for (size_t i = 0; i < ELEMENTSOF(words); i++)
                words[i] = strtok_r(i == 0 ? line : NULL, KMOD_CONFIG_BLANKS, &rest);
        if (!words[0] || words[0][0] == '#')
                return 0;
        r = is_module(words[1], module);
        if (r > 0)
                judge_words(words, judgement);
        else if (r == 0)
                judgement->edited = true;
        return r < 0 ? r : 0;
}

int block_text_judge(const char *text, const char *module, BlockJudgement *ret)
{
        KmodConfigLines lines CLEANUP_KMOD_CONFIG_LINES = { 0 };
        BlockJudgement judgement = { 0 };
        int r = kmod_config_lines(&lines, text);

        while (r >= 0 && kmod_config_next(&lines))
                r = judge_line(lines.line, module, &judgement);
        if (r < 0)
                return r;
        judgement.edited = judgement.edited || !judgement.blacklists || !judgement.installs ||
                           !judgement.softens;
        *ret = judgement;
        return 0;
}

/* Takes one such file, by its name: 0, or a negative errno, which ends it. */
typedef int (*BlockTake)(const HostRoot *root, const char *file, const char *module, void *userdata);

/* A directory that can't be read has none. */
static int each_block(const HostRoot *root, BlockTake take, void *userdata)
{
        DIR *dir CLEANUP_DIRECTORY = NULL;
        const struct dirent *entry;
        int r = directory_open(host_root_open(root, BLOCK_DIRECTORY, O_RDONLY | O_DIRECTORY), &dir);

        if (r < 0)
                return exhausted(r) ? r : 0;
        while (r >= 0 && (entry = readdir(dir))) {
                char *module CLEANUP_FREE = NULL;

                r = block_file_module(entry->d_name, &module);
                if (r >= 0)
                        r = take(root, entry->d_name, module, userdata);
                else if (r == -EINVAL)
                        r = 0;
        }
        return r < 0 ? r : 0;
}

static int take_module(const HostRoot *root, const char *file, const char *module, void *userdata)
{
        StringSet *modules = userdata;

        (void) root;
        (void) file;
        return string_set_add(modules, module);
}

int blocks_read(const HostRoot *root, StringSet *ret)
{
        return each_block(root, take_module, ret);
}

typedef struct Judgements {
        StringSet *blocked, *edited;
} Judgements;

static int take_judgement(const HostRoot *root, const char *file, const char *module, void *userdata)
{
        const Judgements *judgements = userdata;
        char *path CLEANUP_FREE = NULL, *text CLEANUP_FREE = NULL;
        BlockJudgement judgement = { .edited = true };
        int r;

        if (text_format(&path, BLOCK_DIRECTORY "/%s", file) < 0)
                return -ENOMEM;
        r = host_root_read(root, path, BLOCK_SIZE_MAX, &text, NULL);
        if (r >= 0)
                r = block_text_judge(text, module, &judgement);
        if (exhausted(r))
                return r;
        r = judgement.blocks ? string_set_add(judgements->blocked, module) : 0;
        if (r >= 0 && judgement.edited)
                r = string_set_add(judgements->edited, module);
        return r;
}

int blocks_judge(const HostRoot *root, StringSet *ret_blocked, StringSet *ret_edited)
{
        Judgements judgements = { .blocked = ret_blocked, .edited = ret_edited };

        return each_block(root, take_judgement, &judgements);
}
