/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads lists of a kernel's exports. Nothing of them is kept: each line is looked up among the needs. */

#include "host/kernel/kernel-symbols.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "host/module/decompress.h"
#include "host/name.h"
#include "util/fs.h"

/* A full Module.symvers has 2 MB, a System.map 6. */
#define LIST_SIZE_MAX (64U * 1024 * 1024)

/* Offers what TEXT says. True if it is a list of exports at all. */
typedef bool (*Parser)(const char *text, const char *end, bool with_modules, SymbolTable *needs);

static const char *line_end(const char *line, const char *end)
{
        const char *newline = memchr(line, '\n', (size_t) (end - line));

        return newline ? newline : end;
}

/* Hex digits from TEXT, at most to END; *ret_end is behind them. */
static uint64_t parse_hex(const char *text, const char *end, const char **ret_end)
{
        static const char digits[] = "0123456789abcdef";
        uint64_t number = 0;

        for (; text < end && *text != '\0'; text++) {
                const char *digit = strchr(digits, *text >= 'A' && *text <= 'F' ? *text + 'a' - 'A' : *text);

                if (!digit)
                        break;
                number = number << 4 | (uint64_t) (digit - digits);
        }
        *ret_end = text;
        return number;
}

/* The column that says where a symbol lives. */
static bool is_kernel_proper(const char *column, const char *end)
{
        static const char name[] = "vmlinux";
        size_t size = strlen(name);

        return (size_t) (end - column) >= size && memcmp(column, name, size) == 0 &&
               (column + size == end || column[size] == '\t');
}

/* Takes the column behind *place, and moves that behind the column. Empty if there is none. */
static size_t next_column(const char **place, const char *end, const char **ret)
{
        const char *tab = memchr(*place, '\t', (size_t) (end - *place));

        *ret = *place;
        *place = tab ? tab + 1 : end;
        return (size_t) ((tab ? tab : end) - *ret);
}

/* Its type and its namespace: the columns behind PLACE, which begins with the module. */
static void take_conditions(const char *place, const char *end, SymbolExport *ret)
{
        static const char suffix[] = "_GPL";
        const char *column;
        size_t size;

        (void) next_column(&place, end, &column);
        size = next_column(&place, end, &column);
        ret->is_gpl_only = size >= strlen(suffix) &&
                           memcmp(column + size - strlen(suffix), suffix, strlen(suffix)) == 0;
        ret->name_space_size = next_column(&place, end, &ret->name_space);
}

/* "0x1234abcd\tsymbol\tmodule\tEXPORT_SYMBOL_GPL\tnamespace": Documentation/kbuild/modules.rst */
static bool parse_symvers(const char *text, const char *end, bool with_modules, SymbolTable *needs)
{
        bool found = false;

        for (const char *line = text, *next; line < end; line = next + (next < end)) {
                SymbolExport offered = { 0 };
                const char *name, *tab;
                uint32_t crc;

                next = line_end(line, end);
                if (next - line < 3 || line[0] != '0' || line[1] != 'x')
                        continue;
                crc = (uint32_t) parse_hex(line + 2, next, &name);
                if (name >= next || *name++ != '\t')
                        continue;
                tab = memchr(name, '\t', (size_t) (next - name));
                if (!tab)
                        continue;
                found = true;
                if (!with_modules && !is_kernel_proper(tab + 1, next))
                        continue;
                /* 0 is what modpost writes without module versions. */
                offered.name = name;
                offered.size = (size_t) (tab - name);
                offered.crc = crc != 0 ? &crc : NULL;
                take_conditions(tab + 1, next, &offered);
                symbol_table_offer(needs, &offered);
        }
        return found;
}

