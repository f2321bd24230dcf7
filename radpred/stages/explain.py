"""Step `explain`: what moved the final model, for every training case."""

from __future__ import annotations

from pathlib import Path

from radpred.deploy import load_predictor
from radpred.explain.volume import volume_record
from radpred.stages.train import learnable
from radpred.stages.work.files import as_json, write_bytes


def explain(model: Path, features: Path, cohort: Path, output: Path) -> None:
    """Write ``explanation.json``: SHAP values of the calibrated final model in log-odds.

    Beside them stands how far what the model looks at goes with the volume of the tumour.
    """
    data = learnable(features, cohort)
    record = load_predictor(model).explain(data.X, site=data.site)
    looked_at = [
        one["name"]
        for facet in record.get("facets") or [record]
        for one in facet.get("features") or ()
    ]
    volume = volume_record(data.X, dict.fromkeys(looked_at))
    if volume is not None:
        record["volume"] = volume
    write_bytes(output, as_json(record))
