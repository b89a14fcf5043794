# SPDX-License-Identifier: LGPL-2.1-or-later
"""Makes a host of a recipe, has kmod and the service tell what they have of it, and says where they disagree."""

import hashlib
import os
import re
import shutil

import table
from disk import resolve
from service import Service

ORDER = "the order in which directories were read"
REASON_FILE = re.compile(r"(?:line in|line \d+ of) (/\S+?\.conf)")


class View:
    """All that kmod says of a root now, and what follows. PROGRAMS: by its programs, too, which take longer than its
    library."""

    def __init__(self, oracle, root, recipe, programs):
        releases = recipe.releases()
        drivers = sorted(recipe.drivers_of())
        modaliases = [part.modalias for part in recipe.of("device")]
        refused = table.refused_modules(root)
        self.releases = releases
        self.shown, self.index, self.by_module = {}, {}, {}
        self.answers = answers = {release: oracle.ask(root, release, sorted(recipe.modules), modaliases) for release in releases}
        for name in drivers:
            for release in releases:
                self.index[name, release] = answers[release]["modules"][name]["path"] or ""
            found = [table.Release(root, release, name, self.index[name, release], answers[release],
                                   oracle.endings) for release in releases]
            if table.is_driver(found):
                self.by_module[name] = found
        for release in releases if programs else ():
            self.shown[release] = oracle.paths(root, release, drivers), oracle.show_depends(root, release, drivers)
        self.refused = refused
        self.modaliases = {name: self.modalias_of(recipe, name) for name in drivers}

    @staticmethod
    def modalias_of(recipe, name):
        alias = recipe.modules[name][1]
        return next((part.modalias for part in recipe.of("device") if part.modalias.startswith(alias[:24])), None)

    def drivers(self, running):
        return [table.Driver(name, self.modaliases[name], releases, running, self.refused)
                for name, releases in self.by_module.items()]

    def loaded(self, root):
        """What would be loaded, by its content: for who changes nothing of it."""
        return {key: digest(root, path) for key, path in self.index.items()}


def digest(root, path):
    real = resolve(root, path) if path.startswith("/") else None
    if not real or not os.path.isfile(root + real):
        return path
    with open(root + real, "rb") as file:
        return hashlib.sha256(file.read()).hexdigest()


def snapshot(root):
    """All that stands in a root but what the service writes for itself."""
    found = {}
    for top in ("etc", "opt", "lib/modules", "usr/lib/modules"):
        for directory, directories, files in os.walk(f"{root}/{top}"):
            for name in directories + files:
                path = f"{directory}/{name}"
                if os.path.islink(path):
                    found[path] = os.readlink(path)
                elif os.path.isfile(path):
                    with open(path, "rb") as file:
                        found[path] = file.read()
                else:
                    found[path] = "directory"
    return found


class Complaint:
    """One disagreement. KIND: what it is, whatever the driver and the release."""

    def __init__(self, kind, text):
        self.kind, self.text = kind, text

    def __str__(self):
        return self.text


def once(code, codes):
    """Of several modules that must be loaded before and can't be, any may be told, in each release another: CODE counts once."""
    return [each for i, each in enumerate(codes) if each != code or code not in codes[:i]]


