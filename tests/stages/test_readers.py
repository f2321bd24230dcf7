"""A study whose lesions several readers drew: one mask each, and how well they agree."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import yaml
from numpy.testing import assert_array_equal

from radpred.config import read_study
from radpred.datasets.phantom import cuboid, noise_box
from radpred.errors import SettingsError
from radpred.image import Image
from radpred.io import read_mask, write_image, write_mask
from radpred.segment.agreement import dice
from radpred.segment.consensus import majority
from radpred.stages.commands.check import check
from radpred.stages.inputs.shards import shard_cases
from radpred.stages.prepare import prepare
from radpred.stages.segment import segment, with_masks
from radpred.table import read_table

SHAPE = (8, 20, 20)
DRAWN = {
    "A": cuboid(SHAPE, start=(2, 4, 4), stop=(6, 12, 12)),
    "B": cuboid(SHAPE, start=(2, 4, 4), stop=(6, 12, 14)),
    "C": cuboid(SHAPE, start=(2, 4, 4), stop=(6, 10, 14)),
}


@pytest.fixture
def study(tmp_path):
    """Return a function that writes a study of two patients whose lesions were drawn so often."""
    rng = np.random.default_rng(0)
    write_image(noise_box(SHAPE, rng=rng), tmp_path / "scan.nii.gz")

    def write(consensus="majority", *, drawn=DRAWN, has_image=True, **settings):
        for reader, mask in drawn.items():
            write_mask(mask, tmp_path / f"{reader}.nii.gz")
        image = {"image": "scan.nii.gz"} if has_image else {}
        rows = [
            {"case_id": f"C{n}", "patient_id": f"P{n}", **image, "mask": f"{r}.nii.gz", "reader": r}
            for n in (1, 2)
            for r in drawn
        ]
        pd.DataFrame(rows).to_csv(tmp_path / "cases.csv", index=False)
        outcome = pd.DataFrame({"patient_id": ["P1", "P2"], "event": [0, 1]})
        outcome.to_csv(tmp_path / "outcome.csv", index=False)
        content = {"name": "s", "outcome": {"column": "event"}, **settings}
        content["readers"] = {"consensus": consensus, **settings.pop("readers", {})}
        (tmp_path / "study.yaml").write_text(yaml.safe_dump(content))
        return tmp_path / "study.yaml"

    return write


def segmented(study_file):
    """Run the step; return the cases with their masks, the agreement and the verdicts."""
    plan = prepare(study_file)
    [shard] = plan.shards
    (plan.out / "segment").mkdir(exist_ok=True)
    path = plan.out / "segment" / f"{shard}.parquet"
    segment(plan.out / "study.json", plan.out / "shards" / f"{shard}.json", path)
    cases = with_masks(shard_cases(plan.out / "shards" / f"{shard}.json"), path)
    beside = [read_table(path.with_suffix(f".{k}.parquet"))[0] for k in ("agreement", "verdicts")]
    return cases, *beside


@pytest.mark.parametrize("has_image", [True, False])
def test_the_mask_of_a_case_is_what_most_readers_marked(study, has_image):
    cases, _, verdicts = segmented(study(has_image=has_image))
    assert [case.case_id for case in cases] == ["C1", "C2"]
    found = read_mask(cases[0].masks[""])
    assert_array_equal(found.voxels, majority(list(DRAWN.values())).voxels)
    assert verdicts.empty


def test_a_case_keeps_the_masks_of_its_readers(study, tmp_path):
    cases, _, _ = segmented(study())
    assert {r: m[""] for r, m in cases[0].readers.items()} == {
        r: str(tmp_path / f"{r}.nii.gz") for r in DRAWN
    }


def test_agreement_has_a_row_for_each_pair_and_for_each_reader_with_the_consensus(study):
    _, agreement, _ = segmented(study())
    of_first = agreement[agreement["case_id"] == "C1"]
    assert list(zip(of_first["first"], of_first["second"], strict=True)) == [
        ("A", "B"),
        ("A", "C"),
        ("B", "C"),
        ("A", "consensus"),
        ("B", "consensus"),
        ("C", "consensus"),
    ]
    assert of_first["dice"].iloc[0] == dice(DRAWN["A"], DRAWN["B"])
    assert agreement[["hd95_mm", "asd_mm", "kappa"]].notna().all().all()
    assert agreement["sensitivity"].isna().all()


def test_staple_tells_how_well_each_reader_did(study):
    _, agreement, _ = segmented(study("staple"))
    known = agreement.set_index("second").loc["consensus", ["sensitivity", "specificity"]]
    assert known.notna().all().all()
    assert ((known > 0) & (known <= 1)).all().all()


@pytest.mark.parametrize(("ties", "reader"), [("background", "A"), ("foreground", "B")])
def test_ties_of_two_readers_are_what_the_setting_says(study, ties, reader):
    drawn = {name: DRAWN[name] for name in ("A", "B")}
    cases, _, _ = segmented(study(drawn=drawn, readers={"ties": ties}))
    assert_array_equal(read_mask(cases[0].masks[""]).voxels, DRAWN[reader].voxels)


def test_a_reader_who_marked_nothing_counts_and_is_noted(study, tmp_path):
    study_file = study()
    empty = Image(voxels=np.zeros(SHAPE, np.uint8), grid=DRAWN["A"].grid)
    write_image(empty, tmp_path / "C.nii.gz")
    cases, agreement, verdicts = segmented(study_file)
    both = DRAWN["A"].voxels & DRAWN["B"].voxels
    assert_array_equal(read_mask(cases[0].masks[""]).voxels, both)
    assert "reader C marked nothing" in verdicts["came"].iloc[0]
    assert agreement[agreement["first"] == "C"]["dice"].eq(0).all()


def test_readers_who_agree_on_nothing_lose_their_case_and_no_other(study):
    apart = {"A": DRAWN["A"], "B": cuboid(SHAPE, start=(2, 14, 14), stop=(4, 17, 17))}
    cases, agreement, verdicts = segmented(study(drawn=apart))
    assert not cases
    assert agreement.empty
    assert list(verdicts["code"]) == ["no_consensus", "no_consensus"]
    assert "A 256, B 18" in verdicts["came"].iloc[0]


def test_masks_without_an_image_on_different_grids_are_refused(study):
    other = cuboid((9, 20, 20), start=(2, 4, 4), stop=(6, 12, 12))
    drawn = {"A": DRAWN["A"], "B": other}
    _, _, verdicts = segmented(study(drawn=drawn, has_image=False))
    assert set(verdicts["code"]) == {"geometry"}
    assert "mask of reader B lies on 9 x 20 x 20" in verdicts["came"].iloc[0]


def test_a_label_is_read_of_readers_masks_and_not_of_their_consensus(study, tmp_path):
    study_file = study(extraction={"mask_label": 2})
    for reader, mask in DRAWN.items():
        marked = Image(voxels=mask.voxels * np.uint8(2), grid=mask.grid)
        write_image(marked, tmp_path / f"{reader}.nii.gz")
    cases, _, _ = segmented(study_file)
    assert len(cases) == 2
    verdicts = check(study_file).verdicts
    assert not (verdicts["status"] == "rejected").any()


def test_a_check_says_how_many_readers_there_are(study):
    verdicts = check(study()).verdicts
    [note] = verdicts[verdicts["code"] == "readers"].to_dict("records")
    assert (note["status"], note["came"]) == ("noted", "2 cases with 3 readers")


def test_a_check_sees_a_reader_whose_mask_lies_elsewhere(study, tmp_path):
    study_file = study()
    moved = Image(
        voxels=DRAWN["B"].voxels.astype(np.uint8),
        grid=DRAWN["B"].grid.cropped(tuple(slice(50, 50 + n) for n in SHAPE)),
    )
    write_image(moved, tmp_path / "B.nii.gz")
    verdicts = check(study_file, is_fast=True).verdicts
    assert "mask_displaced" in set(verdicts["code"])


def test_pictures_of_a_check_outline_the_consensus(study):
    checked = check(study(), has_pictures=True)
    assert set(checked.pictures) == {"C1", "C2"}
    assert all(checked.pictures.values())


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"segmentation": {"method": "otsu"}}, "keep one of the two"),
        ({"lesions": "rows"}, "give each lesion rows of its own"),
        ({"lesions": "components"}, "give each lesion rows of its own"),
    ],
)
def test_settings_that_make_masks_otherwise_are_refused_beside_a_consensus(study, settings, words):
    with pytest.raises(SettingsError, match=words):
        read_study(study(**settings))
