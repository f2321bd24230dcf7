"""Made patients in DICOM files, for tests of what is found in a folder.

write_patient(folder, "anna")                       # a CT of twelve slices, a structure set on it
write_scan(folder / "anna" / "mr", "anna", "MR")    # another scan in the same frame of reference
write_drawing(folder / "anna", "anna", {"GTV": [...]}, on="CT")
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from dicom_files import GRID, Tags, made_uid, ramp, write_dose, write_series
from structure_files import circle, write_segments, write_structures

MIDDLE = GRID.to_world((0, 4.5, 4))


def disc(radius: float = 2.0, slices: Sequence[int] = (4, 5, 6)) -> list[np.ndarray]:
    """Return contours of a cylinder about the middle of the grid."""
    x, y, _ = MIDDLE
    depths = (float(GRID.to_world((k, 0, 0))[2]) for k in slices)
    return [circle(radius, centre=(x, y, z)) for z in depths]


def identity(patient: str, **tags: Any) -> dict[str, Any]:
    """Return the tags that say whose a file is."""
    return {
        "PatientID": patient,
        "PatientName": f"{patient}^Secret",
        "StudyInstanceUID": made_uid("study", patient),
        "FrameOfReferenceUID": made_uid(f"frame {patient}"),
        **tags,
    }


def write_scan(
    folder: Path,
    patient: str,
    modality: str = "CT",
    *,
    series: str = "",
    n_slices: int = 12,
    **tags: Any,
) -> list[Path]:
    """Write a series of a patient; its name as of `made_uid` is ``<patient> <modality>``."""
    series = series or f"{patient} {modality}"

    def told(index: int) -> Tags:
        uid = made_uid(series, str(index))
        return identity(patient, **{"SOPInstanceUID": uid, "SeriesDescription": modality, **tags})

    return write_series(folder, ramp()[:n_slices], modality=modality, series=series, tags=told)


def write_drawing(
    folder: Path,
    patient: str,
    structures: Mapping[str, Sequence[np.ndarray]],
    *,
    on: str = "CT",
    name: str = "rs.dcm",
    **tags: Any,
) -> Path:
    """Write a structure set of a patient, drawn on the scan of a modality."""
    own = identity(patient, SeriesInstanceUID=made_uid(f"{patient} {name}"))
    own["SOPInstanceUID"] = made_uid(f"{patient} {name}", "0")
    del own["FrameOfReferenceUID"]
    return write_structures(
        folder / name,
        structures,
        series=f"{patient} {on}",
        frame=f"frame {patient}",
        tags=own | tags,
    )


def write_segmentation(
    folder: Path, patient: str, segments: Mapping[str, np.ndarray], *, on: str = "CT"
) -> Path:
    """Write a segmentation of a patient, drawn on the scan of a modality."""
    tags = identity(patient, SeriesInstanceUID=made_uid(f"{patient} seg"))
    return write_segments(
        folder / "seg.dcm", segments, grid=GRID, series=f"{patient} {on}", tags=tags
    )


def write_patient_dose(folder: Path, patient: str) -> Path:
    """Write a dose grid of a patient."""
    tags = identity(patient, SeriesInstanceUID=made_uid(f"{patient} dose"))
    return write_dose(folder / "dose.dcm", ramp().astype(np.uint16), tags=tags)


def write_patient(
    folder: Path,
    patient: str,
    *,
    structures: Mapping[str, Sequence[np.ndarray]] | None = None,
) -> Path:
    """Write a CT of a patient, and a structure set on it; return their folder."""
    own = folder / patient
    write_scan(own / "ct", patient)
    write_drawing(own, patient, {"GTV": disc()} if structures is None else structures)
    return own
