#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Counts each test case in the logs of `meson test`: one line KIND, SUITE, NAME, REASON with tabs between; and one line
"time", SUITE, "", SECONDS for each suite.

Usage: meson-results.py LABEL LOG.json…   A log without any test is an error: nothing ran.
"""

import json
import re
import sys

TAP_LINE = re.compile(r"^(ok|not ok)\b\s*(\d+)?\s*-?\s*([^#]*)(?:#\s*(SKIP|TODO)\b\s*(.*))?$", re.I)


def cases_of_tap(output):
    """The (kind, name, reason) of each line of TAP. Lines of subtests are indented and don't count."""
    for line in output.splitlines():
        found = TAP_LINE.match(line)
        if not found:
            continue
        good, _, name, directive, reason = found.groups()
        if directive and directive.upper() == "SKIP":
            yield "skip", name.strip(), reason or "no reason given"
        elif good == "ok" or directive:
            yield "pass", name.strip(), ""
        else:
            yield "fail", name.strip(), ""


def cases_of(test):
    """The cases of one test program: those of its TAP, and the program itself if it ended badly."""
    output = test.get("stdout") or ""
    result = test["result"]
    cases = list(cases_of_tap(output))
    if not cases:
        if result in ("OK", "EXPECTEDFAIL"):
            return [("pass", "", "")]
        if result == "SKIP":
            lines = [line for line in (output + (test.get("stderr") or "")).splitlines() if line.strip()]
            return [("skip", "", lines[-1] if lines else "no reason given")]
        return [("fail", "", result.lower())]
    if result not in ("OK", "EXPECTEDFAIL", "SKIP") and not any(kind == "fail" for kind, _, _ in cases):
        cases.append(("fail", "", f"{result.lower()}, exit status {test.get('returncode')}"))
    return cases


def main():
    label, logs = sys.argv[1], sys.argv[2:]
    tests = 0
    seconds = {}
    for log in logs:
        with open(log, encoding="utf-8") as file:
            for line in file:
                test = json.loads(line)
                tests += 1
                # "hostdriver:unit / fs" in meson's words.
                suite, _, name = test["name"].partition(" / ")
                suite = suite.partition(":")[2] or suite
                if not name:
                    suite, name = label, test["name"]
                if label == "valgrind":
                    suite = label
                seconds[suite] = seconds.get(suite, 0) + test.get("duration", 0)
                for kind, case, reason in cases_of(test):
                    print(kind, suite, f"{name} {case}".strip(), reason.replace("\t", " "), sep="\t")
    for suite, sum_of_suite in seconds.items():
        print("time", suite, "", f"{sum_of_suite:.0f}", sep="\t")
    if not tests:
        print(f"{sys.argv[0]}: no test ran", file=sys.stderr)
    return 0 if tests else 1


if __name__ == "__main__":
    sys.exit(main())
