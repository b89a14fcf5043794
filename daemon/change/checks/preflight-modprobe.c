/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Puts together what a selection leaves of modprobe.d. */

#include "change/checks/preflight-modprobe.h"

#include <errno.h>
#include <string.h>

#include "host/selection.h"
#include "model/modprobe-line-text.h"
#include "model/modprobe-problems.h"
#include "util/text-format.h"

void modprobe_plan_done(ModprobePlan *plan)
{
        modprobe_rules_done(&plan->common);
        modprobe_rules_done(&plan->own);
        plan->is_made = false;
}

/* Whether LINE is of the block that selecting a module of the change removes. */
static int is_ended(const ReleaseChange *change, const ModprobeLine *line)
{
        const char *file = modprobe_line_in_etc(line);
        char *module CLEANUP_FREE = NULL;
        int r = file ? block_file_module(file, &module) : -ENOENT;

        if (r < 0)
                return r == -ENOMEM ? r : 0;
        return symbol_sources_planned(change->sources, module) != NULL;
}

static int copy_line(ModprobeRules *rules, const ModprobeLine *line)
{
        return modprobe_rules_add(rules, line->command, line->pattern, line->text, line->file, line->number);
}

static int take_common(const ReleaseChange *change, ModprobeRules *ret)
{
        const ModprobeRules *rules = &change->facts->modprobe;
        int r = 0;

        for (size_t i = 0; i < rules->count && r >= 0; i++) {
                r = is_ended(change, &rules->lines[i]);
                if (r == 0)
                        r = copy_line(ret, &rules->lines[i]);
        }
        return r < 0 ? r : 0;
}

/* As depmod will write it. */
static int take_softdeps(const ReleaseChange *change, const CatalogueFile *file, ModprobeRules *ret)
{
        char *path CLEANUP_FREE = NULL;
        const char *value = NULL;
        int r = 0;

        path = text_new("/lib/modules/%s/" MODULES_SOFTDEP, change->release);
        if (!path)
                return -ENOMEM;
        while (r >= 0 && (value = module_file_next(file->file, "softdep", value)))
                r = modprobe_rules_add(ret, MODPROBE_SOFTDEP, file->module, value, path, 1);
        return r;
}

static int take_own(const ReleaseChange *change, ModprobeRules *ret)
{
        const size_t position = (size_t) (change->installed - change->facts->catalogue->releases);
        const ModprobeRules *rules = &change->facts->softdeps[position];
        int r = 0;

        for (size_t i = 0; i < rules->count && r >= 0; i++)
                if (!symbol_sources_planned(change->sources, rules->lines[i].pattern))
                        r = copy_line(ret, &rules->lines[i]);
        for (size_t i = 0; i < change->planned.count && r >= 0; i++)
                r = take_softdeps(change, change->planned.files[i], ret);
        return r;
}

static int make(const ReleaseChange *change, ModprobePlan *plan)
{
        int r;

        if (plan->is_made)
                return 0;
        r = take_common(change, &plan->common);
        if (r >= 0)
                r = take_own(change, &plan->own);
        plan->is_made = r >= 0;
        return r;
}

/* udev goes by the running release. */
static int find_device(const ReleaseChange *change, PreflightFacts *facts)
{
        const DeviceClaim claim = device_claim_of_file(facts->file);

        if (strcmp(change->release, change->facts->kernel) != 0)
                return 0;
        return modprobe_find_aliased(change->facts, &claim, facts->load.blacklist, &facts->aliased);
}

int preflight_gather_modprobe(const ReleaseChange *change, ModprobePlan *plan, PreflightFacts *facts)
{
        ModprobeRelease release = { .common = &plan->common, .own = &plan->own };
        StringSet needs CLEANUP_STRING_SET = { 0 };
        int r = make(change, plan);

        if (r < 0)
                return r;
        /* Most hosts have no line about any module of theirs. */
        facts->all = change->facts;
        if (plan->common.count == 0)
                return 0;
        r = module_file_dependencies(facts->file->file, &needs);
        if (r >= 0)
                r = symbol_sources_index(change->sources, &release.index);
        if (r >= 0)
                r = modprobe_file_load_read(&release, facts->file->module, &needs, &facts->load);
        return r < 0 ? r : find_device(change, facts);
}
