/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Sentences about tools that did not end well. */

#include "change/tool/child-report.h"

#include <stdio.h>
#include <string.h>

char *child_report(const char *tool, const char *release, unsigned timeout_sec, ChildOutcome outcome,
                int code, const char *last_lines)
{
        const char *colon = last_lines[0] == '\0' ? "." : ": ";
        char *text = NULL;
        int n;

        switch (outcome) {
        case CHILD_CANCELED:
                n = asprintf(&text, "It was canceled.");
                break;
        case CHILD_TIMED_OUT:
                n = asprintf(&text, "%s for kernel release %s did not end within %u s and was killed%s%s",
                                tool, release, timeout_sec, colon, last_lines);
                break;
        case CHILD_EXITED:
                n = asprintf(&text, "%s for kernel release %s failed with exit status %d%s%s", tool, release,
                                code, colon, last_lines);
                break;
        case CHILD_SIGNALED:
        default:
                n = asprintf(&text, "%s for kernel release %s was ended by signal %d (%s)%s%s", tool,
                                release, code, strsignal(code), colon, last_lines);
        }
        return n < 0 ? NULL : text;
}

int child_refuse_files(ChildOutcome outcome, const char *last_lines, const char *verb, Refusal *refusal)
{
        if (outcome == CHILD_TIMED_OUT)
                return refuse(refusal, REFUSAL_FAILED,
                                "The files could not be %s in a reasonable time. Look for a disk or network "
                                "that hangs.",
                                verb);
        if (outcome == CHILD_EXITED && last_lines[0] != '\0')
                return refuse(refusal, REFUSAL_FAILED, "%s", last_lines);
        return refuse(refusal, REFUSAL_FAILED,
                        "The process that %s the files was killed. Import them again.", verb);
}
