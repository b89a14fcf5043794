/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What hdtop takes from hdbase. The symbol's CRC covers the structure, so that a mix of versions is refused
 * by the kernel. */
#pragma once

struct hdpair_request {
        int question;
#if SAMPLE_MAJOR >= 2
        long detail;
#endif
};

int hdpair_answer(const struct hdpair_request *request);
