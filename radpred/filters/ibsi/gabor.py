"""Gabor's filter of IBSI 2 (Q88H): the modulus of the response to a wave under a Gaussian."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from radpred.backends import array_namespace, fft_of
from radpred.filters._box import Beyond, along, surrounded, whole
from radpred.filters._convolve import convolved
from radpred.filters._rotations import NOTHING, Kernel, Pooling, pooled
from radpred.filters.ibsi._names import spelt
from radpred.image import Array, Box, Image

Vector = np.ndarray[Any, np.dtype[np.float64]]
Plane = tuple[int, int]

# exp(-6^2 / 2) < 2e-8: beyond this many widths a kernel's weights no longer count in a response in
# single precision.
_REACH = 6.0
# Voxels of the slices that are transformed together, which bounds memory: from 2^15 to 2^22 a CPU
# takes the same time. Direct sums are slower from kernels of 7 x 7 voxels on.
_AT_ONCE = 2**20


@dataclass(frozen=True, kw_only=True)
class GaborWave:
    """A wave under a Gaussian, in a plane.

    Parameters
    ----------
    sigma_mm : float
        Width of the Gaussian along the wave.
    lambda_mm : float
        Length of the wave.
    gamma : float
        Width of the Gaussian along the wave, divided by that across.
    theta_deg : float
        Where the wave runs: from the plane's last axis (x in an axial slice) towards its first.
    theta_step_deg : float, optional
        Steps from there around the circle, whose responses are pooled; it divides 360. By default
        there is one direction.
    """

    sigma_mm: float
    lambda_mm: float
    gamma: float = 1.0
    theta_deg: float = 0.0
    theta_step_deg: float | None = None

    @property
    def thetas_deg(self) -> tuple[float, ...]:
        """Return the directions, each once: a wave that runs back has the same modulus.

        Examples
        --------
        >>> GaborWave(sigma_mm=5, lambda_mm=2, theta_step_deg=45).thetas_deg
        (0.0, 45.0, 90.0, 135.0)
        """
        step = self.theta_step_deg
        n_steps = 1 if step is None else round(360 / step)
        thetas = (self.theta_deg + number * (step or 0.0) for number in range(n_steps))
        return tuple(dict.fromkeys(round(theta % 180, 9) % 180 for theta in thetas))

    def reach(self, theta_deg: float, spacing: tuple[float, float]) -> Plane:
        """Return how many voxels the wave reaches along the plane's axes, in one direction."""
        theta = math.radians(theta_deg)
        across = self.sigma_mm / self.gamma
        first = math.hypot(self.sigma_mm * math.sin(theta), across * math.cos(theta))
        last = math.hypot(self.sigma_mm * math.cos(theta), across * math.sin(theta))
        return math.ceil(_REACH * first / spacing[0]), math.ceil(_REACH * last / spacing[1])

    def weights(self, theta_deg: float, rows_mm: Vector, columns_mm: Vector) -> Array:
        """Return the complex kernel at distances from its centre, shape (rows, columns)."""
        theta = math.radians(theta_deg)
        y, x = np.meshgrid(rows_mm, columns_mm, indexing="ij")
        onward = x * math.cos(theta) + y * math.sin(theta)
        sideways = self.gamma * (y * math.cos(theta) - x * math.sin(theta))
        gaussian = np.exp(-(onward**2 + sideways**2) / (2 * self.sigma_mm**2))
        return gaussian * np.exp(2j * np.pi * onward / self.lambda_mm)


def gabor_name(wave: GaborWave, *, pooling: Pooling = "mean") -> str:
    """Return the name of a response map.

    Examples
    --------
    >>> gabor_name(GaborWave(sigma_mm=10, lambda_mm=4, gamma=0.5, theta_deg=60))
    'gabor-sigma-10-lambda-4-gamma-0-5-theta-60'
    >>> gabor_name(GaborWave(sigma_mm=5, lambda_mm=2, gamma=1.5, theta_step_deg=22.5))
    'gabor-sigma-5-lambda-2-gamma-1-5-step-22-5-mean'
    """
    words = [f"gabor-sigma-{spelt(wave.sigma_mm)}-lambda-{spelt(wave.lambda_mm)}"]
    words.append(f"gamma-{spelt(wave.gamma)}")
    theta = wave.theta_deg % 180
    if theta or wave.theta_step_deg is None:
        words.append(f"theta-{spelt(theta)}")
    if wave.theta_step_deg is not None:
        words.append(f"step-{spelt(wave.theta_step_deg)}-{pooling}")
    return "-".join(words)


