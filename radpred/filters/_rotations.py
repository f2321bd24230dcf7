"""What right-angle rotations make of a separable filter, and how responses are pooled (IBSI 2)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import permutations, product
from typing import Literal

import numpy as np

from radpred.backends import array_namespace
from radpred.image import Array

Pooling = Literal["max", "min", "mean"]


@dataclass(frozen=True)
class Kernel:
    """A filter along one axis: tap ``n`` weighs the voxel ``centre - n`` voxels on.

    Parameters
    ----------
    taps : tuple of float
        In the order of a convolution.
    centre : int
        The tap of the voxel itself; IBSI 2: ``len(taps) // 2``, also of an even number of taps.
    """

    taps: tuple[float, ...]
    centre: int

    @classmethod
    def centred(cls, taps: Iterable[float]) -> Kernel:
        """Return the kernel whose centre IBSI 2 puts in the middle of its taps."""
        taps = tuple(float(tap) for tap in taps)
        return cls(taps, len(taps) // 2)

    @property
    def mirrored(self) -> Kernel:
        """Return the kernel seen from the other end; its centre stays at the voxel itself."""
        return Kernel(self.taps[::-1], len(self.taps) - 1 - self.centre)

    @property
    def reach(self) -> tuple[int, int]:
        """Return how many voxels before and after its own a response depends on."""
        return len(self.taps) - 1 - self.centre, self.centre

    @property
    def sign(self) -> int:
        """Return the sign of the first tap that is not 0."""
        return -1 if next((tap for tap in self.taps if tap), 0.0) < 0 else 1

    def times(self, factor: float) -> Kernel:
        """Return the kernel with every tap multiplied."""
        return replace(self, taps=tuple(factor * tap for tap in self.taps))


NOTHING = Kernel((1.0,), 0)  # along an axis that is not filtered
Separable = tuple[Kernel, Kernel, Kernel]  # along z, y and x


def distinct_rotations(
    kernels: Separable, *, flat_axis: int | None = None
) -> dict[Separable, tuple[int, ...]]:
    """Return the filters that right-angle rotations make of one, each once.

    A cube has 24 rotations, a square 4; they permute the axes and mirror kernels. Where kernels
    are symmetric or alike several give the same filter, and the mean and extremes of all rotations
    are those of the distinct ones.

    Parameters
    ----------
    kernels : tuple of Kernel
        The filter along z, y and x.
    flat_axis : int, optional
        The axis about which to rotate, across slices; about every axis by default.

    Returns
    -------
    dict
        From a filter, whose first taps are positive, to the signs with which it occurs: where
        both do, one convolution serves two rotations.

    Examples
    --------
    >>> low, edge = Kernel.centred((1, 2, 1)), Kernel.centred((-1, 0, 1))
    >>> len(distinct_rotations((low, low, low))), len(distinct_rotations((edge, low, low)))
    (1, 3)
    >>> set(distinct_rotations((edge, low, low)).values())
    {(-1, 1)}
    """
    found: dict[Separable, set[int]] = {}
    for axes, mirrored in _rotations(flat_axis):
        sign = 1
        turned = []
        for axis, is_mirrored in zip(axes, mirrored, strict=True):
            kernel = kernels[axis].mirrored if is_mirrored else kernels[axis]
            sign *= kernel.sign
            turned.append(kernel.times(kernel.sign))
        z, y, x = turned
        found.setdefault((z, y, x), set()).add(sign)
    return {filters: tuple(sorted(signs)) for filters, signs in found.items()}


def _rotations(flat_axis: int | None) -> Iterator[tuple[tuple[int, ...], tuple[bool, ...]]]:
    """Yield each rotation: which kernel comes to lie along each axis, and whether mirrored."""
    for axes in permutations(range(3)):
        n_swaps = sum(axes[i] > axes[j] for i in range(3) for j in range(i + 1, 3))
        for mirrored in product((False, True), repeat=3):
            is_rotation = (n_swaps + sum(mirrored)) % 2 == 0  # and not a reflection
            leaves = flat_axis is None or (axes[flat_axis] == flat_axis and not mirrored[flat_axis])
            if is_rotation and leaves:
                yield axes, mirrored


def pooled(responses: Iterable[tuple[Array, tuple[int, ...]]], *, pooling: Pooling) -> Array:
    """Return the extreme or mean of responses, holding one array beside the one that comes.

    Parameters
    ----------
    responses : iterable of (array, tuple of int)
        Each with the signs with which it counts, (1,), (-1,) or both.
    pooling : {"max", "min", "mean"}
        How responses become one.
    """
    total: Array = None
    n_responses = 0
    for response, signs in responses:
        for sign in signs:
            n_responses += 1
            signed = response if sign > 0 else -response
            total = signed if total is None else _joined(total, signed, pooling)
    return total / n_responses if pooling == "mean" else total


def _joined(total: Array, response: Array, pooling: Pooling) -> Array:
    """Return a response added to those before, or the extremes so far."""
    xp = array_namespace(response)
    if pooling == "mean":
        with np.errstate(invalid="ignore"):  # infinite responses may meet; what they make is NaN
            return total + response
    return (xp.maximum if pooling == "max" else xp.minimum)(total, response)
