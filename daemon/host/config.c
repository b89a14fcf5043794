/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads the configuration: sections, keys and values as systemd's files have them, as little of it as three
 * sections need. */

#include "host/config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "host/name.h"
#include "util/directory.h"
#include "util/exhausted.h"
#include "util/fs.h"
#include "util/text-format.h"

#define CONFIG_NAME "hostdriver.conf"
#define CONFIG_SIZE_MAX (1024 * 1024)
#define TIMEOUT_SEC_MAX (24U * 60 * 60)

typedef struct Key {
        const char *section;
        const char *name;
        /* Sets VALUE. 0, -EINVAL if it isn't one, -ENOMEM. */
        int (*set)(Config *config, size_t offset, const char *value);
        size_t offset;
} Key;

static int set_directory(Config *config, size_t offset, const char *value)
{
        char **place = (char **) ((char *) config + offset);
        char *copy;

        /* "" switches the tree off; "kernel" and "updates" would be a tree of what isn't a version. */
        if (value[0] != '\0' && (!name_is_valid(value) || strcmp(value, "kernel") == 0 ||
                                                strcmp(value, "updates") == 0))
                return -EINVAL;
        copy = strdup(value);
        if (!copy)
                return -ENOMEM;
        free(*place);
        *place = copy;
        return 0;
}

static int set_seconds(Config *config, size_t offset, const char *value)
{
        unsigned *place = (unsigned *) ((char *) config + offset);
        size_t size = strlen(value);
        unsigned seconds = 0;

        if (size == 0 || size > 6 || strspn(value, "0123456789") != size)
                return -EINVAL;
        for (; *value != '\0'; value++)
                seconds = seconds * 10 + (unsigned) (*value - '0');
        if (seconds == 0 || seconds > TIMEOUT_SEC_MAX)
                return -EINVAL;
        *place = seconds;
        return 0;
}

static int set_initramfs(Config *config, size_t offset, const char *value)
{
        static const char *const names[] = {
                [INITRAMFS_AUTO] = "auto",
                [INITRAMFS_NONE] = "none",
                [INITRAMFS_TOOLS] = "initramfs-tools",
                [INITRAMFS_DRACUT] = "dracut",
                [INITRAMFS_MKINITCPIO] = "mkinitcpio",
        };

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (strcmp(value, names[i]) == 0) {
                        *(InitramfsGenerator *) ((char *) config + offset) = (InitramfsGenerator) i;
                        return 0;
                }
        return -EINVAL;
}

static int set_image_method(Config *config, size_t offset, const char *value)
{
        static const char *const names[] = {
                [IMAGE_METHOD_AUTO] = "auto",
                [IMAGE_METHOD_SEGMENT] = "segment",
                [IMAGE_METHOD_GENERATOR] = "generator",
        };

        for (size_t i = 0; i < ELEMENTSOF(names); i++)
                if (strcmp(value, names[i]) == 0) {
                        *(ImageMethod *) ((char *) config + offset) = (ImageMethod) i;
                        return 0;
                }
        return -EINVAL;
}

static int set_on_drift(Config *config, size_t offset, const char *value)
{
        OnDrift *place = (OnDrift *) ((char *) config + offset);

        if (strcmp(value, "report") == 0)
                *place = ON_DRIFT_REPORT;
        else if (strcmp(value, "heal") == 0)
                *place = ON_DRIFT_HEAL;
        else
                return -EINVAL;
        return 0;
}

/* Its keys are those of the trees. */
#define TREES_SECTION "Trees"

static const Key keys[] = {
        { "Apply", "DepmodTimeoutSec", set_seconds, offsetof(Config, depmod_timeout_sec) },
        { "Apply", "InitramfsTimeoutSec", set_seconds, offsetof(Config, initramfs_timeout_sec) },
        { "Apply", "Initramfs", set_initramfs, offsetof(Config, initramfs) },
        { "Apply", "ImageMethod", set_image_method, offsetof(Config, image_method) },
        { "Service", "ExitIdleSec", set_seconds, offsetof(Config, exit_idle_sec) },
        { "Service", "OnDrift", set_on_drift, offsetof(Config, on_drift) },
};

