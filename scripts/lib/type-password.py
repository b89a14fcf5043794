#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs a command on a terminal of its own, and types a password there each time it is asked for one.

Usage: type-password.py PASSWORD COMMAND…   Ends with the command's exit status, or with 70 if nobody was asked.
"""

import os
import pty
import sys
import termios
import time

PROMPT = b"Password: "
NOBODY_ASKED = 70


def wait_until_hidden(terminal):
    """What is typed before the echo is off would be thrown away."""
    for _ in range(1000):
        if not termios.tcgetattr(terminal)[3] & termios.ECHO:
            return
        time.sleep(0.01)


def main():
    password, command = sys.argv[1], sys.argv[2:]
    if not sys.stdout.isatty():
        os.environ["TERM"] = "dumb"  # a file wants no colours and no bars
    process, terminal = pty.fork()
    if process == 0:
        os.execvp(command[0], command)
    asked, seen = 0, b""
    while True:
        try:
            piece = os.read(terminal, 4096)
        except OSError:  # as Linux says that nobody holds the other end any more
            break
        if not piece:
            break
        seen += piece
        os.write(sys.stdout.fileno(), piece.replace(b"\r", b""))
        if seen.endswith(PROMPT):
            wait_until_hidden(terminal)
            os.write(terminal, password.encode() + b"\n")
            asked, seen = asked + 1, b""
    status = os.waitstatus_to_exitcode(os.waitpid(process, 0)[1])
    return status if asked or status else NOBODY_ASKED


if __name__ == "__main__":
    sys.exit(main())
