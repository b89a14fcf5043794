/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Images and hosts that a segment could do harm to: it is made right, or the generator makes the image, and
 * nothing is lost or left behind. */

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <utime.h>

#include "change/recovery.h"
#include "change/segment/segment-mark.h"
#include "change/segment/segment-stage.h"
#include "host/initramfs/cpio-reader.h"
#include "image-writer.h"
#include "images-fixture.h"

#define NEW_FILE "xenserver/intel-ice/" IMAGES_NEW "/ice.ko"
#define MODULES "lib/modules/" SAMPLE_KERNEL "/"

/* --- images ---------------------------------------------------------------------------------------------
 */

static GByteArray *read_image(const ImagesFixture *fixture)
{
        char *path = temp_dir_path(&fixture->sample.dir, SAMPLE_IMAGE);
        char *data;
        gsize size;

        g_assert_true(g_file_get_contents(path, &data, &size, NULL));
        free(path);
        return g_byte_array_new_take((guint8 *) data, size);
}

static void write_image(const ImagesFixture *fixture, const GByteArray *image)
{
        char *path = temp_dir_path(&fixture->sample.dir, SAMPLE_IMAGE);

        g_assert_true(g_file_set_contents(path, (const char *) image->data, (gssize) image->len, NULL));
        free(path);
}

/* Appends the archive to the image. */
static void append(const ImagesFixture *fixture, ImageWriter *writer, ModuleCompression compression)
{
        g_autoptr(GByteArray) image = read_image(fixture);

        image_writer_append_to(writer, compression, image);
        write_image(fixture, image);
}

static void append_text(const ImagesFixture *fixture, const char *path, const char *text)
{
        ImageWriter *writer = image_writer_new();

        image_writer_add_text(writer, path, text);
        append(fixture, writer, MODULE_PLAIN);
}

static void append_bytes(const ImagesFixture *fixture, const void *data, size_t size)
{
        g_autoptr(GByteArray) image = read_image(fixture);

        g_byte_array_append(image, data, (guint) size);
        write_image(fixture, image);
}

static void compress(const ImagesFixture *fixture, ModuleCompression compression)
{
        g_autoptr(GByteArray) image = read_image(fixture);
        void *compressed = NULL;
        size_t size;

        module_writer_compress(image->data, image->len, compression, &compressed, &size);
        g_byte_array_set_size(image, 0);
        g_byte_array_append(image, compressed, (guint) size);
        write_image(fixture, image);
        free(compressed);
}

static bool has_segment(const ImagesFixture *fixture)
{
        char *path = temp_dir_path(&fixture->sample.dir, SAMPLE_IMAGE);
        int fd CLEANUP_FD = g_open(path, O_RDONLY | O_CLOEXEC, 0);
        SegmentBaseMark mark;
        int r = segment_find(fd, &mark);

        g_assert_cmpint(r, >=, 0);
        free(path);
        return r > 0;
}

static void use(ImagesFixture *fixture, ImageMethod method)
{
        fixture->host.config.image_method = method;
}

/* A segment will do. */
static void check_fit(ImagesFixture *fixture, const char *version)
{
        use(fixture, IMAGE_METHOD_SEGMENT);
        images_select(fixture, "ice", version);
        g_assert_cmpuint(sample_initramfs_take_runs(&fixture->sample), ==, 0);
        g_assert_true(has_segment(fixture));
}

/* None will do, as WORDS tell: all stays as it was, and the sentence says how to go on; then that is done.
 */
static void check_unfit(ImagesFixture *fixture, const char *version, const char *words)
{
        g_autofree char *before = images_sum(fixture, SAMPLE_IMAGE), *after = NULL, *sentence = NULL;

        use(fixture, IMAGE_METHOD_SEGMENT);
        sentence = images_fail(fixture, version, words);
        g_assert_nonnull(strstr(sentence, "To let initramfs-tools make the image, set ImageMethod=auto"));
        after = images_sum(fixture, SAMPLE_IMAGE);
        g_assert_cmpstr(before, ==, after);
        g_assert_cmpuint(sample_initramfs_take_runs(&fixture->sample), ==, 0);
        sample_initramfs_assert_clean(&fixture->sample);
        use(fixture, IMAGE_METHOD_AUTO);
        images_select(fixture, "ice", version);
        g_assert_cmpuint(sample_initramfs_take_runs(&fixture->sample), ==, 1);
        g_assert_false(has_segment(fixture));
}

