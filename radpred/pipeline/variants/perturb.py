"""One case on other masks than its own: drawn anew, by other readers, or on a second scan."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

from radpred.backends import HOST, Device, release
from radpred.cohort import Case
from radpred.config import StudySettings
from radpred.errors import RadpredError
from radpred.image import Image, Mask
from radpred.pipeline.lesions.drawn import TUMOUR, image_of, reader_masks, tumour_of
from radpred.pipeline.measuring.extract import ExtractedFeatures, extract_regions
from radpred.pipeline.measuring.measure import (
    Surroundings,
    extract_shapes,
    measure,
    regions_around,
    surroundings_of,
)
from radpred.pipeline.variants.kinds import Kind
from radpred.segment.agreement import dice
from radpred.segment.perturb import Perturbation, perturbed

Drawn = tuple[Image, Mask]


@dataclass(frozen=True, kw_only=True)
class Variant:
    """A case measured once more.

    Parameters
    ----------
    kind : str
        ``perturbation``, ``reader`` or ``retest``.
    variant : int
        Which of its kind, from 1.
    name : str
        The reader, or the ``case_id`` of the second scan.
    values : dict of str to float
        Column to value, as of the case itself; empty where there is a reason.
    reason : str
        Why nothing was measured, as a code; "" where it was.
    masks : list of dict
        For each modality: ``dice`` with the mask as given, ``n_voxels``, ``volume_mm3``, and
        ``steps``, what was done to the mask.
    """

    kind: Kind
    variant: int
    name: str = ""
    values: dict[str, float] = field(default_factory=dict)
    reason: str = ""
    masks: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, kw_only=True)
class _Plan:
    """A variant to be, and what draws its image and its tumour on a modality from those given."""

    variant: Variant
    draw: Callable[[str, Image, Mask], Drawn]


@dataclass(frozen=True, kw_only=True)
class _Bench:
    """One image of a case, its tumour as given and what lies around it."""

    case: Case
    study: StudySettings
    modality: str
    image: Image
    tumour: Mask
    around: Surroundings
    device: Device


def measure_variants(
    case: Case,
    study: StudySettings,
    *,
    others: Sequence[Case] = (),
    retests: Sequence[Case] = (),
    device: Device = HOST,
) -> list[Variant]:
    """Measure a case on all the masks that its study asks for, beside the one that it is given.

    Each image is read once; beyond that a variant costs what its case does, and drawing it: filters
    answer around the region only, so that there is little to share. A variant depends on the
    case, its number and the seed alone, and on no other variant.

    Parameters
    ----------
    case : Case
        One lesion, with a mask.
    study : StudySettings
        How masks are perturbed, what stability is judged over, and all that `measure` needs.
    others : sequence of Case
        Other lesions of the patient on the same images, as for `measure`.
    retests : sequence of Case
        Second scans of the lesion.
    device : Device
        Where to measure.

    Raises
    ------
    InputError
        A file of the case cannot be read, or an image and its mask do not belong together.
    """
    over = study.repeats_over
    plans = _perturbations(case, study)
    plans += _readings(case, study) if over == "readers" else []
    variants = [plan.variant for plan in plans]
    for modality in case.images if plans else ():
        image = image_of(case, study, modality)
        tumour = tumour_of(case, study, modality, image)
        around = surroundings_of(case, study, modality, image, tumour, others)
        bench = _Bench(
            case=case,
            study=study,
            modality=modality,
            image=image,
            tumour=tumour,
            around=around,
            device=device if study.extraction_of(modality).engine == "native" else HOST,
        )
        parts = [_measured(bench, plan) for plan in plans]
        variants = [_joined(v, part) for v, part in zip(variants, parts, strict=True)]
    again = retests if over == "retest" else ()
    return [*variants, *(_second(c, n, study, device) for n, c in enumerate(again, start=1))]


def how_of(study: StudySettings) -> Perturbation | None:
    """Return how a study moves masks, if it does."""
    if study.perturbation is None:
        return None
    return Perturbation(**study.perturbation.model_dump(exclude={"variants", "seed"}))


def variant_rng(case_id: str, *, seed: int, variant: int) -> np.random.Generator:
    """Return where the randomness of a variant starts: at its case, its number and the seed."""
    return np.random.default_rng([seed, zlib.crc32(case_id.encode()), variant])


def _perturbations(case: Case, study: StudySettings) -> list[_Plan]:
    """Return the variants of a case whose masks are moved."""
    how, settings = how_of(study), study.perturbation
    if how is None or settings is None:
        return []

    def moved(variant: int) -> Callable[[str, Image, Mask], Drawn]:
        def draw(_: str, image: Image, tumour: Mask) -> Drawn:
            # The same start for every image of a case: one hand drew all of its masks.
            rng = variant_rng(case.case_id, seed=settings.seed, variant=variant)
            return perturbed(image, tumour, how, rng=rng)

        return draw

    numbers = range(1, settings.variants + 1)
    return [_Plan(variant=Variant(kind="perturbation", variant=n), draw=moved(n)) for n in numbers]


def _readings(case: Case, study: StudySettings) -> list[_Plan]:
    """Return a variant for each reader of a case."""

    def read(name: str, masks: dict[str, str]) -> Callable[[str, Image, Mask], Drawn]:
        own = replace(case, masks={}, readers={name: masks})
        return lambda modality, image, _: (
            image,
            reader_masks(own, study, modality, image)[name],
        )

    return [
        _Plan(variant=Variant(kind="reader", variant=n, name=name), draw=read(name, masks))
        for n, (name, masks) in enumerate(sorted(case.readers.items()), start=1)
    ]


def _second(case: Case, number: int, study: StudySettings, device: Device) -> Variant:
    """Return the second scan of a lesion as a variant."""
    variant = Variant(kind="retest", variant=number, name=case.case_id)
    try:
        return replace(variant, values=measure(case, study, device=device).values)
    except (RadpredError, OSError) as error:
        return replace(variant, reason=getattr(error, "code", "unreadable_file"))


def _joined(variant: Variant, part: Variant) -> Variant:
    """Return a variant with what one more of its images gave."""
    reason = variant.reason or part.reason
    values = {} if reason else variant.values | part.values
    return replace(variant, values=values, reason=reason, masks=[*variant.masks, *part.masks])


def _measured(bench: _Bench, plan: _Plan) -> Variant:
    """Return what a variant gives on an image."""
    try:
        image, mask = plan.draw(bench.modality, bench.image, bench.tumour)
    except (RadpredError, OSError) as error:
        return replace(plan.variant, reason=getattr(error, "code", "unreadable_file"))
    variant = replace(plan.variant, masks=[_facts(bench, mask)])
    device = bench.device
    try:
        return _on(device, bench, variant, image, mask)
    except RadpredError as error:
        return replace(variant, reason=error.code)
    except MemoryError:
        if not device.is_card:
            raise
    release()
    return _on(HOST, bench, variant, image, mask)


def _facts(bench: _Bench, mask: Mask) -> dict[str, Any]:
    """Return how a mask compares with the one that was given."""
    return {
        "modality": bench.modality,
        "dice": dice(bench.tumour, mask),
        "n_voxels": mask.n_voxels,
        "volume_mm3": mask.volume_mm3,
        "steps": "; ".join(mask.steps[len(bench.tumour.steps) :]),
    }


def _on(device: Device, bench: _Bench, variant: Variant, image: Image, mask: Mask) -> Variant:
    """Return a variant measured on one device."""
    case, study, modality = bench.case, bench.study, bench.modality
    image = replace(image, voxels=device.put(image.voxels))
    regions, _ = regions_around(mask, case, study, modality, image, bench.around)
    extract = extract_regions if case.images[modality] else extract_shapes
    found = extract(image, regions, study.extraction_of(modality), modality=modality)
    return replace(variant, values=found.values, reason=_lost(found, modality))


def _lost(found: ExtractedFeatures, modality: str) -> str:
    """Return why a tumour has no value at all, as a code; "" where it has one."""
    start = f"{modality}__{TUMOUR}__" if modality else f"{TUMOUR}__"
    own = [name for name in found.values if name.startswith(start)]
    if any(np.isfinite(found.values[name]) for name in own):
        return ""
    return next((found.reasons[name] for name in own if name in found.reasons), "empty")


def plain(variants: Sequence[Variant]) -> list[dict[str, Any]]:
    """Return variants as JSON holds them: null where there is no value."""
    return [
        asdict(v) | {"values": {k: None if x != x else x for k, x in v.values.items()}}
        for v in variants
    ]


def from_plain(rows: Sequence[dict[str, Any]]) -> list[Variant]:
    """Return variants from their JSON form."""
    found = []
    for row in rows:
        values = {k: float("nan") if x is None else x for k, x in row["values"].items()}
        found.append(Variant(**row | {"values": values}))
    return found
