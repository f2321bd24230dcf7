"""The table of cases: one row a lesion, each with a verdict, none of which ends the cohort."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd

from radpred.cohort._cells import (
    as_text,
    is_missing,
    number_in,
)
from radpred.cohort._layout import Layout, layout_of, names_files
from radpred.cohort.case import Case
from radpred.cohort.prompts import (
    BOX,
    EXTREME_POINTS,
    POINT,
    WANTED,
    numbers_in,
    prompt_in,
)
from radpred.cohort.readers import joined_readers, reader_in
from radpred.cohort.retests import judge_retests
from radpred.cohort.verdict import Verdict
from radpred.errors import InputError
from radpred.sources import WHOLE_FILES, is_remote, is_whole, split_source

STAGE = "cases"


class _RowError(Exception):
    """Why a row cannot be used."""

    def __init__(self, code: str, came: str, *, wanted: str, todo: str) -> None:
        super().__init__(came)
        self.code, self.came, self.wanted, self.todo = code, came, wanted, todo


def check_cases(
    frame: pd.DataFrame,
    *,
    folder: Path,
    method: str,
    readers: str = "refused",
    has_tables: bool = False,
    has_storage: bool = False,
) -> tuple[list[Case], list[Verdict]]:
    """Return the rows that can be used as cases, and one verdict for every row, in its order.

    Ids are compared exactly, as text: ``P1`` is neither ``P10`` nor ``P01`` nor ``p1``. White
    space around an id is taken off and noted. Two rows with the same ``case_id`` are both
    rejected unless they are equal in every cell: then the first counts.

    Parameters
    ----------
    frame : DataFrame
        All cells text. Columns ``case_id``, ``patient_id``, and ``image`` or one ``image_<m>``
        for each modality m; with method ``given`` a ``mask``, or ``mask_<m>`` which goes before
        it, and no image at all where shape is all that is wanted; with any other method a
        ``box``, a ``point`` or ``extreme_points``: in each row one is enough, and extreme points
        go before a box, a box before a point.
        Optional ``mask_label``, ``organ_mask``, ``site``; and ``reader``, who drew the
        mask of a row: rows of one ``case_id`` with a reader each are one lesion; and
        ``retest_of``, the ``case_id`` whose lesion a row shows on a second scan.
    folder : Path
        Where relative paths start.
    method : str
        ``given``, or the name of a segmentation method.
    readers : str
        ``refused``, where every lesion is to have one mask, or how the readers' masks of a lesion
        become one: such a case has ``readers``, and no ``masks`` yet.
    has_tables : bool
        Whether features come from tables too: then images, masks and prompts may all be missing.
    has_storage : bool
        Whether images and masks may be objects in S3, which whoever asks looks for.

    Raises
    ------
    InputError
        The table has no rows, lacks a column, or has modalities that cannot be told apart.
    """
    text = as_text(frame)
    folder = Path(folder).absolute()
    is_of_tables = has_tables and method == "given" and not names_files(list(text.columns))
    layout = layout_of(text, folder=folder, method="" if is_of_tables else method)
    layout = replace(layout, has_storage=has_storage)
    if text.empty:
        msg = "the cases table has no rows; write one row for each lesion"
        raise InputError(msg, code="no_cases")
    rows = _Rows(text)
    del text  # of a hundred thousand rows one copy is enough
    repeats = _repeats(rows)
    judged = [
        _judge(row, layout, number=number, repeat=repeats[number - 1])
        for number, row in enumerate(rows, start=1)
    ]
    judged = joined_readers(rows, judged, consensus=readers)
    cases = [case for case, _ in judged if case is not None]
    owners = _owners(cases)
    verdicts = [
        verdict if case is None else _accepted(case, verdict, owners=owners)
        for case, verdict in judged
    ]
    return judge_retests(cases, verdicts)


class _Rows(Sequence[Mapping[str, str]]):
    """The rows of a table of text, each made when it is asked for."""

    def __init__(self, text: pd.DataFrame) -> None:
        self.columns = {str(name): list(text[name]) for name in text.columns}
        self.n_rows = len(text)

    def __len__(self) -> int:
        return self.n_rows

    def __getitem__(self, place: Any) -> Any:
        """Return a row, by its number from 0."""
        if not -self.n_rows <= place < self.n_rows:
            raise IndexError(place)
        return {name: cells[place] for name, cells in self.columns.items()}


def _repeats(rows: Sequence[Mapping[str, str]]) -> list[str]:
    """Return for each row "" where it counts, or how its case_id repeats another row's.

    Rows of one lesion with a reader each repeat nothing.
    """
    if len({row["case_id"].strip() for row in rows}) == len(rows):
        return [""] * len(rows)
    places: dict[tuple[str, str], list[int]] = {}
    for place, row in enumerate(rows):
        key = row["case_id"].strip(), reader_in(row)
        places.setdefault(key, []).append(place)
    found = [""] * len(rows)
    for (case_id, _), same in places.items():
        if case_id and len(same) > 1:
            are_equal = all(rows[place] == rows[same[0]] for place in same)
            numbers = ", ".join(str(place + 1) for place in same)
            for place in same[1:] if are_equal else same:
                found[place] = f"case_id {case_id!r} stands in rows {numbers}"
    return found


def _judge(
    row: Mapping[str, str], layout: Layout, *, number: int, repeat: str
) -> tuple[Case | None, Verdict]:
    """Return the case of a row, or None, with the verdict on the row alone."""
    case_id, patient_id = row["case_id"].strip(), row["patient_id"].strip()
    try:
        _check_ids(row, number=number, repeat=repeat)
        case = _case(row, layout)
    except _RowError as error:
        return None, Verdict(
            case_id, patient_id, STAGE, "rejected", error.code, error.came, error.wanted, error.todo
        )
    if layout.images and not any(layout.images.values()):
        return case, _shape_only(case)
    padded = [name for name in ("case_id", "patient_id") if row[name] != row[name].strip()]
    if not padded:
        return case, Verdict.accepted(case_id, patient_id, stage=STAGE)
    return case, Verdict.noted(
        case_id,
        patient_id,
        stage=STAGE,
        code="white_space",
        came="; ".join(f"{name} is {row[name]!r}" for name in padded),
        wanted="ids without white space around them",
        todo="nothing: it was taken off; clean the table to lose this note",
    )


def _shape_only(case: Case) -> Verdict:
    """Return the note on a case of a table without images."""
    return Verdict.noted(
        case.case_id,
        case.patient_id,
        stage=STAGE,
        code="no_image",
        came="the table has no image column: only the shape of the mask is measured",
        wanted="an image or image_<modality> column for all other features",
        todo="nothing, if shape is all that is wanted; else name the images",
    )


def _check_ids(row: Mapping[str, str], *, number: int, repeat: str) -> None:
    """Refuse a row without ids, or with the case_id of another row."""
    for name in ("case_id", "patient_id"):
        if not row[name].strip():
            raise _RowError(
                "missing_id",
                f"row {number} has no {name}",
                wanted="a case_id and a patient_id in every row",
                todo=f"fill in {name}, or remove the row",
            )
    if repeat:
        raise _RowError(
            "duplicate_case",
            repeat,
            wanted="a case_id of its own for every lesion",
            todo="rename or remove the repeated rows; lesions of a patient share patient_id only",
        )


def _case(row: Mapping[str, str], layout: Layout) -> Case:
    """Return the case that a row describes, its files being there."""
    images = _image_paths(row, layout)
    masks = {} if layout.prompts else _mask_paths(row, layout)
    prompt = _prompt(row, layout.prompts) if layout.prompts else {}
    organ_mask = _path(row, "organ_mask", layout) or None
    organ = {} if organ_mask is None else {"organ_mask": organ_mask}
    _check_files(
        {layout.images[m]: path for m, path in images.items()}
        | {f"mask of {layout.images[m]}": path for m, path in masks.items()}
        | organ,
        layout,
    )
    return Case(
        case_id=row["case_id"].strip(),
        patient_id=row["patient_id"].strip(),
        images=images,
        masks=masks,
        mask_label=_label(row.get("mask_label", "")),
        box=prompt.get(BOX),
        point=prompt.get(POINT),
        extreme_points=prompt.get(EXTREME_POINTS),
        organ_mask=organ_mask,
        site=row.get("site", "").strip(),
        retest_of=row.get("retest_of", "").strip(),
    )


def _path(row: Mapping[str, str], column: str, layout: Layout) -> str:
    """Return the absolute path or the object in a cell, "" where there is none."""
    cell = row.get(column, "").strip()
    if is_missing(cell) or is_remote(cell):
        return cell if is_remote(cell) else ""
    return os.path.normpath(os.path.join(layout.folder, cell))  # noqa: PTH118


def _image_paths(row: Mapping[str, str], layout: Layout) -> dict[str, str]:
    """Return the path of each modality's image."""
    images = {m: _path(row, column, layout) for m, column in layout.images.items()}
    empty = [column for m, column in layout.images.items() if column and not images[m]]
    if empty:
        raise _RowError(
            "modality_missing",
            f"no path in {', '.join(empty)}",
            wanted=f"a path in {', '.join(layout.images.values())}",
            todo="fill in the path, or remove the row",
        )
    return images


