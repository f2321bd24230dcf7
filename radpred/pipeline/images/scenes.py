"""The image and the regions as they are when filters and features see them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from radpred.backends import array_namespace, beside, is_cupy, measurable, to_host
from radpred.config import ExtractionSettings
from radpred.errors import GeometryError
from radpred.features import REACH_MM
from radpred.image import Array, Box, Grid, Image, Mask, Triple, common_box
from radpred.pipeline.images.responses import reach_voxels
from radpred.preprocess import (
    Interpolation,
    crop,
    find_non_finite,
    normalise,
    resample,
    resegment,
    without,
)

# More of a change than this is worth a word: on a coarse grid a nodule may lose half of itself.
_VOLUME_CHANGE = 0.1
_ADVICE = "non_finite: exclude leaves such voxels out"


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
        Where shape is measured; differs from ``regions`` after resegmentation, and where voxels
        that are not finite are left out.
    """

    image: Image
    regions: dict[str, Mask] = field(default_factory=dict)
    outlines: dict[str, Mask] = field(default_factory=dict)

    @property
    def box(self) -> Box | None:
        """Return the smallest box around all regions, None where all are empty."""
        return common_box(self.regions.values())


@dataclass(frozen=True, kw_only=True)
class _Processed:
    """An image and a region of it after all steps; with a reason where it is not measured."""

    image: Image
    region: Mask
    outline: Mask
    reason: str = ""
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """Scenes ready to be measured, and what became of the rest.

    Parameters
    ----------
    scenes : list of Scene
        Regions that share an image share a scene.
    refused : dict of str to str
        Region to reason code, for regions that are not measured.
    n_voxels : dict of str to int
        Region to the number of voxels whose intensities are measured, or would be.
    volumes_mm3 : dict of str to (float, float)
        Region to its volume before and after resampling and resegmentation.
    notes : list of str
        What a reader should know.
    """

    scenes: list[Scene] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    n_voxels: dict[str, int] = field(default_factory=dict)
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
        found = _processed(image, mask, settings)
        prepared.n_voxels[mask.name] = found.region.n_voxels
        prepared.volumes_mm3[mask.name] = (mask.volume_mm3, found.region.volume_mm3)
        prepared.notes.extend((*found.notes, *_on_volume(mask, found.region)))
        reason = found.reason or _refusal(found.region, settings)
        if reason:
            prepared.refused[mask.name] = reason
            continue
        scene = shared if found.image is image else Scene(image=found.image)
        scene.regions[mask.name], scene.outlines[mask.name] = found.region, found.outline
        if scene is not shared:
            prepared.scenes.append(scene)
    if shared.regions:
        prepared.scenes.append(shared)
    return prepared


def _on_grid(mask: Mask, image: Image) -> Mask:
    """Return the mask where the image lives, or refuse one that lies on another grid."""
    if mask.grid != image.grid:
        msg = f"{mask.name}: lies on {mask.grid}, image on {image.grid}; resample the mask"
        raise GeometryError(msg)
    is_on_card = is_cupy(image.voxels)
    voxels = beside(mask.voxels, image.voxels) if is_on_card else to_host(mask.voxels)
    return replace(mask, voxels=voxels.astype(bool, copy=False))


def _processed(image: Image, mask: Mask, settings: ExtractionSettings) -> _Processed:
    """Return image, region and outline after resampling or cropping, and resegmentation."""
    if mask.box is None:
        return _Processed(image=image, region=mask, outline=mask, reason="empty")
    excludes = settings.non_finite == "exclude"
    gaps = find_non_finite(image, mask)
    given = image
    image, outline = _regridded(image, mask, settings)
    later = gaps if image is given else find_non_finite(image, outline)
    notes = _on_gaps(mask, gaps, n_later=len(later), excludes=excludes)
    region = without(outline, later) if excludes else outline
    is_refused = not excludes and bool(len(gaps) or len(later))
    reason = ""
    resegments = settings.resegment_range is not None or settings.outliers_sd is not None
    if is_refused and (resegments or not len(later)):
        # A gap lies neither in the range nor out of it; and interpolation must not lose it.
        reason = "non_finite_voxels"
    elif region.box is None:
        reason = "non_finite_voxels" if len(later) else "vanished"
    elif resegments:
        region, outline = _resegmented(image, region, outline, settings)
        reason = "" if region.box else "vanished"
    return _Processed(image=image, region=region, outline=outline, reason=reason, notes=notes)


