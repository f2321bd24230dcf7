"""A small study with as many faults as are asked for, for tests to share."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import yaml

from radpred.datasets.phantom import cuboid, noise_box
from radpred.image import Image
from radpred.io import write_image, write_mask

SHAPE = (10, 12, 14)
SOUND = ["C0", "C1"]


def cell(folder, name, mask=None, **moved):
    """Write a scan and its mask; return their names in the table."""
    image = noise_box(SHAPE, rng=np.random.default_rng(len(name)))
    drawn = cuboid(SHAPE, start=(3, 4, 5), stop=(7, 8, 9))
    write_image(image, folder / f"{name}.nii.gz")
    if mask is None:
        write_mask(replace(drawn, grid=replace(drawn.grid, **moved)), folder / f"{name}_m.nii.gz")
    else:
        write_image(Image(voxels=mask(drawn.voxels), grid=drawn.grid), folder / f"{name}_m.nii.gz")
    return f"{name}.nii.gz", f"{name}_m.nii.gz"


def two_labels(inside):
    labels = inside.astype(np.uint8)
    labels[:5] *= 2
    return labels


def written(folder, faults=(), **settings):
    """Write a study of two sound cases and of one for each fault; return its file."""
    rows = {case_id: cell(folder, case_id) for case_id in SOUND}
    made = {
        "missing": lambda: ("nowhere.nii.gz", rows["C0"][1]),
        "cut": lambda: (cut(folder), rows["C0"][1]),
        "moved": lambda: cell(folder, "moved", origin=(30.0, 0.0, 0.0)),
        "labels": lambda: cell(folder, "labels", two_labels),
        "empty": lambda: cell(folder, "empty", lambda inside: np.zeros(SHAPE, np.uint8)),
        "nudged": lambda: cell(folder, "nudged", origin=(0.3, 0.0, 0.0)),
        "noted": lambda: cell(folder, "noted", lambda inside: 7 * inside.astype(np.uint8)),
    }
    rows |= {fault: made[fault]() for fault in faults}
    table = [(name, name, *files) for name, files in rows.items()]
    columns = ["case_id", "patient_id", "image", "mask"]
    pd.DataFrame(table, columns=columns).to_csv(folder / "cases.csv", index=False)
    outcome = pd.DataFrame({"patient_id": list(rows), "event": np.arange(len(rows)) % 2})
    outcome.to_csv(folder / "outcome.csv", index=False)
    study = {"name": "made", "outcome": {"column": "event"}, **settings}
    (folder / "study.yaml").write_text(yaml.safe_dump(study))
    return folder / "study.yaml"


def cut(folder):
    """Write a scan that is cut short; return its name."""
    whole = noise_box(SHAPE, rng=np.random.default_rng(1))
    write_image(whole, folder / "cut.nii")
    (folder / "cut.nii").write_bytes((folder / "cut.nii").read_bytes()[:-9])
    return "cut.nii"
