# SPDX-License-Identifier: BSD-3-Clause
"""The programs in the manual are the files that were compiled, and their outputs are real.

usage: documents.py SOURCE_ROOT PROGRAM...    (the built programs of example/docs)

In README.md, CONTRIBUTING.md and docs/**/*.md:

    <!-- file: example/docs/NAME.cpp -->      the code block that follows is that file's text
    <!-- output of: NAME -->                  the code block that follows is what it prints

The file may begin with comments that say what it is; the block shows what comes after the first
blank line. Every ```cpp block that is a whole program (it has a main) must be marked so, and every
program in example/docs must be shown somewhere. It must include what it uses of ours, although the
build has the umbrella header compiled before it.
"""

import re
import subprocess
import sys
from pathlib import Path

from tap import Report

MARK = re.compile(r"^<!-- (file|output of): (\S+) -->$")
MAIN = re.compile(r"^(int|auto) main\(", re.MULTILINE)


def documents(root):
    found = [root / "README.md", root / "CONTRIBUTING.md", *sorted((root / "docs").rglob("*.md"))]
    return [file for file in found if file.is_file()]


def blocks(text):
    """(line number, language, text, mark or None) of each fenced block."""
    mark, fence, start, body = None, None, 0, []
    for number, line in enumerate(text.splitlines(), 1):
        if fence is None and line.startswith("```"):
            fence, start, body = line[3:].strip(), number, []
        elif fence is not None and line.strip() == "```":
            yield start, fence, "\n".join(body), mark
            mark, fence = None, None
        elif fence is not None:
            body.append(line)
        elif match := MARK.match(line.strip()):
            mark = match.groups()
        elif line.strip():
            mark = None


def normal(text):
    return "\n".join(line.rstrip() for line in text.strip("\n").splitlines())


def shown_part(text):
    """A file's text without the comments at its top."""
    head, _, rest = text.partition("\n\n")
    is_comment = all(line.startswith("//") for line in head.splitlines())
    return rest if is_comment else text


def difference(shown, real):
    """The first line where the two differ, or nothing."""
    shown_lines, real_lines = normal(shown).splitlines(), normal(real).splitlines()
    for i in range(max(len(shown_lines), len(real_lines))):
        pair = [lines[i] if i < len(lines) else "(nothing)" for lines in (shown_lines, real_lines)]
        if pair[0] != pair[1]:
            return [f"line {i + 1} shows  {pair[0]}", f"line {i + 1} really {pair[1]}"]
    return []


def check_block(root, programs, language, body, mark):
    if mark is None:
        return ["a whole program without <!-- file: ... -->"]
    kind, name = mark
    if kind == "file":
        file = root / name
        if not file.is_file():
            return [f"{name} does not exist"]
        if file.stem not in programs:
            return [f"{name} is not built: see example/meson.build"]
        text = file.read_text(encoding="utf-8")
        if "#include <backtrail/backtrail.hpp>" not in text:
            return [f"{name} does not include <backtrail/backtrail.hpp>"]
        return difference(body, shown_part(text))
    if name not in programs:
        return [f"no program {name} is built: see example/meson.build"]
    run = subprocess.run([programs[name]], capture_output=True, text=True, cwd=root, timeout=300)
    if run.returncode != 0:
        return [f"{name} exits with {run.returncode}", *run.stderr.splitlines()]
    return difference(body, run.stdout)


def main(root, paths):
    programs = {Path(path).name: Path(path).resolve() for path in paths}
    report, shown = Report(), set()
    for document in documents(root):
        for number, language, body, mark in blocks(document.read_text(encoding="utf-8")):
            if mark is None and not (language == "cpp" and MAIN.search(body)):
                continue
            where = f"{document.relative_to(root)}:{number}"
            report.check(where, check_block(root, programs, language, body, mark))
            if mark and mark[0] == "file":
                shown.add(Path(mark[1]).stem)
    files = {file.stem for file in (root / "example" / "docs").glob("*.cpp")}
    unseen = sorted(files.union(programs) - shown)
    report.check("every program is shown", [f"example/docs/{name}.cpp is in no document" for name in unseen])
    report.finish()


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), sys.argv[2:])
