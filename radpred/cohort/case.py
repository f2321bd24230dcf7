"""One lesion of one patient, and which others lie beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Case:
    """One lesion and where its files are.

    Parameters
    ----------
    case_id, patient_id : str
        Who it is; lesions of one patient share ``patient_id``.
    images : dict of str to str
        Absolute source of each modality (see `radpred.sources`); "" is the modality of the plain
        column ``image``, and the source where there is no image, but a mask alone.
    masks : dict of str to str
        Absolute source of the mask for each modality; empty where masks are yet to be made.
    mask_label : str
        The label of the lesion in its mask, or its name; "" for the only one there.
    box : tuple of float or None
        Opposite corners (x0, y0, z0, x1, y1, z1) in LPS mm, lowest first.
    organ_mask : str or None
        Absolute path of the mask that rings stay inside.
    site : str
        Where the patient was scanned, "" if not told.
    place : tuple of float or None
        A point in LPS mm inside the lesion, where its mask is to be split into connected parts.
    """

    case_id: str
    patient_id: str
    images: dict[str, str]
    masks: dict[str, str]
    mask_label: str
    box: tuple[float, ...] | None
    organ_mask: str | None
    site: str
    place: tuple[float, float, float] | None = None


def siblings(case: Case, cases: Sequence[Case]) -> list[Case]:
    """Return the other lesions of the patient that lie on at least one of the same images.

    Where there are no images, lesions of one mask count as such.
    """
    scans = _scans(case)
    return [
        other
        for other in cases
        if other.patient_id == case.patient_id
        and other.case_id != case.case_id
        and scans & _scans(other)
    ]


def _scans(case: Case) -> set[str]:
    """Return the images of a case, or its masks where it has none."""
    return {path for path in case.images.values() if path} or set(case.masks.values())
