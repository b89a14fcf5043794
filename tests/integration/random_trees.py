# SPDX-License-Identifier: LGPL-2.1-or-later
"""Random hosts with drivers in variants, as XenServer's packages lay them out, and with what packagers get wrong.

A tree is a value first (Tree), so that whoever compares programs on it knows what is odd about it; then it is written
to a directory. Module files are made by make-module.
"""

import fnmatch
import hashlib
import json
import os
import shutil
import struct
import subprocess
from dataclasses import dataclass, field

KERNELS = ["4.19.0+1", "5.10.0+2", "6.6.0+0"]
DIRECTORIES = ["intel-ice", "broadcom-bnxt-en", "qlogic-fastlinq", "cisco-fnic", "dell-laptop", "igc-module"]
MODULES = ["ice", "bnxt_en", "bnxt_re", "qed", "qede", "fnic", "dell-laptop", "igc", "be2iscsi", "lpfc", "smartpqi"]
VARIANTS = ["generic", "dell", "hpe", "1.11.17.1", "oem-2"]
IDS = [("8086", "1592"), ("8086", "159b"), ("14e4", "163c"), ("14e4", "16d8"), ("1077", "165c"), ("1137", "00ea")]
SUBSYSTEMS = ["*", "*", "*", "1028", "103c"]
FIELDS = ["category", "name", "description", "variant", "version", "priority", "status", "pci_ids"]
# What may be odd, and how often in a thousand packages or variants.
ODDITIES = {"name-differs": 60, "name-twice": 30, "variant-differs": 60, "variant-twice": 30, "missing-field": 10,
            "not-json": 8, "no-info": 15, "no-subsystem": 12, "upper-case-ids": 40, "ids-differ": 60, "key-missing": 30,
            "key-extra": 40, "subdirectory": 20, "compressed": 40, "odd-text": 40, "odd-priority": 20,
            "kernels-differ": 40, "lacks-module": 80, "category-differs": 20}


@dataclass
class Variant:
    directory: str
    kernels: list
    files: dict = field(default_factory=dict)  # of a module: its path below the variant's directory
    info: dict = None  # what info.json says; None: there is none
    raw: str = None  # or its text, which is no JSON
    aliases: dict = field(default_factory=dict)  # of a module: those of its file


@dataclass
class Package:
    tree: str
    directory: str
    modules: list  # as in "dell-laptop"
    variants: list = field(default_factory=list)
    odd: set = field(default_factory=set)
    category: str = "network"


@dataclass
class Loaded:
    variant: str  # of whose file; None: somebody else's, without a note
    records: list  # type and text of its notes


@dataclass
class Tree:
    kernels: list
    running: str
    packages: list = field(default_factory=list)
    links: dict = field(default_factory=dict)  # of a kernel: of a file in updates/, what it leads to; None: plain file
    loaded: dict = field(default_factory=dict)  # of a module
    devices: list = field(default_factory=list)  # vendor, device, subvendor, subdevice

    def dmv(self):
        return [package for package in self.packages if package.tree == "dmv"]


def canonical(module):
    return module.replace("-", "_")


def alias(one):
    return "pci:v{:0>8}d{:0>8}sv{}sd{}bc*sc*i*".format(one["vendor_id"].upper(), one["device_id"].upper(),
                                                      *(text if text == "*" else f"{text.upper():0>8}" for text in
                                                        (one["subvendor_id"], one["subdevice_id"])))


def modalias(device):
    return "pci:v{:0>8}d{:0>8}sv{:0>8}sd{:0>8}bc02sc00i00".format(*(text.upper() for text in device))


def drives(patterns, device):
    return any(fnmatch.fnmatchcase(modalias(device), pattern) for pattern in patterns)


