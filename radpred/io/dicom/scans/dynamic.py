"""Several pictures at every position: which tag tells them apart, and which of them is meant.

The tags of `DIMENSIONS` are tried in their order; the first that tells the pictures at every
position apart, with the ranges of one point and the next apart over all positions, is taken. Echo
times and b-values come before times: a difference in them is no accident, while the times of such
pictures differ as a by-product. If none does, the first that at least orders the pictures at each
position is taken, as the trigger times of a beating heart do.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from radpred.errors import InputError
from radpred.io.dicom.scans.slices import Slice, named
from radpred.io.dicom.values import EPOCH, day_of, moment_of, seconds_of

MOST_LISTED = 12
DYNAMIC_TAGS: tuple[str | int, ...] = (
    *("TemporalPositionIdentifier", "DiffusionBValue", "EchoTime", "TriggerTime"),
    *("FrameReferenceTime", "AcquisitionDateTime", "AcquisitionDate", "AcquisitionTime"),
    *("ContentDate", "ContentTime", "AcquisitionNumber", "InversionTime", "FlipAngle"),
    0x0019100C,  # Siemens' b-value
)

Value = float | str


@dataclass(frozen=True, kw_only=True)
class Dimension:
    """A tag, or several of one meaning, that may tell pictures of one position apart.

    Parameters
    ----------
    name : str
        What messages call it.
    unit : str
        "" where it counts or is text.
    value : callable
        Returns the value of a slice, None where it has none.
    """

    name: str
    unit: str
    value: Callable[[Slice], Value | None]


def _number(*keywords: str) -> Callable[[Slice], Value | None]:
    """Return what reads the first of some tags that holds a number."""

    def read(piece: Slice) -> Value | None:
        numbers = (piece.number(keyword) for keyword in keywords)
        return next((number for number in numbers if number is not None), None)

    return read


def _moment(both: Sequence[str], day: str, time: str) -> Callable[[Slice], Value | None]:
    """Return what reads a date and time in seconds, from one tag or two."""

    def read(piece: Slice) -> Value | None:
        for keyword in both:
            if moment := moment_of(piece.text(keyword)):
                return (moment[0] - EPOCH).total_seconds()
        seconds = seconds_of(piece.text(time))
        midnight = day_of(piece.text(day))
        if seconds is None:
            return None
        return seconds if midnight is None else (midnight - EPOCH).total_seconds() + seconds

    return read


def _b_value(piece: Slice) -> Value | None:
    """Return the b-value, standard or Siemens' private one."""
    number = piece.number("DiffusionBValue")
    if number is None and 0x0019100C in piece.header:
        text = str(piece.header[0x0019100C].value)
        return float(text) if text.replace(".", "", 1).isdigit() else None
    return number


def _kind(piece: Slice) -> Value | None:
    """Return what kind of picture it is: magnitude or phase, water or fat."""
    return piece.text("ComplexImageComponent") or piece.text("ImageType") or None


DIMENSIONS = (
    Dimension(
        name="TemporalPositionIdentifier",
        unit="",
        value=_number("TemporalPositionIdentifier", "TemporalPositionIndex"),
    ),
    Dimension(name="DiffusionBValue", unit=" s/mm2", value=_b_value),
    Dimension(name="EchoTime", unit=" ms", value=_number("EchoTime", "EffectiveEchoTime")),
    Dimension(
        name="TriggerTime",
        unit=" ms",
        value=_number("TriggerTime", "NominalCardiacTriggerDelayTime"),
    ),
    Dimension(
        name="FrameReferenceTime",
        unit=" ms",
        value=_number("FrameReferenceTime", "TemporalPositionTimeOffset"),
    ),
    Dimension(
        name="AcquisitionTime",
        unit=" s",
        value=_moment(
            ("FrameAcquisitionDateTime", "FrameReferenceDateTime", "AcquisitionDateTime"),
            "AcquisitionDate",
            "AcquisitionTime",
        ),
    ),
    Dimension(name="ContentTime", unit=" s", value=_moment((), "ContentDate", "ContentTime")),
    Dimension(name="AcquisitionNumber", unit="", value=_number("AcquisitionNumber")),
    Dimension(name="InversionTime", unit=" ms", value=_number("InversionTime")),
    Dimension(name="FlipAngle", unit=" degrees", value=_number("FlipAngle")),
    Dimension(name="ImageType", unit="", value=_kind),
)


