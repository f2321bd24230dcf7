"""How far risks move when masks do: sentences, and a row for each kind of answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from radpred.report.parts.patients import answer_words
from radpred.report.parts.tables import Row
from radpred.report.words.names import OutcomeWords
from radpred.report.words.numbers import counted, known, listed, number, percent

TITLES = {
    "perturbation": "When the mask is drawn otherwise",
    "reader": "When another reader draws the mask",
    "retest": "When the lesion is scanned again",
}
_MOVES = {
    "translation_mm": "moved by up to {:g}\u00a0mm",
    "rotation_degrees": "turned by up to {:g}\u00b0",
    "growth_mm": "grown or shrunk by up to {:g}\u00a0mm",
    "contour": "its contour redrawn along supervoxels",
    "noise": "noise added, {:g} times the image's own",
    "wanted_dice": "bent to a Dice coefficient of {:g}",
}
_OVER = {
    "perturbations": "the masks drawn anew",
    "readers": "the readers' masks",
    "retest": "first and second scans",
}
_DONE = {
    "perturbation": "Each mask was drawn anew {n}",
    "reader": "The risk was also predicted with the mask of each reader",
    "retest": "The risk was also predicted from second scans",
}
_CHANGES = {
    "perturbation": "one of the masks drawn anew",
    "reader": "the mask of one reader",
    "retest": "a second scan",
}


def other_masks(settings: Mapping[str, Any]) -> str:
    """Return in words how masks were drawn anew, and what had to repeat; "" where nothing was."""
    moved, stable = settings.get("perturbation"), settings.get("stability")
    sentences = []
    if moved:
        moves = [text.format(moved[name]) for name, text in _MOVES.items() if moved.get(name)]
        sentences.append(
            f"Each case was drawn anew {counted(int(moved['variants']), 'time')} "
            f"(seed {moved['seed']}): {listed(moves)}."
        )
    if stable:
        name = str(stable["statistic"])
        words = name.replace("icc_", "ICC(").replace("_", ",") + ")" if "icc" in name else name
        end = "the lower end of its 95\u00a0% interval" if stable["bound"] == "lower" else "it"
        sentences.append(
            f"Of {_OVER[stable['over']]} the statistic {words} was computed for each image feature "
            f"from the training cases of every fold; where {end} was below "
            f"{number(stable['minimum'])}, the feature was left out."
        )
    return " ".join(sentences)


def spread_sentences(
    record: Mapping[str, Any], masks: pd.DataFrame | None, *, auroc: float | None
) -> list[str]:
    """Return in words how far the risks of a cohort move.

    Parameters
    ----------
    record : mapping
        One element of ``evaluation["spread"]``.
    masks : DataFrame or None
        ``kind``, ``reason`` and ``dice`` with the mask as given, one row a variant.
    auroc : float or None
        Of the cases as they were given.
    """
    kind, n_cases = str(record["kind"]), int(record["n_cases"])
    times = counted(int(record["n_variants"]), "time")
    opening = _DONE[kind].format(n=times) + _agreement(kind, masks)
    width, widest = (_points(record[key]) for key in ("median_width", "largest_width"))
    sentences = [
        f"{opening}.",
        f"Nine of ten of a case's risks lie within {width} percentage points of each other in half "
        f"of the cases, and within {widest} in all.",
    ]
    if known(record["level"]):
        n_changed = int(record["n_cases_set_flips"])
        sentences.append(
            f"In {n_changed} of {counted(n_cases, 'case')} ({percent(n_changed / n_cases)}) at "
            f"least {_CHANGES[kind]} changes the answer at {percent(record['level'])}."
        )
    if known(record["threshold"]):
        n_crossed = int(record["n_cases_threshold_flips"])
        sentences.append(
            f"In {n_crossed} the risk crosses {percent(record['threshold'])}, from which on one "
            "would act."
        )
    return [*sentences, *_areas(record, auroc)]


def _points(share: float | None) -> str:
    """Return a difference of risks in percentage points."""
    return number(None if share is None else 100 * share, digits=1)


def _agreement(kind: str, masks: pd.DataFrame | None) -> str:
    """Return how well the masks agree with those that were given, and how many are missing."""
    if masks is None:
        return ""
    own = masks[masks["kind"] == kind]
    lost = int((own["reason"] != "").sum())
    dice = own.loc[own["reason"] == "", "dice"].median()
    told = (
        f"; Dice coefficient with the mask as given: median {number(dice)}" if known(dice) else ""
    )
    return told + (f"; {lost} could not be measured" if lost else "")


def _areas(record: Mapping[str, Any], auroc: float | None) -> list[str]:
    """Return between which AUROCs the model lies, were all cases to come as other variants."""
    values = [row["value"] for row in record["auroc"] if known(row["value"])]
    if record["kind"] != "perturbation" or not values or not known(auroc):
        return []
    return [
        f"Had all masks been drawn otherwise, the AUROC would lie between {number(min(values))} "
        f"and {number(max(values))}; as given it is {number(auroc)}."
    ]


def spread_rows(spread: pd.DataFrame, cases: pd.DataFrame, words: OutcomeWords) -> list[Row]:
    """Return for each kind of answer how far risks move, and how often the answer changes.

    Parameters
    ----------
    spread : DataFrame
        One row a case: ``case_id``, ``low``, ``high``, ``set_flips``.
    cases : DataFrame
        By case: ``answer``, the usual prediction set.
    words : OutcomeWords
        The outcome in words.
    """
    told = spread.assign(answer=spread["case_id"].map(cases["answer"]))
    rows = []
    for answer in ("1", "0", "both", "none"):
        own = told[told["answer"] == answer]
        if own.empty:
            continue
        width = own["high"] - own["low"]
        cells = (
            answer_words(answer, words),
            str(len(own)),
            _points(width.median()),
            _points(width.max()),
            str(int((own["set_flips"] > 0).sum())),
        )
        rows.append(Row(cells=cells))
    return rows


def mask_range(case: Mapping[Any, Any]) -> str:
    """Return between which risks a case lies with other masks, "" where there are none."""
    if not known(case["mask_low"]):
        return ""
    return f"{percent(case['mask_low'])} to {percent(case['mask_high'])}"


def over_masks(cases: pd.DataFrame, spread: pd.DataFrame | None) -> pd.DataFrame:
    """Return cases with ``mask_low`` and ``mask_high``: how far each risk moves with its mask.

    Masks drawn anew go before those of readers, and these before second scans; NaN where there is
    none.
    """
    if spread is None or spread.empty or cases.empty:
        return cases.assign(mask_low=float("nan"), mask_high=float("nan"))
    kinds = list(TITLES)
    own = spread.assign(_order=spread["kind"].map(kinds.index)).sort_values("_order")
    first = own.drop_duplicates("case_id").set_index("case_id")[["low", "high"]]
    return cases.join(first.rename(columns={"low": "mask_low", "high": "mask_high"}))
