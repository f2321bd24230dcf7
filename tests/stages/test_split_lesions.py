"""A study's `lesions` turns rows into cases before any work, and remembers what it found."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import yaml

from radpred.config import read_study
from radpred.datasets.phantom import noise_box
from radpred.errors import InputError
from radpred.image import Image
from radpred.io import write_image
from radpred.stages.inputs import lesions as lesions_module
from radpred.stages.inputs.shards import shard_cases
from radpred.stages.prepare import judge, prepare


@pytest.fixture
def study(tmp_path):
    """Return a function that writes a study of three patients with two labels each."""
    image = noise_box((6, 20, 20), rng=np.random.default_rng(0))
    voxels = np.zeros(image.grid.shape, dtype=np.uint8)
    voxels[1:4, 2:8, 2:8], voxels[1:4, 12:17, 12:17] = 1, 2
    write_image(image, tmp_path / "scan.nii.gz")
    write_image(Image(voxels=voxels, grid=image.grid), tmp_path / "mask.nii.gz")

    def write(lesions, ids=("C1", "C2", "C3")):
        row = {"image": "scan.nii.gz", "mask": "mask.nii.gz"}
        rows = [{"case_id": name, "patient_id": f"P{name[1]}", **row} for name in ids]
        pd.DataFrame(rows).to_csv(tmp_path / "cases.csv", index=False)
        patients = sorted({row["patient_id"] for row in rows})
        outcome = {"patient_id": patients, "event": [i % 2 for i in range(len(patients))]}
        pd.DataFrame(outcome).to_csv(tmp_path / "outcome.csv", index=False)
        content = {"name": "s", "outcome": {"column": "event"}, "lesions": lesions}
        (tmp_path / "study.yaml").write_text(yaml.safe_dump(content))
        return tmp_path / "study.yaml"

    return write


def planned(study_file):
    """Return the cases in the shards of a study."""
    plan = prepare(study_file)
    paths = [plan.out / "shards" / f"{name}.json" for name in plan.shards]
    return [case for path in paths for case in shard_cases(path)]


@pytest.mark.parametrize(("lesions", "n"), [("given", 3), ("rows", 6), ("components", 6)])
def test_a_study_has_as_many_cases_as_its_policy_makes(study, lesions, n):
    assert len(planned(study(lesions))) == n


def test_every_lesion_has_its_verdict_and_its_patient(study):
    cases, verdicts = judge(read_study(study("rows")))
    assert [v.case_id for v in verdicts] == [c.case_id for c in cases]
    assert [(c.case_id, c.patient_id, c.mask_label) for c in cases[:2]] == [
        ("C1:1", "P1", "1"),
        ("C1:2", "P1", "2"),
    ]


def test_masks_are_opened_once_for_a_study_that_is_planned_twice(study, monkeypatch):
    first = planned(study("components"))
    monkeypatch.setattr(lesions_module, "lesions_of", None)
    assert planned(study("components")) == first


def test_a_mask_that_changed_is_opened_again(study, tmp_path):
    planned(study("rows"))
    image = noise_box((6, 20, 20), rng=np.random.default_rng(0))
    voxels = np.zeros(image.grid.shape, dtype=np.uint8)
    voxels[1:4, 2:8, 2:8] = 1
    write_image(Image(voxels=voxels, grid=image.grid), tmp_path / "mask.nii.gz")
    assert [case.case_id for case in planned(study("rows"))] == ["C1", "C2", "C3"]


def test_a_mask_that_cannot_be_read_leaves_its_row(study, tmp_path):
    path = study("rows")
    (tmp_path / "mask.nii.gz").write_bytes(b"no image")
    assert [case.case_id for case in planned(path)] == ["C1", "C2", "C3"]


def test_a_lesion_that_would_have_the_name_of_another_row_is_refused(study):
    with pytest.raises(InputError, match=r"C1: its lesions would be called C1:2") as caught:
        prepare(study("rows", ids=("C1", "C1:2", "C2")))
    assert caught.value.code == "duplicate_case"
