from dataclasses import replace

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy import ndimage

from radpred.datasets import SCANNERS, Lesion, draw_scan

NORTH = SCANNERS[0]
QUIET = replace(NORTH, noise_sd=0.0)
LESION = Lesion(
    radius_mm=9.0,
    irregularity=0.0,
    intensity=330.0,
    texture_sd=30.0,
    texture_mm=2.0,
    halo=40.0,
    halo_mm=6.0,
)


def draw(*lesions, scanner=NORTH, seed=1):
    return draw_scan(scanner, lesions, rng=np.random.default_rng(seed))


def ring_mean(scan, *, from_mm, to_mm):
    tumour = scan.tumours[0]
    away = ndimage.distance_transform_edt(~tumour.voxels, sampling=tumour.grid.spacing)
    return scan.image.voxels[(away > from_mm) & (away <= to_mm) & scan.organ.voxels].mean()


@pytest.mark.parametrize("scanner", SCANNERS, ids=lambda s: s.site)
def test_smooth_lesion_is_a_sphere(scanner):
    tumour = draw(LESION, scanner=scanner).tumours[0]
    assert_allclose(tumour.volume_mm3, 4 / 3 * np.pi * 9.0**3, rtol=0.05)


def test_irregular_lesion_is_less_compact_than_a_smooth_one():
    smooth = draw(LESION).tumours[0]
    rough = draw(replace(LESION, irregularity=0.2)).tumours[0]

    def reach(mask):
        points = np.argwhere(mask.voxels) * mask.grid.spacing
        return np.linalg.norm(points - points.mean(axis=0), axis=1).max()

    compact = [reach(mask) / np.cbrt(mask.volume_mm3) for mask in (smooth, rough)]
    assert compact[1] > 1.1 * compact[0]


def test_texture_sd_is_the_spread_inside_the_lesion():
    quiet, loud = (
        draw(replace(LESION, texture_sd=sd, texture_mm=3.0), scanner=QUIET) for sd in (20.0, 60.0)
    )
    spread = [
        scan.image.voxels[ndimage.binary_erosion(scan.tumours[0].voxels, iterations=2)].std()
        for scan in (quiet, loud)
    ]
    assert_allclose(spread[1] / spread[0], 3.0, rtol=0.1)


def test_halo_shows_in_the_shell_and_not_beyond():
    dark, bright = (draw(replace(LESION, halo=halo)) for halo in (-40.0, 40.0))
    near = [ring_mean(scan, from_mm=1.5, to_mm=4.0) for scan in (dark, bright)]
    far = [ring_mean(scan, from_mm=9.0, to_mm=12.0) for scan in (dark, bright)]
    assert near[1] - near[0] == pytest.approx(80.0, rel=0.1)
    assert far[1] - far[0] == pytest.approx(0.0, abs=1.0)


def test_two_lesions_do_not_touch():
    first, second = draw(*[replace(LESION, radius_mm=8.0, irregularity=0.17)] * 2).tumours
    away = ndimage.distance_transform_edt(~first.voxels, sampling=first.grid.spacing)
    assert away[second.voxels].min() > 3.0


def test_organ_holds_every_lesion():
    scan = draw(LESION, LESION)
    for tumour in scan.tumours:
        assert scan.organ.voxels[tumour.voxels].all()


@pytest.mark.parametrize("scanner", SCANNERS, ids=lambda s: s.site)
def test_grid_lies_about_the_centre_asked_for(scanner):
    grid = scanner.grid_about(np.array([10.0, -20.0, 30.0]))
    middle = grid.to_world((np.array(grid.shape) - 1) / 2)
    assert_allclose(middle, [10.0, -20.0, 30.0])


def test_scanner_changes_what_it_records_by_gain_and_offset():
    plain = draw(LESION, scanner=QUIET)
    shifted = draw(LESION, scanner=replace(QUIET, gain=1.5, offset=10.0))
    assert_allclose(shifted.image.voxels, 1.5 * plain.image.voxels + 10.0, atol=1.5)


def test_same_seed_gives_the_same_voxels():
    first, second = draw(LESION, seed=5), draw(LESION, seed=5)
    assert first.image.voxels.tobytes() == second.image.voxels.tobytes()
    assert first.image.voxels.dtype == np.int16
