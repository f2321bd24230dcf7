"""A mask of several lesions: its connected parts, the largest, the one at a place."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import scipy  # its parts are loaded when they are used

from radpred.backends import to_host
from radpred.errors import RegionError
from radpred.image import Array, Mask, Triple

_TOUCHING = np.ones((3, 3, 3), dtype=bool)  # by faces, edges or corners
MOST_PARTS = 255


def places_of_parts(mask: Mask) -> list[Triple]:
    """Return a point inside each connected part of a mask, in LPS mm, the largest part first.

    Voxels hang together by faces, edges or corners. The point is the centre of the part's voxel
    that lies nearest to the centre of all its voxels.

    Raises
    ------
    RegionError
        ``too_many_lesions``: more than 255 parts, which are noise rather than lesions.
    """
    parts, boxes, sizes = _parts(mask)
    if len(sizes) > MOST_PARTS:
        msg = (
            f"{mask.name}: {len(sizes)} connected parts, wanted at most {MOST_PARTS}; clean the "
            "mask, or take lesions: largest"
        )
        raise RegionError(msg, code="too_many_lesions")
    places: list[Triple] = []
    for number in _by_size(sizes):
        box = boxes[number]
        voxels = np.argwhere(parts[box] == number + 1) + [part.start for part in box]
        distances = (((voxels - voxels.mean(axis=0)) * mask.grid.spacing) ** 2).sum(axis=1)
        x, y, z = (float(p) for p in mask.grid.to_world(voxels[distances.argmin()]))
        places.append((x, y, z))
    return places


def part_at(mask: Mask, place: Triple) -> Mask:
    """Return the connected part of a mask that lies nearest to a place in LPS mm.

    Parameters
    ----------
    mask : Mask
        On any grid: where it was drawn or where it was put since.
    place : tuple of float
        As from `places_of_parts`, (x, y, z) in mm.
    """
    parts, _, sizes = _parts(mask)
    if len(sizes) <= 1:
        return mask
    voxels = np.argwhere(parts)
    apart = ((mask.grid.to_world(voxels) - np.asarray(place)) ** 2).sum(axis=1)
    number = parts[tuple(voxels[apart.argmin()])]
    return replace(mask, voxels=parts == number)


def largest_part(mask: Mask) -> Mask:
    """Return the largest connected part of a mask; that there are others is recorded."""
    parts, _, sizes = _parts(mask)
    if len(sizes) <= 1:
        return mask
    largest = parts == _by_size(sizes)[0] + 1
    note = f"the largest of {len(sizes)} connected parts"
    return replace(mask, voxels=largest, steps=(*mask.steps, note))


def _parts(mask: Mask) -> tuple[Array, list[Any], Array]:
    """Return the number of each voxel's part, from 1, and each part's box and number of voxels."""
    parts, n_parts = scipy.ndimage.label(to_host(mask.voxels), structure=_TOUCHING)
    sizes = np.bincount(parts.ravel(), minlength=n_parts + 1)[1:]
    return parts, scipy.ndimage.find_objects(parts), sizes


def _by_size(sizes: Array) -> list[int]:
    """Return the parts from the largest to the smallest, equal ones in the order of voxels."""
    return [int(part) for part in np.argsort(-sizes, kind="stable")]
