"""Measure the marching-cubes surface of a region (IBSI: mesh-based volume and area).

The surface passes through the midpoints of the edges between the region and the rest, as in
PyRadiomics. A cell (a cube of eight voxel centres) adds the same triangles wherever it lies, so
it is enough to count the 256 kinds of cells and to sum their positions.
"""

from __future__ import annotations

import numpy as np

from radpred.image import Array, Triple
from radpred.kernels.mesh import _numba
from radpred.kernels.mesh._cells import cell_measures

__all__ = ["cell_measures", "surface_area_and_volume"]


def surface_area_and_volume(mask: Array, *, spacing: Triple) -> tuple[float, float]:
    """Return the area in mm2 and the volume in mm3 of a region's marching-cubes mesh.

    Parameters
    ----------
    mask : array of bool, shape (z, y, x)
        The region, cropped to its bounding box. Where cells are ambiguous the mesh has gaps, as
        PyRadiomics' has, and the volume then depends on the crop; this is the crop it uses.
    spacing : tuple of float
        Distance between voxel centres along z, y and x, in mm.

    Returns
    -------
    tuple of float
        Area, volume.
    """
    count, position = _numba.count_cells(np.pad(np.ascontiguousarray(mask, dtype=np.uint8), 1))
    area, volume, normal = cell_measures(spacing)
    # det(r + a, r + b, r + c) = det(a, b, c) + 2 r . normal, for a triangle a, b, c at r.
    offset = (position * np.asarray(spacing) * normal).sum() / 3
    return float(count @ area), float(count @ volume + offset)
