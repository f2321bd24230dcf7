"""The report's tables and its flow of cases, as rows of text ready to print."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from radpred.report.words.names import modality_words, region_words
from radpred.report.words.numbers import (
    Interval,
    bounds,
    counted,
    interval,
    known,
    listed,
    number,
    percent,
    read_interval,
    share_interval,
)

METRICS = {
    "auroc": "AUROC",
    "auprc": "AUPRC",
    "brier": "Brier score",
    "log_loss": "Log loss",
    "calibration_slope": "Calibration slope",
    "calibration_intercept": "Calibration intercept",
}
_KINDS = {"selected": 0, "candidate": 1, "block": 2, "baseline": 3}
_SHORT = {"0": "without", "1": "with", "both": "either", "none": "neither"}
_WORST = {"accepted": 0, "noted": 1, "rejected": 2}


@dataclass(frozen=True, kw_only=True)
class Row:
    """One row of a table: its cells, and what kind of row it is."""

    cells: tuple[Any, ...]
    kind: str = ""


@dataclass(frozen=True, kw_only=True)
class Reasons:
    """How many cases left, or were noted, at one stage, and the codes with their counts."""

    stage: str
    n: int
    codes: tuple[tuple[str, int], ...]


@dataclass(frozen=True, kw_only=True)
class Flow:
    """The flow of cases from the list to the analysis."""

    n_listed: int
    n_used: int
    n_rejected: int
    rejected: tuple[Reasons, ...]
    noted: tuple[Reasons, ...]
    n_noted: int


@dataclass(frozen=True, kw_only=True)
class Measure:
    """A value and its bounds as text, to be set on two lines."""

    value: str
    bounds: str


def model_rows(models: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Return the performance of all models: the selected one first, baselines last."""
    ordered = sorted(models, key=lambda model: _KINDS.get(model["kind"], 1))
    return [
        Row(
            cells=(model["label"], *(_measure(model["metrics"].get(key)) for key in METRICS)),
            kind=model["kind"],
        )
        for model in ordered
    ]


def _measure(given: Mapping[str, Any] | None) -> Measure:
    """Return one cell of the performance table."""
    ci = read_interval(given)
    if not ci.is_known:
        return Measure(value=interval(ci), bounds="")
    return Measure(value=number(ci.value), bounds=f"({bounds(ci)})")


