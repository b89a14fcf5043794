/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Both programs divide words alike: at blanks outside of quotes. What a word says, they don't agree on. */

#include "host/kernel-command-line.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "util/text-format.h"

#define BLANKS " \t\n\v\f\r"

/* A longer value is none (param_set_charp()). */
#define VALUE_MAX_SIZE 1024

typedef struct Word {
        const char *text;
        size_t size;
        bool quoted; /* a quote stood before TEXT; a closing one, if any, is within it */
} Word;

static bool next_word(const char *text, size_t *position, Word *ret)
{
        bool in_quote;
        size_t size = 0;

        *position += strspn(text + *position, BLANKS);
        *ret = (Word){ .text = text + *position, .quoted = text[*position] == '"' };
        if (*ret->text == '\0')
                return false;
        in_quote = ret->quoted;
        ret->text += ret->quoted;
        for (; ret->text[size] != '\0' && (in_quote || !strchr(BLANKS, ret->text[size])); size++)
                in_quote ^= ret->text[size] == '"';
        ret->size = size;
        *position = (size_t) (ret->text + size - text);
        return true;
}

/* How many bytes of the word are the parameter's NAME and "="; 0: it is another one. */
static size_t skip_name(const Word *word, const char *name)
{
        size_t size = strlen(name);

        if (word->size <= size || word->text[size] != '=')
                return 0;
        for (size_t i = 0; i < size; i++)
                if ((word->text[i] == '-' ? '_' : word->text[i]) != name[i])
                        return 0;
        return size + 1;
}

/* Without its quotes. */
static Word value_of(const Word *word, size_t skipped)
{
        Word value = { .text = word->text + skipped, .size = word->size - skipped, .quoted = word->quoted };

        if (value.size > 0 && value.text[0] == '"') {
                value.quoted = true;
                value.text++;
                value.size--;
        }
        if (value.quoted && value.size > 0 && value.text[value.size - 1] == '"')
                value.size--;
        return value;
}

int kernel_command_line_value(const char *text, const char *name, char **ret)
{
        Word word, found = { 0 };
        size_t position = 0;

        while (next_word(text, &position, &word)) {
                size_t skipped = skip_name(&word, name);
                Word value;

                if (strncmp(word.text, "--", 2) == 0 &&
                                (word.size == 2 || (word.quoted && word.size == 3 && word.text[2] == '"')))
                        break;
                if (skipped == 0)
                        continue;
                value = value_of(&word, skipped);
                if (value.size <= VALUE_MAX_SIZE)
                        found = value;
        }
        if (!found.text)
                return 0;
        *ret = strndup(found.text, found.size);
        return *ret ? 1 : -ENOMEM;
}

int kernel_command_line_blacklist(const char *text, size_t *position, char **ret)
{
        static const char name[] = "modprobe.blacklist=";
        size_t size = strlen(name);
        Word word;

        while (next_word(text, position, &word)) {
                if (word.size < size || strncmp(word.text, name, size) != 0)
                        continue;
                if (text_format(ret, "%s%.*s", word.quoted ? "\"" : "", (int) (word.size - size),
                                    word.text + size) < 0)
                        return -ENOMEM;
                return 1;
        }
        return 0;
}
