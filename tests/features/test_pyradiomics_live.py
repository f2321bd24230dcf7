"""PyRadiomics and radpred, both live, on random images, spacings, masks and settings.

Run more examples with ``RADPRED_EXAMPLES=400 pytest tests/features/test_pyradiomics_live.py``.
"""

from __future__ import annotations

import math
import os
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from radpred.config import extraction_settings
from radpred.image import Mask
from radpred.pipeline.measuring.extract import extract_regions
from tests.features.drawn import (
    NORMS,
    Example,
    axes,
    bins,
    filters,
    made,
    normalisations,
    preparations,
    resegmentations,
    shrunk,
    textures,
)
from tests.features.rounding import apart
from tests.filters.oracle import with_old_scipy

pytest.importorskip("radiomics", reason="needs radpred[pyradiomics]")

N_EXAMPLES = int(os.environ.get("RADPRED_EXAMPLES", "40"))
examples = settings(
    max_examples=N_EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    print_blob=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@pytest.fixture(scope="module", autouse=True)
def _old_scipy():
    """Give PyRadiomics what it takes from SciPy for LBP3D."""
    with pytest.MonkeyPatch.context() as patch:
        with_old_scipy(patch)
        yield


@examples
@given(made(), bins, textures)
def test_texture_of_any_region_is_pyradiomics(example, bins, texture):
    if texture["aggregation"] in NORMS:
        example = shrunk(example, reach_mm=2 / max(texture["distances"]))
    compare(example, {**bins, **texture})


@examples
@given(made(), bins, axes)
def test_all_families_of_any_region_are_pyradiomics(example, bins, force_2d):
    families = ["shape", "firstorder", "glcm", "glrlm", "glszm", "gldm", "ngtdm"]
    if force_2d is not None and extent(example.mask, force_2d) == 1:  # it refuses several slices
        families.append("shape2D")
    compare(example, {**bins, "force_2d": force_2d, "families": families})


@examples
@given(made(4), bins, preparations)
def test_a_resampled_or_cropped_region_is_pyradiomics(example, bins, preparation):
    compare(example, {**bins, **preparation})


@examples
@given(made(), bins, normalisations)
def test_a_normalised_region_is_pyradiomics(example, bins, normalisation):
    assume(float(np.std(example.image.voxels)) > 0)
    compare(example, {**bins, **normalisation})


@examples
@given(made(), bins, resegmentations, st.booleans(), st.sampled_from((None, (1.7, 0.8, 1.0))))
def test_a_resegmented_region_is_pyradiomics(example, bins, resegmentation, on_shape, size):
    compare(example, {**bins, **resegmentation, "resegment_shape": on_shape, "resample_mm": size})


@examples
@given(made(4), bins, filters, axes, st.booleans())
def test_any_region_of_a_filtered_image_is_pyradiomics(example, bins, chosen, axis, crops):
    compare(
        example,
        {**bins, "filters": [chosen], "force_2d": axis, "crop_before_filters": crops},
    )


@examples
@given(made(4), bins, filters, textures, preparations, resegmentations)
def test_any_region_by_many_settings_at_once_is_pyradiomics(
    example, bins, chosen, texture, preparation, resegmentation
):
    if texture["aggregation"] in NORMS:
        texture = {**texture, "aggregation": "merged"}
    given = {**bins, **texture, **preparation, **resegmentation}
    compare(example, {**given, "filters": [{"kind": "original"}, chosen]})


def compare(example: Example, given: dict[str, Any]) -> None:
    """Hold every value that both have against each other, and ask a reason for the rest."""
    ours = extraction_settings({**given, "minimum_grey_levels": 2})
    theirs = ours.model_copy(update={"engine": "pyradiomics"})
    native = extract_regions(example.image, {"tumour": example.mask}, ours)
    original = extract_regions(example.image, {"tumour": example.mask}, theirs)
    assert apart(example, ours, native.values, original.values) == {}
    assert set(native.reasons) == {name for name, v in native.values.items() if math.isnan(v)}


def extent(mask: Mask, axis: str) -> int:
    """Return how many slices across an axis a region spans."""
    assert mask.box is not None
    part = mask.box["zyx".index(axis)]
    return part.stop - part.start
