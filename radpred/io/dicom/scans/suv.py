"""From PET headers to the factor that makes SUV by body weight.

The rules are those of QIBA's vendor-neutral SUV calculation, which IBSI follows, with the date of
the injection counted: activity in Bq/mL is divided by the injected dose, decayed to the moment
that the scanner's own decay correction refers to, and multiplied by the weight in grams.

=====================  ==========================================================================
DecayCorrection ADMIN  refers to the injection: the dose counts as it was
                START  refers to the start of the scan: SeriesTime, unless that is later than an
                       acquisition (a series made later), then GE's own scan time, then the
                       earliest acquisition of the series
                NONE   each slice refers to its own acquisition, at its mean count rate
Units           BQML   activity
                CNTS   counts: by Philips' SUV factor (7053,1000), or by its factor to activity
                       (7053,1009)
                GML    SUV already
injection              RadiopharmaceuticalStartDateTime; without it RadiopharmaceuticalStartTime on
                       the day of the scan, or on the day before where the time of day says so and
                       the uptake stays below `MOST_UNDATED` half-lives
=====================  ==========================================================================
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from radpred.io.dicom.scans.slices import Slice
from radpred.io.dicom.scans.uptake import (
    UPTAKE_TAGS,
    drug_of,
    mean_count,
    not_computable,
    scan_start,
    uptake_of,
)
from radpred.io.dicom.values import number_of, private_tags, private_text

PHILIPS, PHILIPS_GROUP = "Philips PET Private Group", 0x7053
SUV_FACTOR, ACTIVITY_FACTOR = 0x00, 0x09
SUV_TAGS: tuple[str | int, ...] = (
    *("Units", "SUVType", "DecayCorrection", "CorrectedImage", "PatientWeight"),
    *UPTAKE_TAGS,
    *private_tags(PHILIPS_GROUP, SUV_FACTOR, ACTIVITY_FACTOR),
)
LEAST_DOSE_BQ = 1e5
MOST_WEIGHT_KG = 650.0


@dataclass(frozen=True, kw_only=True)
class Suv:
    """What makes SUV of a series.

    Parameters
    ----------
    factors : tuple of float or None
        One for each slice; None where the values are SUV already.
    steps : tuple of str
        Which factor, by which rule.
    """

    factors: tuple[float, ...] | None
    steps: tuple[str, ...]


def suv_of(slices: Sequence[Slice], *, series: Sequence[Slice], source: str) -> Suv:
    """Return the factor of each slice from its rescaled value to SUV by body weight.

    Parameters
    ----------
    slices : sequence of Slice
        Of one volume.
    series : sequence of Slice
        All of the series, other time points included: the scan started with the earliest.
    source : str
        What messages call the series.

    Raises
    ------
    InputError
        ``suv_not_computable``, which names the tag that is missing; ``pet_time_backwards``.
    """
    units = slices[0].text("Units").upper()
    if units == "GML":
        return _stored_suv(slices, source=source)
    if units not in ("BQML", "CNTS"):
        raise not_computable(source, f"Units is {units or 'missing'}, wanted BQML, CNTS or GML")
    notes = _refuse_uncorrected(series, source=source)
    scales = [1.0] * len(slices)
    if units == "CNTS":
        ready = [_philips(piece, SUV_FACTOR) for piece in slices]
        if all(ready):
            said = f"SUV by body weight: counts x {_span(ready)}, Philips' factor (7053,1000)"
            return Suv(factors=tuple(ready), steps=(said, *notes))
        scales = [_philips(piece, ACTIVITY_FACTOR) for piece in slices]
        if not all(scales):
            raise not_computable(
                source,
                "Units is CNTS, and neither Philips' SUV factor (7053,1000) nor its factor to "
                "activity (7053,1009) is there",
            )
        notes = (f"counts x {_span(scales)} to Bq/mL, Philips' factor (7053,1009)", *notes)
    per_activity, said = _by_dose(slices, series, source=source)
    factors = tuple(scale * factor for scale, factor in zip(scales, per_activity, strict=True))
    return Suv(factors=factors, steps=(*notes, said))


def _stored_suv(slices: Sequence[Slice], *, source: str) -> Suv:
    """Return that values are SUV already, if they are so by body weight."""
    kind = slices[0].text("SUVType").upper()
    if kind not in ("", "BW"):
        came = f"Units is GML and SUVType is {kind}, wanted SUV by body weight (BW)"
        raise not_computable(source, came)
    said = "SUVType BW" if kind else "SUVType is not told, taken as body weight"
    return Suv(factors=None, steps=(f"SUV by body weight as stored (Units GML, {said})",))


def _by_dose(
    slices: Sequence[Slice], series: Sequence[Slice], *, source: str
) -> tuple[list[float], str]:
    """Return the factor from Bq/mL to SUV of each slice, and how it came about."""
    n_drugs = len(slices[0].value("RadiopharmaceuticalInformationSequence") or ())
    if n_drugs > 1:
        raise not_computable(source, f"{n_drugs} radiopharmaceuticals, wanted one")
    weight = _agreed(slices, "PatientWeight", lambda p: p.number("PatientWeight"), source=source)
    dose = _agreed(slices, "RadionuclideTotalDose", _drug_number, source=source)
    _refuse_odd(weight, dose, source=source)
    rule = slices[0].text("DecayCorrection").upper()
    if rule == "ADMIN":
        factors, decay = [weight * 1000.0 / dose] * len(slices), "decay corrected to injection"
    elif rule in ("START", "NONE"):
        uptakes, half_life, decay = _uptakes(slices, series, rule, source=source)
        decays = [2.0 ** (-uptake / half_life) for uptake in uptakes]
        factors = [weight * 1000.0 / (dose * part) for part in decays]
        decay += f", decay factor {_span(decays)}"
    else:
        came = f"DecayCorrection is {rule or 'missing'}, wanted START, ADMIN or NONE"
        raise not_computable(source, came)
    said = (
        f"SUV by body weight: Bq/mL x {_span(factors)} ({weight:g} kg, {dose / 1e6:.6g} MBq, "
        f"DecayCorrection {rule}: {decay})"
    )
    return factors, said


def _uptakes(
    slices: Sequence[Slice], series: Sequence[Slice], rule: str, *, source: str
) -> tuple[list[float], float, str]:
    """Return the seconds from injection to each slice's reference, the half-life, and a note."""
    half_life = _agreed(slices, "RadionuclideHalfLife", _half_life, source=source)
    if rule == "START":
        scans = [scan_start(series, source=source)] * len(slices)
    else:
        scans = [mean_count(piece, half_life, source=source) for piece in slices]
    pairs = [uptake_of(slices[0], scan, half_life, source=source) for scan in scans]
    tags = f"from {pairs[0][1]} to {scans[0].tag} ({scans[0]})"
    uptakes = [uptake for uptake, _ in pairs]
    return uptakes, half_life, f"{_span(uptakes)} s {tags}"


