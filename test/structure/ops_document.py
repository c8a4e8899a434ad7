# SPDX-License-Identifier: BSD-3-Clause
"""docs/ops.md is what tools/document makes of the sources.

usage: ops_document.py PROGRAM    (the built docs/elementwise_ops.cpp)
"""

import subprocess
import sys
from pathlib import Path

from tap import Report


def main(program):
    tool = Path(__file__).resolve().parents[2] / "tools" / "document"
    run = subprocess.run([sys.executable, tool, program, "--check"], capture_output=True, text=True)
    report = Report()
    report.check("docs/ops.md", [] if run.returncode == 0 else (run.stdout + run.stderr).splitlines())
    report.finish()


if __name__ == "__main__":
    main(sys.argv[1])
