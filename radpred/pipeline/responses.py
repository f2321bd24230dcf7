"""The images that features are computed on: the scan itself, and each filter's responses."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace

from radpred.backends import to_host
from radpred.config import ExtractionSettings, LaplacianOfGaussian, Wavelet
from radpred.config.extraction import Filter
from radpred.errors import SettingsError
from radpred.filters import (
    laplacian_of_gaussian,
    laplacian_of_gaussian_name,
    wavelet_bands,
    wavelet_names,
)
from radpred.image import Box, Image

ORIGINAL = "original"


@dataclass(frozen=True, kw_only=True)
class Response:
    """One image to measure, cut to the box of the regions, and how its grey levels are made."""

    image: Image
    bin_width: float | None
    bin_count: int | None
    voxel_array_shift: float


def response_names(settings: ExtractionSettings) -> tuple[str, ...]:
    """Return the names of the images that settings ask for, in order.

    Raises
    ------
    SettingsError
        Two filters would give an image of the same name.
    """
    names = [name for chosen in settings.filters for name in _names(chosen)]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        msg = f"filters: {', '.join(twice)} would be made twice; take one of the filters out"
        raise SettingsError(msg)
    return tuple(names)


def responses(image: Image, box: Box, settings: ExtractionSettings) -> Iterator[Response]:
    """Yield each image that settings ask for, inside ``box``, on the host, one at a time."""
    for chosen in settings.filters:
        has_bins = chosen.bin_width is not None or chosen.bin_count is not None
        bins = chosen if has_bins else settings
        shift = chosen.voxel_array_shift
        for response in _filtered(image, box, chosen):
            yield Response(
                image=replace(response, voxels=to_host(response.voxels)),
                bin_width=bins.bin_width,
                bin_count=bins.bin_count,
                voxel_array_shift=settings.voxel_array_shift if shift is None else shift,
            )


def on_small_image(image: Image, settings: ExtractionSettings) -> list[str]:
    """Return a note on each response that stands on the border rule: PyRadiomics makes none."""
    notes = []
    for chosen in settings.filters:
        if not isinstance(chosen, LaplacianOfGaussian):
            continue
        for sigma in chosen.sigma_mm:
            least = [max(4, math.ceil(sigma / spacing) + 1) for spacing in image.grid.spacing]
            if any(n < wanted for n, wanted in zip(image.grid.shape, least, strict=True)):
                size = " x ".join(str(n) for n in image.grid.shape)
                notes.append(
                    f"{laplacian_of_gaussian_name(sigma)}: the filter is larger than the image "
                    f"({size} voxels), whose border voxels were repeated"
                )
    return notes


def _names(chosen: Filter) -> tuple[str, ...]:
    """Return the names of one filter's responses."""
    if isinstance(chosen, LaplacianOfGaussian):
        return tuple(laplacian_of_gaussian_name(sigma) for sigma in chosen.sigma_mm)
    if isinstance(chosen, Wavelet):
        return wavelet_names(level=chosen.level)
    return (ORIGINAL,)


def _filtered(image: Image, box: Box, chosen: Filter) -> Iterator[Image]:
    """Yield one filter's responses inside ``box``."""
    if isinstance(chosen, LaplacianOfGaussian):
        for sigma in chosen.sigma_mm:
            yield laplacian_of_gaussian(image, sigma_mm=sigma, box=box)
    elif isinstance(chosen, Wavelet):
        yield from wavelet_bands(
            image,
            wavelet=chosen.wavelet,
            level=chosen.level,
            start_level=chosen.start_level,
            box=box,
        )
    else:
        yield replace(image, voxels=image.voxels[box], grid=image.grid.cropped(box), name=ORIGINAL)
