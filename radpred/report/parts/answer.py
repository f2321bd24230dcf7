"""The answer that comes first: a sentence and four numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from radpred.pipeline.evidence.headline import PREFERRED_LEVEL
from radpred.report.words.names import OutcomeWords
from radpred.report.words.numbers import (
    NOT_AVAILABLE,
    Interval,
    bounds,
    counted,
    known,
    number,
    percent,
    read_interval,
    signed,
)
from radpred.report.words.wording import metric_of

_BASELINES = {
    "volume": "tumour volume alone",
    "clinical": "clinical data alone",
    "site": "the site alone",
}


@dataclass(frozen=True, kw_only=True)
class Tile:
    """A headline number, its interval, a note, and where it lies on a scale (per cent)."""

    label: str
    value: str
    bounds: str
    note: str
    scale: tuple[str, str]
    at: float | None
    low: float | None
    high: float | None
    target: float | None
    target_name: str


def question(study: Mapping[str, Any], words: OutcomeWords) -> str:
    """Return the question of the study as a clinician would ask it."""
    what = "tables of features" if study.get("is_of_tables") else "images"
    subject = f"{what} and clinical data" if study.get("n_clinical") else f"the {what}"
    return f"Can {subject} tell patients {words.present} from those without?"


def answer(evaluation: Mapping[str, Any], words: OutcomeWords) -> str:
    """Return the answer: how well, against chance, volume alone and clinical data alone."""
    study = evaluation.get("study", {})
    auroc = metric_of(evaluation, "auroc")
    cohort = f"In {_cohort(study, words)}"
    if not auroc.is_known:
        return f"{cohort} how well the model tells them apart is {NOT_AVAILABLE}."
    against = ["guessing gives 0.50"]
    for name, what in _BASELINES.items():
        baseline = metric_of(evaluation, "auroc", model=name)
        if baseline.is_known:
            against.append(f"{what} gave {number(baseline.value)}")
    shown = f"{number(auroc.value)} (95\u00a0% interval {bounds(auroc)})"
    first = f"{cohort} the model reached an AUROC of {shown}; {', '.join(against)}."
    return " ".join([first, *_differences(evaluation)])


def _cohort(study: Mapping[str, Any], words: OutcomeWords) -> str:
    """Return the cohort in words: patients, cases, events."""
    n_patients, n_cases, n_events = (
        study.get(key) for key in ("n_patients", "n_cases", "n_events")
    )
    if not (known(n_patients) and known(n_cases) and known(n_events)):
        return "this cohort"
    patients = counted(int(n_patients), "patient")
    if n_patients == n_cases:
        return f"{patients} ({int(n_events)} {words.present})"
    cases = counted(int(n_cases), "case")
    return f"{patients} with {cases} ({int(n_events)} of them {words.present})"


def _differences(evaluation: Mapping[str, Any]) -> list[str]:
    """Return a sentence for each difference: its size, and whether its interval excludes 0."""
    sentences = []
    for row in evaluation.get("differences", ()):
        ci = read_interval(row.get("auroc"))
        if not ci.has_bounds or row["against"] not in _BASELINES:
            continue
        whether = "excludes 0" if ci.excludes(0.0) else "includes 0"
        shown = f"{signed(ci.value)} ({signed(ci.low)} to {signed(ci.high)})"
        what = _BASELINES[row["against"]]
        sentences.append(f"The difference to {what} is {shown}: its interval {whether}.")
    return sentences


def tiles(
    evaluation: Mapping[str, Any], words: OutcomeWords, *, rows: Sequence[Mapping[str, Any]]
) -> list[Tile]:
    """Return the four headline numbers; ``rows`` are the prediction sets of one level."""
    by_class = {row["class"]: row for row in rows}
    return [
        _auroc_tile(evaluation),
        _slope_tile(evaluation),
        _coverage_tile(by_class, words),
        _certain_tile(by_class.get("all", {})),
    ]


def _auroc_tile(evaluation: Mapping[str, Any]) -> Tile:
    """Return the tile of the AUROC, beside chance and volume."""
    ci = metric_of(evaluation, "auroc")
    volume = metric_of(evaluation, "auroc", model="volume")
    beside = f" · volume alone {number(volume.value)}" if volume.is_known else ""
    note = f"chance 0.50{beside}" if ci.is_known else _why_not(ci)
    return tile_of("AUROC", ci, note=note, scale=(0, 1), target=(0.5, "chance"))


def _slope_tile(evaluation: Mapping[str, Any]) -> Tile:
    """Return the tile of the calibration slope."""
    ci = metric_of(evaluation, "calibration_slope")
    note = "below 1: too extreme · above: too cautious" if ci.is_known else _why_not(ci)
    return tile_of("Calibration slope", ci, note=note, scale=(0, 2), target=(1.0, "ideal"))


def _coverage_tile(by_class: Mapping[Any, Mapping[str, Any]], words: OutcomeWords) -> Tile:
    """Return the tile of the coverage over all cases, and of each class in its note."""
    overall = by_class.get("all", {})
    level = overall.get("level", PREFERRED_LEVEL)
    ci = read_interval(overall.get("coverage"))
    groups = [(by_class[c], words.of(c)) for c in (1, 0) if c in by_class]
    split = [f"{percent(read_interval(row.get('coverage')).value)} {name}" for row, name in groups]
    note = " · ".join(split) if ci.is_known else "no prediction sets were evaluated"
    target = (level, "promise")
    label = f"Coverage at {percent(level)}"
    return tile_of(label, ci, note=note, scale=(0, 1), target=target, write=percent)


def _certain_tile(overall: Mapping[str, Any]) -> Tile:
    """Return the tile of the share of cases with a single answer."""
    singleton = overall.get("singleton")
    ci = Interval(value=float(singleton)) if known(singleton) else Interval()
    note = (
        f"{percent(overall.get('both'))} could be either · {percent(overall.get('empty'))} neither"
        if ci.is_known
        else "no prediction sets were evaluated"
    )
    return tile_of("Certain answers", ci, note=note, scale=(0, 1), write=percent)


def tile_of(
    label: str,
    ci: Interval,
    *,
    note: str,
    scale: tuple[float, float],
    target: tuple[float, str] = (math.nan, ""),
    write: Callable[[float], str] = number,
) -> Tile:
    """Return one tile, its marks placed on its scale."""
    low, high = scale

    def place(value: float) -> float | None:
        share = 100 * (value - low) / (high - low)
        return round(min(100.0, max(0.0, share)), 1) if known(value) else None

    ends = (f"{low:g}", f"{high:g}") if write is number else (write(low), write(high))
    return Tile(
        label=label,
        value=write(ci.value),
        bounds=f"{write(ci.low)} to {write(ci.high)}" if ci.has_bounds else "",
        note=note,
        scale=ends,
        at=place(ci.value),
        low=place(ci.low),
        high=place(ci.high),
        target=place(target[0]),
        target_name=target[1],
    )


def _why_not(ci: Interval) -> str:
    """Return why a number of the whole cohort is missing."""
    return ci.note or "could not be computed: it needs both outcomes and finite predictions"
