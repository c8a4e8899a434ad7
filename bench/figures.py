#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""The figures of the suite as tables of Markdown.

usage: figures.py --document PAGE JSON...    puts the tables between the two marks of PAGE
       figures.py --join FILE JSON...        puts all figures into one file

JSON is what the suite wrote.
"""

import json
import sys
from pathlib import Path

BEGIN, END = "<!-- figures: tools/bench --document -->", "<!-- end of figures -->"


def time(seconds):
    """A time with three digits."""
    for unit, factor in (("s", 1), ("ms", 1e3), ("µs", 1e6)):
        if seconds * factor >= 1 or unit == "µs":
            return f"{seconds * factor:.3g} {unit}"


def number(x):
    return "" if x is None else f"{x:.3g}" if x >= 10 else f"{x:.2f}"


def memory(x):
    return "" if x is None else f"{x / 1e6:.3g} MB" if x >= 1e6 else f"{x / 1e3:.3g} kB"


def of_contenders(table):
    """The rows of a table by contender: {name: {threads: row}}."""
    contenders = {}
    for row in table["rows"]:
        contenders.setdefault(row["contender"], {})[row["threads"]] = row
    return contenders


def section(name, tables):
    """A workload: a row for each size and contender; double beside float."""
    lines = [f"### {name}: {tables[0]['what']}", ""]
    lines += [
        "| | | double: time | quartiles | ratio | 2 threads: gain | memory | float: time | ratio | 2 threads: gain |"
    ]
    lines += ["|---|---|---|---|---|---|---|---|---|---|"]
    for size in dict.fromkeys(t["size"] for t in tables):
        both = {t["type"]: of_contenders(t) for t in tables if t["size"] == size}
        names = dict.fromkeys(n for contenders in both.values() for n in contenders)
        for contender in names:
            cells = []
            for kind in ("double", "float"):
                rows = both.get(kind, {}).get(contender, {})
                one, two = rows.get(1), rows.get(2)
                cells.append(time(one["median"]) if one else "")
                if kind == "double":
                    quartiles = ("lower_quartile", "upper_quartile")
                    cells.append(" .. ".join(time(one[q]) for q in quartiles) if one else "")
                cells.append(number(one["ratio"]) if one else "")
                cells.append(number(two["gain"]) if two else "")
                if kind == "double":
                    cells.append(memory(one["bytes"]) if one else "")
            lines.append(f"| {size} | {contender} | " + " | ".join(cells) + " |")
    return lines + [""]


def main():
    action, target, *sources = sys.argv[1:]
    tables = [t for source in sources for t in json.loads(Path(source).read_text())]
    target = Path(target)
    if action == "--join":
        target.write_text(json.dumps(tables, indent=1) + "\n")
        return
    lines = []
    for name in dict.fromkeys(t["workload"] for t in tables):
        lines += section(name, [t for t in tables if t["workload"] == name])
    before, rest = target.read_text().split(BEGIN)
    after = rest.split(END)[1]
    target.write_text(before + BEGIN + "\n\n" + "\n".join(lines) + END + after)


main()
