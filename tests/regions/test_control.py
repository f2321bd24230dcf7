"""A control has the tumour's shape, lies where tissue is usable, and stays clear of lesions."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose, assert_array_equal
from scipy import ndimage

from radpred.datasets.phantom import cuboid, sphere
from radpred.errors import GeometryError, RegionError
from radpred.image import AxisOrder, Grid, Image, Mask
from radpred.regions import distant_control, mirrored_control, usable_tissue

SHAPE = (30, 60, 80)
CONTROLS = pytest.mark.parametrize("control", [mirrored_control, distant_control])


def lesion(*, start=(10, 20, 8), stop=(16, 30, 20), spacing=(2.0, 1.0, 1.0)):
    """Return a wedge: a shape that is not its own mirror image."""
    mask = cuboid(SHAPE, start=start, stop=stop, spacing=spacing)
    x = np.arange(SHAPE[2]) - start[2]
    y = np.arange(SHAPE[1])[:, None] - start[1]
    return replace(mask, voxels=mask.voxels & (x >= y))


def shape_of(mask):
    """Return the voxels of a mask in its box."""
    return mask.voxels[mask.box]


def test_a_mirrored_control_lies_as_far_from_the_other_end_of_the_image():
    tumour = lesion()
    control = mirrored_control(tumour)
    assert_array_equal(control.mask.voxels, tumour.voxels[:, :, ::-1])
    assert (control.mask.name, control.kept_fraction) == ("control_mirrored", 1.0)


def test_the_organ_says_where_the_plane_of_the_mirror_is():
    tumour = lesion()
    organ = cuboid(SHAPE, start=(0, 0, 4), stop=(30, 60, 60), spacing=(2.0, 1.0, 1.0))
    control = mirrored_control(tumour, organ=organ)
    assert_array_equal(control.mask.voxels[:, :, 4:60], tumour.voxels[:, :, 4:60][:, :, ::-1])


def test_left_and_right_are_the_patient_s_whatever_axis_holds_them():
    tumour = lesion()
    order = AxisOrder(axes=(2, 0, 1), flipped=(True, False, False))
    stored = replace(tumour, voxels=order.applied(tumour.voxels), grid=order.grid(tumour.grid))
    assert_array_equal(
        order.undone(mirrored_control(stored).mask.voxels), tumour.voxels[:, :, ::-1]
    )


def test_a_tumour_in_the_middle_has_no_mirrored_control():
    tumour = lesion(start=(10, 20, 34), stop=(16, 30, 46))
    control = mirrored_control(tumour, distance_mm=12.0)
    assert (control.mask.n_voxels, control.reason) == (0, "control_cut_away")


def test_what_lies_near_another_lesion_leaves_a_mirrored_control():
    tumour = lesion()
    other = replace(lesion(start=(10, 20, 70), stop=(16, 30, 80)), name="other")
    control = mirrored_control(tumour, others=[other], distance_mm=3.0)
    apart = ndimage.distance_transform_edt(~other.voxels, sampling=tumour.grid.spacing)
    assert 0 < control.kept_fraction < 1
    assert_array_equal(control.mask.voxels, tumour.voxels[:, :, ::-1] & (apart > 3.0))


def test_a_distant_control_has_the_shape_of_the_tumour():
    tumour = lesion()
    control = distant_control(tumour, distance_mm=8.0)
    assert_array_equal(shape_of(control.mask), shape_of(tumour))
    assert (control.mask.name, control.kept_fraction) == ("control_distant", 1.0)


@settings(deadline=None, max_examples=15, derandomize=True)
@given(
    start=st.tuples(st.integers(0, 22), st.integers(0, 48), st.integers(0, 66)),
    distance_mm=st.sampled_from([0.0, 4.0, 9.0]),
    seed=st.integers(0, 99),
)
def test_a_distant_control_is_the_nearest_place_where_all_voxels_are_clear(
    start, distance_mm, seed
):
    rng = np.random.default_rng(seed)
    grid = Grid(shape=(18, 24, 24), spacing=(1.5, 1.0, 1.0))
    tumour = Mask(voxels=np.zeros(grid.shape, dtype=bool), grid=grid)
    z, y, x = (at % (n - 5) for at, n in zip(start, grid.shape, strict=True))
    tumour.voxels[z : z + 4, y : y + 5, x : x + 5] = ndimage.binary_dilation(
        rng.random((4, 5, 5)) > 0.8
    )
    organ = replace(tumour, voxels=ndimage.gaussian_filter(rng.random(grid.shape), 4) > 0.47)
    control = distant_control(tumour, organ=organ, distance_mm=distance_mm)
    lengths = fitting_lengths(tumour, organ, distance_mm)
    if not lengths:
        assert control.reason == "control_no_room"
        return
    moved = np.subtract([s.start for s in control.mask.box], [s.start for s in tumour.box])
    assert_allclose(np.linalg.norm(moved * grid.spacing), min(lengths), atol=1e-6)
    assert not (control.mask.voxels & ~organ.voxels).any()


def fitting_lengths(tumour, organ, distance_mm):
    """Return how far all places lie at which a shape fits, by trying each; strides are 1, 2, 2."""
    apart = ndimage.distance_transform_edt(~tumour.voxels, sampling=tumour.grid.spacing)
    clear = organ.voxels & (apart > distance_mm)
    part, box = shape_of(tumour), tumour.box
    strides = [max(1, round(1.5 / s)) for s in tumour.grid.spacing]
    found = []
    for place in product(*(range(n - k + 1) for n, k in zip(clear.shape, part.shape, strict=True))):
        moved = np.subtract(place, [s.start for s in box])
        window = clear[tuple(slice(a, a + k) for a, k in zip(place, part.shape, strict=True))]
        if not (moved % strides).any() and not (part & ~window).any():
            found.append(float(np.linalg.norm(moved * tumour.grid.spacing)))
    return found


def test_a_distant_control_keeps_its_distance_from_every_lesion():
    tumour, other = lesion(), lesion(start=(10, 20, 40), stop=(16, 30, 50))
    control = distant_control(tumour, others=[other], distance_mm=7.0)
    lesions = tumour.voxels | other.voxels
    apart = ndimage.distance_transform_edt(~lesions, sampling=tumour.grid.spacing)
    assert apart[control.mask.voxels].min() > 7.0


def test_a_distant_control_passes_over_places_that_hold_too_much_air(rng):
    tumour = lesion()
    free = distant_control(tumour, distance_mm=4.0).mask
    image = Image(voxels=rng.normal(40, 5, SHAPE), grid=tumour.grid)
    image.voxels[free.voxels] = -1000
    tissue = usable_tissue(image, window=(-300, 300))
    control = distant_control(tumour, tissue=tissue, distance_mm=4.0)
    assert 0.8 <= control.kept_fraction <= 1
    assert not (control.mask.voxels & ~tissue.voxels).any()
    assert control.mask.box != free.box


def test_where_there_is_no_room_a_distant_control_is_empty_with_a_reason():
    control = distant_control(lesion(), distance_mm=100.0)
    assert (control.mask.n_voxels, control.kept_fraction) == (0, 0.0)
    assert control.reason == "control_no_room"


def test_a_tumour_as_large_as_the_image_has_no_distant_control():
    whole = Mask(voxels=np.ones((4, 4, 4), dtype=bool), grid=Grid(shape=(4, 4, 4)))
    assert distant_control(whole).reason == "control_no_room"


@CONTROLS
@pytest.mark.parametrize("axes", list(permutations(range(3)))[1:])
def test_the_storage_order_of_the_axes_does_not_matter(control, axes):
    tumour = lesion()
    order = AxisOrder(axes=axes, flipped=(True, False, True))
    stored = replace(tumour, voxels=order.applied(tumour.voxels), grid=order.grid(tumour.grid))
    here, there = control(tumour, distance_mm=5.0), control(stored, distance_mm=5.0)
    assert_array_equal(order.applied(here.mask.voxels), there.mask.voxels)


@CONTROLS
def test_the_same_control_is_found_each_time(control):
    first, second = control(lesion()), control(lesion())
    assert_array_equal(first.mask.voxels, second.mask.voxels)


@CONTROLS
def test_an_empty_tumour_has_no_control(control):
    with pytest.raises(RegionError) as caught:
        control(replace(lesion(), voxels=np.zeros(SHAPE, dtype=bool)))
    assert caught.value.code == "empty_mask"


@CONTROLS
def test_masks_on_other_grids_are_refused(control):
    with pytest.raises(GeometryError, match="image's grid"):
        control(lesion(), organ=sphere(4.0))
