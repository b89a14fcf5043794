/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Answers and signals made by chance, which only sd-bus finds sound. "kernel-removed random:SEED" begins it:
 * from then on each call gets the answer that SEED makes of it. With "signals:SEED" the next look at the
 * host brings signals of that kind, and then the service ends. */

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "scripted.h"
#include "util/macros.h"

#define MANY 3000
#define SIGNALS 60
#define DEPTH_MAX 6
#define LONG_WORD "abcdefghijklmnopqrstuvwxyz-0123456789_ABCDEFGHIJKLMNOPQRSTUVWXYZ.版本版本版本版本版本版本"

static const char *const words[] = { "", "ice", "1.6.4", "error", "warning", "fatal", "done", "failed",
        "exploded", "6.1.0-50-amd64", "/sys/devices/a", "\033[2J\033]0;evil\a", "\r\n\t\b\x7f",
        "\xc2\x9b"
        "31m",
        "\u202e\u2028\u2066", "%s%n%d", "pci:v0000", "版本2", LONG_WORD LONG_WORD LONG_WORD LONG_WORD };

/* With the type that is expected, which every other value has. */
static const struct {
        const char *name, *type;
} keys[] = { { "Name", "s" }, { "UUID", "s" }, { "Package", "s" }, { "Versions", "as" }, { "Selected", "s" },
        { "Effective", "s" }, { "Active", "s" }, { "ActiveBy", "s" }, { "Loaded", "b" },
        { "RebootRequired", "b" }, { "RebootReasons", "as" }, { "Description", "s" }, { "Type", "s" },
        { "HardwarePresent", "b" }, { "Devices", "as" }, { "VersionDetails", "a{sa{sv}}" },
        { "SelectedByKernel", "a{ss}" }, { "KernelsNotCovered", "as" }, { "Policy", "s" },
        { "Problems", "a(sss)" }, { "Job", "o" }, { "Kernels", "as" }, { "KernelRelease", "s" },
        { "path", "s" }, { "bus", "s" }, { "id", "s" }, { "modalias", "s" }, { "driver", "s" },
        { "active", "s" }, { "covered-by", "a(ss)" }, { "kept-from", "a(ss)" }, { "time", "t" },
        { "uid", "u" }, { "kind", "s" }, { "kernel", "s" }, { "from", "s" }, { "to", "s" },
        { "result", "s" }, { "detail", "s" }, { "generator", "s" }, { "image", "s" }, { "read", "b" },
        { "drivers", "a{ss}" }, { "stale", "as" }, { "State", "s" }, { "Step", "s" }, { "Progress", "d" },
        { "\033[31mkey", "s" }, { "", "s" }, { LONG_WORD LONG_WORD LONG_WORD LONG_WORD LONG_WORD, "s" } };

static const char *const types[] = { "s", "s", "s", "b", "i", "u", "x", "t", "d", "o", "as", "as", "ai",
        "ad", "a(ss)", "a(sss)", "a{sv}", "a{ss}", "a{si}", "a{sa{sv}}", "aa{sv}", "(sv)", "v", "y", "n",
        "q" };

/* What is answered; what isn't listed gets an object path, as calls do that make a job. */
static const struct {
        const char *member, *signature;
} answers[] = {
        { "ListVersions", "a(sasssbba(ss))" },
        { "GetManagedObjects", "a{oa{sa{sv}}}" },
        { "GetAll", "a{sv}" },
        { "ListDevices", "aa{sv}" },
        { "GetHistory", "aa{sv}" },
        { "GetInitramfs", "aa{sv}" },
        { "ListJobs", "a(uosss)" },
        { "Check", "a(sss)" },
        { "Why", "a(ssbs)" },
        { "CompareVersions", "i" },
        { "PropertiesChanged", "sa{sv}as" },
        { "InterfacesAdded", "oa{sa{sv}}" },
        { "JobNew", "uos" },
        { "JobRemoved", "uoss" },
};

typedef struct Chance {
        bool random, signals, nothing;
        unsigned seed;
} Chance;

static unsigned below(Chance *chance, size_t limit)
{
        return (unsigned) rand_r(&chance->seed) % (unsigned) limit;
}

