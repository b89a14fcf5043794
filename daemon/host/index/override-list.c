/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* To and from text. Pure: it reads and writes no file. */

#include "host/index/override-list.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "host/name.h"
#include "util/array.h"

#define HEADER                                                                                     \
        "# Written by hostdriverd; whatever is changed here is lost. Each line makes a selected\n" \
        "# version of a driver win over all other copies of it: see hostdriverd(8).\n"

/* What an extended regular expression (regex(7)) takes for more than itself. */
#define ERE_SPECIAL ".[]()*+?{}|^$"

/* "^" alone in brackets would negate them. */
#define ERE_CARET "[[.^.]]"

/* As libkmod compares names: "-" is "_". */
static int compare_modules(const char *a, const char *b)
{
        for (;; a++, b++) {
                char x = *a == '-' ? '_' : *a, y = *b == '-' ? '_' : *b;

                if (x != y)
                        return (unsigned char) x < (unsigned char) y ? -1 : 1;
                if (x == '\0')
                        return 0;
        }
}

static size_t position_of(const OverrideList *list, const char *release, const char *module, bool *ret_found)
{
        size_t low = 0, high = list->count;

        *ret_found = false;
        while (low < high) {
                size_t middle = low + (high - low) / 2;
                int order = strcmp(list->items[middle].release, release);

                if (order == 0)
                        order = compare_modules(list->items[middle].module, module);
                if (order == 0) {
                        *ret_found = true;
                        return middle;
                }
                if (order < 0)
                        low = middle + 1;
                else
                        high = middle;
        }
        return low;
}

static void entry_done(OverrideEntry *entry)
{
        free(entry->module);
        free(entry->release);
        free(entry->directory);
        *entry = (OverrideEntry){ 0 };
}

void override_list_done(OverrideList *list)
{
        for (size_t i = 0; i < list->count; i++)
                entry_done(&list->items[i]);
        free(list->items);
        *list = (OverrideList){ 0 };
}

const OverrideEntry *override_list_find(const OverrideList *list, const char *release, const char *module)
{
        bool found;
        size_t position = position_of(list, release, module, &found);

        return found ? &list->items[position] : NULL;
}

/* depmod splits its lines at blanks and eats backslashes, with no way to quote either. */
static bool is_word(const char *text)
{
        return text[0] != '\0' && !strpbrk(text, " \t\n\\");
}

/* Whether TEXT is a path below the module directory: no "..", no slash in front, all names valid. */
static bool is_directory(const char *text)
{
        while (is_word(text)) {
                char name[NAME_BYTES_MAX + 1];
                size_t size = strcspn(text, "/");

                if (size > NAME_BYTES_MAX)
                        return false;
                memcpy(name, text, size);
                name[size] = '\0';
                if (!name_is_valid(name))
                        return false;
                if (text[size] == '\0')
                        return true;
                text += size + 1;
        }
        return false;
}

static void remove_at(OverrideList *list, size_t position)
{
        entry_done(&list->items[position]);
        list->count--;
        memmove(list->items + position, list->items + position + 1,
                        (list->count - position) * sizeof(*list->items));
}

static int insert_at(OverrideList *list, size_t position, OverrideEntry *entry)
{
        OverrideEntry *items = array_grow(list->items, list->count, sizeof(*items));

        if (!items)
                return -ENOMEM;
        list->items = items;
        memmove(list->items + position + 1, list->items + position,
                        (list->count - position) * sizeof(*list->items));
        list->items[position] = *entry;
        *entry = (OverrideEntry){ 0 };
        list->count++;
        return 0;
}

int override_list_set(OverrideList *list, const char *release, const char *module, const char *directory)
{
        OverrideEntry entry CLEANUP(entry_done) = { 0 };
        bool found;
        size_t position = position_of(list, release, module, &found);

        if (!directory) {
                if (found)
                        remove_at(list, position);
                return 0;
        }
        if (!module_name_is_valid(module) || !is_word(release) || !name_is_valid(release) ||
                        !is_directory(directory))
                return -EINVAL;
        entry.module = strdup(module);
        entry.release = strdup(release);
        entry.directory = strdup(directory);
        if (!entry.module || !entry.release || !entry.directory)
                return -ENOMEM;
        if (!found)
                return insert_at(list, position, &entry);
        entry_done(&list->items[position]);
        list->items[position] = entry;
        entry = (OverrideEntry){ 0 };
        return 0;
}

