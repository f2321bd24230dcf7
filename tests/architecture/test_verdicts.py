"""Every code that a case can be rejected or noted with is documented."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ("io", "segment", "cohort/cases.py", "cohort/outcome.py", "stages/extract.py")
OF_WHOLE_TABLES = {
    "bad_column",
    "missing_column",
    "no_cases",
    "not_binary",
    "one_class",
    "positive_not_found",
}


def codes() -> set[str]:
    """Return the codes in the rooms that judge cases."""
    found: set[str] = set()
    for room in ROOMS:
        path = ROOT / "radpred" / room
        for file in [path] if path.suffix else sorted(path.glob("*.py")):
            text = file.read_text(encoding="utf-8")
            found |= set(re.findall(r'code="(\w+)"', text))
            found |= set(re.findall(r'_RowError\(\s*"(\w+)"', text))
            found |= set(re.findall(r'found = \("(\w+)"', text))
    return found - OF_WHOLE_TABLES


@pytest.mark.parametrize("code", sorted(codes()))
def test_a_verdict_s_code_is_documented(code):
    assert f"`{code}`" in (ROOT / "docs" / "verdicts.md").read_text(encoding="utf-8")
