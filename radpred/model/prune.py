"""Forget what a fitted chain no longer needs; its answers stay the same to the last bit."""

from __future__ import annotations

from sklearn.pipeline import Pipeline


def pruned(chain: Pipeline) -> Pipeline:
    """Return ``chain`` with steps that know only the columns which reach the model.

    Every step before the model treats columns one by one once it is fitted, so the others can go:
    a table of thousands of features leaves a chain of ten.
    """
    names = chain[:-1].get_feature_names_out().tolist()
    steps = [(label, step.restricted_to(names)) for label, step in chain.steps[:-1]]
    return Pipeline([*steps, chain.steps[-1]])
