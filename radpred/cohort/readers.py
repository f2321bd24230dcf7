"""Rows that differ in the column ``reader``: several masks of one lesion, and who drew them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial

from radpred.cohort._cells import is_missing
from radpred.cohort.case import Case
from radpred.cohort.verdict import Verdict

STAGE = "cases"
Row = Mapping[str, str]
Judged = tuple[Case | None, Verdict]


def reader_in(row: Row) -> str:
    """Return who drew the mask of a row, "" where that is not told."""
    cell = row.get("reader", "").strip()
    return "" if is_missing(cell) else cell


def joined_readers(
    rows: Sequence[Row], judged: Sequence[Judged], *, consensus: str
) -> list[Judged]:
    """Return what became of each row once the rows of one lesion are one case.

    The first row of a lesion holds the case, with the masks of all its readers; the others hold
    none. A lesion with a row that was rejected is rejected: fewer readers than are listed would
    agree on something else.

    Parameters
    ----------
    rows : sequence of dict
        Cells by column.
    judged : sequence of (Case or None, Verdict)
        What each row is alone.
    consensus : str
        ``refused``, or any way in which masks of readers become one.
    """
    groups: dict[str, list[int]] = {}
    for place, row in enumerate(rows):
        if judged[place][1].code not in ("missing_id", "duplicate_case"):
            groups.setdefault(row["case_id"].strip(), []).append(place)
    found = list(judged)
    for places in groups.values():
        readers = [reader_in(rows[place]) for place in places]
        if len(places) == 1 and (consensus == "refused" or not readers[0]):
            continue
        for place, of_row in zip(
            places, _joined([judged[p] for p in places], readers, consensus), strict=True
        ):
            found[place] = of_row
    return found


def counted_readers(cases: Sequence[Case]) -> list[Verdict]:
    """Return a note on how many readers drew the lesions, or none where there is no reader."""
    counts = Counter(len(case.readers) for case in cases if case.readers)
    if not counts:
        return []
    told = [
        f"{n} {'case' if n == 1 else 'cases'} with {k} {'reader' if k == 1 else 'readers'}"
        for k, n in sorted(counts.items())
    ]
    note = Verdict.noted(
        "",
        "",
        stage=STAGE,
        code="readers",
        came=", ".join(told),
        wanted="two readers or more, where their agreement is to be known",
        todo="nothing: their masks become one by the setting readers.consensus",
    )
    return [note]


def _joined(judged: Sequence[Judged], readers: Sequence[str], consensus: str) -> list[Judged]:
    """Return the rows of one lesion as one case, or what stands against it."""
    refusal = _refusal(judged, readers, consensus)
    if refusal:
        code, came, wanted, todo = refusal
        rejected = partial(
            replace, status="rejected", code=code, came=came, wanted=wanted, todo=todo
        )
        return [(None, v if v.status == "rejected" else rejected(v)) for _, v in judged]
    cases = [case for case, _ in judged if case is not None]
    masks = {reader: case.masks for reader, case in zip(readers, cases, strict=True)}
    first = replace(cases[0], masks={}, readers=masks)
    said = judged[0][1]
    return [(first, said), *((None, _once(verdict, said)) for _, verdict in judged[1:])]


def _once(verdict: Verdict, said: Verdict) -> Verdict:
    """Return a verdict on a row of a lesion without the note that another row has already."""
    if (verdict.code, verdict.came) != (said.code, said.came):
        return verdict
    return Verdict.accepted(verdict.case_id, verdict.patient_id, stage=STAGE)


def _refusal(
    judged: Sequence[Judged], readers: Sequence[str], consensus: str
) -> tuple[str, str, str, str] | None:
    """Return why rows of one lesion cannot be one case: code, what came, was wanted, to do."""
    named = ", ".join(reader or "(none)" for reader in readers)
    if consensus == "refused":
        return (
            "several_readers",
            f"the case has masks of {len(readers)} readers: {named}",
            "one mask a case, or a word on how readers' masks become one",
            "set readers: {consensus: majority} or {consensus: staple} in the study file, or keep "
            "one row",
        )
    rejected = [r for r, (_, v) in zip(readers, judged, strict=True) if v.status == "rejected"]
    if rejected:
        return (
            "reader_rejected",
            f"the row of reader {', '.join(rejected)} is rejected",
            "masks of all readers that are listed",
            "correct that row, or remove it: the others then agree without it",
        )
    if not all(readers):
        return (
            "no_reader",
            f"rows of one case_id by the readers {named}",
            "a reader in each row of a lesion that has several",
            "fill in reader, or give lesions of their own a case_id of their own",
        )
    different = _different([case for case, _ in judged if case is not None])
    if different:
        return (
            "readers_differ",
            f"rows of one lesion differ in {', '.join(different)}",
            "rows that differ in reader and mask alone",
            "give the rows of a lesion the same patient and images, or other lesions a case_id "
            "of their own",
        )
    return None


def _different(cases: Sequence[Case]) -> list[str]:
    """Return in what, beside their masks, the readers' rows of one lesion differ."""
    names = ("patient_id", "images", "mask_label", "organ_mask", "site")
    return [n for n in names if any(getattr(c, n) != getattr(cases[0], n) for c in cases[1:])]