def _regridded(image: Image, mask: Mask, settings: ExtractionSettings) -> tuple[Image, Mask]:
    """Return image and mask resampled or cropped, as settings ask."""
    if settings.resample_mm is not None:
        return resample(
            image,
            mask,
            spacing_mm=settings.resample_mm,
            shared=settings.grid,
            padding_voxels=_padding(image.grid, settings, settings.resample_mm),
            interpolation=Interpolation(
                image=settings.interpolator,
                mask=settings.mask_interpolator,
                integers=settings.integer_images,
                bridges_gaps=settings.non_finite == "exclude",
            ),
        )
    if settings.crop_before_filters:
        return crop(image, mask, margin=settings.padding_voxels)
    return image, mask


def _padding(grid: Grid, settings: ExtractionSettings, resample_mm: Triple) -> int | None:
    """Return how many new voxels around a region are needed, or None for all.

    On PyRadiomics' grid as many as it keeps: filters see no more. On IBSI's filters see the whole
    image, so that as many are kept as they, and features, look at.
    """
    if settings.grid == "corner":
        return settings.padding_voxels
    z, y, x = (new or old for new, old in zip(resample_mm, grid.spacing, strict=True))
    reach = reach_voxels(settings, (z, y, x))
    if reach is None:
        return None
    looked_mm = max(REACH_MM.get(family, 0.0) for family in settings.families)
    return reach + math.ceil(looked_mm / min(z, y, x)) + 1


def _resegmented(
    image: Image, region: Mask, outline: Mask, settings: ExtractionSettings
) -> tuple[Mask, Mask]:
    """Return the part of a region inside the range of intensities, and what shape sees of it."""
    image, kept = replace(image, voxels=measurable(image.voxels)), region
    if settings.resegment_range is not None:
        limits, mode = settings.resegment_range, settings.resegment_mode
        kept = resegment(image, kept, limits=limits, mode=mode)
    if settings.outliers_sd is not None:
        limits = (-settings.outliers_sd, settings.outliers_sd)
        kept = resegment(image, kept, limits=limits, mode="sigma")
    if settings.resegment_shape:
        return kept, kept
    return kept, outline if settings.resegment_outline == "whole" else _cut_off(outline, kept)


def _on_gaps(mask: Mask, gaps: Array, *, n_later: int, excludes: bool) -> tuple[str, ...]:
    """Return a note on voxels of a region that are not finite: how many, and where.

    ``n_later`` is their number after resampling.
    """
    if len(gaps):
        place = ", ".join(str(index) for index in gaps[0])
        what = "they are left out" if excludes else f"its values are missing; {_ADVICE}"
        return (
            f"{mask.name}: {len(gaps)} of {mask.n_voxels} voxels are not finite, the first at "
            f"({place}) (z, y, x); {what}",
        )
    if n_later and not excludes:
        return (
            f"{mask.name}: {n_later} voxels are not finite after resampling, which reaches such "
            f"voxels around it; {_ADVICE}",
        )
    return ()


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
    box = region.box
    kept = array_namespace(mask.voxels).zeros_like(mask.voxels)
    if box is not None:
        kept[box] = mask.voxels[box]
    return replace(mask, voxels=kept)


def _refusal(region: Mask, settings: ExtractionSettings) -> str:
    """Return why a region is not measured, or nothing."""
    box = region.box
    if box is None:
        return "empty"
    if region.n_voxels < settings.minimum_voxels:
        return "too_small"
    n_dimensions = sum(part.stop - part.start > 1 for part in box)
    if n_dimensions < settings.minimum_dimensions:
        return "too_few_dimensions"
    return ""
