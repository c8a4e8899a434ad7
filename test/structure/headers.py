# SPDX-License-Identifier: BSD-3-Clause
"""Every header compiles on its own, and the handles alone come without xtensor and xsimd.

usage: headers.py SOURCE_ROOT BUILD_ROOT

The compiler and its flags are those of the library's first source in compile_commands.json. A header
that compiled is not compiled again until it, or one of ours that it includes, or the command changes.
"""

import hashlib
import json
import os
import re
import shlex
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tap import Report

FOREIGN = re.compile(r'^\s*#\s*include\s*[<"](xtensor|xsimd)/', re.MULTILINE)
INCLUDE = re.compile(r'^\s*#\s*include\s*[<"](backtrail/[^>"]+)[>"]', re.MULTILINE)


def library_command(source_root, build_root):
    """The compiler and the flags that the library is compiled with, without its input and output."""
    entries = json.loads((build_root / "compile_commands.json").read_text())
    source_folder = source_root / "src"
    entry = next(e for e in entries if source_folder in (build_root / e["file"]).resolve().parents)
    words, command = iter(shlex.split(entry["command"])), []
    for word in words:
        if word in {"-o", "-MF", "-MQ", "-c"}:
            next(words)
        elif word != "-MD":
            command.append(word)
    return [word for word in command if Path(word).name != "ccache"]


def closure(header, include_root, seen=None):
    """`header` and all of our headers that it reaches."""
    seen = set() if seen is None else seen
    if header not in seen and (include_root / header).is_file():
        seen.add(header)
        for name in INCLUDE.findall((include_root / header).read_text(encoding="utf-8")):
            closure(name, include_root, seen)
    return seen


def main(source_root, build_root):
    include_root = source_root / "include"
    command = library_command(source_root, build_root)
    version = subprocess.run([command[0], "--version"], capture_output=True, text=True).stdout
    cache_file = build_root / "headers_that_compile.json"
    known = set(json.loads(cache_file.read_text())) if cache_file.is_file() else set()

    def fingerprint(header):
        digest = hashlib.sha256(f"{command} {version} {header}".encode())
        for name in sorted(closure(header, include_root)):
            digest.update((include_root / name).read_bytes())
        return digest.hexdigest()

    def compile_alone(header):
        key = fingerprint(header)
        if key in known:
            return key, []
        run = subprocess.run(
            [*command, "-fdiagnostics-color=never", "-fsyntax-only", "-x", "c++", "-"],
            input=f"#include <{header}>\n", capture_output=True, text=True, cwd=build_root,
        )  # fmt: skip
        return key, run.stderr.splitlines() if run.returncode != 0 else []

    headers = sorted(str(p.relative_to(include_root)) for p in include_root.rglob("*.hpp"))
    report, good = Report(), []
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        for header, (key, problems) in zip(headers, pool.map(compile_alone, headers)):
            report.check(header, problems)
            if not problems:
                good.append(key)
    cache_file.write_text(json.dumps(good))
    heavy = [
        f"{name} includes {match[1]}"
        for name in sorted(closure("backtrail/handle.hpp", include_root))
        if (match := FOREIGN.search((include_root / name).read_text(encoding="utf-8")))
    ]
    report.check("backtrail/handle.hpp without xtensor and xsimd", heavy)
    report.finish()


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve())
