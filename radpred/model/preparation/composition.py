"""What habitats a tumour is made of, in numbers: shares, borders, parts."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from radpred.table.bags import FAMILY, HABITATS, Bag
from radpred.table.columns import feature_name

Array = NDArray[Any]
ORIGINAL = "original"


def habitat_name(number: int) -> str:
    """Return the name of a habitat's region; they are counted from 1."""
    return f"habitat_{number}"


def composition_names(n: int, maps: Sequence[str], *, modality: str = "") -> tuple[str, ...]:
    """Return the columns that describe ``n`` habitats, in the order of ``composition``.

    Examples
    --------
    >>> composition_names(2, ["original"])[:2]
    ('habitat_1__original_habitat_Fraction', 'habitat_1__original_habitat_Volume')
    """
    names = []
    for number in range(1, n + 1):
        borders = [f"BorderWith{other}" for other in range(number + 1, n + 1)]
        of_kind = ["Fraction", "Volume", "NumberOfParts", "LargestPart", "SurfaceFraction"]
        own = [(ORIGINAL, feature) for feature in (*of_kind, *borders)]
        own += [(each, "Mean") for each in maps]
        names += [(habitat_name(number), *place) for place in own]
    names += [(HABITATS, ORIGINAL, f) for f in ("Entropy", "BorderFraction", "BorderEntropy")]
    return tuple(
        feature_name(FAMILY, feature, image=image, region=region, modality=modality)
        for region, image, feature in names
    )


def composition(bag: Bag, kinds: Array, *, n: int) -> list[float]:
    """Return what describes the habitats of one tumour.

    For each habitat: its share of the volume, its volume in mm3, the number of its connected
    parts, the share of its volume in the largest of them, its share of the tumour's surface; its
    border with each habitat of a higher number, as a share of all faces between two voxels of the
    tumour; the mean of each map. Then, of the tumour: the entropy of the shares in bits; the
    share of all faces at which two habitats meet; the entropy in bits of the lengths of borders.

    A habitat that is not there has shares, volume, parts and borders of 0, and neither a largest
    part nor a mean. Where no two voxels touch there are no borders, and where no habitats meet
    their entropy does not exist: NaN.

    Parameters
    ----------
    bag : Bag
        The tumour in pieces.
    kinds : array of int, shape (n_items,)
        The habitat of each piece, counted from 0.
    n : int
        How many habitats there are.

    References
    ----------
    Borders are the multiregional spatial interaction matrix of Wu et al., Radiology
    2018;288:26-35, weighted by area; entropies those of Shannon.
    """
    counts = bag.n_voxels.astype(np.float64)
    sizes = np.bincount(kinds, weights=counts, minlength=n)
    shares = sizes / sizes.sum()
    surface = np.bincount(kinds, weights=bag.surface_mm2, minlength=n)
    surface = surface / surface.sum() if surface.sum() > 0 else np.full(n, np.nan)
    borders, faces = _borders(bag, kinds, n)
    contacts = borders / faces if faces > 0 else np.full((n, n), np.nan)
    parts, largest = _parts(bag, kinds, n)
    means = _means(bag, kinds, sizes)
    values: list[float] = []
    for k in range(n):
        values += [shares[k], sizes[k] * bag.voxel_mm3, parts[k], largest[k], surface[k]]
        values += contacts[k, k + 1 :].tolist()
        values += means[k].tolist()
    lengths = np.array([borders[i, j] for i, j in combinations(range(n), 2)])
    values += [entropy_bits(shares), float(np.triu(contacts, 1).sum()), entropy_bits(lengths)]
    return [float(value) for value in values]


def entropy_bits(amounts: Array) -> float:
    """Return the entropy of shares of a sum, in bits; NaN where there is nothing to share.

    Examples
    --------
    >>> entropy_bits(np.array([3.0, 3.0, 0.0]))
    1.0
    """
    total = amounts.sum()
    if not total > 0:
        return float("nan")
    p = amounts[amounts > 0] / total
    return float(abs((p * np.log2(p)).sum()))


def _borders(bag: Bag, kinds: Array, n: int) -> tuple[Array, float]:
    """Return the area at which each two habitats meet, and that of all faces, in mm2."""
    first, second = np.sort(kinds[bag.pairs], axis=1).T
    area = np.bincount(first * n + second, weights=bag.shared_mm2, minlength=n * n).reshape(n, n)
    faces = float(area.sum() + bag.within_mm2.sum(dtype=np.float64))
    return np.triu(area, 1), faces


def _parts(bag: Bag, kinds: Array, n: int) -> tuple[Array, Array]:
    """Return the number of connected parts of each habitat, and the share of the largest."""
    first, second = bag.pairs[kinds[bag.pairs[:, 0]] == kinds[bag.pairs[:, 1]]].T
    n_items = len(kinds)
    graph = coo_array((np.ones(len(first), np.int8), (first, second)), shape=(n_items, n_items))
    n_parts, part = connected_components(graph, directed=False)
    sizes = np.bincount(part, weights=bag.n_voxels, minlength=n_parts)
    kind = np.zeros(n_parts, dtype=np.intp)
    kind[part] = kinds
    number = np.bincount(kind, minlength=n)
    largest = np.full(n, np.nan)
    for k in np.flatnonzero(number):
        own = sizes[kind == k]
        largest[k] = own.max() / own.sum()
    return number.astype(np.float64), largest


def _means(bag: Bag, kinds: Array, sizes: Array) -> Array:
    """Return the mean of each map in each habitat, shape (n, n_maps); NaN where it is empty."""
    weighted = bag.values * bag.n_voxels[:, None].astype(np.float64)
    sums = [np.bincount(kinds, weights=one, minlength=len(sizes)) for one in weighted.T]
    return np.stack(sums, axis=1) / np.where(sizes > 0, sizes, np.nan)[:, None]
