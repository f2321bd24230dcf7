"""Shape in one plane: closed forms, every way to store a slice, and PyRadiomics itself."""

from __future__ import annotations

import logging
from math import pi, sqrt

import numpy as np
import pytest
import SimpleITK

from radpred.config import extraction_settings
from radpred.errors import SettingsError
from radpred.features import Texture
from radpred.image import Grid, Image, Mask
from radpred.pipeline.measuring.extract import extract_regions

STEPS = (1.7, 0.6)


@pytest.fixture
def shape_of(measure):
    def of(plane, steps=(1.0, 1.0), flat_axis=0):
        mask = np.expand_dims(np.asarray(plane, dtype=bool), flat_axis)
        spacing = list(steps)
        spacing.insert(flat_axis, 5.0)
        found = measure(
            np.zeros(mask.shape),
            mask,
            spacing=tuple(spacing),
            families=("shape2D",),
            texture=Texture(flat_axis=flat_axis),
        )
        return {key.removeprefix("shape2D_"): value for key, value in found.values.items()}

    return of


def disc(radius, steps=(1.0, 1.0)):
    """Return the pixels whose centre lies within ``radius`` mm of a pixel centre."""
    half = [int(radius / step) + 1 for step in steps]
    axes = [(np.arange(2 * n + 1) - n) * step for n, step in zip(half, steps, strict=True)]
    y, x = np.meshgrid(*axes, indexing="ij")
    return y**2 + x**2 <= radius**2


def test_a_rectangle_is_a_rectangle_with_its_corners_cut_off(shape_of):
    found = shape_of(np.ones((3, 5)), STEPS)
    height, width = STEPS
    slant = sqrt(height**2 + width**2) / 2
    assert found["PixelSurface"] == pytest.approx(15 * height * width)
    assert found["MeshSurface"] == pytest.approx((15 - 4 / 8) * height * width)
    assert found["Perimeter"] == pytest.approx(2 * (2 * height + 4 * width) + 4 * slant)


def test_the_axes_of_a_rectangle_follow_from_the_variance_of_evenly_spaced_centres(shape_of):
    found = shape_of(np.ones((3, 5)), (2.0, 0.5))
    minor, major = sorted(4 * step * sqrt((n**2 - 1) / 12) for n, step in ((3, 2.0), (5, 0.5)))
    assert found["MajorAxisLength"] == pytest.approx(major)
    assert found["MinorAxisLength"] == pytest.approx(minor)
    assert found["Elongation"] == pytest.approx(minor / major)


def test_two_pixels_that_share_a_corner_are_two_diamonds(shape_of):
    found = shape_of(np.eye(2))
    assert found["MeshSurface"] == pytest.approx(1)
    assert found["Perimeter"] == pytest.approx(8 * sqrt(0.5))
    assert found["MaximumDiameter"] == pytest.approx(sqrt(5))


@pytest.mark.parametrize("steps", [(1.0, 1.0), (2.0, 0.8)])
def test_a_disc_has_the_size_of_a_disc(shape_of, steps):
    found = shape_of(disc(40.0, steps), steps)
    assert found["MeshSurface"] == pytest.approx(pi * 40**2, rel=0.01)
    assert found["MaximumDiameter"] == pytest.approx(80, abs=max(steps))
    assert found["MajorAxisLength"] == pytest.approx(80, rel=0.01)
    assert found["Elongation"] == pytest.approx(1, abs=0.01)
    assert 0.85 < found["Sphericity"] < 1
    ratio = found["Perimeter"] / found["MeshSurface"]
    assert found["PerimeterSurfaceRatio"] == pytest.approx(ratio)


@pytest.mark.parametrize(("force_2d", "axis"), [("z", 0), ("y", 1), ("x", 2)])
def test_a_disc_has_one_shape_whichever_axis_is_flat(shape_of, force_2d, axis):
    mask = np.expand_dims(np.pad(disc(9.0, STEPS), 4), axis)
    spacing = list(STEPS)
    spacing.insert(axis, 3.0)
    z, y, x = mask.shape
    grid = Grid(shape=(z, y, x), spacing=(spacing[0], spacing[1], spacing[2]))
    wanted = extraction_settings({"families": ["shape2D"], "force_2d": force_2d})
    image = Image(voxels=np.zeros(mask.shape), grid=grid)
    found = extract_regions(image, {"tumour": Mask(voxels=mask, grid=grid)}, wanted)
    prefix = "tumour__original_shape2D_"
    assert {name.removeprefix(prefix): value for name, value in found.values.items()} == (
        pytest.approx(shape_of(disc(9.0, STEPS), STEPS), rel=1e-12)
    )


def test_a_region_of_several_slices_has_a_reason_and_its_other_families(measure, rng):
    found = measure(
        rng.normal(size=(2, 5, 6)), families=("shape2D", "shape"), texture=Texture(flat_axis=0)
    )
    assert set(found.reasons.values()) == {"several_slices"}
    assert {key.partition("_")[0] for key in found.reasons} == {"shape2D"}


def test_a_line_of_pixels_has_a_surface_only(measure):
    found = measure(np.zeros((1, 1, 4)), families=("shape2D",), texture=Texture(flat_axis=0))
    assert found.values["shape2D_PixelSurface"] == 4
    assert set(found.reasons.values()) == {"too_small"}
    assert len(found.reasons) == 8


def test_pixels_on_a_slanted_line_have_no_width_to_the_last_digit(shape_of):
    assert shape_of(np.eye(6), (0.7, 1.3))["MinorAxisLength"] == 0


def test_without_a_flat_axis_there_is_no_plane(measure):
    with pytest.raises(SettingsError, match="force_2d"):
        measure(np.zeros((1, 4, 4)), families=("shape2D",))


@pytest.mark.filterwarnings("ignore")  # what the other library's own libraries warn of
@pytest.mark.parametrize("flat_axis", [0, 1, 2])
@pytest.mark.parametrize("filled", [0.2, 0.5, 0.9])
def test_a_made_slice_has_pyradiomics_values(shape_of, rng, filled, flat_axis):
    radiomics = pytest.importorskip("radiomics.shape2D", reason="needs radpred[pyradiomics]")
    logging.getLogger("radiomics").setLevel(logging.CRITICAL)
    plane = rng.random((9, 12)) < filled
    spacing = list(STEPS)
    spacing.insert(flat_axis, 5.0)
    volume = np.expand_dims(plane.astype(np.uint8), flat_axis)
    images = [SimpleITK.GetImageFromArray(volume.astype(kind)) for kind in (float, np.uint8)]
    for image in images:
        image.SetSpacing(spacing[::-1])
    theirs = radiomics.RadiomicsShape2D(
        *images, force2D=True, force2Ddimension=flat_axis, label=1, additionalInfo=False
    )
    theirs.enableAllFeatures()
    expected = {name: float(value) for name, value in theirs.execute().items()}
    assert shape_of(plane, STEPS, flat_axis) == pytest.approx(expected, rel=1e-9)
