# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes a root one that can be entered by chroot(2): programs with their libraries, /proc with a command line of its
own, /dev, /tmp. The mounts are in the test's own namespace."""

import ctypes
import os
import re
import shutil
import subprocess

LIBC = ctypes.CDLL(None, use_errno=True)
MS_BIND, MNT_DETACH = 4096, 2


def mount(source, target, kind, flags):
    if LIBC.mount(source.encode(), target.encode(), kind and kind.encode(), flags, None) < 0:
        raise OSError(ctypes.get_errno(), f"mount {target}")


class Jail:
    """PROGRAMS: where each is in the root, and where it comes from. WORK: on the roots' file system, since files are
    linked from there."""

    def __init__(self, work, programs):
        self.store = f"{work}/programs"
        os.mkdir(self.store)
        self.files = {}
        for inside, outside in programs.items():
            self.keep(inside, outside)
            self.keep_libraries(outside)
        # Loaded when a compressed file is to be read: ldd doesn't know of it.
        known = subprocess.run(["ldconfig", "-p"], capture_output=True, text=True, check=True).stdout
        for library in re.findall(r"libarchive\.so\.\d+ .*=> (/\S+)", known):
            self.keep(library, library)
            self.keep_libraries(library)

    def keep_libraries(self, file):
        listed = subprocess.run(["ldd", file], capture_output=True, text=True, check=True).stdout
        for library in re.findall(r"(/\S+)", listed):
            self.keep(library, library)

    def keep(self, inside, outside):
        if inside not in self.files:
            self.files[inside] = f"{self.store}/{len(self.files)}"
            shutil.copyfile(outside, self.files[inside])
            os.chmod(self.files[inside], 0o755)

    def furnish(self, root):
        for inside, kept in self.files.items():
            os.makedirs(os.path.dirname(root + inside), exist_ok=True)
            os.link(kept, root + inside)
        os.makedirs(f"{root}/dev", exist_ok=True)
        # Where the service has depmod index a copy before it adopts a file.
        os.makedirs(f"{root}/tmp", exist_ok=True)
        own = f"{root}/proc/cmdline"
        if not os.path.exists(own):
            with open(own, "w", encoding="ascii"):
                pass
        os.rename(own, f"{root}/cmdline")
        mount("proc", f"{root}/proc", "proc", 0)
        mount(f"{root}/cmdline", own, None, MS_BIND)
        mount("/dev", f"{root}/dev", None, MS_BIND)

    @staticmethod
    def leave(root):
        for place in ("dev", "proc/cmdline", "proc"):
            LIBC.umount2(f"{root}/{place}".encode(), MNT_DETACH)