/* The kernel's modprobe reads one of them. */
static void test_two_directories(ImagesFixture *fixture)
{
        append_text(fixture, "usr/" MODULES "modules.dep", "");
        check_unfit(fixture, IMAGES_NEW, "two module directories");
}

static void test_odd_path(ImagesFixture *fixture)
{
        append_text(fixture, MODULES "kernel/../x.ko", "x");
        check_unfit(fixture, IMAGES_NEW, "an odd path");
}

/* What is written through a link is lost where that leads nowhere. */
static void test_directory_is_link(ImagesFixture *fixture)
{
        ImageWriter *writer = image_writer_new();

        image_writer_add_link(writer, MODULES "xenserver", "../nowhere");
        append(fixture, writer, MODULE_PLAIN);
        check_unfit(fixture, IMAGES_NEW, "has something else than a directory");
}

static void test_directory_is_file(ImagesFixture *fixture)
{
        append_text(fixture, MODULES "xenserver", "");
        check_unfit(fixture, IMAGES_NEW, "has something else than a directory");
}

/* To write to one name changes the other. */
static void test_hard_links(ImagesFixture *fixture)
{
        ImageWriter *writer = image_writer_new();

        image_writer_add_hard_link(writer, MODULES "modules.softdep", 7, NULL, 0);
        image_writer_add_hard_link(writer, MODULES "modules.symbols", 7, "#\n", 2);
        append(fixture, writer, MODULE_PLAIN);
        check_unfit(fixture, IMAGES_NEW, "several names of one file");
}

/* What somebody has appended would be cut off with the segment. */
static void test_appended_behind(ImagesFixture *fixture)
{
        check_fit(fixture, IMAGES_NEW);
        images_select(fixture, "ice", IMAGES_OLD);
        append_text(fixture, "etc/keyfile", "secret");
        check_unfit(fixture, IMAGES_NEW, "what is not of a segment: etc/keyfile");
}

/* The kernel doesn't get as far as a segment behind this. */
static void test_garbage_behind(ImagesFixture *fixture)
{
        compress(fixture, MODULE_ZSTD);
        append_bytes(fixture, "garbage!", 8);
        check_unfit(fixture, IMAGES_NEW, "");
}

static void test_zeros_behind(ImagesFixture *fixture)
{
        static const char zeros[512];

        compress(fixture, MODULE_ZSTD);
        append_bytes(fixture, zeros, sizeof(zeros));
        check_fit(fixture, IMAGES_NEW);
        sample_initramfs_assert_holds(&fixture->sample, "ice", NEW_FILE);
}

static void test_several_compressed(ImagesFixture *fixture)
{
        ImageWriter *writer = image_writer_new();

        compress(fixture, MODULE_ZSTD);
        image_writer_add_text(writer, "etc/more", "more");
        append(fixture, writer, MODULE_ZSTD);
        check_fit(fixture, IMAGES_NEW);
        sample_initramfs_assert_holds(&fixture->sample, "ice", NEW_FILE);
        images_select(fixture, "ice", IMAGES_OLD);
        check_fit(fixture, "kernel");
}

/* The segment's entries, one a line, directories with a slash behind. */
static char *list_segment(const ImagesFixture *fixture)
{
        g_autoptr(GString) list = g_string_new("\n");
        char *path = temp_dir_path(&fixture->sample.dir, SAMPLE_IMAGE);
        int fd = g_open(path, O_RDONLY | O_CLOEXEC, 0);
        CpioReader *reader CLEANUP(cpio_reader_freep) = NULL;
        g_autofree CpioEntry *entry = g_new0(CpioEntry, 1);
        SegmentBaseMark mark;

        free(path);
        g_assert_cmpint(segment_find(fd, &mark), ==, 1);
        g_assert_cmpint(lseek(fd, (off_t) mark.size, SEEK_SET), >=, 0);
        g_assert_cmpint(cpio_reader_new(fd, UINT32_MAX, &reader), ==, 0);
        while (cpio_reader_next(reader, entry) > 0)
                g_string_append_printf(list, "%s%s\n", entry->name, S_ISDIR(entry->mode) ? "/" : "");
        return g_strdup(list->str);
}

