"""Which slices of a series make one volume: parallel, of one size, in one unit."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from radpred.errors import InputError
from radpred.image import Array
from radpred.io.dicom.scans.slices import Slice, named

SAME_COSINE = 1e-3  # what differs more is another orientation; what differs less `stack` judges
SQUARE_COSINE = 1e-2
SAME_SPACING = 1e-3  # relative
MOST_SCOUTS = 2
MOST_SCOUTS_PART = 0.1
COLOURS = ("RGB", "YBR", "PALETTE", "ARGB", "HSV", "CMYK")


def volume_slices(slices: Sequence[Slice], *, source: str) -> tuple[list[Slice], tuple[str, ...]]:
    """Return the slices that lie parallel and match, and what was set aside.

    A scout (localiser) in the same series, of another orientation and one of few, is set aside.

    Raises
    ------
    InputError
        ``slices_not_parallel``, ``slices_differ``, ``rescale_differs_units`` or what `Slice` says
        of one that cannot be placed.
    """
    rest, scouts = _without_unplaced_scouts(slices)
    groups = _by_orientation(rest)
    kept = max(groups, key=len)
    others = [piece for group in groups if group is not kept for piece in group]
    if len(others) > max(MOST_SCOUTS, MOST_SCOUTS_PART * len(kept)) or len(others) >= len(kept):
        sizes = ", ".join(f"{len(group)} like {group[0]}" for group in groups)
        msg = (
            f"{source}: slices of {len(groups)} orientations ({sizes}), wanted parallel ones; "
            "export each stack as a series of its own"
        )
        raise InputError(msg, code="slices_not_parallel")
    scouts += others
    _refuse_different(kept, source=source)
    _refuse_units(kept, source=source)
    note = f"set aside {len(scouts)} of another orientation: {named(scouts)}"
    return kept, (note,) if scouts else ()


def axes_of(told: Array) -> Array:
    """Return unit vectors along a row, down a column and along the normal, at right angles.

    Parameters
    ----------
    told : array, shape (2, 3)
        The directions of a row and of a column as a header says them.

    Raises
    ------
    ValueError
        They are not two directions at right angles, even roughly.
    """
    lengths = np.linalg.norm(told, axis=1)
    if np.abs(lengths - 1.0).max() > SQUARE_COSINE or abs(told[0] @ told[1]) > SQUARE_COSINE:
        msg = "not two unit vectors at right angles"
        raise ValueError(msg)
    row = told[0] / lengths[0]
    column = told[1] - (told[1] @ row) * row
    column /= np.linalg.norm(column)
    return np.array([row, column, np.cross(row, column)])


def refuse_pictures(slices: Sequence[Slice]) -> None:
    """Refuse pictures in colours, and those that hold many slices side by side.

    Raises
    ------
    InputError
        ``colour_image`` or ``mosaic_image``.
    """
    for piece in slices:
        if "MOSAIC" in piece.text("ImageType").split("\\"):
            msg = (
                f"{piece.path}: ImageType MOSAIC, many slices in one picture, wanted one slice; "
                "convert the series to NIfTI by the maker's tool or dcm2niix"
            )
            raise InputError(msg, code="mosaic_image")
        n_channels = int(piece.number("SamplesPerPixel") or 1)
        kind = piece.text("PhotometricInterpretation")
        if n_channels != 1 or kind.startswith(COLOURS):
            came = f"{n_channels} channels" if n_channels != 1 else "colours by a palette"
            msg = (
                f"{piece.path}: {came} ({kind}), wanted one number a pixel; give the scan, not a "
                "picture of it"
            )
            raise InputError(msg, code="colour_image")


def _without_unplaced_scouts(slices: Sequence[Slice]) -> tuple[list[Slice], list[Slice]]:
    """Return the slices, and the scouts among them that do not even say where they lie."""
    unplaced = [
        piece
        for piece in slices
        if "LOCALIZER" in piece.text("ImageType").upper()
        and piece.numbers("ImageOrientationPatient", n=6) is None
    ]
    if len(unplaced) == len(slices):
        return list(slices), []
    return [piece for piece in slices if piece not in unplaced], unplaced


def _by_orientation(slices: Sequence[Slice]) -> list[list[Slice]]:
    """Return the slices in groups of one orientation."""
    groups: list[list[Slice]] = []
    for piece in slices:
        for group in groups:
            if np.abs(piece.orientation - group[0].orientation).max() < SAME_COSINE:
                group.append(piece)
                break
        else:
            groups.append([piece])
    return groups


def _refuse_different(slices: Sequence[Slice], *, source: str) -> None:
    """Refuse slices of several sizes or pixel spacings."""
    _refuse_unlike(
        slices,
        lambda piece: piece.size == slices[0].size,
        lambda piece: "{} x {} pixels".format(*piece.size),
        source=source,
    )
    spacing = np.array(slices[0].pixel_spacing)
    _refuse_unlike(
        slices,
        lambda piece: bool(np.allclose(piece.pixel_spacing, spacing, rtol=SAME_SPACING)),
        lambda piece: "pixels of {:g} x {:g} mm".format(*piece.pixel_spacing),
        source=source,
    )


def _refuse_unlike(
    slices: Sequence[Slice],
    is_alike: Callable[[Slice], bool],
    said: Callable[[Slice], str],
    *,
    source: str,
) -> None:
    """Refuse slices that differ from the first in one thing."""
    unlike = [piece for piece in slices if not is_alike(piece)]
    if unlike:
        msg = (
            f"{source}: {slices[0]} has {said(slices[0])}, and {len(unlike)} of {len(slices)} "
            f"differ ({named(unlike)}: {said(unlike[0])}), wanted slices that match; export each "
            "stack as a series of its own"
        )
        raise InputError(msg, code="slices_differ")


def _refuse_units(slices: Sequence[Slice], *, source: str) -> None:
    """Refuse slices whose numbers mean different things."""
    for keyword in ("RescaleType", "Units"):
        units = {piece.text(keyword) for piece in slices}
        if len(units) > 1:
            listed = ", ".join(sorted(repr(unit) for unit in units))
            msg = (
                f"{source}: slices in several units, {keyword} is {listed}; wanted one unit; "
                "export the series again"
            )
            raise InputError(msg, code="rescale_differs_units")
    are_scaled = {piece.number("RescaleSlope") is not None for piece in slices}
    if len(are_scaled) > 1:
        unscaled = [piece for piece in slices if piece.number("RescaleSlope") is None]
        msg = (
            f"{source}: no RescaleSlope in {len(unscaled)} of {len(slices)} slices "
            f"({named(unscaled)}), so that their unit is another; export the series again"
        )
        raise InputError(msg, code="rescale_differs_units")
