"""What rounding errors alone may change, so that all else can be asked to be equal."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import pytest

from radpred.config import ExtractionSettings
from radpred.image import Array
from radpred.pipeline.images.responses import ORIGINAL, Response, responses
from radpred.pipeline.images.scenes import prepare
from radpred.table.columns import Column, parse_name
from tests.features.drawn import Example

RELATIVE = 1e-6
# Values that ought to be 0, such as the mean of a wavelet's band, are rounding errors of
# intensities of up to a few hundred.
FLOOR = 1e-7
# By so much, as a part of the largest intensity, rounding errors of a filter or of interpolation
# may move one: to the other side of a bin's edge, say.
ROUNDING = {np.dtype(np.float32): 4 * float(np.finfo(np.float32).eps)}
ROUNDING_OF_DOUBLES = 1e-9
# The length of an axis is the root of an eigenvalue, which ought to be 0 where a region is thin.
ROOT = 4 * float(np.sqrt(np.finfo(np.float64).eps))
# Filters that give the same bits in both, whole numbers among them.
EXACT = ("lbp-3D-m1", "lbp-3D-k")
# Neighbours at three voxels' distance.
MOST_DIRECTIONS = (7**3 - 5**3) // 2
# Of a response that varies by less, as a part of the largest intensity, five digits are left.
FAINT = {np.dtype(np.float32): 0.02}
MOMENTS = ("Energy", "TotalEnergy", "Variance", "Skewness", "Kurtosis", "MeanAbsoluteDeviation")


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
    doubtful = doubts(example, chosen) if differ else {}
    return {
        name: both
        for name, both in differ.items()
        if not is_doubted(parse_name(name), both, doubtful)
    }


@dataclass(frozen=True)
class Doubt:
    """What rounding errors alone may change on one image: levels, tails, or values by so much.

    Moments are in doubt where a response is so faint that it is made of last digits.
    """

    of_levels: bool = False
    of_tails: bool = False
    of_moments: bool = False
    of_values: float = 0.0


def is_doubted(column: Column, values: tuple[float, float], doubtful: dict[str, Doubt]) -> bool:
    """Tell whether rounding errors alone may part two values of a feature."""
    gap = abs(values[0] - values[1])
    doubt = doubtful.get(column.family) or doubtful.get(column.image)
    if doubt is None:
        return False
    if column.family in ("shape", "shape2D"):
        return column.feature.endswith("AxisLength") and gap <= doubt.of_values
    if column.feature == "MCC" and leaves_directions_out(*values):
        return True
    if column.feature == "Correlation" and counts_directions_as_0(*values):
        return True
    if column.family != "firstorder" or column.feature in ("Entropy", "Uniformity"):
        return doubt.of_levels
    if column.feature == "RobustMeanAbsoluteDeviation" and doubt.of_tails:
        return True
    if column.feature in MOMENTS and doubt.of_moments:
        return True
    return gap <= doubt.of_values


def leaves_directions_out(ours: float, theirs: float) -> bool:
    """Tell whether values are means of the same numbers, and theirs of fewer.

    PyRadiomics leaves a direction out whose second eigenvalue should be 0, and is less.
    """
    if not 0 < ours < theirs:
        return False
    share = Fraction(ours / theirs).limit_denominator(MOST_DIRECTIONS)
    return share < 1 and ours == pytest.approx(theirs * float(share), rel=RELATIVE)


def counts_directions_as_0(ours: float, theirs: float) -> bool:
    """Tell whether values are means of the same numbers, but for some that are 1 here and 0 there.

    Where all pairs of a direction start at one level, a correlation counts as 1 in both, unless
    PyRadiomics' standard deviation, which should be 0, is rounded to above.
    """
    share = Fraction(ours - theirs).limit_denominator(MOST_DIRECTIONS)
    return 0 < share < 1 and ours - theirs == pytest.approx(float(share), abs=FLOOR)


def doubts(example: Example, chosen: ExtractionSettings) -> dict[str, Doubt]:
    """Return the images that arithmetic made, and what its rounding errors may change there."""
    scenes = prepare(example.image, {"tumour": example.mask}, chosen).scenes
    if not scenes or scenes[0].box is None:
        return {}
    scene, box = scenes[0], scenes[0].box
    inside = scene.regions["tumour"].voxels[box]
    extent_mm = math.hypot(*(n * mm for n, mm in zip(example.shape, example.spacing, strict=True)))
    of_shape = Doubt(of_values=ROOT * extent_mm)
    found = {"shape": of_shape, "shape2D": of_shape}
    every = list(responses(scene.image, box, chosen))
    # A wavelet's faint bands are made from others that are stronger than the image.
    steps = [scene.image.voxels, *(response.image.voxels for response in every)]
    largest = max(float(np.abs(voxels).max()) for voxels in steps)
    for response in every:
        name, voxels = response.image.name, response.image.voxels
        is_given = name == ORIGINAL and not chosen.normalise and chosen.resample_mm is None
        values = np.sort(voxels[inside].astype(float))
        near = largest * ROUNDING.get(voxels.dtype, ROUNDING_OF_DOUBLES)
        edges, tails = bin_edges(values, response), np.quantile(values, [0.1, 0.9])
        found[name] = Doubt(
            of_levels=not (is_given or name in EXACT) and most_at(edges, values, near) > 0,
            # One intensity may be the percentile itself.
            of_tails=not is_given and most_at(tails, values, near) > 1,
            of_moments=not is_given
            and np.std(values) < FAINT.get(voxels.dtype, ROUNDING_OF_DOUBLES) * largest,
            # PyRadiomics adds single numbers in single precision.
            of_values=near if voxels.dtype in ROUNDING else 0.0,
        )
    return found


def most_at(edges: Array, values: Array, near: float) -> int:
    """Return the most intensities that lie near one edge."""
    return int((np.abs(values[:, None] - edges) <= near).sum(axis=0).max(initial=0))


def bin_edges(values: Array, response: Response) -> Array:
    """Return the edges between bins; with a count, the ends are where they are by definition."""
    if response.bin_count is not None:
        return np.linspace(values[0], values[-1], response.bin_count + 1)[1:-1]
    width = response.bin_width
    return width * np.arange(values[0] // width, values[-1] // width + 2)
