"""What a case's row marks becomes its mask, by the settings of its study."""

from __future__ import annotations

import pytest

from radpred.cohort import Case
from radpred.config import StudySettings
from radpred.datasets.phantom import painted, sphere
from radpred.io import write_image
from radpred.pipeline.measuring.measure import segmented
from radpred.segment import dice

BALL = sphere(8.0, margin_mm=9.0)
PROMPTS = {
    "point": (2.0, -1.0, 3.0),
    "box": (-11.0, -11.0, -11.0, 11.0, 11.0, 11.0),
    "extreme_points": (-8, 0, 0, 8, 0, 0, 0, -8, 0, 0, 8, 0, 0, 0, -8, 0, 0, 8),
}


def study(**segmentation):
    how = {"method": "ellipsoid", **segmentation}
    return StudySettings(name="s", outcome={"column": "event"}, segmentation=how)


@pytest.fixture
def case(tmp_path):
    path = tmp_path / "scan.nii.gz"
    write_image(painted(BALL, inside=150.0, outside=50.0), path)
    return lambda **prompt: Case(
        case_id="C1",
        patient_id="P1",
        images={"": str(path)},
        masks={},
        mask_label="",
        organ_mask=None,
        site="",
        **{"box": None, **prompt},
    )


@pytest.mark.parametrize("prompt", PROMPTS)
def test_each_prompt_finds_the_lesion(case, prompt):
    assert dice(segmented(case(**{prompt: PROMPTS[prompt]}), study()), BALL) > 0.95


def test_extreme_points_go_before_a_box_and_a_box_before_a_point(case):
    steps = [
        segmented(case(**{name: PROMPTS[name] for name in names}), study()).steps[-1]
        for names in (("point", "box"), ("point", "box", "extreme_points"))
    ]
    assert "in a box of 22 x 22 x 22 mm" in steps[0]
    assert "between extreme points 16 x 16 x 16 mm apart" in steps[1]


def test_settings_say_how_large_boxes_are_and_what_cleans_masks(case):
    how = study(box_margin=0.1875, smooth_mm=1.0, fill_holes=False)
    mask = segmented(case(box=PROMPTS["box"]), how)
    assert mask.steps[-1].endswith("the part in the middle, smoothed by 1 mm")
    assert dice(mask, BALL) > 0.95
