"""What blocks of columns are worth, and whether a study beats chance, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from radpred.report.parts.tables import Measure, Row
from radpred.report.words.numbers import known, listed, number, read_interval, signed

_FUSIONS = {"early_fusion": "Early fusion", "late_fusion": "Late fusion"}
CLEAR = 0.05


def block_tables(blocks: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Return a table for each fusion: what each block says alone, and adds to the others.

    Each has ``name``, ``rows`` (block, AUROC alone, fusion minus it, AUROC without, fusion
    minus it; a difference with its p-value) and ``sentence``.
    """
    tables = []
    for fusion, name in _FUSIONS.items():
        own = [row for row in blocks if row["fusion"] == fusion]
        if own:
            tables.append({"name": name, "rows": _rows(own), "sentence": _sentence(name, own)})
    return tables


def _rows(own: Sequence[Mapping[str, Any]]) -> list[Row]:
    """Return one row a block."""
    found = {(row["block"], row["against"]): row for row in own}
    blocks = list(dict.fromkeys(row["block"] for row in own))
    return [
        Row(
            cells=(
                block,
                *_cells(found.get((block, "alone"))),
                *_cells(found.get((block, "without"))),
            )
        )
        for block in blocks
    ]


def _cells(row: Mapping[str, Any] | None) -> tuple[str, Measure, str]:
    """Return an AUROC, what the fusion has more, and its p-value."""
    if row is None:
        return "", Measure(value="", bounds=""), ""
    ci = read_interval({"value": row["difference"], "low": row["low"], "high": row["high"]})
    inside = f"({signed(ci.low)} to {signed(ci.high)})" if ci.has_bounds else ""
    shown = Measure(value=signed(ci.value) if ci.is_known else "", bounds=inside)
    return number(row["auroc"]), shown, p_words(row["p_holm"])


def _sentence(name: str, own: Sequence[Mapping[str, Any]]) -> str:
    """Say which blocks add to the others."""
    asked = [row for row in own if row["against"] == "without" and known(row["p_holm"])]
    adding = [r["block"] for r in asked if r["p_holm"] < CLEAR and r["difference"] > 0]
    if not asked:
        return ""
    if not adding:
        return f"{name}: no block is shown to add to the others, which is no proof that none does."
    does = "adds" if len(adding) == 1 else "add"
    return f"{name}: {listed(adding)} {does} to the other blocks."


def chance_sentences(evaluation: Mapping[str, Any]) -> list[str]:
    """Return one sentence on folds that share patients, and one on outcomes dealt anew."""
    found = (_repeated(evaluation.get("repeated") or {}), _permuted(evaluation.get("permuted")))
    return [sentence for sentence in found if sentence]


def _repeated(repeated: Mapping[str, Any]) -> str:
    """Return the mean AUROC within folds with its corrected interval."""
    row = next((r for r in repeated.get("rows") or () if r["model"] == "selected"), None)
    if row is None or not known(row["value"]) or not known(row["low"]):
        return ""
    # A t interval does not know where areas end.
    low, high = max(0.0, row["low"]), min(1.0, row["high"])
    return (
        f"Within each of the {repeated['n_folds']} held-out folds the AUROC of the selected model "
        f"is {number(row['value'])} on average (95\u00a0% interval {number(low)} to "
        f"{number(high)} by Nadeau and Bengio, which allows for folds that learn from the same "
        "patients, and so for other patients to learn from)."
    )


def _permuted(permuted: Mapping[str, Any] | None) -> str:
    """Return how often outcomes dealt anew score as high."""
    if not permuted or not known(permuted.get("p")):
        return ""
    scores = permuted["permuted"]
    as_high = sum(one is None or one >= permuted["observed"] for one in scores)
    return (
        f"With outcomes dealt anew {len(scores)} times, and everything fitted and chosen again, "
        f"the AUROC of the selected model reached {number(permuted['observed'])}, that of the true "
        f"outcomes in one repeat, {as_high} times: {p_words(permuted['p'])}."
    )


def p_words(p: Any) -> str:
    """Return a p-value as text, nothing where there is none."""
    if not known(p):
        return ""
    return "p < 0.001" if p < 0.001 else f"p = {number(p, digits=3)}"