#define ANY(chance, list) (list)[below(chance, ELEMENTSOF(list))]

/* The length of the first complete type. */
static size_t type_length(const char *signature)
{
        size_t depth = 0, length = 0;

        while (signature[length] == 'a')
                length++;
        do {
                char c = signature[length++];

                depth += c == '(' || c == '{';
                depth -= c == ')' || c == '}';
        } while (depth > 0);
        return length;
}

static int append_basic(sd_bus_message *message, char type, Chance *chance)
{
        static const char *const paths[] = { "/", DRIVER_PREFIX "/ice", DRIVER_PREFIX "/_1b_5b2J",
                JOB_PREFIX "/9", "/elsewhere" };
        static const uint64_t numbers[] = { 0, 1, 65535, UINT32_MAX, INT64_MAX, UINT64_MAX,
                1795312800000000 };
        /* Everything that is smaller takes its first bytes. */
        uint64_t number = ANY(chance, numbers);
        double real = below(chance, 3) == 0 ? (double) NAN : 0.25 * below(chance, 9);
        int boolean = (int) below(chance, 2);

        if (type == 's')
                return sd_bus_message_append_basic(message, type, ANY(chance, words));
        if (type == 'o')
                return sd_bus_message_append_basic(message, type, ANY(chance, paths));
        return sd_bus_message_append_basic(message, type,
                        type == 'd'   ? (const void *) &real
                        : type == 'b' ? (const void *) &boolean
                                      : (const void *) &number);
}

static int append(sd_bus_message *message, const char *signature, Chance *chance, unsigned depth);

static int append_container(
                sd_bus_message *message, char type, const char *contents, Chance *chance, unsigned depth)
{
        bool many = depth == 0 && below(chance, 8) == 0, properties = strcmp(contents, "{sv}") == 0;
        size_t count = type != 'a'       ? 1
                       : chance->nothing ? 0
                       : many            ? MANY
                                         : below(chance, properties && depth < 4 ? 30 : 5);
        int r = sd_bus_message_open_container(message, type, contents);

        for (size_t i = 0; r >= 0 && i < count; i++)
                r = append(message, contents, chance, depth + 1);
        return r < 0 ? r : sd_bus_message_close_container(message);
}

static int append_one(sd_bus_message *message, const char *type, Chance *chance, unsigned depth)
{
        char contents[64];

        if (*type == 'a')
                return append_container(message, 'a', type + 1, chance, depth);
        if (*type == 'v')
                return append_container(
                                message, 'v', depth < DEPTH_MAX ? ANY(chance, types) : "s", chance, depth);
        (void) snprintf(contents, sizeof(contents), "%.*s", (int) strlen(type) - 2, type + 1);
        return append_container(message, *type == '(' ? 'r' : 'e', contents, chance, depth);
}

static int append_property(sd_bus_message *message, Chance *chance, unsigned depth)
{
        size_t key = below(chance, ELEMENTSOF(keys));
        bool expected = depth >= DEPTH_MAX || below(chance, 2) == 0;
        int r = sd_bus_message_append_basic(message, 's', keys[key].name);

        return r < 0 ? r
                     : append_container(message, 'v', expected ? keys[key].type : ANY(chance, types), chance,
                                       depth);
}

static int append(sd_bus_message *message, const char *signature, Chance *chance, unsigned depth)
{
        int r = 0;

        if (strcmp(signature, "sv") == 0)
                return append_property(message, chance, depth);
        while (r >= 0 && *signature) {
                size_t length = type_length(signature);
                char type[64];

                (void) snprintf(type, sizeof(type), "%.*s", (int) length, signature);
                if (strcmp(signature, "sa{sv}") == 0 && below(chance, 4) > 0)
                        r = sd_bus_message_append_basic(message, 's', DRIVER_INTERFACE);
                else
                        r = length == 1 && *type != 'v' ? append_basic(message, *type, chance)
                                                        : append_one(message, type, chance, depth);
                signature += length;
        }
        return r;
}