class Maker:
    def __init__(self, random):
        self.random = random

    def is_odd(self, what):
        return self.random.randrange(1000) < ODDITIES[what]

    def some(self, items, least, most):
        return self.random.sample(items, self.random.randint(least, min(most, len(items))))

    def ids(self):
        return [{"vendor_id": vendor, "device_id": device, "subvendor_id": self.random.choice(SUBSYSTEMS),
                 "subdevice_id": "*"} for vendor, device in self.some(IDS, 1, 3)]

    def info(self, package, directory, ids):
        return {"category": package.category, "name": package.directory,
                "version": f"{self.random.randint(1, 9)}.{self.random.randint(0, 20)}", "minor_version": "1",
                "variant": directory, "kABI": KERNELS[0], "description": f"{package.directory} driver",
                "status": self.random.choice(["production", "beta"]), "priority": self.random.choice([10, 20, 20, 50]),
                "pci_ids": ids}

    def spoil_ids(self, package, info):
        ids = info["pci_ids"]
        first = next(iter(ids.values()))
        if self.is_odd("ids-differ"):
            package.odd.add("ids-differ")
            first[:] = self.ids() if self.random.random() < 0.5 else []
        if first and self.is_odd("upper-case-ids"):
            package.odd.add("upper-case-ids")
            first[0]["device_id"] = self.random.choice([first[0]["device_id"].upper(), "0x" + first[0]["device_id"]])
            first[0]["vendor_id"] = first[0]["vendor_id"].upper()
        if first and self.is_odd("no-subsystem"):
            package.odd.add("no-subsystem")
            del first[0]["subvendor_id"], first[0]["subdevice_id"]
        if len(ids) > 1 and self.is_odd("key-missing"):
            package.odd.add("key-missing")
            del ids[self.random.choice(list(ids))]
        if self.is_odd("key-extra"):
            package.odd.add("key-extra")
            ids[self.random.choice([m for m in MODULES if m not in package.modules]) + ".ko"] = self.ids()

    def spoil_info(self, package, variant):
        info = variant.info
        if self.is_odd("variant-differs"):
            package.odd.add("variant-differs")
            info["variant"] = f"{variant.directory}-x"
        if len(package.variants) > 0 and package.variants[0].info and self.is_odd("variant-twice"):
            package.odd.add("variant-twice")
            info["variant"] = package.variants[0].info.get("variant", "x")
        if self.is_odd("odd-text"):
            package.odd.add("odd-text")
            text = self.random.choice(["Br\u00fccke", "a\tb", ""])
            info[self.random.choice(["description", "status", "version"])] = text
        if self.is_odd("odd-priority"):
            package.odd.add("odd-priority")
            info["priority"] = self.random.choice([1.5, -3, 2**62])
        if self.is_odd("missing-field"):
            package.odd.add("missing-field")
            del info[self.random.choice(FIELDS)]
        if self.is_odd("not-json"):
            package.odd.add("not-json")
            variant.raw = self.random.choice(["", "{", "[]", json.dumps(info)[:-1]])
        elif self.is_odd("no-info"):
            package.odd.add("no-info")
            variant.info = None

    def variant(self, tree, package, directory, ids):
        kernels = tree.kernels if self.random.random() < 0.85 else self.some(tree.kernels, 1, 3)
        variant = Variant(directory, list(kernels))
        modules = list(package.modules)
        if len(modules) > 1 and self.is_odd("lacks-module"):
            package.odd.add("lacks-module")
            modules.remove(self.random.choice(modules))
        for module in modules:
            path = f"{module}.ko"
            if self.is_odd("compressed"):
                package.odd.add("compressed")
                path += ".xz"
            if self.is_odd("subdirectory"):
                package.odd.add("subdirectory")
                path = f"sub/{path}"
            variant.files[module] = path
            variant.aliases[module] = [alias(one) for one in ids[module]]
        if package.tree == "dmv":
            own = {f"{module}.ko": [dict(one) for one in ids[module]] for module in modules}
            variant.info = self.info(package, directory, own)
            self.spoil_ids(package, variant.info)
            self.spoil_info(package, variant)
        return variant

    def package(self, tree, directory, modules):
        package = Package("dmv" if self.random.random() < 0.92 else "xenserver", directory, modules)
        package.category = self.random.choice(["network", "storage"])
        # The second module is often for no device: the core that others share.
        ids = {module: self.ids() if i == 0 or self.random.random() < 0.5 else [] for i, module in enumerate(modules)}
        for name in self.some(VARIANTS, 1, 3):
            if self.random.random() < 0.2:
                ids = {module: self.ids() if ids[module] else [] for module in modules}
            package.variants.append(self.variant(tree, package, name, ids))
        if package.variants[0].info and self.is_odd("category-differs"):
            package.odd.add("category-differs")
            package.variants[0].info["category"] = "other"
        if package.tree == "dmv" and self.is_odd("name-differs"):
            package.odd.add("name-differs")
            for variant in package.variants:
                if variant.info and "name" in variant.info:
                    variant.info["name"] = f"{directory}_x"
        if self.is_odd("kernels-differ"):
            package.odd.add("kernels-differ")
        return package

    def link(self, tree):
        for package in tree.packages:
            if self.random.random() < 0.35:
                continue
            chosen = self.random.choice(package.variants)
            for kernel in tree.kernels:
                links = tree.links.setdefault(kernel, {})
                for module in package.modules:
                    variant = chosen if self.random.random() < 0.93 else self.random.choice(package.variants)
                    path = variant.files.get(module)
                    if path is None or self.random.random() < 0.04:
                        continue
                    target = f"{package.tree}/{package.directory}/{variant.directory}/{path}"
                    if kernel not in variant.kernels and self.random.random() < 0.9:
                        continue  # else it dangles
                    name = os.path.basename(path)
                    oddly = self.random.random()
                    if oddly < 0.01:
                        links[name] = None
                    elif oddly < 0.02:
                        links[name] = f"../kernel/{name}"
                    else:
                        prefix = "../" if self.random.random() < 0.6 else f"/lib/modules/{kernel}/"
                        links[name] = prefix + target

    def load(self, tree):
        for package in tree.packages:
            here = [variant for variant in package.variants if tree.running in variant.kernels]
            if not here or self.random.random() < 0.4:
                continue
            chosen = self.random.choice(here)
            for module in package.modules:
                if self.random.random() < 0.15:
                    continue
                variant = chosen if self.random.random() < 0.92 else self.random.choice(here)
                if module not in variant.files:
                    continue
                told = variant.info.get("variant", "") if variant.info else variant.directory
                records = [(1, str(told)), (2, "1.0"), (3, "1.0-1.xs9")]
                oddly = self.random.random()
                if oddly < 0.03:
                    tree.loaded[module] = Loaded(None, [])
                    continue
                if oddly < 0.05:
                    records = [(1, "foreign")] + records[1:]
                elif oddly < 0.07:
                    records = records[:1]
                elif oddly < 0.08:
                    records = records[1:]
                elif oddly < 0.10:
                    records.reverse()
                tree.loaded[module] = Loaded(variant.directory, records)

    def tree(self):
        kernels = self.some(KERNELS, 1, 3 if self.random.random() < 0.4 else 1)
        tree = Tree(kernels, self.random.choice(kernels))
        modules = self.random.sample(MODULES, len(MODULES))
        for directory in self.some(DIRECTORIES, 1, 4):
            own = [modules.pop() for _ in range(self.random.choice([1, 1, 2]))]
            tree.packages.append(self.package(tree, directory, own))
        dmv = tree.dmv()
        if len(dmv) > 1 and self.is_odd("name-twice"):
            for package in dmv[:2]:
                package.odd.add("name-twice")
                for variant in package.variants:
                    if variant.info and "name" in variant.info:
                        variant.info["name"] = "both"
        tree.devices = [(vendor, device, self.random.choice(["1028", "103c", "8086"]), "0001")
                        for vendor, device in self.some(IDS, 0 if self.random.random() < 0.05 else 2, 5)]
        self.link(tree)
        self.load(tree)
        return tree


