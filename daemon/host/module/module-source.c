/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Opens module files, compressed or not: told by their first bytes, since names may lie. */

#include "host/module/module-source.h"

#include <errno.h>
#include <gelf.h>
#include <string.h>
#include <sys/stat.h>

#include "host/module/decompress.h"
#include "host/module/module-file.h"

/* A file of this size is read whole at once, since that costs less than libelf's reading of pieces. */
#define SMALL_SIZE (20U * 1024)

/* An open file, or bytes in memory. */
typedef struct Input {
        int fd;
        const uint8_t *data; /* NULL: of a file */
        size_t size;
} Input;

int module_source_error(void)
{
        return errno > 0 ? -errno : -EBADMSG;
}

static int read_file(int fd, uint64_t offset, uint8_t *buffer, size_t size)
{
        while (size > 0) {
                ssize_t n = pread(fd, buffer, size, (off_t) offset);

                if (n < 0 && errno == EINTR)
                        continue;
                if (n < 0)
                        return -errno;
                if (n == 0)
                        return -EBADMSG; /* truncated since fstat() */
                buffer += n;
                offset += (uint64_t) n;
                size -= (size_t) n;
        }
        return 0;
}

static int read_input(const Input *input, uint64_t offset, void *buffer, size_t size)
{
        if (offset > input->size || size > input->size - offset)
                return -EBADMSG;
        if (!input->data)
                return read_file(input->fd, offset, buffer, size);
        if (size > 0)
                memcpy(buffer, input->data + offset, size);
        return 0;
}

/* The number of sections that the first section header tells, in the place of its size. */
static int read_section_count(const Input *input, Elf *head, const GElf_Ehdr *header, uint64_t *ret)
{
        bool wide = header->e_ident[EI_CLASS] == ELFCLASS64;
        uint64_t place = wide ? offsetof(Elf64_Shdr, sh_size) : offsetof(Elf32_Shdr, sh_size);
        size_t size = wide ? sizeof(Elf64_Xword) : sizeof(Elf32_Word);
        Elf_Type type = wide ? ELF_T_XWORD : ELF_T_WORD;
        Elf64_Xword wide_count;
        Elf32_Word count;
        void *number = wide ? (void *) &wide_count : &count;
        Elf_Data data = { .d_buf = number, .d_type = type, .d_size = size, .d_version = EV_CURRENT };
        int r = header->e_shoff < input->size ? read_input(input, header->e_shoff + place, number, size)
                                              : -EBADMSG;

        if (r < 0)
                return r;
        if (!gelf_xlatetom(head, &data, &data, header->e_ident[EI_DATA]))
                return -EBADMSG;
        *ret = wide ? wide_count : count;
        return 0;
}

/* Whether HEAD, the first bytes of INPUT, is one of an ELF file that libelf may open. It allocates a record
 * of some 250 bytes for each section before it can be asked how many there are: 1 GB for a file of
 * MODULE_FILE_SIZE_MAX that consists of section headers. 1, 0 or a negative errno. */
static int check_head(const Input *input, const uint8_t *bytes, size_t size)
{
        Elf *head = elf_memory((char *) bytes, size < sizeof(Elf64_Ehdr) ? size : sizeof(Elf64_Ehdr));
        GElf_Ehdr header;
        uint64_t count;
        int r;

        if (!head)
                return errno == ENOMEM ? -ENOMEM : 0;
        r = elf_kind(head) == ELF_K_ELF && gelf_getehdr(head, &header);
        if (r > 0 && header.e_shnum == 0) {
                r = read_section_count(input, head, &header, &count);
                r = r < 0 ? r : count <= MODULE_SECTION_COUNT_MAX;
        }
        (void) elf_end(head);
        return r == -EBADMSG ? 0 : r;
}

/* libelf opens nothing before it was asked for the version that its caller knows. */
static int open_elf(const Input *input, const uint8_t *head, size_t head_size, ModuleSource *ret)
{
        int r;

        errno = 0;
        (void) elf_version(EV_CURRENT);
        r = check_head(input, head, head_size);
        if (r <= 0)
                return r;
        ret->elf = input->data ? elf_memory((char *) input->data, input->size)
                               : elf_begin(input->fd, ELF_C_READ, NULL);
        if (!ret->elf && module_source_error() != -EBADMSG)
                return module_source_error();
        return 0;
}

int module_source_open_memory(const uint8_t *data, size_t size, ModuleSource *ret)
{
        Input input = { .fd = -1, .data = size > 0 ? data : (const uint8_t *) "", .size = size };

        *ret = (ModuleSource){ .size = size };
        return open_elf(&input, input.data, size, ret);
}

/* CONTENT is freed, or is the source's. */
static int open_content(uint8_t *content, size_t size, ModuleSource *ret)
{
        int r = module_source_open_memory(content, size, ret);

        if (r < 0)
                free(content);
        else
                ret->content = content;
        return r;
}

static int open_compressed(int fd, Compression compression, ModuleSource *ret)
{
        uint8_t *data;
        size_t size;
        int r = decompress(fd, compression, MODULE_FILE_SIZE_MAX, &data, &size);

        return r < 0 ? r : open_content(data, size, ret);
}

int module_source_open(int fd, ModuleSource *ret)
{
        uint8_t *head CLEANUP_FREE = NULL;
        Compression compression;
        Input input = { .fd = fd };
        size_t head_size;
        struct stat st;
        int r;

        if (fstat(fd, &st) < 0)
                return -errno;
        if (!S_ISREG(st.st_mode))
                return -EINVAL;
        if (st.st_size > MODULE_FILE_SIZE_MAX)
                return -EFBIG;
        input.size = (size_t) st.st_size;
        *ret = (ModuleSource){ .size = input.size };
        head_size = input.size <= SMALL_SIZE ? input.size : sizeof(Elf64_Ehdr);
        head = malloc(head_size > 0 ? head_size : 1);
        if (!head)
                return -ENOMEM;
        r = read_input(&input, 0, head, head_size);
        if (r < 0)
                return r;
        compression = compression_detect(head, head_size);
        if (compression != COMPRESSION_NONE)
                return open_compressed(fd, compression, ret);
        if (head_size == input.size)
                return open_content(STEAL(head), head_size, ret);
        return open_elf(&input, head, head_size, ret);
}

void module_source_done(ModuleSource *source)
{
        (void) elf_end(source->elf);
        free(source->content);
}

int module_source_get(const ModuleSource *source, uint64_t offset, uint64_t size, const uint8_t **ret)
{
        const Elf_Data *data;

        if (size == 0) {
                *ret = (const uint8_t *) "";
                return 0;
        }
        if (offset > source->size || size > source->size - offset)
                return -EBADMSG;
        errno = 0;
        data = elf_getdata_rawchunk(source->elf, (int64_t) offset, size, ELF_T_BYTE);
        if (!data)
                return module_source_error();
        *ret = data->d_buf;
        return 0;
}
