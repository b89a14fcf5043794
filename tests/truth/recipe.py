# SPDX-License-Identifier: LGPL-2.1-or-later
"""A host as a list of parts, each of which can be left out: what a root is made from, and what a disagreement is
reported as. It knows nothing of what the parts mean."""

import os
import shutil
import subprocess

MODULES = "lib/modules"


class Pool:
    """Real module files, each written once by make-module and copied from then on."""

    def __init__(self, make_module, directory):
        self.make_module = make_module
        self.directory = directory

    def file(self, release, module, version, ending, needs, alias, softdep=None):
        """The path of a file that holds MODULE, which needs the modules NEEDS and is for the devices of ALIAS."""
        place = os.path.join(self.directory, release, "+".join((module, *needs, softdep or "")), version)
        if not os.path.isdir(place):
            os.makedirs(place)
            identity = f"{release}/{module}/{version}".encode().hex()[-40:].rjust(40, "0")
            words = ["--name", module, "--version", version, "--note", version, "--build-id", identity,
                     "--srcversion", identity[-23:].upper(), "--vermagic", f"{release} SMP preempt mod_unload modversions ",
                     "--export", f"{module}_call=1"]
            for name in needs:
                words += ["--import", f"{name}_call=1"]
            if needs:
                words += ["--depends", ",".join(needs)]
            if softdep:
                words += ["--softdep", softdep]
            if alias:
                words += ["--alias", alias]
            files = [f"{place}/m.ko{e}" for e in ("", ".gz", ".xz", ".zst")]
            # To look for leaks takes longer than all the rest.
            subprocess.run([self.make_module, *words, *files], check=True, env=dict(os.environ, ASAN_OPTIONS="detect_leaks=0"))
        return f"{place}/m.ko{ending}"


class Part:
    """One thing of a host. KIND: kernel, file, link, line, device, or change, which is carried out by the service."""

    def __init__(self, kind, **fields):
        self.kind = kind
        self.fields = fields

    def __getattr__(self, name):
        try:
            return self.__dict__["fields"][name]
        except KeyError:
            raise AttributeError(name) from None

    def where(self):
        """The path that it is at, beneath the root; "" if at none."""
        return self.fields.get("path", self.fields.get("file", ""))

    def __str__(self):
        return f"{self.kind:7} " + " ".join(f"{key}={value!r}" for key, value in self.fields.items())


def parent(path):
    os.makedirs(os.path.dirname(path), exist_ok=True)


class Recipe:
    """PARTS in order; MODULES: each with what it needs, its devices' alias, and its soft dependencies. MERGED: /lib is /usr/lib. INSIDE: the
    service runs inside, and not by --root."""

    def __init__(self, parts, modules, merged=True, inside=True):
        self.parts = parts
        self.modules = modules
        self.merged = merged
        self.inside = inside

    def with_parts(self, parts):
        return Recipe(parts, self.modules, self.merged, self.inside)

    def of(self, kind):
        return [part for part in self.parts if part.kind == kind]

    def releases(self):
        return sorted(part.release for part in self.of("kernel"))

    def drivers_of(self):
        """The modules that are for devices: those that are asked about."""
        return [name for name, module in self.modules.items() if module[1]]

    def __str__(self):
        return "\n".join([f"/lib {'is' if self.merged else 'is not'} merged, the service is {'inside' if self.inside else 'outside'}", *map(str, self.parts)])

    def make(self, root, pool, backwards=False):
        """Makes the directory ROOT. BACKWARDS: files and links in reverse order, which on a tmpfs is the order in which a
        directory is read."""
        for path in ("usr/lib/modules", "etc/depmod.d", "etc/modprobe.d", "sys/module", "proc", "run", "var/lib"):
            os.makedirs(f"{root}/{path}")
        if self.merged:
            os.symlink("usr/lib", f"{root}/lib")
        with open(f"{root}/etc/machine-id", "w", encoding="ascii") as file:
            file.write("0123456789abcdef0123456789abcdef\n")
        for part in self.parts:
            if part.kind in ("kernel", "device", "line"):
                getattr(self, "make_" + part.kind)(root, part)
        placed = [part for part in self.parts if part.kind in ("file", "link")]
        for part in reversed(placed) if backwards else placed:
            getattr(self, "make_" + part.kind)(root, part, pool)

    def make_kernel(self, root, part):
        directory = f"{root}/{MODULES}/{part.release}"
        os.makedirs(directory)
        for name, lines in (("modules.order", []), ("modules.builtin", part.builtin)):
            with open(f"{directory}/{name}", "w", encoding="ascii") as file:
                file.writelines(line + "\n" for line in lines)

    def make_device(self, root, part):
        below = f"devices/pci0000:00/{part.name}"
        parent(f"{root}/sys/{below}/modalias")
        with open(f"{root}/sys/{below}/modalias", "w", encoding="ascii") as file:
            file.write(part.modalias + "\n")
        os.makedirs(f"{root}/sys/bus/pci/devices", exist_ok=True)
        os.symlink(f"../../../{below}", f"{root}/sys/bus/pci/devices/{part.name}")
        os.symlink("../../../bus/pci", f"{root}/sys/{below}/subsystem")

    def make_line(self, root, part):
        parent(f"{root}/{part.file}")
        with open(f"{root}/{part.file}", "a", encoding="ascii") as file:
            file.write(part.text + "\n")

    def make_file(self, root, part, pool):
        needs, alias, softdep = (*self.modules[part.module], None)[:3]
        ending = part.path[part.path.index(".ko") + 3:]
        parent(f"{root}/{part.path}")
        shutil.copyfile(pool.file(part.release, part.module, part.version, ending, needs, alias, softdep), f"{root}/{part.path}")

    def make_link(self, root, part, _pool):
        parent(f"{root}/{part.path}")
        os.symlink(part.target, f"{root}/{part.path}")
