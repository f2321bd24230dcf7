"""Cases and outcomes of both cohorts, as files that the study files name."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from radpred.pipeline.demo import make_cohort


def write_sarcomas(data: Path, folder: Path) -> None:
    """Write the sarcomas on T1 MR, with the mask that came with each."""
    images = data / "sts" / "images"
    clinical = pd.read_csv(data / "sts" / "clinical.csv", dtype=str)
    patients = clinical["patient"]
    cases = pd.DataFrame({"case_id": patients, "patient_id": patients})
    for kind in ("image", "mask"):
        cases[kind] = [str(images / name / f"MR_T1_{kind}.nii.gz") for name in patients]
    folder.mkdir(parents=True, exist_ok=True)
    cases.to_csv(folder / "cases.csv", index=False)
    outcome = clinical[["patient", "lung_metastasis"]].rename(columns={"patient": "patient_id"})
    outcome.to_csv(folder / "outcome.csv", index=False)


def write_made(folder: Path, *, n_patients: int) -> None:
    """Write made lesions: texture inside, and a halo 5 to 7 mm wide, tell the outcome."""
    make_cohort(folder, n_patients=n_patients, seed=11)
