"""Maps as files: one a feature, a table that sums them up, and a picture."""

from __future__ import annotations

import gzip

import numpy as np
import pandas as pd
import pytest

from radpred.config import extraction_settings
from radpred.datasets.phantom import cuboid, noise_box
from radpred.errors import SettingsError
from radpred.io import read_image, write_image, write_mask
from radpred.pipeline.measuring.maps import feature_maps
from radpred.stages.commands.maps import maps_of_cases, maps_of_lesion

SHAPE = (10, 12, 14)
SETTINGS = extraction_settings(
    {
        "families": ["firstorder", "glcm"],
        "features": {"firstorder": ["Mean", "Range"], "glcm": ["JointEntropy"]},
    }
)


@pytest.fixture
def lesion(tmp_path, rng):
    """Return the paths of a scan and its mask, and the two themselves."""
    image = noise_box(SHAPE, rng=rng, spacing=(2.0, 0.5, 0.7))
    region = cuboid(SHAPE, start=(3, 4, 5), stop=(7, 8, 9), spacing=(2.0, 0.5, 0.7))
    write_image(image, tmp_path / "image.nii.gz")
    write_mask(region, tmp_path / "mask.nii.gz")
    return tmp_path / "image.nii.gz", tmp_path / "mask.nii.gz", image, region


def stored(path, shape):
    """Return the voxels of a NIfTI file as they lie there; ITK would read NaN as 0."""
    content = gzip.decompress(path.read_bytes())
    return np.frombuffer(content, "<f4", offset=352).reshape(shape)


def test_a_file_holds_what_the_map_holds_in_its_place(lesion, tmp_path):
    image, mask, *loaded = lesion
    made = maps_of_lesion(image, mask, tmp_path / "maps", settings=SETTINGS)
    for wanted in feature_maps(*loaded, SETTINGS):
        found = read_image(tmp_path / "maps" / f"{wanted.name}.nii.gz")
        voxels = stored(made.folder / f"{wanted.name}.nii.gz", found.grid.shape)
        np.testing.assert_array_equal(voxels, wanted.image.voxels)
        np.testing.assert_allclose(found.grid.origin, wanted.image.grid.origin, atol=1e-6)
        np.testing.assert_allclose(found.grid.spacing, wanted.image.grid.spacing, atol=1e-6)
    assert (made.folder / "picture.png").read_bytes().startswith(b"\x89PNG")


def test_the_table_sums_each_map_up(lesion, tmp_path):
    maps_of_lesion(*lesion[:2], tmp_path / "maps", settings=SETTINGS)
    table = pd.read_csv(tmp_path / "maps" / "maps.csv")
    assert list(table.columns) == ["map", "lowest", "median", "highest", "n_missing", "reasons"]
    for row in table.itertuples():
        values = stored(tmp_path / "maps" / f"{row.map}.nii.gz", -1)
        wanted = [np.nanmin(values), np.nanmedian(values), np.nanmax(values)]
        assert [row.lowest, row.median, row.highest] == pytest.approx(wanted, rel=1e-6)


def test_voxels_without_a_value_are_counted_by_reason(tmp_path, rng):
    image = noise_box(SHAPE, rng=rng)
    image.voxels[:, :, :8] = 7.0
    write_image(image, tmp_path / "image.nii.gz")
    write_mask(cuboid(SHAPE, start=(3, 4, 5), stop=(7, 8, 11)), tmp_path / "mask.nii.gz")
    made = maps_of_lesion(
        tmp_path / "image.nii.gz", tmp_path / "mask.nii.gz", tmp_path / "maps", settings=SETTINGS
    )
    rows = made.summary.set_index("map")
    # Two of the six layers see nothing but the constant.
    assert rows.loc["original_glcm_JointEntropy", "reasons"] == "too_few_grey_levels:32"
    assert rows.loc["original_firstorder_Mean", "n_missing"] == 0


def test_a_map_to_picture_that_is_not_made_is_refused_before_any_work(tmp_path):
    with pytest.raises(SettingsError, match="nearest are original_glcm_JointEntropy"):
        maps_of_lesion(
            tmp_path / "none.nii.gz",
            tmp_path / "none.nii.gz",
            tmp_path,
            settings=SETTINGS,
            pictured=["original_glcm_JointEnergy"],
        )


def test_a_bad_case_is_a_verdict_and_the_others_have_their_folders(lesion, tmp_path):
    image, mask, *_ = lesion
    rows = [("a", image, mask), ("b", image, tmp_path / "none.nii.gz"), ("c 1/2", image, mask)]
    table = pd.DataFrame(rows, columns=["case_id", "image", "mask"]).assign(patient_id="p")
    table.to_csv(tmp_path / "cases.csv", index=False)
    verdicts = maps_of_cases(tmp_path / "cases.csv", tmp_path / "maps", settings=SETTINGS)
    status = dict(zip(verdicts["case_id"], verdicts["status"], strict=True))
    assert status == {"a": "accepted", "b": "rejected", "c 1/2": "accepted"}
    assert sorted(p.parent.name for p in (tmp_path / "maps").glob("*/picture.png")) == [
        "a",
        "c 1%2F2",
    ]
