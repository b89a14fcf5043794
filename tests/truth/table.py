# SPDX-License-Identifier: LGPL-2.1-or-later
"""What a driver is and has for problems, by what stands on the disk and what kmod has answered: the table that the
service is compared with. It is written from the documentation, and shares no code with the daemon.

A command of an install line means what the generator wrote it for: see COMMANDS."""

import os
import re

from disk import Place, resolve

# What modprobe runs instead of loading → what it comes to.
NOTHING, UNKNOWN, LOADS = "nothing", "unknown", "loads"
COMMANDS = {"/bin/false": NOTHING, "/bin/true": NOTHING, ":": NOTHING, "/opt/load": UNKNOWN, "/sbin/modprobe": LOADS}
OVERRIDES = "etc/depmod.d/zz-hostdriver.conf"
BLOCK = "etc/modprobe.d/hostdriver-%s.conf"


def meaning(command):
    return COMMANDS[command.split()[0]]


def command_for(actions, module):
    """What is done for MODULE: None, nothing; "", its file is loaded; else a command is run."""
    for name, command, _path in actions:
        if name == module:
            return command or ""
    return None


def is_nothing(command):
    return bool(command) and meaning(command) == NOTHING


def refused_modules(root):
    """What the kernel itself refuses: the last module_blacklist= of its command line counts, and nothing after "--"
    (kernel/params.c). The names must be spelled as the kernel does it (blacklisted() of kernel/module/main.c)."""
    with open(f"{root}/proc/cmdline", encoding="ascii") as file:
        text = file.read().split(" -- ")[0]
    last = ""
    for word in text.split():
        key, _, value = word.partition("=")
        if key.replace("-", "_") == "module_blacklist":
            last = value
    return set(last.split(","))


class Release:
    """One module in one kernel release: what stands there, and what kmod says."""

    def __init__(self, root, release, module, index, answers, endings):
        """ENDINGS: those of module files that kmod reads."""
        self.endings = endings
        self.root, self.release, self.module = root, release, module
        self.place = Place(root, release, module)
        self.has_index = os.path.exists(f"{root}/lib/modules/{release}/modules.dep.bin")
        self.answers = answers["modules"][module]
        self.devices = answers["devices"]
        self.builtin = self.answers["builtin"]
        self.index = "" if index == "(builtin)" else index
        self.blocked = os.path.exists(f"{root}/{BLOCK % module}")
        self.versions = self.place.versions()
        self.selected = self.find_selected()

    def version_of(self, path):
        """The version whose file PATH is, or leads to."""
        real = resolve(self.root, path)
        for version in self.versions:
            if real is not None and resolve(self.root, version.path) == real:
                return version
        return None

    def linked(self):
        """The version that a link in updates/ leads to; of two links the one that the index took, else the first."""
        found = []
        for path in self.place.updates():
            if os.path.islink(self.root + path):
                version = self.version_of(path)
                if version:
                    found.append((path != self.index, path, version))
        return min(found, key=lambda item: item[:2])[2] if found else None

    def overridden(self):
        """The version that the service's own override line names."""
        try:
            with open(f"{self.root}/{OVERRIDES}", encoding="utf-8") as file:
                lines = [line.split() for line in file if line.startswith("override ")]
        except FileNotFoundError:
            return None
        for _, stem, pattern, directory in lines:
            if stem.replace("-", "_") == self.module and re.search(pattern, self.release):
                for version in self.versions:
                    if os.path.dirname(version.path) == f"{self.place.base}/{directory}":
                        return version
        return None

    def find_selected(self):
        """A valid link; else the override line; else the kernel's own file if the index names it, or a link to it."""
        if self.blocked:
            return None
        version = self.linked() or self.overridden()
        if not version and self.index:
            named = self.version_of(self.index)
            version = named if named and named.tree == "kernel" else None
        return version

    def is_chosen(self):
        """Whether somebody's will stands there. A dangling link is nobody's."""
        return bool(self.blocked or self.linked() or self.overridden() or
                    [path for path in self.place.updates() if resolve(self.root, path) is not None])

    def needed_refused(self, refused):
        """Of what must be loaded before, the first that can't be: its command, or "refused"."""
        for name in self.answers["needs"]:
            command = command_for(self.answers["itself"], name)
            if is_nothing(command):
                return command
            if name in refused:
                return "refused"
        return None

    def effective(self, refused):
        """The file that `modprobe NAME` loads."""
        if not self.index or self.builtin:
            return ""
        if command_for(self.answers["named"], self.module) is None:
            return ""
        if is_nothing(command_for(self.answers["itself"], self.module)):
            return ""
        return "" if self.module in refused or self.needed_refused(refused) else self.index

    def file_code(self, path):
        """Of a file in updates/. What kmod can't decompress, depmod passes over."""
        return "regular-file" if path[path.rindex(".ko") + 3:] in self.endings else "compression-unsupported"

    def link_codes(self):
        for path in self.place.updates():
            real = resolve(self.root, path)
            if not os.path.islink(self.root + path):
                yield self.file_code(path) if os.path.isfile(self.root + path) else "not-regular"
            elif real is None:
                yield "link-dangling"
            elif not os.path.isfile(self.root + real):
                yield "not-regular"
            elif not real.startswith(self.place.real_base + "/"):
                yield "link-outside"
            elif not self.version_of(path):
                yield "link-foreign"
            elif os.readlink(self.root + path).startswith("/"):
                yield "link-absolute"

    def index_codes(self, refused):
        if not self.has_index:
            yield "no-index"
        elif self.builtin or self.blocked:
            return
        elif not self.selected:
            # What modprobe.d keeps from being loaded does no harm.
            if self.effective(refused):
                yield "effective-differs"
        elif not self.index or resolve(self.root, self.index) != resolve(self.root, self.selected.path):
            yield "effective-differs"

    def block_codes(self):
        if self.blocked and (self.linked() or self.overridden()):
            yield "blocked"

    def codes(self, refused):
        yield from self.link_codes()
        yield from self.index_codes(refused)
        yield from self.block_codes()


