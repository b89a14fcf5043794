/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Our modprobe.d files, one a deselected module: without them modprobe would load any copy that depmod
 * found. */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "change/parts/transaction-parts.h"
#include "host/selection.h"
#include "util/fs.h"

/* kmod turns "-" into "_" in all of modprobe.d and in what it is asked to load, so the canonical name fits
 * both spellings. "blacklist" is for aliases (udev), "install" for the name itself. That is passed over for
 * a module that has soft dependencies, be they its own (__kmod_module_get_probe_list() of libkmod 30); but
 * only the first line of them counts, and ours has none: "modules.softdep" of the index sorts behind it. */
static int format_block(const char *module, char **ret)
{
        int n = asprintf(ret,
                        "# Written by hostdriver: the driver %s is deselected, so that nothing loads it.\n"
                        "# To undo it, select a version: hostdriverctl select %s VERSION\n"
                        "softdep %s " BLOCK_SOFTDEP "\n"
                        "blacklist %s\n"
                        "install %s " BLOCK_COMMAND "\n",
                        module, module, module, module, module);

        return n < 0 ? -ENOMEM : 0;
}

static bool any_block(const Plan *plan, bool after)
{
        for (size_t i = 0; i < plan->block_count; i++)
                if (plan->blocks[i].after == after)
                        return true;
        return false;
}

static int write_block(int dir_fd, const char *module)
{
        char *name CLEANUP_FREE = NULL;
        char *text CLEANUP_FREE = NULL;
        char *now CLEANUP_FREE = NULL;
        int r = block_file_name(module, &name);

        if (r >= 0)
                r = format_block(module, &text);
        if (r < 0)
                return r;
        if (fs_read_file_at(dir_fd, name, 4096, &now, NULL) >= 0 && strcmp(now, text) == 0)
                return 0;
        return fs_write_file_at(dir_fd, name, text, strlen(text), 0644);
}

static int remove_block(int dir_fd, const char *module)
{
        char *name CLEANUP_FREE = NULL;
        int r = block_file_name(module, &name);

        return r < 0 ? r : fs_remove_at(dir_fd, name);
}

int block_files_write(const HostRoot *root, const Plan *plan, Refusal *refusal)
{
        int dir_fd CLEANUP_FD = -1;
        int r;

        if (!any_block(plan, true))
                return 0;
        dir_fd = open_configuration(root, "/etc", BLOCK_DIRECTORY);
        r = dir_fd < 0 ? dir_fd : sweep_temporaries(dir_fd, S_IFREG);
        for (size_t i = 0; r >= 0 && i < plan->block_count; i++)
                if (plan->blocks[i].after)
                        r = write_block(dir_fd, plan->blocks[i].module);
        if (r >= 0)
                r = fs_sync(dir_fd);
        return r < 0 ? blame(refusal, BLOCK_DIRECTORY, r) : 0;
}

int block_files_remove(const HostRoot *root, const Plan *plan, Refusal *refusal)
{
        int dir_fd CLEANUP_FD = -1;
        int r;

        if (!any_block(plan, false))
                return 0;
        dir_fd = host_root_open(root, BLOCK_DIRECTORY, O_RDONLY | O_DIRECTORY);
        if (dir_fd == -ENOENT)
                return 0;
        r = dir_fd < 0 ? dir_fd : sweep_temporaries(dir_fd, S_IFREG);
        for (size_t i = 0; r >= 0 && i < plan->block_count; i++)
                if (!plan->blocks[i].after)
                        r = remove_block(dir_fd, plan->blocks[i].module);
        if (r >= 0)
                r = fs_sync(dir_fd);
        return r < 0 ? blame(refusal, BLOCK_DIRECTORY, r) : 0;
}
