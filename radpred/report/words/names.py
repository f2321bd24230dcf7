"""Names of columns in words that a clinician can read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from radpred.errors import InputError
from radpred.table.columns import parse_name

_BARE = {"event", "outcome"}  # nouns that need an article
_YES = {"1", "1.0", "yes", "true", "y", "positive"}

FAMILIES = {
    "shape": "shape",
    "shape2D": "shape in a slice",
    "firstorder": "intensity",
    "glcm": "texture: neighbouring pairs",
    "glrlm": "texture: runs",
    "glszm": "texture: zones",
    "gldm": "texture: dependence",
    "ngtdm": "texture: neighbourhood",
    "gldzm": "texture: zones and their distance",
    "spatial": "intensity in space",
    "localIntensity": "intensity around a peak",
    "histogram": "grey levels",
    "ivh": "intensity-volume histogram",
    "habitat": "habitats",
    "clinical": "clinical data",
    "external": "table of other features",
}
_IMAGES = {
    "original": "unfiltered image",
    "squareroot": "square root",
    "table": "table of other features",
    "lbp-2D": "local binary pattern in a slice",
    "lbp-3D-k": "local kurtosis",
}
# What names of responses begin with, where their parameters follow.
_FILTERS = {
    "mean": "mean of voxels in a cube of side",
    "laws": "Laws",
    "gabor": "Gabor",
    "simoncelli": "Simoncelli wavelet",
    "wavelet": "wavelet",
    "riesz": "Riesz",
}
# Features whose name does not say what they are.
_FEATURES = {
    "10Percentile": "10th percentile of intensity",
    "90Percentile": "90th percentile of intensity",
    "Id": "inverse difference",
    "Idm": "inverse difference moment",
    "Idmn": "inverse difference moment (normalised)",
    "Idn": "inverse difference (normalised)",
    "Imc1": "informational correlation 1",
    "Imc2": "informational correlation 2",
    "MCC": "maximal correlation coefficient",
    "MeshVolume": "volume",
    "VoxelVolume": "volume (counted voxels)",
    "Maximum2DDiameterColumn": "largest diameter in the coronal plane",
    "Maximum2DDiameterRow": "largest diameter in the sagittal plane",
    "Maximum2DDiameterSlice": "largest diameter in the axial plane",
    "Maximum3DDiameter": "largest diameter",
    "MoransI": "Moran's I",
    "GearysC": "Geary's C",
}
_SPELLING = {
    "gray": "grey",
    "non uniformity": "non-uniformity",
    "non-uniformity normalized": "non-uniformity (normalised)",
}
_INTENSITY = {
    "Energy": "energy of intensity",
    "Entropy": "entropy of intensity",
    "Kurtosis": "kurtosis of intensity",
    "Maximum": "highest intensity",
    "Mean": "mean intensity",
    "Median": "median intensity",
    "Minimum": "lowest intensity",
    "Range": "range of intensity",
    "Skewness": "skewness of intensity",
    "Uniformity": "uniformity of intensity",
    "Variance": "variance of intensity",
}


@dataclass(frozen=True, kw_only=True)
class PlainName:
    """A column in words: what was measured, and where."""

    what: str
    where: str

    def __str__(self) -> str:
        """Return both parts on one line."""
        return f"{self.what} · {self.where}" if self.where else self.what


@dataclass(frozen=True, kw_only=True)
class OutcomeWords:
    """The outcome in words: ``noun`` alone, and what a patient is with or without it."""

    noun: str

    @property
    def present(self) -> str:
        """Return how a patient with the event is called."""
        return f"with {self.noun}"

    @property
    def absent(self) -> str:
        """Return how a patient without the event is called."""
        return f"without {self.noun}"

    def of(self, outcome: int) -> str:
        """Return the words for 0 or 1."""
        return self.present if outcome == 1 else self.absent


def outcome_words(study: Mapping[str, Any]) -> OutcomeWords:
    """Return the outcome of a study in words, from its column and its positive value."""
    noun = str(study.get("outcome") or "the outcome").replace("_", " ").strip()
    positive = str(study.get("positive", "1")).strip()
    if positive.lower() in _YES:
        return OutcomeWords(noun=f"the {noun}" if noun in _BARE else noun)
    return OutcomeWords(noun=f"{noun} \u201c{positive}\u201d")


def plain_name(column: str) -> PlainName:
    r"""Return a column of the table in words; a name that cannot be read is shown as it is.

    Examples
    --------
    >>> str(plain_name("ring_0_8mm__log-sigma-3-0-mm-3D_glcm_JointEntropy"))
    'Joint entropy · ring 0\u20138 mm, LoG 3 mm'
    >>> str(plain_name("clinical__age_at_diagnosis"))
    'Age at diagnosis · clinical data'
    """
    try:
        parsed = parse_name(column)
    except InputError:  # a foreign column: its own name is all there is to say
        return PlainName(what=column, where="")
    if parsed.is_missing:
        inner = plain_name(parsed.of_value.name)
        return PlainName(what=f"Missing: {inner.what}", where=inner.where)
    if parsed.is_clinical:
        words = parsed.feature.replace("_", " ").strip()
        return PlainName(what=_capital(words), where=FAMILIES["clinical"])
    places = (modality_words(parsed.modality), region_words(parsed.region))
    image = "" if parsed.image == "original" else image_words(parsed.image)
    where = ", ".join(part for part in (" ".join(filter(None, places)), image) if part)
    return PlainName(what=_capital(feature_words(parsed.family, parsed.feature)), where=where)


def feature_words(family: str, feature: str) -> str:
    """Return a feature's name as words, in lower case except for proper names."""
    if family in ("firstorder", "histogram") and feature in _INTENSITY:
        of_intensity = _INTENSITY[feature]
        is_level = family == "histogram"
        return of_intensity.replace("intensity", "grey level") if is_level else of_intensity
    if family == "external":
        return feature
    if feature in _FEATURES:
        return _FEATURES[feature]
    words = re.findall(r"\d+D|[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+", feature)
    text = " ".join(word if word.isupper() else word.lower() for word in words)
    for american, british in _SPELLING.items():
        text = text.replace(american, british)
    return text.removesuffix(" emphasis")