def _mask_paths(row: Mapping[str, str], layout: Layout) -> dict[str, str]:
    """Return the path of the mask for each modality: its own before the common one."""
    masks = {}
    for modality, columns in layout.masks.items():
        paths = [path for column in columns if (path := _path(row, column, layout))]
        if not paths:
            raise _RowError(
                "no_mask",
                f"no path in {', '.join(columns)}",
                wanted="a mask for every image",
                todo="fill in the path, or give a box and name a segmentation method",
            )
        masks[modality] = paths[0]
    return masks


def _check_files(paths: Mapping[str, str], layout: Layout) -> None:
    """Refuse a row that names a file which is not there, or an object where none can be read."""
    remote = [f"{name} {path}" for name, path in paths.items() if is_remote(path)]
    if remote and not layout.has_storage:
        raise _RowError(
            "remote_file",
            f"in S3: {', '.join(remote)}",
            wanted="files on this machine: only a study (`radpred check`, `radpred run`) reads S3",
            todo="copy the files here, and name the copies",
        )
    pieces = [named for named in remote if not is_whole(split_source(named)[0])]
    if pieces:
        raise _RowError(
            "remote_file",
            f"in S3: {', '.join(pieces)}",
            wanted=f"objects that are whole scans or masks: {', '.join(WHOLE_FILES)}",
            todo="convert a series of slices to one file, or copy its folder here",
        )
    absent = [
        f"{name} {path}"
        for name, path in paths.items()
        if path and not is_remote(path) and not os.path.exists(split_source(path)[0])  # noqa: PTH110 - no error on a long name
    ]
    if absent:
        raise _RowError(
            "missing_file",
            f"no such file: {', '.join(absent)}",
            wanted="paths of existing files, relative to the cases table or absolute",
            todo="correct the path, or put the file there",
        )


