"""A process that measures cases takes one core, so that as many run at once as there are cores."""

from __future__ import annotations

import numpy as np
import pytest
import SimpleITK as sitk
from threadpoolctl import threadpool_info, threadpool_limits

from radpred.config import ExtractionSettings
from radpred.image import Grid, Image, Mask
from radpred.pipeline.measuring import engine
from radpred.pipeline.measuring.extract import extract_regions


@pytest.fixture
def case(rng):
    """Return an image and a mask."""
    grid = Grid(shape=(12, 12, 12))
    inside = np.zeros(grid.shape, dtype=bool)
    inside[3:9, 3:9, 3:9] = True
    return Image(voxels=rng.normal(size=grid.shape), grid=grid), Mask(voxels=inside, grid=grid)


def blas_threads():
    """Return how many threads each library of linear algebra may take."""
    return [found["num_threads"] for found in threadpool_info() if found["user_api"] == "blas"]


def test_linear_algebra_takes_one_thread_and_then_what_it_had(case, monkeypatch):
    seen = []

    def measured(scene, settings):
        seen.extend(blas_threads())
        return []

    monkeypatch.setattr(engine, "measured", measured)
    image, mask = case
    with threadpool_limits(limits=2, user_api="blas"):
        extract_regions(image, {"tumour": mask}, ExtractionSettings())
        assert set(blas_threads()) == {2}
    assert set(seen) == {1}


def test_resampling_is_one_piece_of_work_to_itk(case, monkeypatch):
    units = []

    class Watched(sitk.ResampleImageFilter):
        def Execute(self, *given):
            units.append(self.GetNumberOfWorkUnits())
            return super().Execute(*given)

    monkeypatch.setattr(sitk, "ResampleImageFilter", Watched)
    image, mask = case
    extract_regions(image, {"tumour": mask}, ExtractionSettings(resample_mm=(2.0, 2.0, 2.0)))
    assert set(units) == {1}
