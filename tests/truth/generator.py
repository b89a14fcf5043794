# SPDX-License-Identifier: LGPL-2.1-or-later
"""Random hosts: trees, depmod.d, modprobe.d, compressed files, links, several kernel releases; and random changes. What
isn't generated is switched off here, each with its reason."""

import random

from recipe import MODULES, Part, Recipe

RELEASES = ("4.19.0+1", "6.1.0-13-amd64", "6.12.9_rt-default")
DRIVERS = ("ice", "dell_laptop", "snd_hda_x", "r8169", "8139too", "be2net", "i40e", "x_y_z", "mpt3sas", "ice_sriov")
# What drivers need. The last one isn't always there.
NEEDED = ("below", "low_est")
# Other modules, for aliases and soft dependencies to lead to.
OTHERS = ("first", "above")
PACKAGES = ("intel-ice", "p", "dell_laptop", "vendor-set", "realtek+", "q.1")
VERSIONS = ("1.0", "1.10", "2.0-dell", "2")
# Those that need "below".
NEEDY = ("ice", "snd_hda_x", "be2net", "mpt3sas")
# What modules themselves say, and depmod writes into modules.softdep.
SOFTDEPS = {"ice": "pre: first post: none", "r8169": "pre: none nothing", "x_y_z": "post: above none",
            "be2net": "pre: low-est post: first"}
SEARCHES = ("updates", "extra", "weak-updates", "built-in", "override", "updates/dkms", "xenserver", "kernel")
DEPMOD_FILES = ("etc/depmod.d/a.conf", "usr/lib/depmod.d/a.conf", "usr/lib/depmod.d/dist.conf", "run/depmod.d/b.conf",
                "etc/depmod.d/search.conf")
MODPROBE_FILES = ("etc/modprobe.d/a.conf", "run/modprobe.d/a.conf", "usr/lib/modprobe.d/m.conf", "etc/modprobe.d/n.conf",
                  "run/modprobe.d/z.conf")
PROGRAMS = ("/bin/false", "/bin/true", ":", "/opt/load")
EXTERNAL = "/opt/drivers"


def device_of(module):
    """The beginning of the modalias of its devices."""
    return f"pci:v00008086d0000{DRIVERS.index(module):04X}"


class Switches:
    """What may be generated. What is False isn't right yet, or can't be compared; each says why."""

    builtin = True
    command_line = True
    directory_links = True
    # NAME.ko beside NAME.ko.xz in kernel/.
    endings_mixed = True
    exclude = True
    exclude_versions = True
    external = True
    # Files of a compression that kmod may have been built without.
    gzip = True
    no_index = True
    weak_updates = True

    # With --root the service runs depmod -b, which looks for external directories, and for the targets of absolute links,
    # in the host's root, as kmod 30 and 34 do. Inside of the root they are right.
    from_outside = False
    # A /lib that isn't merged: kmod 30 doesn't read the configuration in /usr/lib then, and the service does:
    # --seed=11 --root=15 with this on. Neither Debian 12 nor 13 has such a host.
    unmerged = False


