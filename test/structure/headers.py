# SPDX-License-Identifier: BSD-3-Clause
"""Every header compiles on its own, and the handles alone come without xtensor and xsimd.

usage: headers.py SOURCE_ROOT BUILD_ROOT

What compiles shows this of the header that it begins with, too, of the one that this one begins with,
and so on, for nothing comes before them. So the sources that were built speak for many headers: those
that are not older than a header they reach, and have no precompiled header, which would come first.

The other headers are compiled here, with the compiler and the flags of the library's first source in
compile_commands.json. One that compiled is not compiled again until it, or one of ours that it
includes, or the command changes.
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
SILENCE = re.compile(r"(\s*(//.*|#pragma once)\n)*")  # what comes before the first word of a file


def library_command(entries, source_root, build_root):
    """The compiler and the flags that the library is compiled with, without its input and output."""
    source_folder = source_root / "src"
    entry = next(e for e in entries if source_folder in (build_root / e["file"]).resolve().parents)
    words, command = iter(shlex.split(entry["command"])), []
    for word in words:
        if word in {"-o", "-MF", "-MQ", "-c"}:
            next(words)
        elif word != "-MD":
            command.append(word)
    return [word for word in command if Path(word).name != "ccache"]


def closure(text, include_root, seen=None):
    """The headers of ours that `text` reaches."""
    seen = set() if seen is None else seen
    for name in INCLUDE.findall(text):
        if name not in seen and (include_root / name).is_file():
            seen.add(name)
            closure((include_root / name).read_text(encoding="utf-8"), include_root, seen)
    return seen


def beginning(text):
    """The header of ours that `text` includes before it says anything itself, or None."""
    match = INCLUDE.match(text, SILENCE.match(text).end())
    return match and match[1]


def begun_by_sources(entries, include_root, build_root):
    """The headers that compiled sources begin with."""
    begun = set()
    for entry in entries:
        source, compiled = build_root / entry["file"], build_root / entry["output"]
        if source.suffix != ".cpp" or " -include " in entry["command"] or not compiled.is_file():
            continue
        text = source.read_text(encoding="utf-8")
        reached = [source, *(include_root / name for name in closure(text, include_root))]
        if compiled.stat().st_mtime >= max(file.stat().st_mtime for file in reached):
            begun.add(beginning(text))
    return begun


def main(source_root, build_root):
    include_root = source_root / "include"
    entries = json.loads((build_root / "compile_commands.json").read_text())
    command = library_command(entries, source_root, build_root)
    version = subprocess.run([command[0], "--version"], capture_output=True, text=True).stdout
    cache_file = build_root / "headers_that_compile.json"
    known = set(json.loads(cache_file.read_text())) if cache_file.is_file() else set()
    texts = {
        str(path.relative_to(include_root)): path.read_text(encoding="utf-8")
        for path in sorted(include_root.rglob("*.hpp"))
    }
    begins_with = {header: beginning(text) for header, text in texts.items()}

    def fingerprint(header):
        digest = hashlib.sha256(f"{command} {version} {header}".encode())
        for name in sorted({header} | closure(texts[header], include_root)):
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

    problems_of, good = {}, []

    def stands(header):
        while header in texts and problems_of.get(header) != []:
            problems_of[header] = []
            header = begins_with[header]

    for header in begun_by_sources(entries, include_root, build_root):
        stands(header)
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        while left := [header for header in texts if header not in problems_of]:
            shown_by_others = {begins_with[header] for header in left}
            batch = [header for header in left if header not in shown_by_others] or left
            for header, (key, problems) in zip(batch, pool.map(compile_alone, batch)):
                if problems:
                    problems_of[header] = problems
                else:
                    good.append(key)
                    stands(header)
    cache_file.write_text(json.dumps(good))
    report = Report()
    for header in texts:
        report.check(header, problems_of[header])
    heavy = [
        f"{name} includes {match[1]}"
        for name in sorted(closure("#include <backtrail/handle.hpp>", include_root))
        if (match := FOREIGN.search(texts[name]))
    ]
    report.check("backtrail/handle.hpp without xtensor and xsimd", heavy)
    report.finish()


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve())
