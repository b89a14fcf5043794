/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Puts lines of modprobe.d into words. */

#include "model/modprobe-line-text.h"

#include <stdio.h>
#include <string.h>

#include "host/selection.h"
#include "util/text-format.h"

const char *modprobe_line_in_etc(const ModprobeLine *line)
{
        size_t size = strlen(BLOCK_DIRECTORY "/");

        return strncmp(line->file, BLOCK_DIRECTORY "/", size) == 0 ? line->file + size : NULL;
}

/* Any other file comes again with the next package, or boot; one of the same name in /etc stands for it.
 * What depmod wrote comes from a module. */
const char *modprobe_line_advice(const ModprobeLine *line)
{
        if (strncmp(line->file, "/lib/modules/", strlen("/lib/modules/")) == 0)
                return "Select and deselect it again, so that the block counts before that.";
        return modprobe_line_in_etc(line) ? "Remove that line."
                                          : "Copy the file to " BLOCK_DIRECTORY
                                            " and remove that line there.";
}

char *modprobe_dependency_text(
                const ModprobeDependency *dependency, const ModprobeLine *line, const char *subject)
{
        if (modprobe_line_is_block(line, dependency->module))
                return text_new("%s can't be loaded: it needs %s, which is deselected, so that %s keeps it "
                                "from being loaded. Run `hostdriverctl select %s VERSION`.",
                                subject, dependency->module, line->file, dependency->module);
        if (line->command == MODPROBE_REFUSED)
                return text_new("%s can't be loaded: it needs %s, which the kernel refuses, since it was "
                                "booted with %s. Boot without that, and remove it from the boot loader's "
                                "configuration.",
                                subject, dependency->module, line->text);
        return text_new("%s can't be loaded: it needs %s, and line %u of %s has modprobe run `%s` "
                        "instead of loading that. %s",
                        subject, dependency->module, line->number, line->file, line->text,
                        modprobe_line_advice(line));
}
