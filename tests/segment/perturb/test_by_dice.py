"""Regions bent until they agree as much as wanted."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import ndimage

from radpred.datasets.phantom import sphere
from radpred.errors import RegionError
from radpred.image import Grid, Image, Mask
from radpred.segment.agreement import dice
from radpred.segment.perturb import Perturbation, perturbed

WANTED = (0.95, 0.9, 0.8, 0.7)


def bent(mask, wanted, seed=0):
    """Return a mask bent to a wanted Dice coefficient."""
    image = Image(voxels=np.zeros(mask.grid.shape), grid=mask.grid)
    rng = np.random.default_rng(seed)
    return perturbed(image, mask, Perturbation(wanted_dice=wanted), rng=rng)[1]


@settings(max_examples=12, deadline=None)
@given(
    wanted=st.sampled_from(WANTED),
    seed=st.integers(0, 999),
    spacing=st.sampled_from([(1.0, 1.0, 1.0), (3.0, 1.0, 1.0), (5.0, 0.7, 0.7)]),
    radius=st.floats(5, 15),
)
def test_a_mask_reaches_the_wanted_dice(wanted, seed, spacing, radius):
    mask = sphere(radius, spacing=spacing)
    after = bent(mask, wanted, seed)
    assert dice(mask, after) == pytest.approx(wanted, abs=0.01)


@pytest.mark.parametrize("wanted", WANTED)
def test_a_mask_of_fifty_voxels_reaches_it_as_nearly(wanted):
    voxels = np.zeros((9, 11, 13), dtype=bool)
    voxels[2:4, 3:8, 4:9] = True
    mask = Mask(voxels=voxels, grid=Grid(shape=voxels.shape))
    assert dice(mask, bent(mask, wanted)) == pytest.approx(wanted, abs=0.01)


def test_the_steps_say_what_was_reached():
    mask = sphere(8.0)
    after = bent(mask, 0.85)
    assert f"{dice(mask, after):.4f}" in after.steps[-1]
    assert "wanted 0.85" in after.steps[-1]


def test_a_mask_at_the_image_s_edge_reaches_it_too():
    whole = sphere(10.0)
    start = 11
    box = tuple(slice(start, n) for n in whole.grid.shape)
    mask = Mask(voxels=whole.voxels[box], grid=whole.grid.cropped(box))
    assert mask.voxels[0].any()
    for seed in range(5):
        assert dice(mask, bent(mask, 0.8, seed)) == pytest.approx(0.8, abs=0.01)


def test_a_mask_that_fills_the_image_reaches_it_too():
    mask = Mask(voxels=np.ones((8, 9, 10), dtype=bool), grid=Grid(shape=(8, 9, 10)))
    after = bent(mask, 0.8)
    assert dice(mask, after) == pytest.approx(0.8, abs=0.01)


def test_volume_rises_for_some_and_falls_for_others():
    mask = sphere(8.0)
    ratios = [bent(mask, 0.8, seed).n_voxels / mask.n_voxels for seed in range(12)]
    assert min(ratios) < 0.9
    assert max(ratios) > 1.1


def test_the_surface_is_bent_smoothly():
    mask = sphere(12.0)
    after = bent(mask, 0.8)
    _, n_parts = ndimage.label(after.voxels)
    opened = ndimage.binary_opening(after.voxels)
    assert n_parts == 1
    assert 2 * (opened & after.voxels).sum() / (opened.sum() + after.n_voxels) > 0.97


def test_a_lower_dice_from_the_same_draw_changes_the_same_voxels_and_more():
    mask = sphere(8.0)
    near, far = (bent(mask, wanted, 3).voxels ^ mask.voxels for wanted in (0.95, 0.9))
    assert (near & far).sum() > 0.9 * near.sum()


@pytest.mark.parametrize("n", [1, 2, 4])
def test_a_mask_of_too_few_voxels_is_refused(n):
    voxels = np.zeros((5, 5, 9), dtype=bool)
    voxels[2, 2, 2 : 2 + n] = True
    with pytest.raises(RegionError, match="wanted") as error:
        bent(Mask(voxels=voxels, grid=Grid(shape=voxels.shape)), 0.95)
    assert error.value.code == "too_small_to_perturb"
