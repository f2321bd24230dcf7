"""Case 42: masks of several readers become one by a stated rule, and no label is invented."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import yaml
from numpy.testing import assert_array_equal

from radpred.config import read_study
from radpred.datasets.phantom import cuboid
from radpred.image import Image
from radpred.io import read_mask, write_image, write_mask
from radpred.segment import majority, majority_labels, staple
from radpred.stages.inputs.shards import shard_cases
from radpred.stages.prepare import judge, prepare
from radpred.stages.segment import segment, with_masks
from radpred.table import read_table

from .blocks import SHAPE


@pytest.mark.parametrize("ties", ["background", "foreground"])
def test_raters_1_1_and_1_2_give_no_label_3(ties):
    found = majority_labels([np.array([1, 1]), np.array([1, 2])], ties=ties)
    assert set(found) <= {0, 1, 2}
    assert found[0] == 1


def test_two_against_two_is_background_unless_told_otherwise(tumour):
    shifted = replace(tumour, voxels=np.roll(tumour.voxels, 2, axis=2))
    raters = [tumour, tumour, shifted, shifted]
    both = tumour.voxels & shifted.voxels
    assert_array_equal(majority(raters).voxels, both)
    either = tumour.voxels | shifted.voxels
    assert_array_equal(majority(raters, ties="foreground").voxels, either)


def test_a_rater_who_marked_nothing_is_outvoted_and_not_left_out(tumour):
    empty = replace(tumour, voxels=np.zeros(SHAPE, dtype=bool))
    assert_array_equal(majority([tumour, tumour, empty]).voxels, tumour.voxels)
    assert majority([tumour, empty]).n_voxels == 0
    assert staple([tumour, tumour, empty]).sensitivity[2] == 0


@pytest.fixture
def study(scan, tumour, tmp_path):
    """Return a function that writes a study of two patients, whose lesions two raters drew."""
    smaller = replace(tumour, voxels=cuboid(SHAPE, start=(6, 7, 8), stop=(14, 16, 15)).voxels)

    def write(**readers):
        write_image(scan, tmp_path / "scan.nii.gz")
        write_mask(tumour, tmp_path / "first.nii.gz")
        write_mask(smaller, tmp_path / "second.nii.gz")
        row = {"image": "scan.nii.gz"}
        rows = [
            {
                "case_id": f"C{n}",
                "patient_id": f"P{n}",
                **row,
                "mask": f"{who}.nii.gz",
                "reader": who,
            }
            for n in (1, 2)
            for who in ("first", "second")
        ]
        pd.DataFrame(rows).to_csv(tmp_path / "cases.csv", index=False)
        outcome = pd.DataFrame({"patient_id": ["P1", "P2"], "event": [0, 1]})
        outcome.to_csv(tmp_path / "outcome.csv", index=False)
        content = {"name": "s", "outcome": {"column": "event"}, "readers": readers}
        (tmp_path / "study.yaml").write_text(yaml.safe_dump(content))
        return tmp_path / "study.yaml"

    return write, smaller


def segmented(study_file):
    """Return the cases of a study with their masks, and how well raters agree."""
    plan = prepare(study_file)
    [name] = plan.shards
    shard, table = (plan.out / f for f in (f"shards/{name}.json", f"segment/{name}.parquet"))
    table.parent.mkdir()
    segment(plan.out / "study.json", shard, table)
    agreement, _ = read_table(table.with_suffix(".agreement.parquet"))
    return with_masks(shard_cases(shard), table), agreement


def test_a_study_writes_the_consensus_and_keeps_how_well_raters_agree(study):
    write, smaller = study
    [case, _], agreement = segmented(write(consensus="majority"))
    found = read_mask(case.masks[""])
    assert_array_equal(found.voxels, smaller.voxels)
    of_case = agreement[agreement["case_id"] == "C1"].set_index(["first", "second"])["dice"]
    assert of_case["first", "second"] == pytest.approx(2 * 504 / (792 + 504))
    assert of_case["second", "consensus"] == 1


def test_labels_of_a_study_never_grow(study, scan, tumour, tmp_path):
    write, _ = study
    study_file = write(consensus="staple")
    for who in ("first", "second"):
        marked = Image(voxels=tumour.voxels * np.uint8(4), grid=tumour.grid)
        write_image(marked, tmp_path / f"{who}.nii.gz")
    [case, _], _ = segmented(study_file)
    assert read_mask(case.masks[""]).n_voxels == tumour.n_voxels


def test_without_a_rule_several_raters_are_refused(study):
    write, _ = study
    cases, verdicts = judge(read_study(write()))
    assert not cases
    assert {v.code for v in verdicts if v.case_id} == {"several_readers"}