/* The name behind "__ksymtab_" or "__crc_" of a System.map's line "ADDRESS TYPE NAME". */
static const char *map_name(const char *line, const char *end, const char *prefix, size_t *ret_size)
{
        const char *name = memchr(line, ' ', (size_t) (end - line));
        size_t size = strlen(prefix);

        if (!name || end - name < 3 || (size_t) (end - name - 3) <= size ||
                        memcmp(name + 3, prefix, size) != 0)
                return NULL;
        *ret_size = (size_t) (end - name - 3) - size;
        return name + 3 + size;
}

/* It holds nothing of modules. */
static bool parse_map(const char *text, const char *end, bool with_modules, SymbolTable *needs)
{
        bool found = false;
        const char *name, *line, *next;
        size_t size;

        /* The CRCs first: who offers first decides. They are absolute symbols, or not here. */
        for (line = text; line < end; line = next + (next < end)) {
                next = line_end(line, end);
                name = map_name(line, next, "__crc_", &size);
                if (name) {
                        const char *address_end;
                        uint32_t crc = (uint32_t) parse_hex(line, next, &address_end);

                        if (next - address_end > 2 && address_end[1] == 'A') {
                                symbol_table_offer(needs,
                                                &(SymbolExport){ .name = name, .size = size, .crc = &crc });
                                found = true;
                        }
                }
        }
        for (line = text; line < end; line = next + (next < end)) {
                next = line_end(line, end);
                name = map_name(line, next, "__ksymtab_", &size);
                found = found || name;
                if (name)
                        symbol_table_offer(needs, &(SymbolExport){ .name = name, .size = size });
        }
        return found;
}

/* Reads PATH and offers what it says. 1 if it is a list, 0 if it isn't there or is something else. */
static int offer_file(
                const HostRoot *root, const char *path, Parser parse, bool with_modules, SymbolTable *needs)
{
        int fd CLEANUP_FD = host_root_open(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
        char *text CLEANUP_FREE = NULL;
        Compression compression;
        uint8_t head[8];
        struct stat st;
        ssize_t n;
        size_t size;
        int r;

        if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
                return 0;
        n = pread(fd, head, sizeof(head), 0);
        compression = n > 0 ? compression_detect(head, (size_t) n) : COMPRESSION_NONE;
        if (compression == COMPRESSION_NONE)
                r = fs_read_fd(fd, LIST_SIZE_MAX, &text, &size);
        else
                r = decompress(fd, compression, LIST_SIZE_MAX, (uint8_t **) &text, &size);
        if (r == -ENOMEM)
                return r;
        return r >= 0 && parse(text, text + size, with_modules, needs);
}

int kernel_symbols_offer(const HostRoot *root, const char *release, bool with_modules, SymbolTable *needs,
                char **ret_source)
{
        static const struct {
                const char *before;
                const char *after;
                Parser parse;
        } places[] = {
                { "/lib/modules/", "/build/Module.symvers", parse_symvers },
                { "/lib/modules/", "/symvers.gz", parse_symvers },
                { "/lib/modules/", "/symvers.xz", parse_symvers },
                { "/lib/modules/", "/symvers.zst", parse_symvers },
                { "/boot/symvers-", ".gz", parse_symvers },
                { "/boot/symvers-", ".xz", parse_symvers },
                { "/boot/symvers-", ".zst", parse_symvers },
                { "/usr/src/linux-headers-", "/Module.symvers", parse_symvers },
                { "/lib/modules/", "/System.map", parse_map },
                { "/boot/System.map-", "", parse_map },
        };

        if (name_check(release) != NAME_VALID)
                return -EINVAL;
        for (size_t i = 0; i < ELEMENTSOF(places); i++) {
                char *path CLEANUP_FREE = NULL;
                int r;

                if (asprintf(&path, "%s%s%s", places[i].before, release, places[i].after) < 0)
                        return -ENOMEM;
                r = offer_file(root, path, places[i].parse, with_modules, needs);
                if (r < 0)
                        return r;
                if (r > 0) {
                        *ret_source = STEAL(path);
                        return 0;
                }
        }
        *ret_source = NULL;
        return 0;
}
