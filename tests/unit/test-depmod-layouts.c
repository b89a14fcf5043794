/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the service says of a module directory, in Effective, Why, Problems and Check, against one another
 * and against the real depmod and libkmod: on layouts as hosts have them, and on such made up at random. */

#include <errno.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <libkmod.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/index/module-index.h"
#include "model/why.h"
#include "own-mounts.h"
#include "sample-changer.h"
#include "sample-root.h"

#define RELEASE "6.1.0+1"
#define MODULES "lib/modules/" RELEASE
#define ABSOLUTE "/" MODULES "/"
#define MODULE "ice"
#define FILES_MAX 8
#define CODE "not-effective"

typedef struct Host {
        SampleRoot sample;
        SampleChanger changer;
        WhyList why;
} Host;

/* Where the module directory is. */
typedef enum LayoutPlace {
        PLACE_MERGED,      /* /lib is a link to /usr/lib */
        PLACE_NOT_MERGED,  /* /lib is a directory of its own, and /usr/lib isn't there */
        PLACE_LINK,        /* it is a link that leads out of /lib/modules */
        PLACE_LINKED_INDEX /* and the files of its index are links */
} LayoutPlace;

/* One module directory. Files are module files, or links if "PATH -> TEXT". */
typedef struct Layout {
        const char *name;
        const char *files[FILES_MAX];
        const char *depmod;    /* /etc/depmod.d/a.conf, when depmod runs */
        const char *late;      /* /etc/depmod.d/zzz.conf, written thereafter */
        const char *modprobe;  /* /etc/modprobe.d/a.conf */
        const char *effective; /* below the module directory, or absolute; NULL: the order decides */
        const char *problem;   /* a part of one's sentence; NULL: none is asked for */
        const char *absent;    /* no sentence holds it */
        const char *refused;   /* what Check says against version 2; NULL: it can be selected */
        const char *gone;      /* removed when depmod has run */
        LayoutPlace place;
} Layout;

#define V1 "xenserver/p/1/ice.ko"
#define V2 "xenserver/p/2/ice.ko"
#define OWN "kernel/ice.ko"

