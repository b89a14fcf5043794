# SPDX-License-Identifier: LGPL-2.1-or-later
"""The host's own kmod inside a root, entered by chroot(2): its programs, and libkmod for what they have no option for.
With -d or -b instead of a chroot, kmod would read the host's own modprobe.d and depmod.d, and follow absolute links
into the host."""

import ctypes
import json
import os
import shutil
import subprocess

TOOLS = ("depmod", "modprobe", "modinfo")
# libkmod.h: enum kmod_probe, enum kmod_module_initstate.
IGNORE_LOADED, DRY_RUN, APPLY_BLACKLIST, APPLY_BLACKLIST_ALIAS_ONLY = 0x00008, 0x00010, 0x20000, 0x40000
STATE_BUILTIN = 0


def programs():
    """The tools by where they are in a root, which are one program."""
    found = shutil.which("depmod", path=os.environ["PATH"] + ":/usr/sbin:/sbin")
    return {f"/usr/sbin/{tool}": os.path.realpath(found) for tool in TOOLS}


class Oracle:
    def __init__(self):
        self.version = subprocess.run(["modprobe", "--version"], capture_output=True, text=True, check=True).stdout
        self.endings = [""] + [ending for ending, word in ((".gz", "+ZLIB"), (".xz", "+XZ"), (".zst", "+ZSTD"))
                               if word in self.version]
        self.library = load_library()

    @staticmethod
    def run(root, tool, *words):
        return subprocess.run(["chroot", root, f"/usr/sbin/{tool}", *words], capture_output=True, text=True, check=False)

    def depmod(self, root, release, may_fail=False):
        result = self.run(root, "depmod", release)
        if result.returncode != 0 and not may_fail:
            raise RuntimeError(f"depmod {release}: {result.stderr}")

    def paths(self, root, release, modules):
        """What `modinfo -n` prints: a line for each that the index knows; "(builtin)" of kmod's own."""
        return self.run(root, "modinfo", "-k", release, "-n", *modules).stdout.splitlines()

    def show_depends(self, root, release, modules):
        """The lines of `modprobe -D`, of one module after the other."""
        return self.run(root, "modprobe", "-S", release, "-D", "-a", *modules).stdout.splitlines()

    def ask(self, root, release, modules, modaliases):
        """For each module and modalias a dictionary; see Questions."""
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            status = 1
            try:
                os.close(reading)
                os.environ["KMOD_LOG"] = "0"  # what it doesn't understand, it passes over in silence
                os.chroot(root)
                os.chdir("/")
                answers = Questions(self.library, release).answer(modules, modaliases)
                with os.fdopen(writing, "w", encoding="utf-8") as file:
                    json.dump(answers, file)
                status = 0
            finally:
                os._exit(status)
        os.close(writing)
        with os.fdopen(reading, encoding="utf-8") as file:
            text = file.read()
        if os.waitpid(child, 0)[1] != 0:
            raise RuntimeError("libkmod could not be asked")
        return json.loads(text)


LIBC = ctypes.CDLL(None)
PRINT_ACTION = ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_bool, ctypes.c_char_p)


def load_library():
    library = ctypes.CDLL("libkmod.so.2")
    pointer, text, number = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int
    for name, result, arguments in (
            ("kmod_new", pointer, (text, pointer)),
            ("kmod_module_new_from_name", number, (pointer, text, pointer)),
            ("kmod_module_new_from_lookup", number, (pointer, text, pointer)),
            ("kmod_module_probe_insert_module", number, (pointer, ctypes.c_uint, text, pointer, pointer, PRINT_ACTION)),
            ("kmod_module_get_module", pointer, (pointer,)),
            ("kmod_module_get_name", text, (pointer,)),
            ("kmod_module_get_path", text, (pointer,)),
            ("kmod_module_get_install_commands", text, (pointer,)),
            ("kmod_module_get_initstate", number, (pointer,)),
            ("kmod_module_get_dependencies", pointer, (pointer,)),
            ("kmod_config_get_aliases", pointer, (pointer,)),
            ("kmod_config_get_softdeps", pointer, (pointer,)),
            ("kmod_config_iter_get_value", text, (pointer,)),
            ("kmod_config_iter_next", ctypes.c_bool, (pointer,)),
            ("kmod_config_iter_get_key", text, (pointer,)),
            ("kmod_list_next", pointer, (pointer, pointer))):
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


