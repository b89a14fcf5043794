/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Compares what the lines say, and not where they stand. */

#include "model/image-modprobe.h"

#include <string.h>

#include "host/index/modprobe-load.h"
#include "util/text-format.h"

static const ModprobeLine *next(const ModprobeRules *rules, ModprobeCommand command, const char *module,
                const char *name, const ModprobeLine *previous)
{
        const ModprobeLine *line = modprobe_rules_next(rules, command, name, previous);

        while (line && (line->number == 0 || modprobe_line_is_block(line, module)))
                line = modprobe_rules_next(rules, command, name, line);
        return line;
}

static bool same(const ModprobeLine *a, const ModprobeLine *b)
{
        /* What follows the name of a blacklist says nothing. */
        return a && b ? a->command == MODPROBE_BLACKLIST || strcmp(a->text, b->text) == 0 : a == b;
}

static bool first_differs(const ModprobeRules *inside, const ModprobeRules *outside, ModprobeCommand command,
                const char *module, ImageDifference *ret)
{
        *ret = (ImageDifference){ next(inside, command, module, module, NULL),
                next(outside, command, module, module, NULL) };
        return !same(ret->inside, ret->outside);
}

/* Of aliases all count. */
static bool aliases_differ(const ModprobeRules *inside, const ModprobeRules *outside, const char *module,
                const char *name, ImageDifference *ret)
{
        *ret = (ImageDifference){ 0 };
        do {
                ret->inside = next(inside, MODPROBE_ALIAS, module, name, ret->inside);
                ret->outside = next(outside, MODPROBE_ALIAS, module, name, ret->outside);
                if (!same(ret->inside, ret->outside))
                        return true;
        } while (ret->inside);
        return false;
}

bool image_modprobe_differs(const ModprobeRules *inside, const ModprobeRules *outside, const char *module,
                const char *name, ImageDifference *ret)
{
        if (aliases_differ(inside, outside, module, name, ret))
                return true;
        if (strcmp(module, name) != 0)
                return false;
        if (first_differs(inside, outside, MODPROBE_BLACKLIST, module, ret) ||
                        first_differs(inside, outside, MODPROBE_INSTALL, module, ret))
                return true;
        return ret->inside && first_differs(inside, outside, MODPROBE_SOFTDEP, module, ret);
}

static const ModprobeLine *first_in_files(
                const ModprobeRules *rules, ModprobeCommand command, const char *module)
{
        return next(rules, command, "", module, NULL);
}

bool image_install_differs(const ModprobeRules *inside, const ModprobeRules *outside, const char *module,
                ImageDifference *ret)
{
        *ret = (ImageDifference){ first_in_files(inside, MODPROBE_INSTALL, module),
                first_in_files(outside, MODPROBE_INSTALL, module) };
        return !same(ret->inside, ret->outside);
}

bool image_block_is_defeated(const ModprobeRules *inside, const ModprobeRules *outside, const char *module,
                ImageDifference *ret)
{
        static const ModprobeCommand commands[] = { MODPROBE_INSTALL, MODPROBE_SOFTDEP };

        for (size_t i = 0; i < ELEMENTSOF(commands); i++) {
                const ModprobeLine *line = first_in_files(inside, commands[i], module);
                const ModprobeLine *own = first_in_files(outside, commands[i], module);

                *ret = (ImageDifference){ .inside = line };
                if (line && !modprobe_line_is_block(line, module) && own &&
                                modprobe_line_is_block(own, module))
                        return true;
        }
        return false;
}

/* The line as it may be written. NULL: no memory. */
static char *spell(const ModprobeLine *line)
{
        static const char *const words[] = {
                [MODPROBE_ALIAS] = "alias",
                [MODPROBE_BLACKLIST] = "blacklist",
                [MODPROBE_INSTALL] = "install",
                [MODPROBE_SOFTDEP] = "softdep",
        };

        if (line->command == MODPROBE_BLACKLIST)
                return text_new("%s %s", words[line->command], line->pattern);
        return text_new("%s %s %s", words[line->command], line->pattern, line->text);
}

char *image_difference_text(const ImageDifference *difference)
{
        const ModprobeLine *inside = difference->inside, *outside = difference->outside;
        char *in CLEANUP_FREE = inside ? spell(inside) : NULL;
        char *out CLEANUP_FREE = outside ? spell(outside) : NULL;

        if ((inside && !in) || (outside && !out))
                return NULL;
        if (!outside)
                return text_new("has the line `%s` in its %s, which the host doesn't have: modprobe goes by it "
                                "until the root file system is mounted.",
                                in, inside->file);
        if (!inside)
                return text_new("lacks the line `%s`, which the host has in %s: until the root file system is "
                                "mounted, modprobe doesn't go by it. If a new image lacks it too, have the "
                                "generator copy that file.",
                                out, outside->file);
        return text_new("has the line `%s` in its %s, and the host has `%s` in %s: until the root file system is "
                        "mounted, modprobe goes by the former.",
                        in, inside->file, out, outside->file);
}
