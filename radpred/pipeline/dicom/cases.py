"""From DICOM headers to a table of cases: drawings, scans and doses tied by their UIDs.

A structure set or a segmentation goes with the series that it says it was drawn on. Where it does
not say, it goes with the scans of its patient in its frame of reference, and that is noted. Scans
of other modalities in the same frame of reference stand beside, one column a modality.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from hashlib import sha256
from pathlib import Path

import pandas as pd

from radpred.cohort import Verdict
from radpred.errors import InputError, RadpredError
from radpred.io import Drawing, Headers, Series, drawing_of
from radpred.pipeline.dicom.scans import DRAWN, Scans, scans_of

STAGE = "from_dicom"
RESERVED = {"", "auto", "all", "na", "nan", "?"}  # mask_label means something else by these
LEAST_IMAGES = 3
_NUMBER = re.compile(r"[+-]?[\d.]+(e[+-]?\d+)?")
N_LISTED = 30


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Which of what a folder holds becomes cases; patterns as of file names, capitals aside.

    Parameters
    ----------
    structures : tuple of str
        Patterns of names of structures and segments; all where there are none.
    modalities : tuple of str
        Modalities of scans, as CT; all where there are none.
    series : tuple of str
        Patterns of descriptions of scans; all where there are none.
    is_drawn_only : bool
        Whether only the scan that a lesion was drawn on is named, in a column ``image``.
    """

    structures: tuple[str, ...] = ()
    modalities: tuple[str, ...] = ()
    series: tuple[str, ...] = ()
    is_drawn_only: bool = False

    def takes_structure(self, name: str) -> bool:
        """Tell whether a structure is wanted."""
        return _matches(name, self.structures)

    def takes_scan(self, series: Series) -> bool:
        """Tell whether a scan is wanted."""
        return _matches(series.modality, self.modalities) and _matches(
            series.description, self.series
        )


@dataclass(frozen=True, kw_only=True)
class DicomCases:
    """A table of cases, a verdict on each and on what became none, and who is who.

    Parameters
    ----------
    table : DataFrame
        As `radpred.cohort.check_cases` reads it, paths as they were found.
    verdicts : list of Verdict
        On cases, and on drawings, patients and files that became none.
    people : dict of str to str
        PatientID, as files say it, to the ``patient_id`` of the table.
    """

    table: pd.DataFrame
    verdicts: list[Verdict]
    people: dict[str, str]


@dataclass
class _Patient:
    """What has been found of one patient so far."""

    patient_id: str
    person: str
    rows: list[dict[str, str]] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)

    def reject(self, code: str, came: str, *, wanted: str = "", todo: str = "") -> None:
        """Add the verdict on something of the patient that is no case."""
        self.verdicts.append(
            Verdict("", self.patient_id, STAGE, "rejected", code, came, wanted, todo)
        )


@dataclass(frozen=True)
class _Linked:
    """The scans of a drawing by modality, whether any is left out, and what is to be known."""

    images: dict[str, Series]
    notes: tuple[tuple[str, str], ...] = ()


def dicom_cases(
    headers: Headers, choice: Choice, *, known: Mapping[str, str] | None = None
) -> DicomCases:
    """Return a case for each structure and segment of the scans in a folder.

    Parameters
    ----------
    headers : Headers
        Of the folder, from `radpred.io.scan_folder`.
    choice : Choice
        What is wanted of it.
    known : dict of str to str, optional
        PatientID to patient_id of an earlier table, whose patients keep theirs.
    """
    scans = scans_of(headers)
    people = _people(headers.series, known or {})
    own: dict[str, list[Series]] = {}
    for series in headers.series:
        own.setdefault(_person(series), []).append(series)
    patients = [
        _of_patient(_Patient(patient_id, person), own[person], scans, choice)
        for person, patient_id in sorted(people.items(), key=lambda item: item[1])
        if person in own
    ]
    rows = [row for patient in patients for row in patient.rows]
    table = _table(rows, is_drawn_only=choice.is_drawn_only)
    verdicts = [verdict for patient in patients for verdict in patient.verdicts]
    return DicomCases(
        table=table,
        verdicts=[*_incomplete(verdicts, table), *_unreadable(headers.unreadable)],
        people=people,
    )


def _matches(text: str, patterns: Sequence[str]) -> bool:
    """Tell whether a text is as one of the patterns says, capitals aside, or there are none."""
    return not patterns or any(fnmatchcase(text.casefold(), p.casefold()) for p in patterns)


def _person(series: Series) -> str:
    """Return whose a series is: its PatientID, or where that is empty its study."""
    return series.patient_id or f"study {series.study_uid}"


