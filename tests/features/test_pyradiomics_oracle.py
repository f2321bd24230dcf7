"""The same values as an installed PyRadiomics (``radpred[pyradiomics]``) on made regions."""

from __future__ import annotations

import logging

import numpy as np
import pytest
import SimpleITK
from scipy import ndimage

from radpred.features import FAMILIES

radiomics = pytest.importorskip("radiomics", reason="needs radpred[pyradiomics]")
pytestmark = pytest.mark.filterwarnings("ignore")

SPACINGS = ((1.0, 1.0, 1.0), (2.5, 0.7, 1.3))
BINS = ({"bin_width": 25.0}, {"bin_width": 10.5}, {"bin_count": 3}, {"bin_count": 32})
PYRADIOMICS = {"bin_width": "binWidth", "bin_count": "binCount"}


def region(kind, rng):
    """Return an image and one of several kinds of regions."""
    shape = tuple(rng.integers(4, 11, 3))
    voxels = rng.normal(100, 60, shape)
    mask = rng.random(shape) < {"porous": 0.5, "dense": 0.95, "sparse": 0.08}.get(kind, 1.0)
    if kind == "blobs":
        voxels = 3 * ndimage.gaussian_filter(voxels, 1)
        mask = ndimage.gaussian_filter(rng.normal(size=shape), 1.2) > 0
    if kind == "slice":
        mask[:1], mask[2:] = False, False
    return voxels, mask


def oracle(voxels, mask, spacing, bins):
    """Return PyRadiomics' features of one region, cropped as its extractor does."""
    from radiomics import featureextractor

    logging.getLogger("radiomics").setLevel(logging.CRITICAL)
    settings = {PYRADIOMICS[key]: value for key, value in bins.items()}
    extractor = featureextractor.RadiomicsFeatureExtractor(additionalInfo=False, **settings)
    images = SimpleITK.GetImageFromArray(voxels), SimpleITK.GetImageFromArray(mask.astype("u1"))
    for image in images:
        image.SetSpacing(spacing[::-1])
    found = extractor.execute(*images)
    return {key.removeprefix("original_"): float(value) for key, value in found.items()}


@pytest.mark.parametrize("bins", BINS, ids=str)
@pytest.mark.parametrize("spacing", SPACINGS, ids=str)
@pytest.mark.parametrize("dtype", [np.int16, np.float32, np.float64])
@pytest.mark.parametrize("kind", ["block", "porous", "dense", "sparse", "blobs", "slice"])
def test_a_made_region_has_pyradiomics_values(measure, kind, dtype, spacing, bins):
    voxels, mask = region(kind, np.random.default_rng(3))
    voxels = voxels.astype(dtype)
    wanted = oracle(voxels, mask, spacing, bins)
    chosen = {"bin_width": None, "bin_count": None} | bins
    found = measure(voxels, mask, spacing=spacing, families=FAMILIES, **chosen)
    assert set(found.values) == set(wanted)
    compared = {key: value for key, value in found.values.items() if key not in found.reasons}
    expected = {key: wanted[key] for key in compared}
    assert compared == pytest.approx(expected, rel=1e-6, abs=1e-7)
    assert len(compared) >= 104
