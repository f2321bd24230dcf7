"""Rings in mm: what rings of whole voxels get wrong. Case 41."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose

from radpred.datasets.phantom import sphere
from radpred.image import Image, Mask
from radpred.regions import peritumoral_ring, usable_tissue

SPACING = (5.0, 0.7, 0.7)
BALL = sphere(10.0, spacing=SPACING, margin_mm=12.0)
SHELL_MM3 = 4 / 3 * np.pi * (13.0**3 - 10.0**3)


def shell_in(half_space: np.ndarray) -> float:
    """Return the part of the closed shell in a half-space, by counting points 0.1 mm apart."""
    at = np.arange(-13.05, 13.1, 0.1)
    x = at[:, None, None] + 0 * at[:, None] + 0 * at
    length = np.sqrt(at[:, None, None] ** 2 + at[:, None] ** 2 + at**2)
    shell = (length > 10) & (length <= 13)
    return float((shell & half_space(x)).sum() / shell.sum())


def test_the_shell_of_three_mm_on_slices_of_five_has_its_analytic_volume():
    ring = peritumoral_ring(BALL, outer_mm=3.0)
    assert pytest.approx(5014, abs=1) == SHELL_MM3
    assert_allclose(ring.mask.volume_mm3, SHELL_MM3, rtol=0.02)


def test_two_mm_from_a_body_s_edge_what_lies_in_the_air_is_lost_and_counted():
    x = np.arange(BALL.grid.shape[2]) * SPACING[2] + BALL.grid.origin[0]
    voxels = np.where(x <= 12.0, 40.0, -1000.0)[None, None] + np.zeros(BALL.grid.shape)
    body = Image(voxels=voxels, grid=BALL.grid)
    tissue = usable_tissue(body, window=(-300, 300))
    ring = peritumoral_ring(BALL, outer_mm=3.0, organ=tissue)
    assert not (ring.mask.voxels & (voxels < -300)).any()
    assert_allclose(ring.kept_fraction, shell_in(lambda x: x <= 12.25), atol=0.01)
    assert 0.9 < ring.kept_fraction < 1.0


def test_a_neighbour_lesion_one_mm_away_stays_out_of_the_ring():
    apart = 10.0 + 1.0 + 6.0
    x = np.arange(BALL.grid.shape[2]) * SPACING[2] + BALL.grid.origin[0]
    y = np.arange(BALL.grid.shape[1]) * SPACING[1] + BALL.grid.origin[1]
    z = np.arange(BALL.grid.shape[0]) * SPACING[0] + BALL.grid.origin[2]
    away = z[:, None, None] ** 2 + y[:, None] ** 2 + (x - apart) ** 2
    other = Mask(voxels=away <= 36.0, grid=BALL.grid, name="neighbour")
    whole = peritumoral_ring(BALL, outer_mm=3.0)
    ring = peritumoral_ring(BALL, outer_mm=3.0, others=[other])
    lost = whole.mask.voxels & other.voxels
    assert lost.any()
    assert not (ring.mask.voxels & (other.voxels | BALL.voxels)).any()
    assert ring.kept_fraction == 1 - lost.sum() / whole.mask.n_voxels


@pytest.mark.parametrize("outer_mm", [2.0, 3.0, 4.0])
def test_a_ring_thinner_than_a_slice_is_drawn_and_not_refused(outer_mm):
    ring = peritumoral_ring(BALL, outer_mm=outer_mm)
    analytic = 4 / 3 * np.pi * ((10.0 + outer_mm) ** 3 - 10.0**3)
    assert_allclose(ring.mask.volume_mm3, analytic, rtol=0.03)
