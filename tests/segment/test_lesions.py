"""A mask of several lesions falls into its connected parts, the largest first, on any grid."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

from radpred.datasets.phantom import cuboid, sphere
from radpred.errors import RegionError
from radpred.image import Grid, Mask
from radpred.io import place_on
from radpred.segment import largest_part, part_at, places_of_parts

SHAPE = (12, 20, 24)
SMALL = cuboid(SHAPE, start=(1, 1, 1), stop=(3, 4, 5))
LARGE = cuboid(SHAPE, start=(5, 8, 8), stop=(11, 16, 20))


def together(*masks):
    return replace(masks[0], voxels=np.any([mask.voxels for mask in masks], axis=0))


def test_a_place_for_each_part_the_largest_first():
    places = places_of_parts(together(SMALL, LARGE))
    parts = [part_at(together(SMALL, LARGE), place) for place in places]
    assert [part.n_voxels for part in parts] == [LARGE.n_voxels, SMALL.n_voxels]


def test_a_place_lies_inside_its_part_even_if_the_part_is_hollow():
    outer, inner = sphere(9.0), sphere(6.0, margin_mm=8.0)
    shell = replace(outer, voxels=outer.voxels & ~inner.voxels)
    [place] = places_of_parts(shell)
    z, y, x = np.round(shell.grid.to_index(place)).astype(int)
    assert shell.voxels[z, y, x]


def test_voxels_that_touch_at_a_corner_are_one_part():
    voxels = np.zeros(SHAPE, dtype=bool)
    voxels[2, 2, 2] = voxels[3, 3, 3] = True
    assert len(places_of_parts(Mask(voxels=voxels, grid=Grid(shape=SHAPE)))) == 1


def test_a_part_is_found_again_on_another_grid():
    both = together(SMALL, LARGE)
    places = places_of_parts(both)
    fine = Grid(shape=(24, 40, 48), spacing=(0.5, 0.5, 0.5), origin=(-0.25, -0.25, -0.25))
    placed = place_on(both, fine)
    found = [part_at(placed, place) for place in places]
    assert_allclose([part.volume_mm3 for part in found], [LARGE.n_voxels, SMALL.n_voxels])


def test_the_largest_part_is_one_of_them_and_says_so():
    found = largest_part(together(SMALL, LARGE))
    assert_array_equal(found.voxels, LARGE.voxels)
    assert found.steps == ("the largest of 2 connected parts",)


def test_a_mask_of_one_part_stays_as_it_is():
    assert largest_part(LARGE) is LARGE
    assert part_at(LARGE, (0.0, 0.0, 0.0)) is LARGE


def test_noise_of_more_parts_than_a_patient_has_lesions_is_refused():
    voxels = np.zeros((20, 20, 20), dtype=bool)
    voxels[::2, ::2, ::2] = True
    with pytest.raises(RegionError, match="1000 connected parts") as caught:
        places_of_parts(Mask(voxels=voxels, grid=Grid(shape=voxels.shape)))
    assert caught.value.code == "too_many_lesions"
