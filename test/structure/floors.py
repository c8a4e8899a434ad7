# SPDX-License-Identifier: BSD-3-Clause
"""Includes go down the floors (docs/architecture.md), never up.

usage: floors.py SOURCE_ROOT

A file in include/backtrail/X/ or src/X/ stands on floor X and may include `backtrail/Y/...` only where
Y is the same folder or a lower floor. Files directly in include/backtrail/ are on top of everything;
no floor may include them. A folder that is not in the list is an error, and so is a header that does
not exist.
"""

import re
import sys
from pathlib import Path

from tap import Report

FLOORS = [
    {"core"}, {"ops"}, {"expr"}, {"graph"}, {"ad"}, {"plan"}, {"run"}, {"sweep"},
    {"nn", "optim", "io", "mpi", "inspect"},
]  # fmt: skip
LEVEL = {folder: level for level, folders in enumerate(FLOORS) for folder in folders}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def included(file):
    """(line number, header as in `backtrail/...`) for each of our own headers that `file` names."""
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if match := INCLUDE.match(line):
            quote, name = match.groups()
            if name.startswith("backtrail/") or quote == '"':
                yield number, name


def problems_of(file, folder, root):
    if folder not in LEVEL:
        return [f"{file}: folder '{folder}' is on no floor"]
    problems = []
    for number, name in included(file):
        where = f"{file.relative_to(root)}:{number}"
        if not name.startswith("backtrail/"):
            if not (file.parent / name).resolve().parent == file.parent.resolve():
                problems.append(f"{where}: \"{name}\" is not beside this file; include <backtrail/...>")
            continue
        if not (root / "include" / name).is_file():
            problems.append(f"{where}: <{name}> does not exist")
        parts = name.split("/")
        target = parts[1] if len(parts) > 2 else None
        if target is None:
            problems.append(f"{where}: <{name}> is above every floor")
        elif target != folder and LEVEL.get(target, len(FLOORS)) >= LEVEL[folder]:
            problems.append(f"{where}: <{name}> climbs from {folder} to {target}")
    return problems


def main(root):
    report = Report()
    by_folder = {}
    for base in (root / "include" / "backtrail", root / "src"):
        for file in sorted(p for p in base.rglob("*") if p.suffix in {".hpp", ".cpp"}):
            parts = file.relative_to(base).parts
            if len(parts) > 1:
                by_folder.setdefault(parts[0], []).append(file)
            elif base.name == "src":
                by_folder.setdefault("src", []).append(file)
    for folder, files in sorted(by_folder.items(), key=lambda item: LEVEL.get(item[0], -1)):
        report.check(folder, [problem for file in files for problem in problems_of(file, folder, root)])
    report.finish()


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
