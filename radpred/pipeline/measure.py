"""One case from files to named values: read, place, segment, draw regions, extract."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from radpred import segment
from radpred.backends import HOST, Device, beside, free_bytes, release
from radpred.cohort import Case
from radpred.config import ExtractionSettings, Original, StudySettings
from radpred.image import Image, Mask
from radpred.io import NO_SIZE, is_drawing, mask_labels, place_on, read_image, read_mask
from radpred.pipeline.engine import CARD_IS_FULL
from radpred.pipeline.extract import ExtractedFeatures, column_names, extract_regions
from radpred.pipeline.parts import SHAPES
from radpred.pipeline.reading import reading_of
from radpred.regions import peritumoral_rings
from radpred.segment import largest_part, part_at, places_of_parts

TUMOUR = "tumour"
WHOLE = ("merge", "components", "largest")  # where these labels of a mask are one, or its parts
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


def image_of(case: Case, study: StudySettings, modality: str) -> Image:
    """Return a scan of a case; where the table names none, nothing on the grid of the mask."""
    path = case.images[modality]
    if path:
        return read_image(path, **reading_of(study.extraction_of(modality)))
    grid = drawn_of(case, study, modality).grid
    is_sized = grid.is_placed or grid.spacing != (1, 1, 1)
    steps = () if is_sized else (NO_SIZE,)
    return Image(voxels=np.zeros(grid.shape, dtype=np.uint8), grid=grid, steps=steps)


def segmented(case: Case, study: StudySettings, *, modality: str = "", seed: int = 0) -> Mask:
    """Return the mask of a case made inside its box on one of its images."""
    image = image_of(case, study, modality)
    method = study.segmentation.method
    if case.box is None:
        msg = f"{case.case_id}: segmentation by {method} needs a box"
        raise ValueError(msg)
    find = segment.segment_box  # loaded first: only threads of what is loaded can be held back
    with threadpool_limits(limits=1):
        return find(image, case.box, method=method, rng=np.random.default_rng(seed))


def tumour_of(case: Case, study: StudySettings, modality: str, image: Image) -> Mask:
    """Return the tumour of a case on the grid of one of its images."""
    mask = drawn_of(case, study, modality, image)
    if case.place is not None:
        mask = part_at(mask, case.place)
    elif study.lesions == "largest":
        mask = largest_part(mask)
    return place_on(mask, image.grid)


def lesions_of(case: Case, study: StudySettings) -> list[Case]:
    """Return a case for each lesion of a case's mask: each label, or each connected part.

    Where there is one, or ``mask_label`` names it, the case stays as it is; else each gets the
    case's name with its label, or with its number from the largest part on, behind a colon.

    Raises
    ------
    InputError
        The mask cannot be read.
    RegionError
        ``too_many_lesions``.
    """
    modality = next(iter(case.images))
    settings = study.extraction_of(modality)
    path = mask_source(case, modality)
    if study.lesions == "rows" and not case.mask_label and settings.mask_label is None:
        labels = mask_labels(path, channel=settings.mask_channel)
        if len(labels) > 1:
            return [
                replace(case, case_id=f"{case.case_id}:{label}", mask_label=str(label))
                for label in labels
            ]
    if study.lesions == "components":
        image = image_of(case, study, modality) if is_drawing(path) else None
        places = places_of_parts(drawn_of(case, study, modality, image))
        if len(places) > 1:
            return [
                replace(case, case_id=f"{case.case_id}:{number}", place=place)
                for number, place in enumerate(places, start=1)
            ]
    return [case]


def drawn_of(case: Case, study: StudySettings, modality: str, image: Image | None = None) -> Mask:
    """Return what is marked for a case: one label of its mask, or all where lesions says so."""
    return read_mask(
        mask_source(case, modality),
        label=label_of(case, study, modality),
        channel=study.extraction_of(modality).mask_channel,
        name=TUMOUR,
        on=None if image is None else image.grid,
        image_source=case.images[modality] or None,
    )


def mask_source(case: Case, modality: str) -> str:
    """Return where the mask for an image of a case is."""
    return case.masks.get(modality) or case.masks[""]


def label_of(case: Case, study: StudySettings, modality: str) -> int | str:
    """Return which label of its mask is a case's lesion."""
    label = case.mask_label or study.extraction_of(modality).mask_label or "auto"
    return "all" if label == "auto" and study.lesions in WHOLE else label


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
    for modality in case.images:
        image = image_of(case, study, modality)
        extracted, rows, said = _extracted(case, study, modality, image, others, device)
        values |= extracted.values
        reasons |= extracted.reasons
        table += rows
        sizes += _sizes(case, modality, extracted)
        notes += said
    return Measured(
        values=values,
        reasons=reasons,
        regions=table,
        sizes=sizes,
        notes=tuple(dict.fromkeys(notes)),
    )


def organ_of(case: Case, modality: str, image: Image) -> Mask | None:
    """Return the organ that rings stay inside, on the grid of an image; None where none is told."""
    if not case.organ_mask:
        return None
    source = case.images[modality] or None
    organ = read_mask(case.organ_mask, name="organ", on=image.grid, image_source=source)
    return place_on(organ, image.grid)


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
    extract = extract_regions if case.images[modality] else _extract_shapes
    extracted = extract(image, regions, study.extraction_of(modality), modality=modality)
    return extracted, rows, [*image.steps, *regions[TUMOUR].steps, *extracted.notes]


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
    organ = organ_of(case, modality, image)
    neighbours = _neighbours(case, study, modality, image, tumour, others)
    for ring in peritumoral_rings(tumour, edges, organ=organ, others=neighbours):
        regions[ring.mask.name] = ring.mask
        rows.append(
            _row(case, modality, ring.mask, kept=ring.kept_fraction, reason=ring.reason or "")
        )
    return regions, rows


def _neighbours(
    case: Case,
    study: StudySettings,
    modality: str,
    image: Image,
    tumour: Mask,
    others: Sequence[Case],
) -> list[Mask]:
    """Return the other lesions of a patient: those of other rows, and what its own mask holds."""
    own = case.masks.get(modality) or case.masks[""]
    is_part = case.place is not None or study.lesions == "largest"
    # Parts of one mask are read once, all together, and not once for each of them.
    apart = [o for o in others if not is_part or (o.masks.get(modality) or o.masks[""]) != own]
    found = [tumour_of(other, study, modality, image) for other in apart]
    if is_part:
        whole = place_on(drawn_of(case, study, modality, image), image.grid)
        rest = whole.voxels & ~tumour.voxels
        found += [replace(whole, voxels=rest)] if rest.any() else []
    return found


def _extract_shapes(
    image: Image, regions: Mapping[str, Mask], settings: ExtractionSettings, *, modality: str = ""
) -> ExtractedFeatures:
    """Return the shape of regions without a scan; every other feature is NaN, with the reason."""
    families = tuple(family for family in settings.families if family in SHAPES)
    has_shape = families and not (settings.resegment_range and settings.resegment_shape)
    changes = {
        "families": families if has_shape else (),
        "features": {f: names for f, names in settings.features.items() if f in families},
        "filters": (Original(),),
        "normalise": False,
        "resegment_range": None,
    }
    found = extract_regions(image, regions, settings.model_copy(update=changes), modality=modality)
    columns = column_names(settings, tuple(regions), modality=modality)
    return replace(
        found,
        values={name: found.values.get(name, float("nan")) for name in columns},
        reasons={
            name: found.reasons.get(name, "no_image")
            for name in columns
            if name in found.reasons or name not in found.values
        },
    )


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
