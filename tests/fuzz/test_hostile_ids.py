"""Ids are data: none becomes a path outside the run's folder, a command, or markup."""

from __future__ import annotations

import csv
import zipfile

import pytest
from formats import GRID

from radpred.deploy import read_bundle
from radpred.errors import BundleError
from radpred.image import Image, Mask
from radpred.io import write_image, write_mask
from radpred.stages.check import check, write_page
from radpred.stages.files import file_name_of
from radpred.stages.prepare import prepare
from radpred.stages.segment import segment

IDS = (
    *("../../etc/x", "a/b", "/abs", "$(touch made)", "; touch made", "`touch made`", "%s%n", "CON"),
    *("-rf", "a\nb", "<script>alert(1)</script>", "\u202eä", "..", ".", "{case}", "L" * 300),
)


@pytest.fixture
def study(tmp_path):
    """Return the study file of a cohort whose every id is hostile, alone in its folder."""
    folder = tmp_path / "run"
    folder.mkdir()
    voxels = (GRID.shape[0] * [[[1.0] * 7] * 8],)[0]
    import numpy as np

    image = Image(voxels=np.array(voxels) + np.arange(8)[:, None], grid=GRID)
    write_image(image, folder / "i.nii")
    write_mask(Mask(voxels=image.voxels > 3, grid=GRID, name="tumour"), folder / "m.nii")
    with (folder / "cases.csv").open("w", newline="", encoding="utf-8") as file:
        rows = [(i, i, "i.nii", "0 0 0 9 9 9", "m.nii") for i in IDS]
        csv.writer(file).writerows([("case_id", "patient_id", "image", "box", "mask"), *rows])
    with (folder / "outcome.csv").open("w", newline="", encoding="utf-8") as file:
        rows = [(i, n % 2) for n, i in enumerate(IDS)]
        csv.writer(file).writerows([("patient_id", "y"), *rows])
    path = folder / "study.yaml"
    path.write_text("name: made\noutcome: {column: y}\n", encoding="utf-8")
    return path


def _outside(study):
    """Return what lies beside the run's folder."""
    return [path for path in study.parent.parent.iterdir() if path != study.parent]


@pytest.mark.parametrize("case_id", IDS)
def test_a_case_id_is_one_file_name(case_id):
    name = file_name_of(case_id)
    assert "/" not in name
    assert name not in (".", "..")


def test_masks_of_hostile_ids_stay_in_the_run(study):
    method = "segmentation: {method: otsu}\n"
    study.write_text(study.read_text(encoding="utf-8") + method, encoding="utf-8")
    plan = prepare(study)
    (plan.out / "segment").mkdir()
    for shard in plan.shards:
        path = plan.out / "shards" / f"{shard}.json"
        segment(plan.out / "study.json", path, plan.out / "segment" / f"{shard}.parquet")
    assert not _outside(study)
    assert not list(study.parent.parent.rglob("made"))


def test_the_check_page_shows_ids_as_text(study):
    page = write_page(check(study)).read_text(encoding="utf-8")
    assert "<script>alert(1)" not in page
    assert not _outside(study)


@pytest.mark.parametrize("name", ["../../x", "/x", "a/b", "..\\x"])
def test_a_model_with_a_path_for_a_member_is_refused(tmp_path, name):
    with zipfile.ZipFile(tmp_path / "model.radpred", "w") as archive:
        archive.writestr(name, "{}")
    with pytest.raises(BundleError, match="no name inside"):
        read_bundle(tmp_path / "model.radpred")
