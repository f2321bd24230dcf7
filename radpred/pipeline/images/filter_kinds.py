"""Each kind of filter: what its responses are called, and how they are made."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from radpred.config import (
    LaplacianOfGaussian,
    LocalBinaryPattern2D,
    LocalBinaryPattern3D,
    Wavelet,
)
from radpred.filters import (
    exponential,
    gradient_magnitude,
    laplacian_of_gaussian,
    laplacian_of_gaussian_name,
    local_binary_pattern_2d,
    local_binary_pattern_3d,
    local_binary_pattern_3d_names,
    logarithm,
    square,
    square_root,
    wavelet_bands,
    wavelet_names,
    wavelet_reach,
)
from radpred.image import Grid, Image
from radpred.pipeline.images._filter_kind import FilterKind, Sizes, Source
from radpred.pipeline.images.ibsi_filter_kinds import IBSI_FILTER_KINDS

ORIGINAL = "original"
__all__ = ["FILTER_KINDS", "ORIGINAL", "Source"]


def _original(source: Source, chosen: Any) -> Iterator[Image]:
    image, box = source.image, source.box
    yield replace(image, voxels=image.voxels[box], grid=image.grid.cropped(box), name=ORIGINAL)


def _laplacians(source: Source, chosen: LaplacianOfGaussian) -> Iterator[Image]:
    for sigma in chosen.sigma_mm:
        yield laplacian_of_gaussian(source.image, sigma_mm=sigma, box=source.box)


def _sizes_for_laplacians(chosen: LaplacianOfGaussian, grid: Grid, flat_axis: int | None) -> Sizes:
    for sigma in chosen.sigma_mm:
        least = tuple(max(4, math.ceil(sigma / spacing) + 1) for spacing in grid.spacing)
        yield laplacian_of_gaussian_name(sigma), least


def _wavelets(source: Source, chosen: Wavelet) -> Iterator[Image]:
    return wavelet_bands(
        source.image,
        wavelet=chosen.wavelet,
        level=chosen.level,
        start_level=chosen.start_level,
        flat_axis=source.flat_axis,
        box=source.box,
    )


def _sizes_for_wavelets(chosen: Wavelet, grid: Grid, flat_axis: int | None) -> Sizes:
    n_taps = sum(wavelet_reach(chosen.wavelet)) + 1
    yield "wavelet", tuple(1 if axis == flat_axis else n_taps for axis in range(3))


def _pointwise(name: str, of_image: Callable[..., Image]) -> FilterKind:
    """Return the kind of a filter of one voxel at a time."""
    return FilterKind(
        names=lambda chosen, flat_axis: (name,),
        filtered=lambda source, chosen: [
            of_image(source.image, largest=source.largest, box=source.box)
        ],
    )


def _patterns_2d(source: Source, chosen: LocalBinaryPattern2D) -> Iterator[Image]:
    yield local_binary_pattern_2d(
        source.image,
        radius=chosen.radius,
        samples=chosen.samples,
        method=chosen.method,
        across=_across(chosen, source.flat_axis),
        box=source.box,
    )


def _across(chosen: LocalBinaryPattern2D, flat_axis: int | None) -> int:
    """Return the axis across the slices of 2-D patterns."""
    return flat_axis or 0 if chosen.across is None else "zyx".index(chosen.across)


def _sizes_for_patterns_2d(
    chosen: LocalBinaryPattern2D, grid: Grid, flat_axis: int | None
) -> Sizes:
    across, width = _across(chosen, flat_axis), 2 * math.ceil(chosen.radius) + 1
    yield "lbp-2D", tuple(1 if axis == across else width for axis in range(3))


def _patterns_3d(source: Source, chosen: LocalBinaryPattern3D) -> Iterator[Image]:
    return local_binary_pattern_3d(
        source.image,
        levels=chosen.levels,
        icosphere_radius=chosen.icosphere_radius,
        icosphere_subdivision=chosen.icosphere_subdivision,
        box=source.box,
    )


def _sizes_for_patterns_3d(
    chosen: LocalBinaryPattern3D, grid: Grid, flat_axis: int | None
) -> Sizes:
    yield "lbp-3D", (2 * math.ceil(chosen.icosphere_radius) + 1,) * 3


FILTER_KINDS: dict[str, FilterKind] = {
    "original": FilterKind(
        names=lambda chosen, flat_axis: (ORIGINAL,), filtered=_original, is_compact=True
    ),
    "laplacian_of_gaussian": FilterKind(
        names=lambda chosen, flat_axis: tuple(map(laplacian_of_gaussian_name, chosen.sigma_mm)),
        filtered=_laplacians,
        sizes=_sizes_for_laplacians,
        beyond=lambda chosen: "whose border voxels were repeated",
    ),
    "wavelet": FilterKind(
        names=lambda chosen, flat_axis: wavelet_names(level=chosen.level, flat_axis=flat_axis),
        filtered=_wavelets,
        sizes=_sizes_for_wavelets,
        beyond=lambda chosen: "which was repeated as a whole",
    ),
    "square": _pointwise("square", square),
    "square_root": _pointwise("squareroot", square_root),
    "logarithm": _pointwise("logarithm", logarithm),
    "exponential": _pointwise("exponential", exponential),
    "gradient": FilterKind(
        names=lambda chosen, flat_axis: ("gradient",),
        filtered=lambda source, chosen: [
            gradient_magnitude(source.image, use_spacing=chosen.use_spacing, box=source.box)
        ],
    ),
    "local_binary_pattern_2d": FilterKind(
        names=lambda chosen, flat_axis: ("lbp-2D",),
        filtered=_patterns_2d,
        sizes=_sizes_for_patterns_2d,
        beyond=lambda chosen: "outside of which all was 0",
    ),
    "local_binary_pattern_3d": FilterKind(
        names=lambda chosen, flat_axis: local_binary_pattern_3d_names(levels=chosen.levels),
        filtered=_patterns_3d,
        sizes=_sizes_for_patterns_3d,
        beyond=lambda chosen: "outside of which all was 0",
    ),
    **IBSI_FILTER_KINDS,
}
