"""How long before a PET scan the radiopharmaceutical was given, by dates and times of day."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from radpred.errors import InputError
from radpred.io.dicom.scans.slices import Slice
from radpred.io.dicom.values import (
    EPOCH,
    day_of,
    moment_of,
    private_tags,
    private_text,
    seconds_of,
    text_of,
    value_of,
)

GE, GE_GROUP, GE_SCAN_TIME = "GEMS_PETD_01", 0x0009, 0x0D
UPTAKE_TAGS: tuple[str | int, ...] = (
    *("RadiopharmaceuticalInformationSequence", "ActualFrameDuration", "SeriesDate"),
    *("SeriesTime", "AcquisitionDateTime", "AcquisitionDate", "AcquisitionTime"),
    "TimezoneOffsetFromUTC",
    *private_tags(GE_GROUP, GE_SCAN_TIME),
)
DAY = 86400.0
MOST_HALF_LIVES = 10.0  # from the injection to the scan: nothing would be left to see
MOST_UNDATED = 5.0  # half-lives, where the day of the injection is inferred
LONGEST_UNDATED = 12 * 3600.0  # half-life in seconds beyond which days matter more than hours
RAW = 'or ask for pet="stored" to have the values as they are'


@dataclass(frozen=True, kw_only=True)
class Moment:
    """A time of day, and its day where one is told.

    Parameters
    ----------
    seconds : float
        Since 1970 where there is a day, otherwise since midnight.
    has_day : bool
        Whether the day is told.
    tag : str
        Where it was read.
    """

    seconds: float
    has_day: bool
    tag: str

    def __str__(self) -> str:
        """Return it as a person would say it."""
        moment = EPOCH + timedelta(seconds=self.seconds)
        return f"{moment:%Y-%m-%d %H:%M:%S}" if self.has_day else f"{moment:%H:%M:%S}"


def not_computable(source: str, came: str) -> InputError:
    """Return the error on a series whose SUV cannot be known."""
    msg = f"{source}: SUV cannot be computed: {came}; complete the header, {RAW}"
    return InputError(msg, code="suv_not_computable")


def drug_of(piece: Slice) -> Any:
    """Return what is said of the radiopharmaceutical, an empty dataset where nothing is."""
    items = value_of(piece.header, "RadiopharmaceuticalInformationSequence")
    return items[0] if items else {}


def scan_start(series: Sequence[Slice], *, source: str) -> Moment:
    """Return when the scan of a series started.

    Raises
    ------
    InputError
        ``suv_not_computable``.
    """
    acquired = [moment for piece in series if (moment := _acquired(piece))]
    first = min(acquired, key=lambda moment: (not moment.has_day, moment.seconds), default=None)
    started = _moment(series[0], "", "SeriesDate", "SeriesTime")
    if started is not None and first is not None:
        started, first = _on_day_of(started, first), _on_day_of(first, started)
    if started is not None and (first is None or started.seconds <= first.seconds):
        return started
    by_ge = moment_of(private_text(series[0].header, GE_GROUP, GE, GE_SCAN_TIME))
    if by_ge is not None:
        seconds = (by_ge[0] - EPOCH).total_seconds()
        return Moment(seconds=seconds, has_day=True, tag="GE's scan time (0009,100D)")
    if first is None:
        raise not_computable(source, "SeriesTime and AcquisitionTime are missing")
    why = ", SeriesTime being later" if started is not None else ""
    return replace(first, tag=f"the earliest {first.tag}{why}")


def _on_day_of(moment: Moment, other: Moment) -> Moment:
    """Return a moment without a day on the day of another, if that has one."""
    if moment.has_day or not other.has_day:
        return moment
    return replace(moment, seconds=other.seconds // DAY * DAY + moment.seconds, has_day=True)


def _acquired(piece: Slice) -> Moment | None:
    """Return when the acquisition of a slice started."""
    return _moment(piece, "AcquisitionDateTime", "AcquisitionDate", "AcquisitionTime")


def mean_count(piece: Slice, half_life: float, *, source: str) -> Moment:
    """Return the moment within a slice's acquisition at which its mean count rate falls.

    Raises
    ------
    InputError
        ``suv_not_computable``.
    """
    start = _acquired(piece)
    if start is None:
        raise not_computable(source, f"AcquisitionTime is missing in {piece}")
    duration = (piece.number("ActualFrameDuration") or 0.0) / 1000.0
    decay = math.log(2.0) * duration / half_life
    # The mean of an exponential over a frame is reached a little before its middle.
    inner = math.log(decay / -math.expm1(-decay)) / decay * duration if decay > 1e-9 else 0.0
    return Moment(
        seconds=start.seconds + inner,
        has_day=start.has_day,
        tag="each slice's AcquisitionTime at its mean count rate",
    )


def uptake_of(piece: Slice, scan: Moment, half_life: float, *, source: str) -> tuple[float, str]:
    """Return the seconds from the injection to the scan, and the tag of the injection.

    Parameters
    ----------
    piece : Slice
        Whose header tells of the injection.
    scan : Moment
        What the decay correction refers to.
    half_life : float
        In seconds.
    source : str
        What messages call the series.

    Raises
    ------
    InputError
        ``pet_time_backwards`` or ``suv_not_computable``.
    """
    injected = _injected(piece, source=source)
    if injected.has_day and scan.has_day:
        uptake, tag = scan.seconds - injected.seconds, injected.tag
    else:
        uptake, tag = _undated(injected, scan, half_life, source=source)
    if uptake < 0:
        msg = (
            f"{source}: the injection ({injected.tag}, {injected}) is {-uptake:.0f} s after the "
            f"scan ({scan.tag}, {scan}), wanted it before; dates may have been removed or changed: "
            f"restore them, {RAW}"
        )
        raise InputError(msg, code="pet_time_backwards")
    if uptake > MOST_HALF_LIVES * half_life:
        came = (
            f"the injection ({injected.tag}, {injected}) is {uptake / half_life:.4g} half-lives "
            f"before the scan ({scan.tag}, {scan})"
        )
        raise not_computable(source, came)
    return uptake, tag


def _undated(injected: Moment, scan: Moment, half_life: float, *, source: str) -> tuple[float, str]:
    """Return the seconds from injection to scan by the times of day, and the injection's tag."""
    if half_life > LONGEST_UNDATED:
        came = (
            "the date of injection or scan (RadiopharmaceuticalStartDateTime, SeriesDate) is "
            f"missing, and with a half-life of {half_life / 3600:.3g} h the day matters"
        )
        raise not_computable(source, came)
    uptake = scan.seconds % DAY - injected.seconds % DAY
    # Where the scan tells its date, none was removed: the injection's was never written, as
    # before RadiopharmaceuticalStartDateTime came into use, and only midnight lies between.
    if uptake < 0 and scan.has_day and uptake + DAY <= MOST_UNDATED * half_life:
        return uptake + DAY, f"{injected.tag} (the day before, by the time of day)"
    return uptake, injected.tag


