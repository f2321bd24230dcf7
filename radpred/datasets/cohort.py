"""Made patients with a known truth: what drives the outcome, how much, and where it shows.

Each patient has three hidden standard normal values: texture (inside the tumour), halo (in the
shell around it) and marker (a clinical column). The event is drawn from

    P(event) = sigmoid(strength * (b1 texture + b2 halo + b3 marker) + b0),

with b0 such that 40 % of the population has the event at every strength. The lesion's size and
shape, the site, age, sex and smoking are drawn independently of all three: a model of volume
alone scores chance. Patients, scans and missing values do not depend on ``strength``, so strength
0 is the same cohort with a pure noise outcome; and they do not depend on the cohort's size.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit
from scipy.stats import rankdata

from radpred.datasets.scan import LESION, SCANNERS, Lesion, Scanner, draw_scan
from radpred.errors import SettingsError
from radpred.image import Array, Image, Mask

EVENT_RATE = 0.4
MISSING_RATE = 0.08
TWO_LESIONS_RATE = 0.1
BOX_MARGIN_MM = 3.0


@dataclass(frozen=True, kw_only=True)
class Effect:
    """One planted cause: its name, its weight in the log-odds, and where a model can find it.

    Parameters
    ----------
    name : str
        ``texture``, ``halo`` or ``marker``.
    coefficient : float
        Weight of the standard normal hidden value, before ``strength``.
    region, families : str, tuple of str
        Region and feature families that show it; empty for a clinical column.
    clinical : str
        The clinical column that shows it; empty for an image effect.
    """

    name: str
    coefficient: float
    region: str = ""
    families: tuple[str, ...] = ()
    clinical: str = ""


EFFECTS = (
    Effect(
        name="texture",
        coefficient=2.1,
        region="tumour",
        families=("firstorder", "glcm", "glrlm", "glszm", "gldm", "ngtdm"),
    ),
    Effect(name="halo", coefficient=1.75, region="ring_0_4mm", families=("firstorder",)),
    Effect(name="marker", coefficient=1.2, clinical="marker"),
)
INDEPENDENT = ("volume", "shape", "number of lesions", "site", "age", "sex", "smoking")


@dataclass(frozen=True, kw_only=True)
class Patient:
    """One made patient; ``clinical`` holds cells as a file would, "" where missing."""

    patient_id: str
    scanner: Scanner
    lesions: tuple[Lesion, ...]
    hidden: dict[str, float]
    clinical: dict[str, str]
    risk: float
    event: int


@dataclass(frozen=True, kw_only=True)
class CohortTruth:
    """What is true of a made cohort.

    Parameters
    ----------
    n_patients, strength, seed : int, float, int
        How it was made.
    effects : tuple of Effect
        What was planted; coefficients before ``strength``.
    independent : tuple of str
        What was drawn independently of the outcome, and so can only score chance.
    intercept : float
        b0 of the outcome's log-odds.
    risk : dict of str to float
        Each patient's true probability of the event.
    hidden : dict of str to dict
        Each patient's hidden values by effect.
    oracle_auroc : float
        Area under the ROC curve of the true risk against the events that were drawn; NaN when
        only one class was drawn.
    expected_auroc : float
        The same for an endless cohort: no model can do better on average.
    """

    n_patients: int
    strength: float
    seed: int
    effects: tuple[Effect, ...]
    independent: tuple[str, ...]
    intercept: float
    risk: dict[str, float]
    hidden: dict[str, dict[str, float]]
    oracle_auroc: float
    expected_auroc: float


@dataclass(frozen=True, kw_only=True)
class CohortPlan:
    """All patients of a made cohort, before any voxel, and the truth about them."""

    patients: tuple[Patient, ...]
    truth: CohortTruth

    def outcome_rows(self) -> list[dict[str, str]]:
        """Return one row a patient: patient_id, event, then the clinical columns."""
        return [
            {"patient_id": p.patient_id, "event": str(p.event), **p.clinical} for p in self.patients
        ]


@dataclass(frozen=True, kw_only=True, eq=False)
class MadeCase:
    """One lesion with its scan; lesions of one patient share ``image`` and ``organ``.

    ``number`` counts a patient's lesions from 1; ``box`` holds two opposite corners, lowest
    first, as (x0, y0, z0, x1, y1, z1) in LPS mm.
    """

    case_id: str
    number: int
    patient: Patient
    image: Image
    organ: Mask
    mask: Mask
    box: tuple[float, ...]


def plan_cohort(*, n_patients: int = 80, strength: float = 1.0, seed: int = 0) -> CohortPlan:
    """Draw the patients of a made cohort: everything but their voxels.

    Parameters
    ----------
    n_patients : int
        At least 2.
    strength : float
        Scales all effects together; 0 makes the outcome pure noise.
    seed : int
        The same seed gives the same patients, whatever ``n_patients`` and ``strength``.

    Raises
    ------
    SettingsError
        Fewer than two patients, or a negative strength.
    """
    if n_patients < 2 or not strength >= 0:
        msg = (
            f"a cohort of {n_patients} patients at strength {strength} cannot be made; "
            "ask for at least 2 patients and a strength of 0 or more"
        )
        raise SettingsError(msg)
    spread = strength * float(np.linalg.norm([effect.coefficient for effect in EFFECTS]))
    intercept = _intercept(spread)
    patients = tuple(
        _patient(number, strength=strength, intercept=intercept, seed=seed)
        for number in range(1, n_patients + 1)
    )
    truth = CohortTruth(
        n_patients=n_patients,
        strength=strength,
        seed=seed,
        effects=EFFECTS,
        independent=INDEPENDENT,
        intercept=intercept,
        risk={p.patient_id: p.risk for p in patients},
        hidden={p.patient_id: p.hidden for p in patients},
        oracle_auroc=_auroc(
            np.array([p.risk for p in patients]), np.array([p.event for p in patients])
        ),
        expected_auroc=_expected_auroc(spread, intercept),
    )
    return CohortPlan(patients=patients, truth=truth)


def cohort_cases(plan: CohortPlan) -> Iterator[MadeCase]:
    """Draw the scans of ``plan`` and yield them lesion by lesion, one scan in memory at a time."""
    for place, patient in enumerate(plan.patients, start=1):
        rng = np.random.default_rng([place, plan.truth.seed, 1])
        scan = draw_scan(patient.scanner, patient.lesions, rng=rng)
        for lesion, mask in enumerate(scan.tumours, start=1):
            yield MadeCase(
                case_id=f"{patient.patient_id}_L{lesion}",
                number=lesion,
                patient=patient,
                image=scan.image,
                organ=scan.organ,
                mask=mask,
                box=_box_about(mask),
            )


def _patient(number: int, *, strength: float, intercept: float, seed: int) -> Patient:
    """Draw one patient from a stream of its own."""
    rng = np.random.default_rng([number, seed, 0])
    hidden = {effect.name: float(rng.normal()) for effect in EFFECTS}
    luck = rng.uniform()
    log_odds = intercept + strength * sum(e.coefficient * hidden[e.name] for e in EFFECTS)
    risk = float(expit(log_odds))
    return Patient(
        patient_id=f"P{number:04d}",
        scanner=SCANNERS[int(rng.integers(len(SCANNERS)))],
        lesions=_lesions(hidden, rng=rng),
        hidden=hidden,
        clinical=_clinical(hidden["marker"], rng=rng),
        risk=risk,
        event=int(luck < risk),
    )


def _lesions(hidden: dict[str, float], *, rng: np.random.Generator) -> tuple[Lesion, ...]:
    """Return one lesion, or two smaller ones; all share the patient's texture and halo."""
    n_lesions = 2 if rng.uniform() < TWO_LESIONS_RATE else 1
    largest_mm = 13.0 if n_lesions == 1 else 8.5
    halo_mm = float(rng.uniform(5.0, 7.0))
    return tuple(
        Lesion(
            radius_mm=float(np.clip(9.5 * np.exp(0.25 * rng.normal()), 5.5, largest_mm)),
            irregularity=float(rng.uniform(0.08, 0.17)),
            intensity=float(rng.normal(LESION, 15.0)),
            texture_sd=float(32.0 * np.exp(0.33 * hidden["texture"] + 0.08 * rng.normal())),
            texture_mm=float(rng.uniform(1.6, 2.6)),
            halo=float(15.0 + 24.0 * hidden["halo"] + 4.0 * rng.normal()),
            halo_mm=halo_mm,
        )
        for _ in range(n_lesions)
    )


