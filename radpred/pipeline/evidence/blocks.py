"""What each block of columns is worth: alone, and beside the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpred.evaluate import auroc, delong_test, mean_over_repeats, patient_weights
from radpred.evaluate.compare import Answers, answers_of, paired_difference
from radpred.evaluate.paired import holm
from radpred.evaluate.resampling import Difference
from radpred.model.fusion.plan import FUSIONS, block_name, block_of, fusion_of, without_name
from radpred.pipeline.evidence.plain import plain

Array = NDArray[Any]
WHAT = ("without", "alone")


def without_lacking(predictions: pd.DataFrame) -> pd.DataFrame:
    """Return predictions but those of fusions that lack a block: they are no models to report."""
    names = predictions["model"].astype(str)
    lacks = names.map(lambda name: bool(fusion_of(name)) and bool(block_of(name)))
    return predictions[~lacks.astype(bool)]


def worth_of_blocks(
    predictions: pd.DataFrame, *, n_draws: int, seed: int, level: float = 0.95
) -> list[dict[str, Any]]:
    """Return by how much the AUROC of each fusion exceeds those without, and of, each block.

    On the same cases, in the same draws of patients, stratified by outcome; where every patient
    has one case and there is one repeat, by DeLong. Holm's adjustment is over the blocks, within
    one fusion and one of the two questions.

    Parameters
    ----------
    predictions : DataFrame
        Of all models.
    n_draws : int
        Bootstrap draws of patients.
    seed : int
        Where they start.
    level : float
        Nominal coverage.

    Returns
    -------
    list of dict
        ``fusion``, ``block``, ``against`` ("without" or "alone"), ``auroc`` (of the model that the
        fusion is held against), ``difference`` (fusion minus that) with ``low`` and ``high``,
        ``p``, ``p_holm``, ``note``; empty where nothing is fused.
    """
    names = list(dict.fromkeys(predictions["model"].astype(str)))
    blocks = [block_of(name) for name in names if block_of(name) and not fusion_of(name)]
    fusions = [name for name in FUSIONS if name in names]
    if not fusions or not blocks:
        return []
    held = [name for name in names if name in fusions or block_of(name)]
    answers = answers_of(predictions, held)
    weights = patient_weights(
        answers.patients, n_draws=n_draws, rng=np.random.default_rng(seed), y=answers.y
    )
    draws = {
        name: mean_over_repeats(auroc, answers.y, said, weights)
        for name, said in answers.probability.items()
    }
    rows = [
        row
        for fusion in fusions
        for what in WHAT
        for row in _asked(fusion, what, blocks, answers, draws, level=level)
    ]
    return list(plain(rows))


def _asked(
    fusion: str,
    what: str,
    blocks: Sequence[str],
    answers: Answers,
    draws: Mapping[str, Array],
    *,
    level: float,
) -> list[dict[str, Any]]:
    """Return one question about each block, with Holm's p-values over the blocks."""
    names = {
        block: block_name(block) if what == "alone" else without_name(fusion, block)
        for block in blocks
    }
    found = {
        block: _difference(answers, (fusion, name), draws, level)
        for block, name in names.items()
        if name in draws
    }
    adjusted = holm([one.p for one in found.values()])
    return [
        {
            "fusion": fusion,
            "block": block,
            "against": what,
            "auroc": float(draws[names[block]][0]),
            "difference": one.value,
            **{name: getattr(one, name) for name in ("low", "high", "p", "note")},
            "p_holm": float(p_holm),
        }
        for (block, one), p_holm in zip(found.items(), adjusted, strict=True)
    ]


def _difference(
    answers: Answers, pair: tuple[str, str], draws: Mapping[str, Array], level: float
) -> Difference:
    """Return the AUROC of a fusion minus that of another model."""
    if answers.is_simple:
        first, second = (answers.probability[name][0] for name in pair)
        return delong_test(answers.y, first, second, level=level)
    return paired_difference(draws[pair[0]] - draws[pair[1]], level=level)
