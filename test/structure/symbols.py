# SPDX-License-Identifier: BSD-3-Clause
"""Kernels compiled for a higher instruction set leak nothing that the baseline could pick up.

usage: symbols.py LEVEL KERNEL_LIBRARY

The linker keeps one copy of each weak (inline or template) function. Were it the copy from an object
compiled with, say, -mavx2, then a machine without AVX2 would run it from quite another place. So every
function such an object defines must be local, or carry the level in its name. (Data may be shared.)
"""

import os
import subprocess
import sys

from tap import Report

# what of a name belongs to one level only: our namespace, xsimd's architectures and the register types
MARKS = {
    "avx2": ["avx2", "fma3", "fma5", "avx", "__m256"],
    "avx512": ["avx512", "__m512"],
}


def symbols_of(binary, *options):
    """(kind, demangled name) of each symbol that `binary` defines and others can see."""
    nm = [os.environ.get("NM", "nm"), "--extern-only", "--defined-only", "--demangle", *options, binary]
    for line in subprocess.run(nm, check=True, capture_output=True, text=True).stdout.splitlines():
        words = line.split(maxsplit=2)
        if len(words) == 3 and len(words[1]) == 1:
            yield words[1], words[2]


def main(level, library):
    marks = MARKS.get(level, [level])
    leaks = sorted(
        {name for kind, name in symbols_of(library) if kind in "TWi" and not any(mark in name for mark in marks)}
    )
    report = Report()
    report.check(f"symbols of {level}", [f"leaks from the {level} kernels: {name}" for name in leaks])
    report.finish()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
