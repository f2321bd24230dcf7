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
from radpred.config.study import HarmoniseSettings
from radpred.deploy.bundle import Bundle, read_bundle
from radpred.deploy.guarantees import Guarantee, guarantees_of
from radpred.deploy.others import predict_other
from radpred.errors import BundleError, InputError
from radpred.model import Fitted
from radpred.model.conformal import prediction_sets
from radpred.model.labels import CaseLabels
from radpred.pipeline.learning.assurance import strata_of, word
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
            The site of each case, by case, for models whose features are harmonised, or whose
            prediction sets look at it.
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
            Where features are harmonised and new sites pooled, ``unharmonised`` says whose site
            was not learnt: they count as they are. For each of `guarantees`, ``acts_npv_95`` and
            so on says whose risk reaches the threshold. Of several classes, and of a number, the
            answers are those of `radpred.deploy.others.predict_other`, and ``warnings``.

        Raises
        ------
        BundleError
            Columns are missing, or the table has feature columns the model does not know.
        InputError
            ``new_site``: cases of sites that were not learnt, where the study refuses these.
        """
        strata = strata_of(self.bundle.study.learning.conformal, X, site)
        X = self._manifest(X)
        if not isinstance(self.bundle.fitted, Fitted):
            table = predict_other(self.bundle.fitted, X, levels=self.levels)
            warned = [self._warnings(row) for _, row in X.iterrows()]
            return table.assign(warnings=warned).rename_axis("case_id")
        fitted, unharmonised = self._at_sites(X.index, site)
        table = pd.DataFrame(
            {"probability": fitted.probability(X), "log_odds": fitted.log_odds(X)}, index=X.index
        )
        ends = fitted.calibration_interval(X)
        if ends is not None:
            table[list(ENDS)] = ends
        for one in self.guarantees:
            table[one.column] = table["probability"] >= one.threshold
        table = table.join(self._sets(fitted, X, strata))
        if variants is not None:
            table = table.join(self._spread(fitted, X, variants))
            table["n_variants"] = table["n_variants"].fillna(0).astype(int)
        table["warnings"] = [self._warnings(row) for _, row in X.iterrows()]
        if strata is not None:
            unseen = [
                _UNSEEN.format(name) if is_unseen else ""
                for name, is_unseen in zip(strata, table["unseen_group"], strict=True)
            ]
            both = zip(unseen, table["warnings"], strict=True)
            table["warnings"] = ["; ".join(filter(None, pair)) for pair in both]
        if self._harmonise.is_on:
            table["unharmonised"] = X.index.astype(str).isin(unharmonised)
        return table.rename_axis("case_id")

    @property
    def guarantees(self) -> tuple[Guarantee, ...]:
        """Return the thresholds that the study found, each with what it keeps."""
        return guarantees_of(self.bundle.record)

    @property
    def _harmonise(self) -> HarmoniseSettings:
        """Return how features are harmonised."""
        return self.bundle.study.learning.harmonise

    def of_new_sites(self, cases: pd.Index, site: pd.Series | None) -> list[str]:
        """Return those of ``cases`` whose site was not learnt, where features are harmonised."""
        if not self._harmonise.is_on:
            return []
        return self._told(cases, site).unharmonised(cases)

    def _told(self, cases: pd.Index, site: pd.Series | None) -> Any:
        """Return the model, told of the site of each case."""
        if not self._harmonise.is_on:
            return self.bundle.fitted
        given = pd.Series("", index=cases) if site is None else site.reindex(cases)
        fitted: Any = self.bundle.fitted
        return fitted.at_sites(CaseLabels(given.map(word)))

    def _at_sites(self, cases: pd.Index, site: pd.Series | None) -> tuple[Fitted, list[str]]:
        """Return the model, told of the site of each case, and the cases whose site is new."""
        fitted, new = self._told(cases, site), self.of_new_sites(cases, site)
        if new and self._harmonise.new_site == "refuse":
            msg = (
                f"{len(new)} of {len(cases)} cases come from sites that the model has not learnt, "
                f"first {new[:3]}, and its study refuses these; leave them out, or train with "
                "harmonise.new_site: pooled"
            )
            raise InputError(msg, code="new_site")
        return fitted, new

    def _sets(self, fitted: Fitted, X: pd.DataFrame, strata: pd.Series | None) -> pd.DataFrame:
        """Return p-values, the set of each level, and why sets are what they are."""
        answers = fitted.conformal.answers(X, strata=strata)
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

    def _spread(self, fitted: Fitted, X: pd.DataFrame, variants: pd.DataFrame) -> pd.DataFrame:
        """Return how far the risk of each case moves over its variants."""
        rows = Variants(table=variants).of(X)
        risks = pd.Series(fitted.probability(rows), index=rows.index, dtype=float)
        by_case = risks.groupby(level="case_id")
        low, high = (by_case.quantile(share) for share in INNER)
        return pd.DataFrame({"risk_low": low, "risk_high": high, "n_variants": by_case.count()})

    def explain(self, X: pd.DataFrame, *, site: pd.Series | None = None) -> dict[str, Any]:
        """Return the SHAP values of each case on the calibrated log-odds, as a record.

        ``site`` is as in `predict`.
        """
        if not isinstance(self.bundle.fitted, Fitted):
            return explanations.explain_other(self.bundle.fitted, self._manifest(X))
        explained = explanations.explain(self._told(X.index, site), self._manifest(X))
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