static const Layout layouts[] = {
        { .name = "link",
                        .files = { V1, V2, OWN, "updates/ice.ko -> ../" V1 },
                        .effective = "updates/ice.ko" },
        { .name = "external",
                        .files = { V1, V2, OWN, "/opt/drivers/ice.ko" },
                        .depmod = "search external built-in\nexternal * %s/opt/drivers\n",
                        .effective = "/opt/drivers/ice.ko",
                        .problem = "line 1 of /etc/depmod.d/a.conf" },
        { .name = "weak-updates",
                        .files = { V1, V2, OWN, "updates/ice.ko -> ../" V1, "extra/ice.ko -> ../" V1 },
                        .depmod = "search extra updates built-in\n",
                        .effective = "extra/ice.ko",
                        .absent = "wins" },
        { .name = "weak-updates-other",
                        .files = { V1, V2, OWN, "updates/ice.ko -> ../" V1, "extra/ice.ko -> ../" V2 },
                        .depmod = "search extra updates built-in\n",
                        .effective = "extra/ice.ko",
                        .problem = "line 1 of /etc/depmod.d/a.conf" },
        { .name = "directory-link",
                        .files = { V1, V2, OWN, "/srv/copies/ice.ko", "extra -> ../../../../srv/copies" },
                        .depmod = "search extra updates built-in\n",
                        .effective = "extra/ice.ko",
                        .problem = "line 1 of /etc/depmod.d/a.conf" },
        { .name = "directory-link-in-updates",
                        .files = { V1, V2, OWN, "/srv/copies/ice.ko",
                                        "updates/more -> ../../../../../srv/copies" },
                        .depmod = "search updates built-in\n",
                        .effective = "updates/more/ice.ko",
                        .absent = "hostdriverctl adopt" },
        { .name = "directory-link-to-version",
                        .files = { V1, V2, OWN, "updates/ice.ko -> ../" V1, "extra -> xenserver/p/1" },
                        .depmod = "search extra updates built-in\n",
                        .effective = "extra/ice.ko",
                        .absent = "wins" },
        { .name = "loop",
                        .files = { V1, V2, OWN, "extra/back -> .." },
                        .refused = "a link that leads back" },
        { .name = "override-by-others",
                        .files = { V1, V2, OWN },
                        .depmod = "# vendor\noverride ice * xenserver/p/1\n",
                        .effective = V1,
                        .problem = "line 2 of /etc/depmod.d/a.conf" },
        { .name = "override-by-later-file",
                        .files = { V1, V2, OWN, "updates/ice.ko -> ../" V1 },
                        .effective = "updates/ice.ko",
                        .late = "\noverride ice * kernel\n",
                        .problem = "line 2 of /etc/depmod.d/zzz.conf",
                        .refused = "line 2 of /etc/depmod.d/zzz.conf" },
        { .name = "search-changed",
                        .files = { V1, V2, OWN, "updates/ice.ko -> ../" V1 },
                        .effective = "updates/ice.ko",
                        .late = "search kernel updates built-in\n",
                        .problem = "line 1 of /etc/depmod.d/zzz.conf" },
        { .name = "exclude-version",
                        .files = { V1, V2, OWN, "updates/ice.ko -> ../" V1 },
                        .depmod = "exclude 2\n",
                        .effective = "updates/ice.ko" },
        { .name = "exclude-version-tie",
                        .files = { V1, V2, OWN, "updates/dkms/ice.ko" },
                        .depmod = "search updates built-in\nexclude xenserver\n",
                        .effective = "updates/dkms/ice.ko",
                        .refused = "line 2 of /etc/depmod.d/a.conf" },
        { .name = "exclude-both",
                        .files = { V1, V2, OWN },
                        .depmod = "exclude xenserver updates\n",
                        .effective = OWN,
                        .refused = "line 1 of /etc/depmod.d/a.conf" },
        { .name = "two-compressions",
                        .files = { V1, V2, "xenserver/p/2/ice.ko.xz", OWN },
                        .refused = "xenserver/p/2/ice.ko.xz" },
        { .name = "gzip-in-updates",
                        .files = { V1, V2, OWN, "updates/ice.ko.gz" },
                        .depmod = "search updates kernel built-in\n" },
        { .name = "gzip-only",
                        .files = { V1, V2, "kernel/ice.ko.gz" },
                        .depmod = "search kernel built-in\n" },
        { .name = "blocked-by-others",
                        .files = { V1, V2, OWN },
                        .depmod = "search xenserver/p/1 built-in\n",
                        .modprobe = "install ice /bin/false\n",
                        .absent = "would be loaded" },
        { .name = "gone",
                        .files = { V1, V2, OWN, "extra/ice.ko" },
                        .depmod = "search extra built-in\n",
                        .gone = "extra/ice.ko",
                        .effective = "extra/ice.ko",
                        .absent = "would be loaded" },
        { .name = "only-one", .files = { V2 }, .effective = V2 },
        { .name = "not-merged",
                        .files = { V1, V2, OWN, "updates/ice.ko -> ../" V1 },
                        .place = PLACE_NOT_MERGED,
                        .effective = "updates/ice.ko" },
        { .name = "linked",
                        .files = { V1, V2, OWN, "updates/ice.ko -> ../" V1 },
                        .place = PLACE_LINK,
                        .effective = "updates/ice.ko",
                        .absent = "ice" },
        { .name = "linked-index",
                        .files = { V1, V2, OWN, "updates/ice.ko -> ../" V1 },
                        .place = PLACE_LINKED_INDEX,
                        .effective = "updates/ice.ko",
                        .absent = "ice" },
};

static void add_file(const SampleRoot *sample, const char *text)
{
        g_auto(GStrv) parts = g_strsplit(text, " -> ", 2);
        bool outside = parts[0][0] == '/';
        g_autofree char *path = outside ? g_strdup(parts[0] + 1) : g_build_filename(MODULES, parts[0], NULL);

        if (parts[1]) {
                temp_dir_link(&sample->dir, path, parts[1]);
                return;
        }
        g_free(path);
        path = outside ? g_strdup_printf("../../../..%s", parts[0]) : g_strdup(parts[0]);
        sample_root_add_module(sample, RELEASE, path, NULL);
}

static void move(const SampleRoot *sample, const char *from, const char *to)
{
        g_assert_cmpint(renameat(sample->dir.fd, from, sample->dir.fd, to), ==, 0);
}

