"""What the results are held to: each with what was found, what was wanted, and whether it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tables_bench.judged import LEVEL

SHARE_OF_TABLES = 0.95
SLOPES = (0.8, 1.25)
MINUTES, GIGABYTES = 6, 3
Found = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One criterion."""

    wanted: str
    found: str
    holds: bool


def standard_error(n: int, *, level: float = LEVEL) -> float:
    """Return the standard error of a coverage that is as promised, among ``n`` cases."""
    return float(np.sqrt(level * (1 - level) / n))


def is_covered(found: Found) -> bool:
    """Tell whether each class is covered as promised, but for two standard errors."""
    return all(row["coverage"] >= LEVEL - 2 * standard_error(row["n"]) for row in found["coverage"])


def of_tables(found: Mapping[str, Found], *, failed: Sequence[str]) -> list[Judged]:
    """Return the four criteria of the tables; ``found`` holds those that were measured whole.

    Parameters
    ----------
    found : mapping
        What `tables_bench.judged` found, by table.
    failed : sequence of str
        Tables whose process ended with an error.
    """
    rows = list(found.values())
    names = ", ".join(failed) or "none"
    judged = [Judged(wanted="no table fails", found=f"failed: {names}", holds=not failed)]
    if not rows:
        return judged
    covered = np.array([is_covered(row) for row in rows])
    low = ", ".join(name for name, row in found.items() if not is_covered(row)) or "none"
    areas = np.array([[row["auroc"]["value"], row["ridge"]["value"]] for row in rows])
    mean, ridge = areas.mean(axis=0)
    slope = median_slope(rows)
    return [
        *judged,
        Judged(
            wanted=f"each class is covered at {LEVEL:.0%} as promised, less two standard errors, "
            f"on {SHARE_OF_TABLES:.0%} of the tables",
            found=f"{covered.sum()} of {covered.size} tables; below: {low}",
            holds=bool(covered.mean() >= SHARE_OF_TABLES),
        ),
        Judged(
            wanted="the mean AUROC is at least that of a ridge logistic regression on the same "
            "folds",
            found=f"{mean:.3f} against {ridge:.3f}; {_difference(areas)}",
            holds=bool(mean >= ridge),
        ),
        Judged(
            wanted=f"the median calibration slope lies between {SLOPES[0]} and {SLOPES[1]}",
            found=f"{slope:.2f}; {_where_there_is_something(rows)}",
            holds=SLOPES[0] <= slope <= SLOPES[1],
        ),
    ]


def median_slope(rows: Sequence[Found]) -> float:
    """Return the median of the slopes that are defined, NaN where none is."""
    slopes = [row["slope"]["value"] for row in rows if row["slope"]["value"] is not None]
    return float(np.median(slopes)) if slopes else float("nan")


def _where_there_is_something(rows: Sequence[Found]) -> str:
    """Return the median slope where the AUROC is shown to be above chance, and how many hold 1.

    Risks that follow nothing have no slope of their own: it is what chance makes of them.
    """
    able = [row for row in rows if (row["auroc"]["low"] or 0) > 0.5]
    ends = [(row["slope"]["low"], row["slope"]["high"]) for row in rows]
    n_open = sum(low is None or high is None or low <= 1 <= high for low, high in ends)
    return (
        f"{median_slope(able):.2f} over the {len(able)} tables whose AUROC is shown to be above "
        f"0.5; the interval of {n_open} of {len(rows)} slopes holds 1, or has no end"
    )


def of_cost(result: Found) -> Judged:
    """Return whether the study of 200 x 1,000 is as cheap as wanted."""
    minutes, gigabytes = result["seconds"] / 60, result["peak_mb"] / 1000
    return Judged(
        wanted="200 patients x 1,000 columns, four models, 5 x 5 nested, standard: under "
        f"{MINUTES} minutes and {GIGABYTES} GB on two cores",
        found=f"{minutes:.1f} minutes, {gigabytes:.1f} GB" + _unfinished(result),
        holds=minutes < MINUTES and gigabytes < GIGABYTES and not result["is_stopped"],
    )


def _difference(areas: np.ndarray) -> str:
    """Return the mean difference over tables with its standard error, shape (n, 2) given."""
    gain = areas[:, 0] - areas[:, 1]
    if len(gain) < 2:
        return f"difference {gain.mean():+.3f}"
    error = gain.std(ddof=1) / np.sqrt(len(gain))
    return f"mean difference {gain.mean():+.3f} (standard error {error:.3f} over tables)"


def _unfinished(result: Found) -> str:
    """Return words on a run that was stopped."""
    return ", stopped before its end" if result["is_stopped"] else ""
