"""Every matrix that PyRadiomics publishes for its five test cases, cell by cell."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from radpred.features._region import Region
from radpred.image import bounding_box

CASES = ("brain1", "brain2", "breast1", "lung1", "lung2")


@cache
def region(folder: Path, case: str) -> Region:
    """Return a case's region with bins of width 25."""
    suffix = "_crop30mm" if case.startswith("lung") else ""
    scan = sitk.ReadImage(folder / f"{case}_image{suffix}.nrrd")
    inside = sitk.GetArrayFromImage(sitk.ReadImage(folder / f"{case}_label{suffix}.nrrd")) == 1
    box = bounding_box(inside)
    voxels = sitk.GetArrayFromImage(scan)[box]
    return Region(voxels=voxels, mask=inside[box], spacing=scan.GetSpacing()[::-1], bin_width=25)


def published(folder: Path, case: str, family: str) -> np.ndarray:
    """Return the published matrix, with one direction where there is no axis of directions."""
    matrix = np.load(folder / "baseline_matrices.npz")[f"{case}_{family}"]
    return matrix if matrix.ndim == 3 else matrix[:, :, None]


def stacked(cells, n_levels, n_columns):
    """Return cells as PyRadiomics stacks matrices: (level, column, direction), from the last on."""
    dense = np.zeros((n_levels, n_columns, cells.n_rows))
    dense[cells.first, cells.second, cells.row] = cells.count
    return dense[:, :, ::-1]


@pytest.mark.parametrize("case", CASES)
def test_pairs_are_those_that_pyradiomics_counts(shared_data, case):
    found = region(shared_data / "pyradiomics", case)
    n = found.grey_levels.size
    pairs = stacked(found.pairs, n, n)
    pairs = pairs + pairs.transpose(1, 0, 2)
    pairs /= pairs.sum(axis=(0, 1))
    wanted = published(shared_data / "pyradiomics", case, "glcm")
    np.testing.assert_array_equal(pairs, wanted)


@pytest.mark.parametrize(
    ("family", "name"), [("glrlm", "runs"), ("glszm", "zones"), ("gldm", "dependences")]
)
@pytest.mark.parametrize("case", CASES)
def test_sizes_are_those_that_pyradiomics_counts(shared_data, case, family, name):
    found = region(shared_data / "pyradiomics", case)
    cells = getattr(found, name)
    sizes = stacked(cells, found.grey_levels.size, int(cells.second.max()) + 1)
    sizes = sizes[:, sizes.any(axis=(0, 2))]  # PyRadiomics leaves out a size that does not occur
    np.testing.assert_array_equal(sizes, published(shared_data / "pyradiomics", case, family))


@pytest.mark.parametrize("case", CASES)
def test_differences_are_those_that_pyradiomics_adds(shared_data, case):
    found = region(shared_data / "pyradiomics", case)
    columns = [found.level_voxels[0], found.level_differences[0], found.grey_levels]
    wanted = published(shared_data / "pyradiomics", case, "ngtdm")[:, :, 0]
    np.testing.assert_allclose(np.column_stack(columns), wanted, rtol=1e-13)