class Generator:
    def __init__(self, seed, endings):
        self.random = random.Random(seed)
        self.endings = endings if not Switches.gzip else sorted({*endings, ".gz"})
        self.parts = []
        self.drivers = []

    def may_be_external(self):
        return Switches.external and (self.inside or Switches.from_outside)

    def chance(self, percent):
        return self.random.random() * 100 < percent

    def pick(self, choices):
        return self.random.choice(list(choices))

    def some(self, choices, least=0):
        choices = list(choices)
        return self.random.sample(choices, self.random.randint(least, len(choices)))

    def spelled(self, module):
        return module.replace("_", "-") if self.chance(50) else module

    def add(self, kind, **fields):
        self.parts.append(Part(kind, **fields))

    def recipe(self):
        self.inside = self.chance(75)
        self.drivers = self.some(DRIVERS, 4)
        self.releases = sorted(self.some(RELEASES, 1))
        self.modules = {name: ((), None) for name in (*OTHERS, "low_est")}
        self.modules["below"] = (("low_est",), None)
        for name in self.drivers:
            needs = ("below",) if name in NEEDY else ()
            self.modules[name] = (needs, f"{device_of(name)}sv*sd*bc*sc*i*", SOFTDEPS.get(name))
        self.packages = {package: self.random.sample(self.drivers, self.pick((1, 1, 2, 3))) for package in PACKAGES}
        for release in self.releases:
            self.add_release(release)
        for name in self.drivers:
            if self.chance(90):
                self.add("device", name=f"0000:00:{DRIVERS.index(name):02x}.0",
                         modalias=f"{device_of(name)}sv00008086sd00000000bc02sc00i00")
        self.add_depmod()
        self.add_modprobe()
        if Switches.command_line and self.chance(15):
            self.add("line", file="proc/cmdline", text=self.command_line())
        self.add_changes()
        return Recipe(self.parts, self.modules, merged=not (Switches.unmerged and self.chance(10)), inside=self.inside)

    def file_name(self, module):
        return f"{self.spelled(module)}.ko{self.pick(self.endings) if self.chance(40) else ''}"

    def place(self, release, path, module, version):
        self.add("file", path=f"{MODULES}/{release}/{path}", release=release, module=module, version=version)
        return f"{MODULES}/{release}/{path}"

    def add_release(self, release):
        builtin = [f"kernel/drivers/{name}.ko" for name in (*self.drivers, "low_est") if Switches.builtin and self.chance(4)]
        self.add("kernel", release=release, builtin=builtin, index=not (Switches.no_index and self.chance(3)))
        for name in (*NEEDED, *OTHERS):
            if name != "low_est" or self.chance(85):
                self.place(release, f"kernel/lib/{self.file_name(name)}", name, "0")
        for name in self.drivers:
            self.add_driver(release, name)
        for package in self.packages:
            self.add_package(release, package)
        for name in self.drivers:
            self.add_links(release, name)

    def add_driver(self, release, name):
        """Its files outside of the trees of versions."""
        for percent, directory in ((70, "kernel/drivers/net"), (12, "extra"), (8, "updates/dkms"), (8, "override"),
                                   (6, "extra/sub"), (15, "updates")):
            if not self.chance(percent):
                continue
            self.place(release, f"{directory}/{self.file_name(name)}", name, "0" if directory.startswith("kernel") else "00")
        if Switches.endings_mixed and self.chance(5):
            path = f"kernel/drivers/net/{name}.ko"
            if not [p for p in self.parts if p.kind == "file" and p.path.endswith(f"{release}/{path}")]:
                self.place(release, path, name, "00")
        if self.may_be_external() and self.chance(8):
            self.add("file", path=f"{EXTERNAL[1:]}/{release}/{self.file_name(name)}", release=release, module=name,
                     version="00")
        if Switches.directory_links and (self.inside or Switches.from_outside) and self.chance(5):
            self.add("file", path=f"opt/behind/{release}-{name}/{name}.ko", release=release, module=name, version="00")
            self.add("link", path=f"{MODULES}/{release}/{self.pick(('extra', 'kernel', 'updates'))}/behind-{name}",
                     target=f"/opt/behind/{release}-{name}")

    def add_package(self, release, package):
        tree = "dmv" if package == "p" else "xenserver"
        for version in VERSIONS:
            if not self.chance(45):
                continue
            below = "" if self.chance(80) else "net/"
            for name in self.packages[package]:
                self.place(release, f"{tree}/{package}/{version}/{below}{self.file_name(name)}", name, version)
            if tree == "dmv":
                self.add("line", file=f"{MODULES}/{release}/dmv/{package}/{version}/info.json", text=INFO % (version, version))

    def add_links(self, release, name):
        """In updates/, and of weak-updates/."""
        stem = f"{MODULES}/{release}/"
        files = [p.path for p in self.parts if p.kind == "file" and p.path.startswith(stem) and p.module == name]
        if files and self.chance(45):
            target = self.pick([path for path in files if "/xenserver/" in path or "/dmv/" in path] or files)
            if self.chance(8):
                target = self.pick(files)
            ending = target[target.index(".ko"):]
            text = "../" + target[len(stem):]
            if (self.inside or Switches.from_outside) and self.chance(15):
                text = "/" + target
            if self.chance(5):
                text = "../gone/" + name + ".ko"
            self.link(release, f"updates/{self.spelled(name)}{ending}", text)
        if Switches.weak_updates and files and (self.inside or Switches.from_outside) and self.chance(15):
            others = [p.path for p in self.parts if p.kind == "file" and p.module == name]
            target = self.pick(others)
            self.link(release, f"weak-updates/{self.spelled(name)}{target[target.index('.ko'):]}", "/" + target)

    def link(self, release, path, target):
        path = f"{MODULES}/{release}/{path}"
        if path not in [p.path for p in self.parts if p.kind in ("file", "link")]:
            self.add("link", path=path, target=target)

    def add_depmod(self):
        for file in DEPMOD_FILES:
            if not self.chance(25):
                continue
            for _ in range(self.random.randint(0, 3)):
                self.add("line", file=file, text=self.depmod_line())

    def depmod_line(self):
        kinds = ["search"] * 4 + ["override"] * 4 + ["#"] + ["external"] * self.may_be_external() + ["exclude"] * Switches.exclude
        kind = self.pick(kinds)
        releases = ("*", *self.releases, "^6", "6[.]1[.]0.*")
        if kind == "search":
            return "search " + " ".join(self.some([*SEARCHES, *(["external"] if self.may_be_external() else [])], 1))
        if kind == "override":
            directory = self.pick(("kernel/drivers/net", "extra", "updates", "updates/dkms", "xenserver/intel-ice/1.0",
                                   "xenserver/vendor-set/2", "override", "gone"))
            return f"override {self.spelled(self.pick(self.drivers))} {self.pick(releases)} {directory}"
        if kind == "external":
            return f"external {self.pick(releases)} {EXTERNAL}/{self.pick(self.releases)}"
        if kind == "exclude":
            names = ("extra", "dkms", "override", "none", *(("xenserver", "2.0-dell", "ice.ko") if Switches.exclude_versions else ()))
            return f"exclude {self.pick(names)}"
        return "# nothing"

    def add_modprobe(self):
        for file in MODPROBE_FILES:
            if not self.chance(25):
                continue
            for _ in range(self.random.randint(0, 3)):
                self.add("line", file=file, text=self.modprobe_line())

    def modprobe_line(self):
        number = len(self.parts)
        kind = self.pick(("alias", "alias", "install", "install", "softdep", "softdep", "blacklist", "options", "remove", "#install"))
        name = self.spelled(self.pick((*self.drivers, *self.drivers, "below", "low_est", "first", "above")))
        pattern = self.pick((name, name, name, name[:3] + "*", "*", "[a-d]*", "none"))
        other = self.spelled(self.pick((*self.drivers, "first", "above", "none", "off")))
        if kind == "alias":
            if self.chance(35):
                pattern = f"{device_of(self.pick(self.drivers))}sv*" if self.chance(80) else "pci:*"
            return f"alias {pattern} {other}"
        if kind == "softdep":
            return f"softdep {pattern} {self.pick(('pre:', 'post:'))} {other}"
        if kind == "blacklist":
            return f"blacklist {name}"
        if kind == "options":
            return f"options {name} debug={number}"
        if kind == "install" and self.chance(15):
            # What modprobe.d(5) has: it loads the module itself.
            return f"install {name} /sbin/modprobe --ignore-install {name}"
        return f"{kind} {pattern} {self.pick(PROGRAMS)} {number}"

    def command_line(self):
        words = ["BOOT_IMAGE=/vmlinuz", "ro"]
        for _ in range(self.random.randint(1, 2)):
            key = self.pick(("module_blacklist", "module-blacklist", "modprobe.blacklist"))
            words.append(f"{key}={','.join(self.spelled(n) for n in self.some((*self.drivers, 'below', 'none'), 1))}")
        return " ".join(words) + (" -- module_blacklist=ice" if self.chance(10) else "")

    def add_changes(self):
        for _ in range(self.random.randint(0, 3)):
            kind = self.pick(("select", "select", "select", "deselect", "adopt"))
            self.add("change", verb=kind, driver=self.pick(self.drivers), choice=self.random.randrange(1000),
                     release=self.pick(self.releases) if self.chance(25) else "")


INFO = ('{"category": "network", "name": "p", "description": "", "variant": "%s", "version": "%s", "priority": 1, '
        '"status": "production", "pci_ids": {}}')
