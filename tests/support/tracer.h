/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Runs a program by ptrace(2) and kills it, or makes a system call fail, at a chosen one. Counted are the
 * calls behind its mark, its children's too. Every failure of its own ends the program. */
#pragma once

#include "util/macros.h"

/* The traced program says prctl(TRACER_MARK) when counting is to begin. */
#define TRACER_MARK 0x68646d6b

typedef struct TraceOptions {
        unsigned kill_at;    /* just before this call that may change something, from 1 on; 0: never */
        unsigned fail_at;    /* this call that writes, from 1 on, fails; 0: none */
        bool fail_from_then; /* and all that come after it */
        int error;           /* with this (positive) errno */
        bool count_all;      /* stop at harmless calls too, to count them: slow */
} TraceOptions;

typedef struct TraceResult {
        unsigned calls;    /* all system calls behind the mark; 0 unless count_all */
        unsigned changing; /* those that may change what another process sees */
        unsigned writing;  /* those that write to a file system */
        unsigned syncs;    /* those that wait for a disk */
        bool killed;
        int exit_status; /* unless killed; -1 if a signal ended it */
} TraceResult;

/* Standard output and error of the program are /dev/null. */
void tracer_run(const char *const argv[], const TraceOptions *options, TraceResult *ret) NONNULL(1, 2, 3);

/* False where it isn't known how to make a call fail on this architecture. */
bool tracer_can_fail(void);

/* --- tracer-calls.c, for tracer.c ---------------------------------------------------------------------- */

/* From now on the calling process stops for its tracer (PTRACE_EVENT_SECCOMP) before each call that may
 * change something and before the mark, or before every call. Returns false with errno set. */
bool tracer_install_filter(bool all);

/* False for calls that are known to change nothing outside of the process. */
bool tracer_call_changes(unsigned long number, const unsigned long long arguments[6]) NONNULL(2);
/* True for calls that wait until something is on disk. */
bool tracer_call_syncs(unsigned long number);
/* True for calls that write to a file system, on PID's descriptors. */
bool tracer_call_writes(int pid, unsigned long number, const unsigned long long arguments[6]) NONNULL(3);
