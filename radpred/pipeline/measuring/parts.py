"""What the regions of a scene give on each of its images."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from radpred.backends import array_namespace, measurable, to_host
from radpred.config import ExtractionSettings
from radpred.config.conventions import Family
from radpred.errors import RegionError
from radpred.features import (
    REACH_MM,
    Convention,
    FeatureValues,
    Texture,
    compute_features,
    wanted_features,
)
from radpred.image import Array, Box, Image, Mask, common_box
from radpred.pipeline.images.remarks import on_levels
from radpred.pipeline.images.responses import ORIGINAL, Response, responses
from radpred.pipeline.images.scenes import Scene
from radpred.preprocess import FirstEdge
from radpred.roi import Roi

SHAPE: Literal["shape"] = "shape"
SHAPES = (SHAPE, "shape2D")  # they see where a region is, and not what the image holds there
# What sums over a filter's support may be off, as a part of the intensities summed: a few
# units in the last place in single precision; in double, the last digits of a wavelet's taps.
_SINGLE, _DOUBLE = 4 * float(np.finfo(np.float32).eps), 1e-11
Wanted = Mapping[str, tuple[str, ...]]  # family to features


@dataclass(frozen=True, kw_only=True)
class Part:
    """What one region gave on one image.

    Parameters
    ----------
    region, image : str
        Which.
    values : dict of str to float
        ``family_Feature`` to value.
    reasons : dict of str to str
        ``family_Feature`` to reason code, where the value is NaN.
    n_grey_levels : int
        How many grey levels occur; 0 where none were made.
    remarks : dict of str to str
        What ``radpred.pipeline.images.remarks`` makes a note of.
    notes : list of str
        What else a reader should know.
    """

    region: str
    image: str
    values: dict[str, float]
    reasons: dict[str, str]
    n_grey_levels: int = 0
    remarks: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def texture_of(settings: ExtractionSettings, image: str = ORIGINAL) -> Texture:
    """Return which voxels texture compares on an image, by settings.

    The floor of grey levels is that of the scan; a filter's responses, whose range is their own,
    need two, as in PyRadiomics.
    """
    floor = settings.minimum_grey_levels
    return Texture(
        distances=settings.distances,
        flat_axis=None if settings.force_2d is None else "zyx".index(settings.force_2d),
        slices=settings.slices,
        aggregation=settings.aggregation,
        is_symmetric=settings.symmetric_glcm,
        dependence_cutoff=settings.dependence_cutoff,
        minimum_grey_levels=floor if image == ORIGINAL else min(floor, 2),
    )


def convention_of(settings: ExtractionSettings, response: Response) -> Convention:
    """Return whose values features have on an image, by settings.

    The bound of re-segmentation is one of the scan; a filter's responses have none.
    """
    first_edge: FirstEdge = "multiple"
    last_edge = None
    if settings.bins_from == "bound":
        limits, is_scan = settings.resegment_range, response.image.name == ORIGINAL
        has_bound = is_scan and settings.resegment_mode == "absolute"
        first_edge = min(limits) if limits and has_bound else "minimum"
        last_edge = max(limits) if limits and has_bound and len(limits) == 2 else None
    return Convention(
        first_edge=first_edge,
        last_edge=last_edge,
        voxel_array_shift=response.voxel_array_shift,
        has_excess_kurtosis=settings.excess_kurtosis,
        has_sample_axes=settings.sample_axes,
        has_isolated_voxels=settings.isolated_voxels == "counted",
        ivh_bin_width=settings.ivh_bin_width,
        ivh_bin_count=settings.ivh_bin_count,
        is_complete=settings.all_features,
    )


def wanted_of(settings: ExtractionSettings, families: Collection[Family]) -> Wanted:
    """Return families with the features that settings want of them."""
    chosen = {str(family): settings.features.get(family, ()) for family in families}
    return wanted_features(chosen, is_complete=settings.all_features)


def measured(scene: Scene, settings: ExtractionSettings) -> Iterator[Part]:
    """Yield what every region of a scene gives on every image."""
    texture = texture_of(settings)
    wanted = wanted_of(settings, settings.families)
    shapes = {family: names for family, names in wanted.items() if family in SHAPES}
    if shapes:
        for region, outline in scene.outlines.items():
            yield _shape(region, outline, shapes, texture, is_sample=settings.sample_axes)
    wanted = {family: names for family, names in wanted.items() if family not in SHAPES}
    box = _seen(scene, wanted)
    if box is None or not wanted:
        return
    rounding = None
    for found in responses(scene.image, box, settings):
        if found.image.name == ORIGINAL:
            response = found
        else:
            rounding = rounding or _rounding(measurable(scene.image.voxels[box]))
            response = _settled(found, rounding)
        for region, mask in scene.regions.items():
            cut, outline = (
                replace(part, voxels=part.voxels[box], grid=response.image.grid)
                for part in (mask, scene.outlines[region])
            )
            how = _How(
                wanted=wanted,
                texture=texture_of(settings, response.image.name),
                convention=convention_of(settings, response),
            )
            yield _intensity(response, Roi(region=cut, outline=outline), how)


def _seen(scene: Scene, wanted: Wanted) -> Box | None:
    """Return the part of a scene that features look at."""
    boxes = [*scene.regions.values()]
    if set(wanted) & set(REACH_MM):
        boxes += scene.outlines.values()
    reach_mm = max((REACH_MM.get(family, 0.0) for family in wanted), default=0.0)
    return common_box(boxes, reach_mm=reach_mm)


@dataclass(frozen=True, kw_only=True)
class _How:
    """How a region is measured on an image."""

    wanted: Wanted
    texture: Texture
    convention: Convention


def _rounding(voxels: Array) -> float:
    """Return how far apart rounding may bring a filter's responses that are the same."""
    part = _SINGLE if voxels.dtype == np.float32 else _DOUBLE
    return part * max(map(abs, _ends(voxels)))


