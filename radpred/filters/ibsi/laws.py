"""Laws' filters of IBSI 2 (JTXT): a short kernel along each axis, and the response's energy."""

from __future__ import annotations

import math
import re
from dataclasses import replace

from radpred.backends import array_namespace
from radpred.errors import SettingsError
from radpred.filters._box import Beyond, whole
from radpred.filters._convolve import convolved, rotation_invariant
from radpred.filters._rotations import NOTHING, Kernel, Pooling, Separable
from radpred.image import Array, Box, Image

# Level, edge, spot, wave and ripple of IBSI 2, in whole numbers; IBSI 2 divides each by its
# length. That is done to the response instead, so that sums of whole numbers are exact: where
# an image is flat, a rounding error would decide between two grey levels.
_TAPS = {
    "L3": (1, 2, 1),
    "L5": (1, 4, 6, 4, 1),
    "E3": (-1, 0, 1),
    "E5": (-1, -2, 0, 2, 1),
    "S3": (-1, 2, -1),
    "S5": (-1, 0, 2, 0, -1),
    "W5": (-1, 2, 0, -2, 1),
    "R5": (1, -4, 6, -4, 1),
}
# The first kernel lies along x, the last along z.
_AXES = (2, 1, 0)


def laws_name(
    kernels: str, *, pooling: Pooling | None = None, energy_delta_voxels: int | None = None
) -> str:
    """Return the name of a response map.

    Examples
    --------
    >>> laws_name("E5L5S5"), laws_name("L5S5", pooling="max", energy_delta_voxels=7)
    ('laws-E5L5S5', 'laws-L5S5-max-energy-7')
    """
    words = ["laws", kernels]
    if pooling is not None:
        words.append(pooling)
    if energy_delta_voxels is not None:
        words.append(f"energy-{energy_delta_voxels}")
    return "-".join(words)


def laws_kernels(kernels: str, *, flat_axis: int | None = None) -> tuple[str, ...]:
    """Return the names of the kernels, the first along x.

    Raises
    ------
    SettingsError
        A kernel that does not exist, or not one for each axis that is filtered.

    Examples
    --------
    >>> laws_kernels("E5L5S5")
    ('E5', 'L5', 'S5')
    """
    names = tuple(re.findall("..?", kernels))
    if unknown := [name for name in names if name not in _TAPS]:
        msg = f"laws: {kernels}: no kernel {unknown[0]}; there are {', '.join(_TAPS)}"
        raise SettingsError(msg)
    n_axes = 3 if flat_axis is None else 2
    if len(names) != n_axes:
        msg = (
            f"laws: {kernels}: got {len(names)} kernels, wanted {n_axes}: one an axis, two where "
            "slices are filtered"
        )
        raise SettingsError(msg)
    return names


def laws(
    image: Image,
    *,
    kernels: str,
    pooling: Pooling | None = None,
    energy_delta_voxels: int | None = None,
    beyond: Beyond = "mirror",
    flat_axis: int | None = None,
    box: Box | None = None,
) -> Image:
    """Return the response to one of Laws' filters, or its energy.

    Parameters
    ----------
    image : Image
        Intensities in any real type; they are filtered in double precision.
    kernels : str
        The kernel along x, y and z, as ``E5L5S5``; without that of ``flat_axis``.
    pooling : {"max", "min", "mean"}, optional
        How the responses of all right-angle rotations of the filter become one; by default there
        is one rotation.
    energy_delta_voxels : int, optional
        The energy (PQSD), the mean magnitude of the response as far as this many voxels along
        each axis, replaces the response.
    beyond : {"zero", "edge", "periodic", "mirror"}
        What lies beyond the image, and beyond its response.
    flat_axis : int, optional
        The axis across slices, which are filtered one by one; else the filter is in space.
    box : tuple of slice, optional
        The part of the image to return (z, y, x; with start and stop); the whole by default.

    Returns
    -------
    Image
        The response inside ``box``, in the unit of the image; float32.

    Raises
    ------
    SettingsError
        There are no such kernels, or not one for each axis.
    """
    box = box or whole(image)
    xp = array_namespace(image.voxels)
    names = laws_kernels(kernels, flat_axis=flat_axis)
    separable = _separable(names, flat_axis)
    lengths = (math.sqrt(sum(tap * tap for tap in _TAPS[name])) for name in names)
    delta = energy_delta_voxels
    if delta is None:
        response = _response(image.voxels, separable, box, beyond, flat_axis, pooling)
    else:
        margins = tuple(0 if axis == flat_axis else delta for axis in range(3))
        around = _around(image, box, margins, beyond)
        response = _response(image.voxels, separable, around, beyond, flat_axis, pooling)
        response = _mean_magnitude(response, box, around, margins, beyond)
    return replace(
        image,
        voxels=xp.asarray(response / math.prod(lengths), dtype=xp.float32),
        grid=image.grid.cropped(box),
        name=laws_name(kernels, pooling=pooling, energy_delta_voxels=delta),
        steps=(*image.steps, _step(kernels, pooling, delta)),
    )


def _separable(names: tuple[str, ...], flat_axis: int | None) -> Separable:
    """Return the filter, without the kernels' lengths."""
    filtered = [axis for axis in _AXES if axis != flat_axis]
    by_axis = {a: Kernel.centred(_TAPS[name]) for a, name in zip(filtered, names, strict=True)}
    z, y, x = (by_axis.get(axis, NOTHING) for axis in range(3))
    return z, y, x


def _response(
    voxels: Array,
    separable: Separable,
    box: Box,
    beyond: Beyond,
    flat_axis: int | None,
    pooling: Pooling | None,
) -> Array:
    """Return the response of one rotation, or that of all."""
    if pooling is None:
        return convolved(voxels, separable, box=box, beyond=beyond)
    return rotation_invariant(
        voxels, separable, box=box, beyond=beyond, flat_axis=flat_axis, pooling=pooling
    )


def _around(image: Image, box: Box, margins: tuple[int, ...], beyond: Beyond) -> Box:
    """Return the part of the response on which energy in ``box`` depends.

    It ends with the image, unless the image repeats: then its response does so too.
    """
    z, y, x = (
        slice(part.start - margin, part.stop + margin)
        if beyond == "periodic"
        else slice(max(part.start - margin, 0), min(part.stop + margin, size))
        for part, margin, size in zip(box, margins, image.grid.shape, strict=True)
    )
    return z, y, x


def _mean_magnitude(
    response: Array, box: Box, around: Box, margins: tuple[int, ...], beyond: Beyond
) -> Array:
    """Return the mean magnitude around each voxel of ``box`` of a response known in ``around``."""
    xp = array_namespace(response)
    z, y, x = (
        slice(part.start - known.start, part.stop - known.start)
        for part, known in zip(box, around, strict=True)
    )
    sides = tuple(Kernel.centred((1.0,) * (2 * margin + 1)) for margin in margins)
    total = convolved(
        xp.abs(response), (sides[0], sides[1], sides[2]), box=(z, y, x), beyond=beyond
    )
    return total / math.prod(len(side.taps) for side in sides)


def _step(kernels: str, pooling: Pooling | None, delta: int | None) -> str:
    """Return what was done, in words."""
    rotations = "" if pooling is None else f", {pooling} of rotations"
    energy = "" if delta is None else f", energy within {delta} voxels"
    return f"Laws' filter {kernels}{rotations}{energy}"