def notes_on(models: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return what the evaluation noted beside a number: draws left out, or why there is none.

    What holds for every model is said once.
    """
    said: dict[tuple[str, str], list[str]] = {}
    for model in models:
        for key, given in model["metrics"].items():
            note = read_interval(given).note
            if key in METRICS and note:
                said.setdefault((note, METRICS[key]), []).append(model["label"])
    everywhere: dict[str, list[str]] = {}
    notes = []
    for (note, metric), labels in said.items():
        if len(labels) == len(models) > 1:
            everywhere.setdefault(note, []).append(metric)
        else:
            notes += [f"{label}, {metric}: {note}" for label in labels]
    return [*notes, *(f"Every model, {listed(names)}: {n}" for n, names in everywhere.items())]


def chosen_rows(
    selected: Mapping[str, Any], models: Sequence[Mapping[str, Any]]
) -> list[tuple[str, int, float]]:
    """Return how often each model was chosen: its label, the number of folds, the share."""
    labels = {model["name"]: model["label"] for model in models}
    chosen = selected.get("chosen") or {}
    total = sum(chosen.values()) or 1
    ordered = sorted(chosen.items(), key=lambda item: -item[1])
    return [(labels.get(name, name), int(n), n / total) for name, n in ordered]


def conformal_rows(conformal: Sequence[Mapping[str, Any]], labels: Mapping[Any, str]) -> list[Row]:
    """Return coverage and set size by level and class."""
    ordered = sorted(conformal, key=lambda r: (r["level"], r["class"] == "all", str(r["class"])))
    return [
        Row(
            cells=(
                percent(row["level"]),
                labels.get(row["class"], str(row["class"])),
                str(row.get("n", "")),
                share_interval(row.get("coverage")),
                _spread(row.get("expected_sd")),
                interval(row.get("set_size")),
                *(percent(row.get(key)) for key in ("singleton", "both", "empty")),
            ),
            kind="all" if row["class"] == "all" else "",
        )
        for row in ordered
    ]


def _spread(expected_sd: Any) -> str:
    """Return twice the standard deviation that chance alone gives a coverage."""
    return f"± {percent(2 * expected_sd)}" if known(expected_sd) else "not available"


def flow_of_cases(verdicts: pd.DataFrame) -> Flow:
    """Return how many cases were listed, noted and rejected, at which stage and why.

    A row that never became a case has no ``case_id``: it counts as listed if it was rejected,
    and not at all if it was only noted (a patient without a case); nor do second scans.
    """
    rows = verdicts.assign(case=_case_keys(verdicts))
    rows = rows[(rows["case_id"] != "") | (rows["status"] == "rejected")]
    rows = rows[~rows["case"].isin(list(rows.loc[rows["code"] == "retest", "case"]))]
    worst = rows["status"].map(_WORST).groupby(rows["case"], sort=False).max()
    lost = set(worst.index[worst == _WORST["rejected"]])
    rejections = rows[rows["status"] == "rejected"].drop_duplicates("case")
    notes = rows[(rows["status"] == "noted") & ~rows["case"].isin(list(lost))]
    return Flow(
        n_listed=len(worst),
        n_used=len(worst) - len(lost),
        n_rejected=len(lost),
        rejected=_by_stage(rejections),
        noted=_by_stage(notes),
        n_noted=int(notes["case"].nunique()),
    )


def _case_keys(verdicts: pd.DataFrame) -> list[str]:
    """Return what tells cases apart: the id, or the row where there is none."""
    ids = verdicts["case_id"].fillna("").astype(str)
    return [case or f"row {place}" for place, case in enumerate(ids)]


def _by_stage(rows: pd.DataFrame) -> tuple[Reasons, ...]:
    """Return counts by stage in order of appearance, and by code, the most frequent first."""
    return tuple(
        Reasons(
            stage=str(stage),
            n=int(mine["case"].nunique()),
            codes=tuple((str(code), int(n)) for code, n in mine["code"].value_counts().items()),
        )
        for stage, mine in rows.groupby("stage", sort=False)
    )


def verdict_rows(verdicts: pd.DataFrame, *, status: str, limit: int) -> list[Row]:
    """Return what came, what was wanted and what to do, for each case of one status."""
    columns = ["case_id", "patient_id", "stage", "code", "came", "wanted", "todo"]
    if verdicts.empty:
        return []
    rows = verdicts.loc[verdicts["status"] == status, columns].fillna("").astype(str)
    return [Row(cells=tuple(row)) for row in rows.head(limit).itertuples(index=False)]


def copies_sentence(verdicts: pd.DataFrame) -> str:
    """Say how many cases all but repeat another patient's, or nothing where none does."""
    n = int((verdicts["code"] == "near_copy").sum()) if len(verdicts) else 0
    if not n:
        return ""
    return (
        f"The features of {counted(n, 'case')} all but repeat those of another patient's case "
        "(code near_copy). If these are one scan or one patient under two names, cases that judge "
        "a model may have taught it, and its figures flatter: see the notes."
    )


def prediction_rows(cases: pd.DataFrame, *, limit: int) -> list[Row]:
    """Return the out-of-fold answers, highest risk first; each cell with what it sorts by."""
    ordered = cases.sort_values("risk", ascending=False).head(limit)
    return [_prediction_row(str(case), row) for case, row in ordered.iterrows()]


def _prediction_row(case_id: str, row: pd.Series) -> Row:
    """Return one case: risk, answer, outcome, how far the repeats agree, whose it is."""
    is_single = row["answer"] in {"0", "1"}
    is_right = is_single and row["answer"] == str(int(row["y"]))
    kind = ("right" if is_right else "wrong") if is_single else "open"
    repeats = f"{round(row['agreement'] * row['n_repeats'])} of {int(row['n_repeats'])}"
    spread = f"{percent(row['lowest'])} to {percent(row['highest'])}"
    cells = (
        (case_id, case_id),
        (percent(row["risk"]), round(float(row["risk"]), 4)),
        (_SHORT.get(row["answer"], "not available"), row["answer"]),
        (_SHORT[str(int(row["y"]))], int(row["y"])),
        (row["patient_id"], row["patient_id"]),
        (row["site"], row["site"]),
        (repeats, round(float(row["agreement"]), 4)),
        (spread, round(float(row["highest"] - row["lowest"]), 4)),
        _over_masks(row),
    )
    return Row(cells=cells, kind=kind)


def _over_masks(row: pd.Series) -> tuple[str, float]:
    """Return between which risks a case lies with other masks, and how far apart these are."""
    low, high = row.get("mask_low"), row.get("mask_high")
    if not known(low) or not known(high):
        return "", -1.0
    return f"{percent(low)} to {percent(high)}", round(float(high - low), 4)


def ring_rows(kept_rings: pd.DataFrame | None) -> list[Row]:
    """Return how much of each ring was left after taking out what does not belong to it.

    ``kept_rings`` has ``region`` and ``kept_fraction`` (of 1), one row a case and region, and
    optionally ``modality``; only rings and controls have a row.
    """
    if kept_rings is None:
        return []
    is_cut = kept_rings["region"].astype(str).str.startswith(("ring_", "tumour_ring_", "control_"))
    rings = kept_rings[is_cut]
    modality = rings["modality"] if "modality" in rings else pd.Series("", index=rings.index)
    kept = rings["kept_fraction"].groupby([modality, rings["region"]], sort=False)
    return [
        Row(
            cells=(
                " ".join(filter(None, (modality_words(str(image)), region_words(str(region))))),
                str(int(values.notna().sum())),
                percent(values.median()),
                percent(values.min()),
                str(int((values < 0.5).sum())),
            )
        )
        for (image, region), values in kept
    ]


def auroc_words(models: Sequence[Mapping[str, Any]]) -> str:
    """Return every model's AUROC in one line, for readers who cannot see the figure."""
    cis: list[tuple[str, Interval]] = [
        (model["label"], read_interval(model["metrics"].get("auroc"))) for model in models
    ]
    return "; ".join(f"{label} {interval(ci)}" for label, ci in cis)
