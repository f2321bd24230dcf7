"""A made study in the layout that the report reads: simulated patients, real arithmetic."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.image import imsave

from radpred.pipeline.evidence.comparison import added_by_imaging, comparison_of, operating_points

from .made_certainty import certainty_of
from .made_evidence import FEATURES, evaluation_of, explanation_of, logistic


@dataclass(frozen=True, kw_only=True)
class MadeStudy:
    """Everything that ``render_report`` takes."""

    evaluation: dict[str, Any]
    explanation: dict[str, Any]
    verdicts: pd.DataFrame
    predictions: pd.DataFrame
    settings: dict[str, Any]
    versions: dict[str, str]
    pictures: list[dict[str, Any]]
    kept_rings: pd.DataFrame

    def inputs(self, **changes: Any) -> dict[str, Any]:
        """Return the keyword arguments of ``render_report``, some of them changed."""
        return {**vars(self), **changes}


def make_study(
    *,
    n_patients: int = 96,
    strength: float = 1.0,
    prevalence: float = 0.35,
    n_repeats: int = 5,
    has_clinical: bool = True,
    modality: str = "",
    n_draws: int = 40,
    seed: int = 7,
) -> MadeStudy:
    """Return a study of patients whose outcome depends on the images as much as ``strength``."""
    rng = np.random.default_rng(seed)
    cohort = _cohort(rng, n_patients=n_patients, strength=strength, prevalence=prevalence)
    predictions = _predictions(rng, cohort, n_repeats=n_repeats, has_clinical=has_clinical)
    evaluation = evaluation_of(rng, cohort, predictions, has_clinical=has_clinical, n_draws=n_draws)
    whole = predictions.assign(fold=pd.factorize(predictions["patient_id"])[0] % 5)
    draws = {"thresholds": [prevalence], "n_draws": n_draws, "seed": seed}
    evaluation |= {
        "comparison": comparison_of(whole, **draws),
        "added": added_by_imaging(whole, **draws),
        "operating": operating_points(whole, {"sensitivity": 0.8}, seed=seed),
    }
    return MadeStudy(
        evaluation={**evaluation, **certainty_of(np.random.default_rng(seed), predictions)},
        explanation=explanation_of(cohort, has_clinical=has_clinical, modality=modality),
        verdicts=_verdicts(cohort),
        predictions=predictions,
        settings=SETTINGS,
        versions={
            "radpred": "0.1.0",
            "python": "3.11.7",
            "numpy": "2.4.6",
            "scikit-learn": "1.9.1",
            "xgboost": "3.2.0",
            "shap": "0.51.0",
            "SimpleITK": "2.5.7",
        },
        pictures=_pictures(cohort, n=4),
        kept_rings=_kept_rings(rng, cohort),
    )


def _cohort(
    rng: np.random.Generator, *, n_patients: int, strength: float, prevalence: float
) -> pd.DataFrame:
    """Return one row a lesion: its patient, outcome, log-odds and features (standardised)."""
    patient = np.repeat(np.arange(n_patients), rng.choice([1, 2], n_patients, p=[0.88, 0.12]))
    n = len(patient)
    features = pd.DataFrame(rng.standard_normal((n, len(FEATURES))), columns=list(FEATURES))
    features["tumour__original_glcm_JointEntropy"] += 0.6 * features.iloc[:, 0]
    features.loc[rng.random(n) < 0.08, "ring_0_8mm__original_ngtdm_Busyness"] = np.nan
    effect = strength * features.fillna(0).to_numpy() @ np.array(list(FEATURES.values()))
    log_odds = effect + np.log(prevalence / (1 - prevalence))
    frame = features.assign(
        case_id=[f"STS_{100 + i:03d}" for i in range(n)],
        patient_id=[f"P{p:03d}" for p in patient],
        site=np.where(patient % 3 == 0, "Leiden", "Ghent"),
        log_odds=log_odds,
    )
    frame["y"] = (rng.random(n) < 1 / (1 + np.exp(-log_odds))).astype(int)
    return frame


def _predictions(
    rng: np.random.Generator, cohort: pd.DataFrame, *, n_repeats: int, has_clinical: bool
) -> pd.DataFrame:
    """Return the long table: every model's out-of-fold answer in every repeat."""
    noise = {"selected": 0.9, "elastic_net": 1.0, "svm": 0.9, "random_forest": 1.3, "xgboost": 1.6}
    n = len(cohort)
    lasting = {model: sd * rng.standard_normal(n) for model, sd in noise.items()}
    truth = cohort["log_odds"].to_numpy()
    scores = {model: 0.75 * truth + own for model, own in lasting.items()}
    scores["volume"] = -0.6 + 0.5 * cohort["tumour__original_shape_MeshVolume"].to_numpy()
    if has_clinical:
        scores["clinical"] = -0.6 + 0.3 * cohort[["clinical__age", "clinical__grade"]].sum(axis=1)
    return pd.concat(
        [
            _one_repeat(rng, cohort, model=model, score=np.asarray(score), repeat=repeat)
            for model, score in scores.items()
            for repeat in range(n_repeats)
        ],
        ignore_index=True,
    )


def _one_repeat(
    rng: np.random.Generator, cohort: pd.DataFrame, *, model: str, score: np.ndarray, repeat: int
) -> pd.DataFrame:
    """Return one model's answers in one repeat, with p-values of both classes."""
    score = score + 0.25 * rng.standard_normal(len(score))
    slope, shift = logistic(score, cohort["y"].to_numpy())
    probability = 1 / (1 + np.exp(-(slope * score + shift)))
    frame = cohort[["case_id", "patient_id", "y", "site"]].assign(
        model=model,
        repeat=repeat,
        fold=rng.integers(0, 5, len(cohort)),
        score=score,
        probability=np.clip(probability, 0.01, 0.99),
        inner_score=0.75,
    )
    for label, strangeness in ((0, probability), (1, 1 - probability)):
        members = strangeness[cohort["y"].to_numpy() == label]
        ranks = (members[None, :] >= strangeness[:, None]).sum(axis=1)
        frame[f"p_{label}"] = (ranks + 1) / (len(members) + 1)
    return frame


