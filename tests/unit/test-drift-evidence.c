/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The traces of DKMS and dpkg, as those leave them, and the locks of package managers. */

#include <glib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/drift-evidence.h"
#include "host/package-lock.h"
#include "lock-holder.h"
#include "sample-root.h"

#define RELEASE "6.1.0"
#define MODULES "lib/modules/" RELEASE "/"

typedef struct Fixture {
        SampleRoot sample;
        DriftEvidence evidence;
} Fixture;

static void set_up(Fixture *fixture, gconstpointer data)
{
        sample_root_init(&fixture->sample, RELEASE);
}

static void tear_down(Fixture *fixture, gconstpointer data)
{
        drift_evidence_done(&fixture->evidence);
        sample_root_done(&fixture->sample);
}

static const DriftEvidence *read_evidence(Fixture *fixture)
{
        drift_evidence_done(&fixture->evidence);
        g_assert_cmpint(drift_evidence_read(fixture->sample.root, RELEASE, "dell_laptop", "dell-laptop.ko",
                                        &fixture->evidence),
                        ==, 0);
        return &fixture->evidence;
}

static void test_nothing(Fixture *fixture, gconstpointer data)
{
        const DriftEvidence *evidence = read_evidence(fixture);

        g_assert_null(evidence->dkms);
        g_assert_null(evidence->package);
        g_assert_cmpuint(evidence->depmod.search_count, ==, 1);
        g_assert_cmpstr(evidence->depmod.searches[0].file, ==, "");
}

/* What counts is the module and the release; the archived thing may be our link, which dangles there. */
static void test_dkms(Fixture *fixture, gconstpointer data)
{
        const TempDir *dir = &fixture->sample.dir;

        temp_dir_write(dir, "var/lib/dkms/dell/original_module/5.10/x86_64/dell-laptop.ko", "");
        temp_dir_write(dir, "var/lib/dkms/dell/original_module/" RELEASE "/x86_64/ice.ko", "");
        temp_dir_write(dir, MODULES "updates/dkms/ice.ko", "");
        g_assert_null(read_evidence(fixture)->dkms);
        temp_dir_write(dir, MODULES "updates/dkms/dell-laptop.ko.xz", "");
        g_assert_cmpstr(read_evidence(fixture)->dkms, ==,
                        "/lib/modules/" RELEASE "/updates/dkms/dell-laptop.ko.xz");
        temp_dir_link(dir, "var/lib/dkms/dell/original_module/" RELEASE "/x86_64/dell-laptop.ko",
                        "../xenserver/dell/1/dell-laptop.ko");
        g_assert_cmpstr(read_evidence(fixture)->dkms, ==,
                        "/var/lib/dkms/dell/original_module/" RELEASE "/x86_64/dell-laptop.ko");
}

static void test_dpkg(Fixture *fixture, gconstpointer data)
{
        static const struct {
                const char *list;
                bool owns;
        } rows[] = {
                { "/.\n/lib\n/" MODULES "updates/dell-laptop.ko\n", true },
                { "/usr/" MODULES "updates/dell-laptop.ko", true },
                { "/" MODULES "updates/dell-laptop.ko", true },
                { "/" MODULES "updates/dell-laptop.ko.xz\n", false },
                { "/opt/" MODULES "updates/dell-laptop.ko\n", false },
                { "/" MODULES "updates\n", false },
                { "", false },
        };

        for (size_t i = 0; i < G_N_ELEMENTS(rows); i++) {
                temp_dir_write(&fixture->sample.dir, "var/lib/dpkg/info/other.list", "/.\n/etc\n");
                temp_dir_write(&fixture->sample.dir, "var/lib/dpkg/info/dell-driver:amd64.list",
                                rows[i].list);
                g_assert_cmpstr(read_evidence(fixture)->package, ==,
                                rows[i].owns ? "dell-driver:amd64" : NULL);
        }
}

static void test_depmod(Fixture *fixture, gconstpointer data)
{
        const DriftEvidence *evidence;

        temp_dir_write(&fixture->sample.dir, "etc/depmod.d/a.conf", "search extra\noverride ice * extra\n");
        evidence = read_evidence(fixture);
        g_assert_cmpstr(evidence->depmod.searches[0].file, ==, "/etc/depmod.d/a.conf");
        g_assert_cmpstr(evidence->depmod.overrides[0].file, ==, "/etc/depmod.d/a.conf");
}

static void test_lock(Fixture *fixture, gconstpointer data)
{
        static const char *const paths[] = { "var/lib/dpkg/lock-frontend", "var/lib/dpkg/lock",
                "var/lib/apt/lists/lock", "var/cache/apt/archives/lock", "var/lib/rpm/.rpm.lock",
                "usr/lib/sysimage/rpm/.rpm.lock" };
        const char *held = NULL;

        g_assert_cmpint(package_lock_held(fixture->sample.root, &held), ==, 0);
        for (size_t i = 0; i < G_N_ELEMENTS(paths); i++) {
                char *path = temp_dir_path(&fixture->sample.dir, paths[i]);
                int end, status;
                pid_t pid;

                temp_dir_write(&fixture->sample.dir, paths[i], "");
                g_assert_cmpint(package_lock_held(fixture->sample.root, &held), ==, 0);
                pid = lock_holder_start(path, &end);
                g_assert_cmpint(package_lock_held(fixture->sample.root, &held), ==, 1);
                g_assert_cmpstr(held + 1, ==, paths[i]);
                (void) close(end);
                g_assert_cmpint(waitpid(pid, &status, 0), ==, pid);
                g_assert_cmpint(status, ==, 0);
                g_assert_cmpint(package_lock_held(fixture->sample.root, &held), ==, 0);
                free(path);
        }
}

int main(int argc, char *argv[])
{
        g_test_init(&argc, &argv, NULL);
#define TEST(name, function) g_test_add("/drift-evidence/" name, Fixture, NULL, set_up, function, tear_down)
        TEST("nothing", test_nothing);
        TEST("dkms", test_dkms);
        TEST("dpkg", test_dpkg);
        TEST("depmod", test_depmod);
        TEST("lock", test_lock);
        return g_test_run();
}
