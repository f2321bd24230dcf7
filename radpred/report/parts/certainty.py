"""How far answers may be leant on, in words: calibrators, reach, coverage by site, guarantees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from radpred.report.parts.tables import Measure, Row
from radpred.report.words.numbers import (
    Interval,
    bounds,
    known,
    number,
    percent,
    read_interval,
    share_interval,
)

CALIBRATION_WORDS = {
    "none": "Not calibrated",
    "sigmoid": "Sigmoid (Platt)",
    "shrunk_sigmoid": "Sigmoid, shrunk",
    "temperature": "Temperature",
    "beta": "Beta",
    "isotonic": "Isotonic",
    "venn_abers": "Venn\u2013ABERS",
    "cross_venn_abers": "Cross Venn\u2013ABERS",
}
_METRICS = {
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
    "ppv": "Positive predictive value",
    "npv": "Negative predictive value",
    "accuracy": "Accuracy",
}
_MEASURED = ("log_loss", "brier", "slope", "intercept")
_ERRORS = ("ece", "ace")
Cells = Mapping[Any, str]


def calibrator_rows(calibrators: Mapping[str, Any]) -> list[Row]:
    """Return one row a calibration method; the one that the study uses is marked."""
    used = calibrators.get("used")
    return [
        Row(
            cells=(
                CALIBRATION_WORDS.get(row["method"], row["method"]),
                *(_measure(row, name) for name in _MEASURED),
                *(_beside_null(row, name) for name in _ERRORS),
                Measure(value=_width(row["mean_width"]), bounds=""),
            ),
            kind="selected" if row["method"] == used else "",
        )
        for row in calibrators.get("rows") or ()
    ]


def calibrator_notes(calibrators: Mapping[str, Any]) -> list[str]:
    """Return what was noted beside the numbers, and which method had no place."""
    rows = calibrators.get("rows") or ()
    notes = [
        f"{CALIBRATION_WORDS.get(row['method'], row['method'])}: {row['note']}"
        for row in rows
        if row.get("note")
    ]
    if rows and "none" not in {row["method"] for row in rows}:
        notes.append(
            "Without calibration there is no row, as a fold chose a model whose score is a "
            "distance and no probability"
        )
    return notes


def reach_sentences(reach: Sequence[Mapping[str, Any]], *, level: float, names: Cells) -> list[str]:
    """Return what each cell of calibration rows can promise at ``level``."""
    return [
        _capital(cell["sentence"].replace(cell["cell"], cell_words(cell["cell"], names), 1))
        for at in reach
        if at["level"] == level
        for cell in at["cells"]
    ]


def coverage_rows(
    coverage: Sequence[Mapping[str, Any]], *, level: float, names: Cells
) -> list[Row]:
    """Return how often sets held the truth: all cases, each outcome, each site or group."""
    return [
        Row(
            cells=(
                _capital(cell_words(row["cell"], names)),
                str(row["n"]),
                share_interval(row["coverage"]),
                _against(read_interval(row["coverage"]), level),
                _share_words(row.get("chance")),
            ),
            kind="all" if row["cell"] == "all" else "",
        )
        for row in coverage
        if row["level"] == level
    ]


def unstable_sentence(unstable: Sequence[Mapping[str, Any]], *, level: float) -> str:
    """Say how many sets would grow if the folds' chains had to agree."""
    row = next((one for one in unstable if one["level"] == level), None)
    if row is None or not known(row["share"]):
        return ""
    whether = "so far answers depend on who was learnt from"
    if row["is_unstable"]:
        whether = "answers hang on single patients, so take conformal.method: cross"
    return (
        f"{percent(row['share'])} of the held-out sets at {percent(level)} would grow if each "
        f"outcome stayed in that any of the folds\u2019 chains keeps: {whether}."
    )


def promised_for(conformal: Mapping[str, Any]) -> str:
    """Return among whom sets keep their promise, after "Sets go by"."""
    group = conformal.get("group") or "site"
    return {
        "marginal": "no group: the promise is for all cases together",
        "site": group,
        "group_class": f"{group} and outcome",
    }.get(str(conformal.get("by")), "outcome")


def cell_words(cell: str, names: Cells) -> str:
    """Return the name of a cell of calibration rows for readers."""
    words = []
    for part in cell.split(", "):
        kind, _, value = part.partition("=")
        if kind == "class":
            words.append(names[int(value)])
        else:
            words.append(value if kind == "group" else names["all"])
    return ", ".join(words)


def _against(found: Interval, level: float) -> str:
    """Return whether a coverage is in line with its promise."""
    if not found.has_bounds:
        return "not known"
    if found.high < level:
        return "lies below the promise"
    return "lies above it" if found.low > level else "in line with it"


def _share_words(chance: Any) -> str:
    """Return how likely so few covered cases are, nothing where it is not known."""
    if not known(chance):
        return "\u2013"
    return "< 0.001" if chance < 0.001 else number(chance, digits=3)


def _measure(row: Mapping[str, Any], name: str) -> Measure:
    """Return a metric with its interval on two lines."""
    if not known(row.get(name)):
        return Measure(value="not available", bounds="")
    ends = {"value": row[name], "low": row[f"{name}_low"], "high": row[f"{name}_high"]}
    return Measure(value=number(row[name]), bounds=f"({bounds(read_interval(ends))})")


def _width(value: Any) -> str:
    """Return the mean width of calibration intervals, which only Venn-ABERS has."""
    return number(value) if known(value) else "\u2013"


def _beside_null(row: Mapping[str, Any], name: str) -> Measure:
    """Return a calibration error beside that of a model which is exactly right."""
    return Measure(value=number(row[name]), bounds=f"(by chance {number(row[f'{name}_null'])})")


def _capital(words: str) -> str:
    """Return words with a capital at the start."""
    return words[:1].upper() + words[1:]


def guarantee_sentences(guarantees: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return each threshold with what it guarantees, or why there is none."""
    return [
        f"{_METRICS.get(one['metric'], one['metric'])} of at least {percent(one['at_least'])}, "
        f"with {percent(one['confidence'])} confidence: {_threshold_words(one)}"
        for one in guarantees
    ]


def _threshold_words(one: Mapping[str, Any]) -> str:
    """Return from which risk on to act, or what is lacking."""
    counted = f"{one['n_rows']} {one['counted']}"
    if known(one["threshold"]):
        return f"act from a risk of {percent(one['threshold'], digits=1)} on (by {counted})."
    if one["n_rows"] < one["n_needed"]:
        return f"cannot be reached with {counted}: needs {one['n_needed']}."
    return (
        f"cannot be reached with these {counted}; it takes {one['n_needed']} without an error, and "
        "more with errors."
    )
