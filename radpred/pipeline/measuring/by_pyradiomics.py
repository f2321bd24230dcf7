"""The original behind the same interface: regions measured by an installed PyRadiomics."""

from __future__ import annotations

import logging
import math
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import SimpleITK as sitk

from radpred.config import ExtractionSettings
from radpred.config.engines import CURE
from radpred.config.to_pyradiomics import pyradiomics_parameters
from radpred.errors import GeometryError, InputError, SettingsError
from radpred.image import Array, Image, Mask
from radpred.io import to_sitk
from radpred.pipeline.images.responses import ORIGINAL
from radpred.pipeline.images.scenes import Prepared
from radpred.pipeline.measuring.parts import Part
from radpred.preprocess import MAX_VOXELS, find_non_finite, predicted_levels

REFUSED = "pyradiomics_refused"
TOO_MANY = "too_many_grey_levels"
# It holds several times 13 matrices of levels squared: 2 GB each time at this number.
_MAX_LEVELS = 2**12
_LABEL = 1


@dataclass
class _Answers:
    """What PyRadiomics gave for one region, as far as it came."""

    values: dict[str, float] = field(default_factory=dict)
    n_voxels: int = 0
    volume_mm3: float = 0.0
    n_grey_levels: dict[str, int] = field(default_factory=dict)
    too_many: dict[str, float] = field(default_factory=dict)
    failure: str = ""


def measured_by_pyradiomics(
    image: Image,
    regions: Mapping[str, Mask],
    settings: ExtractionSettings,
    wanted: Mapping[str, Sequence[str]],
) -> tuple[Prepared, list[Part]]:
    """Return what PyRadiomics answers for regions of an image, each run alone on the whole image.

    Parameters
    ----------
    image : Image
        The scan.
    regions : dict of str to Mask
        Regions by name, on the image's grid.
    settings : ExtractionSettings
        What to measure, and how.
    wanted : dict of str to sequence of str
        Image to the features (``family_Feature``) wanted on it. One that PyRadiomics does not give
        is NaN; its reason is ``pyradiomics_refused``, and a note holds what PyRadiomics said.

    Raises
    ------
    GeometryError
        A region lies on another grid than the image.
    InputError
        The resampled grid would be too large.
    SettingsError
        PyRadiomics is not installed, or cannot be asked for the same values.
    """
    parameters = pyradiomics_parameters(settings)
    featureextractor = _featureextractor()
    scan = to_sitk(image)
    prepared, parts = Prepared(), []
    for name, mask in regions.items():
        _refuse(image, mask, name, settings)
        with _silenced():
            extractor = _extractor(featureextractor, parameters)
        with _silenced() as said:
            answers = _answered(featureextractor, extractor, scan, to_sitk(mask))
        prepared.n_voxels[name] = answers.n_voxels
        prepared.volumes_mm3[name] = (mask.volume_mm3, answers.volume_mm3)
        found = [_part(name, on, keys, answers) for on, keys in wanted.items()]
        if any(part.reasons for part in found):
            said += [answers.failure] if answers.failure else []
            prepared.notes.extend(f"{name}: PyRadiomics: {what}" for what in dict.fromkeys(said))
        prepared.notes.extend(_notes(image, mask, name, settings, answers))
        parts += found
    return prepared, parts


