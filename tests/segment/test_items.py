"""Regions in pieces: what touches, how far, and that storage changes nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from radpred.errors import GeometryError, RegionError
from radpred.image import Grid, Image, Mask
from radpred.segment.items import in_place, items_of

SPACING = (4.0, 2.0, 1.0)


def box(shape=(4, 5, 6), spacing=SPACING):
    """Return a scan and a tumour that fills all but its border."""
    grid = Grid(shape=tuple(n + 2 for n in shape), spacing=spacing)
    voxels = np.random.default_rng(1).normal(size=grid.shape)
    inside = np.zeros(grid.shape, dtype=bool)
    inside[1:-1, 1:-1, 1:-1] = True
    return Image(voxels=voxels, grid=grid), Mask(voxels=inside, grid=grid)


def test_a_small_region_is_its_voxels():
    scan, tumour = box()
    items = items_of([scan], tumour)
    assert items.n_voxels.tolist() == [1] * 120
    assert np.array_equal(items.values[:, 0], scan.voxels[tumour.voxels].astype(np.float32))


def test_faces_of_a_box_have_the_areas_of_geometry():
    scan, tumour = box((4, 5, 6))
    items = items_of([scan], tumour)
    z, y, x = SPACING
    between = 3 * 5 * 6 * y * x + 4 * 4 * 6 * z * x + 4 * 5 * 5 * z * y
    outside = 2 * (5 * 6 * y * x + 4 * 6 * z * x + 4 * 5 * z * y)
    assert items.shared_mm2.sum() == between
    assert items.surface_mm2.sum() == outside
    assert items.within_mm2.sum() == 0


def test_supervoxels_keep_all_voxels_faces_and_the_mean_of_the_maps():
    scan, tumour = box((8, 9, 10))
    voxels, few = items_of([scan], tumour), items_of([scan], tumour, supervoxels=40)
    assert 20 <= len(few.values) <= 60
    assert few.n_voxels.sum() == tumour.n_voxels
    assert few.shared_mm2.sum() + few.within_mm2.sum() == voxels.shared_mm2.sum()
    assert few.surface_mm2.sum() == voxels.surface_mm2.sum()
    mean = (few.values[:, 0] * few.n_voxels).sum() / tumour.n_voxels
    assert mean == pytest.approx(scan.voxels[tumour.voxels].mean(), abs=1e-5)


def test_a_region_of_more_voxels_than_allowed_is_cut_into_so_many_supervoxels():
    scan, tumour = box((8, 9, 10))
    assert len(items_of([scan], tumour, most=100).values) <= 130


def test_supervoxels_follow_a_planted_edge():
    scan, tumour = box((8, 8, 8), spacing=(1.0, 1.0, 1.0))
    is_bright = np.indices(scan.grid.shape)[2] > 4
    edged = Image(voxels=scan.voxels * 0.05 + 10.0 * is_bright, grid=scan.grid)
    items = items_of([edged], tumour, supervoxels=30)
    assert ((items.values < 1) | (items.values > 9)).all()


def test_labels_lie_on_the_region_s_grid():
    scan, tumour = box()
    items = items_of([scan], tumour)
    assert np.array_equal(items.labels >= 0, tumour.voxels)
    assert np.array_equal(
        items.values[items.labels[tumour.voxels], 0], scan.voxels[tumour.voxels].astype(np.float32)
    )


@settings(max_examples=12, deadline=None)
@given(flips=st.tuples(st.booleans(), st.booleans(), st.booleans()), axes=st.permutations(range(3)))
def test_how_a_file_stores_its_axes_changes_nothing(flips, axes):
    scan, tumour = box((6, 7, 8))
    turned = [stored(each, tuple(axes), flips) for each in (scan, tumour)]
    for supervoxels in (None, 25):
        one = items_of([scan], tumour, supervoxels=supervoxels)
        other = items_of([turned[0]], turned[1], supervoxels=supervoxels)
        for name in ("values", "n_voxels", "pairs", "shared_mm2", "within_mm2", "surface_mm2"):
            assert np.array_equal(getattr(one, name), getattr(other, name)), name


def stored(each, axes, flips):
    """Return an image or mask with its axes stored otherwise, in the same place."""
    grid = each.grid
    columns = np.reshape(grid.direction, (3, 3)).T[::-1][list(axes)]
    corner = np.zeros(3)
    for axis, flip in zip(axes, flips, strict=True):
        corner[axis] = (grid.shape[axis] - 1) * flip
    signs = np.where(flips, -1.0, 1.0)
    direction = (columns * signs[:, None])[::-1].T
    voxels = np.flip(each.voxels.transpose(axes), np.flatnonzero(flips).tolist())
    return type(each)(
        voxels=np.ascontiguousarray(voxels),
        grid=Grid(
            shape=voxels.shape,
            spacing=tuple(grid.spacing[a] for a in axes),
            origin=tuple(float(p) for p in grid.to_world(corner)),
            direction=tuple(direction.ravel().tolist()),
        ),
        name=each.name,
    )


def test_a_picture_of_one_slice_has_no_faces_across_it():
    grid = Grid(shape=(1, 2, 2), spacing=(5.0, 1.0, 1.0))
    scan = Image(voxels=np.arange(4.0).reshape(grid.shape), grid=grid)
    items = items_of([scan], Mask(voxels=np.ones(grid.shape, dtype=bool), grid=grid))
    assert items.surface_mm2.tolist() == [10.0] * 4


def test_an_empty_region_says_so():
    scan, tumour = box()
    empty = Mask(voxels=np.zeros_like(tumour.voxels), grid=tumour.grid)
    with pytest.raises(RegionError, match="at least one") as caught:
        items_of([scan], empty)
    assert caught.value.code == "empty_mask"


def test_a_map_with_gaps_in_the_region_is_named():
    scan, tumour = box()
    scan.voxels[2, 2, 2] = np.nan
    with pytest.raises(RegionError, match="original has voxels") as caught:
        items_of([scan], tumour)
    assert caught.value.code == "non_finite_voxels"


def test_a_map_on_another_grid_is_refused():
    scan, tumour = box()
    other = Image(voxels=scan.voxels, grid=Grid(shape=scan.grid.shape))
    with pytest.raises(GeometryError, match="resample"):
        items_of([other], tumour)


def test_kinds_of_pieces_go_back_to_their_voxels():
    scan, tumour = box()
    items = items_of([scan], tumour)
    kinds = np.where(items.values[:, 0] > 0, 2, 1)
    placed = in_place(items, kinds)
    assert np.array_equal(placed == 2, tumour.voxels & (scan.voxels > 0))
    assert np.array_equal(placed > 0, tumour.voxels)
