"""Features of the small cube around each voxel of a region: PyRadiomics' voxel-based values."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from radpred.backends import ndimage_of, to_host
from radpred.errors import GeometryError, RegionError, SettingsError
from radpred.features._convention import PYRADIOMICS, Convention
from radpred.features._family import NotComputableError
from radpred.features._neighbourhoods import Neighbourhoods
from radpred.features._texture import TOUCHING, Texture
from radpred.features.compute import CONVENTIONS, OF_REGIONS, family_of, wanted_features
from radpred.image import Array, Image, Mask
from radpred.preprocess import discretise

# In one go: as much as stays near the processor, and not so little that calls are what takes time.
_ROWS = 2**20  # of matrices' cells
_CELLS = 2**18  # of dense distributions


@dataclass(frozen=True, kw_only=True)
class Cube:
    """What lies around a voxel.

    Parameters
    ----------
    radius : int
        Half the side of the cube, in voxels.
    is_masked : bool
        Whether the part of a cube outside the region is left out.
    """

    radius: int = 1
    is_masked: bool = True


UNIT_CUBE = Cube()


@dataclass(frozen=True, kw_only=True)
class VoxelBlock:
    """Features of some voxels.

    Parameters
    ----------
    centres : array of int, shape (n, 3)
        The voxels, as indices (z, y, x) of the image.
    values : dict of str to array of float, shape (n,)
        ``family_Feature`` to one value a voxel; NaN where there is none.
    reasons : dict of str to dict
        ``family_Feature`` to reason code to the number of voxels that have no value for it, as in
        ``FeatureValues``; ``too_few_grey_levels`` where a cube holds one.
    n_done, n_voxels : int
        How many voxels are done with this block, and how many there are.
    """

    centres: Array
    values: dict[str, Array]
    reasons: dict[str, dict[str, int]]
    n_done: int
    n_voxels: int


def compute_voxel_features(
    image: Image,
    mask: Mask,
    *,
    families: Sequence[str] | Mapping[str, Collection[str]],
    bins: Mapping[str, Any],
    cube: Cube = UNIT_CUBE,
    texture: Texture = TOUCHING,
    convention: Convention = PYRADIOMICS,
) -> Iterator[VoxelBlock]:
    """Yield the features of the cube around each voxel of a region, in blocks of voxels.

    Each value is that of the part of the cube in the region (or, unmasked, in the image), with
    the grey levels of the whole region (unmasked: of the region's box and a radius around it),
    as in PyRadiomics' voxel-based extraction. A cube with one grey level or voxel has no texture.
    A voxel of the region that is not finite is in no block, nor are those whose cubes hold it;
    elsewhere such voxels are not part of cubes.

    Parameters
    ----------
    image : Image
        The scan.
    mask : Mask
        The region, on the image's grid.
    families : sequence of str, or dict
        As in ``compute_features``, without those that need a whole region.
    bins : dict
        ``bin_width`` or ``bin_count``; see ``radpred.preprocess.discretise``.
    cube : Cube
        What lies around a voxel.
    texture : Texture
        Which voxels texture compares; with ``flat_axis`` the cubes are squares across it.
    convention : Convention
        Whose values; PyRadiomics' by default. ``bins`` names its ``first_edge``.

    Raises
    ------
    GeometryError
        The mask lies on another grid than the image.
    SettingsError
        A family is asked for that says nothing of a small cube.
    RegionError
        The region is empty, or needs too many grey levels.
    """
    wanted = wanted_features(families, is_complete=convention.is_complete)
    if of_regions := sorted(set(wanted) & set(OF_REGIONS)):
        msg = f"{', '.join(of_regions)}: says nothing of a small cube; take it out for maps"
        raise SettingsError(msg)
    if mask.grid != image.grid:
        msg = f"{mask.name}: lies on {mask.grid}, image on {image.grid}; resample the mask"
        raise GeometryError(msg)
    if mask.box is None:
        msg = f"{mask.name}: holds no voxel, so there is nothing to map; check the mask"
        raise RegionError(msg, code="empty")
    box = tuple(
        slice(max(part.start - cube.radius, 0), part.stop + cube.radius) for part in mask.box
    )
    voxels, inside = to_host(image.voxels[box]), to_host(mask.voxels[box])
    is_known = np.isfinite(voxels)
    level_map, grey_levels = _levels(voxels, is_known & (inside | (not cube.is_masked)), bins)
    centres = np.argwhere(inside & ~_reached(inside & ~is_known, cube.radius, texture))
    n_at_once = _n_at_once(cube.radius, len(texture.walk.offsets), max(grey_levels.size, 1))
    start = np.array([part.start for part in box])
    for first in range(0, len(centres), n_at_once):
        block = Neighbourhoods(
            voxels=voxels,
            level_map=level_map,
            grey_levels=grey_levels,
            centres=centres[first : first + n_at_once],
            radius=cube.radius,
            spacing=image.grid.spacing,
            texture=texture,
            convention=convention,
        )
        values, reasons = _values(block, wanted)
        yield VoxelBlock(
            centres=block.centres + start,
            values=values,
            reasons=reasons,
            n_done=min(first + n_at_once, len(centres)),
            n_voxels=len(centres),
        )


def _levels(voxels: Array, reached: Array, bins: Mapping[str, Any]) -> tuple[Array, Array]:
    """Return 1 + the position of each voxel's grey level, 0 where none is made, and the levels."""
    level_map = np.zeros(voxels.shape, dtype=np.int16)
    if not reached.any():
        return level_map, np.zeros(0)
    level = discretise(voxels[reached], **bins)
    grey_levels, position = np.unique(level, return_inverse=True)
    level_map[reached] = position + 1
    return level_map, grey_levels.astype(np.float64)


def _reached(places: Array, radius: int, texture: Texture) -> Array:
    """Return the voxels whose cubes hold one of some places."""
    if not places.any():
        return places
    sides = [1 if axis == texture.flat_axis else 2 * radius + 1 for axis in range(3)]
    return ndimage_of(places).binary_dilation(places, structure=np.ones(sides))


def _n_at_once(radius: int, n_offsets: int, n_levels: int) -> int:
    """Return how many cubes fit into a block's memory."""
    most = (2 * radius + 1) ** 3
    return max(min(_ROWS // (most * n_offsets), _CELLS // (2 * n_levels * n_offsets)), 1)


def _values(
    block: Neighbourhoods, wanted: dict[str, tuple[str, ...]]
) -> tuple[dict[str, Array], dict[str, dict[str, int]]]:
    """Return every feature of a block's cubes, and why how many of them have none."""
    values: dict[str, Array] = {}
    reasons: dict[str, dict[str, int]] = {}
    has_texture = (block.level_voxels > 0).sum(axis=1) > 1
    for name, features in wanted.items():
        try:
            found = family_of(name).values(block, features)
        except NotComputableError:
            found = {f"{name}_{feature}": np.full(block.n_regions, np.nan) for feature in features}
        for key, value in found.items():
            if block.texture.minimum_grey_levels == 1:
                value = np.where(np.isnan(value), CONVENTIONS.get(key, np.nan), value)
            elif name != "firstorder":
                value = np.where(has_texture, value, np.nan)
            values[key] = value
            if np.isnan(value).any():
                reasons[key] = _reasons(block, name, np.isnan(value))
    return values, reasons


def _reasons(block: Neighbourhoods, family: str, is_missing: Array) -> dict[str, int]:
    """Return reason code -> number of cubes, for those that have no value."""
    if family == "firstorder":
        return {"flat": int(is_missing.sum())}
    has_matrix = np.ones(block.n_regions, dtype=bool)
    if family in ("glcm", "glrlm"):
        owner = (block.pairs if family == "glcm" else block.runs).owner
        has_matrix = np.bincount(owner, minlength=block.n_regions) > 0
    by_reason = {
        "too_small": block.level_voxels.sum(axis=1) == 1,
        "too_few_grey_levels": (block.level_voxels > 0).sum(axis=1) == 1,
        "no_neighbours": ~has_matrix,
    }
    which = np.select(list(by_reason.values()), range(3), default=3)[is_missing]
    counts = np.bincount(which, minlength=4)
    names = (*by_reason, "zero_divisor")
    return {name: int(n) for name, n in zip(names, counts, strict=True) if n}
