# SPDX-License-Identifier: LGPL-2.1-or-later
"""The real service on a private bus, as its clients see it."""

import json
import os
import signal
import socket
import subprocess

PATIENCE = 60  # s
NAME = "org.hostdriver1"
# Where it is in a root.
DAEMON = "/usr/libexec/hostdriverd"
BUS = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:abstract=%s</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/>
  </policy>
</busconfig>
"""


class Bus:
    def __init__(self, work):
        # A name that is found from inside of a root, too.
        name = f"hostdriver-truth-{os.getpid()}"
        self.address, self.notify = f"unix:abstract={name}", f"{name}-notify"
        with open(f"{work}/bus.conf", "w", encoding="ascii") as file:
            file.write(BUS % name)
        self.process = subprocess.Popen(["dbus-daemon", f"--config-file={work}/bus.conf", "--nofork", "--print-address"],
                                        stdout=subprocess.PIPE, text=True)
        if not self.process.stdout.readline():
            raise RuntimeError("dbus-daemon ended")

    def close(self):
        self.process.terminate()
        self.process.wait(PATIENCE)
        self.process.stdout.close()


class Service:
    """hostdriverd for ROOT, which runs RELEASE: INSIDE, so that to the service it is "/", or from outside by --root.
    PROGRAMS: where its daemon and its client are."""

    def __init__(self, bus, programs, root, release, inside, log):
        self.bus, self.programs, self.log = bus, programs, log
        self.environment = dict(os.environ, DBUS_SYSTEM_BUS_ADDRESS=bus.address)
        ready = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        ready.bind("\0" + bus.notify)
        ready.settimeout(PATIENCE)
        with open(log, "a", encoding="utf-8") as file:
            command = ["chroot", root, DAEMON] if inside else [programs.daemon, f"--root={root}"]
            self.process = subprocess.Popen([*command, f"--kernel={release}"], stderr=file,
                                            env=dict(self.environment, NOTIFY_SOCKET="@" + bus.notify))
        try:
            while b"READY=1" not in ready.recv(4096):
                pass
        finally:
            ready.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait(PATIENCE) != 0:
            raise RuntimeError(f"hostdriverd ended with status {self.process.returncode}:\n{self.told()}")

    def told(self):
        with open(self.log, encoding="utf-8") as file:
            return file.read()

    def call(self, path, interface, method, *arguments):
        result = subprocess.run(["busctl", f"--address={self.bus.address}", "--json=short", "call", NAME, path, interface,
                                 method, *arguments], capture_output=True, text=True, check=False)
        if result.returncode != 0:
            raise RuntimeError(f"{method}: {result.stderr}\n{self.told()}")
        return json.loads(result.stdout)["data"] if result.stdout.strip() else []

    def drivers(self):
        """The properties of each driver, by its name."""
        objects = self.call("/org/hostdriver1", "org.freedesktop.DBus.ObjectManager", "GetManagedObjects")[0]
        found = {}
        for path, interfaces in objects.items():
            properties = interfaces.get("org.hostdriver1.Driver")
            if properties:
                values = {name: value["data"] for name, value in properties.items()}
                found[values["Name"]] = dict(values, path=path)
        return found

    def why(self, driver):
        return self.call(driver["path"], "org.hostdriver1.Driver", "Why")[0]

    def check(self, driver, version):
        return self.call(driver["path"], "org.hostdriver1.Driver", "Check", "sa{sv}", version, "0")[0]

    def change(self, *words):
        """Runs the client. Whether it was done, and what it printed."""
        result = subprocess.run([self.programs.client, "--no-ask-password", *words], env=self.environment,
                                capture_output=True, text=True, check=False, timeout=PATIENCE)
        if result.returncode not in (0, 1, 2, 3):
            raise RuntimeError(f"{words}: {result.returncode}: {result.stdout}{result.stderr}")
        return result.returncode == 0, result.stdout + result.stderr
