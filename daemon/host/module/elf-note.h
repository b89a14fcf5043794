/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* ELF notes as bytes, of a module file's section or of /sys/module/NAME/notes/…. Pure: no I/O, no libelf,
 * whose gelf_getnote() takes no bytes without a file around them where libelf is thread-safe, and refuses a
 * last note of 27 bytes: "XenServer" with a desc of 3, and no padding behind it. */
#pragma once

#include <stdint.h>

#include "util/macros.h"

typedef struct ElfNote {
        const char *owner; /* not necessarily NUL-terminated */
        size_t owner_size; /* without its terminating NUL, if it has one */
        uint32_t type;
        const uint8_t *desc;
        size_t desc_size;
} ElfNote;

/* Reads the note at *OFFSET and moves *OFFSET behind it. Returns 1 with *ret set, 0 at the end of the data,
 * -EBADMSG if sizes lie; never reads outside DATA. Records are 4-byte aligned, in this host's byte order
 * (elf(5)). A desc that is cut off by the end of the data is an error; missing padding at the end is not. */
int elf_note_next(const uint8_t *data, size_t size, size_t *offset, ElfNote *ret) WARN_UNUSED NONNULL(3, 4);

/* The types of the records with owner "XenServer", as gen-note of XenServer's dmv-utils 1.0.3 writes them.
 */
typedef enum XenserverNote {
        XENSERVER_NOTE_VARIANT = 1, /* what is selected by: the version that the file is */
        XENSERVER_NOTE_VERSION = 2, /* the driver's own version, which several variants may have */
        XENSERVER_NOTE_RELEASE = 3, /* that one with the release of the package */
} XenserverNote;

/* The text of the first record with owner "XenServer" and that type: up to its NUL, or the whole desc if it
 * has none. Returns 0 and a string that the caller frees; -ENOENT if there is no such record, -EBADMSG if
 * the notes lie before it. An empty desc is the empty string. */
int elf_note_xenserver(const uint8_t *data, size_t size, XenserverNote type, char **ret) WARN_UNUSED
                NONNULL(4);

/* The GNU build-id (owner "GNU", type 3) as lower-case hex digits. Errors as above. */
int elf_note_build_id(const uint8_t *data, size_t size, char **ret) WARN_UNUSED NONNULL(3);
