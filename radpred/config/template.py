"""The commented study files that `radpred init` writes."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.resources import files


def study_template(  # noqa: PLR0913 - one for each blank in the template
    *,
    name: str = "my_study",
    title: str = "Can these scans tell the outcome?",
    cases: str = "cases.csv",
    outcome_file: str = "outcome.csv",
    column: str = "event",
    positive: str = "1",
    clinical: Sequence[str] = (),
    rings_mm: Sequence[float] = (4,),
    bin_width: float = 25,
    sigma_mm: Sequence[float] = (1, 3),
    preset: str = "standard",
) -> str:
    """Return a study file with every setting in it, the rare ones as comments."""
    rings = ", ".join(f"{edge:g}" for edge in rings_mm)
    text = (files("radpred.config") / "template.yaml").read_text(encoding="utf-8")
    return text.format(
        name=name,
        title=json.dumps(title, ensure_ascii=False),  # quoted, whatever it holds
        cases=cases,
        outcome_file=outcome_file,
        column=column,
        positive=positive,
        clinical=", ".join(clinical),
        rings_mm=rings,
        ring_space=" " * (14 - len(rings)),
        bin_width=bin_width,
        sigma_mm=", ".join(f"{sigma:g}" for sigma in sigma_mm),
        preset=preset,
    )


def tables_template(  # noqa: PLR0913 - one for each blank in the template
    *,
    name: str,
    cases: str,
    outcome_file: str,
    by: str,
    column: str,
    positive: str,
    table: str,
    clinical: Sequence[str] = (),
    preset: str = "standard",
    kind: str = "binary",
) -> str:
    """Return the file of a study whose features all come from one table."""
    event = json.dumps(positive, ensure_ascii=False)
    told = f"positive: {event}             # the value that counts as the event"
    if kind != "binary":
        told = f"kind: {kind}          # binary: one value is the event; multiclass; continuous"
    text = (files("radpred.config") / "template_tables.yaml").read_text(encoding="utf-8")
    return text.format(
        name=name,
        cases=cases,
        outcome_file=outcome_file,
        by=by,
        column=json.dumps(column, ensure_ascii=False),
        end_point=told,
        clinical=", ".join(json.dumps(one, ensure_ascii=False) for one in clinical),
        table=table,
        preset=preset,
    )
