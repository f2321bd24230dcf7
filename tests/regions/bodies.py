"""Bodies whose parallel bodies have a volume in closed form, turned and placed at will."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from radpred.image import Array, Grid, Mask, Triple


@dataclass(frozen=True, kw_only=True)
class Body:
    """A convex body: its volume, surface and mean width say how it grows (Steiner's formula).

    ``kind`` is ``ellipsoid`` (``half`` are its semi-axes) or ``box`` (half of its edges), in mm.
    """

    kind: str
    half: Triple

    @property
    def volume(self) -> float:
        """Return the volume in mm3."""
        factor = 4 / 3 * np.pi if self.kind == "ellipsoid" else 8.0
        return float(factor * np.prod(self.half))

    def parallel_volume(self, out_mm: float) -> float:
        """Return the volume of all that lies within a distance of the body, in mm3."""
        a, b, c = self.half
        if self.kind == "box":
            surface, width = 8 * (a * b + b * c + c * a), 2 * np.pi * (a + b + c)
        else:
            surface, width = _surface_and_width(self.half)
        cubic = 4 / 3 * np.pi * out_mm**3
        return float(self.volume + surface * out_mm + width * out_mm**2 + cubic)

    def shell(self, inner_mm: float, outer_mm: float) -> float:
        """Return the volume between two distances outside the surface, in mm3."""
        return self.parallel_volume(outer_mm) - self.parallel_volume(inner_mm)

    def holds(self, at: Array) -> Array:
        """Tell which places (..., 3), in the body's own axes, lie inside."""
        part = np.abs(at) / np.asarray(self.half)
        return (part**2).sum(-1) <= 1 if self.kind == "ellipsoid" else part.max(-1) <= 1

    def drawn(
        self,
        *,
        spacing: Triple,
        turn: Rotation,
        offset: Triple = (0.0, 0.0, 0.0),
        margin_mm: float,
        direction: Rotation | None = None,
    ) -> Mask:
        """Return the voxels whose centres lie inside, turned, off a voxel by part of one."""
        reach = np.linalg.norm(self.half) if self.kind == "box" else max(self.half)
        n = [int(np.ceil((reach + margin_mm) / s)) for s in spacing]
        axes = [(np.arange(-k, k + 1) + o) * s for k, o, s in zip(n, offset, spacing, strict=True)]
        z, y, x = np.meshgrid(*axes, indexing="ij")
        voxels = self.holds(np.stack([x, y, z], axis=-1) @ turn.as_matrix())
        cosines = (direction or Rotation.identity()).as_matrix()
        grid = Grid(shape=voxels.shape, spacing=spacing, direction=tuple(cosines.ravel().tolist()))
        return Mask(voxels=voxels, grid=grid)


def _surface_and_width(half: Triple) -> tuple[float, float]:
    """Return the surface and the integral of mean curvature of an ellipsoid.

    Means over directions u of its support function h(u): the latter is 4 pi E(h), and the former
    4 pi (abc)^2 E(h^-4), since dS = (abc)^2 h^-4 du.
    """
    n = 4000
    k = np.arange(n) + 0.5
    polar, round_ = np.arccos(1 - 2 * k / n), np.pi * (1 + 5**0.5) * k  # Fibonacci's lattice
    u = np.stack(
        [np.cos(round_) * np.sin(polar), np.sin(round_) * np.sin(polar), np.cos(polar)], axis=1
    )
    support = np.linalg.norm(u * np.asarray(half), axis=1)
    surface = 4 * np.pi * np.prod(np.square(half)) * (support**-4).mean()
    return float(surface), float(4 * np.pi * support.mean())
