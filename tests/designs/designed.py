"""A study that is measured already: its tables in a folder, small and with signal."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from radpred.config.study import StudySettings
from radpred.stages.evaluate import evaluate
from radpred.stages.train import fit, train
from radpred.stages.work.files import as_json, read_json
from radpred.table import write_table

N = 72
SITES = ("east", "north", "west")


def make_study(folder: Path, **learning: Any) -> Path:
    """Write features, cohort and settings into ``folder``; return the settings' file."""
    rng = np.random.default_rng(4)
    y = (np.arange(N) % 3 == 0).astype(int)
    ids = [f"case_{i:03d}" for i in range(N)]
    features = pd.DataFrame({"case_id": ids})
    for i in range(6):
        features[f"tumour__original_glcm_F{i}"] = rng.normal(size=N) + (1.2 * y if i < 2 else 0)
    features["tumour__original_shape_MeshVolume"] = np.exp(rng.normal(size=N) + 0.4 * y)
    cohort = pd.DataFrame({"case_id": ids, "patient_id": [f"p{i:03d}" for i in range(N)], "y": y})
    cohort["site"] = [SITES[(i // 3) % 3] for i in range(N)]
    design = learning.get("design", {})
    if design.get("kind") == "date":
        cohort["dealt_by"] = pd.date_range("2019-01-01", periods=N, freq="9D").astype(str)
    if design.get("kind") == "external":
        cohort["dealt_by"] = ["1" if i >= 48 else "0" for i in range(N)]
    cohort["clinical__age"] = 60 + 5 * rng.normal(size=N) + 3 * y
    write_table(features, folder / "features.parquet", metadata={"settings": {}})
    write_table(cohort, folder / "cohort.parquet", metadata={})
    small = {
        "models": ["logistic"], "repeats": 2, "outer_folds": 3, "inner_folds": 3,
        "n_features": [4], "bootstrap_draws": 100, "seed": 3,
        "confidence_levels": [0.7, 0.8],
    }  # fmt: skip
    study = StudySettings.model_validate(
        {
            "name": "designed",
            "out": str(folder),
            "outcome": {"column": "event", "clinical": ["age"]},
            "learning": {**small, **learning},
        }
    )
    path = folder / "study.json"
    path.write_bytes(as_json(study.model_dump(mode="json")))
    return path


def run(study_json: Path) -> dict[str, Any]:
    """Fit, train and evaluate a made study as the workflow does; return its evidence."""
    folder = study_json.parent
    study = StudySettings.model_validate(json.loads(study_json.read_text()))
    tables = folder / "features.parquet", folder / "cohort.parquet"
    final = folder / "models" / "final.zip"
    fit(study_json, *tables, final)
    parts = []
    for repeat in range(study.learning.n_repeats):
        parts.append(folder / "models" / f"repeat_{repeat}.parquet")
        train(study_json, *tables, repeat=repeat, output=parts[-1])
    evaluate(study_json, *tables, final, parts, folder / "evaluation.json")
    return read_json(folder / "evaluation.json")