def _featureextractor() -> Any:
    """Return PyRadiomics' module ``featureextractor``; what its import has to say is kept back."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from radiomics import featureextractor
    except ImportError as error:
        msg = f"engine: pyradiomics: PyRadiomics cannot be imported ({error}); {CURE}"
        raise SettingsError(msg) from error
    return featureextractor


def _refuse(image: Image, mask: Mask, name: str, settings: ExtractionSettings) -> None:
    """Raise where a region lies elsewhere, or would be resampled to more voxels than fit."""
    if mask.grid != image.grid:
        msg = f"{name}: lies on {mask.grid}, image on {image.grid}; resample the mask"
        raise GeometryError(msg)
    if settings.resample_mm is None or mask.box is None:
        return
    n_voxels = math.prod(
        (part.stop - part.start) * (old / new if new else 1.0) + 2 * settings.padding_voxels
        for part, old, new in zip(mask.box, mask.grid.spacing, settings.resample_mm, strict=True)
    )
    if n_voxels > MAX_VOXELS:
        msg = (
            f"{name}: resampling to {settings.resample_mm} mm (z, y, x) would make {n_voxels:.3g} "
            f"voxels, at most {MAX_VOXELS:.3g} are made; check the unit of the voxel size"
        )
        raise InputError(msg, code="grid_too_large")


def _extractor(featureextractor: Any, parameters: dict[str, dict[str, Any]]) -> Any:
    """Return PyRadiomics' extractor; parameters were checked at radpred's own door."""
    settings = {**parameters["setting"], **parameters["voxelSetting"], "label": _LABEL}
    extractor = featureextractor.RadiomicsFeatureExtractor(additionalInfo=False, **settings)
    extractor.disableAllImageTypes()
    extractor.enableImageTypes(**parameters["imageType"])
    extractor.disableAllFeatures()
    extractor.enableFeaturesByName(**parameters["featureClass"])
    return extractor


def _answered(featureextractor: Any, extractor: Any, scan: Any, label: Any) -> _Answers:
    """Return what PyRadiomics gives for a region: all that came before it failed, if it did."""
    answers = _Answers()
    of_shape, of_image = extractor.computeShape, extractor.computeFeatures

    def shape(*args: Any, **setting: Any) -> Any:
        found = of_shape(*args, **setting)
        answers.values.update(found)
        return found

    def features(image: Any, mask: Any, name: str, **setting: Any) -> Any:
        inside = sitk.GetArrayViewFromImage(mask) == _LABEL
        values = sitk.GetArrayViewFromImage(image)[inside]
        answers.n_voxels = values.size
        answers.volume_mm3 = values.size * math.prod(image.GetSpacing())
        n_levels = _most_levels(values, setting)
        if n_levels > _MAX_LEVELS:
            answers.too_many[name] = n_levels
            return {}
        if n_levels:
            levels, _ = featureextractor.imageoperations.binImage(values, **setting)
            answers.n_grey_levels[name] = np.unique(levels).size
        found = of_image(image, mask, name, **setting)
        answers.values.update(found)
        return found

    extractor.computeShape, extractor.computeFeatures = shape, features
    try:
        extractor.execute(scan, label, label=_LABEL, label_channel=0)
    except Exception as error:  # noqa: BLE001 - whatever it fails with is its answer
        answers.failure = f"{type(error).__name__}: {error}"
    return answers


def _most_levels(values: Array, setting: Mapping[str, Any]) -> float:
    """Return the highest grey level that PyRadiomics will make; 0 where that is its own affair."""
    if setting.get("binCount") is not None:
        return float(setting["binCount"])
    lowest, highest = float(values.min()), float(values.max())
    if not math.isfinite(highest - lowest):
        return 0.0
    return predicted_levels(lowest, highest, bin_width=setting.get("binWidth", 25))


def _part(region: str, image: str, keys: Sequence[str], answers: _Answers) -> Part:
    """Return the wanted features of a region on one image."""
    # Of a line, rounding errors may make its eigenvalues, and so its elongation, complex.
    values = {key: float(np.real(answers.values.get(f"{image}_{key}", math.nan))) for key in keys}
    reason = TOO_MANY if image in answers.too_many else REFUSED
    return Part(
        region=region,
        image=image,
        values=values,
        reasons={key: reason for key, value in values.items() if math.isnan(value)},
        n_grey_levels=answers.n_grey_levels.get(image, 0),
    )


def _notes(
    image: Image, mask: Mask, name: str, settings: ExtractionSettings, answers: _Answers
) -> Iterator[str]:
    """Yield where radpred's settings would have had it answer otherwise."""
    floor = settings.minimum_grey_levels
    for on, n_levels in answers.too_many.items():
        yield (
            f"{name}: {on} would need {n_levels:g} grey levels, more than PyRadiomics' matrices "
            f"can hold ({_MAX_LEVELS}); it was not asked"
        )
    floors = {on: floor if on == ORIGINAL else min(floor, 2) for on in answers.n_grey_levels}
    few = [f"{on} ({n})" for on, n in answers.n_grey_levels.items() if n < floors[on]]
    if few:
        yield (
            f"{name}: fewer grey levels than minimum_grey_levels = {floor} on {', '.join(few)}, "
            "which PyRadiomics does not heed"
        )
    n_gaps = len(find_non_finite(image, mask))
    if n_gaps:
        yield (
            f"{name}: {n_gaps} of {mask.n_voxels} voxels are not finite, which PyRadiomics "
            f"measures like others, whatever non_finite ({settings.non_finite}) says"
        )


@contextmanager
def _silenced() -> Iterator[list[str]]:
    """Keep what PyRadiomics says from the screen, and collect why it leaves something out."""
    said: list[str] = []

    def keep(record: logging.LogRecord) -> None:
        # Others say how values are meant, in every run.
        if record.levelno >= logging.ERROR or record.name.endswith(".imageoperations"):
            said.append(record.getMessage().strip().splitlines()[-1])

    collector = logging.Handler(logging.WARNING)
    collector.emit = keep  # type: ignore[method-assign]
    logger = logging.getLogger("radiomics")
    handlers, propagates, level = logger.handlers, logger.propagate, logger.level
    logger.handlers, logger.propagate = [collector], False
    logger.setLevel(logging.WARNING)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield said
    finally:
        logger.handlers, logger.propagate = handlers, propagates
        logger.setLevel(level)
