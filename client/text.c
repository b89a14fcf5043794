/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Escapes, measures and cuts text. */

#include "text.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

#define ESCAPE_MAX sizeof("\\uNNNN")
#define INVALID UINT32_MAX

/* Reads one character; INVALID and length 1 if the bytes aren't UTF-8 (RFC 3629: no overlong form, no
 * surrogate, nothing above U+10FFFF). */
static uint32_t read_character(const char *text, size_t *ret_length)
{
        static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
        const unsigned char *bytes = (const unsigned char *) text;
        uint32_t character;
        size_t length;

        *ret_length = 1;
        if (bytes[0] < 0x80)
                return bytes[0];
        if (bytes[0] >= 0xc2 && bytes[0] <= 0xdf)
                length = 2;
        else if (bytes[0] >= 0xe0 && bytes[0] <= 0xef)
                length = 3;
        else if (bytes[0] >= 0xf0 && bytes[0] <= 0xf4)
                length = 4;
        else
                return INVALID;
        character = bytes[0] & (0xffU >> (length + 1));
        for (size_t i = 1; i < length; i++) {
                if ((bytes[i] & 0xc0) != 0x80)
                        return INVALID;
                character = character << 6 | (bytes[i] & 0x3fU);
        }
        if (character < smallest[length] || (character >= 0xd800 && character <= 0xdfff) ||
                        character > 0x10ffff)
                return INVALID;
        *ret_length = length;
        return character;
}

/* Characters that nobody sees but that reorder or break the line: Bidi_Control and the separators. */
static bool is_misleading(uint32_t character)
{
        return character == 0x061c || character == 0x200e || character == 0x200f ||
               (character >= 0x2028 && character <= 0x202e) ||
               (character >= 0x2066 && character <= 0x2069) || character == 0xfeff;
}

char *text_escape(const char *text)
{
        char *escaped, *end;

        /* No byte grows to more than \uNNNN does. */
        escaped = reallocarray(NULL, strlen(text) + 1, ESCAPE_MAX);
        if (!escaped)
                return NULL;
        end = escaped;
        for (size_t length; *text; text += length) {
                uint32_t character = read_character(text, &length);

                if (character == INVALID || character < 0x20 || (character >= 0x7f && character < 0xa0))
                        for (size_t i = 0; i < length; i++)
                                end += sprintf(end, "\\x%02x", (unsigned char) text[i]);
                else if (is_misleading(character))
                        end += sprintf(end, "\\u%04x", character);
                else
                        end = mempcpy(end, text, length);
        }
        *end = '\0';
        return escaped;
}

char *text_escape_json(const char *json)
{
        char *escaped = reallocarray(NULL, strlen(json) + 1, ESCAPE_MAX), *end = escaped;

        if (!escaped)
                return NULL;
        for (size_t length; *json; json += length) {
                uint32_t character = read_character(json, &length);

                /* Those below the blank are the layout here. */
                if ((character >= 0x7f && character < 0xa0) || is_misleading(character))
                        end += sprintf(end, "\\u%04x", character);
                else
                        end = mempcpy(end, json, length);
        }
        *end = '\0';
        return escaped;
}

bool text_is_utf8(const char *text)
{
        for (size_t length; *text; text += length)
                if (read_character(text, &length) == INVALID)
                        return false;
        return true;
}

static size_t character_width(uint32_t character)
{
        int width = character < 0x80 ? 1 : wcwidth((wchar_t) character);

        return width < 0 ? 1 : (size_t) width;
}

size_t text_width(const char *text)
{
        size_t width = 0;

        for (size_t length; *text; text += length)
                width += character_width(read_character(text, &length));
        return width;
}

size_t text_fitting(const char *text, size_t cells)
{
        size_t bytes = 0, used = 0;

        for (size_t length; text[bytes]; bytes += length) {
                used += character_width(read_character(text + bytes, &length));
                if (used > cells)
                        break;
        }
        return bytes;
}
