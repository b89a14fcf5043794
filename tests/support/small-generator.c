/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A small initramfs generator for the tests, called as mkinitramfs is: -o IMAGE RELEASE. It really makes an
 * image, a cpio archive of the modules that /etc/small-generator/modules names, as the module index resolves
 * them, and of modprobe.d. The same host gives the same bytes. /etc/small-generator/fault says what shall go
 * wrong. It shares no code with what is tested, and is linked statically: it runs in a chroot that holds
 * nothing else. */

#include <dirent.h>
#include <err.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ETC "/etc/small-generator"
#define LOG "/var/log/small-generator"

static char fault[64];

static bool is_fault(const char *name)
{
        return strcmp(fault, name) == 0;
}

static FILE *open_file(const char *path, const char *mode)
{
        FILE *file = fopen(path, mode);

        if (!file)
                err(1, "%s", path);
        return file;
}

static void close_written(FILE *file, const char *path)
{
        if (ferror(file) || fclose(file) != 0)
                err(1, "%s", path);
}

/* The first line of the file at PATH, without its end. */
static void read_line(const char *path, char *line, int size)
{
        FILE *file = open_file(path, "re");

        line[0] = '\0';
        if (fgets(line, size, file))
                line[strcspn(line, "\n")] = '\0';
        (void) fclose(file);
}

/* --- the archive ------------------------------------------------------------------------------------- */

static void pad(FILE *image)
{
        while (ftell(image) % 4 != 0)
                (void) fputc(0, image);
}

/* An entry of the format "newc", which cpio(5) describes. */
static void put(FILE *image, const char *name, unsigned mode, const void *data, size_t size)
{
        static unsigned inode;

        (void) fprintf(image, "070701%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%08x%s", inode++, mode,
                        0U, 0U, 1U, 0U, (unsigned) size, 0U, 0U, 0U, 0U, (unsigned) strlen(name) + 1, 0U,
                        name);
        (void) fputc(0, image);
        pad(image);
        (void) fwrite(data, 1, size, image);
        pad(image);
}

/* The directories that lead to NAME. */
static void put_parents(FILE *image, const char *name)
{
        char parent[1024];

        for (const char *slash = name; (slash = strchr(slash, '/')); slash++) {
                (void) snprintf(parent, sizeof(parent), "%.*s", (int) (slash - name), name);
                put(image, parent, S_IFDIR | 0755, "", 0);
        }
}

static void put_file(FILE *image, const char *path)
{
        static char data[1U << 20];
        FILE *file = open_file(path, "re");
        size_t size = fread(data, 1, sizeof(data), file);

        if (ferror(file) || size == sizeof(data))
                errx(1, "%s can't be read, or is too large.", path);
        (void) fclose(file);
        put_parents(image, path + 1);
        put(image, path + 1, S_IFREG | 0644, data, size);
}

/* --- what it holds ----------------------------------------------------------------------------------- */

static void put_configuration(FILE *image)
{
        struct dirent **entries;
        int count = scandir("/etc/modprobe.d", &entries, NULL, alphasort);
        char path[1024];

        for (int i = 0; i < count; i++) {
                (void) snprintf(path, sizeof(path), "/etc/modprobe.d/%s", entries[i]->d_name);
                if (entries[i]->d_name[0] != '.')
                        put_file(image, path);
                free(entries[i]);
        }
        if (count >= 0)
                free(entries);
}

/* The file of MODULE by modules.dep, relative to its directory. */
static bool find_module(const char *release, const char *module, char *path, size_t size)
{
        char name[1024], line[4096];
        bool found = false;
        FILE *file;

        (void) snprintf(name, sizeof(name), "/lib/modules/%s/modules.dep", release);
        file = open_file(name, "re");
        (void) snprintf(name, sizeof(name), "/%s.ko", module);
        while (!found && fgets(line, sizeof(line), file)) {
                line[strcspn(line, ":\n")] = '\0';
                found = strstr(line, name);
        }
        (void) fclose(file);
        if (found && is_fault("other"))
                read_line(ETC "/other", path, (int) size);
        else if (found && !memccpy(path, line, 0, size))
                found = false; /* no such path can be opened */
        return found;
}

static void put_modules(FILE *image, const char *release)
{
        char index[8192] = "", module[256], relative[1024], path[2048];
        FILE *names = open_file(ETC "/modules", "re");

        while (fgets(module, sizeof(module), names)) {
                module[strcspn(module, "\n")] = '\0';
                if (!find_module(release, module, relative, sizeof(relative)))
                        continue;
                (void) snprintf(path, sizeof(path), "/lib/modules/%s/%s", release, relative);
                put_file(image, path);
                (void) snprintf(index + strlen(index), sizeof(index) - strlen(index), "%s:\n", relative);
        }
        (void) fclose(names);
        (void) snprintf(path, sizeof(path), "lib/modules/%s/modules.dep", release);
        put(image, path, S_IFREG | 0644, index, strlen(index));
}

static void write_image(const char *path, const char *release)
{
        FILE *image = open_file(path, "we");

        (void) setvbuf(image, NULL, _IOFBF, 1U << 20);
        if (!is_fault("unblocked"))
                put_configuration(image);
        if (!is_fault("lacks"))
                put_modules(image, release);
        put(image, "TRAILER!!!", 0, "", 0);
        close_written(image, path);
}

static void record_run(const char *release)
{
        FILE *log = open_file(LOG, "ae");

        (void) fprintf(log, "%s\n", release);
        close_written(log, LOG);
}

int main(int argc, char **argv)
{
        if (argc != 4 || strcmp(argv[1], "-o") != 0)
                errx(2, "usage: %s -o IMAGE RELEASE", argv[0]);
        record_run(argv[3]);
        read_line(ETC "/fault", fault, sizeof(fault));
        if (is_fault("fail")) {
                (void) fputs("There is no tape in the drive.\n", stderr);
                return 3;
        }
        if (is_fault("hang-once"))
                close_written(open_file(ETC "/fault", "we"), ETC "/fault");
        if (is_fault("hang") || is_fault("hang-once"))
                (void) pause();
        if (!is_fault("nothing"))
                write_image(argv[2], argv[3]);
        return 0;
}
