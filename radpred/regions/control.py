"""Control regions: the shape of a tumour at another place, where there is no lesion.

What is measured in a control is what any tissue of that shape and size gives. Both kinds stay clear
of every lesion of the patient by a distance, and of what is not usable: outside the image, outside
the organ, outside the intensity window.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

import numpy as np

from radpred.backends import array_namespace, beside, measurable, ndimage_of, to_host
from radpred.errors import RegionError
from radpred.image import Array, AxisOrder, Box, Mask, Triple, bounding_box
from radpred.regions.region import Region, overlap, refuse_other_grids

LEAST_KEPT = 0.8  # of a distant control: places that keep less of the shape are passed over
# Places are judged by some voxels of the shape, then, the nearest first, by more of them, and those
# that are left by all.
FEW, MANY = 64, 2048
CHUNK, CHUNKS, TRIES = 1024, 128, 200


def mirrored_control(
    tumour: Mask,
    *,
    organ: Mask | None = None,
    tissue: Mask | None = None,
    others: Sequence[Mask] = (),
    distance_mm: float = 0.0,
) -> Region:
    """Return the shape of ``tumour`` mirrored from one side of the body to the other.

    The plane stands across the axis of the grid that runs most nearly from right to left, half-way
    between the first and the last voxel of ``organ``, or of the image where there is none.

    Parameters
    ----------
    tumour : Mask
        The shape.
    organ : Mask, optional
        Where the plane is, and nothing outside it is kept.
    tissue : Mask, optional
        Nothing outside it is kept: what `radpred.regions.usable_tissue` gives.
    others : sequence of Mask
        Other lesions.
    distance_mm : float
        No voxel within this distance of a voxel of a lesion is kept, that of ``tumour`` included.

    Returns
    -------
    Region
        Called ``control_mirrored``; where nothing is kept, the reason is ``control_cut_away``.

    Raises
    ------
    RegionError
        ``empty_mask``.
    GeometryError
        Masks on different grids.
    """
    order, part, start = _shape(tumour)
    organ_there, tissue_there = _allowed(tumour, organ, tissue, others, distance_mm)
    usable = order.applied(organ_there & tissue_there)
    middle = order.applied(organ_there if organ is None else measurable(organ.voxels))
    box = None if organ is None else bounding_box(middle)
    ends = (0, usable.shape[2] - 1) if box is None else (box[2].start, box[2].stop - 1)
    mirrored = part[:, :, ::-1]
    left = sum(ends) - (start[2] + part.shape[2] - 1)
    step = f"{tumour.name} mirrored at x = {sum(ends) / 2:g} voxels"
    return _placed(
        tumour,
        mirrored,
        (start[0], start[1], left),
        usable,
        order=order,
        kind="mirrored",
        step=step,
    )


def distant_control(
    tumour: Mask,
    *,
    organ: Mask | None = None,
    tissue: Mask | None = None,
    others: Sequence[Mask] = (),
    distance_mm: float = 10.0,
) -> Region:
    """Return the shape of ``tumour`` moved to the nearest place that is clear of lesions.

    At that place the whole shape lies inside the image and ``organ``, no voxel of it within
    ``distance_mm`` of a voxel of a lesion, and at least 0.8 of it (`LEAST_KEPT`) inside ``tissue``,
    which is kept. Places lie apart by about the largest edge of a voxel. Of places that are as
    near, the one lowest along z, then y, then x is taken; no chance is involved.

    Parameters
    ----------
    tumour : Mask
        The shape.
    organ, tissue : Mask, optional
        As in `mirrored_control`.
    others : sequence of Mask
        Other lesions.
    distance_mm : float
        How far the control stays from lesions.

    Returns
    -------
    Region
        Called ``control_distant``; where no place was found, it is empty, with the reason
        ``control_no_room``.

    Raises
    ------
    RegionError
        ``empty_mask``.
    GeometryError
        Masks on different grids.
    """
    order, part, start = _shape(tumour)
    xp = array_namespace(part)
    organ_there, tissue_there = (
        xp.ascontiguousarray(order.applied(each))
        for each in _allowed(tumour, organ, tissue, others, distance_mm)
    )
    spacing = order.grid(tumour.grid).spacing
    place = _nearest_place(part, start, organ_there, tissue_there, spacing)
    if place is None:
        voxels = xp.zeros(tumour.grid.shape, dtype=bool)
        step = f"no place for the shape of {tumour.name} {distance_mm:g} mm from lesions"
        mask = replace(tumour, voxels=voxels, name="control_distant", steps=(*tumour.steps, step))
        return Region(mask=mask, n_whole=int(part.sum()), reason="control_no_room")
    moved = [(a - b) * s for a, b, s in zip(place, start, spacing, strict=True)]
    step = f"{tumour.name} moved by ({', '.join(f'{mm:g}' for mm in moved)}) mm along z, y, x"
    usable = organ_there & tissue_there
    return _placed(tumour, part, place, usable, order=order, kind="distant", step=step)


def _shape(tumour: Mask) -> tuple[AxisOrder, Array, tuple[int, int, int]]:
    """Return the patient's axis order, a tumour's voxels in its box, and where that starts."""
    order = AxisOrder.patient(tumour.grid)
    voxels = order.applied(measurable(tumour.voxels))
    box = bounding_box(voxels)
    if box is None:
        msg = f"{tumour.name}: no voxels, wanted a shape for a control region; drop the case"
        raise RegionError(msg, code="empty_mask")
    return order, voxels[box], (box[0].start, box[1].start, box[2].start)


def _allowed(
    tumour: Mask,
    organ: Mask | None,
    tissue: Mask | None,
    others: Sequence[Mask],
    distance_mm: float,
) -> tuple[Array, Array]:
    """Return where a control must lie as a whole, and where its voxels may."""
    refuse_other_grids(*others, *(m for m in (organ, tissue) if m is not None), on=tumour)
    drawn = measurable(tumour.voxels)
    xp = array_namespace(drawn)
    ones = xp.ones(tumour.grid.shape, dtype=bool)
    clear = ones.copy() if organ is None else beside(organ.voxels, drawn).astype(bool)
    for lesion in (tumour, *others):
        _leave_out(clear, beside(lesion.voxels, drawn), tumour.grid.spacing, distance_mm)
    return clear, ones if tissue is None else beside(tissue.voxels, drawn)


def _leave_out(clear: Array, lesion: Array, spacing: Triple, distance_mm: float) -> None:
    """Clear ``clear``, in place, within a distance of a lesion's voxels."""
    box = bounding_box(lesion)
    if box is None:
        return
    z, y, x = (
        slice(max(part.start - (n := int(np.ceil(distance_mm / s))), 0), part.stop + n)
        for part, s in zip(box, spacing, strict=True)
    )
    around: Box = (z, y, x)
    far = ndimage_of(lesion).distance_transform_edt(~lesion[around], sampling=spacing)
    clear[around] &= far > distance_mm


