"""The study of peritumoral expansion: its files, its embedding and its page."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from peritumoral.embedding import CHANNELS, as_table, cropped, embedded
from peritumoral.page import _between

from radpred.config.sweep import read_sweep
from radpred.datasets.phantom import noise_box
from radpred.image import Grid, Image
from radpred.table.external import external_features

FILES = Path(__file__).resolve().parents[2] / "docs" / "studies" / "peritumoral"
SWEEPS = sorted(path for path in FILES.glob("*.yaml") if path.stem not in ("nodules", "made"))


@pytest.fixture
def image(rng):
    """Return a scan of noise."""
    return noise_box((20, 24, 28), rng=rng)


@pytest.mark.parametrize("path", SWEEPS, ids=lambda path: path.stem)
def test_a_sweep_of_the_study_can_be_read(path):
    sweep = read_sweep(path)
    rings = {ring for v in sweep.variants for ring in v.study.learning.regions or ()}
    assert len(sweep.variants) >= 5
    assert "tumour" in rings


def test_the_embedding_is_the_same_each_time_and_twice_the_channels_long(image):
    centre = np.array([10.0, 12.0, 14.0])
    vectors = [embedded(image, centre, middle=0.0, width=100.0) for _ in range(2)]
    assert vectors[0].shape == (2 * CHANNELS[-1],)
    np.testing.assert_array_equal(*vectors)
    assert np.unique(vectors[0]).size > CHANNELS[-1]


def test_a_crop_has_voxels_of_a_millimetre_around_its_centre():
    grid = Grid(shape=(40, 50, 60), spacing=(2.0, 1.0, 0.5))
    ramp = np.broadcast_to(np.arange(40.0)[:, None, None], grid.shape)
    crop = cropped(Image(voxels=ramp, grid=grid), np.array([20.0, 25.0, 30.0]))
    assert crop.shape == (32, 32, 32)
    np.testing.assert_allclose(crop[:, 0, 0], 20 + (np.arange(32) - 15.5) / 2)


def test_an_embedding_is_a_table_that_a_study_can_name(image):
    table = as_table({"C1": embedded(image, np.full(3, 10.0), middle=0.0, width=100.0)})
    assert external_features(table, name="deep").columns[0] == "deep__table_external_e00"


def test_a_table_takes_its_place_between_its_marks():
    text = "before\n<!-- a -->\nold\n<!-- /a -->\nafter"
    assert _between(text, "a", "new") == "before\n<!-- a -->\nnew\n<!-- /a -->\nafter"