class Questions:
    """Asks in the process that has entered the root. Nothing is freed: that process ends at once."""

    def __init__(self, library, release):
        self.library = library
        directory = f"/lib/modules/{release}".encode()
        nothing = (ctypes.c_char_p * 1)(None)
        self.context = library.kmod_new(directory, None)
        # The index alone, without modprobe.d.
        self.plain = library.kmod_new(directory, ctypes.cast(nothing, ctypes.c_void_p))

    def answer(self, modules, modaliases):
        return {
            "modules": {name: {
                "path": self.path(name),
                "itself": self.load(self.module(self.context, name)),
                "named": self.load_all(self.context, name, APPLY_BLACKLIST_ALIAS_ONLY),
                "needs": [self.name(m) for m in self.each(self.library.kmod_module_get_dependencies(
                    self.module(self.context, name)))],
                "aliased": self.is_aliased(name),
                "softdep_is_own": self.softdep_is_own(name),
                "builtin": self.library.kmod_module_get_initstate(self.module(self.plain, name)) == STATE_BUILTIN,
                "blacklisted": self.blacklisted(name),
            } for name in modules},
            "devices": {alias: {"loaded": self.load_all(self.context, alias, 0), "aliased": self.is_aliased(alias),
                                "listed": self.load_all(self.context, alias, APPLY_BLACKLIST)}
                        for alias in modaliases},
        }

    def each(self, first):
        item = first
        while item:
            yield self.library.kmod_module_get_module(item)
            item = self.library.kmod_list_next(first, item)

    def name(self, module):
        return self.library.kmod_module_get_name(module).decode()

    def module(self, context, name):
        place = ctypes.c_void_p()
        if self.library.kmod_module_new_from_name(context, name.encode(), ctypes.byref(place)) < 0:
            raise RuntimeError(name)
        return place.value

    def look_up(self, context, name):
        place = ctypes.c_void_p()
        self.library.kmod_module_new_from_lookup(context, name.encode(), ctypes.byref(place))
        return place.value

    def load(self, module, flags=0):
        """All that modprobe would do, in order: [name, command or None, path or None]."""
        actions = []

        def take(handle, install, _options):
            command = self.library.kmod_module_get_install_commands(handle).decode() if install else None
            path = self.library.kmod_module_get_path(handle)
            actions.append([self.name(handle), command, path.decode() if path else None])

        flags |= DRY_RUN | IGNORE_LOADED
        self.library.kmod_module_probe_insert_module(module, flags, None, None, None, PRINT_ACTION(take))
        return actions

    def load_all(self, context, name, flags):
        return [action for module in self.each(self.look_up(context, name)) for action in self.load(module, flags)]

    def path(self, name):
        """Where the index has it."""
        path = self.library.kmod_module_get_path(self.module(self.plain, name))
        return path.decode() if path else None

    def lines(self, items, name):
        """What the lines say that are about NAME."""
        found = []
        while items and self.library.kmod_config_iter_next(items):
            if LIBC.fnmatch(self.library.kmod_config_iter_get_key(items), name.encode(), 0) == 0:
                found.append(self.library.kmod_config_iter_get_value(items))
        return found

    def is_aliased(self, name):
        """Whether an alias line of modprobe.d is about it."""
        return bool(self.lines(self.library.kmod_config_get_aliases(self.context), name))

    def softdep_is_own(self, name):
        """Whether the soft dependencies that count are those of the release's modules.softdep."""
        lines = self.lines(self.library.kmod_config_get_softdeps(self.context), name)
        return lines[:1] == self.lines(self.library.kmod_config_get_softdeps(self.plain), name)[:1]

    def blacklisted(self, name):
        """Whether it is passed over by who applies the blacklist, as udev does."""
        flags = DRY_RUN | IGNORE_LOADED | APPLY_BLACKLIST
        module = self.module(self.context, name)
        take = PRINT_ACTION(lambda *_: None)
        return self.library.kmod_module_probe_insert_module(module, flags, None, None, None, take) == APPLY_BLACKLIST
