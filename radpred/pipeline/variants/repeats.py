"""Variants of cases beside a study's table: what must repeat, and what each then predicts."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from radpred.config.study import StabilitySettings
from radpred.model.fitted import Fitted
from radpred.model.frames import ColumnChooser
from radpred.model.selection import KeepStable, Repeats
from radpred.pipeline.variants.kinds import KINDS

KEYS = ["case_id", "kind", "variant"]


@dataclass(frozen=True, kw_only=True)
class Variants:
    """Cases measured on other masks than their own.

    Parameters
    ----------
    table : DataFrame
        Image features, indexed by ``case_id``, ``kind`` and ``variant``.
    stable : ColumnChooser, optional
        The unfitted step that keeps columns which repeat, where a study asks for it.
    """

    table: pd.DataFrame
    stable: ColumnChooser | None = None

    def of(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return a row for each variant of the cases of ``X``, in its columns and their order.

        What is not measured on an image, such as a clinical column, is that of the case. Variants
        without any value are left out.
        """
        own = self.table[self.table.index.get_level_values("kind") != "given"]
        own = own[own.index.get_level_values("case_id").isin(X.index)].dropna(how="all")
        rows = X.loc[own.index.get_level_values("case_id")].set_axis(own.index)
        measured = [name for name in X.columns if name in own.columns]
        return rows.assign(**{name: own[name] for name in measured}) if measured else rows


def variants_of(table: pd.DataFrame, stability: StabilitySettings | None) -> Variants:
    """Return the variants in a table, and the step that asks which columns repeat in them.

    Parameters
    ----------
    table : DataFrame
        Columns ``case_id``, ``kind``, ``variant`` and the image features.
    stability : StabilitySettings, optional
        Over which kind, by which statistic, from which value on.
    """
    indexed = table.set_index(KEYS)
    if stability is None:
        return Variants(table=indexed)
    stable = KeepStable(
        Repeats(repeats_of(table, over=stability.over)),
        statistic=stability.statistic,
        minimum=stability.minimum,
        bound=stability.bound,
    )
    return Variants(table=indexed, stable=stable)


def repeats_of(table: pd.DataFrame, *, over: str) -> pd.DataFrame:
    """Return the repeated measurements of the cases that have any, indexed by case and variant.

    Parameters
    ----------
    table : DataFrame
        As in :func:`variants_of`.
    over : str
        What repeats them, in the words of a study file. The case as it was given is one of them,
        but among readers: what a study trains on is their consensus, and none of them.
    """
    kind = KINDS[over]
    has_any = table["case_id"].isin(table.loc[table["kind"] == kind, "case_id"])
    kinds = [kind] if kind == "reader" else ["given", kind]
    own = table[has_any & table["kind"].isin(kinds)]
    return own.drop(columns="kind").set_index(["case_id", "variant"])


def predicted(
    fitted: Fitted, rows: pd.DataFrame, *, strata: pd.Series | None = None
) -> pd.DataFrame:
    """Return what a model says of variants: the keys, probability and conformal p-values.

    ``strata`` holds the site or group of each case, by case, where prediction sets look at it.
    """
    own = None if strata is None else strata.loc[rows.index.get_level_values("case_id")]
    p = fitted.p_values(rows, strata=own)
    return rows.index.to_frame(index=False).assign(
        model=fitted.model, probability=fitted.probability(rows), p_0=p[:, 0], p_1=p[:, 1]
    )