static void make_place(const SampleRoot *sample, LayoutPlace place)
{
        if (place == PLACE_NOT_MERGED) {
                g_assert_cmpint(unlinkat(sample->dir.fd, "lib", 0), ==, 0);
                move(sample, "usr/lib", "lib");
        } else if (place != PLACE_MERGED) {
                temp_dir_mkdir(&sample->dir, "srv");
                move(sample, "usr/" MODULES, "srv/modules");
                temp_dir_link(&sample->dir, "usr/" MODULES, "../../../srv/modules");
        }
}

/* As a build that keeps its files by their content has it. */
static void link_index(const SampleRoot *sample)
{
        static const char *const files[] = { "modules.dep", "modules.dep.bin", "modules.alias.bin",
                "modules.symbols.bin" };

        temp_dir_mkdir(&sample->dir, "srv/index");
        for (size_t i = 0; i < G_N_ELEMENTS(files); i++) {
                g_autofree char *from = g_strconcat("srv/modules/", files[i], NULL);
                g_autofree char *to = g_strconcat("srv/index/", files[i], NULL);
                g_autofree char *target = g_strconcat("../index/", files[i], NULL);

                move(sample, from, to);
                temp_dir_link(&sample->dir, from, target);
        }
}

static void host_init(Host *host, const Layout *layout)
{
        const char *depmod = layout->depmod ? layout->depmod : "";
        const char *place = strstr(depmod, "%s");
        g_autofree char *text = NULL;
        SampleRoot *sample = &host->sample;

        *host = (Host){ 0 };
        sample_root_init(sample, RELEASE);
        make_place(sample, layout->place);
        /* depmod doesn't take an external line as relative to its base (-b), so that the line names the
         * root's own path, which leads to the root again for those who do. */
        temp_dir_link(&sample->dir, sample->dir.path + 1, "/");
        text = place ? g_strdup_printf("%.*s%s%s", (int) (place - depmod), depmod, sample->dir.path,
                                       place + 2)
                     : g_strdup(depmod);
        for (size_t i = 0; i < FILES_MAX && layout->files[i]; i++)
                add_file(sample, layout->files[i]);
        temp_dir_write(&sample->dir, "etc/depmod.d/a.conf", text);
        if (layout->modprobe)
                temp_dir_write(&sample->dir, "etc/modprobe.d/a.conf", layout->modprobe);
        sample_root_depmod(sample, RELEASE);
        if (layout->place == PLACE_LINKED_INDEX)
                link_index(sample);
        if (layout->late)
                temp_dir_write(&sample->dir, "etc/depmod.d/zzz.conf", layout->late);
        if (layout->gone) {
                g_autofree char *path = g_build_filename(MODULES, layout->gone, NULL);

                g_assert_cmpint(unlinkat(sample->dir.fd, path, 0), ==, 0);
        }
        sample_changer_init(&host->changer, sample->dir.path, RELEASE);
}

static void host_done(Host *host)
{
        why_list_done(&host->why);
        sample_changer_done(&host->changer);
        sample_root_done(&host->sample);
}

static const Driver *host_driver(const Host *host)
{
        return sample_changer_driver(&host->changer, MODULE);
}

static void explain(Host *host)
{
        const SampleChanger *changer = &host->changer;
        DepmodConfig config CLEANUP_DEPMOD_CONFIG = { 0 };
        CandidateList candidates CLEANUP_CANDIDATE_LIST = { 0 };

        why_list_done(&host->why);
        g_assert_cmpint(depmod_config_read(changer->root, RELEASE, &config), ==, 0);
        g_assert_cmpint(candidates_read_module(changer->root, RELEASE, MODULE, &config,
                                        &changer->facts->formats, &candidates),
                        ==, 0);
        g_assert_cmpint(why_derive(changer->facts, host_driver(host), RELEASE, &config, &candidates,
                                        &host->why),
                        ==, 0);
        for (size_t i = 0; i < host->why.count; i++)
                g_test_message("why %s%s: %s", host->why.items[i].path,
                                host->why.items[i].effective ? " (effective)" : "",
                                host->why.items[i].reason);
        for (size_t i = 0; i < host_driver(host)->problems.count; i++)
                g_test_message("problem %s: %s", host_driver(host)->problems.items[i].code,
                                host_driver(host)->problems.items[i].sentence);
}

