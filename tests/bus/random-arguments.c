/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Values of D-Bus types by chance. */

#include "random-arguments.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "bus/object.h"
#include "sample-root.h"

#define DEPTH_MAX 5
#define FDS_MAX 8 /* of a message; the bus allows 16 */
#define LONG_BYTES (256 * 1024)
#define MANY 5000

static const char *const sensible[] = { "ice", "bnx2fc", "dell_laptop", "dell-laptop", "intel-ice", "1.6.4",
        "1.11.17.1", "2.12.13", "2.12.20-dell", "1.2.3", "kernel", "1.6.4", "1.11.17.1", "kernel", "kernel",
        SAMPLE_KERNEL, "pin", "newest", "priority", "ice.ko", "fresh.ko", "fresh", "i40e", "igb",
        "no-hardware", "vermagic-mismatch" };
static const char *const odd[] = { "", ".", "..", "../ice", "../../etc/passwd", "/", "ice/", "a/b",
        "line\nbreak", "\x1b[31mred", "\x7f", "\xc2\x9b[31m", "\u202e\u2028", "%s%n%d", "*", "ice ", " ",
        "-1", "18446744073709551616", "6.1.0", ".ko", "a.ko.xz", "x\ty.ko", "版本2", "\"'`$(true)",
        "kernel/kernel", "intel-ice/1.6.4", ".hostdriver-x" };
static const char *const odd_paths[] = { "/", "/org", "/org/hostdriver1/driver",
        "/org/hostdriver1/driver/nothing", "/org/hostdriver1/driver/_2e_2e", "/org/hostdriver1/driver/_zz",
        "/org/hostdriver1/job", "/org/hostdriver1/job/0", "/org/hostdriver1/job/99999999999999999999" };
static const struct {
        const char *name, *type;
} options[] = { { "kernels", "as" }, { "ignore", "as" }, { "dry-run", "b" }, { "dry-run", "b" },
        { "ignore", "as" }, { "drivers", "as" }, { "driver", "s" }, { "package", "s" }, { "version", "s" },
        { "since", "t" }, { "limit", "t" } };
static const char *const types[] = { "s", "b", "y", "n", "q", "i", "u", "x", "t", "d", "o", "g", "h", "v",
        "as", "ao", "ab", "ay", "a(ss)", "a(sh)", "a{sv}", "a{ss}", "aa{sv}", "(sv)", "a{sa{sv}}", "aas" };
bool random_one_in(int count)
{
        return g_test_rand_int_range(0, count) == 0;
}

const char *random_type(void)
{
        return RANDOM_ANY(types);
}

static GVariant *value(RandomArguments *arguments, const GVariantType *type, unsigned depth);

static char *text(const RandomArguments *arguments)
{
        if (!arguments->has_many && random_one_in(40))
                return g_strnfill((gsize) g_test_rand_int_range(1, LONG_BYTES),
                                random_one_in(2) ? 'x' : '\x01');
        if (random_one_in(6))
                return g_strdup(RANDOM_ANY_OF(arguments->words));
        return g_strdup(random_one_in(3) ? RANDOM_ANY(odd) : RANDOM_ANY(sensible));
}

static const char *any_path(const RandomArguments *arguments)
{
        return ((const GDBusNodeInfo *) RANDOM_ANY_OF(arguments->nodes))->path;
}

char *random_path(const RandomArguments *arguments, const char *near)
{
        const char *path = random_one_in(15)   ? RANDOM_ANY(odd_paths)
                           : random_one_in(15) ? any_path(arguments)
                                               : near;

        /* Those of the jobs that were there, are, or will be. */
        if (g_str_has_prefix(path, JOB_PREFIX "/"))
                return g_strdup_printf(
                                JOB_PREFIX "/%d", g_test_rand_int_range(MAX((int) arguments->jobs - 2, 1),
                                                                  (int) arguments->jobs + 4));
        return g_strdup(path);
}

/* The index in the message's list of the file at POSITION. */
static int append_file(RandomArguments *arguments, int position)
{
        if (g_unix_fd_list_get_length(arguments->fds) == FDS_MAX)
                return 0;
        return g_unix_fd_list_append(arguments->fds, g_array_index(arguments->files, int, position), NULL);
}

static GVariant *file(RandomArguments *arguments)
{
        if (random_one_in(12))
                return g_variant_new_handle((gint32) g_test_rand_int());
        return g_variant_new_handle(
                        append_file(arguments, g_test_rand_int_range(0, (int) arguments->files->len)));
}

static GVariant *basic(RandomArguments *arguments, char type)
{
        static const gint64 numbers[] = { 0, 1, -1, 3, G_MAXINT32, G_MININT32, G_MAXINT64, G_MININT64,
                1795312800000000 };
        gint64 number = RANDOM_ANY(numbers);

        switch (type) {
        case 'b':
                return g_variant_new_boolean(random_one_in(2));
        case 'y':
                return g_variant_new_byte((guchar) number);
        case 'n':
                return g_variant_new_int16((gint16) number);
        case 'q':
                return g_variant_new_uint16((guint16) number);
        case 'i':
                return g_variant_new_int32((gint32) number);
        case 'u':
                return g_variant_new_uint32((guint32) number);
        case 'x':
                return g_variant_new_int64(number);
        case 't':
                return g_variant_new_uint64((guint64) number);
        case 'd':
                return g_variant_new_double((double) number);
        case 'o': {
                g_autofree char *object = random_path(arguments, any_path(arguments));

                return g_variant_new_object_path(object);
        }
        case 'g':
                return g_variant_new_signature(RANDOM_ANY(types));
        case 'h':
                return file(arguments);
        default:
                return g_variant_new_take_string(text(arguments));
        }
}

