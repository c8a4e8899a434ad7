# SPDX-License-Identifier: BSD-3-Clause
"""The C++ sources are formatted as .clang-format says: `tools/format --check`.

usage: format.py SOURCE_ROOT
"""

import subprocess
import sys
from pathlib import Path

from tap import Report


def main(root):
    report = Report()
    run = subprocess.run([root / "tools" / "format", "--check"], capture_output=True, text=True)
    output = (run.stdout + run.stderr).splitlines()
    if run.returncode == 77:
        report.skip("format", " ".join(output))
    else:
        report.check("format", output if run.returncode != 0 else [])
    report.finish()


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