def _people(series: Iterable[Series], known: Mapping[str, str]) -> dict[str, str]:
    """Return a patient_id for each person: a number in the order of a hash, which tells nothing."""
    found = {_person(one) for one in series}
    new = sorted(found - set(known), key=lambda person: sha256(person.encode()).hexdigest())
    used = [int(name[1:]) for name in known.values() if name[1:].isdecimal()]
    first = max(used, default=0) + 1
    return dict(known) | {person: f"P{n:04d}" for n, person in enumerate(new, start=first)}


def _of_patient(patient: _Patient, own: Sequence[Series], scans: Scans, choice: Choice) -> _Patient:
    """Return what the series of a patient give."""
    drawings = [series for series in own if series.modality in DRAWN]
    for series in sorted(drawings, key=lambda s: (s.date, s.uid)):
        for path in series.files:
            try:
                _add(patient, path, drawing_of(path), scans, choice)
            except RadpredError as error:
                patient.verdicts.append(
                    Verdict.rejected("", patient.patient_id, stage=STAGE, error=error)
                )
    if not drawings:
        patient.reject(
            "no_mask",
            f"{len(own)} series, and no structure set or segmentation among them",
            wanted="an RTSTRUCT or a DICOM SEG file of every patient",
            todo="add it, or give masks of another kind in a table of your own",
        )
    elif not patient.rows and not patient.verdicts:
        names = ", ".join(dict.fromkeys(patient.seen[:N_LISTED])) or "none"
        patient.reject(
            "structure_missing",
            f"no structure is called {' or '.join(choice.structures)}; there are {names}",
            wanted="a structure or segment by that name",
            todo="give another pattern by --structure",
        )
    return patient


def _add(patient: _Patient, path: Path, drawing: Drawing, scans: Scans, choice: Choice) -> None:
    """Add a case for each wanted structure or segment of a file.

    Raises
    ------
    InputError
        ``reference_missing``, ``patient_differs``, ``modality_missing``, ``dicom_several_series``.
    """
    patient.seen += [thing.name for thing in drawing.things]
    wanted = [thing for thing in drawing.things if choice.takes_structure(thing.name)]
    if not wanted:
        return
    linked = _linked(patient.person, path, drawing, scans, choice)
    names = [thing.name.casefold() for thing in drawing.things]
    doses = scans.doses_in(drawing, linked.images.values())
    for thing in wanted:
        if thing.is_empty:
            patient.reject(
                f"{drawing.kind}_empty",
                f"{path}: {drawing.kind} {thing} is declared and nothing is drawn",
                wanted="a lesion",
                todo="draw it, or leave it out by --structure",
            )
            continue
        name = thing.name.casefold()
        has_name = names.count(name) == 1 and name not in RESERVED and not _NUMBER.fullmatch(name)
        case_id = f"{patient.patient_id}_{len(patient.rows) + 1}"
        patient.rows.append(
            {"case_id": case_id, "patient_id": patient.patient_id}
            | {f"image_{m.lower()}": scans.sources[s.uid] for m, s in linked.images.items()}
            | {"mask": str(path), "mask_label": thing.name if has_name else str(thing.number)}
            | {"dose": doses[0] if len(doses) == 1 else ""}
        )
        patient.verdicts.append(_accepted(case_id, patient.patient_id, linked))


def _accepted(case_id: str, patient_id: str, linked: _Linked) -> Verdict:
    """Return the verdict on a case, noted where there is something to be known."""
    if not linked.notes:
        return Verdict.accepted(case_id, patient_id, stage=STAGE)
    return Verdict.noted(
        case_id,
        patient_id,
        stage=STAGE,
        code=linked.notes[0][0],
        came="; ".join(text for _, text in linked.notes),
        todo="look at the case if the note surprises you",
    )


def _linked(person: str, path: Path, drawing: Drawing, scans: Scans, choice: Choice) -> _Linked:
    """Return the scans that a drawing goes with, one a modality."""
    there = [scans.every[uid] for uid in sorted(drawing.references) if uid in scans.every]
    notes = _on_references(path, drawing, there, scans)
    if any(_person(series) != person for series in there):
        msg = (
            f"{path}: drawn on a series of another PatientID; correct the ids of one of them, or "
            "remove the file"
        )
        raise InputError(msg, code="patient_differs")
    frames = frozenset(s.frame_of_reference for s in there) - {""} or drawing.frames
    beside = [
        series
        for series in scans.every.values()
        if series.frame_of_reference in frames and _person(series) == person
    ]
    if not (there or beside):
        uids = _listed(sorted(drawing.frames))
        msg = (
            f"{path}: names no series, and its frame of reference {uids} is that of no scan in the "
            "folder; add its scan, or remove the file"
        )
        raise InputError(msg, code="reference_missing")
    images = {s.modality: s for s in there if choice.takes_scan(s)}
    several = [s for s in there if choice.takes_scan(s) and images[s.modality] is not s]
    if not choice.is_drawn_only or not there:
        more, left_out = _beside([s for s in beside if choice.takes_scan(s)], images)
        images |= more
        notes += left_out
    if several or not images or (choice.is_drawn_only and len(images) > 1):
        code = "dicom_several_series" if several or images or notes else "modality_missing"
        msg = (
            f"{path}: goes with {_described([*there, *beside])}, wanted one of each modality; "
            "choose by --modality or --series"
        )
        raise InputError(msg, code=code)
    return _Linked(images, tuple(notes))


