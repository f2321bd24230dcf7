"""The scans and dose grids among DICOM series, and how a table of cases names each."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from radpred.io import Drawing, Headers, Series
from radpred.io.dicom.scans.series import NOT_IMAGES
from radpred.sources import joined_source

DRAWN = ("RTSTRUCT", "SEG")
DOSE = "RTDOSE"


@dataclass(frozen=True, kw_only=True)
class Scans:
    """The scans of a folder.

    Parameters
    ----------
    every : dict of str to Series
        By UID.
    doses : tuple of Series
        Dose grids.
    sources : dict of str to str
        UID of a scan to the source that `radpred.io.read_image` reads.
    """

    every: dict[str, Series]
    doses: tuple[Series, ...]
    sources: dict[str, str]

    def doses_in(self, drawing: Drawing, images: Iterable[Series]) -> list[str]:
        """Return the dose grids of a drawing's patient in its frame of reference."""
        images = list(images)
        patients = {series.patient_id for series in images}
        frames = drawing.frames | {series.frame_of_reference for series in images}
        return [
            str(path)
            for dose in self.doses
            if dose.patient_id in patients and dose.frame_of_reference in frames - {""}
            for path in dose.files
        ]


def scans_of(headers: Headers) -> Scans:
    """Return the scans and dose grids among the series of a folder."""
    every = {
        series.uid: series
        for series in headers.series
        if series.n_images and series.modality not in NOT_IMAGES
    }
    return Scans(
        every=every,
        doses=tuple(series for series in headers.series if series.modality == DOSE),
        sources=_sources(list(every.values()), headers.unreadable),
    )


def _sources(scans: Sequence[Series], unreadable: Sequence[Path]) -> dict[str, str]:
    """Return the source of each scan: its folder, with its UID where that holds another scan.

    A damaged file in the folder counts as one.
    """
    held: dict[Path, set[str]] = {}
    for uid, files in [*((s.uid, s.files) for s in scans), ("", tuple(unreadable))]:
        for folder in {folder for path in {f.parent for f in files} for folder in _upwards(path)}:
            held.setdefault(folder, set()).add(uid)
    sources = {}
    for series in scans:
        if len(series.files) == 1 and series.n_images > 1:
            sources[series.uid] = str(series.files[0])
            continue
        folder = Path(os.path.commonpath([path.parent for path in series.files]))
        is_alone = held[folder] == {series.uid}
        sources[series.uid] = joined_source(folder, "" if is_alone else series.uid)
    return sources


def _upwards(folder: Path) -> tuple[Path, ...]:
    """Return a folder and those that it lies in."""
    return (folder, *folder.parents)
