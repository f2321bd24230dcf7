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
from radpred.io import place_on, read_mask
from radpred.pipeline.lesions.drawn import TUMOUR, drawn_of, image_of, tumour_of
from radpred.pipeline.lesions.prompts import cleaning_of, prompt_of
from radpred.pipeline.measuring.engine import CARD_IS_FULL
from radpred.pipeline.measuring.extract import ExtractedFeatures, column_names, extract_regions
from radpred.pipeline.measuring.parts import SHAPES
from radpred.pipeline.measuring.pieces import bag_of
from radpred.pipeline.measuring.regions import drawn_regions, region_names
from radpred.table.bags import Bag

# A card with less room than two images and this is not worth the way.
_LEAST_ROOM = 2**28
SIZES = ("case_id", "modality", "region", "image", "n_voxels", "n_grey_levels", "device")


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What one case gave: values and reasons by column, rows on its regions, notes to read.

    ``regions`` holds a row a region as it was drawn; ``sizes`` a row a region and image with the
    number of voxels that were measured, of grey levels among them, and where: ``cpu``, or what the
    card is called. ``bag`` holds what habitats are learnt from, where a study asks for them.
    """

    values: dict[str, float]
    reasons: dict[str, str]
    regions: list[dict[str, Any]] = field(default_factory=list)
    sizes: list[dict[str, Any]] = field(default_factory=list)
    notes: tuple[str, ...] = ()
    bag: Bag | None = None


def study_columns(study: StudySettings, modalities: Sequence[str]) -> tuple[str, ...]:
    """Return every feature column of a study, in order, without opening an image."""
    regions = (TUMOUR, *region_names(study.regions))
    return tuple(
        name
        for modality in modalities
        for name in column_names(study.extraction_of(modality), regions, modality=modality)
    )


def segmented(case: Case, study: StudySettings, *, modality: str = "", seed: int = 0) -> Mask:
    """Return the mask of a case made from its prompt on one of its images."""
    image = image_of(case, study, modality)
    method, prompt = study.segmentation.method, prompt_of(case, study)
    if prompt is None:
        msg = f"{case.case_id}: segmentation by {method} needs a box, a point or extreme points"
        raise ValueError(msg)
    find = segment.segment_prompt  # loaded first: only threads of what is loaded can be held back
    cleaning, rng = cleaning_of(study), np.random.default_rng(seed)
    with threadpool_limits(limits=1):
        return find(image, prompt, method=method, rng=rng, cleaning=cleaning)


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
    bag, why = bag_of(case, study)
    return Measured(
        values=values,
        reasons=reasons | why,
        regions=table,
        sizes=sizes,
        notes=tuple(dict.fromkeys(notes)),
        bag=bag,
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
    extract = extract_regions if case.images[modality] else extract_shapes
    extracted = extract(image, regions, study.extraction_of(modality), modality=modality)
    return extracted, rows, [*image.steps, *regions[TUMOUR].steps, *extracted.notes]


def regions_of(
    case: Case, study: StudySettings, modality: str, image: Image, others: Sequence[Case]
) -> tuple[Mapping[str, Mask], list[dict[str, Any]]]:
    """Return the regions of a case on one of its images, and a row on each.

    They live where the image does.
    """
    tumour = tumour_of(case, study, modality, image)
    around = surroundings_of(case, study, modality, image, tumour, others)
    return regions_around(tumour, case, study, modality, image, around)


@dataclass(frozen=True)
class Surroundings:
    """What keeps the regions around a tumour in their place: its organ, and other lesions."""

    organ: Mask | None = None
    lesions: Sequence[Mask] = ()


def surroundings_of(
    case: Case,
    study: StudySettings,
    modality: str,
    image: Image,
    tumour: Mask,
    others: Sequence[Case],
) -> Surroundings:
    """Return what lies around the tumour of a case; nothing where no region depends on it."""
    if not study.regions.has_surroundings:
        return Surroundings()
    tumour = replace(tumour, voxels=beside(tumour.voxels, image.voxels))
    organ = organ_of(case, modality, image)
    return Surroundings(organ, _neighbours(case, study, modality, image, tumour, others))


def regions_around(
    tumour: Mask,
    case: Case,
    study: StudySettings,
    modality: str,
    image: Image,
    around: Surroundings,
) -> tuple[Mapping[str, Mask], list[dict[str, Any]]]:
    """Return what ``regions_of`` does, for a tumour that may be drawn otherwise than given."""
    tumour = replace(tumour, voxels=beside(tumour.voxels, image.voxels))
    regions = {TUMOUR: tumour}
    rows = [_row(case, modality, tumour, kept=1.0, reason="")]
    # Without a scan there are no intensities for a window.
    window = study.regions.window_of(modality) if case.images[modality] else None
    for region in drawn_regions(
        tumour,
        image,
        study.regions,
        window=window,
        organ=around.organ,
        lesions=around.lesions,
    ):
        regions[region.mask.name] = region.mask
        kept, reason = region.kept_fraction, region.reason
        rows.append(_row(case, modality, region.mask, kept=kept, reason=reason))
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


def extract_shapes(
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
