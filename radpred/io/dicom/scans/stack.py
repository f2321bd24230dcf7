"""Slices in their order along the normal, on a grid that their positions alone make.

Neither instance numbers nor file names nor SliceLocation have a say; SliceThickness and
SpacingBetweenSlices are compared with the distance between the positions, and noted where they
differ. Positions count as even when none is more than `EVEN` of the distance off.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from radpred.errors import InputError
from radpred.image import Array, Grid
from radpred.io.arrays import NO_SIZE
from radpred.io.dicom.scans.alike import axes_of
from radpred.io.dicom.scans.slices import FLAT_SPACINGS, Slice

SAME_PLACE_MM = 1e-3  # positions of equal slices are equal but for rounding
SAME_PLACE = 0.05  # of the distance between slices
EVEN = 0.2  # header rounding (0.6, 1.3, 1.9, 2.5) moves a slice by less of that distance
NOTED = 0.01
IN_LINE = 0.5  # of a pixel: a slice shifted or turned by less keeps its voxels' places
NOTED_SHIFT = 0.05
MOST_LISTED = 4


@dataclass(frozen=True, kw_only=True, eq=False)
class Stack:
    """A volume whose voxels are yet to be read.

    Parameters
    ----------
    slices : tuple of Slice
        Along the normal.
    indices : tuple of int
        Where each lies on the grid's first axis; what is not among them is missing.
    grid : Grid
        Of the whole volume.
    steps : tuple of str
        What was noticed or mended.
    """

    slices: tuple[Slice, ...]
    indices: tuple[int, ...]
    grid: Grid
    steps: tuple[str, ...] = ()

    @property
    def missing(self) -> tuple[int, ...]:
        """Return the indices at which no slice lies."""
        return tuple(sorted(set(range(self.grid.shape[0])) - set(self.indices)))


def places_of(slices: Sequence[Slice]) -> list[list[Slice]]:
    """Return the slices in groups of one position each, in order along the normal.

    Raises
    ------
    InputError
        ``sheared_axes``: rows and columns that are not at right angles.
    """
    along = np.array([piece.position for piece in slices]) @ _axes(slices)[2]
    order = np.argsort(along, kind="stable")
    gaps = np.diff(along[order])
    steps = gaps[gaps > SAME_PLACE_MM]
    apart = max(SAME_PLACE_MM, SAME_PLACE * float(np.median(steps))) if steps.size else np.inf
    cuts = np.flatnonzero(gaps > apart) + 1
    return [[slices[i] for i in group] for group in np.split(order, cuts)]


def stacked(
    slices: Sequence[Slice], *, missing: Literal["refuse", "interpolate"], source: str
) -> Stack:
    """Return slices of which each lies at a position of its own, in order, with their grid.

    Raises
    ------
    InputError
        ``slice_missing``, ``slices_uneven``, ``sheared_axes``, ``slices_not_parallel`` or
        ``spacing_missing``.
    """
    axes = _axes(slices)
    positions = np.array([piece.position for piece in slices])
    indices, spacing, steps = _along(slices, positions @ axes[2], source=source)
    rows, columns = slices[0].size
    row_spacing, column_spacing = slices[0].pixel_spacing
    left, posterior, superior = (float(p) for p in positions[0])
    grid = Grid(
        shape=(indices[-1] + 1, rows, columns),
        spacing=(spacing, row_spacing, column_spacing),
        origin=(left, posterior, superior),
        direction=tuple(float(cosine) for cosine in axes.T.ravel()),
    )
    stack = Stack(slices=tuple(slices), indices=indices, grid=grid, steps=steps)
    steps += _displaced(stack, source=source)
    steps += _gaps(stack, missing=missing, source=source)
    return replace(stack, steps=steps)


def flat_stack(piece: Slice) -> Stack:
    """Return a flat picture as a volume of one slice that lies nowhere in the patient."""
    told = (piece.numbers(keyword, n=2) for keyword in FLAT_SPACINGS)
    spacing = next((pair for pair in told if pair is not None and min(pair) > 0), None)
    steps: tuple[str, ...] = (
        "a flat picture, taken as one slice: no word on where it lies in the patient",
    )
    if spacing is None:
        steps += (NO_SIZE,)
    rows, columns = spacing or (1.0, 1.0)
    grid = Grid(shape=(1, *piece.size), spacing=(1.0, rows, columns), is_placed=False)
    return Stack(slices=(piece,), indices=(0,), grid=grid, steps=steps)


def _axes(slices: Sequence[Slice]) -> Array:
    """Return the directions of rows, columns and the normal."""
    try:
        return axes_of(slices[0].orientation)
    except ValueError as error:
        said = slices[0].text("ImageOrientationPatient").replace("\\", ", ")
        msg = (
            f"{slices[0].path}: ImageOrientationPatient is ({said}), {error}; correct the header, "
            "or convert the series to NIfTI"
        )
        raise InputError(msg, code="sheared_axes") from error


def _along(
    slices: Sequence[Slice], along: Array, *, source: str
) -> tuple[tuple[int, ...], float, tuple[str, ...]]:
    """Return the index of each slice, the distance between slices in mm, and notes."""
    if len(slices) == 1:
        return (0,), *_thickness(slices[0])
    gaps = np.diff(along)
    # The lower quartile: a gap where a slice is missing must not pass for the distance.
    counts = np.maximum(np.round(gaps / np.sort(gaps)[gaps.size // 4]).astype(int), 1)
    indices = np.concatenate([[0], np.cumsum(counts)])
    # Positions are decimal texts: beyond ten digits a distance is what their rounding left.
    spacing = float(f"{(along[-1] - along[0]) / indices[-1]:.10g}")
    off = np.abs(along - along[0] - indices * spacing) / spacing
    n_missing = int(indices[-1]) + 1 - len(slices)
    if off.max() > EVEN or n_missing > len(slices):
        few = ", ".join(f"{gap:.4g}" for gap in np.unique(np.round(gaps, 3))[:6])
        msg = (
            f"{source}: {len(slices)} slices that lie {few} mm apart, wanted even distances; "
            "export evenly spaced slices, each stack as a series of its own"
        )
        raise InputError(msg, code="slices_uneven")
    steps = _compared(slices, spacing)
    if off.max() > NOTED:
        steps += (
            f"positions of slices are up to {off.max():.1%} of their distance off even ones, as "
            "header rounding leaves them: taken as even",
        )
    return tuple(int(index) for index in indices), spacing, steps


def _thickness(piece: Slice) -> tuple[float, tuple[str, ...]]:
    """Return what stands in for the distance between slices where there is one slice."""
    for keyword in ("SpacingBetweenSlices", "SliceThickness"):
        told = piece.number(keyword)
        if told is not None and told > 0:
            return told, (f"one slice: {keyword}, {told:g} mm, taken as its extent",)
    msg = (
        f"{piece.path}: one slice, and neither SliceThickness nor SpacingBetweenSlices says how "
        "thick, wanted a length in mm; export the whole series, or correct the header"
    )
    raise InputError(msg, code="spacing_missing")


def _compared(slices: Sequence[Slice], spacing: float) -> tuple[str, ...]:
    """Return a note where the tags on the distance say something else than the positions."""
    notes = []
    for keyword in ("SliceThickness", "SpacingBetweenSlices"):
        told = {abs(number) for piece in slices if (number := piece.number(keyword))}
        others = sorted(number for number in told if abs(number - spacing) > NOTED * spacing)
        if others:
            notes.append(
                f"{keyword} is {others[0]:.4g} mm, slices lie {spacing:.4g} mm apart: the "
                "positions count"
            )
    return tuple(notes)


def _displaced(stack: Stack, *, source: str) -> tuple[str, ...]:
    """Return a note on slices shifted or turned against the first, or refuse them."""
    first = stack.slices[0]
    shifts, turns = _shifts(stack), _turns(stack)
    if (worst := int(np.argmax(shifts))) and shifts[worst] > IN_LINE:
        msg = (
            f"{source}: slices do not lie straight above each other ({stack.slices[worst]} is "
            f"{shifts[worst]:.3g} pixels beside {first}), as with a tilted gantry, wanted axes at "
            "right angles; resample the series to an upright grid"
        )
        raise InputError(msg, code="sheared_axes")
    if (worst := int(np.argmax(turns))) and turns[worst] > IN_LINE:
        msg = (
            f"{source}: {stack.slices[worst]} is turned against {first} by up to "
            f"{turns[worst]:.2g} voxels, wanted parallel slices; export each stack as a series of "
            "its own"
        )
        raise InputError(msg, code="slices_not_parallel")
    if max(shifts.max(), turns.max()) <= NOTED_SHIFT:
        return ()
    off = max(shifts.max(), turns.max())
    return (f"slices are up to {off:.2g} pixels out of line: taken as straight",)


def _shifts(stack: Stack) -> Array:
    """Return by how many pixels each slice lies beside the first, within the plane."""
    plane = np.reshape(stack.grid.direction, (3, 3))[:, :2]
    positions = np.array([piece.position for piece in stack.slices])
    return np.abs((positions - positions[0]) @ plane / stack.grid.spacing[:0:-1]).max(axis=1)


def _turns(stack: Stack) -> Array:
    """Return by how many voxels the far corner of each slice is turned away from the first's."""
    _, n_rows, n_columns = stack.grid.shape
    _, row_spacing, column_spacing = stack.grid.spacing
    extent = np.array([n_columns * column_spacing, n_rows * row_spacing])
    told = np.array([piece.orientation for piece in stack.slices])
    corners = np.abs(extent @ (told - told[0]))
    return corners.max(axis=1) / min(stack.grid.spacing)


def _gaps(stack: Stack, *, missing: str, source: str) -> tuple[str, ...]:
    """Return a note on the gaps that are to be filled, or refuse them."""
    if not stack.missing:
        return ()
    before = dict(zip(stack.indices, stack.slices, strict=True))
    listed = []
    for index in stack.missing[:MOST_LISTED]:
        place = ", ".join(f"{p:.4g}" for p in stack.grid.to_world((index, 0, 0)))
        last = before[max(i for i in before if i < index)]
        following = before[min(i for i in before if i > index)]
        listed.append(f"at ({place}) mm, between {last} and {following}")
    n_more = len(stack.missing) - len(listed)
    said = "; ".join(listed) + (f" and {n_more} more" if n_more else "")
    count = f"{len(stack.missing)} of {stack.grid.shape[0]} slices"
    if missing == "refuse":
        msg = (
            f"{source}: {count} missing: {said}; copy the series again, or ask for "
            'missing_slices="interpolate"'
        )
        raise InputError(msg, code="slice_missing")
    return (f"interpolated {count} that are missing: {said}",)