/* The file that libkmod would open for the module, with no word of ours: NULL if modprobe loads none. */
static char *loaded_file(const Host *host)
{
        char *directory CLEANUP_FREE = NULL;
        g_autofree char *modprobe = g_build_filename(host->sample.dir.path, "etc/modprobe.d", NULL);
        const char *const config[] = { modprobe, NULL };
        struct kmod_ctx *context;
        struct kmod_module *module = NULL;
        char *path = NULL;

        g_assert_cmpint(host_root_resolve(host->sample.root, "/" MODULES, &directory), ==, 0);
        context = kmod_new(directory, config);
        g_assert_cmpint(kmod_module_new_from_name(context, MODULE, &module), ==, 0);
        if (!kmod_module_get_install_commands(module))
                path = g_strdup(kmod_module_get_path(module));
        (void) kmod_module_unref(module);
        (void) kmod_unref(context);
        if (path && g_str_has_prefix(path, directory)) {
                char *below = g_strconcat("/" MODULES, path + strlen(directory), NULL);

                g_free(path);
                return below;
        }
        return path;
}

static const WhyEntry *effective_entry(const Host *host)
{
        const WhyEntry *found = NULL;

        for (size_t i = 0; i < host->why.count; i++)
                if (host->why.items[i].effective) {
                        g_assert_null(found);
                        found = &host->why.items[i];
                }
        return found;
}

static void assert_sound(const char *sentence)
{
        g_assert_null(strstr(sentence, "//"));
        g_assert_null(strstr(sentence, "happened to"));
}

/* Each output against each other one, and all against libkmod. */
static void compare_outputs(Host *host)
{
        const Driver *driver = host_driver(host);
        g_autofree char *loaded = loaded_file(host);
        const WhyEntry *effective;

        explain(host);
        effective = effective_entry(host);
        g_test_message("effective %s, loaded %s", driver->effective, loaded);
        g_assert_cmpstr(driver->effective, ==, loaded ? loaded : "");
        g_assert_cmpstr(driver->effective, ==, effective ? effective->path : "");
        for (size_t i = 0; i < host->why.count; i++)
                assert_sound(host->why.items[i].reason);
        for (size_t i = 0; i < driver->problems.count; i++) {
                const char *sentence = driver->problems.items[i].sentence;

                assert_sound(sentence);
                if (!strstr(sentence, "would be loaded"))
                        continue;
                g_assert_nonnull(loaded);
                g_assert_nonnull(strstr(sentence, loaded));
        }
}

static bool says(const ProblemList *problems, const char *words)
{
        for (size_t i = 0; i < problems->count; i++)
                if (strstr(problems->items[i].sentence, words))
                        return true;
        return false;
}

static int run_select(Host *host, const char *version, const StringSet *ignore)
{
        const ChangeTarget target = { MODULE, version };
        const Request options = { .ignore = ignore };
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        Job *job = NULL;
        int r = sample_changer_change(&host->changer, &target, 1, &options, 0, &job, &refusal);

        if (refusal.sentence)
                g_test_message("refused: %s", refusal.sentence);
        if (r < 0)
                return r;
        sample_changer_run(&host->changer);
        sample_changer_refresh(&host->changer);
        g_test_message("selected %s: %s", version, host->changer.last_error);
        return host->changer.last_result == JOB_RESULT_DONE ? 0 : -EPROTO;
}

/* The finding that VERSION could not become effective; NULL if there is none. The caller frees it. */
static char *check(Host *host, const char *version)
{
        const ChangeTarget target = { MODULE, version };
        const Request request = {
                .operation = &operation_table[OPERATION_SELECT], .targets = &target, .target_count = 1
        };
        ProblemList findings CLEANUP_PROBLEM_LIST = { 0 };
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        char *found = NULL;

        g_assert_cmpint(proposal_check(host->changer.changer, &request, &findings, &refusal), ==, 0);
        for (size_t i = 0; i < findings.count; i++) {
                g_test_message("check %s: %s: %s", version, findings.items[i].code,
                                findings.items[i].sentence);
                assert_sound(findings.items[i].sentence);
                if (findings.items[i].severity == SEVERITY_ERROR && !found)
                        found = g_strdup(findings.items[i].sentence);
        }
        return found;
}

