"""``docs/stability.md``: what was measured, in two tables."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from radpred.table.columns import parse_name
from stability.measure import BY_DICE, DRAWS, Measured

NAME = "stability.md"
FAMILIES = ("shape", "firstorder", "glcm", "glrlm", "glszm", "gldm", "ngtdm")
TEXT = Path(__file__).with_name("text.md")
GOOD = 0.75


def write(cohorts: Sequence[Measured], folder: Path) -> Path:
    """Write the page, and return where."""
    tables = [f"### {cohort.title}\n\n{_by_family(cohort)}" for cohort in cohorts]
    sizes = [f"### {c.title}\n\n{_by_kind(c)}" for c in cohorts if len(c.dice) > len(BY_DICE)]
    text = TEXT.read_text(encoding="utf-8")
    text = text.replace("{by_family}", "\n\n".join(tables)).replace("{by_kind}", "\n\n".join(sizes))
    path = folder / NAME
    path.write_text(text, encoding="utf-8")
    return path


def _by_family(cohort: Measured) -> str:
    """Return median reliability by family and wanted Dice."""
    kinds = [*BY_DICE, *(k for k in cohort.dice if "readers" in k)]
    lines = [
        f"{cohort.n_cases} lesions, the mask as given and {DRAWS} drawn anew. Median ICC(1,1) of "
        "the features of a family:\n",
        "| family | features | " + " | ".join(kinds) + " |",
        "|---|---|" + "---|" * len(kinds),
    ]
    by_family = {kind: _medians(cohort.reliability[kind]) for kind in kinds}
    for family in FAMILIES:
        n = int(_families(cohort.reliability[kinds[0]]).eq(family).sum())
        cells = " | ".join(f"{by_family[kind][family]:.2f}" for kind in kinds)
        lines.append(f"| {family} | {n} | {cells} |")
    n = len(cohort.reliability[kinds[0]])
    lines.append(f"| all | {n} | " + " | ".join(_median(cohort, kind) for kind in kinds) + " |")
    lines.append("| at least 0.75 | | " + " | ".join(_good(cohort, kind) for kind in kinds) + " |")
    return "\n".join(lines)


def _by_kind(cohort: Measured) -> str:
    """Return reliability by perturbation."""
    kinds = [kind for kind in cohort.dice if kind not in BY_DICE]
    lines = [
        f"{cohort.n_cases} lesions; {cohort.n_failed} draws left nothing of a small one.\n",
        "| perturbation | mean Dice with the mask as given | median ICC(1,1) | at least 0.75 |",
        "|---|---|---|---|",
    ]
    for kind in kinds:
        cells = (f"{cohort.dice[kind]:.2f}", _median(cohort, kind), _good(cohort, kind))
        lines.append(f"| {kind} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _families(table: pd.DataFrame) -> pd.Series:
    """Return the family of each feature."""
    return pd.Series([parse_name(name).family for name in table.index], index=table.index)


def _medians(table: pd.DataFrame) -> pd.Series:
    """Return the median estimate of each family."""
    return table["estimate"].groupby(_families(table)).median()


def _median(cohort: Measured, kind: str) -> str:
    """Return the median estimate of all features."""
    return f"{cohort.reliability[kind]['estimate'].median():.2f}"


def _good(cohort: Measured, kind: str) -> str:
    """Return the share of features that are at least good."""
    return f"{(cohort.reliability[kind]['estimate'] >= GOOD).mean():.0%}"
