/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Appends strings to messages. modinfo of a module file may hold any bytes, so none is trusted to be UTF-8.
 */

#include "bus/text.h"

#include <errno.h>

#include "host/name.h"

/* The number of bytes of the character at TEXT, 0 if it is none. Table 3-7 of the Unicode standard. */
static size_t character_size(const unsigned char *text)
{
        static const struct {
                unsigned char first, last;             /* of the first byte */
                unsigned char second_low, second_high; /* of the second byte */
                size_t size;
        } forms[] = {
                { 0xc2, 0xdf, 0x80, 0xbf, 2 },
                { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
                { 0xe1, 0xec, 0x80, 0xbf, 3 },
                { 0xed, 0xed, 0x80, 0x9f, 3 },
                { 0xee, 0xef, 0x80, 0xbf, 3 },
                { 0xf0, 0xf0, 0x90, 0xbf, 4 },
                { 0xf1, 0xf3, 0x80, 0xbf, 4 },
                { 0xf4, 0xf4, 0x80, 0x8f, 4 },
        };

        if (text[0] < 0x80)
                return 1;
        for (size_t i = 0; i < ELEMENTSOF(forms); i++) {
                if (text[0] < forms[i].first || text[0] > forms[i].last)
                        continue;
                if (text[1] < forms[i].second_low || text[1] > forms[i].second_high)
                        return 0;
                for (size_t j = 2; j < forms[i].size; j++)
                        if ((text[j] & 0xc0) != 0x80)
                                return 0;
                return forms[i].size;
        }
        return 0;
}

bool text_is_utf8(const char *text)
{
        for (const unsigned char *p = (const unsigned char *) text; *p;) {
                size_t size = character_size(p);

                if (size == 0)
                        return false;
                p += size;
        }
        return true;
}

int text_append(sd_bus_message *message, const char *text)
{
        char *escaped CLEANUP_FREE = NULL;

        if (!text || text_is_utf8(text))
                return sd_bus_message_append_basic(message, 's', text ?: "");
        escaped = name_escape(text);
        if (!escaped)
                return -ENOMEM;
        return sd_bus_message_append_basic(message, 's', escaped);
}

int text_append_set(sd_bus_message *message, const StringSet *set)
{
        int r;

        r = sd_bus_message_open_container(message, 'a', "s");
        for (size_t i = 0; r >= 0 && i < set->count; i++)
                r = text_append(message, set->items[i]);
        return r < 0 ? r : sd_bus_message_close_container(message);
}

int text_append_pair(sd_bus_message *message, const char *key, const char *value)
{
        int r;

        r = sd_bus_message_open_container(message, 'e', "sv");
        if (r < 0)
                return r;
        r = sd_bus_message_append_basic(message, 's', key);
        if (r < 0)
                return r;
        r = sd_bus_message_open_container(message, 'v', "s");
        if (r < 0)
                return r;
        r = text_append(message, value);
        if (r < 0)
                return r;
        r = sd_bus_message_close_container(message);
        return r < 0 ? r : sd_bus_message_close_container(message);
}

int text_append_entry(sd_bus_message *message, const char *key, const char *value)
{
        return value && *value ? text_append_pair(message, key, value) : 0;
}

int text_append_problems(sd_bus_message *message, const ProblemList *problems)
{
        int r;

        r = sd_bus_message_open_container(message, 'a', "(sss)");
        if (r < 0)
                return r;
        for (size_t i = 0; i < problems->count; i++) {
                const Problem *problem = &problems->items[i];

                r = sd_bus_message_open_container(message, 'r', "sss");
                if (r < 0)
                        return r;
                r = sd_bus_message_append(message, "ss", severity_text(problem->severity), problem->code);
                if (r < 0)
                        return r;
                r = text_append(message, problem->sentence);
                if (r < 0)
                        return r;
                r = sd_bus_message_close_container(message);
                if (r < 0)
                        return r;
        }
        return sd_bus_message_close_container(message);
}
