"""Scores of inner rows as a table, so that calibrators can be compared when all folds are done."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from radpred.cohort.split import Split
from radpred.errors import InputError
from radpred.evaluate import HeldOutScores
from radpred.model.calibrators import scale_of
from radpred.model.fitted import Fitted
from radpred.model.rows import Cohort

COLUMNS = (
    *("model", "scale", "repeat", "fold", "case_id", "patient_id", "y"),
    *("inner_fold", "score"),
)


def held_out_table(fitted: Fitted, cohort: Cohort, split: Split) -> pd.DataFrame:
    """Return what the inner chains of a model said of training rows that they did not see.

    Parameters
    ----------
    fitted : Fitted
        Fitted on the training rows of ``split`` in this process.
    cohort : Cohort
        The whole table.
    split : Split
        The outer fold.

    Returns
    -------
    DataFrame
        Columns as in `COLUMNS`: ``scale`` is that of the score, ``fold`` the outer fold.
    """
    own = fitted.held_out
    if own is None:
        msg = f"{fitted.model}: read from a file, which keeps no inner scores; fit it again"
        raise InputError(msg)
    rows = split.train[own.rows]
    return pd.DataFrame(
        {
            "model": fitted.model,
            "scale": scale_of(fitted.chain[-1]),
            "repeat": split.repeat,
            "fold": split.fold,
            "case_id": cohort.X.index.astype(str).to_numpy()[rows],
            "patient_id": cohort.groups[rows].astype(str),
            "y": cohort.y[rows],
            "inner_fold": own.folds,
            "score": own.scores,
        },
        columns=list(COLUMNS),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class Comparable:
    """What calibrators are compared on, laid out by position.

    Attributes
    ----------
    parts : list of HeldOutScores
        One an outer fold.
    y, patients : ndarray of shape (n,)
        Outcome and patient of every case that was learnt from or judged, ascending by case.
    judged : ndarray of int, shape (n_judged,)
        Positions of the cases that outer folds hold out.
    """

    parts: list[HeldOutScores]
    y: NDArray[np.intp]
    patients: NDArray[np.str_]
    judged: NDArray[np.intp]


def comparable(held_out: pd.DataFrame, selected: pd.DataFrame) -> Comparable:
    """Return inner and outer scores side by side.

    Parameters
    ----------
    held_out : DataFrame
        Rows of :func:`held_out_table` of every outer fold.
    selected : DataFrame
        The predictions of the selected model, with ``repeat``, ``fold``, ``case_id``,
        ``patient_id``, ``y`` and ``score``.

    Raises
    ------
    InputError
        An outer fold has no inner rows.
    """
    facts = ["case_id", "patient_id", "y"]
    people = pd.concat([selected[facts], held_out[facts]]).drop_duplicates("case_id")
    people = people.astype({"case_id": str}).sort_values("case_id", ignore_index=True)
    place = pd.Series(people.index, index=people["case_id"])
    inner = dict(iter(held_out.groupby(["repeat", "fold"])))
    parts = []
    for fold, outer in selected.groupby(["repeat", "fold"]):
        repeat = int(outer["repeat"].iloc[0])
        if fold not in inner:
            where = f"repeat {repeat}, fold {outer['fold'].iloc[0]}"
            msg = f"{where}: no inner scores; train the models again"
            raise InputError(msg)
        own = inner[fold]
        parts.append(
            HeldOutScores(
                repeat=repeat,
                inner_rows=place.loc[own["case_id"].astype(str)].to_numpy(),
                inner_scores=own["score"].to_numpy(dtype=float),
                inner_folds=own["inner_fold"].to_numpy(dtype=int),
                outer_rows=place.loc[outer["case_id"].astype(str)].to_numpy(),
                outer_scores=outer["score"].to_numpy(dtype=float),
                scale=own["scale"].iloc[0],
            )
        )
    return Comparable(
        parts=parts,
        y=people["y"].to_numpy(dtype=np.intp),
        patients=people["patient_id"].to_numpy(dtype=str),
        judged=np.unique(place.loc[selected["case_id"].astype(str)].to_numpy()),
    )
