"""Random images, regions of them, and settings, as Hypothesis draws them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from hypothesis import strategies as st
from scipy import ndimage

from radpred.image import Array, Grid, Image, Mask
from radpred.pipeline.images.responses import ORIGINAL

NORMS = ("euclidean", "manhattan", "infinity")


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


def shrunk(example: Example, *, reach_mm: float) -> Example:
    """Return an image with voxels so small that three of them, one a side, reach so far.

    A norm weighs a pair by exp(-distance^2), and PyRadiomics adds 2.2e-16 to probabilities before
    it divides by them or takes a logarithm: of far pairs, 5 mm apart, nothing else would be left.
    """
    scale = reach_mm / sum(example.spacing)
    z, y, x = (scale * side for side in example.spacing)
    return replace(example, spacing=(z, y, x))


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
        "aggregation": st.sampled_from(("averaged", "merged", *NORMS)),
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
