"""Cases, outcomes and embeddings of both cohorts, as files that the study files name."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

from radpred.image import Mask
from radpred.io import read_image, read_mask
from radpred.pipeline.demo import make_cohort

from .embedding import as_table, embedded

MARGIN_MM = 5.0


def write_nodules(data: Path, folder: Path) -> None:
    """Write the nodules that readers rated benign or malignant, each with its mask and a box."""
    source = data / "lidc_ct_nodules"
    listed = pd.read_csv(source / "nodules.csv")
    listed = listed[listed["label_malignant"].notna()]
    patients = listed["patient_id"].fillna(listed["case"]).astype(str)
    rows, vectors = [], {}
    for case, patient in zip(listed["case"], patients, strict=True):
        paths = {kind: str(source / "images" / case / f"{kind}.nii.gz") for kind in ("CT", "mask")}
        image, mask = read_image(paths["CT"]), read_mask(paths["mask"])
        box = " ".join(f"{edge:.1f}" for edge in _box_about(mask))
        rows.append((case, patient, paths["CT"], paths["mask"], box))
        vectors[case] = embedded(image, _middle(mask), middle=-600.0, width=600.0)
    folder.mkdir(parents=True, exist_ok=True)
    columns = ["case_id", "patient_id", "image", "mask", "box"]
    pd.DataFrame(rows, columns=columns).to_csv(folder / "cases.csv", index=False)
    outcome = pd.DataFrame(
        {"patient_id": patients, "malignant": listed["label_malignant"].astype(int)}
    )
    outcome.drop_duplicates("patient_id").to_csv(folder / "outcome.csv", index=False)
    as_table(vectors).to_csv(folder / "embedding.csv", index=False)


def write_made(folder: Path, *, n_patients: int) -> None:
    """Write a made cohort whose lesions have a halo 5 to 7 mm wide, and its embeddings."""
    make_cohort(folder, n_patients=n_patients)
    cases = pd.read_csv(folder / "cases.csv", dtype=str)
    vectors = {}
    for case in cases.itertuples():
        image, mask = read_image(folder / case.image), read_mask(folder / case.mask)
        vectors[case.case_id] = embedded(image, _middle(mask), middle=200.0, width=100.0)
    as_table(vectors).to_csv(folder / "embedding.csv", index=False)


def _middle(mask: Mask) -> np.ndarray:
    """Return the index in the middle of a mask's box; its outline plays no part."""
    inside = np.argwhere(mask.voxels)
    return (inside.min(axis=0) + inside.max(axis=0)) / 2


def _box_about(mask: Mask) -> tuple[float, ...]:
    """Return the box around a mask with a margin, x0 y0 z0 x1 y1 z1 in LPS mm."""
    inside = np.argwhere(mask.voxels)
    edges = np.stack([inside.min(axis=0) - 0.5, inside.max(axis=0) + 0.5])
    corners = mask.grid.to_world(edges)
    low, high = corners.min(axis=0) - MARGIN_MM, corners.max(axis=0) + MARGIN_MM
    return (*low, *high)