def _refuse_uncorrected(series: Sequence[Slice], *, source: str) -> tuple[str, ...]:
    """Refuse activity that is not corrected as SUV needs; return a note where nothing is told."""
    corrected = series[0].text("CorrectedImage").upper().split("\\")
    if corrected == [""]:
        return ("CorrectedImage is not told: taken as corrected for attenuation",)
    if "ATTN" not in corrected:
        raise not_computable(source, "CorrectedImage lacks ATTN: attenuation is not corrected for")
    rule = series[0].text("DecayCorrection").upper()
    if rule and (rule == "NONE") == ("DECY" in corrected):
        has = "has" if rule == "NONE" else "lacks"
        raise not_computable(source, f"CorrectedImage {has} DECY, and DecayCorrection is {rule}")
    return ()


def _refuse_odd(weight: float, dose: float, *, source: str) -> None:
    """Refuse a weight or a dose that must be in another unit."""
    if weight > MOST_WEIGHT_KG:
        raise not_computable(source, f"PatientWeight is {weight:g}, wanted kg")
    if dose < LEAST_DOSE_BQ:
        raise not_computable(source, f"RadionuclideTotalDose is {dose:g}, wanted Bq")


def _agreed(
    slices: Sequence[Slice], tag: str, read: Callable[[Slice], float | None], *, source: str
) -> float:
    """Return the number above 0 that all slices tell."""
    told = {read(piece) for piece in slices}
    if len(told) > 1:
        listed = ", ".join(sorted(str(number) for number in told))
        raise not_computable(source, f"{tag} differs among the slices: {listed}")
    number = told.pop()
    if not number or number < 0:
        raise not_computable(source, f"{tag} is {'missing' if number is None else number}")
    return number


def _drug_number(piece: Slice) -> float | None:
    """Return the injected dose in Bq."""
    return number_of(drug_of(piece), "RadionuclideTotalDose")


def _half_life(piece: Slice) -> float | None:
    """Return the half-life in seconds."""
    return number_of(drug_of(piece), "RadionuclideHalfLife")


def _philips(piece: Slice, element: int) -> float:
    """Return one of Philips' factors, 0 where it is missing."""
    text = private_text(piece.header, PHILIPS_GROUP, PHILIPS, element)
    try:
        factor = float(text)
    except ValueError:
        return 0.0
    return factor if math.isfinite(factor) and factor > 0 else 0.0


def _span(numbers: Sequence[float]) -> str:
    """Return a number, or the first and last of several in order of size."""
    low, high = min(numbers), max(numbers)
    return f"{low:.6g}" if low == high else f"{low:.6g} to {high:.6g}"
