/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Looks for the traces of DKMS and of Debian's package manager. It asks no program, and judges nothing. */

#include "host/drift-evidence.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "host/name.h"
#include "util/directory.h"
#include "util/exhausted.h"
#include "util/fs.h"
#include "util/text-format.h"

#define DKMS_DIRECTORY "/var/lib/dkms"
#define DPKG_DIRECTORY "/var/lib/dpkg/info"
#define LIST_SIZE_MAX (16U * 1024 * 1024)

void drift_evidence_done(DriftEvidence *evidence)
{
        free(evidence->dkms);
        free(evidence->package);
        depmod_config_done(&evidence->depmod);
        *evidence = (DriftEvidence){ 0 };
}

static bool is_file_of(const char *file, const char *module)
{
        char *found CLEANUP_FREE = NULL;

        return module_name_from_file(file, &found) >= 0 && strcmp(found, module) == 0;
}

/* The first entry of the module's name in DIRECTORY, or below down to DEPTH more levels. 0 with *ret NULL if
 * there is none, or -ENOMEM. */
static int find_file(
                const HostRoot *root, const char *directory, const char *module, unsigned depth, char **ret)
{
        DIR *dir CLEANUP_DIRECTORY = NULL;
        const struct dirent *entry;
        int r = directory_open(host_root_open(root, directory, O_RDONLY | O_DIRECTORY), &dir);

        if (r < 0)
                return exhausted(r) ? r : 0;
        while (r >= 0 && !*ret && (entry = readdir(dir))) {
                char *path CLEANUP_FREE = NULL;

                if (entry->d_name[0] == '.')
                        continue;
                if (text_format(&path, "%s/%s", directory, entry->d_name) < 0)
                        return -ENOMEM;
                if (entry->d_type != DT_DIR && is_file_of(entry->d_name, module))
                        *ret = STEAL(path);
                else if (depth > 0 && (entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN))
                        r = find_file(root, path, module, depth - 1, ret);
        }
        return r < 0 ? r : 0;
}

static int find_archived(const HostRoot *root, const char *release, const char *module, char **ret)
{
        DIR *dir CLEANUP_DIRECTORY = NULL;
        const struct dirent *entry;
        int r = directory_open(host_root_open(root, DKMS_DIRECTORY, O_RDONLY | O_DIRECTORY), &dir);

        if (r < 0)
                return exhausted(r) ? r : 0;
        while (r >= 0 && !*ret && (entry = readdir(dir))) {
                char *path CLEANUP_FREE = NULL;

                if (entry->d_name[0] == '.')
                        continue;
                if (text_format(&path, DKMS_DIRECTORY "/%s/original_module/%s", entry->d_name, release) < 0)
                        return -ENOMEM;
                /* ARCHITECTURE/ice.ko, or ARCHITECTURE/collisions/…/ice.ko. */
                r = find_file(root, path, module, 8, ret);
        }
        return r < 0 ? r : 0;
}

static int find_dkms(const HostRoot *root, const char *release, const char *module, char **ret)
{
        char *path CLEANUP_FREE = NULL;
        int r = find_archived(root, release, module, ret);

        if (r < 0 || *ret)
                return r;
        if (text_format(&path, "/lib/modules/%s/updates/dkms", release) < 0)
                return -ENOMEM;
        return find_file(root, path, module, 2, ret);
}

/* Whether TEXT has a line that is PATH, or PATH with /usr in front. */
static bool lists(const char *text, const char *path)
{
        size_t size = strlen(path);

        for (const char *at = strstr(text, path); at; at = strstr(at + 1, path)) {
                const char *begin = at;

                if (at[size] != '\n' && at[size] != '\0')
                        continue;
                if ((size_t) (at - text) >= strlen("/usr") && memcmp(at - 4, "/usr", 4) == 0)
                        begin -= 4;
                if (begin == text || begin[-1] == '\n')
                        return true;
        }
        return false;
}

static int find_package(const HostRoot *root, const char *path, char **ret)
{
        int fd = host_root_open(root, DPKG_DIRECTORY, O_RDONLY | O_DIRECTORY);
        DIR *dir CLEANUP_DIRECTORY = NULL;
        const struct dirent *entry;
        int r = directory_open(fd, &dir);

        if (r < 0)
                return exhausted(r) ? r : 0;
        while (!*ret && (entry = readdir(dir))) {
                char *text CLEANUP_FREE = NULL;
                size_t size = strlen(entry->d_name);

                if (size <= 5 || strcmp(entry->d_name + size - 5, ".list") != 0)
                        continue;
                r = fs_read_file_at(fd, entry->d_name, LIST_SIZE_MAX, &text, NULL);
                if (exhausted(r))
                        return r;
                if (r < 0 || !lists(text, path))
                        continue;
                *ret = strndup(entry->d_name, size - 5);
                if (!*ret)
                        return -ENOMEM;
        }
        return 0;
}

int drift_evidence_read(const HostRoot *root, const char *release, const char *module, const char *file,
                DriftEvidence *ret)
{
        DriftEvidence evidence CLEANUP_DRIFT_EVIDENCE = { 0 };
        char *path CLEANUP_FREE = NULL;
        int r = find_dkms(root, release, module, &evidence.dkms);

        if (r >= 0 && file) {
                if (text_format(&path, "/lib/modules/%s/updates/%s", release, file) < 0)
                        return -ENOMEM;
                r = find_package(root, path, &evidence.package);
        }
        if (r >= 0)
                r = depmod_config_read(root, release, &evidence.depmod);
        if (r < 0)
                return r;
        *ret = evidence;
        evidence = (DriftEvidence){ 0 };
        return 0;
}
