"""The image and the regions as they are when filters and features see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from radpred.backends import to_host
from radpred.config import ExtractionSettings
from radpred.errors import GeometryError
from radpred.image import Image, Mask
from radpred.preprocess import bounding_box, crop, normalise, resample, resegment

Box = tuple[slice, slice, slice]
# More of a change than this is worth a word: on a coarse grid a nodule may lose half of itself.
_VOLUME_CHANGE = 0.1


@dataclass(frozen=True, kw_only=True)
class Scene:
    """An image, and the regions that are measured on it.

    Parameters
    ----------
    image : Image
        What filters see; its border is a border to them.
    regions : dict of str to Mask
        Where intensities are measured.
    outlines : dict of str to Mask
        Where shape is measured; differs from ``regions`` after resegmentation.
    """

    image: Image
    regions: dict[str, Mask] = field(default_factory=dict)
    outlines: dict[str, Mask] = field(default_factory=dict)

    @property
    def box(self) -> Box | None:
        """Return the smallest box around all regions, None where all are empty."""
        boxes = [bounding_box(region.voxels) for region in self.regions.values()]
        found = [box for box in boxes if box is not None]
        if not found:
            return None
        z, y, x = (
            slice(min(part.start for part in parts), max(part.stop for part in parts))
            for parts in zip(*found, strict=True)
        )
        return z, y, x


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """Scenes ready to be measured, and what became of the rest.

    Parameters
    ----------
    scenes : list of Scene
        Regions that share an image share a scene.
    refused : dict of str to str
        Region to reason code, for regions that are not measured.
    volumes_mm3 : dict of str to (float, float)
        Region to its volume before and after resampling and resegmentation.
    notes : list of str
        What a reader should know.
    """

    scenes: list[Scene] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    volumes_mm3: dict[str, tuple[float, float]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def prepare(image: Image, regions: Mapping[str, Mask], settings: ExtractionSettings) -> Prepared:
    """Return the scenes of an image and its regions.

    A region that is resampled or cropped gets a scene of its own, so that its values do not
    depend on which other regions are measured, and are those that PyRadiomics gives for it alone.

    Raises
    ------
    GeometryError
        A region lies on another grid than the image.
    InputError
        The image is flat and to be normalised, or the resampled grid would be too large.
    """
    masks = [_on_grid(replace(mask, name=name), image) for name, mask in regions.items()]
    prepared = Prepared()
    if settings.normalise:
        image = normalise(
            image, scale=settings.normalise_scale, limit_sd=settings.normalise_limit_sd
        )
        if "not finite" in image.steps[-1]:
            prepared.notes.append(f"{image.name}: {image.steps[-1]}")
    shared = Scene(image=image)
    for mask in masks:
        own, region, outline = _processed(image, mask, settings)
        prepared.volumes_mm3[mask.name] = (mask.volume_mm3, region.volume_mm3)
        prepared.notes.extend(_on_volume(mask, region))
        reason = _refusal(region, settings)
        if reason:
            prepared.refused[mask.name] = reason
            continue
        scene = shared if own is image else Scene(image=own)
        scene.regions[mask.name], scene.outlines[mask.name] = region, outline
        if scene is not shared:
            prepared.scenes.append(scene)
    if shared.regions:
        prepared.scenes.append(shared)
    return prepared


def _on_grid(mask: Mask, image: Image) -> Mask:
    """Return the mask on the host, or refuse one that lies elsewhere than the image."""
    if mask.grid != image.grid:
        msg = f"{mask.name}: lies on {mask.grid}, image on {image.grid}; resample the mask"
        raise GeometryError(msg)
    return replace(mask, voxels=np.asarray(to_host(mask.voxels), dtype=bool))


def _processed(image: Image, mask: Mask, settings: ExtractionSettings) -> tuple[Image, Mask, Mask]:
    """Return image, region and outline after resampling or cropping, and resegmentation."""
    if not mask.voxels.any():
        return image, mask, mask
    if settings.resample_mm is not None:
        image, mask = resample(
            image,
            mask,
            spacing_mm=settings.resample_mm,
            interpolator=settings.interpolator,
            padding_voxels=settings.padding_voxels,
        )
    elif settings.crop_before_filters:
        image, mask = crop(image, mask, margin=settings.padding_voxels)
    if settings.resegment_range is None:
        return image, mask, mask
    host = replace(image, voxels=to_host(image.voxels))
    region = resegment(host, mask, limits=settings.resegment_range, mode=settings.resegment_mode)
    return image, region, region if settings.resegment_shape else _cut_off(mask, region)


def _on_volume(before: Mask, after: Mask) -> list[str]:
    """Return a note if a region's volume changed by more than a tenth."""
    old, new = before.volume_mm3, after.volume_mm3
    if not old or abs(new - old) <= _VOLUME_CHANGE * old:
        return []
    why = "; ".join(after.steps[len(before.steps) :])
    return [f"{before.name}: {old:.4g} mm3 became {new:.4g} mm3 ({new / old - 1:+.0%}): {why}"]


def _cut_off(mask: Mask, region: Mask) -> Mask:
    """Return the part of ``mask`` inside the box of ``region``.

    PyRadiomics measures the shape of the whole region, but cuts it to the box of what
    resegmentation left.
    """
    box = bounding_box(region.voxels)
    kept = np.zeros_like(mask.voxels)
    if box is not None:
        kept[box] = mask.voxels[box]
    return replace(mask, voxels=kept)


def _refusal(region: Mask, settings: ExtractionSettings) -> str:
    """Return why a region is not measured, or nothing."""
    box = bounding_box(region.voxels)
    if box is None:
        return "empty"
    if region.n_voxels < settings.minimum_voxels:
        return "too_small"
    n_dimensions = sum(part.stop - part.start > 1 for part in box)
    if n_dimensions < settings.minimum_dimensions:
        return "too_few_dimensions"
    return ""
