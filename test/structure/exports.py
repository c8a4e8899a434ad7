# SPDX-License-Identifier: BSD-3-Clause
"""The shared library exports our own names and nothing else.

usage: exports.py SHARED_LIBRARY

Weak symbols are left out: instantiations of the standard library's templates are always visible.
"""

import sys

from symbols import symbols_of
from tap import Report


def main(library):
    strangers = [
        name for kind, name in symbols_of(library, "--dynamic") if kind not in "wWvVu" and "backtrail" not in name
    ]
    report = Report()
    report.check("exports", [f"exported, but not ours: {name}" for name in strangers])
    report.finish()


if __name__ == "__main__":
    main(sys.argv[1])