def _on_references(
    path: Path, drawing: Drawing, there: Sequence[Series], scans: Scans
) -> list[tuple[str, str]]:
    """Return notes on the series that a drawing names, or refuse one that names none there is."""
    if not drawing.references:
        return [("reference_by_frame", "names no series: tied by its frame of reference")]
    lost = sorted(drawing.references - set(scans.every))
    if lost and not there:
        msg = (
            f"{path}: drawn on the series {_listed(lost)}, which is not in the folder; add that "
            "series, or remove the file"
        )
        raise InputError(msg, code="reference_missing")
    if lost:
        return [("reference_missing", f"drawn, too, on {_listed(lost)}, not in the folder")]
    return []


def _beside(
    beside: Sequence[Series], images: Mapping[str, Series]
) -> tuple[dict[str, Series], list[tuple[str, str]]]:
    """Return the only scan of each further modality, and notes on those that are several."""
    found: dict[str, list[Series]] = {}
    for series in beside:
        if series.modality not in images:
            found.setdefault(series.modality, []).append(series)
    chosen: dict[str, Series] = {}
    notes = []
    for modality, several in found.items():
        # Fewer pictures are a scout beside the scan.
        volumes = [series for series in several if series.n_images >= LEAST_IMAGES] or several
        if len(volumes) == 1:
            chosen[modality] = volumes[0]
        else:
            notes.append(
                ("series_left_out", f"left out, as they are several: {_described(volumes)}")
            )
    return chosen, notes


def _described(series: Iterable[Series]) -> str:
    """Return series as a person would list them."""
    found = {s.uid: f"{s.modality} {s.description!r} ({s.n_images} images)" for s in series}
    return _listed(list(found.values()))


def _listed(names: Sequence[str]) -> str:
    """Return the first names, and how many more there are."""
    more = f" and {len(names) - N_LISTED} more" if len(names) > N_LISTED else ""
    return (", ".join(names[:N_LISTED]) or "(none)") + more


def _incomplete(verdicts: Iterable[Verdict], table: pd.DataFrame) -> list[Verdict]:
    """Return verdicts with a note on cases that lack a modality which others have."""
    images = [name for name in table.columns if name.startswith("image_")]
    lacking = {
        row["case_id"]: [name for name in images if not row[name]]
        for row in table.to_dict("records")
    }
    return [
        replace(
            verdict,
            status="noted",
            code="modality_missing",
            came="; ".join(filter(None, (f"no {', '.join(absent)}", verdict.came))),
            wanted="the same image columns for every case: such rows are rejected as they are",
            todo="add the scans, take the rows out, or choose by --modality or --drawn-only",
        )
        if (absent := lacking.get(verdict.case_id))
        else verdict
        for verdict in verdicts
    ]


def _unreadable(files: Sequence[Path]) -> list[Verdict]:
    """Return the verdict on files that are damaged, if there are any."""
    if not files:
        return []
    came = f"{len(files)} damaged DICOM files: {_listed([str(path) for path in files])}"
    todo = "copy them again, or remove them"
    verdict = Verdict("", "", STAGE, "rejected", "unreadable_file", came, "whole files", todo)
    return [verdict]


def _table(rows: Sequence[dict[str, str]], *, is_drawn_only: bool) -> pd.DataFrame:
    """Return rows as a table of cases: one column ``image`` where there is one modality."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    images = [name for name in names if name.startswith("image_")]
    columns = ["case_id", "patient_id", *sorted(images), "mask", "mask_label", "dose"]
    frame = pd.DataFrame(rows, columns=columns, dtype=str).fillna("")
    if is_drawn_only or len(images) == 1:
        frame.insert(2, "image", frame[images].agg("".join, axis=1) if len(frame) else "")
        frame = frame.drop(columns=images)
    return frame if (frame["dose"] != "").any() else frame.drop(columns="dose")
