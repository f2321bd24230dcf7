"""A lesion that was marked by a box, a point or six points, by the method of one's choice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from radpred.errors import RegionError, SettingsError
from radpred.image import Array, Image, Mask
from radpred.segment.box import box_mask
from radpred.segment.clean import Cleaning, cleaned
from radpred.segment.extent import extent_at
from radpred.segment.methods.clustering import fcm, gmm
from radpred.segment.methods.ellipsoid import ellipsoid
from radpred.segment.methods.seeded import knn
from radpred.segment.methods.threshold import otsu
from radpred.segment.methods.walker import random_walker
from radpred.segment.prompt import (
    BoxPrompt,
    ExtremePoints,
    PointPrompt,
    Prompt,
    box_prompt_of,
    wider_box,
)
from radpred.segment.window import Window, window_of

METHODS: Mapping[str, Callable[[Window, np.random.Generator], Array]] = MappingProxyType(
    {
        "otsu": otsu,
        "fcm": fcm,
        "gmm": gmm,
        "knn": knn,
        "random_walker": random_walker,
        "ellipsoid": ellipsoid,
    }
)
BY_INTENSITY = ("otsu", "fcm", "gmm")  # methods that do not know where in the box a voxel lies
AS_GIVEN = Cleaning()


def segment_prompt(
    image: Image,
    prompt: Prompt,
    *,
    method: str,
    rng: np.random.Generator,
    cleaning: Cleaning = AS_GIVEN,
) -> Mask:
    """Return the lesion that a prompt marks.

    Whether it is brighter or darker than its surroundings is decided from the middle of its box
    against the box's rim. The same prompt gives the same mask in whatever order the image's axes
    are stored.

    Parameters
    ----------
    image : Image
        The scan.
    prompt : BoxPrompt, PointPrompt or ExtremePoints
        Where the lesion lies. Extreme points are a box without a margin; around a point the
        extent is looked for first, by the ellipsoid whatever the method.
    method : {"otsu", "fcm", "gmm", "knn", "random_walker", "ellipsoid"}
        Otsu's threshold; fuzzy c-means; Gaussian mixture (these on intensities within the
        ellipsoid of the box); k nearest neighbours of the box's middle and of what lies around;
        random walks between them; brightness against a fitted ellipsoid.
    rng : numpy.random.Generator
        The methods that draw, draw from it.
    cleaning : Cleaning
        What is done to what the method found.

    Returns
    -------
    Mask
        On the image's grid; inside the box or the extreme points.

    Raises
    ------
    RegionError
        ``bad_box``, ``box_outside_image``, ``box_too_small``, ``bad_point``,
        ``bad_extreme_points``, ``point_outside_image``, ``non_finite_voxels``, ``flat``, or
        ``nothing_found``.
    SettingsError
        A method that is not known.
    """
    if method not in METHODS:
        msg = f"no segmentation method {method!r}; use one of {', '.join(METHODS)}"
        raise SettingsError(msg)
    window = _window_of(image, prompt, rng)
    within = window.rounded if method in BY_INTENSITY else window.inside
    found = METHODS[method](window, rng) & within
    found = cleaned(found, cleaning, core=window.core, spacing=window.grid.spacing) & window.inside
    if not found.any():
        msg = f"{image.name}: {method} found no lesion in the middle, {prompt}; check the prompt"
        raise RegionError(msg, code="nothing_found")
    voxels = np.zeros(image.grid.shape, dtype=bool)
    window.order.applied(voxels)[window.place] = found  # a view of voxels
    contrast = "darker" if window.is_dark else "brighter"
    step = f"segmented by {method} {prompt}, {contrast} than its surroundings; {cleaning}"
    return Mask(voxels=voxels, grid=image.grid, steps=(*image.steps, step))


def segment_box(
    image: Image,
    box: Sequence[float],
    *,
    method: str,
    rng: np.random.Generator,
    is_one_part: bool = True,
    has_no_holes: bool = True,
) -> Mask:
    """Return the lesion inside a box that is a fifth larger than it at each end.

    Parameters
    ----------
    image : Image
        The scan.
    box : sequence of float
        Two opposite corners (x0, y0, z0, x1, y1, z1) in the patient's space, LPS, in mm.
    method, rng
        As in `segment_prompt`.
    is_one_part : bool
        Keep only the connected part that holds most of the box's middle.
    has_no_holes : bool
        Fill what the lesion encloses.

    Returns
    -------
    Mask
        On the image's grid, inside the box.

    Raises
    ------
    RegionError, SettingsError
        As `segment_prompt`.
    """
    cleaning = Cleaning(largest_part=is_one_part, fill_holes=has_no_holes)
    return segment_prompt(image, BoxPrompt(box), method=method, rng=rng, cleaning=cleaning)


def _window_of(image: Image, prompt: Prompt, rng: np.random.Generator) -> Window:
    """Return what the methods look at, and where the lesion can be."""
    match prompt:
        case PointPrompt():
            drawn = BoxPrompt(extent_at(image, prompt, rng=rng), margin=0.0)
            limits = wider_box(drawn)
        case ExtremePoints():
            drawn = box_prompt_of(prompt, image.grid)
            limits = tuple(drawn.corners)
        case BoxPrompt():
            drawn = prompt
            limits = tuple(prompt.corners)
            box_mask(image.grid, limits)
    return window_of(image, wider_box(drawn), limits=limits)
