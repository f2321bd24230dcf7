"""What several readers' masks of one lesion become: the vote of most, or STAPLE's estimate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from radpred.errors import GeometryError, RegionError
from radpred.image import Array, Mask, common_box

Ties = Literal["background", "foreground"]

_BOX = 8  # volume in which readers are judged, of that of the smallest box around their masks
_START = 0.99999  # sensitivity and specificity that every reader begins with
_PRECISION = 1e-9
_MOST_ROUNDS = 1000


@dataclass(frozen=True, kw_only=True, eq=False)
class Consensus:
    """What STAPLE finds in the masks of several readers.

    Parameters
    ----------
    mask : Mask
        Voxels that belong to the lesion with a probability above one half.
    probability : array
        Of belonging to the lesion, shape (z, y, x); 0 outside the smallest box around all masks.
    sensitivity, specificity : tuple of float
        Of each reader: how much of the lesion, and of what lies around it, is marked as such. NaN
        where nothing is there to be judged by.
    """

    mask: Mask
    probability: Array
    sensitivity: tuple[float, ...]
    specificity: tuple[float, ...]


def majority(masks: Sequence[Mask], *, ties: Ties = "background") -> Mask:
    """Return the voxels that more than half of the readers marked.

    Parameters
    ----------
    masks : sequence of Mask
        One a reader, on one grid; an empty one is a reader who saw no lesion, and counts.
    ties : {"background", "foreground"}
        What a voxel becomes that exactly half of the readers marked.

    Raises
    ------
    RegionError
        ``no_masks``: there is no reader.
    GeometryError
        The masks lie on different grids.

    Examples
    --------
    >>> from radpred.image import Grid
    >>> grid = Grid(shape=(1, 1, 3))
    >>> a, b = (Mask(voxels=np.array([[row]]), grid=grid) for row in ([1, 1, 0], [1, 0, 0]))
    >>> majority([a, b]).voxels.tolist(), majority([a, b], ties="foreground").voxels.tolist()
    ([[[True, False, False]]], [[[True, True, False]]])
    """
    _check(masks)
    voxels = np.zeros(masks[0].grid.shape, dtype=bool)
    box = common_box(masks)
    if box is not None:
        twice = 2 * np.sum([mask.voxels[box] for mask in masks], axis=0, dtype=np.int32)
        voxels[box] = twice >= len(masks) if ties == "foreground" else twice > len(masks)
    step = f"majority of {len(masks)} readers, ties are {ties}"
    return replace(masks[0], voxels=voxels, steps=(step,))


def majority_labels(labels: Sequence[Array], *, ties: Ties = "background") -> Array:
    """Return the label that most readers gave each voxel; no label that none of them used.

    Parameters
    ----------
    labels : sequence of array of int
        One a reader, of one shape; 0 is background.
    ties : {"background", "foreground"}
        What a voxel becomes where no label has more readers than every other: background, or the
        lowest of the labels that share the lead, background aside.

    Raises
    ------
    RegionError
        ``no_masks``: there is no reader.
    GeometryError
        The arrays differ in shape.

    Examples
    --------
    >>> majority_labels([np.array([1, 1]), np.array([1, 2])]).tolist()
    [1, 0]
    """
    if not labels:
        raise _no_masks()
    if len({array.shape for array in labels}) > 1:
        shapes = ", ".join(str(array.shape) for array in labels)
        msg = f"label maps of shapes {shapes}; bring them to one grid"
        raise GeometryError(msg)
    values = np.unique(np.concatenate([np.unique(array) for array in (*labels, [0])]))
    votes = np.stack([sum((a == value).astype(np.int16) for a in labels) for value in values])
    leads = votes == votes.max(axis=0)
    is_tie = leads.sum(axis=0) > 1
    leads[values == 0] &= ~is_tie
    winner = values[leads.argmax(axis=0)]
    return np.where(is_tie, 0, winner) if ties == "background" else winner


def staple(masks: Sequence[Mask]) -> Consensus:
    """Return the lesion that makes the readers most likely, with how well each of them did.

    Expectation and maximisation over a box of twice the edges of the smallest one around all
    masks, background where the scan ends: the answer depends on how much background is judged,
    and so not on how much of it a scan holds. Every reader begins with a sensitivity and a
    specificity near 1; the prior of a voxel is the share of all marks in the box. With two
    readers, the answer often is near one of them: three are the least that makes sense.

    Parameters
    ----------
    masks : sequence of Mask
        One a reader, on one grid; an empty one is a reader who saw no lesion.

    Raises
    ------
    RegionError
        ``no_masks``: there is no reader.
    GeometryError
        The masks lie on different grids.

    References
    ----------
    Warfield, Zou and Wells, IEEE Trans Med Imaging 2004;23:903-921, equations 14, 15, 18, 19.
    """
    _check(masks)
    probability = np.zeros(masks[0].grid.shape)
    box = common_box(masks)
    sensitivity = specificity = np.full(len(masks), np.nan)
    if box is not None:
        marks = np.stack([mask.voxels[box].ravel() for mask in masks])
        # Voxels that the same readers marked are alike: they are weighed once.
        patterns, which, n_voxels = np.unique(
            marks, axis=1, return_inverse=True, return_counts=True
        )
        patterns = np.pad(patterns, [(0, 0), (0, 1)])
        n_voxels = np.append(n_voxels, (_BOX - 1) * marks.shape[1])
        found, sensitivity, specificity = _estimated(patterns, n_voxels)
        probability[box] = found[which.ravel()].reshape(probability[box].shape)
    step = f"STAPLE of {len(masks)} readers"
    return Consensus(
        mask=replace(masks[0], voxels=probability > 0.5, steps=(step,)),
        probability=probability,
        sensitivity=tuple(float(value) for value in sensitivity),
        specificity=tuple(float(value) for value in specificity),
    )


def _estimated(patterns: Array, n_voxels: Array) -> tuple[Array, Array, Array]:
    """Return the probability of each pattern of marks, and each reader's qualities.

    Parameters
    ----------
    patterns : array of bool
        Who marked: shape (n_readers, n_patterns).
    n_voxels : array of int
        How many voxels have the pattern.
    """
    prior = float((patterns.mean(axis=0) * n_voxels).sum() / n_voxels.sum())
    sensitivity = specificity = np.full(len(patterns), _START)
    probability = patterns.mean(axis=0)
    for _ in range(_MOST_ROUNDS):
        before = probability
        lesion = prior * _likelihood(patterns, sensitivity)
        around = (1 - prior) * _likelihood(~patterns, specificity)
        probability = lesion / (lesion + around)
        sensitivity = _share(patterns, probability * n_voxels)
        specificity = _share(~patterns, (1 - probability) * n_voxels)
        if np.abs(probability - before).max() < _PRECISION:
            break
    return probability, sensitivity, specificity


def _likelihood(said: Array, quality: Array) -> Array:
    """Return how likely readers of a quality (n_readers,) say what they said, by pattern."""
    known = np.where(np.isnan(quality), 0.5, quality)[:, None]
    return np.where(said, known, 1 - known).prod(axis=0)


def _share(said: Array, weight: Array) -> Array:
    """Return the weighted share of patterns in which each reader said so; NaN without weight."""
    total = weight.sum()
    return np.minimum(said @ weight / total, 1) if total else np.full(len(said), np.nan)


def _check(masks: Sequence[Mask]) -> None:
    """Refuse no readers, and masks on different grids."""
    if not masks:
        raise _no_masks()
    for mask in masks[1:]:
        if mask.grid != masks[0].grid:
            msg = (
                f"a reader's mask lies on {mask.grid}, another's on {masks[0].grid}; "
                "bring the masks to one grid"
            )
            raise GeometryError(msg)


def _no_masks() -> RegionError:
    """Return the error that says there is nothing to agree on."""
    return RegionError("no readers' masks; give at least one", code="no_masks")