def at_timepoint(
    places: Sequence[Sequence[Slice]], timepoint: int | None, *, source: str
) -> tuple[list[Slice], tuple[str, ...]]:
    """Return one slice of each position, and a note on how several were told apart.

    Parameters
    ----------
    places : sequence of sequences of Slice
        The slices of each position, as `places_of` returns them.
    timepoint : int, optional
        Which to take where there are several, from 0.
    source : str
        What messages call the series.

    Raises
    ------
    InputError
        ``slice_doubled``, ``dynamic_series`` (several, and none chosen) or
        ``timepoint_missing``.
    """
    _refuse_copies(places, source=source)
    counts = Counter(len(place) for place in places)
    n_points = counts.most_common(1)[0][0]
    doubled = [place for place in places if len(place) > n_points]
    if doubled:
        raise _doubled(doubled, len(places), source=source)
    if n_points == 1:
        if timepoint:
            raise _no_timepoint(timepoint, "1 time point", source=source)
        return [place[0] for place in places], ()
    points, how, listed = _told_apart(places, n_points, source=source)
    if timepoint is None:
        msg = (
            f"{source}: {n_points} pictures at each of {len(places)} positions, told apart by "
            f"{how} ({listed}), wanted one volume; choose by timepoint=0 to {n_points - 1}, or "
            "split the series"
        )
        raise InputError(msg, code="dynamic_series")
    if not 0 <= timepoint < n_points:
        raise _no_timepoint(timepoint, f"{n_points} time points, from 0", source=source)
    note = f"took number {timepoint} of {n_points} by {how} ({listed})"
    return points[timepoint], (note,)


def _refuse_copies(places: Sequence[Sequence[Slice]], *, source: str) -> None:
    """Refuse a picture that is there twice, by its own UID."""
    for place in places if any(len(place) > 1 for place in places) else ():
        seen: dict[tuple[str, int], Slice] = {}
        for piece in place:
            uid = piece.text("SOPInstanceUID")
            other = seen.setdefault((uid, piece.frame), piece)
            if uid and other is not piece:
                msg = (
                    f"{source}: {other.path} and {piece.path} are one picture, by their "
                    "SOPInstanceUID, wanted it once; remove the copy"
                )
                raise InputError(msg, code="slice_doubled")


def _doubled(doubled: Sequence[Sequence[Slice]], n_places: int, *, source: str) -> InputError:
    """Return the error on positions with more slices than others."""
    listed = "; ".join(
        f"{named(place)} at ({', '.join(f'{p:.4g}' for p in place[0].position)}) mm"
        for place in doubled[:4]
    )
    more = f" and {len(doubled) - 4} more" if len(doubled) > 4 else ""
    msg = (
        f"{source}: more than one slice at {len(doubled)} of {n_places} positions: {listed}{more}; "
        "wanted one; remove those that do not belong, or export the series again"
    )
    return InputError(msg, code="slice_doubled")


def _no_timepoint(timepoint: int, there: str, *, source: str) -> InputError:
    """Return the error on a time point that is not there."""
    msg = f"{source}: {there}, wanted number {timepoint}; correct timepoint"
    return InputError(msg, code="timepoint_missing")


def _told_apart(
    places: Sequence[Sequence[Slice]], n_points: int, *, source: str
) -> tuple[list[list[Slice]], str, str]:
    """Return the slices of each time point, the tag that told them apart, and its values."""
    incomplete = [place for place in places if len(place) < n_points]
    if incomplete:
        msg = (
            f"{source}: {n_points} pictures at most positions, fewer at {len(incomplete)} of "
            f"{len(places)} ({named(incomplete[0])}): some are missing; copy the series again"
        )
        raise InputError(msg, code="slice_missing")
    for is_strict in (True, False):
        for dimension in DIMENSIONS:
            points = _ordered(places, dimension, is_strict=is_strict)
            if points is not None:
                how = dimension.name
                if not is_strict:
                    how += " within each position"
                return points, how, _listed(points, dimension)
    msg = (
        f"{source}: {n_points} pictures at each of {len(places)} positions, and no tag tells them "
        f"apart everywhere (tried {', '.join(d.name for d in DIMENSIONS)}); split the series, or "
        f"remove what is there twice ({named(places[0])})"
    )
    raise InputError(msg, code="slice_doubled")


def _ordered(
    places: Sequence[Sequence[Slice]], dimension: Dimension, *, is_strict: bool
) -> list[list[Slice]] | None:
    """Return the slices of each point by one tag, None where it does not tell them apart."""
    ordered = []
    for place in places:
        values = [dimension.value(piece) for piece in place]
        if None in values or len(set(values)) < len(values):
            return None
        ordered.append(sorted(zip(values, place, strict=True), key=_by_value))
    points = list(zip(*ordered, strict=True))
    if isinstance(points[0][0][0], str) or is_strict:
        ranges = [(min(v for v, _ in point), max(v for v, _ in point)) for point in points]
        if any(last >= first for (_, last), (first, _) in pairwise(ranges)):
            return None
    return [[piece for _, piece in point] for point in points]


def _by_value(pair: tuple[Any, Slice]) -> Any:
    """Return what a value with its slice is sorted by."""
    return pair[0]


def _listed(points: Sequence[Sequence[Slice]], dimension: Dimension) -> str:
    """Return the values of the time points as a message lists them."""
    values = [dimension.value(point[0]) for point in points]
    if dimension.unit == " s" and isinstance(values[0], float):
        start = values[0]
        values = [value - start for value in values if isinstance(value, float)]
    said = [f"{v:.6g}{dimension.unit}" if isinstance(v, float) else str(v) for v in values]
    text = ", ".join(f"{number}: {value}" for number, value in enumerate(said[:MOST_LISTED]))
    return f"{text} and {len(said) - MOST_LISTED} more" if len(said) > MOST_LISTED else text
