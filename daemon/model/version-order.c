/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Compares versions run by run: separators rank first, then numbers by value, then letters by ASCII. Pure.
 */

#include "model/version-order.h"

#include <string.h>

static bool is_digit(char c)
{
        return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Characters outside the specification's set count for nothing, but they end a run of digits or letters. */
static const char *skip_ignored(const char *p)
{
        while (*p && !is_digit(*p) && !is_letter(*p) && !strchr("-.~^", *p))
                p++;
        return p;
}

static int order_of(size_t a, size_t b)
{
        return (a > b) - (a < b);
}

/* Who has the separator is older, since something of a lower rank follows there; both have it: step over. */
static int compare_separator(const char **a, const char **b, char separator)
{
        bool a_has = **a == separator, b_has = **b == separator;

        if (a_has != b_has)
                return a_has ? -1 : 1;
        if (a_has) {
                (*a)++;
                (*b)++;
        }
        return 0;
}

static size_t run_length(const char *p, bool (*belongs)(char c))
{
        size_t length = 0;

        while (belongs(p[length]))
                length++;
        return length;
}

static int compare_numbers(const char **a, const char **b)
{
        const char *a_end = *a + run_length(*a, is_digit), *b_end = *b + run_length(*b, is_digit);
        int order = order_of(*a != a_end, *b != b_end); /* a number is newer than none */

        if (order != 0)
                return order;
        /* By value whatever the size: without leading zeros, the longer number is the larger one. */
        while (**a == '0')
                (*a)++;
        while (**b == '0')
                (*b)++;
        order = order_of((size_t) (a_end - *a), (size_t) (b_end - *b));
        if (order == 0)
                order = memcmp(*a, *b, (size_t) (a_end - *a));
        *a = a_end;
        *b = b_end;
        return order;
}

static int compare_letters(const char **a, const char **b)
{
        size_t a_length = run_length(*a, is_letter), b_length = run_length(*b, is_letter);
        int order = memcmp(*a, *b, a_length < b_length ? a_length : b_length);

        if (order == 0)
                order = order_of(a_length, b_length);
        *a += a_length;
        *b += b_length;
        return order;
}

int version_compare(const char *a, const char *b)
{
        for (;;) {
                int order;

                a = skip_ignored(a);
                b = skip_ignored(b);
                /* Before the end of the string: 1.0~rc1 is older than 1.0. */
                order = compare_separator(&a, &b, '~');
                if (order != 0)
                        return order;
                if (!*a || !*b)
                        return (*a != '\0') - (*b != '\0');
                for (const char *separator = "-^."; *separator; separator++) {
                        order = compare_separator(&a, &b, *separator);
                        if (order != 0)
                                return order;
                }
                order = is_digit(*a) || is_digit(*b) ? compare_numbers(&a, &b) : compare_letters(&a, &b);
                if (order != 0)
                        return order;
        }
}

int version_compare_total(const char *a, const char *b)
{
        int order = version_compare(a, b);

        return order != 0 ? order : strcmp(a, b);
}
