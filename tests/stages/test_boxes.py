"""A study whose lesions come as boxes: masks are made, kept, and made for new patients too."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from in_process import measured

from radpred.io import read_mask
from radpred.pipeline.demo import make_cohort
from radpred.stages.assemble import assemble
from radpred.stages.prepare import prepare
from radpred.workflow import Study

STUDY = {
    "name": "boxes",
    "outcome": {"column": "event"},
    "regions": {"rings_mm": [4]},
    "extraction": {"filters": [{"kind": "original"}], "bin_width": 10},
}


@pytest.fixture(scope="module", params=["otsu", "fcm", "gmm", "knn", "ellipsoid"])
def boxes(request, tmp_path_factory) -> Path:
    """Return a study of boxes whose features were extracted, by one method after the other."""
    folder = tmp_path_factory.mktemp(request.param)
    make_cohort(folder, n_patients=6, seed=2, prompt="box")
    study = {**STUDY, "segmentation": {"method": request.param}}
    (folder / "study.yaml").write_text(yaml.safe_dump(study))
    assembled(folder / "study.yaml")
    return folder


def assembled(study_file: Path) -> None:
    """Make the masks and the features of a study, step by step."""
    plan = prepare(study_file)
    tables = [measured(plan.out, name) for name in plan.shards]
    assemble(plan.out / "study.json", tables, plan.out / "features.parquet")


def dice(a: np.ndarray, b: np.ndarray) -> float:
    """Return the overlap of two masks."""
    return 2 * float((a & b).sum()) / float(a.sum() + b.sum())


def test_made_masks_are_the_true_ones_in_most_patients(boxes):
    made = sorted((boxes / "results" / "masks").glob("*.nii.gz"))
    overlaps = [dice(read_mask(p).voxels, read_mask(boxes / "masks" / p.name).voxels) for p in made]
    assert np.median(overlaps) > 0.85


def test_every_box_becomes_a_row_of_features_or_a_reason(boxes):
    table = pd.read_parquet(boxes / "results" / "features.parquet")
    verdicts = pd.read_parquet(boxes / "results" / "verdicts.parquet")
    rejected = verdicts[verdicts["status"] == "rejected"]
    assert len(table) + len(rejected) == len(pd.read_csv(boxes / "cases.csv"))
    assert (rejected["code"] != "").all()


def test_a_box_outside_its_scan_is_found_by_the_check(tmp_path):
    make_cohort(tmp_path, n_patients=4, seed=2, prompt="box")
    cases = pd.read_csv(tmp_path / "cases.csv", dtype=str)
    cases.loc[0, "box"] = "9000 9000 9000 9010 9010 9010"
    cases.to_csv(tmp_path / "cases.csv", index=False)
    study = {**STUDY, "segmentation": {"method": "otsu"}}
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(study))
    verdicts = Study.from_file(tmp_path / "study.yaml").check()
    assert list(verdicts.loc[verdicts["status"] == "rejected", "code"]) == ["box_outside_image"]
