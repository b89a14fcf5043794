/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Looks up functions of libarchive by name. */

#include "host/module/archive-library.h"

#include <dlfcn.h>
#include <string.h>

#define LIBRARY "libarchive.so.13"

bool archive_library_function(const char *name, void *ret_place)
{
        void *handle = dlopen(LIBRARY, RTLD_LAZY | RTLD_NODELETE);
        void *address = handle ? dlsym(handle, name) : NULL;

        memcpy(ret_place, &address, sizeof(address));
        if (handle)
                (void) dlclose(handle); /* RTLD_NODELETE keeps it */
        return address;
}
