"""Evaluation and explanation of a made study: the layout of the report, real arithmetic."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import (
    average_precision_score,
    brier_score_loss,
    log_loss,
    precision_recall_curve,
    roc_auc_score,
    roc_curve,
)

LEVELS = (0.8, 0.9, 0.95)
LABELS = {
    "selected": "Selected model",
    "elastic_net": "Elastic net",
    "svm": "Support vector machine",
    "random_forest": "Random forest",
    "xgboost": "Gradient-boosted trees",
    "volume": "Volume alone",
    "clinical": "Clinical data alone",
}
# name, true effect on the log-odds of the event
FEATURES = {
    "tumour__original_shape_MeshVolume": 0.5,
    "tumour__original_shape_Sphericity": -0.7,
    "tumour__original_firstorder_90Percentile": 0.25,
    "tumour__original_glcm_JointEntropy": 0.6,
    "tumour__log-sigma-3-0-mm-3D_glszm_LargeAreaHighGrayLevelEmphasis": 0.45,
    "tumour__wavelet-LLH_glrlm_ShortRunLowGrayLevelEmphasis": -0.2,
    "ring_0_8mm__original_firstorder_Skewness": 0.8,
    "ring_0_8mm__log-sigma-1-0-mm-3D_gldm_DependenceNonUniformityNormalized": 0.55,
    "ring_0_8mm__original_ngtdm_Busyness": -0.3,
    "ring_0_8mm__original_glcm_Idmn": 0.2,
    "ring_0_4mm__original_firstorder_Mean": 0.15,
    "ring_0_4mm__wavelet-HHL_glcm_Imc2": 0.1,
    "clinical__age": 0.3,
    "clinical__grade": 0.4,
}


def evaluation_of(
    rng: np.random.Generator,
    cohort: pd.DataFrame,
    predictions: pd.DataFrame,
    *,
    has_clinical: bool,
    n_draws: int,
) -> dict[str, Any]:
    """Return evaluation.json: metrics with intervals from resampled patients."""
    wide = predictions.pivot_table(index="case_id", columns="model", values="probability")
    wide = wide.loc[cohort["case_id"]]
    y, groups = cohort["y"].to_numpy(), cohort["patient_id"].to_numpy()
    draws = [_resampled(rng, groups) for _ in range(n_draws)]
    draws = [rows for rows in draws if 0 < y[rows].mean() < 1]
    names = [name for name in LABELS if name in wide]
    aucs = {m: np.array([_auc(y[r], wide[m].to_numpy()[r]) for r in draws]) for m in names}
    selected = wide["selected"].to_numpy()
    curves = {m: wide[m].to_numpy() for m in ("selected", "volume", "clinical") if m in wide}
    return {
        "study": {
            "name": "sts_lung",
            "title": "Lung metastasis in soft-tissue sarcoma",
            "outcome": "lung_metastasis",
            "positive": "1",
            "n_cases": len(cohort),
            "n_patients": int(cohort["patient_id"].nunique()),
            "n_events": int(y.sum()),
            "n_clinical": 2 if has_clinical else 0,
            "n_features": 1284,
            "events_per_candidate": round(float(y.sum()) / 1284, 4),
        },
        "design": {
            "outer_folds": 5,
            "inner_folds": 5,
            "repeats": int(predictions["repeat"].nunique()),
            "seed": 0,
            "bootstrap_draws": n_draws,
            "confidence_levels": list(LEVELS),
        },
        "models": [_model(m, y, wide[m].to_numpy(), draws=draws) for m in names],
        "selected": {"final_model": "svm", "chosen": {"svm": 13, "elastic_net": 8, "xgboost": 4}},
        "differences": [
            {"against": m, "auroc": _ci(aucs["selected"] - aucs[m], _gain(y, wide, m))}
            for m in ("volume", "clinical")
            if m in aucs
        ],
        "roc": {m: _roc(y, p, draws=draws) for m, p in curves.items()},
        "pr": {m: _pr(y, p, draws=draws) for m, p in curves.items()},
        "calibration_curve": _calibration_curve(y, selected, draws=draws),
        "decision_curve": _decision_curve(y, curves, draws=draws),
        "conformal": _conformal(predictions),
        "null": {"ece": 0.071, "ece_null": 0.082, "ace": 0.093, "ace_null": 0.088},
    }


def _resampled(rng: np.random.Generator, groups: np.ndarray) -> np.ndarray:
    """Return rows of patients drawn with replacement."""
    patients = np.unique(groups)
    rows = {patient: np.flatnonzero(groups == patient) for patient in patients}
    return np.concatenate([rows[p] for p in rng.choice(patients, len(patients))])


def _auc(y: np.ndarray, score: np.ndarray) -> float:
    """Return the AUROC."""
    return float(roc_auc_score(y, score))


def _gain(y: np.ndarray, wide: pd.DataFrame, model: str) -> float:
    """Return the selected model's AUROC minus that of ``model``."""
    return _auc(y, wide["selected"].to_numpy()) - _auc(y, wide[model].to_numpy())


