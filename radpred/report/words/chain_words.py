"""How features were harmonised and chosen, and models tuned and blended, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from radpred.report.words.numbers import listed

_KEPT = {
    "relevance": "the most relevant were kept",
    "shap": "those with the largest mean absolute SHAP value in small boosted trees were kept",
    "mrmr": "the most relevant that repeat each other least (mRMR) were kept",
    "elastic_net": "those that an elastic net took up most often on halves of the patients were "
    "kept",
    "all_relevant": "those that beat shuffled features in forests (all-relevant) were kept",
    "univariate": "the most relevant were kept as far as a bounded false discovery rate allows",
    "components": "the rest of each family was replaced by its principal components, of which "
    "the largest were kept",
    "clusters": "the most relevant were kept, one of each cluster of features that rank cases "
    "alike",
    "none": "all others were kept",
}
_METHODS = {"combat": "ComBat", "location_scale": "location and scale"}
_SEARCHES = {"random": "a random search", "tpe": "a search by a tree-structured Parzen estimator"}


def kept(learning: Mapping[str, Any]) -> str:
    """Return how the features that a model sees were chosen."""
    return _KEPT[learning.get("selection") or "relevance"]


def prepared(learning: Mapping[str, Any]) -> str:
    """Return what was done to values before features were left out."""
    harmonise = learning.get("harmonise") or {}
    method = _METHODS.get(harmonise.get("method", "none"))
    if method is None:
        return "imputed and scaled"
    covariates = [str(name) for name in harmonise.get("covariates") or ()]
    kept_effect = f" (keeping the effect of {listed(covariates)})" if covariates else ""
    return f"imputed, harmonised over sites by {method}{kept_effect} and scaled"


def tuned(learning: Mapping[str, Any], folds: str) -> str:
    """Return how models were tuned over ``folds``."""
    tuning = learning.get("tuning") or {}
    search = _SEARCHES.get(tuning.get("method", "grid"))
    by = f" by {search} of {tuning.get('budget')} points" if search else ""
    return f"each model was tuned over {folds}{by}"


def blended(learning: Mapping[str, Any]) -> str:
    """Return what ensembles are made of, as a sentence with a space before it, if there are any."""
    models = learning.get("models") or ()
    if not {"average", "stack"}.intersection(models):
        return ""
    best = (learning.get("ensemble") or {}).get("best", 3)
    weighted = "; a stack also weighs them so" if "stack" in models else ""
    return (
        f" Ensembles add up to {best} of the models with the best inner scores, each on a line "
        f"that was fitted to out-of-fold scores of the same inner folds{weighted}."
    )


def of_new_sites(learning: Mapping[str, Any]) -> str:
    """Return what becomes of cases of sites that were not learnt, if anything is harmonised."""
    harmonise = learning.get("harmonise") or {}
    if harmonise.get("method", "none") == "none":
        return ""
    if harmonise.get("new_site", "refuse") == "refuse":
        return " A case of a site that was not learnt gets no answer."
    return " The features of a case of a site that was not learnt stay as they are."
