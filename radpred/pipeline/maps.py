"""From an image and a region to maps: a feature of the small cube around each voxel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from radpred.config import ExtractionSettings
from radpred.errors import InputError, RegionError
from radpred.features import Cube, compute_voxel_features
from radpred.image import Array, Box, Image, Mask
from radpred.pipeline.parts import SHAPES, Wanted, texture_of
from radpred.pipeline.responses import Response, responses
from radpred.pipeline.scenes import Scene, prepare

MAX_BYTES = 8 * 2**30
Told = Callable[[str, int, int], None]


@dataclass(frozen=True, kw_only=True)
class FeatureMap:
    """A feature of the cube around each voxel of a region.

    Parameters
    ----------
    name : str
        ``image_family_Feature``.
    image : Image
        The map, float32, around the region; NaN outside of it and where a cube has no value.
    scan : Image
        The image that it was measured on, on the same grid.
    region : Mask
        The region, on the same grid.
    """

    name: str
    image: Image
    scan: Image
    region: Mask

    @property
    def values(self) -> Array:
        """Return the values inside the region that are there, shape (n,)."""
        inside = self.image.voxels[self.region.voxels]
        return inside[~np.isnan(inside)]

    @property
    def n_missing(self) -> int:
        """Return how many voxels of the region have no value."""
        return self.region.n_voxels - int(self.values.size)


def feature_maps(
    image: Image, mask: Mask, settings: ExtractionSettings, *, told: Told | None = None
) -> Iterator[FeatureMap]:
    """Yield a map for each feature that settings ask for, one image after the other.

    Parameters
    ----------
    image : Image
        The scan.
    mask : Mask
        The region, on the image's grid.
    settings : ExtractionSettings
        As for a region's features; ``voxel`` says how large the cubes are. Shape has no maps.
    told : callable, optional
        Gets the name of an image, and how many of how many voxels are done.

    Raises
    ------
    RegionError
        The region cannot be measured; the code says why.
    InputError
        The maps of one image would need more than ``MAX_BYTES``.
    """
    prepared = prepare(image, {mask.name: mask}, settings)
    if mask.name in prepared.refused:
        reason = prepared.refused[mask.name]
        msg = f"{mask.name}: {reason}, so there is nothing to map; check mask and settings"
        raise RegionError(msg, code=reason)
    wanted: Wanted = {f: settings.features.get(f, ()) for f in settings.families if f not in SHAPES}
    for scene in prepared.scenes:
        region = scene.regions[mask.name]
        box = _around(scene, settings.voxel.kernel_radius)
        grid = scene.image.grid.cropped(box)
        cut = replace(region, voxels=region.voxels[box], grid=grid)
        for response in responses(scene.image, box, settings):
            maps = _maps(response, cut, wanted, settings, told)
            for key, voxels in maps.items():
                name = f"{response.image.name}_{key}"
                yield FeatureMap(
                    name=name,
                    image=Image(voxels=voxels, grid=grid, name=name),
                    scan=response.image,
                    region=cut,
                )


def _around(scene: Scene, radius: int) -> Box:
    """Return the box of a scene's region and ``radius`` voxels around it."""
    box = scene.box
    assert box is not None
    z, y, x = (
        slice(max(part.start - radius, 0), min(part.stop + radius, size))
        for part, size in zip(box, scene.image.grid.shape, strict=True)
    )
    return z, y, x


def _maps(
    response: Response,
    region: Mask,
    wanted: Wanted,
    settings: ExtractionSettings,
    told: Told | None,
) -> dict[str, Array]:
    """Return family_Feature -> map on one image."""
    maps: dict[str, Array] = {}
    texture = replace(
        texture_of(settings), minimum_grey_levels=min(settings.minimum_grey_levels, 2)
    )
    blocks = compute_voxel_features(
        response.image,
        region,
        families=wanted,
        bins={"bin_width": response.bin_width, "bin_count": response.bin_count},
        cube=Cube(radius=settings.voxel.kernel_radius, is_masked=settings.voxel.masked_kernel),
        voxel_array_shift=response.voxel_array_shift,
        texture=texture,
    )
    for block in blocks:
        if not maps:
            _refuse_too_large(len(block.values), region)
            maps = {
                key: np.full(region.grid.shape, np.nan, dtype=np.float32) for key in block.values
            }
        for key, values in block.values.items():
            maps[key][tuple(block.centres.T)] = values
        if told is not None:
            told(response.image.name, block.n_done, block.n_voxels)
    return maps


def _refuse_too_large(n_maps: int, region: Mask) -> None:
    """Raise if the maps of one image would not fit into memory."""
    needed = 4 * n_maps * int(np.prod(region.grid.shape, dtype=np.int64))
    if needed > MAX_BYTES:
        msg = (
            f"{region.name}: {n_maps} maps of {region.grid.shape} voxels need "
            f"{needed / 1e9:.3g} GB, at most {MAX_BYTES / 1e9:.3g} GB are made; choose fewer "
            "features in the settings"
        )
        raise InputError(msg, code="maps_too_large")
