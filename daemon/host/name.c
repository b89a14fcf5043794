/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* What may be a name, and how it is written for people. Pure functions over strings; no I/O. */

#include "host/name.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

/* MODULE_NAME_LEN of the kernel's include/linux/module.h, without the NUL. */
#define MODULE_NAME_BYTES_MAX (64 - sizeof(unsigned long) - 1)

/* The code point at TEXT, and its length in bytes: 0 if it isn't valid UTF-8 (RFC 3629: nothing overlong, no
 * surrogates). */
static unsigned utf8_decode(const char *text, uint32_t *ret)
{
        static const uint32_t smallest[] = { 0, 0, 0x80, 0x800, 0x10000 };
        uint8_t first = (uint8_t) text[0];
        unsigned size = first < 0x80                    ? 1
                        : first >= 0xf0 && first < 0xf8 ? 4
                        : first >= 0xe0 && first < 0xf0 ? 3
                        : first >= 0xc0 && first < 0xe0 ? 2
                                                        : 0;
        uint32_t code = size == 1 ? first : first & (0x7fU >> size);

        for (unsigned i = 1; i < size; i++) {
                if (((uint8_t) text[i] & 0xc0) != 0x80)
                        return 0; /* a NUL, too */
                code = code << 6 | ((uint8_t) text[i] & 0x3f);
        }
        if (size == 0 || code < smallest[size] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
                return 0;
        *ret = code;
        return size;
}

static bool is_control(uint32_t code)
{
        return code < 0x20 || (code >= 0x7f && code <= 0x9f);
}

/* Format characters that reorder or break what a terminal shows. */
static bool is_deceptive(uint32_t code)
{
        return (code >= 0x200b && code <= 0x200f) || (code >= 0x2028 && code <= 0x202e) ||
               (code >= 0x2060 && code <= 0x2069) || code == 0xfeff;
}

bool name_is_utf8(const char *text)
{
        while (*text != '\0') {
                uint32_t code;
                unsigned size = utf8_decode(text, &code);

                if (size == 0)
                        return false;
                text += size;
        }
        return true;
}

NameDefect name_check(const char *name)
{
        if (name[0] == '\0')
                return NAME_EMPTY;
        if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
                return NAME_RESERVED;
        if (strlen(name) > NAME_BYTES_MAX)
                return NAME_TOO_LONG;
        while (*name != '\0') {
                uint32_t code;
                unsigned size = utf8_decode(name, &code);

                if (size == 0)
                        return NAME_NOT_UTF8;
                if (is_control(code))
                        return NAME_CONTROL;
                if (code == '/')
                        return NAME_SLASH;
                name += size;
        }
        return NAME_VALID;
}

bool name_is_valid(const char *name)
{
        return name_check(name) == NAME_VALID;
}

const char *name_defect_text(NameDefect defect)
{
        switch (defect) {
        case NAME_VALID:
                return "is a valid name";
        case NAME_EMPTY:
                return "is empty";
        case NAME_TOO_LONG:
                return "is longer than 255 bytes";
        case NAME_RESERVED:
                return "is a reserved name";
        case NAME_CONTROL:
                return "holds a control character";
        case NAME_NOT_UTF8:
                return "is not valid UTF-8";
        case NAME_SLASH:
                return "holds a slash";
        }
        return "is not a valid name";
}

bool name_is_kernel_release(const char *name)
{
        static const char digits[] = "0123456789";
        size_t major = strspn(name, digits);

        return major > 0 && name[major] == '.' && strspn(name + major + 1, digits) > 0;
}

char *name_escape(const char *name)
{
        static const char digits[] = "0123456789abcdef";
        char *escaped = malloc(4 * strlen(name) + 1), *end = escaped;

        if (!escaped)
                return NULL;
        while (*name != '\0') {
                uint32_t code = 0;
                unsigned size = utf8_decode(name, &code);
                bool printable = size > 0 && !is_control(code) && !is_deceptive(code);

                for (unsigned i = 0; i < (size > 0 ? size : 1); i++, name++) {
                        if (printable) {
                                *end++ = *name;
                                continue;
                        }
                        /* Not by sprintf(): callers may hand in many million bytes. */
                        *end++ = '\\';
                        *end++ = 'x';
                        *end++ = digits[(uint8_t) *name >> 4];
                        *end++ = digits[*name & 0x0f];
                }
        }
        *end = '\0';
        return escaped;
}

/* kbuild makes a C identifier of a module's name, with "_" for "-" (scripts/Makefile.lib, name-fix). A dot
 * would end the name for libkmod. */
static bool is_module_name(const char *name, size_t size)
{
        static const char allowed[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";

        if (size == 0 || size > MODULE_NAME_BYTES_MAX)
                return false;
        return strspn(name, allowed) >= size;
}

static int canonical(const char *name, size_t size, char **ret)
{
        char *copy;

        if (!is_module_name(name, size))
                return -EINVAL;
        copy = strndup(name, size);
        if (!copy)
                return -ENOMEM;
        for (size_t i = 0; i < size; i++)
                if (copy[i] == '-')
                        copy[i] = '_';
        *ret = copy;
        return 0;
}

int module_name_canonical(const char *name, char **ret)
{
        return canonical(name, strlen(name), ret);
}

bool module_name_is_valid(const char *name)
{
        return is_module_name(name, strlen(name));
}

int module_name_from_file(const char *file, char **ret)
{
        return canonical(file, module_file_stem(file), ret);
}

size_t module_file_stem(const char *file)
{
        static const char *const endings[] = { ".ko", ".ko.gz", ".ko.xz", ".ko.zst" };
        size_t size = strlen(file);

        for (size_t i = 0; i < ELEMENTSOF(endings); i++) {
                size_t ending = strlen(endings[i]);

                if (size > ending && strcmp(file + size - ending, endings[i]) == 0)
                        return is_module_name(file, size - ending) ? size - ending : 0;
        }
        return 0;
}
