/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What the process that reads an import hands back: whatever is taken for a verdict is one that was written.
 */

#include <errno.h>
#include <glib.h>
#include <string.h>
#include <sys/mman.h>

#include "change/import-verdict.h"
#include "fuzz.h"
#include "host/module/module-assemble.h"
#include "util/fs.h"

#define FILES 1

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        ImportVerdict verdict CLEANUP_IMPORT_VERDICT = { 0 };
        int fd CLEANUP_FD = memfd_create("fuzz", MFD_CLOEXEC), again_fd CLEANUP_FD = -1, r;
        char *again CLEANUP_FREE = NULL;
        size_t again_size;

        g_assert_cmpint(fs_write_all(fd, (const char *) data, size), ==, 0);
        r = import_verdict_read(fd, FILES, &verdict);
        if (r < 0) {
                g_assert_true(r == -EBADMSG || r == -EFBIG);
                return 0;
        }
        g_assert_true(verdict.result == 0 ? verdict.count == FILES : verdict.result < 0);
        g_assert_cmpint(verdict.result == -ECANCELED, ==, verdict.refusal.sentence != NULL);
        again_fd = memfd_create("fuzz", MFD_CLOEXEC);
        g_assert_cmpint(import_verdict_write(again_fd, &verdict), ==, 0);
        g_assert_cmpint(lseek(again_fd, 0, SEEK_SET), ==, 0);
        g_assert_cmpint(fs_read_fd(again_fd, size + 1, &again, &again_size), ==, 0);
        g_assert_cmpmem(again, again_size, data, size);
        return 0;
}

_Bool fuzz_seed(size_t index, uint8_t **ret, size_t *ret_size)
{
        ImportVerdict verdict CLEANUP_IMPORT_VERDICT = { 0 };
        int fd CLEANUP_FD = memfd_create("fuzz", MFD_CLOEXEC);
        char *bytes CLEANUP_FREE = NULL;

        if (index > 2)
                return false;
        if (index != 1) {
                verdict.files = calloc(FILES, sizeof(*verdict.files));
                g_assert_cmpint(module_file_new_defective(MODULE_UNREADABLE, -EIO, &verdict.files[0]), ==,
                                0);
                verdict.count = FILES;
        }
        if (index > 0)
                verdict.result = refuse(&verdict.refusal, REFUSAL_INCOMPATIBLE, "ice.ko is none.");
        g_assert_cmpint(import_verdict_write(fd, &verdict), ==, 0);
        g_assert_cmpint(lseek(fd, 0, SEEK_SET), ==, 0);
        g_assert_cmpint(fs_read_fd(fd, 4096, &bytes, ret_size), ==, 0);
        *ret = g_memdup2(bytes, *ret_size);
        return true;
}
