"""From an image and a region to maps: a feature of the small cube around each voxel."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import numpy as np

from radpred.backends import to_host
from radpred.config import ExtractionSettings
from radpred.errors import InputError, RegionError, SettingsError
from radpred.features import (
    OF_REGIONS,
    Cube,
    VoxelBlock,
    compute_voxel_features,
)
from radpred.image import Array, Box, Image, Mask
from radpred.pipeline.images.responses import Response, on_small_image, response_names, responses
from radpred.pipeline.images.scenes import Scene, prepare
from radpred.pipeline.measuring.parts import Wanted, convention_of, texture_of, wanted_of

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
    region : Mask
        The region, on the map's grid.
    reasons : dict of str to int
        Reason code to the number of voxels of the region that have no value.
    scan : Image
        The whole image that the map lies in, after resampling.
    box : tuple of slice
        Where in it.
    notes : tuple of str
        What a reader should know of how image and region were prepared.
    """

    name: str
    image: Image
    region: Mask
    reasons: dict[str, int]
    scan: Image
    box: Box
    notes: tuple[str, ...] = ()

    @property
    def values(self) -> Array:
        """Return the values inside the region that are there, shape (n,)."""
        inside = self.image.voxels[self.region.voxels]
        return inside[~np.isnan(inside)]

    @property
    def n_missing(self) -> int:
        """Return how many voxels of the region have no value."""
        return sum(self.reasons.values())


def map_names(settings: ExtractionSettings) -> tuple[str, ...]:
    """Return the names of all maps that settings ask for, in order, without an image.

    Raises
    ------
    SettingsError
        No map is asked for, a feature that is chosen does not exist, two filters give the same
        image, or PyRadiomics is to compute.

    Examples
    --------
    >>> from radpred.config import ExtractionSettings
    >>> names = map_names(ExtractionSettings(families=("shape", "firstorder", "glcm")))
    >>> len(names), names[0]
    (42, 'original_firstorder_10Percentile')
    """
    if settings.engine != "native":
        msg = f"got engine: {settings.engine}; maps are made by radpred itself, engine: native"
        raise SettingsError(msg)
    keys = [f"{f}_{name}" for f, names in _wanted(settings).items() for name in names]
    if not keys:
        msg = f"got families {', '.join(settings.families)}; shape has no maps, name another family"
        raise SettingsError(msg)
    return tuple(f"{image}_{key}" for image in response_names(settings) for key in keys)


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
    SettingsError
        As of ``map_names``.
    """
    n_maps = len(map_names(settings)) // len(response_names(settings))
    if image.grid.shape[0] == 1:
        settings = settings.on_slice()
    prepared = prepare(image, {mask.name: mask}, settings)
    if mask.name in prepared.refused:
        reason = prepared.refused[mask.name]
        msg = f"{mask.name}: {reason}, so there is nothing to map; check mask and settings"
        raise RegionError("; ".join((msg, *prepared.notes)), code=reason)
    scene = prepared.scenes[0]
    box = _around(scene, settings.voxel.kernel_radius)
    grid = scene.image.grid.cropped(box)
    region = replace(
        scene.regions[mask.name],
        grid=grid,
        voxels=to_host(scene.regions[mask.name].voxels[box]),
    )
    _refuse_too_large(n_maps, region)
    scan = replace(scene.image, voxels=to_host(scene.image.voxels))
    notes = (*prepared.notes, *on_small_image(scene.image, settings))
    for response in responses(scene.image, box, settings):
        maps = _maps(response, region, settings, told)
        for key in list(maps.values):
            name = f"{response.image.name}_{key}"
            yield FeatureMap(
                name=name,
                image=Image(voxels=maps.values.pop(key), grid=grid, name=name),
                region=region,
                reasons=maps.reasons[key],
                scan=scan,
                box=box,
                notes=(*notes, *maps.notes),
            )


@dataclass(frozen=True, kw_only=True)
class _Maps:
    """family_Feature -> map, and -> reason -> number of voxels without a value."""

    values: dict[str, Array]
    reasons: dict[str, dict[str, int]]
    notes: list[str] = field(default_factory=list)

    def take(self, block: VoxelBlock) -> None:
        """Put the values of a block in their places, and count those that are missing."""
        for key, values in block.values.items():
            self.values[key][tuple(block.centres.T)] = values
        for key, counts in block.reasons.items():
            for reason, n in counts.items():
                self.reasons[key][reason] = self.reasons[key].get(reason, 0) + n


def _wanted(settings: ExtractionSettings) -> Wanted:
    """Return the families that have maps, each with the features that are wanted of it."""
    return wanted_of(settings, [f for f in settings.families if f not in OF_REGIONS])


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
    response: Response, region: Mask, settings: ExtractionSettings, told: Told | None
) -> _Maps:
    """Return the maps of one image; where its grey levels cannot be made, without a value."""
    keys = [f"{f}_{name}" for f, names in _wanted(settings).items() for name in names]
    maps = _Maps(
        values={k: np.full(region.grid.shape, np.nan, dtype=np.float32) for k in keys},
        reasons={k: {} for k in keys},
    )
    n_done, name = 0, response.image.name
    try:
        for block in _blocks(response, region, settings):
            maps.take(block)
            n_done = block.n_done
            if told is not None:
                told(name, n_done, block.n_voxels)
        code = "non_finite_voxels"
    except RegionError as error:
        maps.notes.append(f"{region.name}, {name}: {error}")
        code = error.code
    if n_done < region.n_voxels:
        for counts in maps.reasons.values():
            counts[code] = region.n_voxels - n_done
    return maps


def _blocks(response: Response, region: Mask, settings: ExtractionSettings) -> Iterator[VoxelBlock]:
    """Return the features of a region's cubes on one image."""
    convention = convention_of(settings, response)
    return compute_voxel_features(
        response.image,
        region,
        families=_wanted(settings),
        bins={
            "bin_width": response.bin_width,
            "bin_count": response.bin_count,
            "first_edge": convention.first_edge,
        },
        cube=Cube(radius=settings.voxel.kernel_radius, is_masked=settings.voxel.masked_kernel),
        # Of a cube two levels are enough, as there are few in any.
        texture=replace(
            texture_of(settings), minimum_grey_levels=min(settings.minimum_grey_levels, 2)
        ),
        convention=convention,
    )


def _refuse_too_large(n_maps: int, region: Mask) -> None:
    """Raise if the maps of one image would not fit into memory."""
    needed = 4 * n_maps * int(np.prod(region.grid.shape, dtype=np.int64))
    if needed > MAX_BYTES:
        size = " x ".join(map(str, region.grid.shape))
        msg = (
            f"{region.name}: {n_maps} maps of {size} voxels need {needed / 1e9:.3g} GB, at most "
            f"{MAX_BYTES / 1e9:.3g} GB are made; choose fewer features in the settings"
        )
        raise InputError(msg, code="maps_too_large")
