"""What a run cost: time, memory and pace of each step, from Snakemake's benchmarks."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from radpred.stages.inputs.shards import shard_cases
from radpred.stages.watching.snakelog import STEPS

FOLDER = Path("benchmarks")
_OF_CASES = ("segment", "extract", "perturb")


@dataclass(frozen=True, kw_only=True)
class Cost:
    """What the jobs of one step cost, each the last time that it ran.

    Parameters
    ----------
    step : str
        Which one.
    n_jobs : int
        How many jobs it has.
    seconds : float
        Wall time, added up over the jobs.
    cpu_seconds : float or None
        Processor time, added up; None where every job was too short to be looked at.
    peak_mb : float or None
        The most memory that any of them held.
    cases_per_second : float or None
        Cases of the jobs for each second of wall time; None for steps that do not go by case.
    """

    step: str
    n_jobs: int
    seconds: float
    cpu_seconds: float | None
    peak_mb: float | None
    cases_per_second: float | None


def costs_of(out: Path, *, besides: Iterable[str] = ()) -> list[Cost]:
    """Return what each step of a run cost, in the order of the steps, as far as it was kept."""
    steps = [step for step in STEPS if step not in set(besides)]
    found = [(step, _files(out / FOLDER, step)) for step in steps]
    return [_cost(out, step, files) for step, files in found if files]


def _files(folder: Path, step: str) -> list[Path]:
    """Return the benchmarks of a step: one of its own, or one a job in its folder."""
    return [*folder.glob(f"{step}.tsv"), *sorted((folder / step).glob("*.tsv"))]


def _cost(out: Path, step: str, files: list[Path]) -> Cost:
    """Return the cost of one step."""
    rows = [row for path in files for row in _rows(path)]
    seconds = sum(_number(row, "s") or 0.0 for row in rows)
    cpu = [value for row in rows if (value := _number(row, "cpu_time")) is not None]
    peaks = [value for row in rows if (value := _number(row, "max_rss")) is not None]
    n_cases = _n_cases(out, files) if step in _OF_CASES else 0
    return Cost(
        step=step,
        n_jobs=len(rows),
        seconds=seconds,
        cpu_seconds=sum(cpu) if cpu else None,
        peak_mb=max(peaks) if peaks else None,
        cases_per_second=n_cases / seconds if n_cases and seconds else None,
    )


def _rows(path: Path) -> list[dict[str, str]]:
    """Return the last row of one benchmark: a job that was repeated has several."""
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file, delimiter="\t"))[-1:]
    except OSError:
        return []


def _number(row: dict[str, str], column: str) -> float | None:
    """Return a number, or None where Snakemake had not the time to take it."""
    try:
        value = float(row[column])
    except (KeyError, TypeError, ValueError):
        return None
    return value if math.isfinite(value) else None


def _n_cases(out: Path, files: list[Path]) -> int:
    """Return how many cases the shards hold whose benchmarks these are."""
    shards = [out / "shards" / f"{path.stem}.json" for path in files]
    return sum(len(shard_cases(shard)) for shard in shards if shard.is_file())
