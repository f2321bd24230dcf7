"""One case from files to named values: read, place, segment, draw regions, extract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from threadpoolctl import threadpool_limits

from radpred import segment
from radpred.backends import HOST, Device, beside, free_bytes, release
from radpred.cohort import Case
from radpred.config import StudySettings
from radpred.image import Image, Mask
from radpred.io import place_on, read_image, read_mask
from radpred.pipeline.engine import CARD_IS_FULL
from radpred.pipeline.extract import ExtractedFeatures, column_names, extract_regions
from radpred.regions import peritumoral_rings

TUMOUR = "tumour"
# A card with less room than two images and this is not worth the way.
_LEAST_ROOM = 2**28
SIZES = ("case_id", "modality", "region", "image", "n_voxels", "n_grey_levels", "device")


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What one case gave: values and reasons by column, rows on its regions, notes to read.

    ``regions`` holds a row a region as it was drawn; ``sizes`` a row a region and image with the
    number of voxels that were measured, of grey levels among them, and where: ``cpu``, or what the
    card is called.
    """

    values: dict[str, float]
    reasons: dict[str, str]
    regions: list[dict[str, Any]] = field(default_factory=list)
    sizes: list[dict[str, Any]] = field(default_factory=list)
    notes: tuple[str, ...] = ()


def study_columns(study: StudySettings, modalities: Sequence[str]) -> tuple[str, ...]:
    """Return every feature column of a study, in order, without opening an image."""
    regions = (TUMOUR, *ring_names(study))
    return tuple(
        name
        for modality in modalities
        for name in column_names(study.extraction_of(modality), regions, modality=modality)
    )


def ring_edges(study: StudySettings) -> tuple[tuple[float, float], ...]:
    """Return the inner and outer distance of each ring of a study, in mm."""
    outer = sorted(study.regions.rings_mm)
    inner = [0.0, *outer[:-1]] if study.regions.rings == "disjoint" else [0.0] * len(outer)
    return tuple(zip(inner, outer, strict=True))


def ring_names(study: StudySettings) -> tuple[str, ...]:
    """Return the names of a study's rings."""
    return tuple(f"ring_{inner:g}_{outer:g}mm" for inner, outer in ring_edges(study))


def segmented(case: Case, *, method: str, modality: str = "", seed: int = 0) -> Mask:
    """Return the mask of a case made inside its box on one of its images."""
    image = read_image(case.images[modality])
    if case.box is None:
        msg = f"{case.case_id}: segmentation by {method} needs a box"
        raise ValueError(msg)
    find = segment.segment_box  # loaded first: only threads of what is loaded can be held back
    with threadpool_limits(limits=1):
        return find(image, case.box, method=method, rng=np.random.default_rng(seed))


def tumour_of(case: Case, study: StudySettings, modality: str, image: Image) -> Mask:
    """Return the tumour of a case on the grid of one of its images."""
    path = case.masks.get(modality) or case.masks[""]
    label: int | Literal["auto"] = "auto"
    if case.mask_label:
        label = int(case.mask_label)
    settings = study.extraction_of(modality)
    if not case.mask_label and settings.mask_label is not None:
        label = settings.mask_label
    mask = read_mask(path, label=label, channel=settings.mask_channel, name=TUMOUR)
    return place_on(mask, image.grid)


def measure(
    case: Case, study: StudySettings, *, others: Sequence[Case] = (), device: Device = HOST
) -> Measured:
    """Measure all regions of a case on all its images.

    Parameters
    ----------
    case : Case
        One lesion, with a mask.
    study : StudySettings
        Regions and extraction settings.
    others : sequence of Case
        Other lesions of the patient on the same images: no ring enters them.
    device : Device
        Where to measure: the host, or a card, to which each image goes once. A case that does not
        fit there is measured on the host, and a note says so.

    Raises
    ------
    InputError
        A file that cannot be read, or an image and a mask that do not belong together.
    """
    values: dict[str, float] = {}
    reasons: dict[str, str] = {}
    table: list[dict[str, Any]] = []
    sizes: list[dict[str, Any]] = []
    notes: list[str] = []
    for modality, path in case.images.items():
        image = read_image(path)
        extracted, rows, said = _extracted(case, study, modality, image, others, device)
        values |= extracted.values
        reasons |= extracted.reasons
        table += rows
        sizes += _sizes(case, modality, extracted)
        notes += said
    return Measured(values=values, reasons=reasons, regions=table, sizes=sizes, notes=tuple(notes))


