"""From a point to the extent of the lesion around it: of many sizes, the one with a clear edge."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from radpred.errors import RegionError
from radpred.image import Array, Image
from radpred.segment.clean import connected_to, without_holes
from radpred.segment.methods.ellipsoid import ellipsoid
from radpred.segment.prompt import WIDER, PointPrompt, bounds_of, box_about, place_in
from radpred.segment.window import FEWEST, Window, window_of

SMALLEST_MM = 2.0  # half of the first size that is tried
NEXT = 1.4  # how much larger the next one is
N_LOOKS = 2  # at each size: the second from where the first one found it
SURROUNDED = 20  # per cent of the surface may lack an edge: where vessels or a wall join
EDGE = (1, 2)  # voxels outside the surface: beyond the first, its surroundings are looked at
CLEAR = 0.3  # of the clearest edge of any size: a fainter one is none
NOISE_LIMIT = 1.0  # standard deviations: a fainter edge is none
NOISE_WIDTH = 1.5  # voxels: what differs from so smooth an image is noise
TO_SD = 1.4826  # a normal distribution's standard deviation by its median absolute deviation


@dataclass(frozen=True)
class _Look:
    """Which body was found, and how clear its edge is."""

    middle: Array
    half: Array
    edge: float
    noise: float


def extent_at(image: Image, point: PointPrompt, *, rng: np.random.Generator) -> tuple[float, ...]:
    """Return the corners of the box that the lesion around a point fills, mm in LPS.

    Lesions of growing size are looked for around the point, each again from the place and extent
    of its own first answer. What counts is how far the body is brighter (or darker) than what
    surrounds it, on all but a fifth of its surface: where a piece is cut from something larger
    there is no edge, and inside the lesion there is none either. Of several bodies with an edge,
    a lesion and the organ around it, the smallest counts.

    Raises
    ------
    RegionError
        ``bad_point``, ``point_outside_image``, ``non_finite_voxels``; ``nothing_found``: no body
        with an edge holds the point.
    """
    place = place_in(point.place, image.grid)
    half, most = SMALLEST_MM, point.largest_mm / 2
    sizes: list[_Look] = []
    while half <= most:
        looks = list(_looks(image, place, half, most, rng))
        sizes += [max(looks, key=lambda look: look.edge)] if looks else []
        half *= NEXT
    best = _smallest(sizes)
    if best is None:
        msg = (
            f"{image.name}: no lesion of up to {point.largest_mm:g} mm with an edge of its own "
            f"{point}; check the point, or raise largest_mm"
        )
        raise RegionError(msg, code="nothing_found")
    return box_about(best.middle, best.half)


def _smallest(sizes: list[_Look]) -> _Look | None:
    """Return the smallest body with a clear edge; of neighbouring sizes the one clearest."""
    least = CLEAR * max((look.edge for look in sizes), default=0.0)
    clear = [look.edge >= least and look.edge > NOISE_LIMIT * look.noise for look in sizes]
    if not any(clear):
        return None
    place = clear.index(True)
    while place + 1 < len(sizes) and sizes[place + 1].edge >= sizes[place].edge:
        place += 1
    return sizes[place]


def _looks(
    image: Image, place: Array, half: float, most: float, rng: np.random.Generator
) -> Iterator[_Look]:
    """Yield the bodies of about one size that are found around a point."""
    middle, lengths = place, np.full(3, half)
    for _ in range(N_LOOKS):
        try:
            window = window_of(image, box_about(middle, WIDER * lengths))
        except RegionError as error:
            if error.code == "non_finite_voxels":
                raise
            return
        body = without_holes(connected_to(ellipsoid(window, rng), window.core))
        if body.sum() < FEWEST:
            return
        middle, lengths = bounds_of(window.grid.to_world(np.argwhere(body)), window.grid)
        lengths = np.minimum(lengths, most)
        if _holds(window, body, place):
            yield _Look(middle, lengths, *_edge(window, body))


def _holds(window: Window, body: Array, place: Array) -> bool:
    """Tell whether a body holds the voxel at a point."""
    index = np.round(window.grid.to_index(place), 6)
    nearest = tuple(np.floor(index + 0.5).astype(int))
    is_there = all(0 <= i < n for i, n in zip(nearest, body.shape, strict=True))
    return is_there and bool(body[nearest])


def _edge(window: Window, body: Array) -> tuple[float, float]:
    """Return by how much a body is brighter than most of what surrounds it, and the noise there."""
    # Where the image ends it goes on as it is: a surface there is no edge. A slice has none above.
    margins = [(EDGE[1] * (size > 1),) * 2 for size in body.shape]
    body, intensity = np.pad(body, margins), np.pad(window.intensity, margins, mode="edge")
    near, far = (ndimage.binary_dilation(body, iterations=n) for n in EDGE)
    shell = intensity[far & ~near]
    if not shell.size:
        return 0.0, 0.0
    step = float(np.median(intensity[body]) - np.percentile(shell, 100 - SURROUNDED))
    return step, _noise(intensity, ~far)


def _noise(intensity: Array, around: Array) -> float:
    """Return the standard deviation of the noise around a body."""
    rough = np.abs(intensity - ndimage.gaussian_filter(intensity, NOISE_WIDTH, mode="nearest"))
    return TO_SD * float(np.median(rough[around])) if around.any() else 0.0
