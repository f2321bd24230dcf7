"""PyRadiomics and radpred, both live, on random images, spacings, masks and settings.

Run more examples with ``RADPRED_EXAMPLES=400 pytest tests/features/test_pyradiomics_live.py``.
"""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from scipy import ndimage

from radpred.config import ExtractionSettings, extraction_settings
from radpred.image import Array, Grid, Image, Mask
from radpred.pipeline.extract import extract_regions
from radpred.pipeline.responses import ORIGINAL, Response, responses
from radpred.pipeline.scenes import prepare
from radpred.table.columns import parse_name
from tests.filters.oracle import with_old_scipy

pytest.importorskip("radiomics", reason="needs radpred[pyradiomics]")

N_EXAMPLES = int(os.environ.get("RADPRED_EXAMPLES", "40"))
RELATIVE = 1e-6
# Values that ought to be 0, such as the mean of a wavelet's band, are rounding errors of
# intensities of up to a few thousand.
FLOOR = 1e-7
# An intensity this near to the edge of a bin (as a part of the largest one) may fall to either
# side of it by the rounding errors of a filter or of interpolation alone.
KNIFE_EDGE = 1e-9
# Filters that give the same bits in both, whole numbers among them.
EXACT = ("lbp-3D-m1", "lbp-3D-k")

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


@dataclass(frozen=True)
class Example:
    """How an image and a region of it are made."""

    shape: tuple[int, int, int]
    spacing: tuple[float, float, float]
    dtype: str
    kind: str
    region: str
    seed: int

    @property
    def grid(self) -> Grid:
        return Grid(shape=self.shape, spacing=self.spacing)

    @cached_property
    def image(self) -> Image:
        rng = np.random.default_rng(self.seed)
        voxels = intensities(self.kind, self.shape, rng).astype(self.dtype)
        return Image(voxels=voxels, grid=self.grid, name=ORIGINAL)

    @cached_property
    def mask(self) -> Mask:
        rng = np.random.default_rng([self.seed, 1])
        return Mask(voxels=inside(self.region, self.shape, rng), grid=self.grid, name="tumour")