/* As cpio lists what find(1) has found, beside a link that must stay one. */
static void test_link_and_prefix(ImagesFixture *fixture)
{
        char *module = temp_dir_path(&fixture->sample.dir, MODULES "updates/ice.ko");
        g_autoptr(GByteArray) image = g_byte_array_new();
        ImageWriter *writer = image_writer_new();
        g_autofree char *data = NULL, *list = NULL;
        gsize size;

        g_assert_true(g_file_get_contents(module, &data, &size, NULL));
        image_writer_add_link(writer, "./lib", "usr/lib");
        image_writer_add_file(writer, "./usr/" MODULES "updates/ice.ko", data, size);
        image_writer_add_text(writer, "./usr/" MODULES "modules.dep", "updates/ice.ko:\n");
        image_writer_append_to(writer, MODULE_PLAIN, image);
        write_image(fixture, image);
        check_fit(fixture, IMAGES_NEW);
        list = list_segment(fixture);
        g_test_message("%s", list);
        g_assert_nonnull(strstr(list, "\nusr/" MODULES NEW_FILE "\n"));
        g_assert_nonnull(strstr(list, "\nusr/" MODULES "modules.dep\n"));
        g_assert_null(strstr(list, "\nlib"));
        free(module);
}

/* --- modules --------------------------------------------------------------------------------------------
 */

/* The image has one of that name, but not the one that the version was built with. */
static void test_other_dependency(ImagesFixture *fixture)
{
        const ModuleSymbol exports[] = { { .name = "hd_auxiliary", .crc = 1 }, { .name = NULL } };
        ModuleSpec auxiliary = { .exports = exports, .build_id = "aaaa" };
        ModuleSpec spec = { .imports = exports, .depends = "hd_aux" };

        sample_root_add_module_spec(&fixture->sample, SAMPLE_KERNEL, "kernel/lib/hd_aux.ko", &auxiliary);
        images_add_version(fixture, &spec);
        sample_initramfs_init(&fixture->sample, "ice\nbnx2fc\nhd_aux\n");
        sample_initramfs_build(&fixture->sample, SAMPLE_KERNEL);
        check_fit(fixture, "1.12");
        images_select(fixture, "ice", IMAGES_OLD);
        auxiliary.build_id = "bbbb";
        sample_root_add_module_spec(&fixture->sample, SAMPLE_KERNEL, "kernel/lib/hd_aux.ko", &auxiliary);
        check_unfit(fixture, "1.12", "has another module hd_aux than the host, and ice needs the host's");
}

/* What an earlier segment brought stays, also when the host no longer has it. */
static void test_gone_from_host(ImagesFixture *fixture)
{
        use(fixture, IMAGE_METHOD_SEGMENT);
        images_select(fixture, "bnx2fc", "2.12.13");
        sample_initramfs_remove(&fixture->sample, MODULES "updates/bnx2fc.ko");
        sample_initramfs_remove(&fixture->sample, MODULES "xenserver/bnx2fc/2.12.13/bnx2fc.ko");
        sample_root_depmod(&fixture->sample, SAMPLE_KERNEL);
        sample_changer_refresh(&fixture->host);
        check_fit(fixture, IMAGES_NEW);
        sample_initramfs_assert_holds(&fixture->sample, "ice", NEW_FILE);
        sample_initramfs_assert_holds(&fixture->sample, "bnx2fc", "xenserver/bnx2fc/2.12.13/bnx2fc.ko");
}

/* Names that no file has. */
static void test_odd_firmware(ImagesFixture *fixture)
{
        const char *const firmware[] = { "", "lib/firmware/none.bin", NULL };
        ModuleSpec spec = { .firmware = firmware };

        append_text(fixture, "lib/firmware/none.bin", "firmware");
        temp_dir_write(&fixture->sample.dir, "lib/firmware/lib/firmware/none.bin", "firmware");
        images_add_version(fixture, &spec);
        check_unfit(fixture, "1.12", "lacks the firmware lib/firmware/none.bin, which ice needs");
}