/* Where a line stands, for warnings. */
typedef struct Place {
        const char *path;
        unsigned line;
        const char *section; /* "" before the first one */
} Place;

static int warn(Config *config, const Place *place, const char *text, const char *what)
{
        char *escaped CLEANUP_FREE = name_escape(what);
        char *sentence CLEANUP_FREE = NULL;

        if (!escaped || text_format(&sentence, "%s:%u: %s: %s. The line was skipped.", place->path,
                                        place->line, text, escaped) < 0)
                return -ENOMEM;
        return string_set_add(&config->warnings, sentence) < 0 ? -ENOMEM : 0;
}

/* Without blanks at either end; changes TEXT. */
static char *trim(char *text)
{
        static const char blanks[] = " \t\r";
        size_t size;

        text += strspn(text, blanks);
        size = strlen(text);
        while (size > 0 && strchr(blanks, text[size - 1]))
                size--;
        text[size] = '\0';
        return text;
}

static bool section_is_known(const char *section)
{
        for (size_t i = 0; i < ELEMENTSOF(keys); i++)
                if (strcmp(keys[i].section, section) == 0)
                        return true;
        return strcmp(section, TREES_SECTION) == 0;
}

static int take_section(Config *config, Place *place, char *line)
{
        size_t size = strlen(line);

        place->section = "";
        if (line[size - 1] != ']')
                return warn(config, place, "The section has no closing bracket", line);
        line[size - 1] = '\0';
        place->section = line + 1;
        return section_is_known(place->section) ? 0 : warn(config, place, "Unknown section", place->section);
}

/* The key NAME of SECTION. False if there is none. */
static bool find_key(const char *section, const char *name, Key *ret)
{
        for (size_t i = 0; i < ELEMENTSOF(keys); i++)
                if (strcmp(keys[i].section, section) == 0 && strcmp(keys[i].name, name) == 0) {
                        *ret = keys[i];
                        return true;
                }
        for (size_t i = 0; all_trees[i] && strcmp(section, TREES_SECTION) == 0; i++)
                if (all_trees[i]->setting && strcmp(all_trees[i]->setting, name) == 0) {
                        *ret = (Key){ .set = set_directory,
                                .offset = offsetof(Config, tree_directories[i]) };
                        return true;
                }
        return false;
}

static int take_assignment(Config *config, const Place *place, char *line)
{
        char *value = strchr(line, '='), *name;
        Key key;

        if (!value)
                return warn(config, place, "Neither a section nor NAME=VALUE", line);
        *value = '\0';
        name = trim(line);
        value = trim(value + 1);
        if (find_key(place->section, name, &key)) {
                int r = key.set(config, key.offset, value);

                return r == -EINVAL ? warn(config, place, "Not a valid value", value) : r;
        }
        /* Its whole section was reported already. */
        if (place->section[0] != '\0' && !section_is_known(place->section))
                return 0;
        return warn(config, place, "Unknown setting", name);
}

static int take_text(Config *config, const char *path, char *text)
{
        Place place = { .path = path, .section = "" };
        int r = 0;

        while (text && r >= 0) {
                char *line = strsep(&text, "\n");

                place.line++;
                line = trim(line);
                if (line[0] == '\0' || line[0] == '#' || line[0] == ';')
                        continue;
                r = line[0] == '[' ? take_section(config, &place, line)
                                   : take_assignment(config, &place, line);
        }
        return r;
}

static int take_file(const HostRoot *root, const char *path, Config *config)
{
        char *text CLEANUP_FREE = NULL;
        int r = host_root_read(root, path, CONFIG_SIZE_MAX, &text, NULL);

        /* -EINVAL: a link to /dev/null is the usual way to mask a drop-in. */
        if (r == -ENOENT || r == -ENOTDIR || r == -EINVAL)
                return 0;
        if (exhausted(r))
                return r;
        if (r < 0) {
                char *sentence CLEANUP_FREE = NULL;

                if (text_format(&sentence, "%s can't be read: %s. It was skipped.", path, strerror(-r)) < 0)
                        return -ENOMEM;
                return string_set_add(&config->warnings, sentence) < 0 ? -ENOMEM : 0;
        }
        return take_text(config, path, text);
}

