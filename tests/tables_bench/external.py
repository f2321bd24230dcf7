"""A model of three sites at the fourth: is it as good there, as calibrated, as sure?"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from radpred.evaluate import (
    calibration_in_the_large,
    calibration_slope,
    delong_interval,
    patient_weights,
    percentile_interval,
)
from radpred.evaluate.uncertainty.coverage import coverage_by_cell, coverage_shortfall
from radpred.model import Fitted, prediction_set
from radpred.model.labels import CaseLabels
from radpred.model.preparation.harmonise import Combat, unharmonised
from radpred.pipeline.evidence.plain import plain
from radpred.pipeline.learning.train import fit_final
from tables_bench.judged import LEVEL, design_of
from tables_bench.tables import Table, table_of

# Each site's columns are those of its tumour on CT: the same 105 names behind a prefix.
SITES = {
    "HNSCC": "GTV_",
    "Head-Neck-Radiomics-HN1": "GTV-1_",
    "Head-Neck-PET-CT": "CT_",
    "QIN-HEADNECK": "manual_",
}
WAYS = ("as it is", "ComBat")


def at_new_site(data: Path, site: str, *, way: str, preset: str) -> dict[str, Any]:
    """Return how a model of the other sites does at ``site``, which no part of it has seen.

    With ComBat, the sites of the training cases are brought together inside every fold; cases of
    the new site stay as they are, as those of a site that was never learnt.
    """
    tables = _of_sites(data)
    X = pd.concat([t.X for name, t in tables.items() if name != site])
    y = pd.concat([t.y for name, t in tables.items() if name != site])
    words = {case: name for name, t in tables.items() if name != site for case in t.X.index}
    before = [("site", Combat(CaseLabels(words), new_site="pooled"))] if way == "ComBat" else []
    design = design_of(preset)
    fitted = fit_final(
        design.models, X, y, pd.Series(X.index, index=X.index), design=design, before=before
    )
    new = tables[site]
    found = judged_at(fitted, new, draws=design.bootstrap_draws, seed=design.seed)
    left = unharmonised(fitted.chain, new.X.index) if isinstance(fitted.chain, Pipeline) else []
    return found | {"n_train": len(X), "n_unharmonised": len(left) if before else None}


def judged_at(fitted: Fitted, new: Table, *, draws: int, seed: int) -> dict[str, Any]:
    """Return discrimination, calibration and coverage of a model on cases that it has not seen."""
    y, risk, p = new.y.to_numpy(), fitted.probability(new.X), fitted.p_values(new.X)
    weights = patient_weights(
        new.patients.to_numpy(), n_draws=draws, rng=np.random.default_rng(seed)
    )
    sets = prediction_set(p, level=LEVEL)
    cells = coverage_by_cell(y, sets)
    rows = []
    for label in (0, 1):
        cell, n = cells[f"class={label}"], int((y == label).sum())
        n_covered = int(sets[y == label, label].sum())
        n_known = fitted.conformal.n_rows(label)
        chance = coverage_shortfall(n_covered, n, n_calibration=n_known, level=LEVEL)
        rows.append({"class": label, "n": n, "coverage": cell, "chance": chance})
    return plain(
        {
            "model": fitted.model,
            "n": len(y),
            "n_events": int(y.sum()),
            "auroc": delong_interval(y, risk),
            "slope": percentile_interval(calibration_slope(y, risk, weights)),
            "intercept": percentile_interval(calibration_in_the_large(y, risk, weights)),
            "mean_risk": float(risk.mean()),
            "coverage": rows,
            "singleton": float((sets.sum(axis=1) == 1).mean()),
        }
    )


def _of_sites(data: Path) -> dict[str, Table]:
    """Return the tables of all sites with the same columns in the same order."""
    first, prefix = next(iter(SITES.items()))
    frame = pd.read_parquet(data / f"{first}.parquet")
    columns = [c.removeprefix(prefix) for c in frame.columns if c.startswith(prefix)]
    return {
        site: table_of(data, site, prefix=start, columns=columns) for site, start in SITES.items()
    }
