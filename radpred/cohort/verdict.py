"""What became of each case: accepted, accepted with notes, or rejected, and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from operator import attrgetter
from typing import Literal

import pandas as pd

from radpred.errors import RadpredError, RejectedError

Status = Literal["accepted", "noted", "rejected"]
_N_NAMED = 5


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement on one case at one stage.

    Parameters
    ----------
    case_id, patient_id : str
        Whom it is about; "" where the row has none, or where a patient has no case.
    stage : str
        Which step judged.
    status : {"accepted", "noted", "rejected"}
        ``noted`` means used, and something to know.
    code : str
        Stable reason code in lower snake case; "" for accepted.
    came, wanted, todo : str
        What was found, what is needed, and what to do.
    """

    case_id: str
    patient_id: str
    stage: str
    status: Status
    code: str = ""
    came: str = ""
    wanted: str = ""
    todo: str = ""

    @classmethod
    def accepted(cls, case_id: str, patient_id: str, *, stage: str) -> Verdict:
        """Return the verdict on a case that nothing needs to be said about."""
        return cls(case_id, patient_id, stage, "accepted")

    @classmethod
    def noted(
        cls,
        case_id: str,
        patient_id: str,
        *,
        stage: str,
        code: str,
        came: str,
        wanted: str = "",
        todo: str = "",
    ) -> Verdict:
        """Return the verdict on a case that is used, and that something is to be known about."""
        return cls(case_id, patient_id, stage, "noted", code, came, wanted, todo)

    @classmethod
    def rejected(cls, case_id: str, patient_id: str, *, stage: str, error: Exception) -> Verdict:
        """Return the verdict on a case that ``error`` stopped.

        A RadpredError brings its code, and by convention what to do after its last semicolon.
        """
        if isinstance(error, RadpredError):
            before, _, after = str(error).rpartition("; ")
            came, todo = (before, after) if before else (after, "")
            return cls(case_id, patient_id, stage, "rejected", error.code, came, "", todo)
        code = "unreadable_file" if isinstance(error, OSError) else "unexpected_error"
        todo = "check that the file is there, complete and readable" if "file" in code else ""
        came = f"{type(error).__name__}: {error}"
        return cls(case_id, patient_id, stage, "rejected", code, came, "", todo)


COLUMNS = tuple(field.name for field in fields(Verdict))


def to_frame(verdicts: Iterable[Verdict]) -> pd.DataFrame:
    """Return one row a verdict, all columns text, in the order given."""
    rows = list(map(attrgetter(*COLUMNS), verdicts))
    return pd.DataFrame(rows, columns=list(COLUMNS), dtype=str)


def refuse_any(verdicts: pd.DataFrame) -> None:
    """Raise where any verdict rejects, for a study that is to stop there.

    Parameters
    ----------
    verdicts : DataFrame
        As of `to_frame`.

    Raises
    ------
    RejectedError
        ``rejected_cases``, with the first of them.
    """
    rejected = verdicts[verdicts["status"] == "rejected"]
    if rejected.empty:
        return
    first = rejected.head(_N_NAMED).to_dict("records")
    named = [f"{v['case_id'] or v['patient_id'] or 'no id'} ({v['code']})" for v in first]
    more = f" and {len(rejected) - len(named)} more" if len(rejected) > len(named) else ""
    msg = (
        f"{len(rejected)} rejected: {', '.join(named)}{more}; this study stops there "
        "(rejected_cases: stop): `radpred check` shows what to correct"
    )
    raise RejectedError(msg)


def reasons(verdicts: Iterable[Verdict]) -> pd.DataFrame:
    """Return how often each reason came, the most frequent rejection first, with one example.

    Returns
    -------
    DataFrame
        Columns ``status``, ``code``, ``n`` and, of the first such case, ``case_id``,
        ``patient_id``, ``came``, ``wanted``, ``todo``; one row for each status and code that
        is not plainly accepted.
    """
    frame = to_frame(v for v in verdicts if v.status != "accepted")
    keys = ["status", "code"]
    counts = frame.groupby(keys, as_index=False).size().rename(columns={"size": "n"})
    examples = frame.drop_duplicates(keys).drop(columns="stage")
    table = counts.merge(examples, on=keys)
    table = table.sort_values(["status", "n", "code"], ascending=[False, False, True])
    order = [*keys, "n", "case_id", "patient_id", "came", "wanted", "todo"]
    return table[order].reset_index(drop=True)