static int append_answer(sd_bus_message *message, const char *member, Chance *chance)
{
        const char *signature = "o";

        for (size_t i = 0; i < ELEMENTSOF(answers); i++)
                if (strcmp(answers[i].member, member) == 0)
                        signature = answers[i].signature;
        if (chance->nothing)
                return append(message, signature, chance, 0);
        switch (below(chance, 8)) {
        case 0: /* the answer of another protocol */
                return append(message, ANY(chance, types), chance, 0);
        case 1:
                return 0;
        case 2: /* more than is known today */
                return append(message, signature, chance, 0) < 0 ? -1 : append(message, "sv", chance, 0);
        default:
                return append(message, signature, chance, 0);
        }
}

static int reply(sd_bus_message *call, Chance *chance)
{
        sd_bus_message *answer CLEANUP(sd_bus_message_unrefp) = NULL;
        Chance of_call = *chance;
        int r;

        /* Of the same question the same is said. */
        for (const char *c = sd_bus_message_get_member(call); *c; c++)
                of_call.seed = of_call.seed * 31 + (unsigned char) *c;
        if (!chance->nothing && below(&of_call, 12) == 0)
                return sd_bus_reply_method_errorf(
                                call, SD_BUS_ERROR_UNKNOWN_OBJECT, "It has %s.", words[11]);
        r = sd_bus_message_new_method_return(call, &answer);
        if (r >= 0)
                r = append_answer(answer, sd_bus_message_get_member(call), &of_call);
        return r < 0 ? r : sd_bus_send(NULL, answer, NULL);
}

static int emit(sd_bus *bus, Chance *chance)
{
        static const struct {
                const char *path, *interface, *member;
        } signals[] = {
                { DRIVER_PREFIX "/_1b_5b2J", "org.freedesktop.DBus.Properties", "PropertiesChanged" },
                { MANAGER_PATH, "org.freedesktop.DBus.ObjectManager", "InterfacesAdded" },
                { MANAGER_PATH, MANAGER_INTERFACE, "JobNew" },
                { MANAGER_PATH, MANAGER_INTERFACE, "JobRemoved" },
        };
        int r = 0;

        for (size_t i = 0; r >= 0 && i < SIGNALS; i++) {
                sd_bus_message *signal CLEANUP(sd_bus_message_unrefp) = NULL;
                size_t which = below(chance, ELEMENTSOF(signals));

                r = sd_bus_message_new_signal(bus, &signal, signals[which].path, signals[which].interface,
                                signals[which].member);
                if (r >= 0)
                        r = append_answer(signal, signals[which].member, chance);
                if (r >= 0)
                        r = sd_bus_send(bus, signal, NULL);
        }
        return r;
}

static int begin(sd_bus_message *message, Chance *chance)
{
        const char *text;
        int r = sd_bus_message_read_basic(message, 's', &text);

        if (r >= 0) {
                chance->random = sscanf(text, "random:%u", &chance->seed) == 1;
                chance->nothing = strcmp(text, "nothing:") == 0;
                chance->signals = sscanf(text, "signals:%u", &chance->seed) == 1;
                r = sd_bus_message_rewind(message, true);
        }
        return r < 0 ? r : 0;
}

static int on_message(sd_bus_message *message, void *userdata, sd_bus_error *error)
{
        sd_bus *bus = sd_bus_message_get_bus(message);
        Chance *chance = userdata;
        int r;

        if (sd_bus_message_is_method_call(message, MANAGER_INTERFACE, "KernelRemoved") > 0)
                return begin(message, chance);
        if (sd_bus_message_is_method_call(message, NULL, NULL) <= 0)
                return 0;
        if (chance->random || chance->nothing) {
                r = reply(message, chance);
                return r < 0 ? r : 1;
        }
        if (!chance->signals || sd_bus_message_is_method_call(message, NULL, "GetAll") <= 0)
                return 0;
        r = sd_bus_reply_method_return(message, "a{sv}", 0);
        if (r >= 0)
                r = emit(bus, chance);
        if (r >= 0)
                r = sd_bus_flush(bus);
        sd_bus_close(bus);
        return r;
}

int scripted_random_add(sd_bus *bus)
{
        static Chance chance;

        return sd_bus_add_filter(bus, NULL, on_message, &chance);
}
