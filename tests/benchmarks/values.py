"""Whether engines that are compared found the same values."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from benchmarks import goals
from benchmarks.plan import COUNTERPART, maps_cell
from benchmarks.ratios import Agreement, agreement, cell_of
from benchmarks.store import Answers
from radpred.features import FAMILIES, feature_register

LOOSE = 1e-4  # Pictologics and fastrad compute in 32 bits here and there


@dataclass(frozen=True, kw_only=True)
class Total:
    """The agreement of many rows."""

    rows: int
    n: int
    n_beyond: int
    words: str


def agreements(answers: Answers) -> list[tuple[str, Total]]:
    """Return how radpred agrees with PyRadiomics, in each of the two ways it is run."""
    found = []
    for peer in ("pyradiomics", "pyradiomics-precrop"):
        each = {
            f"{case} {'filters' if filters else 'original'} {width}": agreement(*both)
            for case, filters, width in goals.rows(peer)
            if (both := _both(answers, peer, (case, filters, width)))
        }
        found.append((peer, _total(each)))
    return found


def of_maps(answers: Answers) -> Total:
    """Return how radpred's maps agree with PyRadiomics', voxel by voxel."""
    ours, theirs = (
        answers.of(maps_cell(engine)).get("values", {}) for engine in ("radpred", "pyradiomics")
    )
    each = {
        name: agreement(
            dict(enumerate(ours.get(name, []))),  # type: ignore[arg-type]
            dict(enumerate(inside)),  # type: ignore[arg-type]
        )
        for name, inside in theirs.items()
    }
    return _total(each)


@dataclass(frozen=True, kw_only=True)
class Alike:
    """How many values of a peer with its own definitions are near radpred's, and which are not."""

    n_near: int
    n: int
    others: tuple[str, ...]


def alike(answers: Answers) -> dict[str, Alike]:
    """Return how other peers' values compare, on the original image: their filters differ."""
    found = {}
    for peer, name_of in (("pictologics", _by_ibsi), ("fastrad", _by_word)):
        near: list[bool] = []
        others: dict[str, None] = {}
        for row in (r for r in goals.rows(peer) if not r[1]):
            ours, theirs = _both(answers, peer, row) or ({}, {})
            known = {name_of(name): name for name in ours}
            matched = {known[k]: v for t, v in theirs.items() if (k := name_of(t)) in known and k}
            matched = {name: _as_ours(name, v, peer) for name, v in matched.items()}
            for name, value in matched.items():
                each = agreement({name: ours[name]}, {name: value}, tolerance=LOOSE)
                near.append(each.n_beyond == 0)
                others |= dict.fromkeys([name.removeprefix("original_")] * each.n_beyond)
        found[peer] = Alike(n_near=sum(near), n=len(near), others=tuple(sorted(others)))
    return found


def _both(answers: Answers, peer: str, row: goals.Row) -> tuple[dict, dict] | None:
    ours = answers.of(cell_of(row, COUNTERPART[peer])).get("values")
    theirs = answers.of(cell_of(row, peer)).get("values")
    return (ours, theirs) if ours and theirs else None


def _total(each: Mapping[str, Agreement]) -> Total:
    worst = max(each, key=lambda name: each[name].worst, default="")
    words = "nothing compared"
    if worst:
        found = each[worst]
        size = "no value in one of the two" if math.isinf(found.worst) else f"{found.worst:.1e}"
        place = f"`{found.worst_name}`, " if isinstance(found.worst_name, str) else ""
        words = f"{size} ({place}{worst})"
    return Total(
        rows=len(each),
        n=sum(a.n for a in each.values()),
        n_beyond=sum(a.n_beyond for a in each.values()),
        words=words,
    )


@cache
def _codes() -> dict[str, str]:
    """Return PyRadiomics' name to IBSI's code."""
    return {feature.key: feature.ibsi for feature in feature_register(FAMILIES) if feature.ibsi}


def _by_ibsi(name: str) -> str:
    """Return the IBSI code that a name of radpred or Pictologics stands for."""
    known = _codes()
    ours = known.get(name.removeprefix("original_"))
    return ours or (name[-4:] if name[-4:] in known.values() else "")


def _by_word(name: str) -> str:
    """Return a name without what fastrad and radpred spell differently."""
    plain = name.removeprefix("original_").lower()
    for old, new in (("_", ""), (":", ""), ("10th", "10"), ("90th", "90")):
        plain = plain.replace(old, new)
    return plain


def _as_ours(name: str, value: Any, peer: str) -> float:
    """Return a value by radpred's definition: IBSI's kurtosis is the excess over a normal one."""
    is_excess = peer == "pictologics" and name.endswith("_Kurtosis")
    return value + 3 if is_excess else value
