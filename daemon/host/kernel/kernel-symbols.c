/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Reads lists of a kernel's exports, and finds names in them. It judges nothing. */

#include "host/kernel/kernel-symbols.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "host/module/decompress.h"
#include "host/name.h"
#include "util/array.h"
#include "util/exhausted.h"
#include "util/fs.h"
#include "util/text-format.h"

/* A full Module.symvers has 2 MB, a System.map 6. */
#define LIST_SIZE_MAX (64U * 1024 * 1024)

/* Its strings are the text's. */
typedef struct KernelSymbol {
        SymbolExport offered; /* without its CRC */
        uint32_t crc;
        bool has_crc;
} KernelSymbol;

struct KernelSymbols {
        char *source;
        char *text;
        KernelSymbol *items;
        size_t count;
        uint32_t *slots;   /* by hash: a position in items and 1, or 0 */
        size_t slot_count; /* a power of two, and more than count, or 0 */
};

/* Takes what TEXT says. 1 if it is a list of exports at all, 0 if not, -ENOMEM. */
typedef int (*Parser)(const char *text, const char *end, bool with_modules, KernelSymbols *symbols);

/* FNV-1a. */
static size_t hash(const char *name, size_t size)
{
        uint64_t value = 0xcbf29ce484222325U;

        for (size_t i = 0; i < size; i++)
                value = (value ^ (unsigned char) name[i]) * 0x100000001b3U;
        return (size_t) (value ^ value >> 32);
}

/* Where NAME is, or where it belongs. */
static uint32_t *find_slot(const KernelSymbols *symbols, const char *name, size_t size)
{
        for (size_t i = hash(name, size);; i++) {
                uint32_t *slot = &symbols->slots[i & (symbols->slot_count - 1)];
                const SymbolExport *offered;

                if (*slot == 0)
                        return slot;
                offered = &symbols->items[*slot - 1].offered;
                if (offered->size == size && memcmp(offered->name, name, size) == 0)
                        return slot;
        }
}

/* Kept at most half full. */
static int make_slots(KernelSymbols *symbols)
{
        size_t count = symbols->slot_count > 0 ? 2 * symbols->slot_count : 4096;

        if (symbols->count < symbols->slot_count / 2)
                return 0;
        free(symbols->slots);
        symbols->slots = calloc(count, sizeof(*symbols->slots));
        symbols->slot_count = symbols->slots ? count : 0;
        if (!symbols->slots)
                return -ENOMEM;
        for (size_t i = 0; i < symbols->count; i++) {
                const SymbolExport *offered = &symbols->items[i].offered;

                *find_slot(symbols, offered->name, offered->size) = (uint32_t) i + 1;
        }
        return 0;
}