class Writer:
    """Writes trees beneath a directory. Equal module files are made once, and copied."""

    def __init__(self, make_module, cache):
        self.make_module = make_module
        self.cache = cache

    def module(self, path, words):
        key = hashlib.sha1("\0".join([os.path.basename(path), *words]).encode()).hexdigest()
        made = f"{self.cache}/{key}/{os.path.basename(path)}"
        if not os.path.exists(made):
            os.makedirs(os.path.dirname(made))
            subprocess.run([self.make_module, *words, made], check=True)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        shutil.copyfile(made, path)

    def variant(self, base, kernel, package, variant):
        directory = f"{base}/{package.tree}/{package.directory}/{variant.directory}"
        for module, path in variant.files.items():
            told = str(variant.info.get("variant", "")) if variant.info else variant.directory
            words = ["--vermagic", f"{kernel} SMP mod_unload modversions ", "--note", told, "--note-version", "1.0",
                     "--note-release", "1.0-1.xs9", "--build-id", build_id(kernel, package, variant, module)]
            for one in variant.aliases[module]:
                words += ["--alias", one]
            self.module(f"{directory}/{path}", words)
        text = variant.raw
        if text is None and variant.info is not None:
            info = dict(variant.info)
            if "kernels-differ" in package.odd and "description" in info:
                info["description"] += f" for {kernel}"
            text = json.dumps(info, indent=4)
        if text is not None:
            with open(f"{directory}/info.json", "w", encoding="ascii") as file:
                file.write(text)

    def kernel(self, root, tree, kernel):
        base = f"{root}/usr/lib/modules/{kernel}"
        os.makedirs(f"{base}/updates")
        for name in ["modules.order", "modules.builtin"]:
            write(f"{base}/{name}", "")
        self.module(f"{base}/kernel/drivers/other.ko", ["--vermagic", f"{kernel} SMP mod_unload modversions "])
        for package in tree.packages:
            for variant in package.variants:
                if kernel in variant.kernels:
                    self.variant(base, kernel, package, variant)
        for name, target in tree.links.get(kernel, {}).items():
            if target is None:
                self.module(f"{base}/updates/{name}", ["--vermagic", f"{kernel} SMP mod_unload modversions "])
            else:
                os.symlink(target, f"{base}/updates/{name}")
        subprocess.run(["/usr/sbin/depmod", "-b", root, "-C", f"{root}/etc/depmod.d", kernel], check=True,
                       stderr=subprocess.DEVNULL)

    def write(self, root, tree):
        for directory in ["usr/lib/modules", "etc/depmod.d", "etc/modprobe.d", "sys/module", "var/lib", "run", "proc",
                          "sys/bus/pci/devices"]:
            os.makedirs(f"{root}/{directory}")
        os.symlink("usr/lib", f"{root}/lib")
        write(f"{root}/etc/machine-id", "0123456789abcdef0123456789abcdef\n")
        for kernel in tree.kernels:
            self.kernel(root, tree, kernel)
        for package in tree.packages:
            for module in package.modules:
                if module in tree.loaded:
                    load(root, tree, package, module)
        for number, device in enumerate(tree.devices):
            name = f"0000:{number + 1:02x}:00.0"
            write(f"{root}/sys/devices/pci/{name}/modalias", modalias(device) + "\n")
            write(f"{root}/sys/devices/pci/{name}/uevent", "")
            os.symlink("../../../bus/pci", f"{root}/sys/devices/pci/{name}/subsystem")
            os.symlink(f"../../../devices/pci/{name}", f"{root}/sys/bus/pci/devices/{name}")


