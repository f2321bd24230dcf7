"""The commented study file that `radpred init` writes."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files


def study_template(
    *,
    name: str = "my_study",
    title: str = "Can these scans tell the outcome?",
    cases: str = "cases.csv",
    outcome_file: str = "outcome.csv",
    column: str = "event",
    positive: str = "1",
    clinical: Sequence[str] = (),
) -> str:
    """Return a study file with every setting in it, the rare ones as comments."""
    text = (files("radpred.config") / "template.yaml").read_text(encoding="utf-8")
    return text.format(
        name=name,
        title=title,
        cases=cases,
        outcome_file=outcome_file,
        column=column,
        positive=positive,
        clinical=", ".join(clinical),
    )
