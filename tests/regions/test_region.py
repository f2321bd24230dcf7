"""Usable tissue lies in the intensity window and in the organ, and is a number."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_array_equal

from radpred.datasets.phantom import painted, sphere
from radpred.errors import GeometryError
from radpred.image import Grid, Image
from radpred.regions import peritumoral_ring, usable_tissue

GRID = Grid(shape=(1, 2, 4))
CT = Image(voxels=np.array([[[-1000, -300, 0, 300], [301, np.nan, np.inf, -np.inf]]]), grid=GRID)


def test_both_ends_of_a_window_belong_to_it():
    tissue = usable_tissue(CT, window=(-300, 300))
    assert_array_equal(tissue.voxels[0, 0], [False, True, True, True])


def test_voxels_that_are_not_finite_lie_in_no_window():
    tissue = usable_tissue(CT, window=(-np.inf, np.inf))
    assert_array_equal(tissue.voxels[0, 1], [True, False, False, False])


def test_without_a_window_all_voxels_are_usable():
    assert usable_tissue(CT).voxels.all()


def test_nothing_outside_the_organ_is_usable():
    organ = replace(sphere(2.0), name="organ")
    image = painted(organ, inside=0, outside=0)
    assert_array_equal(usable_tissue(image, window=(-1, 1), organ=organ).voxels, organ.voxels)


def test_an_organ_on_another_grid_is_refused():
    with pytest.raises(GeometryError, match="image's grid"):
        usable_tissue(CT, organ=sphere(2.0))


def test_air_and_bone_leave_a_ring_and_the_fraction_that_is_kept_says_how_much():
    tumour = sphere(8.0, margin_mm=8.0)
    voxels = np.full(tumour.grid.shape, 40.0)
    voxels[:, :, : tumour.grid.shape[2] // 2] = -1000
    voxels[0, 0, 0] = 900
    voxels[tumour.voxels] = -1000  # the tumour may hold air: it does not matter
    image = Image(voxels=voxels, grid=tumour.grid)
    whole = peritumoral_ring(tumour, outer_mm=5.0)
    soft = peritumoral_ring(tumour, outer_mm=5.0, organ=usable_tissue(image, window=(-300, 300)))
    assert_array_equal(soft.mask.voxels, whole.mask.voxels & (voxels == 40))
    assert soft.kept_fraction == soft.mask.n_voxels / whole.mask.n_voxels
    assert 0.4 < soft.kept_fraction < 0.6


def test_a_ring_all_in_air_is_empty_with_a_reason():
    tumour = sphere(5.0)
    tissue = usable_tissue(painted(tumour, inside=40, outside=-1000), window=(-300, 300))
    ring = peritumoral_ring(tumour, outer_mm=3.0, organ=tissue)
    assert (ring.mask.n_voxels, ring.reason) == (0, "ring_cut_away")
