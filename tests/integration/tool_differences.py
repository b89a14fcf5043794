# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares what XenServer's driver-tool and hostdriver's say of a tree of random_trees, and explains each difference.

An explanation is one of those of driver-tool(8), "DIFFERENCES", and holds only where the tree has what it is about.
What has none is a fault of one of the two.
"""

import os

from random_trees import FIELDS, canonical, drives

UNEXPLAINED = "unexplained"


class Differences(list):
    """Tuples of an explanation, and where and what differs."""

    def add(self, explanation, where, what=""):
        self.append((explanation or UNEXPLAINED, where, what))

    def compare(self, where, theirs, ours, *explanations):
        """Each explanation is a pair of a text, and whether it applies. The first one that does counts."""
        if theirs != ours:
            text = next((text for text, applies in explanations if applies), None)
            self.add(text, where, f"{theirs!r}, {ours!r}")


# --- what a tree's parts are called -------------------------------------------------------------------------------


def sound(variant):
    return variant.info is not None and variant.raw is None


def is_plain(text):
    return text != "" and all(character >= " " and character != "\x7f" for character in text)


def listed_as(told, directory, others):
    """The rule of driver-tool(8). OTHERS are what the others' directories and info.json say."""
    if len(told) == 1 and is_plain(next(iter(told))) and next(iter(told)) not in others:
        return next(iter(told))
    return directory


def told_names(package):
    return {variant.info["name"] for variant in package.variants if sound(variant) and "name" in variant.info}


def name_of(tree, package):
    others = set()
    for other in tree.packages:
        if other is not package:
            others |= told_names(other) | {other.directory}
    return listed_as(told_names(package), package.directory, others)


def told_variant(variant):
    return {variant.info["variant"]} if sound(variant) and "variant" in variant.info else set()


def label_of(package, variant):
    others = set()
    for other in package.variants:
        if other is not variant:
            others |= told_variant(other) | {other.directory}
    return listed_as(told_variant(variant), variant.directory, others)


# --- why XenServer's can't list ------------------------------------------------------------------------------------


def links_of(tree, package):
    """For each kernel the variant's directory that each of the package's links leads to; None: elsewhere."""
    result = {}
    for kernel in tree.kernels:
        for name, target in tree.links.get(kernel, {}).items():
            module = name.split(".ko")[0]
            if module in package.modules:
                parts = (target or "").split("/")
                inside = package.directory in parts
                result.setdefault(kernel, {})[module] = parts[parts.index(package.directory) + 1] if inside else None
    return result


def reason_to_fail(tree):
    """Whether there is what XenServer's tool isn't made for: it gives the whole list up then."""
    for package in tree.dmv():
        for variant in package.variants:
            if variant.raw is not None:
                return True
            if variant.info and any(name not in variant.info for name in FIELDS):
                return True
        if {"no-subsystem", "no-info", "subdirectory"} & package.odd:
            return True
    for kernel in tree.kernels:
        for target in tree.links.get(kernel, {}).values():
            path = os.path.dirname(target or "")
            if target and not any(f"dmv/{package.directory}/{variant.directory}" in path and kernel in variant.kernels
                                  for package in tree.dmv() for variant in package.variants):
                return True  # no info.json beside what it leads to
    for module, loaded in tree.loaded.items():
        # It reads three notes, and stops at the one of type 1.
        if loaded.records and 1 not in [kind for kind, _ in loaded.records[:3]] and canonical(module) == module:
            return True
    return False


# --- the list ------------------------------------------------------------------------------------------------------


def info_ids(variant):
    return [one for ids in (variant.info or {}).get("pci_ids", {}).values() for one in ids]


def matches(one, device, spell):
    return all(one.get(key, "*") in ("*", text) or spell(one.get(key, "*")) == text
               for key, text in zip(["vendor_id", "device_id", "subvendor_id", "subdevice_id"], device))


