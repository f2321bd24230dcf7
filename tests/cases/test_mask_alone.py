"""Masks without an image: shape, and reasons for the rest."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from radpred.config import extraction_settings
from radpred.datasets.phantom import noise_box, sphere
from radpred.image import Grid, Image, Mask
from radpred.io import read_mask, write_image, write_mask
from radpred.pipeline.measuring.extract import Extractor
from radpred.stages.commands.features import of_cases

from .blocks import write_cases


@pytest.fixture
def ball(tmp_path):
    """Return a table that names the mask of a ball and no image."""
    mask = sphere(8.0, spacing=(2.0, 1.0, 1.0))
    write_mask(mask, tmp_path / "mask.nii.gz")
    write_image(noise_box(mask.grid.shape, rng=np.random.default_rng(3)), tmp_path / "scan.nii.gz")
    write_cases(tmp_path, {"mask": "mask.nii.gz"})
    return mask


def test_a_mask_without_an_image_has_its_shape_and_nothing_else_with_the_reason(ball, tmp_path):
    found = of_cases(tmp_path / "cases.csv", rings_mm=[3])
    image = Image(voxels=np.zeros(ball.grid.shape), grid=ball.grid)
    expected = Extractor({"families": ["shape"]}).extract(image, ball)
    values = found.table.iloc[0, 1:].astype(float)
    pd.testing.assert_series_equal(values[expected.index], expected, check_names=False, rtol=1e-5)
    reasons = dict(zip(found.reasons["column"], found.reasons["reason"], strict=True))
    missing = values.index[values.isna()]
    assert set(missing) == set(reasons)
    assert set(reasons.values()) == {"no_image"}
    assert np.isfinite(values.filter(like="ring_0_3mm__original_shape")).all()


def test_a_mask_without_an_image_has_the_columns_of_one_with_an_image(ball, tmp_path):
    alone = of_cases(tmp_path / "cases.csv").table
    write_cases(tmp_path, {"image": "scan.nii.gz", "mask": "mask.nii.gz"})
    assert list(alone) == list(of_cases(tmp_path / "cases.csv").table)


def test_a_mask_without_an_image_is_noted(ball, tmp_path):
    [verdict] = of_cases(tmp_path / "cases.csv").verdicts.to_dict("records")
    assert (verdict["status"], verdict["code"]) == ("noted", "no_image")


@pytest.mark.parametrize(
    "settings",
    [
        {"normalise": True},
        {"resegment_range": [-50, 400]},
        {"filters": [{"kind": "wavelet"}]},
        {"resample_mm": [1, 1, 1]},
        {"engine": "native", "features": {"shape": ["VoxelVolume"], "glcm": ["Idm"]}},
    ],
    ids=lambda given: next(iter(given)),
)
def test_settings_for_intensities_do_not_keep_a_mask_from_its_volume(ball, tmp_path, settings):
    found = of_cases(tmp_path / "cases.csv", settings=extraction_settings(settings))
    volume = found.table["tumour__original_shape_VoxelVolume"][0]
    assert volume == pytest.approx(4 / 3 * np.pi * 8**3, rel=0.05)


def test_a_mask_in_an_image_of_zeros_still_says_that_there_is_no_image(tmp_path):
    grid = Grid(shape=(6, 6, 6))
    write_mask(Mask(voxels=np.ones(grid.shape, dtype=bool), grid=grid), tmp_path / "mask.nii.gz")
    write_cases(tmp_path, {"mask": "mask.nii.gz"})
    reasons = of_cases(tmp_path / "cases.csv").reasons
    assert set(reasons["reason"]) == {"no_image"}
    assert read_mask(tmp_path / "mask.nii.gz").n_voxels == 216
