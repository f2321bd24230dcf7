"""What pages of studies share: tables between marks, numbers with intervals, pictures."""

from __future__ import annotations

import argparse
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from studies.segmentation_variability.figures import written

from radpred.evaluate import Interval
from radpred.report.words.numbers import number

__all__ = ["arguments", "cell", "ends", "markdown", "put", "written"]
ROOT = Path(__file__).resolve().parents[2]


def put(page: Path, tables: Mapping[str, str]) -> Path:
    """Put each table between the marks of its name, and return the page."""
    text = page.read_text(encoding="utf-8")
    for name, table in tables.items():
        pattern = rf"(<!-- {name} -->\n).*?(<!-- /{name} -->)"
        text = re.sub(
            pattern, lambda found, t=table: f"{found[1]}{t}\n{found[2]}", text, flags=re.DOTALL
        )
    page.write_text(text, encoding="utf-8")
    return page


def markdown(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """Return a table in Markdown."""
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def cell(ci: Interval, *, digits: int = 2, scale: float = 1.0) -> str:
    """Return a value with its interval; ``scale`` 100 makes it per cent."""
    value = number(scale * ci.value, digits=digits)
    return f"{value} ({ends(ci, digits=digits, scale=scale)})"


def ends(ci: Interval, *, digits: int = 2, scale: float = 1.0) -> str:
    """Return both ends of an interval."""
    low, high = (number(scale * end, digits=digits) for end in (ci.low, ci.high))
    return f"{low} to {high}"


def arguments(name: str) -> argparse.ArgumentParser:
    """Return the arguments that studies from tables have."""
    parser = argparse.ArgumentParser(prog=f"studies.{name}")
    parser.add_argument("--folder", type=_absolute, default=ROOT / "build" / name)
    parser.add_argument("--data", type=_absolute, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--page-only", action="store_true", help="from what was run before")
    return parser


def _absolute(path: str) -> Path:
    return Path(path).resolve()