class Comparison:
    """COMPLAINTS: what was found."""

    def __init__(self, recipe, tools, root):
        self.recipe, self.tools, self.root = recipe, tools, root
        self.oracle = tools.oracle
        self.complaints = []
        self.log = f"{tools.work}/log"
        self.stage = "as it was found"
        self.backwards = {}
        self.drivers = 0

    def complain(self, kind, text):
        self.complaints.append(Complaint(kind, f"{self.stage}: {text}"))

    def is_arbitrary(self, driver):
        """Whether the index names another file if directories are read backwards. Known of a host as it was found."""
        key = driver.module, driver.running.release
        return bool(self.backwards) and self.backwards[key] != driver.running.index

    def read_backwards(self):
        """The files that the index names if all files are made in reverse."""
        twin = Comparison(self.recipe, self.tools, f"{self.root}-backwards")
        try:
            twin.make(backwards=True)
            return View(self.oracle, twin.root, self.recipe, False).index
        finally:
            twin.remove()

    def make(self, backwards=False):
        os.mkdir(self.root)
        open(self.log, "w", encoding="utf-8").close()
        self.recipe.make(self.root, self.tools.pool, backwards)
        self.tools.jail.furnish(self.root)
        for part in self.recipe.of("kernel"):
            if part.index:
                self.oracle.depmod(self.root, part.release, part.fields.get("may_fail"))

    def remove(self):
        self.tools.jail.leave(self.root)
        if not self.tools.keep:
            shutil.rmtree(self.root)

    def resolve(self, release):
        """The file of each module, by the index."""
        try:
            self.make()
            names = self.recipe.drivers_of()
            return dict(zip(names, self.oracle.paths(self.root, release, names)))
        finally:
            self.remove()

    def run(self):
        try:
            self.make()
            view = self.view(programs=True)
            if self.tools.in_memory:
                self.backwards = self.read_backwards()
            self.drivers = len(view.by_module)
            self.compare_programs(view)
            self.compare_all(view)
            self.backwards = {}
            if not self.complaints:
                self.change(view)
        except RuntimeError as error:
            self.complain("error", str(error))
        finally:
            self.remove()
        return self.complaints

    def view(self, programs=False):
        return View(self.oracle, self.root, self.recipe, programs)

    def service(self, release):
        return Service(self.tools.bus, self.tools.programs, self.root, release, self.recipe.inside, self.log)

    def compare_all(self, view):
        for release in view.releases:
            with self.service(release) as service:
                self.compare(service, view, release)

    # --- what is said of a host ------------------------------------------------------------------------------------

    def compare(self, service, view, running):
        told = service.drivers()
        expected = {driver.module: driver for driver in view.drivers(running)}
        if sorted(told) != sorted(expected):
            self.complain("drivers", f"the drivers are {sorted(told)}, not {sorted(expected)}")
            return
        for name, driver in expected.items():
            self.name = f"{name} in {running}"
            self.compare_driver(service, told[name], driver, view, list(expected.values()))

    def expect(self, what, told, expected, more=""):
        if told != expected:
            kind = what.split(" at ")[0]
            if isinstance(told, list) and isinstance(expected, list):
                kind += f": {sorted(map(str, surplus(told, expected)))} {sorted(map(str, surplus(expected, told)))}"
            self.complain(kind, f"{self.name}: {what} is {told!r}, but should be {expected!r}{more}")

    def compare_driver(self, service, told, driver, view, others):
        builds = self.builds(told, driver)
        selected = {r.release: builds.get(r.selected.build, "?") if r.selected else "" for r in driver.releases}
        self.expect("SelectedByKernel", told["SelectedByKernel"], selected)
        self.expect("Selected", told["Selected"], selected[driver.running.release])
        self.expect("Effective", told["Effective"], driver.effective())
        codes = once("dependency-blocked", sorted(code for _, code, _ in told["Problems"]))
        sentences = "".join(f"\n    {code}: {sentence}" for _, code, sentence in told["Problems"])
        self.expect("Problems", codes, once("dependency-blocked", driver.codes(others)), sentences)
        Why(self, driver, service.why(told), told["Effective"]).compare()

    def builds(self, told, driver):
        """The id of each build that stands on the disk."""
        found = {}
        for name, details in told["VersionDetails"].items():
            tree, package = details["tree"]["data"], details.get("package", {"data": ""})["data"]
            build = (tree, package, name.split("/")[-1])
            if build in found:
                self.complain("double", f"{self.name}: {name} and {found[build]} are the same version")
            found[build] = name
        there = {version.build for release in driver.releases for version in release.versions}
        self.expect("Versions", sorted(found), sorted(there))
        for build in there & set(found):
            releases = sorted(r.release for r in driver.releases if build in [v.build for v in r.versions])
            self.expect(f"kernels of {found[build]}", sorted(told["VersionDetails"][found[build]]["kernels"]["data"]), releases)
        return found

    def compare_programs(self, view):
        """What kmod's programs say against what its library said: the table rests on the latter."""
        for release, (paths, lines) in view.shown.items():
            self.name = release
            answers = view.answers[release]["modules"]
            names = self.recipe.drivers_of()
            known = [view.index[name, release] or "(builtin)" for name in sorted(names)
                     if view.index[name, release] or answers[name]["builtin"]]
            self.expect("modinfo -n", paths, known)
            said = [line.split()[1] for line in lines if line.startswith("insmod ")]
            self.expect("modprobe -D", said, [file for name in sorted(names)
                                              for _, command, file in answers[name]["named"] if command is None and file])

    # --- what the service does ---------------------------------------------------------------------------------------

    def change(self, view):
        changes = self.recipe.of("change")
        if not changes or not view.by_module:
            return
        running = self.recipe.releases()[-1]
        with self.service(running) as service:
            for change in changes:
                if not self.complaints:
                    view = self.carry_out(service, change, running, view)
        if not self.complaints:
            # A service that knows nothing but the disk and what it has written, and another kernel.
            other = self.recipe.releases()[0]
            with self.service(other) as service:
                self.compare(service, view, other)

    def words_for(self, driver, change):
        words = [change.verb, change.driver]
        # Else the name may be that of a package.
        if not driver and change.verb != "adopt":
            return None
        if change.verb == "select":
            # By number; the fixtures want the last one.
            words.append(driver["Versions"][change.choice % len(driver["Versions"])])
        if change.verb == "deselect":
            words.append("--force")
        if change.release in self.recipe.releases():
            words.append(f"--kernel={change.release}")
        return words

    def carry_out(self, service, change, running, before):
        told = service.drivers().get(change.driver)
        words = self.words_for(told, change)
        if not words:
            return before
        disk = snapshot(self.root)
        findings = service.check(told, words[2]) if change.verb == "select" and change.release == "" else []
        done, output = service.change(*words)
        self.stage = f"after {' '.join(words)} ({'done' if done else output.strip()})"
        after = self.view()
        if done:
            self.compare_done(change, before, after)
        elif snapshot(self.root) != disk:
            self.complain("changed", f"it changed {changed(disk, snapshot(self.root))}")
        if "ended with" in output or "failed" in output:
            self.complain("failed", f"the job failed, though nothing spoke against it: {output}{service.told()}")
        # To select what is selected and effective is to do nothing, whatever speaks against it.
        if done and snapshot(self.root) != disk and [code for severity, code, _ in findings if severity == "error"]:
            self.complain("check", f"check had said {findings}")
        self.compare(service, after, running)
        return after

    def compare_done(self, change, before, after):
        """What else would be loaded than before: only what was asked for."""
        was, now = before.loaded(self.root), after.loaded(self.root)
        touched = {change.driver} if change.verb != "adopt" else set()
        if change.verb != "adopt":
            touched |= set(self.together(after, change.driver) | self.together(before, change.driver))
        # Those that had no index have one now.
        indexed = {r.release for releases in before.by_module.values() for r in releases if not r.has_index}
        for key in was:
            if was[key] != now[key] and key[0] not in touched and key[1] not in indexed:
                self.complain("touched", f"{key[0]} in {key[1]} would be loaded from {after.index[key]}, not {before.index[key]}")

    @staticmethod
    def together(view, module):
        """Modules that a build of MODULE ships as well."""
        builds = {v.build for r in view.by_module.get(module, ()) for v in r.versions if v.tree != "kernel"}
        return {name for name, releases in view.by_module.items()
                if builds & {v.build for r in releases for v in r.versions}}


