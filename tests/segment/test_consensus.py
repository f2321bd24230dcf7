"""Consensus of readers: ties by the rule, STAPLE as SimpleITK has it, readers who saw nothing."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal

from radpred.datasets.phantom import cuboid
from radpred.errors import GeometryError, RegionError
from radpred.image import Grid, Mask
from radpred.segment.consensus import majority, majority_labels, staple

SHAPE = (8, 20, 22)
TRUTH = cuboid(SHAPE, start=(2, 5, 5), stop=(6, 14, 17))


def row(*marks):
    """Return a mask of one line of voxels."""
    voxels = np.array([[marks]], dtype=bool)
    return Mask(voxels=voxels, grid=Grid(shape=voxels.shape))


def drawn(rng, *, sensitivity, specificity):
    """Return what a reader of known quality marks of the truth."""
    share = np.where(TRUTH.voxels, sensitivity, 1 - specificity)
    return replace(TRUTH, voxels=rng.random(SHAPE) < share)


def readers(rng):
    return [
        drawn(rng, sensitivity=p, specificity=q) for p, q in ((0.9, 0.95), (0.8, 0.99), (0.7, 0.9))
    ]


def marks(mask):
    return mask.voxels.ravel().astype(int).tolist()


# --- majority -----------------------------------------------------------------------------------


def test_a_voxel_belongs_to_the_lesion_where_more_than_half_say_so():
    found = majority([row(1, 1, 1, 0), row(1, 1, 0, 0), row(1, 0, 0, 0)])
    assert marks(found) == [1, 1, 0, 0]


@pytest.mark.parametrize(
    ("ties", "expected"), [("background", [1, 0, 0]), ("foreground", [1, 1, 0])]
)
def test_two_against_two_is_what_the_rule_says(ties, expected):
    votes = [row(1, 1, 0), row(1, 1, 0), row(1, 0, 0), row(1, 0, 0)]
    assert marks(majority(votes, ties=ties)) == expected


def test_a_reader_who_saw_nothing_counts():
    masks = [row(1, 1, 0), row(1, 0, 0), row(0, 0, 0)]
    assert marks(majority(masks)) == [1, 0, 0]
    assert marks(majority([row(1, 1, 0), row(0, 0, 0)])) == [0, 0, 0]


def test_the_majority_of_one_reader_is_that_readers_mask():
    assert marks(majority([row(0, 1, 1)])) == [0, 1, 1]


def test_the_rule_is_among_the_steps():
    assert majority([row(1), row(1)]).steps == ("majority of 2 readers, ties are background",)


@pytest.mark.parametrize(("ties", "expected"), [("background", [1, 0]), ("foreground", [1, 1])])
def test_labels_1_1_and_1_2_never_give_a_third(ties, expected):
    found = majority_labels([np.array([1, 1]), np.array([1, 2])], ties=ties)
    assert found.tolist() == expected


def test_simpleitks_default_does_give_a_third_label():
    images = [sitk.GetImageFromArray(np.array([v], dtype=np.uint8)) for v in ([1, 1], [1, 2])]
    assert sitk.GetArrayFromImage(sitk.LabelVoting(images)).tolist() == [[1, 3]]


def test_a_label_has_a_voxel_with_more_readers_than_any_other_even_if_not_half():
    labels = [np.array([v]) for v in (2, 2, 1, 3, 0)]
    assert majority_labels(labels).tolist() == [2]


def test_background_leads_without_a_tie():
    assert majority_labels([np.array([0]), np.array([0]), np.array([2])]).tolist() == [0]


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), ties=st.sampled_from(["background", "foreground"]))
def test_no_label_is_invented_and_one_label_is_the_plain_majority(seed, ties):
    rng = np.random.default_rng(seed)
    maps = [rng.integers(0, 4, size=(2, 3, 4)) for _ in range(4)]
    assert set(np.unique(majority_labels(maps, ties=ties))) <= {0, *np.unique(maps)}
    grid = Grid(shape=(2, 3, 4))
    masks = [Mask(voxels=m > 1, grid=grid) for m in maps]
    found = majority_labels([m.voxels.astype(int) for m in masks], ties=ties)
    assert_array_equal(found, majority(masks, ties=ties).voxels)


# --- STAPLE -------------------------------------------------------------------------------------


def test_staple_is_simpleitks(rng):
    masks = readers(rng)
    found = staple(masks)
    box = replace(TRUTH, voxels=np.any([m.voxels for m in masks], axis=0)).box
    oracle = sitk.STAPLEImageFilter()
    around = [(0, part.stop - part.start) for part in box]  # twice the edges
    padded = [np.pad(m.voxels[box], around).astype(np.uint8) for m in masks]
    answer = oracle.Execute([sitk.GetImageFromArray(voxels) for voxels in padded])
    probability = sitk.GetArrayFromImage(answer)[tuple(slice(n) for _, n in around)]
    assert_allclose(found.probability[box], probability, atol=1e-5)
    assert_allclose(found.sensitivity, oracle.GetSensitivity(), atol=1e-5)
    assert_allclose(found.specificity, oracle.GetSpecificity(), atol=1e-5)


def test_staple_recovers_the_readers_qualities(rng):
    masks = [*readers(rng), *readers(rng)]
    found = staple(masks)
    true = [mask.voxels[TRUTH.voxels].mean() for mask in masks]
    assert_allclose(found.sensitivity, true, atol=0.08)
    assert found.specificity[1] > found.specificity[0] > found.specificity[2] > 0.9


def test_staple_of_equal_masks_is_that_mask():
    found = staple([TRUTH, TRUTH, TRUTH])
    assert_array_equal(found.mask.voxels, TRUTH.voxels)
    assert_allclose(found.sensitivity, 1)


def test_one_rater_who_marked_nothing_does_not_take_the_lesion_away(rng):
    masks = [*readers(rng), replace(TRUTH, voxels=np.zeros(SHAPE, dtype=bool))]
    found = staple(masks)
    assert found.sensitivity[3] == 0
    assert found.specificity[3] == pytest.approx(1)
    shared = (found.mask.voxels & TRUTH.voxels).sum()
    assert 2 * shared / (found.mask.n_voxels + TRUTH.n_voxels) > 0.85


def test_staple_does_not_depend_on_the_background_around(rng):
    masks = readers(rng)
    padded = [
        Mask(voxels=np.pad(m.voxels, 5), grid=Grid(shape=tuple(n + 10 for n in SHAPE)))
        for m in masks
    ]
    assert staple(padded).sensitivity == staple(masks).sensitivity
    assert staple(padded).mask.n_voxels == staple(masks).mask.n_voxels


def test_staple_of_empty_masks_is_empty_and_knows_no_qualities():
    found = staple([row(0, 0), row(0, 0)])
    assert found.mask.n_voxels == 0
    assert np.isnan(found.sensitivity).all()


def test_the_order_of_readers_does_not_matter(rng):
    masks = readers(rng)
    found, turned = staple(masks), staple(masks[::-1])
    assert_array_equal(found.mask.voxels, turned.mask.voxels)
    assert_allclose(found.sensitivity, turned.sensitivity[::-1])


# --- refusals -----------------------------------------------------------------------------------


@pytest.mark.parametrize("method", [majority, staple, majority_labels])
def test_no_readers_are_refused(method):
    with pytest.raises(RegionError, match="give at least one") as caught:
        method([])
    assert caught.value.code == "no_masks"


@pytest.mark.parametrize("method", [majority, staple])
def test_masks_on_different_grids_are_refused(method):
    with pytest.raises(GeometryError, match="bring the masks to one grid"):
        method([row(0, 1), row(0, 1, 1)])


def test_label_maps_of_different_shapes_are_refused():
    with pytest.raises(GeometryError, match="bring them to one grid"):
        majority_labels([np.zeros((2, 2)), np.zeros((2, 3))])
