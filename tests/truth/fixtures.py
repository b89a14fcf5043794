# SPDX-License-Identifier: LGPL-2.1-or-later
"""The layouts of kmod's own test suite (testsuite/ of kmod 34), rebuilt, each with versions of its modules beside what
it has: first nothing is selected, then a version by a link, then by the service, which deselects it at last.

Left out is what says nothing of which file is loaded: forced loading, files by their path, exported symbols, output
directories, what /sys says of loaded modules, and options of modules."""

from generator import Switches
from recipe import MODULES, Part, Recipe

RELEASE = "4.4.4"
EXTERNAL = f"/{MODULES}/external"
SEARCHES_EXTERNAL = "external 4\\.4\\..* " + EXTERNAL


def row(name, modules, files, wins=None, depmod=(), modprobe=(), cmdline=None, builtin=(), depmod_fails=False):
    """MODULES: name → what it needs. FILES: paths below the module directory, or absolute ones. WINS: module → the file
    that kmod's test has it be, before there are versions."""
    return dict(locals())


FIXTURES = (
    row("search-order-simple", {"mod_simple": ()}, ["kernel/crypto/mod-simple.ko", "updates/mod-simple.ko"],
        {"mod_simple": "updates/mod-simple.ko"}, ["search updates built-in"]),
    row("search-order-same-prefix", {"mod_simple": ()}, ["foo/mod-simple.ko", "foobar/mod-simple.ko"],
        {"mod_simple": "foobar/mod-simple.ko"}, ["search foobar foo built-in"]),
    row("search-order-external-first", {"mod_simple": ()},
        ["foo/mod-simple.ko", "foobar/mod-simple.ko", EXTERNAL + "/mod-simple.ko"],
        {"mod_simple": EXTERNAL + "/mod-simple.ko"}, [SEARCHES_EXTERNAL, "search external foobar foo built-in"]),
    row("search-order-external-last", {"mod_simple": ()},
        ["foo/mod-simple.ko", "foobar/mod-simple.ko", EXTERNAL + "/mod-simple.ko"],
        {"mod_simple": "foobar/mod-simple.ko"}, [SEARCHES_EXTERNAL, "search foobar foo built-in external"]),
    row("search-order-override", {"mod_simple": ()}, ["foo/mod-simple.ko", "override/mod-simple.ko"],
        {"mod_simple": "override/mod-simple.ko"}, ["override mod-simple 4.4.4 override", "search foo built-in"]),
    row("detect-loop", {"mod_loop_a": ("mod_loop_b",), "mod_loop_b": ("mod_loop_c",), "mod_loop_c": ("mod_loop_a",),
                        "mod_loop_f": ("mod_loop_a",)},
        [f"kernel/mod-loop-{letter}.ko" for letter in "abcf"], depmod_fails=True),
    row("modules-order-compressed", {"cciss": (), "hpsa": ("scsi_mod",), "scsi_mod": ()},
        ["kernel/drivers/block/cciss.ko.xz", "kernel/drivers/scsi/hpsa.ko.xz", "kernel/drivers/scsi/scsi_mod.ko.xz"],
        {"hpsa": "kernel/drivers/scsi/hpsa.ko.xz"}),
    row("dependencies", {"mod_foo": ("mod_foo_a", "mod_foo_b"), "mod_foo_a": (), "mod_foo_b": ("mod_foo_c",), "mod_foo_c": ()},
        ["kernel/fs/foo/mod-foo-b.ko", "kernel/mod-foo-c.ko", "kernel/lib/mod-foo-a.ko", "kernel/fs/mod-foo.ko"],
        {"mod_foo": "kernel/fs/mod-foo.ko"}),
    row("external", {"mod_simple": ()}, [EXTERNAL + "/mod-simple.ko"], {"mod_simple": EXTERNAL + "/mod-simple.ko"},
        [SEARCHES_EXTERNAL, "search updates external built-in"]),
    row("builtin", {"unix": (), "mod_simple": ()}, ["kernel/mod-simple.ko"], builtin=["kernel/unix.ko"]),
    row("alias-to-none", {"mod_simple": ()}, ["kernel/mod-simple.ko"], modprobe=["alias mod-simple deaddood"]),
    row("from-alias", {"ext4": ()}, ["kernel/ext4.ko"], modprobe=["alias ext4.* ext4"]),
    row("from-name", {"snd_hda_intel": (), "snd_timer": (), "iTCO_wdt": ()},
        ["kernel/snd-hda-intel.ko", "kernel/snd-timer.ko", "kernel/iTCO_wdt.ko"]),
    row("blacklist", {"floppy": (), "pcspkr": (), "mod_simple": ()},
        ["kernel/floppy.ko", "kernel/pcspkr.ko", "kernel/mod-simple.ko"], modprobe=["blacklist floppy", "blacklist pcspkr"]),
    row("show-depends", {"mod_loop_a": ("mod_loop_b",), "mod_loop_b": (), "mod_simple": ()},
        ["kernel/mod-loop-a.ko", "kernel/mod-loop-b.ko", "kernel/mod-simple.ko"]),
    row("install-cmd-loop", {"mod_loop_a": ("mod_loop_b",), "mod_loop_b": ()}, ["kernel/mod-loop-a.ko", "kernel/mod-loop-b.ko"],
        modprobe=["install mod-loop-b /sbin/modprobe --ignore-install mod-loop-b && { /sbin/modprobe --quiet mod-loop-a ; }"]),
    row("softdep-loop", {"mod_loop_a": ("mod_loop_b",), "mod_loop_b": ()}, ["kernel/mod-loop-a.ko", "kernel/mod-loop-b.ko"],
        modprobe=["softdep mod-loop-b post: mod-loop-a"]),
    row("weakdep-loop", {"mod_loop_a": ("mod_loop_b",), "mod_loop_b": (), "mod_simple": ()},
        ["kernel/mod-loop-a.ko", "kernel/mod-loop-b.ko", "kernel/mod-simple.ko"],
        modprobe=["weakdep mod-loop-b mod-loop-a mod-simple"]),
    row("multi-softdep", {"mod_softdep_a": (), "mod_softdep_b": (), "mod_foo_a": (), "mod_foo_b": (), "mod_foo_c": ()},
        [f"kernel/mod-{name}.ko" for name in ("softdep-a", "softdep-b", "foo-a", "foo-b", "foo-c")],
        modprobe=["softdep\tmod-softdep-a\tpre: mod-foo-a", "softdep\tmod-softdep-a\tpre: mod-foo-b",
                  "softdep\tmod-softdep-a\tpost: mod-foo-c", "softdep\tmod-softdep-b\tpre: mod-foo-a",
                  "softdep\tmod-softdep-b\tpost: mod-foo-b mod-foo-c"]),
    row("param-kcmdline", {"psmouse": ()}, ["kernel/psmouse.ko"],
        cmdline='psmouse.foo psmouse.bar=1 psmouse.foobar="test 1" psmouse."invalid option" " notamodule" "no module=1 " quiet rw'),
    row("param-kcmdline-blacklist", {"foo": (), "bar": (), "foo2": (), "bar2": (), "foobar": (), "mod_simple": ()},
        [f"kernel/{name}.ko" for name in ("foo", "bar", "foo2", "bar2", "foobar", "mod-simple")],
        cmdline="modprobe.blacklist=foo,bar modprobe.blacklist=foo2 quiet modprobe.blacklist=bar2 rw modprobe.blacklist=foobar"),
)


