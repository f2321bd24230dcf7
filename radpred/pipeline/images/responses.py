"""The images that features are computed on: the scan itself, and each filter's responses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from radpred.backends import measurable
from radpred.config import ExtractionSettings
from radpred.errors import SettingsError
from radpred.image import Box, Grid, Image, Triple
from radpred.pipeline.images.filter_kinds import FILTER_KINDS, ORIGINAL, Source
from radpred.pipeline.images.tiles import responses_of

__all__ = ["ORIGINAL", "Response", "on_small_image", "response_names", "responses"]


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
    flat_axis = _flat_axis(settings)
    names = [
        name
        for chosen in settings.filters
        for name in FILTER_KINDS[chosen.kind].names(chosen, flat_axis)
    ]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        msg = f"filters: {', '.join(twice)} would be made twice; take one of the filters out"
        raise SettingsError(msg)
    return tuple(names)


def responses(image: Image, box: Box, settings: ExtractionSettings) -> Iterator[Response]:
    """Yield each image that settings ask for, inside ``box``, where the image lives."""
    source = Source(image=image, box=box, flat_axis=_flat_axis(settings))
    for chosen in settings.filters:
        has_bins = chosen.bin_width is not None or chosen.bin_count is not None
        bins = chosen if has_bins else settings
        shift = chosen.voxel_array_shift
        for response in responses_of(FILTER_KINDS[chosen.kind], source, chosen):
            yield Response(
                image=replace(response, voxels=measurable(response.voxels)),
                bin_width=bins.bin_width,
                bin_count=bins.bin_count,
                voxel_array_shift=settings.voxel_array_shift if shift is None else shift,
            )


def on_small_image(image: Image, settings: ExtractionSettings) -> list[str]:
    """Return a note on each response that stands on the border rule, as the filter is too large.

    PyRadiomics makes no Laplacian of Gaussian there.
    """
    notes = []
    size = " x ".join(str(n) for n in image.grid.shape)
    for chosen in settings.filters:
        kind = FILTER_KINDS[chosen.kind]
        for name, least in kind.sizes(chosen, image.grid, _flat_axis(settings)):
            if any(n < wanted for n, wanted in zip(image.grid.shape, least, strict=True)):
                notes.append(
                    f"{name}: the filter is larger than the image ({size} voxels), "
                    f"{kind.beyond(chosen)}"
                )
    return notes


def reach_voxels(settings: ExtractionSettings, spacing: Triple) -> int | None:
    """Return how far around a region filters look, in voxels, or None where far and wide."""
    grid = Grid(shape=(1, 1, 1), spacing=spacing)
    reach = 0
    for chosen in settings.filters:
        kind = FILTER_KINDS[chosen.kind]
        if not kind.is_compact:
            return None
        for _, sizes in kind.sizes(chosen, grid, _flat_axis(settings)):
            reach = max(reach, *sizes)
    return reach


def _flat_axis(settings: ExtractionSettings) -> int | None:
    """Return the axis across which nothing is a neighbour, if there is one."""
    return None if settings.force_2d is None else "zyx".index(settings.force_2d)
