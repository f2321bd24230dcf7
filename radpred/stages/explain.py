"""Step `explain`: what moved the final model, for every training case."""

from __future__ import annotations

from pathlib import Path

from radpred.deploy import load_predictor
from radpred.stages.train import learnable
from radpred.stages.work.files import as_json, write_bytes


def explain(model: Path, features: Path, cohort: Path, output: Path) -> None:
    """Write ``explanation.json``: SHAP values of the calibrated final model in log-odds."""
    data = learnable(features, cohort)
    record = load_predictor(model).explain(data.X, site=data.site)
    write_bytes(output, as_json(record))