class Driver:
    """One module over all releases. RUNNING: the release that runs. OTHERS: the same of all modules, once there are."""

    def __init__(self, module, modalias, releases, running, refused):
        self.module, self.modalias, self.releases, self.refused = module, modalias, releases, refused
        self.running = next(r for r in releases if r.release == running)

    def effective(self):
        return self.running.effective(self.refused)

    def leading(self):
        """The release that modprobe.d is judged for: the running one, unless something is selected only in others."""
        if self.running.selected:
            return self.running
        return next((r for r in self.releases if r.selected), self.running)

    def modprobe_codes(self):
        """What modprobe.d and the command line have of it, each line once, in whichever release."""
        leading = self.leading()
        found = set()
        for release in [leading, *(r for r in self.releases if r is not leading)]:
            if not release.builtin:
                found |= set(self.block_lines(release) if release.blocked else self.modprobe_lines(release))
        return [code for code, _ in found]

    def block_lines(self, release):
        """A block that doesn't keep it from being loaded."""
        own = command_for(release.answers["itself"], self.module)
        if not is_nothing(own) and not release.needed_refused(self.refused) and self.module not in self.refused:
            # Each release has a file for the soft dependencies of its modules.
            yield "not-blocked", (own, release.release if not own and release.answers["softdep_is_own"] else "")

    def modprobe_lines(self, release):
        """Code, and the line that it is about: all lines count in each release, if they count."""
        own = command_for(release.answers["itself"], self.module)
        if not release.selected:
            return
        if release.answers["aliased"] and command_for(release.answers["named"], self.module) is None:
            yield "alias-elsewhere", "alias"
        device = release.devices.get(self.modalias)
        # A blacklist of the module itself is told as that; one of what is loaded in its place isn't.
        counts = device and device["loaded" if release.answers["blacklisted"] else "listed"]
        if release is self.running and device and device["aliased"] and command_for(counts, self.module) is None:
            yield "alias-elsewhere", "alias of the device"
        if own and meaning(own) != LOADS:
            yield "blocked" if meaning(own) == NOTHING else "install-command", own
        needed = release.needed_refused(self.refused)
        # One line may be about both, and is told once.
        if needed and needed != own:
            yield "dependency-blocked", needed
        if release.answers["blacklisted"]:
            yield "blocked", "blacklist"
        if self.module in self.refused:
            yield "blocked", "refused"

    def coverage_codes(self):
        """Releases that don't have what is selected in the running one, and where nobody chose anything; or that have the
        module built in."""
        wanted = self.running.selected
        if not wanted or wanted.tree == "kernel":
            return
        for release in self.releases:
            has = any(version.build == wanted.build for version in release.versions)
            chosen_kernel = release.selected and release.selected.tree == "kernel"
            stands_in = not has and chosen_kernel
            is_open = not chosen_kernel if release.builtin else not release.is_chosen() or stands_in
            if release is not self.running and is_open:
                yield "kernel-not-covered"

    def package_codes(self, others):
        packages = {version.build[:2] for release in self.releases for version in release.versions
                    if version.tree != "kernel"}
        if len(packages) > 1:
            yield "duplicate-package"
        for release in self.releases:
            chosen = release.selected
            if not chosen or chosen.tree == "kernel":
                continue
            for other in others:
                beside = next(r for r in other.releases if r.release == release.release)
                if other is not self and any(version.build == chosen.build for version in beside.versions) and \
                        (not beside.selected or beside.selected.build != chosen.build):
                    yield "mixed-package"
                    break

    def codes(self, others):
        found = [code for release in self.releases for code in release.codes(self.refused)]
        found += ["builtin" for release in self.releases if release.builtin]
        return sorted([*found, *self.modprobe_codes(), *self.coverage_codes(), *self.package_codes(others)])


def is_driver(releases):
    """Whether a tree other than the kernel's own has a version of it."""
    return any(version.tree != "kernel" for release in releases for version in release.versions)


