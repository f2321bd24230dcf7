"""A case that fails, crashes its process or was measured before: each is dealt with alone."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from radpred.cohort import Case, Verdict
from radpred.config import StudySettings
from radpred.errors import RegionError
from radpred.io import read_image, write_image
from radpred.pipeline.demo import make_cohort
from radpred.stages import extract as stage
from radpred.stages.extract import Work, answer, answered
from radpred.stages.work.attempt import attempt

STUDY = StudySettings.model_validate(
    {"name": "s", "outcome": {"column": "event"}, "extraction": {"families": ["firstorder"]}}
)


class Aborting(str):
    """A path whose reading ends the process, as a crash in native code does."""

    def __bool__(self) -> bool:
        os.abort()


@pytest.fixture(scope="module")
def works(tmp_path_factory) -> list[Work]:
    """Return five cases to be measured."""
    folder = tmp_path_factory.mktemp("cohort")
    make_cohort(folder, n_patients=5, seed=6)
    return [
        Work(_case(folder, i), (), STUDY, tmp_path_factory.mktemp("cache")) for i in range(1, 6)
    ]


def _case(folder, number: int) -> Case:
    """Return the first lesion of one made patient."""
    return Case(
        case_id=f"P{number}",
        patient_id=f"P{number}",
        images={"": str(folder / "images" / f"P000{number}.nii.gz")},
        masks={"": str(folder / "masks" / f"P000{number}_L1.nii.gz")},
        mask_label="",
        box=None,
        organ_mask=None,
        site="",
    )


def test_a_crash_is_that_case_s_verdict_and_the_others_are_measured(works):
    crashing = replace(works[2], case=replace(works[2].case, organ_mask=Aborting("x")))
    found = {a.case.case_id: a for a in answered([*works[:2], crashing, *works[3:]], threads=2)}
    assert found["P3"].verdict.code == "crashed"
    assert {a.verdict.status for name, a in found.items() if name != "P3"} <= {"accepted", "noted"}
    assert len(found) == 5


def test_a_measured_case_is_not_measured_again(works, monkeypatch):
    first = answer(works[0])
    monkeypatch.setattr(stage, "measure", lambda *_, **__: pytest.fail("measured twice"))
    assert answer(works[0]).measured == first.measured


def test_other_settings_measure_again(works):
    answer(works[1])
    other = STUDY.model_copy(
        update={"extraction": STUDY.extraction_of("").model_copy(update={"bin_width": 5.0})}
    )
    again = answer(replace(works[1], study=other))
    name = "tumour__original_firstorder_Entropy"
    assert again.measured.values[name] != answer(works[1]).measured.values[name]


def test_two_images_that_change_places_are_measured_again(works, tmp_path):
    case = works[3].case
    image = read_image(case.images[""])
    brighter = str(tmp_path / "brighter.nii.gz")
    write_image(replace(image, voxels=image.voxels + 100), brighter)
    images = {"a": case.images[""], "b": brighter}
    swapped = {"a": brighter, "b": case.images[""]}
    first, second = (
        answer(replace(works[3], case=replace(case, images=these))).measured
        for these in (images, swapped)
    )
    name = "tumour__original_firstorder_Mean"
    assert second.values[f"a__{name}"] == pytest.approx(first.values[f"a__{name}"] + 100)


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RegionError("empty; draw it", code="empty_mask"), "empty_mask"),
        (OSError("gone"), "unreadable_file"),
        (RuntimeError("deep inside a library"), "unexpected_error"),
        (MemoryError(), "out_of_memory"),
    ],
)
def test_any_error_is_that_case_s_verdict(error, code, works):
    def fail() -> None:
        raise error

    verdict = attempt(works[0].case, fail, stage="extract")
    assert isinstance(verdict, Verdict)
    assert (verdict.status, verdict.code) == ("rejected", code)


def test_an_error_that_nobody_foresaw_leaves_its_origin_in_the_log(works, caplog):
    attempt(works[0].case, lambda: [][1], stage="extract")
    assert "IndexError" in caplog.text