def region_words(region: str) -> str:
    """Return a region in words: ``ring_0_8mm`` becomes ring 0\u20138 mm."""
    shell = re.fullmatch(r"(ring|rim)_([\d.]+)_([\d.]+)mm", region)
    if shell:
        return f"{shell[1]} {shell[2]}\u2013{shell[3]} mm"
    union = re.fullmatch(r"tumour_ring_([\d.]+)mm", region)
    if union:
        return f"tumour with ring to {union[1]} mm"
    if region.startswith("control_"):
        return f"{region.removeprefix('control_')} control"
    return region.replace("_", " ")


def image_words(image: str) -> str:
    """Return an image type in words: the filter and its width."""
    if image in _IMAGES:
        return _IMAGES[image]
    pattern = re.fullmatch(r"lbp-3D-m(\d+)", image)
    if pattern:
        return f"local binary pattern {pattern[1]}"
    log = re.fullmatch(r"(sampled-)?log-sigma-(\d+)(?:-(\d+))?-mm-[23]D", image)
    if log:
        width = f"LoG {float(f'{log[2]}.{log[3] or 0}'):g} mm"
        return f"{width} (sampled)" if log[1] else width
    wavelet = re.fullmatch(r"wavelet(\d*)-([LH]+)", image)
    if wavelet:
        return " ".join(filter(None, ("wavelet", wavelet[1], wavelet[2])))
    for start, words in _FILTERS.items():
        if image.startswith(f"{start}-"):
            return f"{words} {image.removeprefix(f'{start}-').replace('-', ' ')}"
    return image


def modality_words(modality: str) -> str:
    """Return a modality as the field writes it: short ones in capitals."""
    return modality.upper() if len(modality) <= 4 else modality


def group_words(kind: str, name: str) -> str:
    """Return the name of a group of features (family, image, region or modality) in words."""
    if name == "clinical":
        return FAMILIES["clinical"]
    words = {
        "family": lambda: FAMILIES.get(name, name),
        "image": lambda: image_words(name),
        "region": lambda: region_words(name),
        "modality": lambda: "the image" if name in {"", "image"} else modality_words(name),
    }
    return words[kind]() if kind in words else name


def value_words(value: Any) -> str:
    """Return the original value of a feature, short; a missing one by that word.

    Examples
    --------
    >>> value_words(1234.567), value_words(0.000123), value_words("left"), value_words(None)
    ('1235', '0.000123', 'left', 'missing')
    """
    if value is None or value != value:
        return "missing"
    if isinstance(value, str | bool):
        return str(value)
    if abs(value) >= 1e6 or 0 < abs(value) < 1e-4:
        return f"{value:.2e}".replace("-", "\u2212")
    text = f"{value:.0f}" if abs(value) >= 1000 else f"{value:.3g}"
    return text.replace("-", "\u2212")


def _capital(words: str) -> str:
    """Return words with a capital at the start."""
    return words[:1].upper() + words[1:]