def build_id(kernel, package, variant, module):
    return hashlib.sha1(f"{kernel}/{package.directory}/{variant.directory}/{module}".encode()).hexdigest()


def write(path, content):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(content if isinstance(content, bytes) else content.encode())


def note(owner, kind, content):
    padded = [part + bytes(-len(part) % 4) for part in (owner, content)]
    return struct.pack("III", len(owner), len(content), kind) + b"".join(padded)


def load(root, tree, package, module):
    loaded, base = tree.loaded[module], f"{root}/sys/module/{canonical(module)}"
    write(f"{base}/initstate", "live\n")
    write(f"{base}/refcnt", "0\n")
    if loaded.records:
        # gen-note counts no NUL behind the owner.
        records = [note(b"XenServer", kind, text.encode() + b"\0") for kind, text in loaded.records]
        write(f"{base}/notes/.note.XenServer", b"".join(records))
    variant = next((one for one in package.variants if one.directory == loaded.variant), None)
    if variant:
        write(f"{base}/notes/.note.gnu.build-id",
              note(b"GNU\0", 3, bytes.fromhex(build_id(tree.running, package, variant, module))))


def lspci(tree):
    """What `lspci -nm` says: slot, class, vendor, device, and the subsystem's (lspci(8))."""
    lines = [f'{number + 1:02x}:00.0 "0200" "{vendor}" "{device}" -r01 -p00 "{subvendor}" "{subdevice}"\n'
             for number, (vendor, device, subvendor, subdevice) in enumerate(tree.devices)]
    return "".join(lines)
