# SPDX-License-Identifier: BSD-3-Clause
"""TAP for the checks in this folder: one line per check, failures explained on stderr."""

import sys


class Report:
    def __init__(self):
        self.count = 0
        self.failed = 0

    def check(self, name, problems):
        """One check: it passed if `problems` (a list of lines) is empty."""
        self.count += 1
        self.failed += bool(problems)
        print(f"{'not ok' if problems else 'ok'} {self.count} - {name}", flush=True)
        for problem in problems:
            print(f"{name}: {problem}", file=sys.stderr)

    def skip(self, name, reason):
        self.count += 1
        print(f"ok {self.count} - {name} # SKIP {reason}", flush=True)
        print(f"{name} was SKIPPED: {reason}", file=sys.stderr)

    def finish(self):
        print(f"1..{self.count}")
        sys.exit(1 if self.failed else 0)