def _clinical(marker: float, *, rng: np.random.Generator) -> dict[str, str]:
    """Return a patient's clinical cells, each missing completely at random."""
    cells = {
        "age": f"{np.clip(rng.normal(62.0, 11.0), 18.0, 95.0):.0f}",
        "sex": str(rng.choice(["female", "male"])),
        "marker": f"{50.0 + 12.0 * marker:.1f}",
        "smoking": str(rng.choice(["never", "former", "current"], p=[0.45, 0.35, 0.2])),
    }
    is_missing = rng.uniform(size=len(cells)) < MISSING_RATE
    return {
        name: "" if missing else cell
        for (name, cell), missing in zip(cells.items(), is_missing, strict=True)
    }


def _box_about(mask: Mask) -> tuple[float, ...]:
    """Return the world box around the mask's voxels with a margin, to a tenth of a mm."""
    index = np.argwhere(mask.voxels)
    edges = np.stack([index.min(axis=0) - 0.5, index.max(axis=0) + 0.5])
    corners = mask.grid.to_world(edges)
    low, high = corners.min(axis=0) - BOX_MARGIN_MM, corners.max(axis=0) + BOX_MARGIN_MM
    return tuple(float(round(value, 1)) for value in (*low, *high))


def _log_odds_grid(spread: float) -> tuple[Array, Array]:
    """Return values of a centred normal variable and their weights, which sum to 1."""
    steps = np.linspace(-8.0, 8.0, 4001)
    density = np.exp(-(steps**2) / 2)
    return spread * steps, density / density.sum()


def _intercept(spread: float) -> float:
    """Return b0 such that the population's event rate is EVENT_RATE."""
    values, weights = _log_odds_grid(spread)
    return float(brentq(lambda b0: weights @ expit(values + b0) - EVENT_RATE, -50.0, 50.0))


def _expected_auroc(spread: float, intercept: float) -> float:
    """Return P(risk of an event > risk of a non-event), ties counted half, in the population."""
    values, weights = _log_odds_grid(spread)
    if spread == 0:
        return 0.5
    events = weights * expit(values + intercept)
    non_events = weights - events
    below = np.cumsum(non_events) - non_events / 2
    return float(events @ below / (events.sum() * non_events.sum()))


def _auroc(score: Array, event: Array) -> float:
    """Return the Mann-Whitney estimate of the area under the ROC curve, NaN for one class."""
    n_events = int(event.sum())
    n_others = event.size - n_events
    if n_events == 0 or n_others == 0:
        return float("nan")
    ranks = rankdata(score)[event == 1].sum()
    return float((ranks - n_events * (n_events + 1) / 2) / (n_events * n_others))