/* "4.19.0+1" → "^4[.]19[.]0[+]1$". NULL: no memory. */
static char *release_to_ere(const char *release)
{
        char *ere = malloc(strlen(release) * strlen(ERE_CARET) + sizeof("^$")), *end = ere;

        if (!ere)
                return NULL;
        *end++ = '^';
        for (; *release != '\0'; release++) {
                if (*release == '^')
                        end = stpcpy(end, ERE_CARET);
                else if (strchr(ERE_SPECIAL, *release))
                        end += sprintf(end, "[%c]", *release);
                else
                        *end++ = *release;
        }
        *end++ = '$';
        *end = '\0';
        return ere;
}

/* The way back. -EINVAL if release_to_ere() didn't write it. */
static int release_from_ere(const char *ere, char **ret)
{
        char *release CLEANUP_FREE = calloc(1, strlen(ere) + 1);
        char *again CLEANUP_FREE = NULL, *end = release;

        if (!release)
                return -ENOMEM;
        for (const char *next = ere + (*ere == '^'); *next != '\0'; next++) {
                if (strncmp(next, ERE_CARET, strlen(ERE_CARET)) == 0) {
                        *end++ = '^';
                        next += strlen(ERE_CARET) - 1;
                } else if (next[0] == '[' && next[1] != '\0' && next[2] == ']') {
                        *end++ = next[1];
                        next += 2;
                } else if (next[0] != '$' || next[1] != '\0') {
                        *end++ = *next;
                }
        }
        again = release_to_ere(release);
        if (!again)
                return -ENOMEM;
        if (strcmp(again, ere) != 0)
                return -EINVAL;
        *ret = STEAL(release);
        return 0;
}

/* Adds the line TEXT, which it cuts into words. -EINVAL if it isn't ours, and *ret_module is the module that
 * it is about all the same; NULL if none. */
static int parse_line(OverrideList *list, char *text, const char **ret_module)
{
        char *release CLEANUP_FREE = NULL, *rest = NULL;
        const char *words[4] = { NULL };
        int r;

        for (size_t i = 0; i < ELEMENTSOF(words); i++)
                words[i] = strtok_r(i == 0 ? text : NULL, " \t", &rest);
        *ret_module = words[0] && strcmp(words[0], "override") == 0 ? words[1] : NULL;
        if (!*ret_module || !words[3] || strtok_r(NULL, " \t", &rest))
                return -EINVAL;
        r = release_from_ere(words[2], &release);
        return r < 0 ? r : override_list_set(list, release, words[1], words[3]);
}

/* 1 if NAME is a module whose lines are ours alone, though this one isn't as we write it. */
static int add_edited(StringSet *edited, const char *name)
{
        char *module CLEANUP_FREE = NULL;
        int r = edited && name ? module_name_canonical(name, &module) : -EINVAL;

        if (r == -EINVAL)
                return 0;
        if (r >= 0)
                r = string_set_add(edited, module);
        return r < 0 ? r : 1;
}

int override_list_parse(
                const char *text, size_t size, OverrideList *ret, StringSet *ret_edited, bool *ret_foreign)
{
        OverrideList list CLEANUP(override_list_done) = { 0 };
        char *copy CLEANUP_FREE = strdup(text);
        bool foreign = strlen(text) != size;

        if (!copy)
                return -ENOMEM;
        for (char *line = copy, *next; line; line = next) {
                char *end = strchrnul(line, '\n');
                const char *module;
                int r;

                next = *end == '\n' ? end + 1 : NULL;
                *end = '\0';
                line += strspn(line, " \t");
                if (*line == '\0' || *line == '#')
                        continue;
                r = parse_line(&list, line, &module);
                if (r == -EINVAL) {
                        r = add_edited(ret_edited, module);
                        foreign = foreign || r == 0;
                }
                if (r < 0)
                        return r;
        }
        *ret = list;
        list = (OverrideList){ 0 };
        *ret_foreign = foreign;
        return 0;
}

int override_list_format(const OverrideList *list, char **ret)
{
        char *text CLEANUP_FREE = NULL;
        size_t size;
        FILE *file = open_memstream(&text, &size);
        bool sound = file && fputs(HEADER, file) >= 0;

        if (!file)
                return -ENOMEM;
        for (size_t i = 0; i < list->count && sound; i++) {
                const OverrideEntry *entry = &list->items[i];
                char *ere CLEANUP_FREE = release_to_ere(entry->release);

                sound = ere &&
                        fprintf(file, "override %s %s %s\n", entry->module, ere, entry->directory) >= 0;
        }
        if (fclose(file) != 0 || !sound)
                return -ENOMEM;
        *ret = STEAL(text);
        return 0;
}
