"""``docs/conformance.md``: every number in it is counted from the rows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from conformance import ibsi_1, ibsi_2, pyradiomics
from conformance.rows import Row
from radpred import __version__
from radpred.config.conventions import SWITCHES

STATUSES = ("pass", "fail", "untested", "not standardised")
NAME = "conformance.md"
# Of each source, whose convention claims its rows.
CLAIMED = {
    ibsi_1.NAME: "ibsi",
    ibsi_2.MAPS: "ibsi",
    ibsi_2.VALUES: "ibsi",
    pyradiomics.NAME: "pyradiomics",
}

HEAD = """# Conformance

Which published values radpred {version} reaches, row by row: every row that fails or is untested is
named, all others pass. `make conformance` measures them and writes this page; the tests fail when
it no longer says what holds.

A value passes if it lies within the tolerance that its publisher gives; half of the last of the
three digits that IBSI prints is allowed beside it. A response map passes if no voxel is farther off
than 1 % of the map's range. PyRadiomics' values pass within 1e-6 of themselves{lungs}.
"""
CONVENTIONS = """## Two conventions

`convention: pyradiomics` is the default, since most published models speak it; `convention: ibsi`
sets each of these switches to IBSI's side. Each is a setting of its own, too.

{switches}

Filters of IBSI 2 are kinds of their own beside PyRadiomics' (`laplacian_of_gaussian` is ITK's
recursive filter, `wavelet` PyWavelets' transform).
"""


def written(rows: Sequence[Row]) -> str:
    """Return the document."""
    lungs = "" if pyradiomics.has_lungs() else " (1e-3 where a spline reaches beyond a kept crop)"
    parts = [HEAD.format(version=__version__, lungs=lungs)]
    parts += [_summary(rows)]
    parts += [CONVENTIONS.format(switches=_switches())]
    for source in CLAIMED:
        of_source = [row for row in rows if row.source == source]
        parts += [f"## {source}\n", _table(of_source)]
        parts += [_exceptions([row for row in of_source if row.convention == CLAIMED[source]])]
    return "\n\n".join(part.strip() for part in parts if part.strip()) + "\n"


def write(rows: Sequence[Row], folder: Path) -> Path:
    """Write the document to a folder and return its path."""
    path = folder / NAME
    path.write_text(written(rows), encoding="utf-8")
    return path


def _summary(rows: Sequence[Row]) -> str:
    """Return the number of rows of each source, by status."""
    lines = []
    for source, convention in CLAIMED.items():
        count = Counter(
            row.status for row in rows if (row.source, row.convention) == (source, convention)
        )
        lines.append([f"{source}, `convention: {convention}`", *(str(count[s]) for s in STATUSES)])
    return _markdown(["published by", *STATUSES], lines)


def _table(rows: Sequence[Row]) -> str:
    """Return passes by part and by group; a part's rows in either convention stand side by side."""
    tables = []
    groups: dict[str, Callable[[Row], str]] = {
        "part": lambda row: row.part,
        "family or filter": lambda row: row.group,
    }
    conventions = sorted({row.convention for row in rows})
    for title, group in groups.items():
        names = list(dict.fromkeys(group(row) for row in rows))
        if len(names) == len({row.key for row in rows}):
            continue
        lines = []
        for name in names:
            line = [name]
            for convention in conventions:
                mine = [r for r in rows if group(r) == name and r.convention == convention]
                line.append(_counted(mine))
            lines.append(line)
        tables.append(_markdown([title, *(f"`{name}`" for name in conventions)], lines))
    return "\n\n".join(tables)


def _counted(rows: Sequence[Row]) -> str:
    """Return how many rows pass, of how many that have a value; and how many are untested."""
    count = Counter(row.status for row in rows)
    of = len(rows) - count["not standardised"]
    text = f"{count['pass']} of {of}"
    return text + (f" ({count['untested']} untested)" if count["untested"] else "")


def _exceptions(rows: Iterable[Row]) -> str:
    """Return every row that fails or is not tested, by name."""
    lines = [
        [row.part, row.group, f"`{row.tag}`", row.status, row.note]
        for row in rows
        if row.status in ("fail", "untested")
    ]
    if not lines:
        return "No row fails, and none is untested."
    head = ["part", "family or filter", "row", "status", "found"]
    return "Rows that fail or are untested:\n\n" + _markdown(head, lines)


def _switches() -> str:
    """Return the table of what the conventions differ in."""
    lines = [[f"`{s.name}`", _plain(s.pyradiomics), _plain(s.ibsi), s.difference] for s in SWITCHES]
    return _markdown(["setting", "`pyradiomics`", "`ibsi`", "what differs"], lines)


def _plain(value: object) -> str:
    """Return a setting as a study file has it."""
    if isinstance(value, tuple):
        return ", ".join(f"`{part}`" for part in value)
    return f"`{str(value).lower()}`"


def _markdown(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Return a table."""
    rows = [head, ["---"] * len(head), *lines]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