def intensities(kind: str, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Return intensities of one kind, as floats."""
    if kind == "ties":
        return 10.0 * rng.integers(-3, 9, shape)
    if kind == "smooth":
        return 400 * ndimage.gaussian_filter(rng.normal(size=shape), 1) - 100
    if kind == "two":
        return 50.0 * rng.integers(0, 2, shape)
    return rng.normal(100, 60, shape)


def inside(kind: str, shape: tuple[int, ...], rng: np.random.Generator) -> Array:
    """Return a region of one kind; it has a voxel at least."""
    if kind == "whole":
        return np.ones(shape, dtype=bool)
    if kind == "porous":
        found = rng.random(shape) < 0.5
    elif kind == "sparse":
        found = rng.random(shape) < 0.08
    elif kind == "blobs":
        found = ndimage.gaussian_filter(rng.normal(size=shape), 1.2) > 0
    else:
        found = np.zeros(shape, dtype=bool)
        start = [rng.integers(0, n) if kind == "box" else 0 for n in shape]
        stop = [rng.integers(low, n) + 1 for low, n in zip(start, shape, strict=True)]
        found[tuple(map(slice, start, stop))] = True
    found[tuple(n // 2 for n in shape)] = True
    return found


def shapes(least: int) -> st.SearchStrategy[tuple[int, int, int]]:
    """Return sizes of images, of one slice now and then."""
    size = st.integers(least, 12)
    thick = st.tuples(size, size, size)
    thin = st.tuples(size, size, st.just(1)).flatmap(st.permutations).map(tuple)
    return st.one_of(thick, thick, thin)


def made(least: int = 3) -> st.SearchStrategy[Example]:
    """Return images of all kinds, and regions that may touch their borders."""
    return st.builds(
        Example,
        shape=shapes(least),
        spacing=st.tuples(*[st.sampled_from((1.0, 0.5, 0.7, 1.3, 2.5, 5.0))] * 3),
        dtype=st.sampled_from(("int16", "float32", "float64")),
        kind=st.sampled_from(("noise", "ties", "smooth", "two")),
        region=st.sampled_from(("box", "corner", "blobs", "porous", "sparse", "whole")),
        seed=st.integers(0, 2**16),
    )


bins = st.one_of(
    st.sampled_from((25.0, 10.5, 7.0, 0.7)).map(lambda width: {"bin_width": width}),
    st.sampled_from((2, 3, 8, 16, 33)).map(lambda count: {"bin_count": count}),
)
axes = st.sampled_from((None, "z", "y", "x"))
textures = st.fixed_dictionaries(
    {
        "force_2d": axes,
        "distances": st.sampled_from(([1], [2], [1, 2], [3])),
        "aggregation": st.sampled_from(
            ("averaged", "merged", "euclidean", "manhattan", "infinity")
        ),
        "symmetric_glcm": st.booleans(),
        "dependence_cutoff": st.integers(0, 2),
        "voxel_array_shift": st.sampled_from((0, 0, 300, -50)),
    }
)
sizes = st.sampled_from((0.0, 0.8, 1.0, 1.7, 3.0))
preparations = st.fixed_dictionaries(
    {},
    optional={
        "force_2d": axes,
        "resample_mm": st.tuples(sizes, sizes, sizes),
        "interpolator": st.sampled_from(("bspline", "linear", "nearest")),
        "crop_before_filters": st.booleans(),
        "padding_voxels": st.sampled_from((0, 1, 5)),
    },
)
normalisations = st.fixed_dictionaries(
    {"normalise": st.just(True)},
    optional={
        "normalise_scale": st.sampled_from((100.0, 37.0)),
        "normalise_limit_sd": st.sampled_from((1.0, 2.5)),
    },
)
resegmentations = st.one_of(
    st.sampled_from(([40.1], [-20.3, 130.7], [60.2, 100.9])).map(
        lambda limits: {"resegment_range": limits, "resegment_mode": "absolute"}
    ),
    st.sampled_from(([0.31], [0.11, 0.87])).map(
        lambda limits: {"resegment_range": limits, "resegment_mode": "relative"}
    ),
    st.sampled_from(([-1.01, 1.51], [-0.37])).map(
        lambda limits: {"resegment_range": limits, "resegment_mode": "sigma"}
    ),
)
filters = st.one_of(
    st.sampled_from((0.8, 1.0, 2.0)).map(
        lambda sigma: {"kind": "laplacian_of_gaussian", "sigma_mm": [sigma]}
    ),
    st.fixed_dictionaries(
        {
            "kind": st.just("wavelet"),
            "wavelet": st.sampled_from(("coif1", "haar", "db3", "sym4", "bior2.2", "rbio1.3")),
            "level": st.integers(1, 2),
            "start_level": st.integers(0, 1),
        }
    ),
    st.sampled_from(("square", "square_root", "logarithm", "exponential")).map(
        lambda kind: {"kind": kind}
    ),
    st.booleans().map(lambda spaced: {"kind": "gradient", "use_spacing": spaced}),
    st.fixed_dictionaries(
        {
            "kind": st.just("local_binary_pattern_2d"),
            "radius": st.sampled_from((1.0, 1.5, 2.0)),
            "samples": st.sampled_from((5, 8, 9)),
            "method": st.sampled_from(("default", "ror", "uniform", "nri_uniform", "var")),
            "bin_width": st.sampled_from((1.0, 0.6)),
        }
    ),
    st.fixed_dictionaries(
        {
            "kind": st.just("local_binary_pattern_3d"),
            "levels": st.integers(1, 3),
            "icosphere_radius": st.sampled_from((1.0, 1.5)),
            "icosphere_subdivision": st.integers(0, 1),
            "bin_width": st.sampled_from((1.0, 0.3)),
        }
    ),
)


@examples
@given(made(), bins, textures)
def test_texture_of_any_region_is_pyradiomics(example, bins, texture):
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


def compare(example: Example, given: dict[str, Any]) -> None:
    """Hold every value that both have against each other, and ask a reason for the rest."""
    ours = extraction_settings({**given, "minimum_grey_levels": 2})
    theirs = ours.model_copy(update={"engine": "pyradiomics"})
    native = extract_regions(example.image, {"tumour": example.mask}, ours)
    original = extract_regions(example.image, {"tumour": example.mask}, theirs)
    assert apart(example, ours, native.values, original.values) == {}
    assert set(native.reasons) == {name for name, v in native.values.items() if math.isnan(v)}


def apart(
    example: Example,
    chosen: ExtractionSettings,
    ours: dict[str, float],
    theirs: dict[str, float],
) -> dict[str, tuple[float, float]]:
    """Return the features that both have, and that differ by more than rounding."""
    differ = {
        name: (value, theirs[name])
        for name, value in ours.items()
        if not math.isnan(value)
        and not math.isnan(theirs[name])
        and value != pytest.approx(theirs[name], rel=RELATIVE, abs=FLOOR)
    }
    doubtful = on_a_knife_edge(example, chosen) if differ else {}
    return {name: both for name, both in differ.items() if not doubted(name, doubtful)}


def extent(mask: Mask, axis: str) -> int:
    """Return how many slices across an axis a region spans."""
    assert mask.box is not None
    part = mask.box["zyx".index(axis)]
    return part.stop - part.start


def doubted(name: str, doubtful: dict[str, set[str]]) -> bool:
    """Tell whether a feature hangs on an intensity that lies on an edge."""
    column = parse_name(name)
    why = doubtful.get(column.image, set())
    if column.family == "firstorder":
        of = {"Entropy": "bin", "Uniformity": "bin", "RobustMeanAbsoluteDeviation": "percentile"}
        return of.get(column.feature) in why
    return "bin" in why and column.family not in ("shape", "shape2D")


def on_a_knife_edge(example: Example, chosen: ExtractionSettings) -> dict[str, set[str]]:
    """Return the images on which an intensity lies so near to an edge that rounding decides."""
    scenes = prepare(example.image, {"tumour": example.mask}, chosen).scenes
    if not scenes or scenes[0].box is None:
        return {}
    scene, box = scenes[0], scenes[0].box
    found: dict[str, set[str]] = {}
    for response in responses(scene.image, box, chosen):
        name = response.image.name
        is_given = name == ORIGINAL and not chosen.normalise and chosen.resample_mm is None
        if is_given or name in EXACT:
            continue
        values = np.sort(response.image.voxels[scene.regions["tumour"].voxels[box]].astype(float))
        near = KNIFE_EDGE * float(np.abs(values).max())
        edges = {"bin": bin_edges(values, response), "percentile": np.quantile(values, [0.1, 0.9])}
        least = {"bin": 1, "percentile": 2}  # one intensity may be the percentile itself
        found[name] = {
            what
            for what, at in edges.items()
            if (np.abs(values[:, None] - at) <= near).sum(axis=0).max(initial=0) >= least[what]
        }
    return found


def bin_edges(values: Array, response: Response) -> Array:
    """Return the edges between bins; with a count, the ends are where they are by definition."""
    if response.bin_count is not None:
        return np.linspace(values[0], values[-1], response.bin_count + 1)[1:-1]
    width = response.bin_width
    return width * np.arange(values[0] // width, values[-1] // width + 2)
