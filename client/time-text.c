/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Formats and reads times. */

#include "time-text.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define US_PER_S UINT64_C(1000000)

/* No date beyond it can be meant: the year 9999. */
#define SECONDS_MAX UINT64_C(253402300799)

void time_format(uint64_t time_us, char text[static TIME_TEXT_SIZE])
{
        time_t seconds = (time_t) (time_us / US_PER_S);
        struct tm parts;

        if (time_us / US_PER_S > SECONDS_MAX || !localtime_r(&seconds, &parts) ||
                        strftime(text, TIME_TEXT_SIZE, "%Y-%m-%d %H:%M:%S", &parts) == 0)
                (void) snprintf(text, TIME_TEXT_SIZE, "-");
}

static int finish(time_t seconds, uint64_t *ret_us)
{
        if (seconds < 0 || (uint64_t) seconds > SECONDS_MAX)
                return -EINVAL;
        *ret_us = (uint64_t) seconds * US_PER_S;
        return 0;
}

static int parse_number(const char *text, uint64_t *ret, const char **ret_rest)
{
        char *end;

        errno = 0;
        *ret = strtoull(text, &end, 10);
        *ret_rest = end;
        return *text < '0' || *text > '9' || errno != 0 || *ret > SECONDS_MAX ? -EINVAL : 0;
}

static int parse_span(const char *text, time_t now, uint64_t *ret_us)
{
        static const struct {
                const char *unit;
                uint64_t seconds;
        } units[] = { { "s", 1 }, { "min", 60 }, { "m", 60 }, { "h", 3600 }, { "d", 86400 },
                { "w", 604800 } };
        const char *unit;
        uint64_t number;

        if (parse_number(text, &number, &unit) < 0)
                return -EINVAL;
        for (size_t i = 0; i < ELEMENTSOF(units); i++)
                if (strcmp(unit, units[i].unit) == 0 && number <= (uint64_t) now / units[i].seconds)
                        return finish(now - (time_t) (number * units[i].seconds), ret_us);
        return -EINVAL;
}

static int parse_day(const char *text, time_t now, uint64_t *ret_us)
{
        struct tm parts;

        if (!localtime_r(&now, &parts))
                return -EINVAL;
        parts.tm_hour = parts.tm_min = parts.tm_sec = 0;
        parts.tm_isdst = -1;
        if (strcmp(text, "yesterday") == 0)
                parts.tm_mday--;
        return finish(mktime(&parts), ret_us);
}

static int parse_date(const char *text, uint64_t *ret_us)
{
        static const char *const formats[] = { "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d" };

        for (size_t i = 0; i < ELEMENTSOF(formats); i++) {
                struct tm parts = { .tm_isdst = -1 }, given;
                const char *end = strptime(text, formats[i], &parts);

                if (!end || *end)
                        continue;
                given = parts;
                parts.tm_isdst = -1;
                /* mktime() would turn the 31st of February into March. */
                if (finish(mktime(&parts), ret_us) < 0 || parts.tm_mday != given.tm_mday)
                        return -EINVAL;
                return 0;
        }
        return -EINVAL;
}

int time_parse(const char *text, uint64_t *ret_us)
{
        time_t now = time(NULL);

        if (strcmp(text, "now") == 0)
                return finish(now, ret_us);
        if (strcmp(text, "today") == 0 || strcmp(text, "yesterday") == 0)
                return parse_day(text, now, ret_us);
        if (*text == '-')
                return parse_span(text + 1, now, ret_us);
        if (*text == '@') {
                const char *rest;
                uint64_t seconds;

                return parse_number(text + 1, &seconds, &rest) < 0 || *rest
                                       ? -EINVAL
                                       : finish((time_t) seconds, ret_us);
        }
        return parse_date(text, ret_us);
}
