"""Axes as the other rooms expect them: at right angles, and a single slice first."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np

from radpred.errors import GeometryError
from radpred.image import Array, AxisOrder, Image

ROUNDING = 1e-6  # of direction cosines in headers of 32-bit numbers
MOST_SHEAR_DEGREES = 0.5
MOST_SHIFT = 0.5  # voxels
UNNOTED_SHIFT = 1e-4


def off_right_angles(axes: Array) -> bool:
    """Tell whether the columns of a matrix are not at right angles, rounding aside."""
    cosines = np.asarray(axes, dtype=float) / np.linalg.norm(axes, axis=0)
    return bool(np.abs(cosines.T @ cosines - np.eye(3)).max() > ROUNDING)


def upright(image: Image, *, source: str) -> Image:
    """Return an image with its axes at right angles.

    The nearest rotation (in the sense of least squares) takes the place of the directions; the
    middle of the volume stays where it was.

    Parameters
    ----------
    image : Image
        On the grid that its file states.
    source : str
        What messages call it.

    Raises
    ------
    GeometryError
        ``sheared_axes``: half a degree or more off, or a corner that would move by half a voxel.

    Examples
    --------
    >>> from radpred.image import Grid
    >>> sheared = Grid(shape=(9, 9, 9), direction=(1, 0, 1e-4, 0, 1, 0, 0, 0, 1))
    >>> upright(Image(voxels=np.zeros((9, 9, 9)), grid=sheared), source="scan").steps
    ('axes brought to right angles: they were 0.0057 degrees off',)
    """
    grid = image.grid
    stated = np.reshape(grid.direction, (3, 3)).astype(float)
    if not off_right_angles(stated):
        return image
    left, _, right = np.linalg.svd(stated)
    turned = replace(grid, direction=tuple(float(d) for d in (left @ right).ravel()))
    middle = (np.array(grid.shape) - 1) / 2
    x, y, z = turned.origin + grid.to_world(middle) - turned.to_world(middle)
    turned = replace(turned, origin=(float(x), float(y), float(z)))
    corners = np.array(list(product(*((0, n - 1) for n in grid.shape))), dtype=float)
    shift = float(np.abs(turned.to_index(grid.to_world(corners)) - corners).max())
    cosines = stated / np.linalg.norm(stated, axis=0)
    off = np.abs(cosines.T @ cosines - np.eye(3)).max()
    degrees = float(np.degrees(np.arcsin(min(off, 1.0))))
    if degrees >= MOST_SHEAR_DEGREES or shift >= MOST_SHIFT:
        msg = (
            f"{source}: its axes are {degrees:.3g} degrees off right angles (up to {shift:.2g} "
            f"voxels at a corner), wanted less than {MOST_SHEAR_DEGREES:g} degrees and "
            f"{MOST_SHIFT:g} voxels; resample it to an upright grid, or correct its header"
        )
        raise GeometryError(msg, code="sheared_axes")
    note = f"axes brought to right angles: they were {degrees:.2g} degrees off"
    steps = (*image.steps, note) if shift >= UNNOTED_SHIFT else image.steps
    return replace(image, grid=turned, steps=steps)


def slice_first(image: Image) -> Image:
    """Return a flat image, stored along any axis, as one slice: its axis of length 1 comes first.

    Parameters
    ----------
    image : Image
        With more than one axis of length 1, or none, it is given back as it is.
    """
    flat = [axis for axis, n in enumerate(image.grid.shape) if n == 1]
    if len(flat) != 1 or flat[0] == 0:
        return image
    second, third = (axis for axis in range(3) if axis != flat[0])
    order = AxisOrder(axes=(flat[0], second, third), flipped=(False, False, False))
    return replace(
        image,
        voxels=np.ascontiguousarray(order.applied(image.voxels)),
        grid=order.grid(image.grid),
        steps=(*image.steps, f"one slice across {'zyx'[flat[0]]}: that axis was put first"),
    )
