"""Regions of an image measured by the engine that settings name, on the device that holds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from radpred.backends import CPU, device_of, is_cupy, release, to_host
from radpred.config import ExtractionSettings
from radpred.image import Image, Mask
from radpred.pipeline.images.responses import on_small_image
from radpred.pipeline.images.scenes import Prepared, prepare
from radpred.pipeline.measuring.by_pyradiomics import measured_by_pyradiomics
from radpred.pipeline.measuring.parts import Part, measured

CARD_IS_FULL = "the card's memory was full, so that it was measured on the CPU"


def by_engine(
    image: Image,
    regions: Mapping[str, Mask],
    settings: ExtractionSettings,
    wanted: Mapping[str, Sequence[str]],
) -> tuple[str, Prepared, list[Part]]:
    """Return where regions of an image were measured, and what that gave.

    Parameters
    ----------
    image : Image
        The scan; on a card, if radpred is to measure it there.
    regions : dict of str to Mask
        Regions by name, on the image's grid.
    settings : ExtractionSettings
        What to measure, and how.
    wanted : dict of str to sequence of str
        Image to the features (``family_Feature``) wanted on it.
    """
    if settings.engine == "pyradiomics":
        image, regions = on_host(image, regions)
        return CPU, *measured_by_pyradiomics(image, regions, settings, wanted)
    try:
        return device_of(image.voxels), *_natively(image, regions, settings)
    except MemoryError:
        if not is_cupy(image.voxels):
            raise
    image, regions = on_host(image, regions)
    release()
    prepared, parts = _natively(image, regions, settings)
    prepared.notes.append(f"{image.name}: {CARD_IS_FULL}")
    return CPU, prepared, parts


def on_host(image: Image, regions: Mapping[str, Mask]) -> tuple[Image, dict[str, Mask]]:
    """Return an image and its regions with their voxels on the host."""
    masks = {name: replace(mask, voxels=to_host(mask.voxels)) for name, mask in regions.items()}
    return replace(image, voxels=to_host(image.voxels)), masks


def _natively(
    image: Image, regions: Mapping[str, Mask], settings: ExtractionSettings
) -> tuple[Prepared, list[Part]]:
    """Return what radpred itself measures of regions of an image."""
    prepared = prepare(image, regions, settings)
    parts: list[Part] = []
    for scene in prepared.scenes:
        prepared.notes.extend(on_small_image(scene.image, settings))
        parts += measured(scene, settings)
    return prepared, parts