def _extracted(
    case: Case,
    study: StudySettings,
    modality: str,
    image: Image,
    others: Sequence[Case],
    device: Device,
) -> tuple[ExtractedFeatures, list[dict[str, Any]], list[str]]:
    """Return what an image of a case gives, a row on each of its regions, and notes."""
    if study.extraction_of(modality).engine != "native":
        device = HOST
    try:
        return _extracted_on(device, case, study, modality, image, others)
    except MemoryError:
        if not device.is_card:
            raise
    release()
    extracted, rows, notes = _extracted_on(HOST, case, study, modality, image, others)
    return extracted, rows, [*notes, f"{image.name}: {CARD_IS_FULL}"]


def _extracted_on(
    device: Device,
    case: Case,
    study: StudySettings,
    modality: str,
    image: Image,
    others: Sequence[Case],
) -> tuple[ExtractedFeatures, list[dict[str, Any]], list[str]]:
    """Return what ``_extracted`` does, measured on one device; raise where it has no room."""
    if device.is_card and free_bytes() < 2 * image.voxels.nbytes + _LEAST_ROOM:
        raise MemoryError(CARD_IS_FULL)
    image = replace(image, voxels=device.put(image.voxels))
    regions, rows = regions_of(case, study, modality, image, others)
    extracted = extract_regions(image, regions, study.extraction_of(modality), modality=modality)
    return extracted, rows, [*regions[TUMOUR].steps, *extracted.notes]


def regions_of(
    case: Case, study: StudySettings, modality: str, image: Image, others: Sequence[Case]
) -> tuple[Mapping[str, Mask], list[dict[str, Any]]]:
    """Return the regions of a case on one of its images, and a row on each.

    They live where the image does.
    """
    tumour = tumour_of(case, study, modality, image)
    tumour = replace(tumour, voxels=beside(tumour.voxels, image.voxels))
    edges = ring_edges(study)
    regions = {TUMOUR: tumour}
    rows = [_row(case, modality, tumour, kept=1.0, reason="")]
    if not edges:
        return regions, rows
    organ = None
    if case.organ_mask:
        organ = place_on(read_mask(case.organ_mask, name="organ"), image.grid)
    neighbours = [tumour_of(other, study, modality, image) for other in others]
    for ring in peritumoral_rings(tumour, edges, organ=organ, others=neighbours):
        regions[ring.mask.name] = ring.mask
        rows.append(
            _row(case, modality, ring.mask, kept=ring.kept_fraction, reason=ring.reason or "")
        )
    return regions, rows


def _sizes(case: Case, modality: str, extracted: ExtractedFeatures) -> list[dict[str, Any]]:
    """Return the number of voxels and of grey levels of each region on each image."""
    return [
        {
            "case_id": case.case_id,
            "modality": modality,
            "region": region,
            "image": image,
            "n_voxels": n_voxels,
            "n_grey_levels": n_grey_levels,
            "device": extracted.device,
        }
        for (region, image), (n_voxels, n_grey_levels) in extracted.sizes.items()
    ]


def _row(case: Case, modality: str, mask: Mask, *, kept: float, reason: str) -> dict[str, Any]:
    """Return what is known of a region before any feature."""
    return {
        "case_id": case.case_id,
        "modality": modality,
        "region": mask.name,
        "n_voxels": mask.n_voxels,
        "volume_mm3": mask.volume_mm3,
        "kept_fraction": kept,
        "reason": reason,
    }
