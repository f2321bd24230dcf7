"""One made scan: an organ, lesions with texture and halo, and a scanner's own manner.

Intensities are in arbitrary units, as in MR: darkness outside, an organ near 200, lesions
near 330. What a lesion looks like is given; where it lies and how it bulges is drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.polynomial.legendre import leg2poly
from scipy import ndimage

from radpred.image import Array, Grid, Image, Mask, Triple

OUTSIDE, ORGAN, LESION = 20.0, 200.0, 330.0
BLUR_MM = 0.6
HALO_EDGE_MM = 2.0
N_POLES = 4


@dataclass(frozen=True, kw_only=True)
class Scanner:
    """How a site sees: its grid, and what it does to intensities.

    Parameters
    ----------
    site : str
        Name of the site.
    spacing : tuple of float
        Voxel size in mm, ordered (z, y, x).
    direction : tuple of float
        Row-major 3 x 3 direction cosines, (x, y, z) in LPS.
    gain, offset : float
        A true intensity v is recorded as ``gain * v + offset``.
    noise_sd : float
        Standard deviation of the white noise on top.
    """

    site: str
    spacing: Triple
    direction: tuple[float, ...]
    gain: float
    offset: float
    noise_sd: float
    shape: tuple[int, int, int] = (24, 64, 64)

    def grid_about(self, centre: Array) -> Grid:
        """Return the scanner's grid, its middle at ``centre`` (x, y, z in LPS, mm)."""
        at_zero = Grid(shape=self.shape, spacing=self.spacing, direction=self.direction)
        middle = at_zero.to_world((np.array(self.shape) - 1) / 2)
        x, y, z = (float(c - m) for c, m in zip(centre, middle, strict=True))
        return Grid(
            shape=self.shape,
            spacing=self.spacing,
            origin=(x, y, z),
            direction=self.direction,
        )


SCANNERS = (
    Scanner(
        site="north",
        spacing=(3.0, 1.0, 1.0),
        direction=(1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0),
        gain=1.0,
        offset=0.0,
        noise_sd=8.0,
    ),
    Scanner(
        site="south",
        spacing=(2.5, 1.2, 1.2),
        direction=(-1.0, 0.0, 0.0, 0.0, -1.0, 0.0, 0.0, 0.0, 1.0),
        gain=1.12,
        offset=-15.0,
        noise_sd=12.0,
    ),
)


@dataclass(frozen=True, kw_only=True)
class Lesion:
    """What one lesion looks like before the scanner sees it.

    Parameters
    ----------
    radius_mm : float
        Radius of the sphere that the lesion bulges from.
    irregularity : float
        Standard deviation of the bulges, as a share of the radius.
    intensity : float
        Mean intensity inside.
    texture_sd : float
        Standard deviation of the correlated noise inside.
    texture_mm : float
        Width (sigma) of the Gaussian that correlates it.
    halo : float
        Intensity that the shell around the lesion adds to the organ.
    halo_mm : float
        Thickness of that shell along the ray from the lesion's centre; its last 2 mm fade out.
    """

    radius_mm: float
    irregularity: float
    intensity: float
    texture_sd: float
    texture_mm: float
    halo: float
    halo_mm: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Scan:
    """A drawn scan: int16 image, organ with its lesions, and one mask for each lesion."""

    image: Image
    organ: Mask
    tumours: tuple[Mask, ...]


def draw_scan(scanner: Scanner, lesions: Sequence[Lesion], *, rng: np.random.Generator) -> Scan:
    """Draw one or two lesions in an organ, as ``scanner`` would record them.

    Parameters
    ----------
    scanner : Scanner
        The site's grid, gain, offset and noise.
    lesions : sequence of Lesion
        One or two; two lie on opposite sides of the organ's middle.
    rng : numpy.random.Generator
        Places, bulges, texture and noise come from here, in that order.
    """
    grid = scanner.grid_about(np.round(rng.uniform(-60.0, 60.0, size=3), 1))
    organ = _organ(grid, rng=rng)
    outside_mm = [
        _distance_outside(lesion, _axes(grid, centre=centre), rng=rng)
        for lesion, centre in zip(lesions, _centres(len(lesions), rng=rng), strict=True)
    ]
    tissue = _tissue(organ, lesions, outside_mm, grid=grid, rng=rng)
    tumours = tuple(
        Mask(voxels=distance <= 0, grid=grid, steps=("made",)) for distance in outside_mm
    )
    return Scan(
        image=_recorded(tissue, scanner, grid=grid, rng=rng),
        organ=_organ_mask(organ, tumours),
        tumours=tumours,
    )


def _tissue(
    organ: Array,
    lesions: Sequence[Lesion],
    outside_mm: Sequence[Array],
    *,
    grid: Grid,
    rng: np.random.Generator,
) -> Array:
    """Return true intensities: organ and outside, then halos, then lesions over them."""
    tissue = np.where(organ, np.float32(ORGAN + rng.normal(0.0, 6.0)), np.float32(OUTSIDE))
    tissue += np.where(organ, np.float32(7.0), np.float32(3.0)) * _standardised(
        _correlated_noise(grid, 2.5, rng=rng)
    )
    for lesion, distance in zip(lesions, outside_mm, strict=True):
        shell = organ & (distance > 0) & (distance < lesion.halo_mm)
        tissue[shell] += lesion.halo * np.minimum(
            (lesion.halo_mm - distance[shell]) / HALO_EDGE_MM, 1.0
        )
    for lesion, distance in zip(lesions, outside_mm, strict=True):
        inside = distance <= 0
        texture = _standardised(_correlated_noise(grid, lesion.texture_mm, rng=rng)[inside])
        tissue[inside] = lesion.intensity + lesion.texture_sd * texture
    return tissue