/* What Check says is what becomes of it. */
static void compare_select(Host *host, const char *version, const char *refused)
{
        StringSet ignore CLEANUP_STRING_SET = { 0 };
        g_autofree char *before = g_strdup(host_driver(host)->effective);
        g_autofree char *finding = check(host, version);
        int r;

        g_assert_cmpint(string_set_add(&ignore, CODE), ==, 1);
        if (finding) {
                g_assert_cmpint(run_select(host, version, NULL), ==, -ECANCELED);
                g_assert_cmpstr(host_driver(host)->effective, ==, before);
        }
        r = run_select(host, version, &ignore);
        if (refused) {
                g_assert_nonnull(finding);
                g_assert_nonnull(strstr(finding, refused));
        }
        /* A file of somebody else's in the link's place is refused, whatever is ignored. */
        if (!finding)
                g_assert_cmpint(r, ==, 0);
        if (r < 0)
                return;
        compare_outputs(host);
        g_assert_cmpstr(host_driver(host)->selected, ==, version);
        g_assert_cmpstr(effective_entry(host) ? effective_entry(host)->version : version, ==, version);
        g_assert_false(says(&host_driver(host)->problems, "would be loaded"));
}

static bool one_in(int n)
{
        return g_test_rand_int_range(0, n) == 0;
}

static const char *pick(const char *const *words)
{
        return words[g_test_rand_int_range(0, (gint32) g_strv_length((char **) words))];
}

/* Puts together what hosts have. Texts are constants, but for the two that it returns. */
static void make_layout(Layout *layout, GString *depmod, GString *late)
{
        static const char *const others[] = { "updates/ice.ko -> ../" V1, "updates/ice.ko -> ../" V2,
                "updates/ice.ko", "updates/dkms/ice.ko", "updates/ice.ko.gz", "updates/ice.ko.xz",
                "updates/ice.ko -> nowhere", "extra/ice.ko", "extra/ice.ko -> ../" V2,
                "extra -> xenserver/p/1", "xenserver/p/2/ice.ko.xz", "kernel/ice.ko.xz",
                "/opt/drivers/ice.ko", NULL };
        static const char *const searches[] = { "updates", "built-in", "extra", "external", "kernel",
                "xenserver/p/1", "updates/dkms", NULL };
        static const char *const lines[] = { "override ice * kernel", "override ice * updates",
                "override ice * xenserver/p/1", "override ice 6.1 extra", "exclude xenserver", "exclude 2",
                "exclude dkms kernel", "exclude updates", "# nothing", NULL };
        size_t count = 0;

        layout->files[count++] = V1;
        layout->files[count++] = V2;
        if (!one_in(4))
                layout->files[count++] = OWN;
        for (int n = g_test_rand_int_range(0, 4); n > 0; n--) {
                const char *file = pick(others), *end = strstr(file, " ->");
                size_t size = end ? (size_t) (end - file) : strlen(file);
                bool taken = false;

                /* Neither the same name twice, nor a link where a directory is, or the other way round. */
                for (size_t i = 0; i < count; i++)
                        taken = taken || strncmp(layout->files[i], file, MIN(size, strlen("extra"))) == 0;
                if (!taken)
                        layout->files[count++] = file;
        }
        for (int n = g_test_rand_int_range(0, 3); n > 0; n--)
                g_string_append_printf(depmod, "search %s %s\n", pick(searches), pick(searches));
        if (one_in(2))
                g_string_append(depmod, "external * %s/opt/drivers\n");
        if (one_in(3))
                g_string_append_printf(depmod, "%s\n", pick(lines));
        if (one_in(4))
                g_string_append_printf(late, "%s\n", pick(lines));
        layout->depmod = depmod->str;
        layout->late = late->len > 0 ? late->str : NULL;
        layout->modprobe = one_in(8) ? "install ice /bin/false\n" : NULL;
}

