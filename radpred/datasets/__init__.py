"""Made phantoms and made cohorts, whose truth is known."""

from radpred.datasets.cohort import (
    CohortPlan,
    CohortTruth,
    Effect,
    MadeCase,
    Patient,
    cohort_cases,
    plan_cohort,
)
from radpred.datasets.phantom import cuboid, noise_box, painted, sphere
from radpred.datasets.phases import Phased, phased_tumour
from radpred.datasets.scan import SCANNERS, Lesion, Scan, Scanner, draw_scan

__all__ = [
    "SCANNERS",
    "CohortPlan",
    "CohortTruth",
    "Effect",
    "Lesion",
    "MadeCase",
    "Patient",
    "Phased",
    "Scan",
    "Scanner",
    "cohort_cases",
    "cuboid",
    "draw_scan",
    "noise_box",
    "painted",
    "phased_tumour",
    "plan_cohort",
    "sphere",
]