static const char *const directories[] = { "/usr/lib/hostdriver", "/etc/hostdriver" };

/* Adds the names of drop-ins; a directory that can't be read has none. */
static int list_drop_ins(const HostRoot *root, const char *directory, StringSet *names)
{
        char *path CLEANUP_FREE = NULL;
        DIR *listing CLEANUP_DIRECTORY = NULL;
        struct dirent *entry;
        int r;

        if (text_format(&path, "%s/" CONFIG_NAME ".d", directory) < 0)
                return -ENOMEM;
        r = directory_open(host_root_open(root, path, O_RDONLY | O_DIRECTORY), &listing);
        if (r < 0)
                return exhausted(r) ? r : 0;
        while ((entry = readdir(listing))) {
                size_t size = strlen(entry->d_name);

                if (entry->d_name[0] != '.' && size > 5 && strcmp(entry->d_name + size - 5, ".conf") == 0 &&
                                string_set_add(names, entry->d_name) < 0)
                        return -ENOMEM;
        }
        return 0;
}

/* A drop-in of /etc stands in for the one of the same name in /usr/lib. */
static int take_drop_in(const HostRoot *root, const char *name, Config *config)
{
        for (size_t i = ELEMENTSOF(directories); i > 0; i--) {
                char *path CLEANUP_FREE = NULL;
                int fd CLEANUP_FD = -1;

                if (text_format(&path, "%s/" CONFIG_NAME ".d/%s", directories[i - 1], name) < 0)
                        return -ENOMEM;
                fd = host_root_open(root, path, O_PATH | O_NOFOLLOW);
                if (fd != -ENOENT)
                        return take_file(root, path, config);
        }
        return 0;
}

const char *config_tree_directory(const Config *config, const Tree *tree)
{
        size_t i = 0;

        while (all_trees[i] && all_trees[i] != tree)
                i++;
        return all_trees[i] && config->tree_directories[i] ? config->tree_directories[i] : tree->base;
}

/* Two trees in one place would list everything twice: the first stays. */
static int check_tree(Config *config, size_t position)
{
        const char *directory = config_tree_directory(config, all_trees[position]);

        for (size_t i = 0; i < position && directory[0] != '\0'; i++) {
                char *sentence CLEANUP_FREE = NULL;
                int r;

                if (strcmp(config_tree_directory(config, all_trees[i]), directory) != 0)
                        continue;
                if (text_format(&sentence, "%s= and %s= name the same directory. %s= was switched off.",
                                    all_trees[i]->setting, all_trees[position]->setting,
                                    all_trees[position]->setting) < 0)
                        return -ENOMEM;
                r = set_directory(config, offsetof(Config, tree_directories[position]), "");
                if (r >= 0)
                        r = string_set_add(&config->warnings, sentence);
                return r < 0 ? -ENOMEM : 0;
        }
        return 0;
}

int config_read(const HostRoot *root, Config *ret)
{
        StringSet names CLEANUP_STRING_SET = { 0 };
        Config config = { .depmod_timeout_sec = 300, .initramfs_timeout_sec = 1800, .exit_idle_sec = 60 };
        int r = 0;

        for (size_t i = 0; i < ELEMENTSOF(directories) && r >= 0; i++)
                r = list_drop_ins(root, directories[i], &names);
        if (r >= 0)
                r = take_file(root, "/etc/hostdriver/" CONFIG_NAME, &config);
        for (size_t i = 0; i < names.count && r >= 0; i++)
                r = take_drop_in(root, names.items[i], &config);
        for (size_t i = 0; all_trees[i] && all_trees[i]->setting && r >= 0; i++)
                r = check_tree(&config, i);
        if (r < 0) {
                config_done(&config);
                return r;
        }
        *ret = config;
        return 0;
}

void config_done(Config *config)
{
        for (size_t i = 0; i < TREES_MAX; i++)
                free(config->tree_directories[i]);
        string_set_done(&config->warnings);
        *config = (Config){ 0 };
}
