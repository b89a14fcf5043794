/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Compares values of drivers, as a whole and in parts. */

#include "model/driver-compare.h"

#include <string.h>

static bool same_text(const char *a, const char *b)
{
        return strcmp(a, b) == 0;
}

static bool same_metadata(const ModuleFile *a, const ModuleFile *b)
{
        /* Unchanged files share their metadata from one reading to the next. */
        if (a == b)
                return true;
        return a->defect == b->defect && a->error == b->error && a->machine == b->machine &&
               a->elf_class == b->elf_class && a->byte_order == b->byte_order &&
               a->is_signed == b->is_signed && same_text(a->name, b->name) &&
               same_text(a->version, b->version) && same_text(a->srcversion, b->srcversion) &&
               same_text(a->vermagic, b->vermagic) && same_text(a->description, b->description) &&
               same_text(a->license, b->license) && same_text(a->signer, b->signer) &&
               same_text(a->note_version, b->note_version) &&
               same_text(a->note_driver_version, b->note_driver_version) &&
               same_text(a->note_release, b->note_release) && same_text(a->build_id, b->build_id) &&
               a->modinfo_size == b->modinfo_size &&
               (a->modinfo_size == 0 || memcmp(a->modinfo, b->modinfo, a->modinfo_size) == 0);
}

/* What is published of it. */
static bool same_info(const TreeInfo *a, const TreeInfo *b)
{
        if (!a || !b)
                return a == b;
        return a->priority == b->priority && a->has_priority == b->has_priority &&
               same_text(a->status, b->status) && same_text(a->version, b->version) &&
               same_text(a->name, b->name) && same_text(a->variant, b->variant);
}

static bool same_version(const DriverVersion *a, const DriverVersion *b)
{
        return a->tree == b->tree && same_text(a->package, b->package) &&
               same_text(a->directory, b->directory) && string_set_equal(&a->releases, &b->releases) &&
               same_text(a->path, b->path) && same_metadata(a->file, b->file) && a->covered == b->covered &&
               a->kept == b->kept && a->hardware_missing == b->hardware_missing &&
               same_info(a->info, b->info);
}

bool driver_same_versions(const void *a, const void *b)
{
        const Driver *one = a, *other = b;

        if (one->version_count != other->version_count)
                return false;
        for (size_t i = 0; i < one->version_count; i++)
                if (!same_text(one->versions[i].id, other->versions[i].id))
                        return false;
        return true;
}

bool driver_same_details(const void *a, const void *b)
{
        const Driver *one = a, *other = b;

        if (!driver_same_versions(a, b))
                return false;
        for (size_t i = 0; i < one->version_count; i++)
                if (!same_version(&one->versions[i], &other->versions[i]))
                        return false;
        return true;
}

static bool same_or_none(const char *a, const char *b)
{
        return a && b ? same_text(a, b) : a == b;
}

bool driver_same_selections(const void *a, const void *b)
{
        const Driver *one = a, *other = b;

        if (one->release_count != other->release_count)
                return false;
        for (size_t i = 0; i < one->release_count; i++)
                if (!same_text(one->releases[i].release, other->releases[i].release) ||
                                !same_text(one->releases[i].selected, other->releases[i].selected))
                        return false;
        return true;
}

bool driver_same_initramfs(const void *a, const void *b)
{
        const Driver *one = a, *other = b;

        if (one->release_count != other->release_count)
                return false;
        for (size_t i = 0; i < one->release_count; i++)
                if (!same_text(one->releases[i].release, other->releases[i].release) ||
                                !same_or_none(one->releases[i].in_initramfs,
                                                other->releases[i].in_initramfs))
                        return false;
        return true;
}

/* It names both versions. */
bool driver_same_reboot_reason(const void *a, const void *b)
{
        const Driver *one = a, *other = b;

        if (!one->reboot_required && !other->reboot_required)
                return true;
        return one->reboot_required == other->reboot_required && same_text(one->active, other->active) &&
               same_text(one->selected, other->selected);
}

static bool same_releases(const Driver *a, const Driver *b)
{
        if (!driver_same_selections(a, b) || !driver_same_initramfs(a, b))
                return false;
        for (size_t i = 0; i < a->release_count; i++) {
                const DriverRelease *one = &a->releases[i], *other = &b->releases[i];

                if (one->chosen != other->chosen || one->stood_for != other->stood_for ||
                                one->builtin != other->builtin ||
                                !same_text(one->effective, other->effective) ||
                                !same_or_none(one->initramfs, other->initramfs))
                        return false;
        }
        return true;
}

bool driver_equal(const Driver *a, const Driver *b)
{
        if (!same_text(a->package, b->package) || !same_text(a->selected, b->selected) ||
                        !same_text(a->effective, b->effective) || !same_text(a->active, b->active) ||
                        !same_text(a->active_by, b->active_by) || a->loaded != b->loaded ||
                        a->reboot_required != b->reboot_required ||
                        a->hardware_present != b->hardware_present ||
                        !same_text(a->description, b->description) || !same_text(a->type, b->type) ||
                        !string_set_equal(&a->devices, &b->devices) ||
                        !string_set_equal(&a->uncovered, &b->uncovered) ||
                        !problem_list_equal(&a->problems, &b->problems) || !same_releases(a, b) ||
                        !driver_same_details(a, b))
                return false;
        /* A file that was replaced by its equal has metadata of its own; and so has an info.json. */
        for (size_t i = 0; i < a->version_count; i++)
                if (a->versions[i].file != b->versions[i].file || a->versions[i].info != b->versions[i].info)
                        return false;
        return true;
}
