"""A lesion in a box, by the method of one's choice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import numpy as np

from radpred.errors import RegionError, SettingsError
from radpred.image import Array, Image, Mask
from radpred.segment.clean import connected_to, without_holes
from radpred.segment.clustering import fcm, gmm
from radpred.segment.seeded import knn
from radpred.segment.threshold import otsu
from radpred.segment.window import Window, window_of

METHODS: Mapping[str, Callable[[Window, np.random.Generator], Array]] = MappingProxyType(
    {"otsu": otsu, "fcm": fcm, "gmm": gmm, "knn": knn}
)


def segment_box(
    image: Image,
    box: Sequence[float],
    *,
    method: str,
    rng: np.random.Generator,
    is_one_part: bool = True,
    has_no_holes: bool = True,
) -> Mask:
    """Return the lesion inside a box.

    Whether it is brighter or darker than its surroundings is decided from the middle of the box
    against its rim. The same box gives the same mask in whatever order the image's axes are
    stored.

    Parameters
    ----------
    image : Image
        The scan.
    box : sequence of float
        Two opposite corners (x0, y0, z0, x1, y1, z1) in the patient's space, LPS, in mm.
    method : {"otsu", "fcm", "gmm", "knn"}
        Otsu's threshold; fuzzy c-means; Gaussian mixture (these on intensities within the
        ellipsoid of the box); k nearest neighbours of the box's middle and of what lies around.
    rng : numpy.random.Generator
        The methods that draw, draw from it.
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
    RegionError
        ``bad_box``, ``box_outside_image``, ``box_too_small``, ``non_finite_voxels``, ``flat``,
        or ``nothing_found``.
    SettingsError
        A method that is not known.
    """
    if method not in METHODS:
        msg = f"no segmentation method {method!r}; use one of {', '.join(METHODS)}"
        raise SettingsError(msg)
    window = window_of(image, box)
    found = METHODS[method](window, rng) & (window.inside if method == "knn" else window.rounded)
    if is_one_part:
        found = connected_to(found, window.core)
    if has_no_holes:
        found = without_holes(found)
    if not found.any():
        msg = f"{image.name}: {method} found no lesion in the middle of the box; check the box"
        raise RegionError(msg, code="nothing_found")
    voxels = np.zeros(image.grid.shape, dtype=bool)
    window.order.applied(voxels)[window.place] = found  # a view of voxels
    size = " x ".join(f"{abs(b - a):.4g}" for a, b in zip(box[:3], box[3:], strict=True))
    contrast = "darker" if window.is_dark else "brighter"
    step = f"segmented by {method} in a box of {size} mm, {contrast} than its surroundings"
    return Mask(voxels=voxels, grid=image.grid, steps=(*image.steps, step))
