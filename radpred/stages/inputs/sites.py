"""Sites of cases, where a study takes away what they add to the features."""

from __future__ import annotations

from collections.abc import Sequence

from radpred.cohort import Case
from radpred.config import StudySettings
from radpred.errors import InputError

_N_NAMED = 3


def refuse_no_sites(study: StudySettings, cases: Sequence[Case]) -> None:
    """Raise, before any work, where features are to be harmonised over sites that are not told.

    Raises
    ------
    InputError
        ``no_site``: no case has one, or one has none and new sites are refused.
    """
    harmonise = study.learning.harmonise
    absent = [case.case_id for case in cases if not case.site.strip()]
    is_lacking = len(absent) == len(cases) or harmonise.new_site == "refuse"
    if not harmonise.is_on or not absent or not is_lacking:
        return
    msg = (
        f"{study.cases}: learning.harmonise.method is {harmonise.method}, and {len(absent)} of "
        f"{len(cases)} cases have no site, first {absent[:_N_NAMED]}; fill in the column site, or "
        "set the method to none"
    )
    raise InputError(msg, code="no_site")
