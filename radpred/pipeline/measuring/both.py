"""One case measured by both engines, each timed on the same voxels and regions."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from radpred.cohort import Case
from radpred.config import ExtractionSettings, StudySettings
from radpred.datasets.phantom import cuboid, noise_box
from radpred.errors import RadpredError
from radpred.image import Image, Mask
from radpred.pipeline.lesions.drawn import TUMOUR, image_of
from radpred.pipeline.measuring.extract import column_names, extract_regions
from radpred.pipeline.measuring.measure import regions_of

Engine = Literal["native", "pyradiomics"]
ENGINES: tuple[Engine, Engine] = ("native", "pyradiomics")


@dataclass(kw_only=True)
class Side:
    """What one engine gave for a case.

    Parameters
    ----------
    values : dict of str to float
        Column to value.
    reasons : dict of str to str
        Column to reason code, where the value is NaN.
    notes : list of str
        What a reader should know.
    seconds : float
        How long it took, files aside.
    """

    values: dict[str, float] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    seconds: float = 0.0


def measure_by_both(
    case: Case, study: StudySettings, *, others: Sequence[Case] = ()
) -> dict[Engine, Side]:
    """Return what each engine gives for all regions of a case on all its images.

    An engine that refuses a case has no values for it; the reasons are its error's code.

    Parameters
    ----------
    case : Case
        One lesion, with a mask.
    study : StudySettings
        Regions and extraction settings; the engine that they name does not matter.
    others : sequence of Case
        Other lesions of the patient on the same images: no ring enters them.

    Raises
    ------
    InputError
        A file that cannot be read, or an image and a mask that do not belong together.
    """
    sides: dict[Engine, Side] = {engine: Side() for engine in ENGINES}
    for modality in case.images:
        image = image_of(case, study, modality)
        regions, _ = regions_of(case, study, modality, image, others)
        sides["native"].notes += [*image.steps, *regions[TUMOUR].steps]
        for engine, side in sides.items():
            settings = study.extraction_of(modality).model_copy(update={"engine": engine})
            _measure(image, regions, settings, modality, side)
    return sides


def warm_up(settings: ExtractionSettings) -> None:
    """Let both engines measure a small made image, so that no case pays for what is done once."""
    image = noise_box((12, 12, 12), rng=np.random.default_rng(0))
    tumour = cuboid((12, 12, 12), start=(3, 3, 3), stop=(9, 9, 9))
    kept = settings.model_dump(include={"families", "features", "filters", "force_2d"})
    for engine in ENGINES:
        small = ExtractionSettings(engine=engine, **kept)
        _measure(image, {"tumour": tumour}, small, "", Side())


def _measure(
    image: Image,
    regions: Mapping[str, Mask],
    settings: ExtractionSettings,
    modality: str,
    side: Side,
) -> None:
    """Add what an engine gives for regions of an image."""
    began = time.perf_counter()
    try:
        found = extract_regions(image, regions, settings, modality=modality)
    except RadpredError as error:
        columns = column_names(settings, tuple(regions), modality=modality)
        side.values |= dict.fromkeys(columns, float("nan"))
        side.reasons |= dict.fromkeys(columns, error.code)
        side.notes.append(str(error))
    else:
        side.values |= found.values
        side.reasons |= found.reasons
        side.notes += found.notes
    side.seconds += time.perf_counter() - began