def _ci(draws: np.ndarray, value: float) -> dict[str, float]:
    """Return a value with the 2.5th and 97.5th percentile of its draws."""
    low, high = np.nanpercentile(draws, [2.5, 97.5])
    return {"value": float(value), "low": float(low), "high": float(high)}


def logistic(score: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Return slope and intercept of the outcome on a score, by Newton's method."""
    design = np.column_stack([score, np.ones_like(score)])
    weights = np.zeros(2)
    for _ in range(12):
        p = 1 / (1 + np.exp(-np.clip(design @ weights, -30, 30)))
        hessian = (design * (p * (1 - p))[:, None]).T @ design + 1e-6 * np.eye(2)
        weights = weights + np.linalg.solve(hessian, design.T @ (y - p))
    return float(weights[0]), float(weights[1])


def _slope(y: np.ndarray, p: np.ndarray) -> float:
    return logistic(np.log(p / (1 - p)), y)[0]


def _intercept(y: np.ndarray, p: np.ndarray) -> float:
    """Return calibration in the large, with the slope held at 1."""
    logit, shift = np.log(p / (1 - p)), 0.0
    for _ in range(12):
        q = 1 / (1 + np.exp(-(logit + shift)))
        shift += float((y - q).sum() / (q * (1 - q)).sum())
    return shift


def _model(name: str, y: np.ndarray, p: np.ndarray, *, draws: list[np.ndarray]) -> dict[str, Any]:
    """Return one entry of ``models``."""
    metrics = {
        "auroc": roc_auc_score,
        "auprc": average_precision_score,
        "brier": brier_score_loss,
        "log_loss": log_loss,
        "calibration_slope": _slope,
        "calibration_intercept": _intercept,
    }
    kinds = {"selected": "selected", "volume": "baseline", "clinical": "baseline"}
    return {
        "name": name,
        "label": LABELS[name],
        "kind": kinds.get(name, "candidate"),
        "metrics": {
            key: _ci(np.array([metric(y[r], p[r]) for r in draws]), metric(y, p))
            for key, metric in metrics.items()
        },
        "inner_score": None if name in kinds else 0.76,
    }


def _roc(y: np.ndarray, p: np.ndarray, *, draws: list[np.ndarray]) -> dict[str, list[float]]:
    """Return a ROC curve on a grid, with the band of its draws."""
    grid = np.linspace(0, 1, 101)

    def on_grid(rows: np.ndarray) -> np.ndarray:
        fpr, tpr, _ = roc_curve(y[rows], p[rows])
        return np.interp(grid, fpr, tpr)

    return {"fpr": grid.tolist(), **_band(on_grid, y, draws=draws, name="tpr")}


def _pr(y: np.ndarray, p: np.ndarray, *, draws: list[np.ndarray]) -> dict[str, list[float]]:
    """Return precision on a grid of recall, with the band of its draws."""
    grid = np.linspace(0.01, 1, 100)

    def on_grid(rows: np.ndarray) -> np.ndarray:
        precision, recall, _ = precision_recall_curve(y[rows], p[rows])
        return np.interp(grid, recall[::-1], precision[::-1])

    return {"recall": grid.tolist(), **_band(on_grid, y, draws=draws, name="precision")}


def _band(curve: Any, y: np.ndarray, *, draws: list[np.ndarray], name: str) -> dict[str, Any]:
    """Return a curve of all rows, and the 95 % band of the draws' curves."""
    low, high = np.percentile([curve(rows) for rows in draws], [2.5, 97.5], axis=0)
    return {name: curve(np.arange(len(y))).tolist(), "low": low.tolist(), "high": high.tolist()}


def _calibration_curve(y: np.ndarray, p: np.ndarray, *, draws: list[np.ndarray]) -> dict[str, Any]:
    """Return a smooth curve of the outcome over the predicted risk."""
    grid = np.linspace(*np.percentile(p, [1, 99]), 60)

    def smooth(rows: np.ndarray) -> np.ndarray:
        weight = np.exp(-0.5 * ((grid[:, None] - p[rows]) / 0.11) ** 2)
        return np.asarray((weight * y[rows]).sum(axis=1) / weight.sum(axis=1))

    edges = np.linspace(0, 1, 21)
    return {
        "predicted": grid.tolist(),
        **_band(smooth, y, draws=draws, name="observed"),
        "histogram": {
            "edges": edges.tolist(),
            "events": np.histogram(p[y == 1], edges)[0].tolist(),
            "non_events": np.histogram(p[y == 0], edges)[0].tolist(),
        },
    }


def _decision_curve(
    y: np.ndarray, curves: dict[str, np.ndarray], *, draws: list[np.ndarray]
) -> dict[str, Any]:
    """Return net benefit over thresholds of the models and of treating all."""
    threshold = np.linspace(0.01, 0.99, 99)
    odds = threshold / (1 - threshold)

    def benefit(y: np.ndarray, p: np.ndarray) -> np.ndarray:
        acted = p[None, :] >= threshold[:, None]
        return np.asarray((acted & (y == 1)).mean(axis=1) - odds * (acted & (y == 0)).mean(axis=1))

    selected = curves["selected"]
    drawn = [benefit(y[rows], selected[rows]) for rows in draws]
    low, high = np.percentile(drawn, [2.5, 97.5], axis=0)
    return {
        "threshold": threshold.tolist(),
        **{name: benefit(y, p).tolist() for name, p in curves.items()},
        "low": low.tolist(),
        "high": high.tolist(),
        "treat_all": (y.mean() - odds * (1 - y.mean())).tolist(),
    }


def _conformal(predictions: pd.DataFrame) -> list[dict[str, Any]]:
    """Return coverage and set sizes by level and class."""
    rows = predictions[predictions["model"] == "selected"]
    result = []
    for level in LEVELS:
        inside = rows[["p_0", "p_1"]].to_numpy() > 1 - level
        held = np.where(rows["y"] == 1, inside[:, 1], inside[:, 0])
        for label in (0, 1, "all"):
            mine = np.full(len(rows), True) if label == "all" else (rows["y"] == label).to_numpy()
            n = int(mine.sum() / rows["repeat"].nunique())
            size, share = inside[mine].sum(axis=1), float(held[mine].mean())
            half = 1.96 * np.sqrt(max(share * (1 - share), 0.01) / n)
            sd = None if label == "all" else float(np.sqrt(level * (1 - level) / (n + 2)))
            result.append(
                {
                    "level": level,
                    "class": label,
                    "n": n,
                    "coverage": {"value": share, "low": share - half, "high": min(1, share + half)},
                    "set_size": {
                        "value": float(size.mean()),
                        "low": float(size.mean()) - 0.08,
                        "high": float(size.mean()) + 0.08,
                    },
                    "singleton": float((size == 1).mean()),
                    "both": float((size == 2).mean()),
                    "empty": float((size == 0).mean()),
                    "expected_sd": sd,
                }
            )
    return result


def explanation_of(cohort: pd.DataFrame, *, has_clinical: bool, modality: str) -> dict[str, Any]:
    """Return explanation.json of a linear model, whose contributions are known exactly."""
    names = [n for n in FEATURES if has_clinical or not n.startswith("clinical")]
    values = cohort[names].to_numpy()
    shap = np.nan_to_num(values) * np.array([0.8 * FEATURES[n] for n in names])
    shown = [n if n.startswith("clinical") or not modality else f"{modality}__{n}" for n in names]
    base, log_odds = -0.7, -0.7 + shap.sum(axis=1)
    mean_abs = np.abs(shap).mean(axis=0)
    order = np.argsort(-mean_abs)
    parts = {n: _parts(n) for n in shown}
    cases = [
        {
            "case_id": case_id,
            "probability": float(1 / (1 + np.exp(-log_odds[row]))),
            "log_odds": float(log_odds[row]),
            "contributions": [
                {
                    "name": shown[c],
                    "value": None if np.isnan(values[row, c]) else float(values[row, c]),
                    "shap": float(shap[row, c]),
                }
                for c in range(len(names))
            ],
        }
        for row, case_id in enumerate(cohort["case_id"])
    ]
    return {
        "model": "svm",
        "scale": "calibrated log-odds",
        "base_value": base,
        "n_cases": len(cases),
        "features": [
            {
                "name": shown[c],
                "mean_abs": float(mean_abs[c]),
                "share": float(mean_abs[c] / mean_abs.sum()),
                "rank": rank + 1,
            }
            for rank, c in enumerate(order)
        ],
        "groups": {
            kind: _groups([parts[n][kind] for n in shown], shap)
            for kind in ("family", "image", "region", "modality")
        },
        "cases": cases,
    }


def _parts(name: str) -> dict[str, str]:
    """Return the groups of a column that this file wrote itself."""
    if name.startswith("clinical"):
        return dict.fromkeys(("family", "image", "region", "modality"), "clinical")
    *places, rest = name.split("__")
    image, family, _ = rest.split("_")
    modality = places[0] if len(places) == 2 else ""
    return {"family": family, "image": image, "region": places[-1], "modality": modality}


def _groups(labels: list[str], shap: np.ndarray) -> list[dict[str, Any]]:
    """Return the mean absolute sum of contributions of each group."""
    members = {
        g: [i for i, label in enumerate(labels) if label == g] for g in dict.fromkeys(labels)
    }
    sums = {g: float(np.abs(shap[:, cols].sum(axis=1)).mean()) for g, cols in members.items()}
    total = sum(sums.values())
    return [{"name": g, "mean_abs": s, "share": s / total} for g, s in sums.items()]