def _settled(response: Response, rounding: float) -> Response:
    """Return a filter's response that varies by no more than ``rounding`` as the constant it is."""
    lowest, highest = _ends(response.image.voxels)
    if not (highest - lowest <= rounding < np.inf):
        return response
    middle = 0.0 if max(-lowest, highest) <= rounding else (lowest + highest) / 2
    xp = array_namespace(response.image.voxels)
    voxels = xp.full_like(response.image.voxels, middle)
    return replace(response, image=replace(response.image, voxels=voxels))


def _ends(voxels: Array) -> tuple[float, float]:
    """Return the lowest and the highest intensity."""
    return float(voxels.min()), float(voxels.max())


def _shape(
    region: str, outline: Mask, wanted: Wanted, texture: Texture, *, is_sample: bool
) -> Part:
    """Return the shape of a region, whatever the image holds there."""
    box = outline.box
    if box is not None:
        grid = outline.grid.cropped(box)
        outline = replace(outline, voxels=to_host(outline.voxels[box]), grid=grid)
    flat = Image(voxels=outline.voxels.view(np.uint8), grid=outline.grid)
    found = compute_features(
        flat,
        outline,
        families=wanted,
        bin_width=1.0,
        bin_count=None,
        texture=texture,
        convention=Convention(has_sample_axes=is_sample),
    )
    return Part(region=region, image=ORIGINAL, values=found.values, reasons=found.reasons)


def _intensity(response: Response, roi: Roi, how: _How) -> Part:
    """Return the other families of a region on one image."""
    region, name = roi.region.name, response.image.name
    notes: list[str] = []
    try:
        found = _computed(response, roi, how, how.wanted)
    except RegionError as error:
        notes.append(f"{region}, {name}: {error}")
        found = _one_by_one(response, roi, how)
    remarks = on_levels(response, roi.region, found, how.texture.minimum_grey_levels)
    if name != ORIGINAL and "non_finite_voxels" in found.reasons.values():
        remarks["spoilt"] = name
    return Part(
        region=region,
        image=name,
        values=found.values,
        reasons=found.reasons,
        n_grey_levels=found.n_grey_levels,
        remarks=remarks,
        notes=notes,
    )


def _one_by_one(response: Response, roi: Roi, how: _How) -> FeatureValues:
    """Return the features that need no grey levels, and the reason why the others are NaN."""
    values: dict[str, float] = {}
    reasons: dict[str, str] = {}
    for family, names in how.wanted.items():
        for part in [(name,) for name in names] if family == "firstorder" else [names]:
            try:
                found = _computed(response, roi, how, {family: part})
                values, reasons = values | found.values, reasons | found.reasons
            except RegionError as error:
                keys = [f"{family}_{name}" for name in part]
                values |= dict.fromkeys(keys, float("nan"))
                reasons |= dict.fromkeys(keys, error.code)
    return FeatureValues(
        values=values, reasons=reasons, n_grey_levels=0, n_voxels=roi.region.n_voxels
    )


def _computed(response: Response, roi: Roi, how: _How, wanted: Wanted) -> FeatureValues:
    """Return families of features of a region on one image."""
    return compute_features(
        response.image,
        roi,
        families=wanted,
        bin_width=response.bin_width,
        bin_count=response.bin_count,
        texture=how.texture,
        convention=how.convention,
    )
