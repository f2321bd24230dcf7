"""Second scans of a lesion: rows that repeat a case, and that no model is trained on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from radpred.cohort.case import Case
from radpred.cohort.verdict import Verdict

STAGE = "cases"


def judge_retests(
    cases: Sequence[Case], verdicts: Sequence[Verdict]
) -> tuple[list[Case], list[Verdict]]:
    """Return the cases and verdicts of a table after a look at its column ``retest_of``.

    A second scan is noted, as it trains nothing; one of a case that cannot be used, or that is of
    another patient, is rejected.

    Parameters
    ----------
    cases : sequence of Case
        The usable rows.
    verdicts : sequence of Verdict
        One for every row.
    """
    first = {case.case_id: case for case in cases if not case.retest_of}
    again = {case.case_id: case for case in cases if case.retest_of}
    if not again:
        return list(cases), list(verdicts)
    judged = [
        _judged(again[v.case_id], first) if v.case_id in again and v.status != "rejected" else v
        for v in verdicts
    ]
    rejected = {v.case_id for v in judged if v.status == "rejected"}
    return [case for case in cases if case.case_id not in rejected], judged


def _judged(case: Case, first: Mapping[str, Case]) -> Verdict:
    """Return the verdict on a second scan."""
    of = first.get(case.retest_of)
    if of is not None and of.patient_id == case.patient_id:
        return Verdict.noted(
            case.case_id,
            case.patient_id,
            stage=STAGE,
            code="retest",
            came=f"a second scan of {case.retest_of}: it trains nothing",
            wanted="",
            todo="nothing; `stability: {over: retest}` asks which features repeat in it",
        )
    came = f"retest_of is {case.retest_of!r}"
    if of is not None:
        came += f", of patient {of.patient_id!r}, not {case.patient_id!r}"
    return Verdict(
        case.case_id,
        case.patient_id,
        STAGE,
        "rejected",
        "bad_retest",
        came,
        "the case_id of a usable row of the same patient, which itself repeats none",
        "correct retest_of, or leave it empty",
    )
