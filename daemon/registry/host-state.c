/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Derives the state of the host from facts and drivers. No I/O, no bus. */

#include "registry/host-state.h"

#include <errno.h>
#include <string.h>

#include "model/version-order.h"
#include "util/text-format.h"

static int copy_problems(ProblemList *list, const ProblemList *source)
{
        for (size_t i = 0; i < source->count; i++)
                if (problem_list_add(list, source->items[i].severity, source->items[i].code, "%s",
                                    source->items[i].sentence) < 0)
                        return -ENOMEM;
        return 0;
}

static int add_unreadable_images(const Facts *facts, ProblemList *list)
{
        for (size_t i = 0; facts->images && i < facts->catalogue->release_count; i++) {
                const InitramfsImage *image = facts->images[i];
                int r = image ? image->error : 0;

                if (r < 0 && problem_list_add(list, SEVERITY_WARNING, "initramfs-unreadable",
                                             "What the initramfs %s of kernel %s holds can't be told: %s. If "
                                             "the kernel can't read it either, rebuild it.",
                                             image->path, image->release,
                                             r == -EBADMSG ? "it is damaged, or of an unknown format"
                                                           : strerror(-r)) < 0)
                        return -ENOMEM;
        }
        return 0;
}

/* Images that this service leaves alone. AND ends the sentence that says so; ADVICE is what to do. */
static int add_set(ProblemList *list, const StringSet *paths, const char *code, const char *what,
                const char *and, const char *advice)
{
        for (size_t i = 0; i < paths->count; i++)
                if (problem_list_add(list, SEVERITY_INFO, code,
                                    "The %s %s is neither read nor rebuilt by this service%s. If it holds a "
                                    "driver whose selection has changed, %s.",
                                    what, paths->items[i], and, advice) < 0)
                        return -ENOMEM;
        return 0;
}

static int add_unread_images(const Facts *facts, ProblemList *list)
{
        int r;

        if (facts->catalogue->modules.count == 0)
                return 0;
        r = add_set(list, &facts->unified, "unified-kernel-image", "unified kernel image", "",
                        "rebuild it before the next boot");
        if (r < 0)
                return r;
        return add_set(list, &facts->other_images, "initramfs-other", "initramfs",
                        ", as the kernel has another one", "run `mkinitcpio -P` before you boot with it");
}

/* Nothing that isn't loaded already can be loaded now. */
static int add_missing_modules(const Facts *facts, ProblemList *list)
{
        const StringSet *installed = &facts->installed;
        const char *newest = installed->count > 0 ? installed->items[0] : NULL;

        for (size_t i = 1; i < installed->count; i++)
                if (version_compare(installed->items[i], newest) > 0)
                        newest = installed->items[i];
        return newest ? problem_list_add(list, SEVERITY_ERROR, "kernel-modules-missing",
                                        "The modules of the running kernel %s are gone from /lib/modules: it "
                                        "was upgraded or removed since the boot, and no driver that isn't loaded "
                                        "by now can be. Reboot; the newest installed kernel is %s.",
                                        facts->kernel, newest)
                      : 0;
}

static int add_disabled(const Facts *facts, ProblemList *list)
{
        if (!facts->modules_disabled)
                return 0;
        return problem_list_add(list, SEVERITY_WARNING, "modules-disabled",
                        "The kernel loads no more modules until the next boot, since the sysctl "
                        "kernel.modules_disabled is set: a driver that isn't loaded by now can't be. Reboot to "
                        "have a selection count; if a driver is missing then, set the sysctl later.");
}

/* It invents its drivers, so that what xapi shows and selects by it is nothing of this host's. */
static int add_mock(const Facts *facts, ProblemList *list)
{
        const char *path = facts->driver_tool_mock;

        if (!path)
                return 0;
        return problem_list_add(list, SEVERITY_WARNING, "driver-tool-mock",
                        "%s is a stand-in that xapi wrote since it found no driver-tool: it lists drivers of "
                        "no host, and selects nothing. %s, and run `xe-toolstack-restart`.",
                        path,
                        strcmp(path, DRIVER_TOOL_PATH) == 0
                                        ? "Install hostdriver again, whose driver-tool belongs there"
                                        : "Remove it, write `drivertool = " DRIVER_TOOL_PATH
                                          "` to /etc/xapi.conf");
}

static int add_skip(const CatalogueSkip *skip, ProblemList *list)
{
        if (skip->error == 0)
                return problem_list_add(list, SEVERITY_WARNING, "entry-skipped",
                                "%s was passed over: it %s.", skip->path, skip->reason);
        return problem_list_add(list, SEVERITY_ERROR, "directory-unreadable",
                        "%s %s. No version that it may hold is known. Look at what the kernel says of the disk "
                        "(`dmesg`), and at the directory's permissions; then run `hostdriverctl rescan`.",
                        skip->path, skip->reason);
}

static int derive_problems(const Facts *facts, const ProblemList *standing, ProblemList *list)
{
        const Catalogue *catalogue = facts->catalogue;

        if (copy_problems(list, standing) < 0 || add_missing_modules(facts, list) < 0 ||
                        add_disabled(facts, list) < 0 || add_mock(facts, list) < 0)
                return -ENOMEM;
        for (size_t i = 0; i < catalogue->skip_count; i++)
                if (add_skip(&catalogue->skips[i], list) < 0)
                        return -ENOMEM;
        for (size_t i = 0; i < facts->selection->unreadable.count; i++)
                if (problem_list_add(list, SEVERITY_ERROR, "directory-unreadable",
                                    "%s. What is selected is not known, as far as links say it. Look at what the "
                                    "kernel says of the disk (`dmesg`); then run `hostdriverctl rescan`.",
                                    facts->selection->unreadable.items[i]) < 0)
                        return -ENOMEM;
        if (add_unreadable_images(facts, list) < 0 || add_unread_images(facts, list) < 0)
                return -ENOMEM;
        if ((facts->selection->override_file_foreign || facts->selection->edited_overrides.count > 0) &&
                        problem_list_add(list, SEVERITY_WARNING, "override-file-foreign",
                                        "%s holds lines that hostdriver didn't write. Move them away, since "
                                        "they are lost when a version is selected.",
                                        OVERRIDE_FILE_PATH) < 0)
                return -ENOMEM;
        return 0;
}

int host_state_derive(const Facts *facts, const ProblemList *standing, HostState *ret)
{
        HostState state CLEANUP(host_state_done) = { 0 };

        for (size_t i = 0; i < facts->catalogue->release_count; i++)
                if (string_set_add(&state.kernels, facts->catalogue->releases[i].release) < 0)
                        return -ENOMEM;
        if (derive_problems(facts, standing, &state.problems) < 0)
                return -ENOMEM;
        *ret = state;
        state = (HostState){ 0 };
        return 0;
}

int host_state_add_driver(HostState *state, const Driver *driver)
{
        char *reason CLEANUP_FREE = NULL, *sentence CLEANUP_FREE = NULL;
        int r;

        if (!driver->reboot_required)
                return 0;
        reason = driver_reboot_reason(driver);
        if (!reason || text_format(&sentence, "%s: %s", driver->name, reason) < 0)
                return -ENOMEM;
        r = string_set_add(&state->reboot_reasons, sentence);
        return r < 0 ? r : 0;
}

void host_state_done(HostState *state)
{
        string_set_done(&state->kernels);
        string_set_done(&state->reboot_reasons);
        problem_list_done(&state->problems);
}

bool host_state_reboot_required(const HostState *state)
{
        return state->reboot_reasons.count > 0;
}
