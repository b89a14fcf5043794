/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What kinds of system calls there are. What isn't known counts as changing: one kill too many is harmless.
 */

#include <fcntl.h>
#include <glib.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#include "tracer.h"

static bool contains(const long *numbers, size_t count, unsigned long number)
{
        for (size_t i = 0; i < count; i++)
                if (numbers[i] == (long) number)
                        return true;
        return false;
}

static bool is_open(unsigned long number)
{
#ifdef SYS_open
        if (number == SYS_open)
                return true;
#endif
        return number == SYS_openat;
}

static bool creates(unsigned long number, const unsigned long long arguments[6])
{
        return is_open(number) && (arguments[number == SYS_openat ? 2 : 1] & (O_CREAT | O_TRUNC));
}

/* Those whose arguments decide are not among them. */
static const long harmless[] = {
        SYS_read, SYS_pread64, SYS_readv, SYS_close, SYS_close_range, SYS_fstat, SYS_newfstatat, SYS_statx,
        SYS_statfs, SYS_fstatfs, SYS_lseek, SYS_mmap, SYS_mprotect, SYS_munmap, SYS_mremap, SYS_madvise,
        SYS_brk, SYS_rt_sigaction, SYS_rt_sigprocmask, SYS_sigaltstack, SYS_faccessat, SYS_faccessat2,
        SYS_getdents64, SYS_readlinkat, SYS_openat2, SYS_epoll_create1, SYS_epoll_ctl, SYS_epoll_pwait,
        SYS_ppoll, SYS_timerfd_create, SYS_timerfd_settime, SYS_eventfd2, SYS_signalfd4, SYS_clock_gettime,
        SYS_getpid, SYS_gettid, SYS_getppid, SYS_getuid, SYS_geteuid, SYS_getgid, SYS_getegid, SYS_uname,
        SYS_fcntl, SYS_flock, SYS_futex, SYS_getrandom, SYS_set_tid_address, SYS_set_robust_list, SYS_rseq,
        SYS_prlimit64, SYS_sysinfo, SYS_ioctl, SYS_dup, SYS_dup3, SYS_pipe2, SYS_wait4, SYS_waitid,
        SYS_sched_getaffinity, SYS_sched_yield, SYS_getcwd, SYS_umask, SYS_pidfd_open, SYS_fadvise64,
#ifdef __x86_64__
        SYS_stat, SYS_lstat, SYS_access, SYS_readlink, SYS_epoll_wait, SYS_poll, SYS_time, SYS_gettimeofday,
        SYS_arch_prctl, SYS_dup2, SYS_pipe
#endif
};

bool tracer_call_changes(unsigned long number, const unsigned long long arguments[6])
{
        if (is_open(number))
                return creates(number, arguments);
        return number != SYS_prctl && !contains(harmless, G_N_ELEMENTS(harmless), number);
}

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define RETURN(action) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_##action)
#define UNLESS(test, value, skip) BPF_JUMP(BPF_JMP | test | BPF_K, value, 0, skip)

/* Flags and the mark fit the lower half of an argument, which comes first on a little-endian machine. */
static size_t add_deciding_argument(struct sock_filter *filter, size_t n, long number, size_t argument,
                unsigned test, unsigned value)
{
        const struct sock_filter part[] = {
                UNLESS(BPF_JEQ, (unsigned) number, 4),
                BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                                (unsigned) (offsetof(struct seccomp_data, args) + 8 * argument)),
                UNLESS(test, value, 1),
                RETURN(TRACE),
                RETURN(ALLOW),
        };

        memcpy(filter + n, part, sizeof(part));
        return n + G_N_ELEMENTS(part);
}

bool tracer_install_filter(bool all)
{
        struct sock_filter filter[2 * G_N_ELEMENTS(harmless) + 32] = { LOAD(nr) };
        struct sock_fprog program = { .filter = filter };
        size_t n = 1;

        if (!all) {
                n = add_deciding_argument(filter, n, SYS_openat, 2, BPF_JSET, O_CREAT | O_TRUNC);
                n = add_deciding_argument(filter, n, SYS_prctl, 0, BPF_JEQ, TRACER_MARK);
#ifdef SYS_open
                n = add_deciding_argument(filter, n, SYS_open, 1, BPF_JSET, O_CREAT | O_TRUNC);
#endif
                for (size_t i = 0; i < G_N_ELEMENTS(harmless); i++) {
                        filter[n++] = (struct sock_filter) UNLESS(BPF_JEQ, (unsigned) harmless[i], 1);
                        filter[n++] = (struct sock_filter) RETURN(ALLOW);
                }
        }
        filter[n++] = (struct sock_filter) RETURN(TRACE);
        program.len = (unsigned short) n;
        return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) >= 0 &&
               prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) >= 0;
}

bool tracer_call_syncs(unsigned long number)
{
        static const long numbers[] = { SYS_fsync, SYS_fdatasync, SYS_sync, SYS_syncfs, SYS_msync };

        return contains(numbers, G_N_ELEMENTS(numbers), number);
}

/* Pipes, event descriptors and terminals are no disk that is full. */
static bool is_on_disk(int pid, unsigned long long fd)
{
        g_autofree char *path = g_strdup_printf("/proc/%d/fd/%llu", pid, fd);
        g_autofree char *target = g_file_read_link(path, NULL);

        return target && target[0] == '/' &&
               (!g_str_has_prefix(target, "/dev/") || g_str_has_prefix(target, "/dev/shm/"));
}

bool tracer_call_writes(int pid, unsigned long number, const unsigned long long arguments[6])
{
        static const long by_descriptor[] = { SYS_write, SYS_pwrite64, SYS_writev, SYS_pwritev, SYS_fsync,
                SYS_fdatasync, SYS_ftruncate, SYS_fallocate, SYS_fchmod };
        static const long by_name[] = { SYS_renameat, SYS_renameat2, SYS_symlinkat, SYS_linkat, SYS_unlinkat,
                SYS_mkdirat, SYS_fchmodat,
#ifdef __x86_64__
                SYS_rename, SYS_symlink, SYS_link, SYS_unlink, SYS_mkdir, SYS_chmod
#endif
        };

        if (contains(by_descriptor, G_N_ELEMENTS(by_descriptor), number))
                return is_on_disk(pid, arguments[0]);
        return creates(number, arguments) || contains(by_name, G_N_ELEMENTS(by_name), number);
}