def _injected(piece: Slice, *, source: str) -> Moment:
    """Return when the radiopharmaceutical was given, in the scanner's own time zone."""
    drug = drug_of(piece)
    tag = "RadiopharmaceuticalStartDateTime"
    moment = moment_of(text_of(drug, tag))
    if moment is not None:
        stamp, zone = moment
        here = moment_of(f"19700101000000{piece.text('TimezoneOffsetFromUTC')}")
        if zone is not None and here is not None and here[1] is not None:
            stamp += timedelta(seconds=here[1] - zone)
        return Moment(seconds=(stamp - EPOCH).total_seconds(), has_day=True, tag=tag)
    tag = "RadiopharmaceuticalStartTime"
    seconds = seconds_of(text_of(drug, tag))
    if seconds is None:
        came = f"{tag} is missing, and RadiopharmaceuticalStartDateTime too"
        raise not_computable(source, came)
    return Moment(seconds=seconds, has_day=False, tag=tag)


def _moment(piece: Slice, both: str, day: str, time: str) -> Moment | None:
    """Return a date and time from one tag (if named), or from two, the date where there is one."""
    if both and (told := moment_of(piece.text(both))):
        seconds = (told[0] - EPOCH).total_seconds()
        return Moment(seconds=seconds, has_day=True, tag=both)
    seconds_of_day = seconds_of(piece.text(time))
    if seconds_of_day is None:
        return None
    midnight = day_of(piece.text(day))
    since = 0.0 if midnight is None else (midnight - EPOCH).total_seconds()
    return Moment(seconds=since + seconds_of_day, has_day=midnight is not None, tag=time)
