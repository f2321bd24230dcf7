"""Tables of cases and outcomes for the studies on real data, from the tables that came with it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd

STUDIES = Path(__file__).parent


def write_sts(data: Path, folder: Path) -> Path:
    """Write the sarcoma study into ``folder`` and return its study file."""
    clinical = pd.read_csv(data / "sts" / "clinical.csv", dtype=str)
    images = data / "sts" / "images"
    cases = pd.DataFrame({"case_id": clinical["patient"], "patient_id": clinical["patient"]})
    for modality, stem in (("pet", "PET"), ("t1", "MR_T1")):
        for kind in ("image", "mask"):
            cases[f"{kind}_{modality}"] = [
                str(images / patient / f"{stem}_{kind}.nii.gz") for patient in clinical["patient"]
            ]
    cases["site"] = clinical["mr_vendor"]
    outcome = clinical[["patient", "lung_metastasis", "age", "sex"]]
    return _written("sts", folder, cases, outcome.rename(columns={"patient": "patient_id"}))


def write_nsclc(data: Path, folder: Path) -> Path:
    """Write the lung cancer study into ``folder`` and return its study file."""
    source = data / "nsclc_ct_survival"
    clinical = pd.read_csv(source / "clinical.csv", dtype=str, keep_default_na=False)
    clinical = clinical[clinical["has_2mm"] == "True"]
    cases = pd.DataFrame({"case_id": clinical["patient"], "patient_id": clinical["patient"]})
    for column, kind in (("image", "CT"), ("mask", "mask")):
        cases[column] = [
            str(source / "images_2mm" / f"{patient}_{kind}.nii.gz")
            for patient in clinical["patient"]
        ]
    cases["site"] = clinical["center"]
    outcome = clinical[["patient", "dead_2y", "age", "histology"]]
    return _written("nsclc", folder, cases, outcome.rename(columns={"patient": "patient_id"}))


def _written(name: str, folder: Path, cases: pd.DataFrame, outcome: pd.DataFrame) -> Path:
    """Write both tables and the study file beside each other."""
    folder.mkdir(parents=True, exist_ok=True)
    cases.to_csv(folder / "cases.csv", index=False)
    outcome.to_csv(folder / "outcome.csv", index=False)
    return Path(shutil.copy(STUDIES / name / "study.yaml", folder / "study.yaml"))