/* --- the host -------------------------------------------------------------------------------------------
 */

/* Until the new image is begun. */
static void run_until_begun(ImagesFixture *fixture)
{
        char *path = temp_dir_path(&fixture->sample.dir, "boot");
        bool begun = false;

        while (!begun) {
                g_autoptr(GDir) dir = g_dir_open(path, 0, NULL);
                const char *name;

                while ((name = g_dir_read_name(dir)))
                        begun = begun || g_str_has_prefix(name, ".hostdriver-");
                if (!begun)
                        g_assert_cmpint(sd_event_run(fixture->host.event, 1000), >=, 0);
        }
        free(path);
}

/* Somebody replaces the image meanwhile: what is new in it must not be lost. */
static void test_replaced_meanwhile(ImagesFixture *fixture)
{
        Job *job CLEANUP(job_unrefp) = NULL;
        g_autofree char *before = NULL, *after = NULL;

        use(fixture, IMAGE_METHOD_SEGMENT);
        job = images_start(fixture, "ice", IMAGES_NEW);
        run_until_begun(fixture);
        append_text(fixture, "etc/more", "more");
        before = images_sum(fixture, SAMPLE_IMAGE);
        sample_changer_run(&fixture->host);
        g_test_message("%s", job->error);
        g_assert_cmpint(job->result, ==, JOB_RESULT_FAILED);
        g_assert_nonnull(strstr(job->error, "has changed"));
        after = images_sum(fixture, SAMPLE_IMAGE);
        g_assert_cmpstr(before, ==, after);
}

static void test_replaced_and_generated(ImagesFixture *fixture)
{
        Job *job CLEANUP(job_unrefp) = NULL;

        use(fixture, IMAGE_METHOD_AUTO);
        job = images_start(fixture, "ice", IMAGES_NEW);
        run_until_begun(fixture);
        append_text(fixture, "etc/more", "more");
        sample_changer_run(&fixture->host);
        g_assert_cmpint(job->result, ==, JOB_RESULT_DONE);
        g_assert_cmpuint(sample_initramfs_take_runs(&fixture->sample), ==, 1);
        sample_initramfs_assert_holds(&fixture->sample, "ice", NEW_FILE);
}

static void test_canceled(ImagesFixture *fixture)
{
        g_autofree char *before = images_state(fixture), *after = NULL;
        Refusal refusal CLEANUP_REFUSAL = { 0 };
        Job *job CLEANUP(job_unrefp) = NULL;

        use(fixture, IMAGE_METHOD_AUTO);
        job = images_start(fixture, "ice", IMAGES_NEW);
        run_until_begun(fixture);
        g_assert_cmpint(changer_cancel(fixture->host.changer, job, &refusal), ==, 0);
        sample_changer_run(&fixture->host);
        g_assert_cmpint(job->result, ==, JOB_RESULT_CANCELED);
        g_assert_cmpuint(sample_initramfs_take_runs(&fixture->sample), ==, 0);
        after = images_state(fixture);
        g_assert_cmpstr(before, ==, after);
}

/* The service dies meanwhile; the next one finishes the change, and leaves nothing of the first one. */
static void test_crash(ImagesFixture *fixture)
{
        Job *job CLEANUP(job_unrefp) = NULL;

        use(fixture, IMAGE_METHOD_SEGMENT);
        job = images_start(fixture, "ice", IMAGES_NEW);
        run_until_begun(fixture);
        sample_changer_done(&fixture->host);
        temp_dir_write(&fixture->sample.dir, "boot/.hostdriver-0123456789abcdef", "half an image");
        sample_changer_init(&fixture->host, fixture->sample.dir.path, SAMPLE_KERNEL);
        use(fixture, IMAGE_METHOD_SEGMENT);
        g_assert_cmpint(recovery_run(fixture->host.changer), ==, 0);
        sample_initramfs_assert_clean(&fixture->sample);
        sample_changer_run(&fixture->host);
        g_assert_cmpint(fixture->host.last_result, ==, JOB_RESULT_DONE);
        g_assert_true(has_segment(fixture));
        sample_initramfs_assert_holds(&fixture->sample, "ice", NEW_FILE);
}

