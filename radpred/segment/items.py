"""What a region is made of: its voxels, or supervoxels that are alike inside, and what they touch.

A voxel touches the six others with which it shares a face; areas are in mm2, so that a face
across thick slices counts for what it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from skimage.segmentation import slic

from radpred.backends import to_host
from radpred.errors import GeometryError, RegionError
from radpred.image import Array, AxisOrder, Image, Mask

MOST_ITEMS = 2000
OUTSIDE = -1
# How much a supervoxel prefers to be round, beside maps with a standard deviation of 1. Planted
# phases are found best between 0.05 and 0.1; with 0.2 supervoxels run across their borders.
_COMPACTNESS = 0.05


@dataclass(frozen=True, kw_only=True, eq=False)
class Items:
    """A region in pieces.

    Parameters
    ----------
    labels : array of int32
        The piece of each voxel, counted from 0, on the region's grid; -1 outside.
    values : array of float32, shape (n_items, n_maps)
        The mean of each map in each piece.
    n_voxels : array of int32, shape (n_items,)
        How many voxels each has.
    pairs : array of int32, shape (n_pairs, 2)
        Which pieces share a face, the lower number first.
    shared_mm2 : array of float32, shape (n_pairs,)
        The area that they share.
    within_mm2 : array of float32, shape (n_items,)
        The area of the faces between voxels of one piece.
    surface_mm2 : array of float32, shape (n_items,)
        The area of the faces at the region's surface, holes and the image's border included.
    """

    labels: Array
    values: Array
    n_voxels: Array
    pairs: Array
    shared_mm2: Array
    within_mm2: Array
    surface_mm2: Array


def items_of(
    maps: Sequence[Image], region: Mask, *, supervoxels: int | None = None, most: int = MOST_ITEMS
) -> Items:
    """Return the voxels of a region, or supervoxels of it, with their maps and what they touch.

    Pieces are numbered along the patient's axes, so that how a file stores its axes changes
    nothing.

    Parameters
    ----------
    maps : sequence of Image
        At least one, on the region's grid: the scan, responses of filters.
    region : Mask
        The region.
    supervoxels : int, optional
        About so many supervoxels instead of voxels: simple linear iterative clustering of the
        maps, each scaled to a standard deviation of 1.
    most : int
        A region of more voxels is cut into about so many supervoxels in any case.

    Raises
    ------
    GeometryError
        A map lies on another grid than the region.
    RegionError
        ``empty_mask``, or ``non_finite_voxels``: a map has no value somewhere in the region.

    References
    ----------
    Achanta et al., IEEE Trans Pattern Anal Mach Intell 2012;34:2274-2282.

    Examples
    --------
    >>> from radpred.image import Grid
    >>> grid = Grid(shape=(2, 2, 2), spacing=(5.0, 1.0, 1.0))
    >>> scan = Image(voxels=np.arange(8.0).reshape(2, 2, 2), grid=grid)
    >>> items = items_of([scan], Mask(voxels=scan.voxels > 3, grid=grid))
    >>> len(items.values), items.shared_mm2.tolist()
    (4, [5.0, 5.0, 5.0, 5.0])
    """
    order = AxisOrder.patient(region.grid)
    box, inside, stack = _turned(maps, region, order)
    labels = np.full(inside.shape, OUTSIDE, dtype=np.int32)
    wanted = most if supervoxels is None else min(supervoxels, most)
    grid = order.grid(region.grid)
    is_cut = len(stack) > wanted
    numbers = _cut(stack, inside, grid.spacing, wanted) if is_cut else np.arange(len(stack))
    labels[inside] = numbers
    # A picture of one slice has no faces across it.
    axes = [axis for axis in range(3) if grid.shape[axis] > 1]
    touching = _touching(labels, grid.spacing, axes, n_items=int(numbers.max()) + 1)
    whole = np.full(order.applied(region.voxels).shape, OUTSIDE, dtype=np.int32)
    whole[box] = labels
    counts = np.bincount(numbers)
    sums = [np.bincount(numbers, weights=one) for one in stack.T]
    return Items(
        labels=np.ascontiguousarray(order.undone(whole)),
        values=np.stack([s / counts for s in sums], axis=1).astype(np.float32),
        n_voxels=counts.astype(np.int32),
        **touching,
    )


def _turned(
    maps: Sequence[Image], region: Mask, order: AxisOrder
) -> tuple[tuple[slice, slice, slice], Array, Array]:
    """Return the region's box, the region in it, and its maps, along the patient's axes.

    Maps come as an array of shape (n_voxels, n_maps).
    """
    for each in maps:
        if each.grid != region.grid:
            msg = f"{each.name}: lies on {each.grid}, {region.name} on {region.grid}; resample it"
            raise GeometryError(msg)
    turned = Mask(
        voxels=order.applied(to_host(region.voxels)).astype(bool), grid=order.grid(region.grid)
    )
    box = turned.box
    if box is None:
        msg = f"{region.name}: has no voxel, wanted at least one; draw it"
        raise RegionError(msg, code="empty_mask")
    inside = turned.voxels[box]
    stack = np.stack(
        [order.applied(to_host(each.voxels))[box][inside] for each in maps], axis=1
    ).astype(np.float64)
    lacking: Array = ~np.isfinite(stack).all(axis=0)
    gaps = [each.name for place, each in enumerate(maps) if lacking[place]]
    if gaps:
        msg = (
            f"{region.name}: {', '.join(gaps)} has voxels that are not finite; "
            "non_finite: exclude leaves such voxels out"
        )
        raise RegionError(msg, code="non_finite_voxels")
    return box, inside, stack


def _cut(stack: Array, inside: Array, spacing: tuple[float, float, float], wanted: int) -> Array:
    """Return the supervoxel of each voxel, counted from 0, shape (n_voxels,)."""
    spread = stack.std(axis=0)
    scaled = (stack - stack.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    filled = np.zeros((*inside.shape, stack.shape[1]))
    filled[inside] = scaled
    found = slic(
        filled,
        n_segments=wanted,
        compactness=_COMPACTNESS,
        spacing=spacing,
        mask=inside,
        channel_axis=-1,
        convert2lab=False,
        start_label=1,
    )
    return np.unique(found[inside], return_inverse=True)[1]


def _touching(
    labels: Array, spacing: tuple[float, float, float], axes: Sequence[int], *, n_items: int
) -> dict[str, Array]:
    """Return what of ``Items`` says which pieces touch: pairs and areas."""
    padded = np.pad(labels, 1, constant_values=OUTSIDE)
    within, surface = np.zeros(n_items), np.zeros(n_items)
    keys, areas = [], []
    for axis in axes:
        area = float(np.prod(spacing)) / spacing[axis]
        low = np.take(padded, range(padded.shape[axis] - 1), axis=axis).ravel()
        high = np.take(padded, range(1, padded.shape[axis]), axis=axis).ravel()
        both = (low != OUTSIDE) & (high != OUTSIDE)
        same = both & (low == high)
        within += area * np.bincount(low[same], minlength=n_items)
        edge = ~both & (low != high)
        surface += area * np.bincount(np.maximum(low, high)[edge], minlength=n_items)
        a, b = low[both & ~same].astype(np.int64), high[both & ~same].astype(np.int64)
        keys.append(np.minimum(a, b) * n_items + np.maximum(a, b))
        areas.append(np.full(len(a), area))
    unique, place = np.unique(np.concatenate([*keys, np.empty(0, np.int64)]), return_inverse=True)
    shared = np.bincount(place, weights=np.concatenate([*areas, []]), minlength=len(unique))
    return {
        "pairs": np.stack([unique // n_items, unique % n_items], axis=1).astype(np.int32),
        "shared_mm2": shared.astype(np.float32),
        "within_mm2": within.astype(np.float32),
        "surface_mm2": surface.astype(np.float32),
    }


def in_place(items: Items, kinds: Array) -> Array:
    """Return the kind of each voxel of a region's grid, uint8; 0 outside the region.

    Parameters
    ----------
    items : Items
        The region in pieces.
    kinds : array of int, shape (n_items,)
        The kind of each piece, counted from 1.
    """
    return np.concatenate([[0], np.asarray(kinds)]).astype(np.uint8)[items.labels + 1]
