"""A picture of a case: small, outlined, in a window that shows something, and with its facts."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import PIL.Image
import pytest

from radpred.datasets.phantom import cuboid
from radpred.image import Grid, Image, Mask
from radpred.report.check.picture import OUTLINES, picture

SHAPE = (20, 24, 28)


def scene(rng, level=100.0, sd=10.0):
    """Return noise with a brighter block, and the block."""
    mask = cuboid(SHAPE, start=(6, 7, 8), stop=(14, 16, 19))
    voxels = rng.normal(level, sd, SHAPE) + 60 * mask.voxels
    return Image(voxels=voxels.astype(np.float32), grid=mask.grid), mask


def pixels(shown):
    """Return the colours of a picture, shape (n_rows, n_columns, 3)."""
    return np.asarray(PIL.Image.open(io.BytesIO(shown.webp)).convert("RGB")).astype(int)


def n_coloured(shown):
    """Return how many pixels have a colour."""
    colours = pixels(shown)
    return int((colours.max(axis=2) - colours.min(axis=2) > 60).sum())


def test_a_picture_is_as_large_as_it_says(rng):
    image, mask = scene(rng)
    shown = picture(image, [mask], n_view=100)
    assert shown.size == (3 * 100 + 2 * 4, 100)
    assert pixels(shown).shape == (100, 308, 3)


def test_a_picture_of_a_usual_case_takes_few_kilobytes(rng):
    image, mask = scene(rng)
    assert len(picture(image, [mask]).webp) < 40_000  # noise is the worst case


def test_the_outline_is_drawn_and_the_inside_is_left_to_see(rng):
    image, mask = scene(rng)
    outlined, bare = picture(image, [mask]), picture(image, [])
    assert n_coloured(outlined) > 200
    assert n_coloured(bare) == 0


def test_each_region_has_its_colour_and_name(rng):
    image, mask = scene(rng)
    halves = []
    for name, half in (("label 1", slice(0, 10)), ("label 2", slice(10, 20))):
        voxels = np.zeros(SHAPE, dtype=bool)
        voxels[half] = mask.voxels[half]
        halves.append(replace(mask, voxels=voxels, name=name))
    shown = picture(image, halves)
    assert shown.regions == (("label 1", OUTLINES[0]), ("label 2", OUTLINES[1]))


@pytest.mark.parametrize(
    ("inside", "window"),
    [(50, "shown from \u2212160 to 240"), (-800, "shown from \u22121350 to 150")],
)
def test_ct_has_the_window_of_its_region(rng, inside, window):
    image, mask = scene(rng)
    hu = rng.integers(-1000, 900, SHAPE).astype(np.int16)
    hu[mask.voxels] = inside
    facts = picture(Image(voxels=hu, grid=image.grid), [mask]).facts
    assert window in [fact.replace("\u00a0", " ") for fact in facts]


def test_other_scans_are_shown_between_percentiles(rng):
    image, mask = scene(rng)
    image.voxels[0, 0, 0] = 1e6  # a spike leaves the window alone
    shown = next(fact for fact in picture(image, [mask]).facts if fact.startswith("shown"))
    assert float(shown.replace("\u00a0", " ").split()[-1]) < 250


def test_the_size_of_the_region_and_of_the_scan_stand_below(rng):
    image, mask = scene(rng)
    assert picture(image, [mask]).facts[:2] == (
        "0.792 ml in 792 voxels",
        "scan 28 \u00d7 24 \u00d7 20 voxels of 1 \u00d7 1 \u00d7 1 mm",
    )


def test_a_flat_picture_counts_pixels():
    grid = Grid(shape=(1, 40, 60), is_placed=False)
    image = Image(voxels=np.eye(40, 60, dtype=np.uint8)[None], grid=grid)
    mask = Mask(voxels=image.voxels > 0, grid=grid)
    assert picture(image, [mask]).facts[:2] == ("40 pixels", "scan 60 \u00d7 40 pixels")


def test_a_mask_beside_the_scan_is_remarked(rng):
    image, mask = scene(rng)
    far = replace(mask, grid=replace(mask.grid, origin=(500.0, 0.0, 0.0)))
    assert picture(image, [far]).remark == "the outline lies beside the scan"


@pytest.mark.parametrize("fill", [np.nan, 0.0, np.inf, 7.0])
def test_a_scan_without_any_contrast_can_be_shown(fill):
    mask = cuboid(SHAPE, start=(6, 7, 8), stop=(14, 16, 19))
    image = Image(voxels=np.full(SHAPE, fill, dtype=np.float32), grid=mask.grid)
    shown = picture(image, [mask])
    assert n_coloured(shown) > 200
    assert not any(fact.startswith("shown") for fact in shown.facts)


@pytest.mark.parametrize("dtype", [np.uint8, np.int16, np.uint16, np.int64, np.float64, bool])
def test_any_type_of_voxel_can_be_shown(dtype, rng):
    image, mask = scene(rng)
    cast = Image(voxels=image.voxels.astype(dtype), grid=image.grid)
    assert picture(cast, [mask]).webp