static void test_random(void)
{
        const char *runs = g_getenv("HOSTDRIVER_RANDOM_RUNS");

        for (long i = runs ? strtol(runs, NULL, 10) : 30; i > 0; i--) {
                g_autoptr(GString) depmod = g_string_new(NULL), late = g_string_new(NULL);
                Layout layout = { 0 };
                Host host;

                make_layout(&layout, depmod, late);
                for (size_t j = 0; j < FILES_MAX && layout.files[j]; j++)
                        g_test_message("file %s", layout.files[j]);
                g_test_message("depmod.d: %s; late: %s; modprobe.d: %s", depmod->str, late->str,
                                layout.modprobe ? layout.modprobe : "");
                host_init(&host, &layout);
                compare_outputs(&host);
                compare_select(&host, "2", NULL);
                compare_outputs(&host);
                host_done(&host);
        }
}

static void test_layout(gconstpointer data)
{
        const Layout *layout = data;
        Host host;

        host_init(&host, layout);
        compare_outputs(&host);
        if (layout->effective)
                g_assert_true(g_str_has_suffix(host_driver(&host)->effective, layout->effective));
        if (layout->problem)
                g_assert_true(says(&host_driver(&host)->problems, layout->problem));
        if (layout->absent)
                g_assert_false(says(&host_driver(&host)->problems, layout->absent));
        compare_select(&host, "2", layout->refused);
        host_done(&host);
}

/* What is said in a process that has /proc, and in one that hasn't. */
static char *tell_all(const char *path)
{
        SampleChanger changer;
        GString *text = g_string_new(NULL);
        const Driver *driver;

        sample_changer_init(&changer, path, RELEASE);
        driver = sample_changer_driver(&changer, MODULE);
        g_string_append_printf(text, "%s %s\n", driver->selected, driver->effective);
        for (size_t i = 0; i < driver->version_count; i++)
                g_string_append_printf(
                                text, "%s %s\n", driver->versions[i].id, driver->versions[i].file->build_id);
        for (size_t i = 0; i < driver->problems.count; i++)
                g_string_append_printf(text, "%s\n", driver->problems.items[i].sentence);
        sample_changer_done(&changer);
        return g_string_free(text, FALSE);
}

/* Installers work in a chroot that may lack it. */
static void test_without_proc(void)
{
        static const Layout layout = { .files = { V1, V2, OWN, "xenserver/p/3/ice.ko -> ../1/ice.ko",
                                                       "updates/ice.ko -> ../" V1,
                                                       "extra/ice.ko -> ../" V1 },
                .depmod = "search extra updates\n",
                .place = PLACE_LINK };
        g_autofree char *before = NULL;
        Host host;
        pid_t child;
        int status;

        host_init(&host, &layout);
        before = tell_all(host.sample.dir.path);
        g_test_message("%s", before);
        g_assert_true(g_str_has_prefix(before, "1 "));
        child = fork();
        g_assert_cmpint(child, >=, 0);
        if (child == 0) {
                g_autofree char *after = NULL;

                if (!own_mounts_enter() || mount("none", "/proc", "tmpfs", 0, NULL) < 0)
                        _exit(77);
                after = tell_all(host.sample.dir.path);
                if (strcmp(before, after) != 0)
                        (void) fprintf(stderr, "without /proc:\n%s", after);
                _exit(strcmp(before, after) != 0);
        }
        g_assert_cmpint(waitpid(child, &status, 0), ==, child);
        g_assert_true(WIFEXITED(status));
        if (WEXITSTATUS(status) == 77)
                g_test_skip("a mount namespace isn't allowed here");
        else
                g_assert_cmpint(WEXITSTATUS(status), ==, 0);
        host_done(&host);
}

int main(int argc, char *argv[])
{
        struct rlimit files;

        g_test_init(&argc, &argv, NULL);
        /* What services have: depmod follows a loop of links until it has no more. */
        g_assert_cmpint(getrlimit(RLIMIT_NOFILE, &files), ==, 0);
        files.rlim_cur = MIN(files.rlim_max, 1024);
        g_assert_cmpint(setrlimit(RLIMIT_NOFILE, &files), ==, 0);
        for (size_t i = 0; i < G_N_ELEMENTS(layouts); i++) {
                g_autofree char *name = g_strdup_printf("/depmod-layouts/%s", layouts[i].name);

                g_test_add_data_func(name, &layouts[i], test_layout);
        }
        g_test_add_func("/depmod-layouts/without-proc", test_without_proc);
        g_test_add_func("/depmod-layouts/random", test_random);
        return g_test_run();
}
