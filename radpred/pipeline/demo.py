"""A made cohort as files: what a study starts from, and the truth to hold its answer against."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from radpred.datasets import CohortTruth, MadeCase, cohort_cases, plan_cohort
from radpred.errors import SettingsError
from radpred.io import write_image, write_mask

Prompt = Literal["mask", "box"]


def make_cohort(
    folder: str | Path,
    *,
    n_patients: int = 80,
    strength: float = 1.0,
    seed: int = 0,
    prompt: Prompt = "mask",
) -> CohortTruth:
    """Write a made cohort into ``folder``: scans, masks, ``cases.csv``, ``outcome.csv``, the truth.

    Parameters
    ----------
    folder : path
        Made if need be; files of the same names are replaced.
    n_patients, strength, seed : int, float, int
        As in `radpred.datasets.plan_cohort`; strength 0 is a cohort of pure noise.
    prompt : {"mask", "box"}
        What ``cases.csv`` says about a lesion. The true masks are written either way.

    Returns
    -------
    CohortTruth
        What ``truth.json`` holds too: effects, true risks and the best AUROC there is.

    Raises
    ------
    SettingsError
        An unknown prompt, fewer than two patients, or a negative strength.
    """
    if prompt not in ("mask", "box"):
        msg = f"a cohort with prompt {prompt!r} cannot be made; choose mask or box"
        raise SettingsError(msg)
    folder = Path(folder)
    plan = plan_cohort(n_patients=n_patients, strength=strength, seed=seed)
    for name in ("images", "masks", "organs"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    rows = [_written(case, folder, prompt=prompt) for case in cohort_cases(plan)]
    _write_csv(rows, folder / "cases.csv")
    _write_csv(plan.outcome_rows(), folder / "outcome.csv")
    truth = json.dumps(_plain(asdict(plan.truth)), indent=1, allow_nan=False)
    (folder / "truth.json").write_text(truth + "\n", encoding="utf-8")
    return plan.truth


def _written(case: MadeCase, folder: Path, *, prompt: Prompt) -> dict[str, str]:
    """Write the files of a case, the scan with its first lesion,, and return its row."""
    patient_id = case.patient.patient_id
    image, organ = f"images/{patient_id}.nii.gz", f"organs/{patient_id}.nii.gz"
    mask = f"masks/{case.case_id}.nii.gz"
    if case.number == 1:
        write_image(case.image, folder / image)
        write_mask(case.organ, folder / organ)
    write_mask(case.mask, folder / mask)
    lesion = mask if prompt == "mask" else " ".join(f"{edge:.1f}" for edge in case.box)
    return {
        "case_id": case.case_id,
        "patient_id": patient_id,
        "image": image,
        prompt: lesion,
        "organ_mask": organ,
        "site": case.patient.scanner.site,
    }


def _write_csv(rows: Sequence[dict[str, str]], path: Path) -> None:
    """Write rows as CSV, line ends the same on every system."""
    pd.DataFrame(rows).to_csv(path, index=False, encoding="utf-8", lineterminator="\n")


def _plain(value: Any) -> Any:
    """Return ``value`` with None for NaN, which JSON does not know."""
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    return None if isinstance(value, float) and math.isnan(value) else value
