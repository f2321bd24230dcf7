"""A study whose given masks are replaced by ones drawn anew, as unlike as it wants."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import yaml
from numpy.testing import assert_array_equal

from radpred.config import read_study
from radpred.datasets.phantom import cuboid, noise_box
from radpred.errors import SettingsError
from radpred.io import read_mask, write_image, write_mask
from radpred.pipeline.lesions.drawn import tumour_of
from radpred.pipeline.variants.redrawn import redrawn_masks
from radpred.segment.agreement import dice
from radpred.stages.inputs.shards import shard_cases
from radpred.stages.prepare import prepare
from radpred.stages.segment import segment, with_masks
from radpred.table import read_table

SHAPE = (20, 30, 30)
LESION = cuboid(SHAPE, start=(5, 8, 8), stop=(15, 20, 22))
SPOT = cuboid(SHAPE, start=(5, 8, 8), stop=(6, 9, 10))


@pytest.fixture
def study(tmp_path):
    """Return a function that writes a study of two patients, each with this lesion."""
    rng = np.random.default_rng(0)
    write_image(noise_box(SHAPE, rng=rng), tmp_path / "scan.nii.gz")

    def write(redrawn_dice=0.8, *, lesion=LESION, columns=None, **settings):
        write_mask(lesion, tmp_path / "mask.nii.gz")
        columns = columns or {"image": "scan.nii.gz"}
        columns = {"mask": "mask.nii.gz", **columns}
        rows = [{"case_id": f"C{n}", "patient_id": f"P{n}", **columns} for n in (1, 2)]
        pd.DataFrame(rows).to_csv(tmp_path / "cases.csv", index=False)
        outcome = pd.DataFrame({"patient_id": ["P1", "P2"], "event": [0, 1]})
        outcome.to_csv(tmp_path / "outcome.csv", index=False)
        content = {"name": "s", "outcome": {"column": "event"}, **settings}
        content["segmentation"] = {"redrawn_dice": redrawn_dice, **settings.get("segmentation", {})}
        (tmp_path / "study.yaml").write_text(yaml.safe_dump(content))
        return tmp_path / "study.yaml"

    return write


def segmented(study_file):
    """Run the step; return the cases with their masks, and the verdicts."""
    plan = prepare(study_file)
    [shard] = plan.shards
    (plan.out / "segment").mkdir(exist_ok=True)
    path = plan.out / "segment" / f"{shard}.parquet"
    listed = plan.out / "shards" / f"{shard}.json"
    segment(plan.out / "study.json", listed, path)
    verdicts = read_table(path.with_suffix(".verdicts.parquet"))[0]
    return with_masks(shard_cases(listed), path), verdicts


@pytest.mark.parametrize("wanted", [0.95, 0.8, 0.7])
def test_the_mask_of_each_case_agrees_with_the_given_one_as_wanted(study, wanted):
    cases, verdicts = segmented(study(wanted))
    found = [dice(LESION, read_mask(case.masks[""])) for case in cases]
    assert found == pytest.approx([wanted] * 2, abs=0.01)
    assert verdicts.empty


def test_each_case_is_drawn_by_itself_and_always_the_same(study):
    path = study()
    first, _ = segmented(path)
    drawn = [read_mask(case.masks[""]).voxels for case in first]
    assert not np.array_equal(*drawn)
    again, _ = segmented(path)
    assert_array_equal(read_mask(again[1].masks[""]).voxels, drawn[1])


def test_all_images_of_a_case_start_from_the_same_draw(study):
    images = {f"image_{m}": "scan.nii.gz" for m in ("pet", "t1")}
    path = study(columns=images)
    cases, _ = segmented(path)
    assert sorted(cases[0].masks) == ["pet", "t1"]
    pet, t1 = (read_mask(cases[0].masks[m]).voxels for m in ("pet", "t1"))
    assert_array_equal(pet, t1)


def test_a_redrawn_mask_is_the_lesion_whatever_its_label_was(study, tmp_path):
    path = study(columns={"image": "scan.nii.gz", "mask_label": 1}, extraction={"mask_label": 3})
    cases, _ = segmented(path)
    settings = read_study(path)
    image = noise_box(SHAPE, rng=np.random.default_rng(0))
    assert tumour_of(cases[0], settings, "", image).n_voxels > 0


def test_a_lesion_too_small_for_the_wanted_dice_is_rejected_and_takes_no_other_with_it(study):
    cases, verdicts = segmented(study(0.9, lesion=SPOT))
    assert cases == []
    assert verdicts["code"].tolist() == ["too_small_to_perturb"] * 2


def test_without_the_setting_the_given_mask_stays(study, tmp_path):
    cases, _ = segmented(study(None))
    assert cases[0].masks[""] == str(tmp_path / "mask.nii.gz")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"segmentation": {"method": "otsu"}}, "keep one of the two"),
        ({"readers": {"consensus": "majority"}}, "keep one of the two"),
    ],
)
def test_masks_that_are_made_otherwise_are_not_redrawn(study, settings, words):
    with pytest.raises(SettingsError, match=words):
        read_study(study(**settings))


def test_a_draw_says_how_alike_it_came_out(study):
    cases, _ = segmented(study(None))
    mask = redrawn_masks(cases[0], read_study(study(0.9)))[""]
    assert "wanted 0.9" in mask.steps[-1]
