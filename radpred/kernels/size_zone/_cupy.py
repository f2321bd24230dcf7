"""The variant for a device: neighbours of one level take the lowest number among them.

Every voxel begins as a zone of its own. Where two neighbours of one level are in different zones,
the first voxel of one zone is given to the other; then all voxels look up the zone they are in now.
Few rounds join the longest chain (Shiloach and Vishkin, J Algorithms 3, 1982).
"""

from __future__ import annotations

import numpy as np

from radpred.backends import array_namespace, to_host
from radpred.image import Array
from radpred.kernels.texture_sweep import neighbour_offsets


def find_zones(levels: Array, flat_axis: int | None = None) -> Array:
    """Return rows (level, number of voxels), one a zone; on the host."""
    xp = array_namespace(levels)
    level, zone = zones_of_voxels(levels, flat_axis)
    if not zone.size:
        return np.zeros((0, 2), dtype=np.int64)
    size = xp.bincount(zone, minlength=zone.size)
    first = xp.flatnonzero(size)
    return to_host(xp.stack([level[first].astype(xp.int64), size[first]], axis=1))


def zones_of_voxels(levels: Array, flat_axis: int | None) -> tuple[Array, Array]:
    """Return the level of each voxel of the region, and the number of its zone's first voxel.

    Voxels are numbered in the order of ``levels``.
    """
    xp = array_namespace(levels)
    padded = xp.pad(levels, 1)
    flat = xp.reshape(padded, (-1,))
    places = xp.flatnonzero(flat)
    level = flat[places]
    number = xp.zeros(flat.shape, dtype=xp.int32)
    number[places] = xp.arange(places.size, dtype=xp.int32)
    strides = np.array([padded.shape[1] * padded.shape[2], padded.shape[2], 1])
    zone = xp.arange(places.size, dtype=xp.int32)
    ends: list[tuple[Array, Array]] = []
    for step in (neighbour_offsets(flat_axis=flat_axis) @ strides).tolist():
        here = xp.flatnonzero(flat[places + step] == level)
        ends.append((here, number[places[here] + step]))
    first, second = (xp.concatenate([pair[end] for pair in ends]) for end in range(2))
    while True:
        one, other = zone[first], zone[second]
        is_apart = one != other
        if not bool(is_apart.any()):
            return level, zone
        first, second, one, other = (part[is_apart] for part in (first, second, one, other))
        scatter_min(zone, xp.maximum(one, other), xp.minimum(one, other))
        zone = _looked_up(zone)


def scatter_min(array: Array, places: Array, values: Array) -> None:
    """Lower elements of an array on a device to the lowest of the values that fall on them."""
    import cupyx

    cupyx.scatter_min(array, places, values)


def _looked_up(zone: Array) -> Array:
    """Return for each voxel the first voxel of its zone, at the end of all references."""
    while True:
        further = zone[zone]
        if bool((further == zone).all()):
            return zone
        zone = further