def _verdicts(cohort: pd.DataFrame) -> pd.DataFrame:
    """Return a verdict of every case, with six rejections and some notes."""
    columns = ["case_id", "patient_id", "stage", "status", "code", "came", "wanted", "todo"]
    rows: list[tuple[str, ...]] = [
        (c, p, "extract", "accepted", "", "", "", "")
        for c, p in zip(cohort["case_id"], cohort["patient_id"], strict=True)
    ]
    for place in (3, 11, 17, 24):
        rows[place] = (
            *rows[place][:2], "segment", "noted", "several_pieces",
            "a mask of 3 pieces; the largest holds 96 % of the volume",
            "one connected lesion", "look at the mask; the largest piece was measured",
        )  # fmt: skip
    rows += [
        ("STS_900", "P900", "check", "rejected", "missing_file",
         "scans/STS_900.nii.gz does not exist", "a readable image",
         "correct the path in cases.csv or remove the row"),
        ("STS_901", "P901", "check", "rejected", "geometry",
         "the mask lies on 512 x 512 x 64 voxels, the image on 512 x 512 x 66",
         "mask and image on one grid", "resample the mask onto the image"),
        ("STS_902", "P902", "check", "rejected", "geometry",
         "the mask lies on 256 x 256 x 40 voxels, the image on 512 x 512 x 40",
         "mask and image on one grid", "resample the mask onto the image"),
        ("STS_903", "P903", "segment", "rejected", "empty_mask",
         "a mask without a single voxel of label 1", "at least one voxel",
         "draw the lesion, or give another mask_label"),
        ("STS_904", "P904", "outcome", "rejected", "no_outcome",
         "no row for patient P904 in outcome.csv", "lung_metastasis of every patient",
         "add the patient to outcome.csv"),
        ("STS_905", "P905", "outcome", "rejected", "no_outcome",
         "lung_metastasis is empty for patient P905", "0 or 1",
         "fill in the outcome, or remove the patient"),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _pictures(cohort: pd.DataFrame, *, n: int) -> list[dict[str, Any]]:
    """Return small made slices with an outline of the lesion and its ring."""
    y, x = np.mgrid[-1:1:160j, -1:1:160j]
    result = []
    for index, case_id in enumerate(cohort["case_id"].head(n)):
        radius = np.hypot(1.1 * (x - 0.1 * index + 0.1), y + 0.05 * index)
        body = np.where(np.hypot(0.9 * x, y) < 0.9, 0.42, 0.05)
        noise = np.random.default_rng(index).normal(0, 0.04, x.shape)
        grey = np.clip(body + 0.3 * np.exp(-((radius / 0.3) ** 4)) + noise, 0, 1)
        rgb = np.repeat(grey[..., None], 3, axis=2)
        rgb[np.abs(radius - 0.3) < 0.012] = (0.98, 0.6, 0.2)
        rgb[np.abs(radius - 0.5) < 0.012] = (0.3, 0.8, 0.9)
        buffer = io.BytesIO()
        imsave(buffer, rgb, format="png")
        caption = "middle slice: tumour (orange), ring to 8 mm (blue)"
        result.append({"case_id": case_id, "png": buffer.getvalue(), "caption": caption})
    return result


def _kept_rings(rng: np.random.Generator, cohort: pd.DataFrame) -> pd.DataFrame:
    """Return how much of each ring was left after other organs were taken out."""
    rings = {"ring_0_4mm": 0.96, "ring_0_8mm": 0.88}
    frames = [
        pd.DataFrame(
            {
                "case_id": cohort["case_id"],
                "region": region,
                "kept_fraction": np.clip(rng.normal(kept, 0.09, len(cohort)), 0.2, 1.0),
            }
        )
        for region, kept in rings.items()
    ]
    return pd.concat(frames, ignore_index=True)


SETTINGS: dict[str, Any] = {
    "name": "sts_lung",
    "title": "Lung metastasis in soft-tissue sarcoma",
    "cases": "cases.csv",
    "outcome": {
        "file": "outcome.csv",
        "column": "lung_metastasis",
        "positive": "1",
        "clinical": ["age", "grade"],
    },
    "segmentation": {"method": "given"},
    "regions": {"rings_mm": [4.0, 8.0], "rings": "cumulative"},
    "extraction": {
        "bin_width": 25.0,
        "bin_count": None,
        "families": ["shape", "firstorder", "glcm", "glrlm", "glszm", "gldm", "ngtdm"],
        "filters": [
            {"kind": "original"},
            {"kind": "laplacian_of_gaussian", "sigma_mm": [1.0, 3.0]},
            {"kind": "wavelet", "wavelet": "coif1", "level": 1, "start_level": 0},
        ],
        "normalise": True,
        "resample_mm": [1.0, 1.0, 1.0],
    },
    "learning": {
        "models": ["elastic_net", "svm", "random_forest", "xgboost"],
        "preset": "standard",
        "outer_folds": 5,
        "inner_folds": 5,
        "seed": 0,
        "correlation_limit": 0.9,
        "n_features": [5, 10, 20],
        "confidence_levels": [0.8, 0.9, 0.95],
        "bootstrap_draws": 1000,
    },
    "report": {"accent": "#0f5c7a", "threshold_range": [0.05, 0.8], "n_waterfalls": 12},
}
