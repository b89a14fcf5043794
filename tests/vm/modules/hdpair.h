/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What hdtop takes from hdbase. The symbol's CRC covers the structure, so that a mix of versions is refused
 * by the kernel. */
struct hdpair_request {
        int question;
#if SAMPLE_MAJOR >= 2
        long detail;
#endif
};

int hdpair_answer(const struct hdpair_request *request);