def compare_hardware(differences, tree, variant, where, theirs, ours):
    patterns = [pattern for some in variant.aliases.values() for pattern in some]
    spelled = any(matches(one, device, lambda text: text.lower().removeprefix("0x"))
                  for one in info_ids(variant) for device in tree.devices)
    foreign = any(matches(one, device, str) for file, ids in variant.info["pci_ids"].items()
                  if file.removesuffix(".ko") not in variant.files for one in ids for device in tree.devices)
    silent = any(not variant.aliases[module] and not variant.info["pci_ids"].get(f"{module}.ko")
                 for module in variant.files)
    differences.compare(where, theirs, ours,
                        ("hardware by aliases", ours and any(drives(patterns, device) for device in tree.devices)),
                        ("hardware by spelling", ours and spelled),
                        ("hardware unknown", ours and (silent or not tree.devices)),
                        ("hardware of a module that isn't there", theirs and foreign))


def compare_variant(differences, tree, package, variant, where, theirs, ours):
    odd_text = "odd-text" in package.odd
    differences.compare(f"{where} version", theirs["version"], ours["version"], ("text", odd_text))
    differences.compare(f"{where} status", theirs["status"], ours["status"], ("text", odd_text))
    differences.compare(f"{where} priority", theirs["priority"], ours["priority"],
                        ("priority", "odd-priority" in package.odd))
    compare_hardware(differences, tree, variant, f"{where} hardware_present", theirs["hardware_present"],
                     ours["hardware_present"])


def compare_variants(differences, tree, package, theirs, ours):
    expected = {label_of(package, variant): variant for variant in package.variants}
    differences.compare(f"{package.directory} variants", sorted(expected), sorted(ours))
    for label, variant in expected.items():
        if label not in ours:
            continue
        told = told_variant(variant)
        alone = sum(told_variant(other) == told for other in package.variants) == 1
        where = f"{package.directory} {variant.directory}"
        if told == {label} and alone:
            if label in theirs:
                compare_variant(differences, tree, package, variant, where, theirs[label], ours[label])
            else:
                differences.add(None, where, "it isn't listed")
        else:
            differences.add("names", where, f"{told}, {label}")
    differences.compare(f"{package.directory} their variants", set(theirs) <= {name for variant in package.variants
                                                                             for name in told_variant(variant)}, True)


def compare_selected(differences, tree, package, theirs, ours):
    links = links_of(tree, package)
    here = links.get(tree.running, {})
    chosen = set(here.values())
    files = {module: path for variant in package.variants if variant.directory in chosen
             for module, path in variant.files.items()}
    others = {directory for kernel, some in links.items() if kernel != tree.running for directory in some.values()}
    keys = {file for variant in package.variants if variant.info for file in variant.info["pci_ids"]}
    differences.compare(f"{package.directory} selected", theirs, ours,
                        ("selected in several kernels", bool(others) and others != chosen),
                        ("modules disagree", len(chosen) > 1 or set(files) != set(here)),
                        ("compressed", any(".xz" in path for path in files.values())),
                        ("names", bool({"variant-twice", "variant-differs"} & package.odd)),
                        ("modules of info.json", any(f"{module}.ko" not in keys for module in here)),
                        ("modules of info.json", bool({"key-extra", "key-missing"} & package.odd)))


def compare_active(differences, tree, package, theirs, ours):
    loaded = {module: tree.loaded[module] for module in package.modules if module in tree.loaded}
    noted = {dict(reversed(one.records)).get(1) for one in loaded.values()}
    names = {name for variant in package.variants for name in told_variant(variant)}
    keys = {file for variant in package.variants if variant.info for file in variant.info["pci_ids"]}
    differences.compare(f"{package.directory} active", theirs, ours,
                        ("dashes", any("-" in module for module in loaded)),
                        ("modules disagree", len({one.variant for one in loaded.values()}) > 1),
                        ("notes of others", bool(noted - names)),
                        ("names", bool({"variant-twice", "variant-differs"} & package.odd)),
                        ("modules of info.json", any(f"{module}.ko" not in keys for module in loaded)),
                        ("modules of info.json", "key-extra" in package.odd))


def compare_loaded(differences, tree, package, theirs, ours):
    expected = sorted(f"{module}.ko" for module in package.modules if module in tree.loaded)
    differences.compare(f"{package.directory} our loaded modules", expected, sorted(ours))
    if len(theirs) != len(set(theirs)):
        differences.add("loaded modules repeated", f"{package.directory} loaded modules", str(theirs))
    for file in set(theirs) ^ set(ours):
        module = file.removesuffix(".ko")
        loaded = tree.loaded.get(module)
        explanation = ("modules of info.json" if file in theirs and module not in package.modules else
                       "dashes" if file in ours and "-" in module else
                       "loaded without a note" if file in ours and not loaded.records else
                       "modules of info.json" if file in ours and "key-missing" in package.odd else None)
        differences.add(explanation, f"{package.directory} loaded modules", file)