def gabor(
    image: Image,
    *,
    wave: GaborWave,
    pooling: Pooling = "mean",
    beyond: Beyond = "mirror",
    flat_axis: int | None = None,
    box: Box | None = None,
) -> Image:
    """Return the modulus of the response to Gabor's filter.

    Parameters
    ----------
    image : Image
        Intensities in any real type; they are filtered in double precision.
    wave : GaborWave
        The kernel, and the directions in which it runs.
    pooling : {"max", "min", "mean"}
        How the responses of several directions become one.
    beyond : {"zero", "edge", "periodic", "mirror"}
        What lies beyond the image.
    flat_axis : int, optional
        The axis across slices, which are filtered one by one. By default a wave in one direction
        runs in axial slices, and one that steps around the circle in slices across every axis,
        whose three responses are averaged (IBSI 2: orthogonal planes).
    box : tuple of slice, optional
        The part of the image to return (z, y, x; with start and stop); the whole by default.

    Returns
    -------
    Image
        The response inside ``box``, in the unit of the image; float32.
    """
    box = box or whole(image)
    xp = array_namespace(image.voxels)
    every = (0,) if wave.theta_step_deg is None else (0, 1, 2)
    across = every if flat_axis is None else (flat_axis,)
    response = pooled(
        ((_in_slices(image, wave, pooling, beyond, axis, box), (1,)) for axis in across),
        pooling="mean",
    )
    n_thetas = len(wave.thetas_deg)
    return replace(
        image,
        voxels=xp.asarray(response, dtype=xp.float32),
        grid=image.grid.cropped(box),
        name=gabor_name(wave, pooling=pooling),
        steps=(*image.steps, f"Gabor's filter, {n_thetas} direction{'s' * (n_thetas > 1)}"),
    )


def _in_slices(
    image: Image, wave: GaborWave, pooling: Pooling, beyond: Beyond, across: int, box: Box
) -> Array:
    """Return the pooled response in the slices across one axis."""
    xp, fft = array_namespace(image.voxels), fft_of(image.voxels)
    first, last = (axis for axis in range(3) if axis != across)
    spacing = image.grid.spacing[first], image.grid.spacing[last]
    reaches = [wave.reach(theta, spacing) for theta in wave.thetas_deg]
    reach = max(down for down, _ in reaches), max(right for _, right in reaches)
    margins = [0, 0, 0]
    margins[first], margins[last] = reach
    voxels = surrounded(image.voxels, box, (margins[0], margins[1], margins[2]), beyond=beyond)
    slices = xp.moveaxis(xp.asarray(voxels, dtype=xp.float64), across, 0)
    # A transform repeats what it is given: that reaches no farther than the margin.
    size = fft.next_fast_len(slices.shape[1]), fft.next_fast_len(slices.shape[2])
    transfers = [_transfer(wave, theta, size, spacing) for theta in wave.thetas_deg]
    transfers = [xp.asarray(transfer) for transfer in transfers]
    response = xp.empty(image.grid.cropped(box).shape, dtype=xp.float64)
    n_slices = max(1, _AT_ONCE // (size[0] * size[1]))
    for start in range(0, slices.shape[0], n_slices):
        stop = min(start + n_slices, slices.shape[0])
        found = pooled(_moduli(slices[start:stop, ...], transfers, reach), pooling=pooling)
        response[along(across, start, stop)] = xp.moveaxis(found, 0, across)
    return response


def _transfer(
    wave: GaborWave, theta_deg: float, size: Plane, spacing: tuple[float, float]
) -> Array:
    """Return the Fourier transform of a kernel whose centre is the first voxel.

    It is real: the kernel's real part is even, and its imaginary part odd.
    """
    # 0, 1, 2, ..., -2, -1: the first voxel's neighbour on the left is the last.
    places = [np.rint(np.fft.fftfreq(n) * n) for n in size]
    weights = wave.weights(theta_deg, places[0] * spacing[0], places[1] * spacing[1])
    down, right = (
        np.abs(place) <= reach
        for place, reach in zip(places, wave.reach(theta_deg, spacing), strict=True)
    )
    return fft_of(weights).fft2(weights * np.outer(down, right)).real


def _moduli(
    slices: Array, transfers: list[Array], reach: Plane
) -> Iterator[tuple[Array, tuple[int, ...]]]:
    """Yield the modulus of each kernel's response to slices that come with their margin.

    In a transform every voxel reaches all others; so voxels that are no numbers are left out, and
    what the kernels reach from them is no number.
    """
    xp, fft = array_namespace(slices), fft_of(slices)
    (down, right), (n_slices, n_rows, n_columns) = reach, slices.shape
    inside = slice(0, n_slices), slice(down, n_rows - down), slice(right, n_columns - right)
    is_gap = ~xp.isfinite(slices)
    is_lost = None
    if bool(xp.any(is_gap)):
        slices = xp.where(is_gap, 0.0, slices)
        high, wide = (Kernel.centred((1.0,) * (2 * n + 1)) for n in reach)
        is_lost = convolved(is_gap, (NOTHING, high, wide), box=inside, beyond="zero") > 0
    spectrum = fft.fft2(slices, s=transfers[0].shape, axes=(1, 2))
    for transfer in transfers:
        wave = fft.ifft2(spectrum * transfer, axes=(1, 2), overwrite_x=True)
        modulus = xp.abs(wave[inside])
        yield (modulus if is_lost is None else xp.where(is_lost, xp.nan, modulus)), (1,)