/* Both wait for one rebuild. */
static void test_two_jobs(ImagesFixture *fixture)
{
        Job *first CLEANUP(job_unrefp) = NULL, *second CLEANUP(job_unrefp) = NULL;

        use(fixture, IMAGE_METHOD_SEGMENT);
        first = images_start(fixture, "ice", "");
        second = images_start(fixture, "bnx2fc", "2.12.13");
        sample_changer_run(&fixture->host);
        g_assert_cmpint(first->result, ==, JOB_RESULT_DONE);
        g_assert_cmpint(second->result, ==, JOB_RESULT_DONE);
        sample_initramfs_assert_blocked(&fixture->sample, "ice");
        sample_initramfs_assert_holds(&fixture->sample, "bnx2fc", "xenserver/bnx2fc/2.12.13/bnx2fc.ko");
        g_assert_cmpuint(sample_initramfs_take_runs(&fixture->sample), ==, 0);
}

/* Where the generator would work there is no room, which a segment doesn't need. */
static void test_no_work_space(ImagesFixture *fixture)
{
        temp_dir_mkdir(&fixture->sample.dir, "srv/work");
        temp_dir_write(&fixture->sample.dir, "etc/initramfs-tools/initramfs.conf", "TMPDIR=/srv/work\n");
        if (!images_mount(fixture, "srv/work", "size=512k"))
                return;
        check_fit(fixture, IMAGES_NEW);
        check_fit(fixture, IMAGES_OLD);
        append_text(fixture, "etc/more", "more");
        use(fixture, IMAGE_METHOD_AUTO);
        g_free(images_fail(
                        fixture, IMAGES_NEW, "The file system of /srv/work, where initramfs-tools works"));
        images_unmount(fixture, "srv/work");
}

/* What belongs to the image stays with it. */
static void test_attributes(ImagesFixture *fixture)
{
        static const char label[] = "system_u:object_r:boot_t:s0";
        char *link = temp_dir_path(&fixture->sample.dir, SAMPLE_IMAGE);
        char *path = temp_dir_path(&fixture->sample.dir, "boot/real");
        struct utimbuf times = { 1000000000, 1000000000 };
        char read[sizeof(label)];
        struct stat st;
        bool labelled;

        g_assert_cmpint(rename(link, path), ==, 0);
        g_assert_cmpint(symlink("real", link), ==, 0);
        g_assert_cmpint(chmod(path, 0600), ==, 0);
        labelled = setxattr(path, "security.selinux", label, sizeof(label), 0) >= 0;
        g_assert_cmpint(utime(path, &times), ==, 0);
        sample_changer_refresh(&fixture->host);
        check_fit(fixture, IMAGES_NEW);
        g_assert_cmpint(lstat(link, &st), ==, 0);
        g_assert_true(S_ISLNK(st.st_mode));
        g_assert_cmpint(lstat(path, &st), ==, 0);
        g_assert_cmpint(st.st_mode, ==, S_IFREG | 0600);
        g_assert_cmpint(st.st_mtim.tv_sec, ==, 1000000000);
        if (labelled) {
                g_assert_cmpint(getxattr(path, "security.selinux", read, sizeof(read)), ==, sizeof(label));
                g_assert_cmpmem(read, sizeof(read), label, sizeof(label));
        } else
                g_test_message("no label: this file system takes none here");
        free(link);
        free(path);
}

/* A boot loader has to know, and may fail. */
static void test_hook(ImagesFixture *fixture)
{
        g_autofree char *before = NULL, *after = NULL;

        sample_initramfs_add_hook(&fixture->sample, "echo \"$1 $2\" >/hook");
        check_fit(fixture, IMAGES_NEW);
        g_assert_true(sample_initramfs_exists(&fixture->sample, "hook"));
        images_select(fixture, "ice", IMAGES_OLD);
        sample_initramfs_add_hook(&fixture->sample, "exit 9");
        before = images_state(fixture);
        g_free(images_fail(fixture, IMAGES_NEW, "failed with exit status 9"));
        after = images_state(fixture);
        g_assert_cmpstr(before, ==, after);
}

/* --- the stage ------------------------------------------------------------------------------------------
 */

