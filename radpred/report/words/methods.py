"""The methods in the words of TRIPOD, written from what the study recorded and nothing else."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import yaml

from radpred.report.parts.spread import other_masks
from radpred.report.words.chain_words import blended, kept, of_new_sites, prepared, tuned
from radpred.report.words.design_words import limits, validation
from radpred.report.words.names import OutcomeWords, image_words
from radpred.report.words.numbers import counted, known, listed, percent

Sections = list[tuple[str, str]]

_CALIBRATIONS = {
    "sigmoid": "a sigmoid (Platt)",
    "shrunk_sigmoid": "a sigmoid (Platt; slope shrunk by bootstrap for the optimism of tuning)",
    "temperature": "a temperature (one number that divides log-odds)",
    "beta": "beta calibration (a sigmoid whose two ends may bend)",
    "isotonic": "isotonic regression",
    "venn_abers": "Venn\u2013ABERS prediction",
    "cross_venn_abers": "cross Venn\u2013ABERS prediction, one predictor a fold,",
}
_CONFORMAL = {
    "cross": "cross-conformal",
    "split": "split-conformal, calibrated by one inner fold",
    "leave_one_out": "conformal by leaving out one patient at a time",
}
_SETS = {
    "class": (
        "each class is compared with training cases of that class only",
        "for each class",
    ),
    "marginal": ("a case is compared with all training cases", "for all cases together"),
    "site": ("a case is compared with training cases of its {group}", "for each {group}"),
    "group_class": (
        "each class is compared with training cases of that class and the same {group}, or of that "
        "class where these are too few",
        "for each class within each {group}",
    ),
}

_SEGMENTATION = {
    "given": "Lesions were outlined in the masks that came with the images.",
    "otsu": "Each lesion was outlined from its prompt by Otsu's threshold.",
    "fcm": "Each lesion was outlined from its prompt by fuzzy c-means clustering.",
    "gmm": "Each lesion was outlined from its prompt by a mixture of Gaussians.",
    "knn": "Each lesion was outlined from its prompt by nearest neighbours.",
    "random_walker": "Each lesion was outlined from its prompt by random walks.",
    "ellipsoid": "Each lesion was outlined from its prompt by brightness and a fitted ellipsoid.",
}
_REDRAWN = (
    "Each mask was then replaced by one drawn anew at random, with a Dice coefficient of {dice:g} "
    "with the given one."
)
_HABITATS = (
    "Each lesion was divided into at most {n} habitats, parts that look alike, by {how} of its "
    "voxels (or supervoxels) on {maps}, {scale}; the clustering was fitted to training cases only, "
    "inside every fold, each case with the same weight."
)
_CLUSTERING = {"kmeans": "k-means", "gmm": "a mixture of Gaussians"}
_SCALES = {
    "cohort": "scaled over the training cases",
    "case": "scaled by each lesion\u2019s own mean and standard deviation",
}
_SCALED = "of its intensities, scaled to their range"
_IMAGES = {
    "original": "the image as it came",
    "square": f"the square {_SCALED}",
    "square_root": f"the square root {_SCALED}",
    "logarithm": f"the logarithm {_SCALED}",
    "exponential": f"the exponential {_SCALED}",
    "gradient": "the magnitude of its gradient",
    "local_binary_pattern_2d": "local binary patterns in its slices",
    "local_binary_pattern_3d": "local binary patterns on spheres, and their kurtosis",
    "mean": "the mean around each voxel",
    "laws": "the responses of Laws\u2019 filters",
    "gabor": "the response of Gabor\u2019s filter",
    "separable_wavelet": "the sub-bands of separable wavelets",
    "nonseparable_wavelet": "the bands of Simoncelli\u2019s wavelet",
    "riesz": "the components of its Riesz transform",
}


def methods_text(
    evaluation: Mapping[str, Any], settings: Mapping[str, Any], *, words: OutcomeWords
) -> Sections:
    """Return headings and paragraphs; a paragraph whose facts were not recorded is left out."""
    study, design = evaluation.get("study", {}), evaluation.get("design", {})
    learning = settings.get("learning") or {}
    written = [
        ("Participants and outcome", _participants({**study, **_everyone(design)}, words)),
        ("Images and regions", "" if study.get("is_of_tables") else _regions(settings)),
        ("Predictors", _predictors(study, settings)),
        ("Sample size and missing data", _sample(study)),
        ("Model development", _development(evaluation, design, learning)),
        ("Blocks of columns", _fusion(learning)),
        ("Other masks", other_masks(settings)),
        (_heading(design), validation(design)),
        ("Calibration", _calibration(design, learning)),
        ("Answers for single cases", _sets(design, learning)),
        ("Performance and its uncertainty", _intervals(design)),
        ("Limits", limits(design)),
    ]
    return [(heading, text) for heading, text in written if text]


def settings_yaml(settings: Mapping[str, Any]) -> str:
    """Return all settings as YAML text."""
    plain = json.loads(json.dumps(dict(settings), default=str))
    return yaml.safe_dump(plain, sort_keys=False, allow_unicode=True, width=88)


def _heading(design: Mapping[str, Any]) -> str:
    """Return what kind of validation it was."""
    named = {"date": "Temporal validation", "external": "External validation"}
    return named.get(design.get("kind", "folds"), "Internal validation")


def _everyone(design: Mapping[str, Any]) -> dict[str, int]:
    """Return how many were learnt from or tested, where only some were tested."""
    if "n_cases_learnt" not in design:
        return {}
    names = ("n_cases", "n_patients", "n_events")
    return {name: design[f"{name}_learnt"] + design[f"{name}_tested"] for name in names}


def _participants(study: Mapping[str, Any], words: OutcomeWords) -> str:
    """Return who was studied, and what was predicted."""
    if not all(known(study.get(key)) for key in ("n_cases", "n_patients", "n_events")):
        return ""
    n_cases, n_events = int(study["n_cases"]), int(study["n_events"])
    named = f"{study.get('outcome')} = {study.get('positive')}"
    event = f" The event is \u201c{named}\u201d." if study.get("outcome") else ""
    return (
        f"{counted(n_cases, 'case')} of {counted(study['n_patients'], 'patient')} were analysed; "
        f"{n_events} ({percent(n_events / n_cases if n_cases else None)}) {words.present}."
        f"{event} Cases of one patient always stay together."
    )


def _regions(settings: Mapping[str, Any]) -> str:
    """Return how lesions were outlined, and what was measured around them."""
    segmentation = settings.get("segmentation") or {}
    method = segmentation.get("method")
    sentences = [_SEGMENTATION[method]] if method in _SEGMENTATION else []
    if segmentation.get("redrawn_dice"):
        sentences.append(_REDRAWN.format(dice=segmentation["redrawn_dice"]))
    regions = settings.get("regions") or {}
    rings = [f"{float(mm):g}" for mm in regions.get("rings_mm") or ()]
    if rings:
        kind = regions.get("rings", "cumulative")
        start = "each from the surface" if kind == "cumulative" else "each from the one before"
        sentences.append(
            f"Around each lesion {'a ring' if len(rings) == 1 else 'rings'} to {listed(rings)} mm "
            f"outside its surface ({start}) {'was' if len(rings) == 1 else 'were'} measured, by "
            "distance in mm."
        )
    sentences.extend(_inside_and_elsewhere(regions))
    habitats = settings.get("habitats")
    if habitats:
        sentences.append(
            _HABITATS.format(
                n=habitats["n"],
                how=_CLUSTERING[habitats["method"]],
                maps=listed([image_words(name) for name in habitats["maps"]]),
                scale=_SCALES[habitats["scaling"]],
            )
        )
    return " ".join(sentences)


def _inside_and_elsewhere(regions: Mapping[str, Any]) -> list[str]:
    """Return what else was measured: rims, the core, controls; and what was left out."""
    sentences = []
    rims = [f"{float(mm):g}" for mm in regions.get("rim_mm") or ()]
    if rims:
        core = ", and the core that is left" if regions.get("core") else ""
        sentences.append(f"Shells of {listed(rims)} mm inside the surface were measured{core}.")
    if regions.get("controls"):
        kinds = listed([f"a {kind} control" for kind in regions["controls"]])
        apart = f"{float(regions.get('control_distance_mm') or 0):g} mm"
        sentences.append(
            f"The lesion\u2019s shape was measured elsewhere, too ({kinds}), "
            f"{apart} clear of lesions."
        )
    if regions.get("window"):
        sentences.append("Voxels outside an intensity window were left out around the lesion.")
    return sentences


def _predictors(study: Mapping[str, Any], settings: Mapping[str, Any]) -> str:
    """Return which features were measured, on which images, and how."""
    sentences, is_of_tables = [], bool(study.get("is_of_tables"))
    if known(study.get("n_features")):
        clinical = int(study.get("n_clinical") or 0)
        beside = f" and {counted(clinical, 'clinical variable')}" if clinical else ""
        feature = "feature" if is_of_tables else "image feature"
        sentences.append(f"{counted(study['n_features'], feature)}{beside} were candidates.")
    if is_of_tables:
        names = listed(list(settings.get("tables") or ()))
        return " ".join([*sentences, f"They come from tables ({names}): no image was measured."])
    extraction = settings.get("extraction") or {}
    if extraction.get("families"):
        sentences.append(f"Families of features: {listed(list(extraction['families']))}.")
    if extraction.get("convention"):
        whose = {"ibsi": "IBSI (its reference manual)", "pyradiomics": "PyRadiomics"}
        sentences.append(f"Values follow {whose[extraction['convention']]}.")
    images = [_image(one) for one in extraction.get("filters") or ()]
    if images:
        sentences.append(f"They were computed on {listed(images)}.")
    sentences.extend(_preprocessing(extraction))
    return " ".join(sentences)


def _image(one: Mapping[str, Any]) -> str:
    """Return one image type in words."""
    kind = one.get("kind", "")
    if kind in ("laplacian_of_gaussian", "sampled_laplacian_of_gaussian"):
        widths = listed([f"{float(mm):g}" for mm in one.get("sigma_mm", ())])
        sampled = " (sampled kernel, IBSI 2)" if kind.startswith("sampled") else ""
        return f"Laplacian-of-Gaussian responses of {widths}\u00a0mm{sampled}"
    if kind == "wavelet":
        return f"the bands of a stationary wavelet transform ({one.get('wavelet', '')})"
    return _IMAGES.get(kind, str(kind))


def _preprocessing(extraction: Mapping[str, Any]) -> list[str]:
    """Return what was done to the voxels before measuring."""
    sentences = []
    if extraction.get("resample_mm"):
        size = " x ".join(f"{float(mm):g}" for mm in extraction["resample_mm"])
        sentences.append(f"Images were resampled to {size} mm (z, y, x).")
    if extraction.get("normalise"):
        sentences.append("Intensities were normalised image by image.")
    if extraction.get("bin_width"):
        sentences.append(f"Grey levels have a fixed width of {extraction['bin_width']:g}.")
    elif extraction.get("bin_count"):
        sentences.append(f"Each region was divided into {extraction['bin_count']} grey levels.")
    return sentences


def _sample(study: Mapping[str, Any]) -> str:
    """Return how many events there are for each candidate, and how gaps were filled."""
    text = "Missing values were filled in inside the training folds, never from held-out cases."
    per_candidate = study.get("events_per_candidate")
    if not known(per_candidate):
        return text
    return f"There were {per_candidate:.2g} events for each candidate variable. {text}"


def _development(
    evaluation: Mapping[str, Any], design: Mapping[str, Any], learning: Mapping[str, Any]
) -> str:
    """Return how candidates were prepared, tuned and chosen."""
    labels = [m["label"] for m in evaluation.get("models", ()) if m.get("kind") == "candidate"]
    if not labels:
        return ""
    limit = learning.get("correlation_limit")
    redundant = f" (absolute correlation above {limit:g})" if known(limit) else ""
    inner = design.get("inner_folds")
    folds = f"{inner} inner folds" if known(inner) else "inner folds"
    return (
        f"Candidates: {listed(labels)}. Inside every training set, and only there, values were "
        f"{prepared(learning)}, constant and redundant features{redundant} were left out, "
        f"{kept(learning)}, and {tuned(learning, folds)}. The candidate with the best "
        "inner score was taken; figures of the \u201cselected model\u201d therefore include the "
        f"price of choosing among models.{blended(learning)}{of_new_sites(learning)}"
    )


def _fusion(learning: Mapping[str, Any]) -> str:
    """Return how blocks of columns were fused, or nothing."""
    blocks, fusion = learning.get("blocks") or {}, learning.get("fusion") or {}
    if not blocks:
        return ""
    kind = fusion.get("kind", "late")
    weights = (
        "with weights from a logistic regression without negative weights on scores of inner folds"
        if fusion.get("method", "logistic") == "logistic"
        else "with equal weights"
    )
    how = {
        "late": f"after a model each, by a sum of their log-odds {weights}",
        "early": "before one model, each made ready by itself and bounded in columns",
    }
    told = listed([how[one] for one in ("early", "late") if kind in (one, "both")])
    return f"The blocks {listed(list(blocks))} were joined {told}."


def _calibration(design: Mapping[str, Any], learning: Mapping[str, Any]) -> str:
    """Return how scores became risks."""
    if not design:
        return ""
    method = learning.get("calibration", "sigmoid")
    judged = (
        "Calibration is judged on outer folds by slope, intercept, Brier score and a smooth curve."
    )
    if method == "none":
        return f"The models\u2019 own probabilities were taken as risks. {judged}"
    how = f"Scores were turned into risks by {_CALIBRATIONS[method]} fitted to inner out-of-fold"
    return f"{how} scores. {judged}"


def _sets(design: Mapping[str, Any], learning: Mapping[str, Any]) -> str:
    """Return how prediction sets were made."""
    levels = [percent(level) for level in design.get("confidence_levels") or ()]
    if not levels:
        return ""
    conformal = learning.get("conformal") or {}
    method, by = conformal.get("method", "cross"), conformal.get("by", "class")
    compared, whom = (part.format(group=conformal.get("group") or "site") for part in _SETS[by])
    return (
        f"Prediction sets at {listed(levels)} are {_CONFORMAL[method]}: {compared}, and an outcome "
        f"is in the set where its p-value is above one minus the level. The promise holds {whom} "
        "on average over cases that come from the same source; it is not a statement about one "
        "case\u2019s risk."
    )


def _intervals(design: Mapping[str, Any]) -> str:
    """Return how the intervals were made."""
    if not known(design.get("bootstrap_draws")):
        return ""
    return (
        f"Intervals are 95\u00a0% intervals from {design['bootstrap_draws']} bootstrap draws of "
        "patients (where each patient has one case and there is one repeat, the interval of an "
        "AUROC is DeLong's); differences between models are paired within each draw. They describe "
        "the uncertainty from the choice of patients, not that from a change of place or time."
    )
