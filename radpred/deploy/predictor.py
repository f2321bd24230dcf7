"""A trained model at work: features or scans of new patients in, calibrated answers out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from radpred import explain as explanations
from radpred.cohort import Case
from radpred.deploy.bundle import Bundle, read_bundle
from radpred.errors import BundleError
from radpred.model.conformal import prediction_sets
from radpred.pipeline.learning.assurance import strata_of
from radpred.pipeline.learning.train import ENDS
from radpred.pipeline.measuring.measure import measure
from radpred.pipeline.measuring.pieces import first_modality
from radpred.pipeline.variants.repeats import Variants
from radpred.pipeline.variants.spread import INNER
from radpred.table.bags import bag_name, is_bag
from radpred.table.columns import region_of

_UNSEEN = "no training case is of the site or group {!r}: sets promise nothing for it"
_EDGE = 0.05  # share of columns outside the training range that is worth a warning


@dataclass(frozen=True)
class Predictor:
    """A bundle that answers.

    Every row is computed alone, so a case gives the same numbers in any company.
    """

    bundle: Bundle

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns that the model was made with."""
        return self.bundle.fitted.columns

    @property
    def levels(self) -> tuple[float, ...]:
        """Return the confidence levels of the prediction sets."""
        return self.bundle.study.learning.confidence_levels

    def measure(self, case: Case, *, others: Sequence[Case] = ()) -> dict[str, Any]:
        """Return what a new case is by column, measured as the training cases were."""
        measured = measure(case, self.bundle.study, others=others)
        if self.bundle.study.habitats is None:
            return dict(measured.values)
        return {**measured.values, bag_name(first_modality(case.images)): measured.bag}

    def predict(
        self,
        X: pd.DataFrame,
        *,
        site: pd.Series | None = None,
        variants: pd.DataFrame | None = None,
    ) -> pd.DataFrame:
        """Return one row of answers a case.

        Parameters
        ----------
        X : DataFrame
            Indexed by case; the columns of the bundle's manifest, in any order.
        site : Series, optional
            The site of each case, by case, for models whose prediction sets look at it.
        variants : DataFrame, optional
            Features of the same cases on perturbed masks, indexed by ``case_id``, ``kind`` and
            ``variant``.

        Returns
        -------
        DataFrame
            ``probability`` (calibrated), ``log_odds``, ``p_0`` and ``p_1`` (conformal p-values),
            a column ``set_90`` and so on (classes that stay possible at that level, such as
            ``"0 1"``), ``set_reason`` (why sets are what they are, where the calibration rows and
            not the case decided that), and ``warnings``. Where sets look at a site or group,
            ``unseen_group`` says whose training did not see: nothing is promised for them. Where
            Venn-ABERS calibrates, ``calibration_low`` and ``calibration_high``: how far one more
            patient like this could move the probability. With variants also ``risk_low`` and
            ``risk_high``, between which 90 % of their probabilities lie, and ``n_variants``.

        Raises
        ------
        BundleError
            Columns are missing, or the table has feature columns the model does not know.
        """
        strata = strata_of(self.bundle.study.learning.conformal, X, site)
        X = self._manifest(X)
        fitted = self.bundle.fitted
        table = pd.DataFrame(
            {"probability": fitted.probability(X), "log_odds": fitted.log_odds(X)}, index=X.index
        )
        ends = fitted.calibration_interval(X)
        if ends is not None:
            table[list(ENDS)] = ends
        table = table.join(self._sets(X, strata))
        if variants is not None:
            table = table.join(self._spread(X, variants))
            table["n_variants"] = table["n_variants"].fillna(0).astype(int)
        table["warnings"] = [self._warnings(row) for _, row in X.iterrows()]
        if strata is not None:
            unseen = [
                _UNSEEN.format(name) if is_unseen else ""
                for name, is_unseen in zip(strata, table["unseen_group"], strict=True)
            ]
            both = zip(unseen, table["warnings"], strict=True)
            table["warnings"] = ["; ".join(filter(None, pair)) for pair in both]
        return table.rename_axis("case_id")

    def _sets(self, X: pd.DataFrame, strata: pd.Series | None) -> pd.DataFrame:
        """Return p-values, the set of each level, and why sets are what they are."""
        answers = self.bundle.fitted.conformal.answers(X, strata=strata)
        p = answers.p_values
        table = pd.DataFrame({"p_0": p[:, 0], "p_1": p[:, 1]}, index=X.index)
        reasons = pd.DataFrame(index=X.index)
        for level in self.levels:
            sets = prediction_sets(answers.at(level), level=level)
            table[f"set_{100 * level:g}"] = [
                " ".join(str(c) for c in np.flatnonzero(row)) for row in sets.holds
            ]
            reasons[f"{100 * level:g} %"] = sets.reason
        table["set_reason"] = [_joined(row) for row in reasons.to_dict("records")]
        if strata is not None:
            table["unseen_group"] = ~answers.is_claimed
        return table

    def _spread(self, X: pd.DataFrame, variants: pd.DataFrame) -> pd.DataFrame:
        """Return how far the risk of each case moves over its variants."""
        rows = Variants(table=variants).of(X)
        risks = pd.Series(self.bundle.fitted.probability(rows), index=rows.index, dtype=float)
        by_case = risks.groupby(level="case_id")
        low, high = (by_case.quantile(share) for share in INNER)
        return pd.DataFrame({"risk_low": low, "risk_high": high, "n_variants": by_case.count()})

    def explain(self, X: pd.DataFrame) -> dict[str, Any]:
        """Return the SHAP values of each case on the calibrated log-odds, as a record."""
        explained = explanations.explain(self.bundle.fitted, self._manifest(X))
        return explanations.explanation_record(explained)

    def _manifest(self, X: pd.DataFrame) -> pd.DataFrame:
        """Return the columns of the manifest, or refuse a table made in another way."""
        missing = [name for name in self.columns if name not in X.columns]
        foreign = [name for name in X.columns if self._is_foreign(name)]
        if missing or foreign:
            first = ", ".join((missing or foreign)[:3])
            msg = (
                f"the table has not the model's columns: {len(missing)} missing, {len(foreign)} "
                f"unknown (first: {first}); extract it with this model's own settings"
            )
            raise BundleError(msg, code="other_manifest")
        return X[list(self.columns)]

    @property
    def tables(self) -> tuple[str, ...]:
        """Return the tables of other features that the model takes columns of."""
        regions = {region_of(name) for name in self.columns}
        return tuple(name for name in self.bundle.study.tables if name in regions)

    def _is_foreign(self, name: str) -> bool:
        """Say whether a column of a table is none that the model, or its study, knows."""
        if "__" not in name or name in self.columns or is_bag(name):
            return False
        regions = self.bundle.study.learning.regions
        # A model of some regions is offered those of the others, too, and passes them over.
        return regions is None or region_of(name) in regions

    def _warnings(self, row: pd.Series) -> str:
        """Return what is unusual about a case beside the training cases."""
        reference = self.bundle.reference.set_index("column")
        values = row[reference.index].astype(float)
        outside = (values < reference["minimum"]) | (values > reference["maximum"])
        notes = []
        if outside.mean() > _EDGE:
            notes.append(f"{outside.sum()} of {len(values)} columns lie outside the training range")
        missing = values.isna() & (reference["missing"] == 0)
        if missing.any():
            notes.append(f"{missing.sum()} columns are missing that no training case lacked")
        return "; ".join(notes)


def _joined(reasons: Mapping[Any, str]) -> str:
    """Return the reasons of all levels; the same one for several levels is told once."""
    levels: dict[str, list[str]] = {}
    for level, reason in reasons.items():
        if reason:
            levels.setdefault(reason, []).append(str(level))
    return "; ".join(f"{', '.join(names)}: {reason}" for reason, names in levels.items())


def load_predictor(path: str | Path) -> Predictor:
    """Return the predictor in a ``model.radpred`` file.

    Raises
    ------
    BundleError
        The file is no bundle, is damaged, or was made by a later radpred.
    """
    return Predictor(read_bundle(path))
