"""What became of outcomes that nobody is sure of, in a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from radpred.report.words.numbers import counted, listed

_POLICIES = {
    "drop": "were left out",
    "zero": "count as cases without the event, where models learn and where they are judged",
    "one": "count as cases with the event, where models learn and where they are judged",
    "soft": "were learnt from both as without and as with the event, weighted by its probability, "
    "and judge no model: all figures are of the others",
}


def uncertain_sentence(
    verdicts: pd.DataFrame, settings: Mapping[str, Any], study: Mapping[str, Any]
) -> str:
    """Return how many outcomes nobody is sure of, and what they count as; else nothing.

    Parameters
    ----------
    verdicts : DataFrame
        One row a verdict, with ``code``.
    settings : mapping
        Of the study, with ``outcome``.
    study : mapping
        With ``n_soft``, where the evaluation counted them.
    """
    given = (settings.get("outcome") or {}).get("uncertain")
    if not given:
        return ""
    n = study.get("n_soft") or int((verdicts["code"] == "uncertain_outcome").sum())
    values = listed([f"\u201c{value}\u201d" for value in given["values"]])
    cases = counted(int(n), "case")
    return (
        f"Of {cases} nobody is sure of the outcome (it says {values}). By the policy "
        f"\u201c{given['policy']}\u201d they {_POLICIES[given['policy']]}."
    )