def _label(cell: str) -> str:
    """Return the label in a cell as digits, or the name of a structure; "" for automatic."""
    if is_missing(cell) or cell.strip() == "auto":
        return ""
    number = number_in(cell)
    if number is None:
        return cell.strip()
    if number < 1 or number != int(number):
        raise _RowError(
            "bad_label",
            f"mask_label is {cell!r}",
            wanted="a whole number from 1, a structure's or segment's name, or nothing for the "
            "only one there",
            todo="correct mask_label",
        )
    return str(int(number))


def _prompt(row: Mapping[str, str], there: Sequence[str]) -> dict[str, tuple[float, ...]]:
    """Return the prompt that counts in a row as numbers, by its column's name."""
    name = prompt_in(row)
    if not name:
        raise _RowError(
            "no_box" if there == (BOX,) else "no_prompt",
            f"no {' or '.join(there)}",
            wanted=WANTED[there[0]],
            todo=f"fill in the {there[0]}, or remove the row",
        )
    numbers = numbers_in(row[name], prompt=name)
    if numbers is None:
        raise _bad_prompt(name, row[name])
    return {name: numbers}


def _bad_prompt(name: str, cell: str) -> _RowError:
    """Return the error on a prompt whose numbers make none."""
    came, wanted = f"{name} is {cell!r}", WANTED[name]
    todo = f"correct the {name}; RAS becomes LPS by changing the sign of x and y"
    if name == BOX:
        return _RowError("bad_box", came, wanted=wanted, todo=todo)
    if name == POINT:
        return _RowError("bad_point", came, wanted=wanted, todo=todo)
    return _RowError("bad_extreme_points", came, wanted=wanted, todo=todo)


def _owners(cases: Sequence[Case]) -> dict[str, list[str]]:
    """Return the patients of each image that has more than one."""
    first: dict[str, str] = {}
    several: dict[str, list[str]] = {}
    for case in cases:
        for path in filter(None, case.images.values()):
            owner = first.setdefault(path, case.patient_id)
            if case.patient_id not in several.get(path, [owner]):
                several.setdefault(path, [owner]).append(case.patient_id)
    return several


def _accepted(case: Case, verdict: Verdict, *, owners: Mapping[str, Sequence[str]]) -> Verdict:
    """Return the verdict on a usable row, noted where its image has another patient too."""
    shared = [path for path in case.images.values() if path in owners]
    if not shared:
        return verdict
    came = f"{shared[0]} is the image of {', '.join(owners[shared[0]])}"
    return Verdict.noted(
        case.case_id,
        case.patient_id,
        stage=STAGE,
        code="image_of_two_patients",
        came="; ".join(filter(None, (verdict.came, came))),
        wanted="images of one patient each, or one person may be on both sides of a split",
        todo="correct the path, or give the rows the same patient_id",
    )