/* Makes one in a process of its own, which then waits. The path. */
static char *stage_in_process(pid_t *ret_pid)
{
        char path[64] = "";
        int ends[2];

        g_assert_cmpint(pipe2(ends, O_CLOEXEC), ==, 0);
        *ret_pid = fork();
        g_assert_cmpint(*ret_pid, >=, 0);
        if (*ret_pid == 0) {
                SegmentStage stage;
                bool made = segment_stage_init(SAMPLE_KERNEL, &stage) >= 0 &&
                            segment_stage_put(&stage, "kernel/a.ko", "a", 1) >= 0;

                if (made)
                        (void) !write(ends[1], stage.base, strlen(stage.base));
                (void) pause();
                _exit(1);
        }
        (void) close(ends[1]);
        g_assert_cmpint(read(ends[0], path, sizeof(path) - 1), >, 0);
        (void) close(ends[0]);
        return g_strdup(path);
}

/* That of a process that was killed is removed by the next one, and one that is in use isn't. */
static void test_sweep(ImagesFixture *fixture)
{
        SegmentStage own CLEANUP(segment_stage_done) = SEGMENT_STAGE_NONE;
        g_autofree char *path = NULL;
        pid_t pid;

        g_assert_cmpint(segment_stage_init(SAMPLE_KERNEL, &own), ==, 0);
        path = stage_in_process(&pid);
        segment_stage_sweep();
        g_assert_true(g_file_test(path, G_FILE_TEST_IS_DIR));
        g_assert_cmpint(kill(pid, SIGKILL), ==, 0);
        g_assert_cmpint(waitpid(pid, NULL, 0), ==, pid);
        g_assert_cmpint(recovery_run(fixture->host.changer), ==, 0);
        g_assert_false(g_file_test(path, G_FILE_TEST_EXISTS));
        g_assert_true(g_file_test(own.base, G_FILE_TEST_IS_DIR));
}

static void test_paths(ImagesFixture *fixture)
{
        static const char *const bad[] = { "", "/a.ko", "a//b.ko", "./a.ko", "../a.ko", "a/../../b/c.ko",
                "a/", "a/.", "a/.." };
        SegmentStage stage CLEANUP(segment_stage_done) = SEGMENT_STAGE_NONE;

        g_assert_cmpint(segment_stage_init(SAMPLE_KERNEL, &stage), ==, 0);
        for (size_t i = 0; i < G_N_ELEMENTS(bad); i++) {
                g_test_message("%s", bad[i]);
                g_assert_cmpint(segment_stage_put(&stage, bad[i], "", 0), ==, -EINVAL);
        }
        g_assert_cmpint(segment_stage_put(&stage, "..a/.b/...ko", "", 0), ==, 0);
        /* Never through a link. */
        g_assert_cmpint(segment_stage_link(&stage, "link.ko", "../../.."), ==, 0);
        g_assert_cmpint(segment_stage_put(&stage, "link.ko/new/b.ko", "", 0), <, 0);
        g_assert_cmpint(faccessat(stage.base_fd, "new", F_OK, 0), <, 0);
}

int main(int argc, char **argv)
{
        static const ImagesTest tests[] = {
                { "two-directories", test_two_directories },
                { "odd-path", test_odd_path },
                { "directory-is-link", test_directory_is_link },
                { "directory-is-file", test_directory_is_file },
                { "hard-links", test_hard_links },
                { "appended-behind", test_appended_behind },
                { "garbage-behind", test_garbage_behind },
                { "zeros-behind", test_zeros_behind },
                { "several-compressed", test_several_compressed },
                { "link-and-prefix", test_link_and_prefix },
                { "other-dependency", test_other_dependency },
                { "gone-from-host", test_gone_from_host },
                { "odd-firmware", test_odd_firmware },
                { "replaced-meanwhile", test_replaced_meanwhile },
                { "replaced-and-generated", test_replaced_and_generated },
                { "canceled", test_canceled },
                { "crash", test_crash },
                { "two-jobs", test_two_jobs },
                { "no-work-space", test_no_work_space },
                { "attributes", test_attributes },
                { "hook", test_hook },
                { "sweep", test_sweep },
                { "paths", test_paths },
        };

        return images_main(argc, argv, "segment-attack", tests, G_N_ELEMENTS(tests));
}