def place(path):
    return path[1:] if path.startswith("/") else f"{MODULES}/{RELEASE}/{path}"


def plain(fixture):
    """The layout as it is."""
    parts = [Part("kernel", release=RELEASE, builtin=list(fixture["builtin"]), index=True, may_fail=fixture["depmod_fails"])]
    for path in fixture["files"]:
        name = path.split("/")[-1].split(".")[0].replace("-", "_")
        parts.append(Part("file", path=place(path), release=RELEASE, module=name, version="0"))
    parts += [Part("line", file="etc/depmod.d/fixture.conf", text=line) for line in fixture["depmod"]]
    parts += [Part("line", file="etc/modprobe.d/fixture.conf", text=line) for line in fixture["modprobe"]]
    if fixture["cmdline"]:
        parts.append(Part("line", file="proc/cmdline", text=fixture["cmdline"]))
    return Recipe(parts, modules(fixture))


def modules(fixture):
    return {name: (needs, f"pci:v00008086d0000{number:04X}sv*sd*bc*sc*i*")
            for number, (name, needs) in enumerate(fixture["modules"].items())}


def recipes(fixture):
    """With versions: nothing selected; the older one linked; and what the service does."""
    base = plain(fixture)
    names = list(fixture["modules"])
    for number, name in enumerate(names):
        base.parts.append(Part("device", name=f"0000:00:{number:02x}.0",
                               modalias=f"pci:v00008086d0000{number:04X}sv00008086sd00000000bc02sc00i00"))
        for version in ("1", "2"):
            base.parts.append(Part("file", path=place(f"xenserver/{name}/{version}/{name}.ko"), release=RELEASE, module=name,
                                   version=version))
    yield base
    linked = base.with_parts(list(base.parts))
    present = {path for path in fixture["files"] if path.startswith("updates/")}
    for name in names:
        if not [path for path in present if path.split("/")[-1].replace("-", "_") == f"{name}.ko"]:
            linked.parts.append(Part("link", path=place(f"updates/{name}.ko"), target=f"../xenserver/{name}/1/{name}.ko"))
    yield linked
    if fixture["depmod_fails"]:
        return
    for inside in (True, *[False] * (Switches.from_outside or EXTERNAL not in str(base))):
        changed = base.with_parts(list(base.parts))
        changed.inside = inside
        for verb in ("select", "deselect", "select"):
            changed.parts += [Part("change", verb=verb, driver=name, choice=-1, release="") for name in names]
        yield changed
