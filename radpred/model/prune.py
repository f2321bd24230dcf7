"""Forget what a fitted chain no longer needs; its answers stay the same to the last bit."""

from __future__ import annotations

from sklearn.pipeline import Pipeline


def pruned(chain: Pipeline) -> Pipeline:
    """Return ``chain`` with steps that know only the columns which the model needs.

    From the last step back, each is asked for the columns that the next one takes: those that
    components are made of, and the covariates of a harmonised column, stay with them. A table of
    thousands of features leaves a chain of ten.
    """
    names = chain[:-1].get_feature_names_out().tolist()
    steps = []
    for label, step in reversed(chain.steps[:-1]):
        narrow = step.restricted_to(names)
        names = narrow.feature_names_in_.tolist()
        steps.append((label, narrow))
    return Pipeline([*reversed(steps), chain.steps[-1]])