def compare_driver(differences, tree, package, theirs, ours):
    where = package.directory
    differences.compare(f"{where} type", theirs["type"], ours["type"],
                        ("texts of variants", "category-differs" in package.odd))
    differences.compare(f"{where} description", theirs["description"], ours["description"],
                        ("text", "odd-text" in package.odd), ("texts of variants", "kernels-differ" in package.odd))
    for key in ["friendly_name", "info"]:
        differences.compare(f"{where} {key}", theirs[key], ours[key])
    compare_selected(differences, tree, package, theirs["selected"], ours["selected"])
    compare_active(differences, tree, package, theirs["active"], ours["active"])
    compare_loaded(differences, tree, package, theirs["loaded modules"], ours["loaded modules"])
    compare_variants(differences, tree, package, theirs["variants"], ours["variants"])


def compare_lists(differences, tree, theirs, ours):
    """OURS is a list, THEIRS is one or the text of an exception."""
    expected = {name_of(tree, package): package for package in tree.packages}
    differences.compare("drivers", sorted(expected), sorted(ours["drivers"]))
    if isinstance(theirs, str):
        differences.add("no list at all" if reason_to_fail(tree) else None, "drivers", theirs)
        return
    differences.compare("protocol", theirs["protocol"], ours["protocol"])
    differences.compare("reboot", theirs["operation"]["reboot"], ours["operation"]["reboot"],
                        ("reboot", bool(tree.loaded)))
    for name, package in expected.items():
        told = told_names(package)
        if package.tree != "dmv":
            differences.add("another tree", package.directory, name)
        elif told == {name} and name in theirs["drivers"] and name in ours["drivers"]:
            compare_driver(differences, tree, package, theirs["drivers"][name], ours["drivers"][name])
        else:
            differences.add("names" if told != {name} else None, package.directory, f"{told}, {name}")
    differences.compare("their drivers", set(theirs["drivers"]), {name for package in tree.dmv()
                                                                 for name in told_names(package)})


# --- a selection ---------------------------------------------------------------------------------------------------


def is_served(listed, tree, package, variant):
    """Whether our list says that the variant's hardware is there."""
    return listed["drivers"][name_of(tree, package)]["variants"][label_of(package, variant)]["hardware_present"]


def compare_selections(differences, tree, package, variant, listed, theirs, ours, sentence):
    """THEIRS and OURS: a pair of whether it worked (or what went wrong) and, for each kernel, what links lead to.
    LISTED is our list, and SENTENCE ours."""
    where = f"select {package.directory if package else '-'} {variant.directory if variant else '-'}"
    files = variant.files if variant else {}
    compressed = [path for path in files.values() if path.endswith(".xz")]
    plain = [name for some in tree.links.values() for name, target in some.items()
             if target is None and name.split(".ko")[0] in files]
    differences.compare(where, theirs[0], ours[0],
                        ("refused without hardware", ours[0] == 19 and (theirs[0] == 0 or bool(compressed))
                         and not is_served(listed, tree, package, variant)),
                        ("refused by a check", ours[0] == 8 and "device-dropped" in sentence),
                        ("refused for a file in the way", ours[0] == 17 and bool(plain)
                         and (theirs[0] == 0 or bool(compressed))),
                        ("compressed", theirs[0] == 2 and ours[0] == 0 and len(compressed) == len(files)))
    if theirs[0] != 0 or ours[0] != 0:
        return
    for kernel in tree.kernels:
        for path in files.values():
            name = os.path.basename(path)
            differences.compare(f"{where} {kernel} {name}", theirs[1][kernel].get(name), ours[1][kernel].get(name),
                                ("compressed", name.endswith(".xz")))
        stale = {name for name in theirs[1][kernel] if name.split(".ko")[0] in package.modules} - {
            os.path.basename(path) for path in files.values()}
        if kernel in variant.kernels and any(theirs[1][kernel][name] != ours[1][kernel].get(name) for name in stale):
            differences.add("the whole package", f"{where} {kernel}", str(stale))
