import json
import math

import numpy as np
import pandas as pd
import pytest

from radpred.cohort import check_cases, link_outcome
from radpred.datasets import cohort_cases, plan_cohort
from radpred.errors import SettingsError
from radpred.io import read_image, read_mask
from radpred.pipeline.demo import make_cohort

CLINICAL = ("age", "sex", "marker", "smoking")


def text_table(path):
    return pd.read_csv(path, dtype=str, keep_default_na=False)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return a folder with a cohort of 20 patients, two of whom have two lesions, and its truth."""
    folder = tmp_path_factory.mktemp("cohort")
    return folder, make_cohort(folder, n_patients=20, seed=0)


def test_every_row_of_a_made_cohort_is_accepted(made):
    folder, _ = made
    frame = text_table(folder / "cases.csv")
    cases, verdicts = check_cases(frame, folder=folder, method="given")
    assert {verdict.status for verdict in verdicts} == {"accepted"}
    assert len(cases) == len(frame) > 20


def test_every_case_of_a_made_cohort_has_its_drawn_outcome(made):
    folder, truth = made
    cases, _ = check_cases(text_table(folder / "cases.csv"), folder=folder, method="given")
    frame = text_table(folder / "outcome.csv")
    outcome, verdicts = link_outcome(cases, frame, column="event", positive="1", clinical=CLINICAL)
    drawn = {p.patient_id: p.event for p in plan_cohort(n_patients=20, seed=0).patients}
    assert verdicts == []
    assert outcome.y.to_dict() == {case.case_id: drawn[case.patient_id] for case in cases}
    assert set(truth.risk) == set(outcome.groups)
    assert [dtype.kind for dtype in outcome.clinical.dtypes] == ["f", "O", "f", "O"]


def test_files_hold_the_voxels_that_were_drawn(made):
    folder, _ = made
    rows = text_table(folder / "cases.csv").to_dict("records")
    for case, row in zip(cohort_cases(plan_cohort(n_patients=20, seed=0)), rows, strict=True):
        image, mask = read_image(folder / row["image"]), read_mask(folder / row["mask"])
        organ = read_mask(folder / row["organ_mask"])
        assert row["case_id"] == case.case_id
        assert image.voxels.dtype == np.int16
        np.testing.assert_array_equal(image.voxels, case.image.voxels)
        np.testing.assert_array_equal(mask.voxels, case.mask.voxels)
        np.testing.assert_array_equal(organ.voxels, case.organ.voxels)
        np.testing.assert_allclose(image.grid.origin, case.image.grid.origin, atol=1e-3)
        np.testing.assert_allclose(image.grid.spacing, case.image.grid.spacing, rtol=1e-6)
        np.testing.assert_allclose(image.grid.direction, case.image.grid.direction, atol=1e-6)


def test_truth_stands_beside_the_cohort(made):
    folder, truth = made
    written = json.loads((folder / "truth.json").read_text(encoding="utf-8"))
    assert written["risk"] == truth.risk
    assert written["oracle_auroc"] == truth.oracle_auroc
    assert [effect["name"] for effect in written["effects"]] == ["texture", "halo", "marker"]


def test_box_prompts_replace_masks_in_the_table(tmp_path):
    make_cohort(tmp_path, n_patients=3, prompt="box")
    frame = text_table(tmp_path / "cases.csv")
    cases, verdicts = check_cases(frame, folder=tmp_path, method="otsu")
    assert "mask" not in frame.columns
    assert {verdict.status for verdict in verdicts} == {"accepted"}
    plan = plan_cohort(n_patients=3)
    assert [case.box for case in cases] == [case.box for case in cohort_cases(plan)]


def test_cohort_of_one_class_has_no_oracle(tmp_path):
    for seed in range(50):
        if math.isnan(plan_cohort(n_patients=2, seed=seed).truth.oracle_auroc):
            break
    make_cohort(tmp_path, n_patients=2, seed=seed)
    assert json.loads((tmp_path / "truth.json").read_text())["oracle_auroc"] is None


def test_unknown_prompt_is_refused(tmp_path):
    with pytest.raises(SettingsError, match="choose mask or box"):
        make_cohort(tmp_path, prompt="scribble")