/* Of several with one name the first one stays. */
static int add(KernelSymbols *symbols, const SymbolExport *offered)
{
        size_t size = strnlen(offered->name, offered->size);
        uint32_t *slot;

        if (make_slots(symbols) < 0)
                return -ENOMEM;
        slot = find_slot(symbols, offered->name, size);
        if (*slot != 0)
                return 0;
        if (!array_reserve(symbols->items, symbols->count))
                return -ENOMEM;
        symbols->items[symbols->count] = (KernelSymbol){
                .offered = *offered, .crc = offered->crc ? *offered->crc : 0, .has_crc = offered->crc
        };
        symbols->items[symbols->count].offered.size = size;
        symbols->items[symbols->count].offered.crc = NULL;
        *slot = (uint32_t) ++symbols->count;
        return 0;
}

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
static int parse_symvers(const char *text, const char *end, bool with_modules, KernelSymbols *symbols)
{
        int found = 0;

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
                found = 1;
                if (!with_modules && !is_kernel_proper(tab + 1, next))
                        continue;
                /* 0 is what modpost writes without module versions. */
                offered.name = name;
                offered.size = (size_t) (tab - name);
                offered.crc = crc != 0 ? &crc : NULL;
                take_conditions(tab + 1, next, &offered);
                if (add(symbols, &offered) < 0)
                        return -ENOMEM;
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

/* The line's CRC is an absolute symbol, or not here. */
static int take_crc(const char *line, const char *end, KernelSymbols *symbols)
{
        const char *address_end, *name;
        SymbolExport offered = { 0 };
        uint32_t crc;

        name = map_name(line, end, "__crc_", &offered.size);
        if (!name)
                return 0;
        crc = (uint32_t) parse_hex(line, end, &address_end);
        if (end - address_end <= 2 || address_end[1] != 'A')
                return 0;
        offered.name = name;
        offered.crc = &crc;
        return add(symbols, &offered) < 0 ? -ENOMEM : 1;
}

static int take_export(const char *line, const char *end, KernelSymbols *symbols)
{
        SymbolExport offered = { 0 };

        offered.name = map_name(line, end, "__ksymtab_", &offered.size);
        if (!offered.name)
                return 0;
        return add(symbols, &offered) < 0 ? -ENOMEM : 1;
}

/* It holds nothing of modules. */
static int parse_map(const char *text, const char *end, bool with_modules, KernelSymbols *symbols)
{
        /* The CRCs first: who offers first decides. */
        int (*const takers[])(const char *, const char *, KernelSymbols *) = { take_crc, take_export };
        int found = 0;

        for (size_t i = 0; i < ELEMENTSOF(takers); i++)
                for (const char *line = text, *next; line < end; line = next + (next < end)) {
                        int r;

                        next = line_end(line, end);
                        r = takers[i](line, next, symbols);
                        if (r < 0)
                                return r;
                        found = found || r > 0;
                }
        return found;
}

static void forget(KernelSymbols *symbols)
{
        free(symbols->source);
        free(symbols->text);
        free(symbols->items);
        free(symbols->slots);
        *symbols = (KernelSymbols){ 0 };
}

/* Reads PATH, and what it says. 1 if it is a list, 0 if it isn't there or is something else. */
static int read_file(const HostRoot *root, const char *path, Parser parse, bool with_modules,
                KernelSymbols *symbols)
{
        int fd CLEANUP_FD = host_root_open(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
        Compression compression;
        uint8_t head[8];
        struct stat st;
        ssize_t n;
        size_t size;
        int r;

        if (exhausted(fd))
                return fd;
        if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
                return 0;
        n = pread(fd, head, sizeof(head), 0);
        compression = n > 0 ? compression_detect(head, (size_t) n) : COMPRESSION_NONE;
        if (compression == COMPRESSION_NONE)
                r = fs_read_fd(fd, LIST_SIZE_MAX, &symbols->text, &size);
        else
                r = decompress(fd, compression, LIST_SIZE_MAX, (uint8_t **) &symbols->text, &size);
        if (r >= 0)
                r = parse(symbols->text, symbols->text + size, with_modules, symbols);
        if (r <= 0)
                forget(symbols);
        return r < 0 && !exhausted(r) ? 0 : r;
}

int kernel_symbols_read(const HostRoot *root, const char *release, bool with_modules, KernelSymbols **ret)
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
        KernelSymbols *symbols CLEANUP(kernel_symbols_freep) = calloc(1, sizeof(*symbols));
        int r = 0;

        if (!symbols)
                return -ENOMEM;
        if (!name_is_valid(release))
                return -EINVAL;
        for (size_t i = 0; r == 0 && i < ELEMENTSOF(places); i++) {
                char *path CLEANUP_FREE = NULL;

                if (text_format(&path, "%s%s%s", places[i].before, release, places[i].after) < 0)
                        return -ENOMEM;
                r = read_file(root, path, places[i].parse, with_modules, symbols);
                if (r > 0)
                        symbols->source = STEAL(path);
        }
        if (r < 0)
                return r;
        *ret = STEAL(symbols);
        return 0;
}

KernelSymbols *kernel_symbols_free(KernelSymbols *symbols)
{
        if (symbols)
                forget(symbols);
        free(symbols);
        return NULL;
}

const char *kernel_symbols_source(const KernelSymbols *symbols)
{
        return symbols->source;
}

void kernel_symbols_offer(const KernelSymbols *symbols, SymbolTable *needs)
{
        for (size_t i = 0; symbols->count > 0 && i < needs->count; i++) {
                const char *name = needs->items[i].name;
                uint32_t slot = *find_slot(symbols, name, strlen(name));
                SymbolExport offered;

                if (slot == 0)
                        continue;
                offered = symbols->items[slot - 1].offered;
                if (symbols->items[slot - 1].has_crc)
                        offered.crc = &symbols->items[slot - 1].crc;
                symbol_table_offer(needs, &offered);
        }
}