def _axes(grid: Grid, *, centre: Array) -> tuple[Array, ...]:
    """Return how far voxels lie from ``centre`` along z, y and x in mm, shaped to broadcast.

    ``centre`` is told in mm along z, y and x from the middle of the grid.
    """
    along = [
        ((np.arange(n) - (n - 1) / 2) * step - shift).astype(np.float32)
        for n, step, shift in zip(grid.shape, grid.spacing, centre, strict=True)
    ]
    return np.meshgrid(*along, indexing="ij", sparse=True)


def _organ(grid: Grid, *, rng: np.random.Generator) -> Array:
    """Return an ellipsoid about the middle that fills most of the field of view."""
    field_mm = np.array(grid.shape) * np.array(grid.spacing)
    semi_axes = field_mm / 2 * rng.uniform(0.86, 0.97, size=3)
    z, y, x = _axes(grid, centre=np.zeros(3))
    return (z / semi_axes[0]) ** 2 + (y / semi_axes[1]) ** 2 + (x / semi_axes[2]) ** 2 <= 1.0


def _centres(n_lesions: int, *, rng: np.random.Generator) -> list[Array]:
    """Return the lesions' centres (z, y, x) in mm from the middle of the organ."""
    jitter = rng.uniform((-6.0, -9.0, -9.0), (6.0, 9.0, 9.0), size=(2, 3))
    if n_lesions == 1:
        return [jitter[0]]
    angle = rng.uniform(0.0, 2.0 * np.pi)
    aside = 15.0 * np.array([0.0, np.sin(angle), np.cos(angle)])
    return [aside + jitter[0] / 6, -aside + jitter[1] / 6]


def _distance_outside(lesion: Lesion, axes: Sequence[Array], *, rng: np.random.Generator) -> Array:
    """Return how far outside the lesion each point lies, in mm along the ray from its centre.

    The surface is r(u) = R (1 + sum over k, l of a_kl P_l(u . v_k)) with l = 2, 3, 4 and four
    random unit vectors v_k: by the addition theorem a sum of spherical harmonics of low order.
    ``axes`` are the points' coordinates from the lesion's centre in mm.
    """
    z, y, x = axes
    from_centre = np.sqrt(z**2 + y**2 + x**2)
    inverse = 1.0 / np.maximum(from_centre, np.float32(1e-6))
    poles = rng.normal(size=(N_POLES, 3))
    poles /= np.linalg.norm(poles, axis=1, keepdims=True)
    # P_l has mean square 1 / (2 l + 1) over the sphere; the orders share the variance.
    order_sd = lesion.irregularity * np.sqrt((2 * np.array([2, 3, 4]) + 1) / (3 * N_POLES))
    weights = rng.normal(size=(N_POLES, 3)) * order_sd
    bulge = np.zeros_like(from_centre)
    for pole, weight in zip(poles.astype(np.float32), weights, strict=True):
        cosine = (z * pole[0] + y * pole[1] + x * pole[2]) * inverse
        powers = leg2poly([0.0, 0.0, *weight])[::-1].astype(np.float32)
        bulge += np.polyval(powers, cosine)
    return from_centre - np.float32(lesion.radius_mm) * np.clip(1.0 + bulge, 0.6, 1.4)


def _correlated_noise(grid: Grid, width_mm: float, *, rng: np.random.Generator) -> Array:
    """Return Gaussian noise on ``grid``, correlated over ``width_mm``."""
    sigma = width_mm / np.array(grid.spacing)
    white = rng.standard_normal(size=grid.shape, dtype=np.float32)
    return ndimage.gaussian_filter(white, sigma, mode="wrap")


def _standardised(values: Array) -> Array:
    """Return ``values`` shifted and scaled to mean 0 and standard deviation 1."""
    return (values - np.float32(values.mean(dtype=float))) / np.float32(values.std(dtype=float))


def _recorded(tissue: Array, scanner: Scanner, *, grid: Grid, rng: np.random.Generator) -> Image:
    """Return ``tissue`` as the scanner records it: blurred, scaled, noisy, int16."""
    blurred = ndimage.gaussian_filter(tissue, BLUR_MM / np.array(grid.spacing), mode="nearest")
    noisy = scanner.gain * blurred + scanner.offset
    noisy = noisy + scanner.noise_sd * rng.standard_normal(size=grid.shape, dtype=np.float32)
    voxels = np.clip(np.rint(noisy), -32768, 32767).astype(np.int16)
    return Image(voxels=voxels, grid=grid, steps=("made",))


def _organ_mask(organ: Array, tumours: Sequence[Mask]) -> Mask:
    """Return the organ with its lesions: a lesion at the rim bulges the organ."""
    voxels = np.logical_or.reduce([organ, *(tumour.voxels for tumour in tumours)])
    return Mask(voxels=voxels, grid=tumours[0].grid, name="organ", steps=("made",))
