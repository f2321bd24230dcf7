"""Of what kind a cohort's outcome is, as its tables and a study's steps pass it on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from radpred.cohort.outcomes import OutcomeKind

CHANCE = "event_probability"  # the column of the cohort with the probability of soft labels


@dataclass(frozen=True, kw_only=True)
class EndPointFacts:
    """What the codes or numbers of an outcome are.

    Attributes
    ----------
    kind : {"binary", "multiclass", "continuous"}
        Of what kind it is.
    classes : tuple of str
        What the codes stand for.
    unit : str
        Of a number.
    """

    kind: OutcomeKind = "binary"
    classes: tuple[str, ...] = ()
    unit: str = ""


BINARY = EndPointFacts()


def facts_in(metadata: Mapping[str, Any]) -> EndPointFacts:
    """Return what the metadata of a table of the cohort says; without any it is binary."""
    return EndPointFacts(
        kind=metadata.get("kind", "binary"),
        classes=tuple(metadata.get("classes", ())),
        unit=metadata.get("unit", ""),
    )
