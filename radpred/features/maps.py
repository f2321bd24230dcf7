"""Features of the small cube around each voxel of a region: PyRadiomics' voxel-based values."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from radpred.backends import to_host
from radpred.errors import GeometryError, RegionError, SettingsError
from radpred.features._family import NotComputableError
from radpred.features._neighbourhoods import Neighbourhoods
from radpred.features._texture import TOUCHING, Texture
from radpred.features.compute import CONVENTIONS, OF_FORM, family_of, wanted_features
from radpred.image import Array, Image, Mask
from radpred.preprocess import discretise

_ROWS = 2**20  # of matrices' cells in one go
_CELLS = 2**22  # of dense distributions in one go


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
    n_done, n_voxels : int
        How many voxels are done with this block, and how many there are.
    """

    centres: Array
    values: dict[str, Array]
    n_done: int
    n_voxels: int


def compute_voxel_features(
    image: Image,
    mask: Mask,
    *,
    families: Sequence[str] | Mapping[str, Collection[str]],
    bins: Mapping[str, float | int | None],
    cube: Cube = UNIT_CUBE,
    voxel_array_shift: float = 0.0,
    texture: Texture = TOUCHING,
) -> Iterator[VoxelBlock]:
    """Yield the features of the cube around each voxel of a region, in blocks of voxels.

    Each value is that of the part of the cube in the region (or, unmasked, in the image), with
    the grey levels of the whole region (unmasked: of the region's box and a radius around it),
    as in PyRadiomics' voxel-based extraction. A cube with one grey level or voxel has no texture.

    Parameters
    ----------
    image : Image
        The scan.
    mask : Mask
        The region, on the image's grid.
    families : sequence of str, or dict
        As in ``compute_features``, without the families of shape.
    bins : dict
        ``bin_width`` or ``bin_count``; see ``radpred.preprocess.discretise``.
    cube : Cube
        What lies around a voxel.
    voxel_array_shift : float
        Added to intensities in energy, total energy and root mean square.
    texture : Texture
        Which voxels texture compares; with ``flat_axis`` the cubes are squares across it.

    Raises
    ------
    GeometryError
        The mask lies on another grid than the image.
    SettingsError
        A family of shape is asked for.
    RegionError
        The region is empty, or needs too many grey levels.
    """
    wanted = wanted_features(families)
    if of_form := sorted(set(wanted) & set(OF_FORM)):
        msg = f"{', '.join(of_form)}: a cube's shape says nothing; take it out for maps"
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
    reached = np.isfinite(voxels) & (inside if cube.is_masked else True)
    level = discretise(voxels[reached], **bins)  # type: ignore[arg-type]
    grey_levels, position = np.unique(level, return_inverse=True)
    level_map = np.zeros(voxels.shape, dtype=np.int16)
    level_map[reached] = position + 1
    centres = np.argwhere(inside & reached)
    n_at_once = _n_at_once(cube.radius, len(texture.walk.offsets), grey_levels.size)
    start = np.array([part.start for part in box])
    for first in range(0, len(centres), n_at_once):
        block = Neighbourhoods(
            voxels=voxels,
            level_map=level_map,
            grey_levels=grey_levels.astype(np.float64),
            centres=centres[first : first + n_at_once],
            radius=cube.radius,
            spacing=image.grid.spacing,
            voxel_array_shift=voxel_array_shift,
            texture=texture,
        )
        yield VoxelBlock(
            centres=block.centres + start,
            values=_values(block, wanted),
            n_done=min(first + n_at_once, len(centres)),
            n_voxels=len(centres),
        )


def _n_at_once(radius: int, n_offsets: int, n_levels: int) -> int:
    """Return how many cubes fit into a block's memory."""
    most = (2 * radius + 1) ** 3
    return max(min(_ROWS // (most * n_offsets), _CELLS // (2 * n_levels * n_offsets)), 1)


def _values(block: Neighbourhoods, wanted: dict[str, tuple[str, ...]]) -> dict[str, Array]:
    """Return every feature of a block's cubes."""
    values: dict[str, Array] = {}
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
    return values
