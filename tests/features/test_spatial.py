"""Spatial features of a few voxels, worked by hand, and what leaves them as they are."""

from __future__ import annotations

import numpy as np
import pytest

from radpred.features import compute_features
from radpred.image import Grid, Image, Mask
from radpred.roi import Roi

NAMES = ("CentreOfMassShift", "IntegratedIntensity", "MoransI", "GearysC")
SPACING = (2.0, 0.7, 1.1)


@pytest.fixture(scope="module")
def spatial_of(measure):
    """Return a function from an image and a region to spatial features."""

    def of(voxels, mask=None, spacing=(1.0, 1.0, 1.0)):
        found = measure(voxels, mask, spacing=spacing, families=("spatial", "shape")).values
        return {name: found[f"spatial_{name}"] for name in NAMES} | {
            "MeshVolume": found["shape_MeshVolume"]
        }

    return of


def in_outline(voxels, region, outline, *, families=("spatial",), spacing=(1.0, 1.0, 1.0)):
    """Return the features of a region and of what it was before re-segmentation."""
    grid = Grid(shape=voxels.shape, spacing=spacing)
    return compute_features(
        Image(voxels=voxels, grid=grid),
        Roi(region=Mask(voxels=region, grid=grid), outline=Mask(voxels=outline, grid=grid)),
        families=families,
        bin_width=1.0,
        bin_count=None,
    )


def test_two_voxels_differ_as_much_as_they_can(spatial_of):
    found = spatial_of(np.array([[[1, 4]]]))
    assert (found["MoransI"], found["GearysC"]) == pytest.approx((-1, 1))


def test_three_voxels_in_a_row_have_the_values_worked_by_hand(spatial_of):
    # Weights 1, 1, 0.5, both ways: 5. Products about the mean: both ends, -1, at 0.5: -1 in all.
    found = spatial_of(np.array([[[1, 2, 3]]]))
    assert found["MoransI"] == pytest.approx(3 / 5 * -1 / 2)
    assert found["GearysC"] == pytest.approx(2 / (2 * 5) * 8 / 2)


def test_the_shift_is_that_between_two_centres_of_mass(spatial_of):
    found = spatial_of(np.array([[[1, 3]]]), spacing=(1.0, 1.0, 3.0))
    assert found["CentreOfMassShift"] == pytest.approx(0.75)


def test_the_shift_is_a_distance_in_space(spatial_of):
    voxels = np.ones((2, 2, 2))
    voxels[1, 1, 1] = 9
    # Along each axis 12 of 16 parts lie at the second voxel, half of the voxels do.
    found = spatial_of(voxels, spacing=SPACING)
    assert found["CentreOfMassShift"] == pytest.approx(np.linalg.norm(np.array(SPACING) / 4))


def test_the_shift_is_from_the_centre_of_the_outline():
    voxels = np.array([[[5, 7, 7, 9]]])
    outline = np.array([[[True, True, True, False]]])
    region = np.array([[[False, True, True, False]]])
    found = in_outline(voxels, region, outline)
    assert found.values["spatial_CentreOfMassShift"] == pytest.approx(0.5)


def test_the_volume_of_integrated_intensity_is_that_of_the_outline(rng):
    voxels, outline = rng.normal(20, 5, (6, 7, 8)), np.zeros((6, 7, 8), dtype=bool)
    outline[1:5, 1:6, 2:7] = True
    region = outline & (voxels > 18)
    found = in_outline(voxels, region, outline, spacing=SPACING).values
    whole = in_outline(voxels, outline, outline, families=("shape",), spacing=SPACING).values
    wanted = voxels[region].mean() * whole["shape_MeshVolume"]
    assert found["spatial_IntegratedIntensity"] == pytest.approx(wanted)


def test_integrated_intensity_is_the_mean_times_the_mesh_volume(spatial_of, rng):
    voxels, mask = rng.normal(20, 5, (5, 6, 7)), rng.random((5, 6, 7)) < 0.7
    found = spatial_of(voxels, mask, SPACING)
    assert found["IntegratedIntensity"] == pytest.approx(voxels[mask].mean() * found["MeshVolume"])


def test_alike_neighbours_raise_moran_s_i_and_lower_geary_s_c(spatial_of, rng):
    ramp = np.arange(1000.0).reshape(10, 10, 10)
    mixed = rng.permutation(ramp.ravel()).reshape(10, 10, 10)
    smooth, rough = spatial_of(ramp), spatial_of(mixed)
    assert smooth["MoransI"] > 0.1 > abs(rough["MoransI"])
    assert smooth["GearysC"] < 0.9 < rough["GearysC"] < 1.1


def test_the_unit_of_intensities_does_not_matter_to_correlation(spatial_of, rng):
    voxels, mask = rng.normal(size=(5, 6, 7)), rng.random((5, 6, 7)) < 0.7
    plain, scaled = spatial_of(voxels, mask), spatial_of(1e4 - 30 * voxels, mask)
    for name in ("MoransI", "GearysC"):
        assert scaled[name] == pytest.approx(plain[name], rel=1e-9)


def test_the_unit_of_length_does_not_matter_to_correlation(spatial_of, rng):
    voxels, mask = rng.normal(9, 1, (5, 6, 7)), rng.random((5, 6, 7)) < 0.7
    small = spatial_of(voxels, mask, SPACING)
    large = spatial_of(voxels, mask, tuple(3 * step for step in SPACING))
    powers = {"CentreOfMassShift": 1, "IntegratedIntensity": 3, "MeshVolume": 3}
    for name, value in small.items():
        assert large[name] == pytest.approx(value * 3.0 ** powers.get(name, 0), rel=1e-9)


def test_turning_and_mirroring_change_nothing(spatial_of, rng):
    voxels = rng.normal(9, 1, (5, 6, 7))
    z, y, x = np.indices(voxels.shape) - np.array([2, 2.5, 3])[:, None, None, None]
    mask = (z / 2.5) ** 2 + (y / 3) ** 2 + (x / 3.5) ** 2 <= 1
    found = spatial_of(voxels[::-1].transpose(2, 0, 1), mask[::-1].transpose(2, 0, 1), SPACING)
    wanted = spatial_of(voxels, mask, (SPACING[1], SPACING[2], SPACING[0]))
    assert found == pytest.approx(wanted, rel=1e-9)


def test_one_voxel_is_too_small_for_all_but_the_shift(measure):
    found = measure(np.full((1, 1, 1), 5), families=("spatial",))
    assert found.values["spatial_CentreOfMassShift"] == 0
    assert found.reasons == {f"spatial_{name}": "too_small" for name in NAMES[1:]}


def test_a_flat_region_has_no_correlation(measure):
    found = measure(np.full((2, 3, 4), 0.1), families=("spatial",))
    assert found.reasons == {"spatial_MoransI": "flat", "spatial_GearysC": "flat"}


def test_intensities_that_sum_to_0_have_no_centre(measure):
    found = measure(np.array([[[-1, 1], [2, -2]]]), families=("spatial",))
    assert found.reasons == {"spatial_CentreOfMassShift": "zero_divisor"}