static GVariant *option(RandomArguments *arguments, unsigned depth)
{
        int row = g_test_rand_int_range(0, G_N_ELEMENTS(options));
        const char *type = random_one_in(5) ? RANDOM_ANY(types) : options[row].type;
        char *name = random_one_in(8) ? text(arguments) : g_strdup(options[row].name);

        return g_variant_new_dict_entry(g_variant_new_take_string(name),
                        g_variant_new_variant(value(arguments, G_VARIANT_TYPE(type), depth + 1)));
}

static GVariant *array(RandomArguments *arguments, const GVariantType *type, unsigned depth)
{
        const GVariantType *element = g_variant_type_element(type);
        bool is_options = g_variant_type_equal(element, G_VARIANT_TYPE("{sv}"));
        int count = is_options && !random_one_in(4) ? (int) random_one_in(3) : g_test_rand_int_range(0, 4);
        GVariantBuilder builder;

        if (!arguments->has_many && depth < 3 && random_one_in(40)) {
                arguments->has_many = true;
                count = MANY;
        }
        g_variant_builder_init(&builder, type);
        for (int i = 0; i < count; i++)
                g_variant_builder_add_value(&builder, is_options ? option(arguments, depth)
                                                                 : value(arguments, element, depth + 1));
        return g_variant_builder_end(&builder);
}

/* What TYPE contains, a struct's or a dictionary entry's. */
static GVariant *members(RandomArguments *arguments, const GVariantType *type, unsigned depth)
{
        GVariantBuilder builder;

        g_variant_builder_init(&builder, type);
        for (const GVariantType *each = g_variant_type_first(type); each; each = g_variant_type_next(each))
                g_variant_builder_add_value(&builder, value(arguments, each, depth + 1));
        return g_variant_builder_end(&builder);
}

static GVariant *value(RandomArguments *arguments, const GVariantType *type, unsigned depth)
{
        if (g_variant_type_is_array(type))
                return array(arguments, type, depth);
        if (g_variant_type_is_variant(type))
                return g_variant_new_variant(value(arguments,
                                depth < DEPTH_MAX ? G_VARIANT_TYPE(RANDOM_ANY(types))
                                                  : G_VARIANT_TYPE_STRING,
                                depth + 1));
        if (g_variant_type_is_container(type))
                return members(arguments, type, depth);
        return basic(arguments, *g_variant_type_peek_string(type));
}

/* Arguments that go with each other, or NULL. */
static GVariant *fitting(RandomArguments *arguments, const char *name)
{
        static const char *const texts[][2] = { { "version", "1.6.4" }, { "version", "1.11.17.1" },
                { "version", "kernel" }, { "version", "2.12.13" }, { "release", SAMPLE_KERNEL },
                { "name", "ice" }, { "name", "i40e" }, { "name", "igb" }, { "name", "bnx2fc" },
                { "policy", "newest" }, { "policy", "priority" }, { "policy", "pin" } };
        static const char *const targets[] = { "[('ice', '1.6.4')]", "[('ice', 'kernel')]",
                "[('ice', '1.11.17.1'), ('bnx2fc', '2.12.13')]",
                "[('bnx2fc', 'kernel'), ('dell-laptop', '1.2.3')]" };
        size_t first = (size_t) g_test_rand_int_range(0, G_N_ELEMENTS(texts));

        if (g_str_equal(name, "targets"))
                return g_variant_new_parsed(RANDOM_ANY(targets));
        if (g_str_equal(name, "files"))
                return g_variant_new_parsed("[('fresh.ko', %h)]", append_file(arguments, 0));
        for (size_t i = 0; i < G_N_ELEMENTS(texts); i++) {
                const char *const *row = texts[(first + i) % G_N_ELEMENTS(texts)];

                if (g_str_equal(row[0], name))
                        return g_variant_new_string(row[1]);
        }
        return NULL;
}

GVariant *random_value(RandomArguments *arguments, const char *type, const char *name)
{
        GVariant *found = random_one_in(2) ? fitting(arguments, name) : NULL;

        return found ? found : value(arguments, G_VARIANT_TYPE(type), 0);
}

GArray *random_files_new(const char *directory, const char *module)
{
        g_autofree char *fifo = g_build_filename(directory, "fifo", NULL);
        GArray *files = g_array_new(FALSE, FALSE, sizeof(int));
        int pipes[2], sockets[2];

        g_assert_cmpint(mkfifo(fifo, 0600), ==, 0);
        g_assert_cmpint(pipe(pipes), ==, 0);
        (void) close(pipes[1]);
        g_assert_cmpint(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, sockets), ==, 0);
        const int all[] = { open(module, O_RDONLY), open(module, O_RDONLY), open(module, O_WRONLY),
                open(module, O_PATH), open("/proc/self/status", O_RDONLY), open("/dev/null", O_RDONLY),
                open("/dev/zero", O_RDONLY), open(directory, O_RDONLY), open(fifo, O_RDWR | O_NONBLOCK),
                pipes[0], sockets[0], sockets[1] };

        for (size_t i = 0; i < G_N_ELEMENTS(all); i++)
                g_assert_cmpint(all[i], >=, 0);
        return g_array_append_vals(files, all, G_N_ELEMENTS(all));
}

void random_files_free(GArray *files)
{
        for (unsigned i = 0; i < files->len; i++)
                (void) close(g_array_index(files, int, i));
        g_array_unref(files);
}