def changed(before, after):
    return sorted(path for path in set(before) | set(after) if before.get(path) != after.get(path))


def surplus(these, those):
    """Those of THESE that aren't among THOSE, as often."""
    left = list(these)
    for item in those:
        if item in left:
            left.remove(item)
    return left


class Why:
    """What Why() says of one driver in the running release."""

    def __init__(self, comparison, driver, told, effective):
        self.comparison, self.driver, self.effective = comparison, driver, effective
        self.told = told
        self.index = driver.running.index

    def compare(self):
        comparison, release = self.comparison, self.driver.running
        paths = sorted(path for path, _, _, _ in self.told)
        comparison.expect("the list of Why()", paths, self.candidates())
        marked = [path for path, _, effective, _ in self.told if effective]
        comparison.expect("what Why() marks", marked, [self.effective] if self.effective else [])
        if self.told and self.index and self.told[0][0] != self.index:
            comparison.complain("first", f"{comparison.name}: Why() begins with {self.told[0][0]}, not {self.index}")
        for path, version, _, reason in self.told:
            known = release.version_of(path)
            comparison.expect(f"the version at {path}", bool(version), bool(known))
            self.compare_reason(path, reason)

    def candidates(self):
        release = self.driver.running
        found = release.place.walk(release.place.base, True)
        found += [path for path in self.external_files() if path not in found]
        if self.index and self.index not in found:
            found.append(self.index)
        return sorted(found)

    def external_files(self):
        """Of directories that a line for this release names."""
        found = []
        for directory in external_directories(self.comparison.root, self.driver.running.release):
            found += self.driver.running.place.walk(directory, True)
        return sorted(set(found))

    def compare_reason(self, path, reason):
        comparison = self.comparison
        if path == self.index and comparison.is_arbitrary(self.driver) and ORDER not in reason:
            comparison.complain("order", f"{comparison.name}: a directory that is read backwards has another file win than {path}, "
                                         f"but: {reason}")
        for file in REASON_FILE.findall(reason):
            if not os.path.exists(comparison.root + file):
                comparison.complain("no file", f"{comparison.name}: there is no {file}: {reason}")
        if self.driver.running.has_index and "run depmod" in reason:
            comparison.complain("stale " + reason[:30], f"{comparison.name}: the index is as depmod left it, but {path}: {reason}")
        if "only file" in reason and len(self.takes()) != 1:
            comparison.complain("only", f"{comparison.name}: depmod takes {self.takes()}, but {path}: {reason}")

    def takes(self):
        """Files that depmod could take: by their names and kinds alone."""
        root, endings = self.comparison.root, self.comparison.oracle.endings
        found = []
        for path, _, _, _ in self.told:
            real = resolve(root, path)
            if real and os.path.isfile(root + real) and path[path.index(".ko") + 3:] in endings and \
                    not self.is_excluded(path):
                found.append(path)
        return found

    def is_excluded(self, path):
        below = path[len(self.driver.running.place.base) + 1:].split("/")
        return bool(set(below) & (set(excluded_names(self.comparison.root)) | {"build", "source"}))


def depmod_lines(root):
    """The lines of depmod.d that count: of files of one name only the first (depmod.d(5))."""
    seen = {}
    for directory in ("etc", "run", "usr/local/lib", "usr/lib" if os.path.islink(f"{root}/lib") else "lib"):
        place = f"{root}/{directory}/depmod.d"
        for name in os.listdir(place) if os.path.isdir(place) else ():
            seen.setdefault(name, f"{place}/{name}")
    for name in sorted(seen):
        with open(seen[name], encoding="utf-8") as file:
            yield from (line.split() for line in file if line.strip() and not line.startswith("#"))


def external_directories(root, release):
    return [words[2] for words in depmod_lines(root)
            if words[0] == "external" and (words[1] == "*" or re.search(words[1], release))]


def excluded_names(root):
    return [words[1] for words in depmod_lines(root) if words[0] == "exclude"]


