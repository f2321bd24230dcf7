"""What a model says of a lesion as a DICOM structured report (TID 1500)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from radpred.io.dicom.drawings.drawn import reading
from radpred.io.dicom.evidence import SERIES_NUMBER, series_headers
from radpred.io.dicom.values import quietly
from radpred.version import __version__
from radpred.writing import write_whole

SCHEME = "99RADPRED"
LONGEST_MEANING = 64
EMPTY_SET = "none: unlike the cases that the model has seen"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a model says of one lesion.

    Parameters
    ----------
    name : str
        What the lesion is called.
    outcome : str
        What is predicted, as ``event = 1``.
    risk : float
        Calibrated probability of it.
    classes : tuple of str
        What each class is called, from number 0 on.
    sets : dict of float to sequence of int
        For each confidence level the numbers of the classes that stay possible.
    volume_mm3 : float
        Of the lesion.
    model : str
        What the model is called.
    remarks : tuple of str
        Warnings on this case.
    """

    name: str
    outcome: str
    risk: float
    classes: tuple[str, ...]
    sets: Mapping[float, Sequence[int]]
    volume_mm3: float
    model: str
    remarks: tuple[str, ...] = field(default=())


def write_report(
    finding: Finding,
    image_source: str | Path,
    path: str | Path,
    *,
    segmentation: str | Path | None = None,
) -> None:
    """Write a finding as a measurement report: risk, volume, prediction sets, remarks.

    Risk and prediction sets are coded in a scheme of our own, ``99RADPRED``.

    Parameters
    ----------
    finding : Finding
        What the model says.
    image_source : path
        The DICOM series: a folder, ``folder#UID``, or a file, as of `read_series`.
    path : path
        Where to write.
    segmentation : path, optional
        The lesion as a DICOM SEG file, which the report then refers to.

    Raises
    ------
    InputError
        ``dicom_no_image``, ``unreadable_file``.
    """
    from highdicom import UID, sr
    from highdicom.coding_schemes import CodingSchemeIdentificationItem
    from pydicom.sr.codedict import codes

    headers = series_headers(image_source)
    drawn = [] if segmentation is None else [_opened(Path(segmentation))]
    with quietly():
        report = sr.MeasurementReport(
            observation_context=_observer(),
            procedure_reported=codes.SCT.ImagingProcedure,
            imaging_measurements=[_measured(finding, headers, drawn)],
        )
        document = sr.Comprehensive3DSR(
            evidence=[*headers, *drawn],
            content=report,
            series_instance_uid=UID(),
            series_number=SERIES_NUMBER + 1,
            sop_instance_uid=UID(),
            instance_number=1,
            manufacturer="radpred",
            is_complete=True,
            series_description=f"{finding.name} (radpred)"[:LONGEST_MEANING],
            coding_schemes=[CodingSchemeIdentificationItem(designator=SCHEME, name="radpred")],
        )
        write_whole(Path(path), document.save_as)


def _opened(path: Path) -> Any:
    """Return a segmentation file as a dataset."""
    from pydicom import dcmread

    with reading(path):
        return dcmread(path)


def _observer() -> Any:
    """Return who observed: this program."""
    from highdicom import sr
    from pydicom.sr.codedict import codes
    from pydicom.uid import generate_uid

    device = sr.DeviceObserverIdentifyingAttributes(
        uid=generate_uid(entropy_srcs=["radpred", __version__]),
        name="radpred",
        manufacturer_name="radpred",
        model_name="radpred",
        serial_number=__version__,
    )
    context = sr.ObserverContext(
        observer_type=codes.DCM.Device, observer_identifying_attributes=device
    )
    return sr.ObservationContext(observer_device_context=context)


def _measured(finding: Finding, images: Sequence[Any], drawn: Sequence[Any]) -> Any:
    """Return the group of measurements on a lesion: in its segment, or in the series as a whole."""
    from highdicom import UID, sr
    from pydicom.sr.codedict import codes

    said: dict[str, Any] = {
        "tracking_identifier": sr.TrackingIdentifier(uid=UID(), identifier=finding.name),
        "finding_type": codes.SCT.Lesion,
        "algorithm_id": sr.AlgorithmIdentification(name=finding.model, version=__version__),
        "measurements": _numbers(finding),
        "qualitative_evaluations": _evaluations(finding),
    }
    group: Any
    if drawn:
        segment = sr.ReferencedSegment(
            sop_class_uid=drawn[0].SOPClassUID,
            sop_instance_uid=drawn[0].SOPInstanceUID,
            segment_number=1,
            source_series=sr.SourceSeriesForSegmentation(images[0].SeriesInstanceUID),
        )
        group = sr.VolumetricROIMeasurementsAndQualitativeEvaluations(
            referenced_segment=segment, **said
        )
    else:
        seen = [
            sr.SourceImageForMeasurementGroup(image.SOPClassUID, image.SOPInstanceUID)
            for image in images
        ]
        group = sr.MeasurementsAndQualitativeEvaluations(source_images=seen, **said)
    group[0].ContentSequence.extend(_comments(finding))
    return group


def _numbers(finding: Finding) -> list[Any]:
    """Return the volume and the risk."""
    from highdicom.sr import Measurement
    from pydicom.sr.codedict import codes

    risk = _code("risk", f"Probability of {finding.outcome}")
    return [
        Measurement(
            name=codes.SCT.Volume, value=finding.volume_mm3, unit=codes.UCUM.CubicMillimeter
        ),
        Measurement(name=risk, value=finding.risk, unit=codes.UCUM.NoUnits),
    ]


def _evaluations(finding: Finding) -> list[Any]:
    """Return one evaluation for each class that stays possible at each level."""
    from highdicom.sr import QualitativeEvaluation

    found = []
    for level, numbers in finding.sets.items():
        values = [_code(f"class_{number}", finding.classes[number]) for number in numbers]
        name = _code(f"set_{100 * level:g}", f"Prediction set at {100 * level:g} % confidence")
        found += [
            QualitativeEvaluation(name=name, value=value)
            for value in values or [_code("empty", EMPTY_SET)]
        ]
    return found


def _comments(finding: Finding) -> list[Any]:
    """Return the remarks as text."""
    from highdicom.sr import RelationshipTypeValues, TextContentItem
    from pydicom.sr.codedict import codes

    return [
        TextContentItem(
            name=codes.DCM.Comment,
            value=remark,
            relationship_type=RelationshipTypeValues.CONTAINS,
        )
        for remark in finding.remarks
    ]


def _code(value: str, meaning: str) -> Any:
    """Return a concept of our own."""
    from highdicom.sr import CodedConcept

    return CodedConcept(value=value, scheme_designator=SCHEME, meaning=meaning[:LONGEST_MEANING])
