"""Settings drawn from everything that a study file may ask of the chain, and a cohort for them."""

from __future__ import annotations

from itertools import cycle
from typing import NamedTuple, get_args

import numpy as np
import pandas as pd
from pydantic import ValidationError

from radpred.config.study import HarmoniseSettings, LearningSettings, TuningSettings
from radpred.config.study.evidence.assurance import Calibration, ConformalSettings
from radpred.config.study.learning import CandidateName, Selection

N_SETTINGS = 12
_SEED = 20


class Cohort(NamedTuple):
    """Features at three sites, outcomes, patients and sites."""

    X: pd.DataFrame
    y: np.ndarray
    groups: np.ndarray
    site: pd.Series


def cohort(n: int = 72, p: int = 16, *, seed: int, strength: float = 0.0) -> Cohort:
    """Return features that each site shifts and stretches; noise unless ``strength`` is given."""
    rng = np.random.default_rng(seed)
    place, y = np.arange(n) // 2 % 3, rng.permutation(np.arange(n) % 2)
    values = rng.normal(size=(n, p)) * rng.uniform(0.7, 1.5, (3, p))[place]
    values += rng.normal(0, 1, (3, p))[place]
    values[:, :3] += strength * y[:, None]
    families = ("glcm", "firstorder")
    names = [f"tumour__original_{families[i % 2]}_F{i}" for i in range(p)]
    X = pd.DataFrame(values, columns=names, index=[f"case_{i:02d}" for i in range(n)])
    X.iloc[rng.random(n) < 0.1, 4] = np.nan
    X["clinical__age"] = 60 + 8 * rng.normal(size=n)
    X["clinical__sex"] = rng.choice(["f", "m"], n).astype(object)
    site = pd.Series(np.array(["A", "B", "C"])[place], index=X.index)
    return Cohort(X, y, np.array([f"patient_{i // 2:02d}" for i in range(n)]), site)


def _axis(annotation) -> list[str]:
    """Return the values of a setting."""
    return list(get_args(annotation))


def _of(kind, name: str) -> list[str]:
    """Return the values of a setting of a section."""
    return _axis(kind.model_fields[name].annotation)


def sampled(n: int = N_SETTINGS, *, seed: int = _SEED) -> list[LearningSettings]:
    """Return ``n`` valid settings: every model and way to choose columns comes, the rest by chance.

    What could not be had together, such as a distance without calibration, is drawn again.
    """
    rng = np.random.default_rng(seed)
    models, selections = (
        cycle(rng.permutation(_axis(values)).tolist()) for values in (CandidateName, Selection)
    )
    found: list[LearningSettings] = []
    while len(found) < n:
        names = [next(models), next(models)]
        selection = next(selections)
        while True:
            try:
                found.append(_drawn(names, selection, rng))
                break
            except ValidationError:
                continue
    return found


def _drawn(names: list[str], selection: str, rng: np.random.Generator) -> LearningSettings:
    """Return settings of two models, the rest by chance."""
    method = str(rng.choice(_of(TuningSettings, "method")))
    harmonise = str(rng.choice(_of(HarmoniseSettings, "method")))
    conformal = {
        name: str(rng.choice(_of(ConformalSettings, name))) for name in ("method", "by", "unknown")
    }
    if selection in ("all_relevant", "shap", "elastic_net"):
        conformal["method"] = "cross"  # not a choice of columns for each patient, for their time
    covariates = [] if harmonise == "none" else [[], ["age"], ["age", "sex"]][rng.integers(3)]
    return LearningSettings.model_validate(
        {
            "models": [*names, *rng.choice(["average", "stack"], rng.integers(3), replace=False)],
            "selection": selection,
            "harmonise": {"method": harmonise, "covariates": covariates, "new_site": "pooled"},
            "tuning": {"method": method, "budget": None if method == "grid" else 3},
            "calibration": str(rng.choice(_axis(Calibration))),
            "conformal": conformal,
            "correlation_limit": float(rng.choice([0.5, 0.9, 1.0])),
            "n_features": [[3], [2, 5], [4, 30]][rng.integers(3)],
            "seed": int(rng.integers(1000)),
            "repeats": 1,
            "outer_folds": 3,
            "inner_folds": 2,
        }
    )
