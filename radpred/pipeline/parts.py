"""What the regions of a scene give on each of its images."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from radpred.config import ExtractionSettings
from radpred.errors import RegionError
from radpred.features import FeatureValues, Texture, compute_features, feature_names
from radpred.image import Image, Mask
from radpred.pipeline.responses import ORIGINAL, Response, responses
from radpred.pipeline.scenes import Scene

SHAPE: Literal["shape"] = "shape"
SHAPES = (SHAPE, "shape2D")
Wanted = Mapping[str, Collection[str]]  # family to features; all where it names none
# Fewer grey levels than this on the image as it came leave little texture to measure.
_FEW_GREY_LEVELS = 8


@dataclass(frozen=True, kw_only=True)
class Part:
    """What one region gave on one image: features (``family_Feature``) and reasons for NaN."""

    region: str
    image: str
    values: dict[str, float]
    reasons: dict[str, str]
    notes: list[str] = field(default_factory=list)


def measured(scene: Scene, settings: ExtractionSettings) -> Iterator[Part]:
    """Yield what every region of a scene gives on every image."""
    wanted: Wanted = {f: settings.features.get(f, ()) for f in settings.families if f not in SHAPES}
    texture = texture_of(settings)
    if SHAPE in settings.families:
        for region, outline in scene.outlines.items():
            yield _shape(region, outline)
    box = scene.box
    if box is None or not wanted:
        return
    for response in responses(scene.image, box, settings):
        for region, mask in scene.regions.items():
            cut = replace(mask, voxels=mask.voxels[box], grid=response.image.grid)
            yield _intensity(region, response, cut, wanted, texture)


def _shape(region: str, outline: Mask) -> Part:
    """Return the shape of a region, whatever the image holds there."""
    flat = Image(voxels=outline.voxels.astype(np.uint8), grid=outline.grid)
    found = compute_features(flat, outline, families=[SHAPE], bin_width=1.0, bin_count=None)
    return Part(region=region, image=ORIGINAL, values=found.values, reasons=found.reasons)


def texture_of(settings: ExtractionSettings) -> Texture:
    """Return which voxels texture compares, by settings."""
    return Texture(
        distances=settings.distances,
        flat_axis=None if settings.force_2d is None else "zyx".index(settings.force_2d),
        aggregation=settings.aggregation,
        is_symmetric=settings.symmetric_glcm,
        dependence_cutoff=settings.dependence_cutoff,
        minimum_grey_levels=settings.minimum_grey_levels,
    )


def _intensity(
    region: str, response: Response, mask: Mask, wanted: Wanted, texture: Texture
) -> Part:
    """Return the other families of a region on one image."""
    name = response.image.name
    values: dict[str, float] = {}
    reasons: dict[str, str] = {}
    notes: list[str] = []
    n_grey_levels = 0
    try:
        found = _computed(response, mask, wanted, texture)
        values, reasons, n_grey_levels = found.values, found.reasons, found.n_grey_levels
    except RegionError as error:
        # One family at a time: those that need no grey levels still have values.
        notes.append(f"{region}, {name}: {error}")
        for family, names in wanted.items():
            try:
                found = _computed(response, mask, {family: names}, texture)
                values, reasons = values | found.values, reasons | found.reasons
            except RegionError as of_family:
                keys = feature_names([family])  # of which the caller takes what is wanted
                values |= dict.fromkeys(keys, float("nan"))
                reasons |= dict.fromkeys(keys, of_family.code)
    if name == ORIGINAL and 1 < n_grey_levels < _FEW_GREY_LEVELS:
        notes.append(
            f"{region}: only {n_grey_levels} grey levels; a smaller bin_width shows more texture"
        )
    return Part(region=region, image=name, values=values, reasons=reasons, notes=notes)


def _computed(response: Response, mask: Mask, wanted: Wanted, texture: Texture) -> FeatureValues:
    """Return families of features of a region on one image."""
    return compute_features(
        response.image,
        mask,
        families=wanted,
        bin_width=response.bin_width,
        bin_count=response.bin_count,
        voxel_array_shift=response.voxel_array_shift,
        texture=texture,
    )
