/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Looks at configuration and at what is installed. */

#include "host/initramfs/initramfs-generator.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "host/initramfs/initramfs-settings.h"
#include "util/exhausted.h"
#include "util/text-format.h"

#define INSTALL_CONF_MAX (64U * 1024)

typedef struct Row {
        InitramfsGenerator generator;
        const char *name;
        const char *programs[3]; /* the first that there is shows that it is installed */
} Row;

static const Row rows[] = {
        { INITRAMFS_TOOLS, "initramfs-tools", { "/usr/sbin/mkinitramfs", "/sbin/mkinitramfs" } },
        { INITRAMFS_DRACUT, "dracut", { "/usr/bin/dracut", "/usr/sbin/dracut", "/sbin/dracut" } },
        { INITRAMFS_MKINITCPIO, "mkinitcpio", { "/usr/bin/mkinitcpio" } },
};

/* What the last "initrd_generator=" of the file names; INITRAMFS_AUTO if none that is known. */
static InitramfsGenerator parse_install_conf(char *text)
{
        InitramfsGenerator found = INITRAMFS_AUTO;
        char *line;

        while ((line = strsep(&text, "\n"))) {
                line += strspn(line, " \t");
                if (strncmp(line, "initrd_generator=", 17) != 0)
                        continue;
                line += 17;
                line += strspn(line, "\"' ");
                line[strcspn(line, "\"' \t\r")] = '\0';
                for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                        if (strcmp(line, rows[i].name) == 0)
                                found = rows[i].generator;
        }
        return found;
}

/* The first of these files counts, and no other (kernel-install(8)). */
static int read_install_conf(const HostRoot *root, InitramfsGenerator *ret)
{
        static const char *const paths[] = { "/etc/kernel/install.conf", "/run/kernel/install.conf",
                "/usr/local/lib/kernel/install.conf", "/usr/lib/kernel/install.conf" };

        for (size_t i = 0; i < ELEMENTSOF(paths); i++) {
                char *text CLEANUP_FREE = NULL;
                int r = host_root_read(root, paths[i], INSTALL_CONF_MAX, &text, NULL);

                if (exhausted(r))
                        return r;
                if (r < 0)
                        continue;
                *ret = parse_install_conf(text);
                return 0;
        }
        *ret = INITRAMFS_AUTO;
        return 0;
}

/* What update-initramfs(8) is told by its own configuration; *ret stays NULL if that says nothing. */
static int read_update_conf(const HostRoot *root, const char *key, char **ret)
{
        return settings_last(root, "/etc/initramfs-tools/update-initramfs.conf", NULL, key, ret);
}

static const char *find_program(const HostRoot *root, const Row *row)
{
        for (size_t i = 0; i < ELEMENTSOF(row->programs) && row->programs[i]; i++) {
                int fd CLEANUP_FD = host_root_open(root, row->programs[i], O_PATH);

                if (fd >= 0)
                        return row->programs[i];
        }
        return NULL;
}

const char *initramfs_generator_program(const HostRoot *root, InitramfsGenerator generator)
{
        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                if (rows[i].generator == generator)
                        return find_program(root, &rows[i]);
        return NULL;
}

int initramfs_generator_find(const HostRoot *root, const Config *config, InitramfsGenerator *ret)
{
        InitramfsGenerator found = config->initramfs;
        int r = found == INITRAMFS_AUTO ? read_install_conf(root, &found) : 0;

        if (r < 0)
                return r;
        for (size_t i = 0; found == INITRAMFS_AUTO && i < ELEMENTSOF(rows); i++)
                if (find_program(root, &rows[i]))
                        found = rows[i].generator;
        if (found == INITRAMFS_TOOLS && config->initramfs != found) {
                char *update CLEANUP_FREE = NULL;

                r = read_update_conf(root, "update_initramfs", &update);
                if (update && strcmp(update, "no") == 0)
                        found = INITRAMFS_NONE;
        }
        *ret = found == INITRAMFS_AUTO ? INITRAMFS_NONE : found;
        return r;
}

int initramfs_generator_backs_up(const HostRoot *root, InitramfsGenerator generator, bool *ret)
{
        char *backup CLEANUP_FREE = NULL;
        int r = generator == INITRAMFS_TOOLS ? read_update_conf(root, "backup_initramfs", &backup) : 0;

        *ret = backup && strcmp(backup, "no") != 0;
        return r;
}

const char *initramfs_generator_text(InitramfsGenerator generator)
{
        for (size_t i = 0; i < ELEMENTSOF(rows); i++)
                if (rows[i].generator == generator)
                        return rows[i].name;
        return "none";
}

char *initramfs_generator_advice(InitramfsGenerator generator, const char *release, const char *image)
{
        switch (generator) {
        case INITRAMFS_TOOLS:
                return text_new("Run `update-initramfs -u -k %s`.", release);
        case INITRAMFS_DRACUT:
                return text_new("Run `dracut --force %s %s`.", image, release);
        case INITRAMFS_MKINITCPIO:
                return text_new("Run `mkinitcpio -k %s -g %s`.", release, image);
        case INITRAMFS_AUTO:
        case INITRAMFS_NONE:
        default:
                return text_new("Rebuild %s with the program that made it.", image);
        }
}
