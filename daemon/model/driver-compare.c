/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* In which published properties two values of one driver differ. */

#include <string.h>

#include "model/driver.h"

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
               same_text(a->note_version, b->note_version) && same_text(a->build_id, b->build_id) &&
               a->modinfo_size == b->modinfo_size &&
               (a->modinfo_size == 0 || memcmp(a->modinfo, b->modinfo, a->modinfo_size) == 0);
}

/* What is published of it. */
static bool same_info(const TreeInfo *a, const TreeInfo *b)
{
        if (!a || !b)
                return a == b;
        return a->priority == b->priority && same_text(a->status, b->status) &&
               same_text(a->version, b->version);
}

static bool same_version(const DriverVersion *a, const DriverVersion *b)
{
        return a->tree == b->tree && same_text(a->package, b->package) &&
               same_text(a->directory, b->directory) && string_set_equal(&a->releases, &b->releases) &&
               same_text(a->path, b->path) && same_metadata(a->file, b->file) && a->covered == b->covered &&
               a->hardware_missing == b->hardware_missing && same_info(a->info, b->info);
}

static unsigned compare_versions(const Driver *a, const Driver *b)
{
        unsigned changes = 0;

        if (a->version_count != b->version_count)
                return DRIVER_VERSIONS | DRIVER_VERSION_DETAILS;
        for (size_t i = 0; i < a->version_count; i++) {
                if (!same_text(a->versions[i].id, b->versions[i].id))
                        return DRIVER_VERSIONS | DRIVER_VERSION_DETAILS;
                if (!same_version(&a->versions[i], &b->versions[i]))
                        changes |= DRIVER_VERSION_DETAILS;
        }
        return changes;
}

static bool same_selections(const Driver *a, const Driver *b)
{
        if (a->release_count != b->release_count)
                return false;
        for (size_t i = 0; i < a->release_count; i++)
                if (!same_text(a->releases[i].release, b->releases[i].release) ||
                                !same_text(a->releases[i].selected, b->releases[i].selected))
                        return false;
        return true;
}

static bool same_initramfs(const Driver *a, const Driver *b)
{
        if (a->release_count != b->release_count)
                return false;
        for (size_t i = 0; i < a->release_count; i++) {
                const char *one = a->releases[i].in_initramfs, *other = b->releases[i].in_initramfs;

                if (!same_text(a->releases[i].release, b->releases[i].release) || !one != !other ||
                                (one && !same_text(one, other)))
                        return false;
        }
        return true;
}

unsigned driver_compare(const Driver *a, const Driver *b)
{
        unsigned changes = compare_versions(a, b);

        if (!same_text(a->package, b->package))
                changes |= DRIVER_PACKAGE;
        if (!same_text(a->selected, b->selected))
                changes |= DRIVER_SELECTED;
        if (!same_text(a->effective, b->effective))
                changes |= DRIVER_EFFECTIVE;
        if (!same_text(a->active, b->active))
                changes |= DRIVER_ACTIVE;
        if (!same_text(a->active_by, b->active_by))
                changes |= DRIVER_ACTIVE_BY;
        if (a->loaded != b->loaded)
                changes |= DRIVER_LOADED;
        if (a->reboot_required != b->reboot_required)
                changes |= DRIVER_REBOOT_REQUIRED;
        if ((a->reboot_required || b->reboot_required) &&
                        (a->reboot_required != b->reboot_required || !same_text(a->active, b->active) ||
                                        !same_text(a->selected, b->selected)))
                changes |= DRIVER_REBOOT_REASONS;
        if (!same_text(a->description, b->description))
                changes |= DRIVER_DESCRIPTION;
        if (!same_text(a->type, b->type))
                changes |= DRIVER_TYPE;
        if (a->hardware_present != b->hardware_present)
                changes |= DRIVER_HARDWARE_PRESENT;
        if (!string_set_equal(&a->devices, &b->devices))
                changes |= DRIVER_DEVICES;
        if (!same_selections(a, b))
                changes |= DRIVER_SELECTED_BY_KERNEL;
        if (!same_initramfs(a, b))
                changes |= DRIVER_IN_INITRAMFS;
        if (!string_set_equal(&a->uncovered, &b->uncovered))
                changes |= DRIVER_KERNELS_NOT_COVERED;
        if (!problem_list_equal(&a->problems, &b->problems))
                changes |= DRIVER_PROBLEMS;
        return changes;
}

static bool same_or_none(const char *a, const char *b)
{
        return a && b ? same_text(a, b) : a == b;
}

bool driver_equal(const Driver *a, const Driver *b)
{
        if (driver_compare(a, b) != 0)
                return false;
        for (size_t i = 0; i < a->release_count; i++) {
                const DriverRelease *one = &a->releases[i], *other = &b->releases[i];

                if (one->chosen != other->chosen || one->stood_for != other->stood_for ||
                                !same_text(one->effective, other->effective) ||
                                !same_or_none(one->initramfs, other->initramfs))
                        return false;
        }
        /* A file that was replaced by its equal has metadata of its own; and so has an info.json. */
        for (size_t i = 0; i < a->version_count; i++)
                if (a->versions[i].file != b->versions[i].file || a->versions[i].info != b->versions[i].info)
                        return false;
        return true;
}
