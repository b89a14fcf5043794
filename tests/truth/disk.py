# SPDX-License-Identifier: LGPL-2.1-or-later
"""What stands in a root, read as plainly as possible: the files of a module, the versions, the links in updates/."""

import os
import re

from recipe import MODULES

TREES = ("xenserver", "dmv")
FILE = re.compile(r"^(.+)\.ko(\.gz|\.xz|\.zst)?$")


def module_of(path):
    """The name of the module that a file of this name holds; None if it has no module file's name."""
    match = FILE.match(os.path.basename(path))
    return match.group(1).replace("-", "_") if match else None


def resolve(root, path):
    """PATH (absolute beneath ROOT) with every link followed beneath ROOT; None if that leads nowhere."""
    parts, done, links = path.split("/"), "", 0
    while parts:
        part = parts.pop(0)
        if part in ("", "."):
            continue
        if part == "..":
            done = os.path.dirname(done) if done else ""
            continue
        here = root + done + "/" + part
        if os.path.islink(here):
            links += 1
            if links > 40:
                return None
            target = os.readlink(here)
            if target.startswith("/"):
                done = ""
            parts = target.split("/") + parts
        elif os.path.lexists(here):
            done += "/" + part
        else:
            return None
    return done or "/"


class Version:
    """One version's file in one release. BUILD is what it was built with: tree, package and directory."""

    def __init__(self, tree, package, directory, path):
        self.tree, self.package, self.directory, self.path = tree, package, directory, path
        self.build = (tree, package, directory)


class Place:
    """A module in one kernel release."""

    def __init__(self, root, release, module):
        self.root, self.release, self.module = root, release, module
        self.base = f"/{MODULES}/{release}"
        self.real_base = resolve(root, self.base)

    def walk(self, top, follow):
        """Paths of all that has the module's name below TOP, links to directories followed or not. A loop of them has no end,
        in depmod neither, so that nobody makes one."""
        found = []
        real = resolve(self.root, top)
        for name in sorted(os.listdir(self.root + real)) if real and os.path.isdir(self.root + real) else ():
            path = f"{top}/{name}"
            inside = resolve(self.root, path)
            is_directory = inside is not None and os.path.isdir(self.root + inside)
            if is_directory and (follow or not os.path.islink(self.root + real + "/" + name)):
                found += self.walk(path, follow)
            elif module_of(name) == self.module:
                found.append(path)
        return found

    def versions(self):
        """The versions that are installed, and the kernel's own file, which has the tree "kernel". Of two files with other
        endings the first one by name is the version's, and the other is told as one that was passed over."""
        found = {}
        for path in sorted(self.walk(self.base, False)):
            parts = path[len(self.base) + 1:].split("/")
            if not self.is_version_file(path):
                continue
            if parts[0] == "kernel" and len(parts) > 1:
                version = Version("kernel", "", "kernel", path)
            elif parts[0] in TREES and len(parts) > 3:
                version = Version(*parts[:3], path)
            else:
                continue
            found.setdefault(version.build, version)
        return list(found.values())

    def is_version_file(self, path):
        real = resolve(self.root, path)
        return real is not None and os.path.isfile(self.root + real) and real.startswith(self.real_base + "/")

    def updates(self):
        """The entries of updates/ that have the module's name: paths."""
        directory = f"{self.base}/updates"
        names = sorted(os.listdir(self.root + directory)) if os.path.isdir(self.root + directory) else []
        return [f"{directory}/{name}" for name in names if module_of(name) == self.module]
