"""The Riesz transform along local directions, by which it turns with the image.

The directions are the eigenvectors of the structure tensor of the first-order components, smoothed
in a Gaussian window (Chenouard and Unser, IEEE ISBI 2011, their monogenic analysis). A component
of any order along turned axes is a weighted sum of those along the image's: no filter is rotated
(Unser and Van De Ville, IEEE Trans Image Process 19, 2010).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from radpred.backends import array_namespace
from radpred.filters._convolve import convolved
from radpred.filters._rotations import NOTHING, Kernel, Separable
from radpred.image import Array

Axes = tuple[int, ...]
_REACH = 4.0  # in sd of the window


class Components(Protocol):
    """What gives a component of the transform: exponents along z, y and x, and a margin."""

    def __call__(
        self, exponents: Sequence[int], margins: tuple[int, int, int] = (0, 0, 0)
    ) -> Array:
        """Return the component, real, in the wanted part with a margin around it."""


def principal_directions(
    components: Components, axes: Axes, *, sigma_voxels: Sequence[float]
) -> Array:
    """Return the local directions in each voxel, that of the largest changes first.

    Each points up the slope: along it the first-order component is not negative.

    Parameters
    ----------
    components : function
        Gives the first-order components.
    axes : tuple of int
        The axes along which the image is transformed.
    sigma_voxels : sequence of float
        Width (sd) of the window along z, y and x.

    Returns
    -------
    array, shape (z, y, x, axes, directions)
        Unit vectors as columns.
    """
    window = [
        _window(sigma) if axis in axes else NOTHING for axis, sigma in enumerate(sigma_voxels)
    ]
    z, y, x = (kernel.centre for kernel in window)
    slopes = [components(_unit(axis), (z, y, x)) for axis in axes]
    xp = array_namespace(slopes[0])
    n_z, n_y, n_x = slopes[0].shape
    box = slice(z, n_z - z), slice(y, n_y - y), slice(x, n_x - x)
    kernels: Separable = (window[0], window[1], window[2])
    tensor = xp.stack(
        [
            xp.stack(
                [convolved(one * other, kernels, box=box, beyond="edge") for one in slopes], -1
            )
            for other in slopes
        ],
        -1,
    )
    # Where the tensor is not finite the response is not either, whatever the directions.
    _, vectors = xp.linalg.eigh(xp.where(xp.isfinite(tensor), tensor, 0.0))
    vectors = xp.flip(vectors, -1)
    slope = xp.stack([component[box] for component in slopes], -1)
    climb = xp.sum(vectors * slope[..., None], -2, keepdims=True)
    return xp.where(climb < 0.0, -vectors, vectors)


def turned(components: Components, axes: Axes, directions: Array, *, order: Sequence[int]) -> Array:
    """Return the component of an order along local directions.

    The product of the cosines with the directions is multiplied out into those with the axes.
    """
    weights: dict[tuple[int, ...], Array] = {(0, 0, 0): 1.0}
    for direction, number in enumerate(order):
        for _ in range(number):
            longer: dict[tuple[int, ...], Array] = {}
            for exponents, weight in weights.items():
                for column, axis in enumerate(axes):
                    added = tuple(n + (axis == place) for place, n in enumerate(exponents))
                    share = weight * directions[..., column, direction]
                    longer[added] = longer[added] + share if added in longer else share
            weights = longer
    return sum(weight * components(exponents) for exponents, weight in weights.items())


def _unit(axis: int) -> tuple[int, ...]:
    """Return the exponents of the first-order component along one axis."""
    return tuple(int(axis == place) for place in range(3))


def _window(sigma: float) -> Kernel:
    """Return a Gaussian whose taps sum to one."""
    reach = math.ceil(_REACH * sigma)
    taps = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    return Kernel.centred((taps / taps.sum()).tolist())
