"""Values of DICOM headers as plain text and numbers: a damaged tag counts as absent."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

EPOCH = datetime(1970, 1, 1)  # of the scanner's own clock: dates of one file are compared
BLOCKS = (0x10, 0x11, 0x12, 0x13)  # where private tags may stand in their group


@contextmanager
def quietly() -> Iterator[None]:
    """Let pydicom read values that break the standard's rules, without a word about each."""
    from pydicom.config import disable_value_validation

    with warnings.catch_warnings(), disable_value_validation():
        warnings.simplefilter("ignore")
        yield


def value_of(dataset: Any, keyword: str) -> Any:
    """Return the value of a tag, None where it is absent, empty or damaged."""
    try:
        value = dataset.get(keyword)
    except Exception:  # noqa: BLE001 - pydicom raises all there is where a value is damaged
        return None
    has_nothing = value is None or (hasattr(value, "__len__") and len(value) == 0)
    return None if has_nothing else value


def text_of(dataset: Any, keyword: str) -> str:
    """Return a tag as text, its parts parted by a backslash; "" where there is none."""
    value = value_of(dataset, keyword)
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.decode("latin-1").strip("\0 ")
    if isinstance(value, str) or not hasattr(value, "__iter__"):
        return str(value).strip("\0 ")
    return "\\".join(str(part).strip("\0 ") for part in value)


def numbers_of(dataset: Any, keyword: str, *, n: int = 1) -> tuple[float, ...] | None:
    """Return the ``n`` finite numbers of a tag, None where it does not hold just these."""
    value = value_of(dataset, keyword)
    if isinstance(value, bytes):
        value = value.decode("latin-1").strip("\0 ").split("\\")
    parts = [value] if isinstance(value, str) or not hasattr(value, "__iter__") else list(value)
    if value is None or len(parts) != n:
        return None
    try:
        numbers = tuple(float(part) for part in parts)
    except (TypeError, ValueError):
        return None
    return numbers if all(math.isfinite(number) for number in numbers) else None


def number_of(dataset: Any, keyword: str) -> float | None:
    """Return the finite number of a tag, None where there is none."""
    numbers = numbers_of(dataset, keyword)
    return None if numbers is None else numbers[0]


def day_of(text: str) -> datetime | None:
    """Return the midnight that starts a date (YYYYMMDD, or the old YYYY.MM.DD)."""
    digits = text.replace(".", "").replace("-", "")
    try:
        return datetime.strptime(digits, "%Y%m%d")
    except ValueError:
        return None


def seconds_of(text: str) -> float | None:
    """Return the seconds since midnight of a time (HHMMSS.F, shortened or with colons)."""
    whole, _, fraction = text.replace(":", "").partition(".")
    if not whole.isdigit() or len(whole) not in (2, 4, 6) or (fraction and not fraction.isdigit()):
        return None
    hours, minutes, seconds = (int(whole[at : at + 2] or 0) for at in (0, 2, 4))
    if hours > 23 or minutes > 59 or seconds > 60:
        return None
    return hours * 3600.0 + minutes * 60.0 + seconds + float(f"0.{fraction or 0}")


def moment_of(text: str) -> tuple[datetime, float | None] | None:
    """Return a date and time (YYYYMMDDHHMMSS.F&ZZXX), and its seconds from UTC where told.

    Parameters
    ----------
    text : str
        A value of type DT; one without a time of day counts as none.
    """
    stamp, offset = text, None
    for sign in "+-":
        stamp, found, zone = stamp.partition(sign)
        if found and len(zone) == 4 and zone.isdigit():
            offset = float(f"{sign}1") * (int(zone[:2]) * 3600 + int(zone[2:]) * 60)
    day, seconds = day_of(stamp[:8]), seconds_of(stamp[8:])
    if day is None or seconds is None:
        return None
    return day + timedelta(seconds=seconds), offset


def private_tags(group: int, *elements: int) -> tuple[int, ...]:
    """Return the numbers under which private tags of a group may stand, and their owners'."""
    owners = tuple((group << 16) + block for block in BLOCKS)
    tags = ((group << 16) + (block << 8) + element for block in BLOCKS for element in elements)
    return (*owners, *tags)


def private_text(header: Any, group: int, creator: str, element: int) -> str:
    """Return a private tag as text, "" where its owner did not write it."""
    for block in BLOCKS:
        owner = (group << 16) + block
        tag = (group << 16) + (block << 8) + element
        if tag in header and owner in header and _text(header[owner]).strip() == creator:
            return _text(header[tag])
    return ""


def _text(element: Any) -> str:
    """Return the value of a tag as text; one of unknown type comes as bytes."""
    value = element.value
    text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
    return text.strip("\0 ")
