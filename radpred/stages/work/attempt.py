"""One case's work, whose failure is that case's verdict, and the verdict on its success."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TypeVar

from radpred.cohort import Case, Verdict
from radpred.errors import RadpredError
from radpred.pipeline.measuring.measure import Measured

T = TypeVar("T")
_log = logging.getLogger("radpred")


def attempt(case: Case, work: Callable[[], T], *, stage: str) -> T | Verdict:
    """Return what ``work`` returns, or the verdict on a case that it failed on.

    An error that nobody foresaw rejects its case too; the log then holds where it came from.
    """
    try:
        return work()
    except (RadpredError, OSError) as error:
        return Verdict.rejected(case.case_id, case.patient_id, stage=stage, error=error)
    except MemoryError as error:  # of an array that was never made: the process is well
        told = RadpredError(
            f"memory for an array was refused: {error or 'no more is said'}; "
            "resample to larger voxels, or measure with fewer filters",
            code="out_of_memory",
        )
        return Verdict.rejected(case.case_id, case.patient_id, stage=stage, error=told)
    except Exception as error:  # noqa: BLE001 - one case never ends a cohort
        _log.exception("%s: an error that radpred did not foresee", case.case_id)
        return Verdict.rejected(case.case_id, case.patient_id, stage=stage, error=error)


def verdict_of(case: Case, measured: Measured) -> Verdict:
    """Return the verdict on a measured case: accepted, with notes where there are any."""
    if not measured.notes:
        return Verdict.accepted(case.case_id, case.patient_id, stage="extract")
    return Verdict.noted(
        case.case_id,
        case.patient_id,
        stage="extract",
        code="mended",
        came="; ".join(dict.fromkeys(measured.notes)),
        todo="look at the case if the note surprises you",
    )
