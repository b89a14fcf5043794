/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What packages and variants are listed as: info.json's names where they are unmistakable, else those of the
 * directories. It asks nobody. */

#include <string.h>

#include "json.h"
#include "packages.h"

typedef const char *(*Field)(const PackageModule *item);

/* One kind of name: of packages in the list, or of variants in a package. */
typedef struct Kind {
        Field directory;
        const char *key; /* of the details: what info.json has */
} Kind;

static const char *package_of(const PackageModule *item)
{
        return item->package;
}

static const char *variant_of(const PackageModule *item)
{
        return item->variant;
}

static const Kind packages = { package_of, "driver_name" }, variants = { variant_of, "variant" };

/* How many items from FIRST on have the directory of the first one. */
static size_t group_size(const Kind *kind, const PackageModule *first, size_t count)
{
        size_t size = 1;

        while (size < count && strcmp(kind->directory(&first[size]), kind->directory(first)) == 0)
                size++;
        return size;
}

/* xapi's database, which is XML, can't hold control characters. */
static bool is_plain(const char *name)
{
        for (const char *place = name; *place; place++)
                if ((unsigned char) *place < ' ' || *place == '\x7f')
                        return false;
        return *name != '\0';
}

/* The name that all items of a group that have one agree on; NULL if there is none. */
static const char *told(const Kind *kind, const PackageModule *items, size_t count)
{
        const char *name = NULL;

        for (size_t i = 0; i < count; i++) {
                const char *one = json_text(items[i].details, kind->key);

                if (*one == '\0')
                        continue;
                if (name && strcmp(name, one) != 0)
                        return NULL;
                name = one;
        }
        return name && is_plain(name) ? name : NULL;
}

/* Whether one of the groups, but for the one that begins at SELF, is or could be called that. */
static bool is_taken(const Kind *kind, const PackageModule *items, size_t count, const PackageModule *self,
                const char *name)
{
        for (size_t i = 0, size; i < count; i += size) {
                size = group_size(kind, &items[i], count - i);
                if (&items[i] == self)
                        continue;
                if (strcmp(kind->directory(&items[i]), name) == 0)
                        return true;
                for (size_t j = i; j < i + size; j++)
                        if (strcmp(json_text(items[j].details, kind->key), name) == 0)
                                return true;
        }
        return false;
}

static const char *name_of(const Kind *kind, const PackageModule *items, size_t count,
                const PackageModule *group, size_t size)
{
        const char *name = told(kind, group, size);

        return name && !is_taken(kind, items, count, group, name) ? name : kind->directory(group);
}

static void name_variants(PackageModule *items, size_t count)
{
        for (size_t i = 0, size; i < count; i += size) {
                const char *label;

                size = group_size(&variants, &items[i], count - i);
                label = name_of(&variants, items, count, &items[i], size);
                for (size_t j = i; j < i + size; j++)
                        items[j].label = label;
        }
}

void package_list_name(PackageList *list)
{
        for (size_t i = 0, size; i < list->count; i += size) {
                PackageModule *group = &list->items[i];
                const char *name;

                size = group_size(&packages, group, list->count - i);
                name = name_of(&packages, list->items, list->count, group, size);
                for (size_t j = 0; j < size; j++)
                        group[j].name = name;
                name_variants(group, size);
        }
}