def _nearest_place(
    part: Array,
    start: tuple[int, int, int],
    clear: Array,
    tissue: Array,
    spacing: Triple,
) -> tuple[int, int, int] | None:
    """Return the index of the first voxel of ``part`` at the nearest place where it fits."""
    strides = [max(1, round(max(spacing) / s)) for s in spacing]
    first = [at % stride for at, stride in zip(start, strides, strict=True)]
    counts = [
        (whole - n - f) // stride + 1
        for whole, n, f, stride in zip(clear.shape, part.shape, first, strides, strict=True)
    ]
    if min(counts) < 1:
        return None
    xp = array_namespace(part)
    fits, n_kept = xp.ones(counts, dtype=bool), xp.zeros(counts, dtype=np.int16)
    few = to_host(_some(part, FEW)).tolist()
    for anchor in few:
        seen = tuple(
            slice(f + a, f + a + (n - 1) * stride + 1, stride)
            for f, a, n, stride in zip(first, anchor, counts, strides, strict=True)
        )
        fits &= clear[seen]
        n_kept += tissue[seen]
    places = xp.argwhere(fits & (n_kept >= LEAST_KEPT * len(few)))
    places = places * xp.asarray(strides) + xp.asarray(first)
    length = (((places - xp.asarray(start)) * xp.asarray(spacing)) ** 2).sum(axis=1)
    places = places[xp.argsort(xp.round(length, 6), kind="stable")]
    tried = islice(_finer(part, places, clear), TRIES)
    return next((place for place in tried if _fits(part, place, clear, tissue)), None)


def _finer(part: Array, places: Array, clear: Array) -> Iterator[tuple[int, int, int]]:
    """Yield the places where many voxels of the border of a shape are clear, in order."""
    xp = array_namespace(part)
    rim = part & ~ndimage_of(part).binary_erosion(part)
    strides = xp.asarray([clear.shape[1] * clear.shape[2], clear.shape[2], 1])
    steps = _some(rim, MANY) @ strides
    flat = xp.reshape(clear, (-1,))
    for begin in range(0, min(len(places), CHUNK * CHUNKS), CHUNK):
        chunk = places[begin : begin + CHUNK]
        is_clear = flat[(chunk @ strides)[:, None] + steps[None, :]].all(axis=1)
        yield from ((z, y, x) for z, y, x in to_host(chunk[is_clear]).tolist())


def _some(part: Array, n_at_most: int) -> Array:
    """Return the indices of some voxels of a shape, evenly among all."""
    xp = array_namespace(part)
    places = xp.argwhere(part)
    chosen = np.unique(np.linspace(0, len(places) - 1, n_at_most).round().astype(int))
    return places[xp.asarray(chosen)]


def _fits(part: Array, place: tuple[int, int, int], clear: Array, tissue: Array) -> bool:
    """Tell whether a shape lies in ``clear`` as a whole, and in ``tissue`` for the most part."""
    z, y, x = (slice(at, at + n) for at, n in zip(place, part.shape, strict=True))
    if bool((part & ~clear[z, y, x]).any()):
        return False
    return bool((part & tissue[z, y, x]).sum() >= LEAST_KEPT * part.sum())


def _placed(
    tumour: Mask,
    part: Array,
    place: tuple[int, int, int],
    usable: Array,
    *,
    order: AxisOrder,
    kind: str,
    step: str,
) -> Region:
    """Return a shape at a place of the image in the patient's axis order, where it is usable."""
    voxels = array_namespace(part).zeros(tumour.grid.shape, dtype=bool)
    turned = order.applied(voxels)  # a view: written to below
    here, there = overlap(place, part.shape, turned.shape)
    turned[here] = part[there] & usable[here]
    mask = replace(tumour, voxels=voxels, name=f"control_{kind}", steps=(*tumour.steps, step))
    reason = "" if mask.n_voxels else "control_cut_away"
    return Region(mask=mask, n_whole=int(part.sum()), reason=reason)
