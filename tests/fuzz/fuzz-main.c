/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Runs a fuzz target without libFuzzer: on its seeds, cut off anywhere, with bits turned over, with pieces
 * overwritten. The same inputs every time. With a directory as argument it writes the seeds there instead,
 * as a corpus for libFuzzer. */

#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz.h"

/* Seeds are small; of larger ones not every byte is cut at and turned over. */
#define STEPS_MAX 3000
#define SPLICES 3000

/* From a copy of exactly that size, so that ASan sees a read behind the end. */
static void run(const uint8_t *data, size_t size)
{
        uint8_t *copy = malloc(size > 0 ? size : 1); /* never NULL, as libFuzzer's isn't */

        g_assert_nonnull(copy);
        memcpy(copy, data, size);
        (void) LLVMFuzzerTestOneInput(copy, size);
        free(copy);
}

static void run_truncated(const uint8_t *data, size_t size)
{
        size_t step = size / STEPS_MAX + 1;

        for (size_t i = 0; i <= size; i += step) {
                run(data, i);
                run(data + i, size - i);
        }
}

static void run_flipped(uint8_t *data, size_t size)
{
        size_t step = size / STEPS_MAX + 1;

        for (size_t i = 0; i < size; i += step)
                for (unsigned bit = 0; bit < 8; bit++) {
                        data[i] ^= (uint8_t) (1U << bit);
                        run(data, size);
                        data[i] ^= (uint8_t) (1U << bit);
                }
}

/* Numbers that sizes and offsets are checked against, at random places. */
static void run_spliced(const uint8_t *data, size_t size, GRand *random)
{
        static const uint32_t numbers[] = { 0, 1, 3, 0x7fffffff, 0x80000000, 0xfffffff0, 0xffffffff };

        for (unsigned i = 0; size >= sizeof(numbers[0]) && i < SPLICES; i++) {
                uint8_t *copy = g_memdup2(data, size);

                for (gint32 j = g_rand_int_range(random, 1, 4); j > 0; j--) {
                        size_t place = g_rand_int(random) % (size - sizeof(numbers[0]) + 1);
                        uint32_t number = numbers[g_rand_int(random) % G_N_ELEMENTS(numbers)];

                        memcpy(copy + place, &number, 1 + g_rand_int(random) % sizeof(number));
                }
                run(copy, size);
                g_free(copy);
        }
}

static int write_seeds(const char *directory)
{
        uint8_t *data;
        size_t size;

        for (size_t i = 0; fuzz_seed(i, &data, &size); i++) {
                g_autofree char *path = g_strdup_printf("%s/seed-%zu", directory, i);
                g_autoptr(GError) error = NULL;

                if (!g_file_set_contents(path, (const char *) data, (gssize) size, &error)) {
                        (void) fprintf(stderr, "%s\n", error->message);
                        return 1;
                }
                g_free(data);
        }
        return 0;
}

int main(int argc, char *argv[])
{
        g_autoptr(GRand) random = g_rand_new_with_seed(1);
        uint8_t *data;
        size_t size;

        if (argc > 1)
                return write_seeds(argv[1]);
        for (size_t i = 0; fuzz_seed(i, &data, &size); i++) {
                run(data, size);
                run_truncated(data, size);
                run_flipped(data, size);
                run_spliced(data, size, random);
                g_free(data);
        }
        return 0;
}
