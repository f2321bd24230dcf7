"""One lesion of one patient, and which others lie beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True, slots=True)
class Case:
    """One lesion and where its files are.

    Parameters
    ----------
    case_id, patient_id : str
        Who it is; lesions of one patient share ``patient_id``.
    images : dict of str to str
        Absolute source of each modality (see `radpred.sources`); "" is the modality of the plain
        column ``image``, and the source where there is no image, but a mask alone; empty where
        there is neither.
    masks : dict of str to str
        Absolute source of the mask for each modality; empty where masks are yet to be made.
    mask_label : str
        The label of the lesion in its mask, or its name; "" for the only one there.
    box : tuple of float or None
        Opposite corners (x0, y0, z0, x1, y1, z1) in LPS mm, lowest first.
    point : tuple of float or None
        A point (x, y, z) in LPS mm inside the lesion, where that is all that is told.
    extreme_points : tuple of float or None
        Its six outermost points, x, y and z of one after the other, in LPS mm.
    organ_mask : str or None
        Absolute path of the mask that rings stay inside.
    site : str
        Where the patient was scanned, "" if not told.
    place : tuple of float or None
        A point in LPS mm inside the lesion, where its mask is to be split into connected parts.
    readers : dict of str to dict of str to str
        Where several readers drew the lesion: of each, by name, the masks as in ``masks``, which
        is empty until the readers' consensus is made.
    retest_of : str
        The ``case_id`` that this scan repeats; such a case trains nothing.
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
    readers: dict[str, dict[str, str]] = field(default_factory=dict)
    retest_of: str = ""
    point: tuple[float, ...] | None = None
    extreme_points: tuple[float, ...] | None = None

    @property
    def is_of_tables(self) -> bool:
        """Tell whether all that is known of the case stands in tables: it has no image, no mask."""
        return not self.images

    def is_consensus(self, source: str) -> bool:
        """Tell whether a mask was made of those of the readers."""
        return bool(self.readers) and not any(
            source in masks.values() for masks in self.readers.values()
        )


def siblings(case: Case, cases: Sequence[Case]) -> list[Case]:
    """Return the other lesions of the patient that lie on at least one of the same images.

    Where there are no images, lesions of one mask count as such. A second scan is no other lesion.
    """
    scans = _scans(case)
    return [
        other
        for other in cases
        if other.patient_id == case.patient_id
        and other.case_id not in (case.case_id, case.retest_of)
        and not other.retest_of
        and scans & _scans(other)
    ]


def _scans(case: Case) -> set[str]:
    """Return the images of a case, or its masks where it has none."""
    return {path for path in case.images.values() if path} or set(case.masks.values())
