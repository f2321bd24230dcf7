"""Contours drawn anew along supervoxels."""

import numpy as np
import pytest

from radpred.errors import RegionError
from radpred.segment.perturb import contour
from radpred.segment.perturb.contour import redrawn, supervoxels

SPACING = (1.0, 1.0, 1.0)


@pytest.fixture
def lesion(rng):
    """Return a ball, brighter than what surrounds it, and the image."""
    z, y, x = np.indices((40, 40, 40)) - 19.5
    ball = z**2 + y**2 + x**2 <= 12**2
    return ball, np.where(ball, 60.0, 0.0) + rng.normal(0, 4, ball.shape)


def test_supervoxels_keep_to_the_edge_that_the_image_shows(lesion):
    ball, image = lesion
    labels = supervoxels(ball, image, SPACING)
    part = np.bincount(labels[ball], minlength=labels.max() + 1) / np.bincount(labels.ravel())
    assert ((part > 0.9) | (part < 0.1)).mean() > 0.9


def test_a_contour_along_a_clear_edge_stays(lesion, rng):
    ball, image = lesion
    after = redrawn(ball, image, SPACING, rng=rng)
    assert 2 * (after & ball).sum() / (after.sum() + ball.sum()) > 0.9


def test_a_contour_where_the_image_shows_no_edge_varies(rng):
    z, y, x = np.indices((40, 40, 40)) - 19.5
    ball = z**2 + y**2 + x**2 <= 12**2
    image = rng.normal(0, 4, ball.shape)
    drawn = [redrawn(ball, image, SPACING, rng=rng) for _ in range(2)]
    assert (drawn[0] ^ drawn[1]).sum() > 100


def test_what_lies_in_the_region_for_the_most_part_is_taken_and_what_lies_outside_is_not(
    rng, monkeypatch
):
    blocks = np.repeat(np.repeat(np.arange(16).reshape(4, 4), 10, axis=0), 10, axis=1)
    labels = np.repeat(blocks[None], 10, axis=0)
    part = np.linspace(0, 1, 16)
    region = np.zeros(labels.shape, dtype=bool)
    for label, share in enumerate(part):
        own = np.flatnonzero(labels == label)
        region.ravel()[own[: round(share * own.size)]] = True
    monkeypatch.setattr(contour, "supervoxels", lambda *_: labels)
    taken = np.mean(
        [
            [redrawn(region, labels, SPACING, rng=rng)[5][blocks == b].mean() for b in range(16)]
            for _ in range(300)
        ],
        axis=0,
    )
    sure = part >= 0.9
    assert (taken[sure] == 1).all()
    assert (taken[part < 0.2] < 0.1).all()  # only what the closing adds
    between = (part >= 0.2) & ~sure
    assert taken[between] == pytest.approx(part[between], abs=0.13)


def test_the_supervoxel_that_fits_best_is_always_taken(rng, monkeypatch):
    labels = np.repeat(np.arange(8), 64).reshape(8, 8, 8)
    region = np.zeros(labels.shape, dtype=bool)
    region[3, 0, :5] = True  # 5 of 64 voxels: below what is ever taken
    monkeypatch.setattr(contour, "supervoxels", lambda *_: labels)
    assert redrawn(region, labels, SPACING, rng=rng)[3].all()


def test_a_region_of_gaps_alone_is_refused(lesion, rng):
    ball, image = lesion
    with pytest.raises(RegionError) as error:
        redrawn(ball, np.where(ball, np.nan, image), SPACING, rng=rng)
    assert error.value.code == "non_finite_voxels"


def test_gaps_in_an_image_do_not_stop_it(lesion, rng):
    ball, image = lesion
    image[:5] = np.nan
    image[20, 20, 20] = np.inf
    assert redrawn(ball, image, SPACING, rng=rng).any()
