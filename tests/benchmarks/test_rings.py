"""The benchmark of rings runs; what it measures is no test's affair."""

from __future__ import annotations

import numpy as np

from benchmarks.rings import KINDS, rows
from radpred.datasets.phantom import sphere
from radpred.image import Image


def test_each_kind_of_rings_has_a_row(rng):
    ball = sphere(4.0, margin_mm=14.0)
    image = Image(voxels=rng.normal(0, 100, ball.grid.shape).astype(np.float32), grid=ball.grid)
    found = rows(image, ball, name="ball", n=1)
    assert [row[1] for row in found] == [*KINDS, "a rim of 2 mm"]
    assert all(row[2].endswith(" ms") for row in found)
