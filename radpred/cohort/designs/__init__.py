"""Designs of validation: every one by patient, none with a training part that lacks an outcome."""

from radpred.cohort.designs.bootstrap import bootstrap, names_of_copies
from radpred.cohort.designs.by_date import by_date
from radpred.cohort.designs.by_patient import leave_one_patient_out, leave_pair_out
from radpred.cohort.designs.by_site import leave_one_site_out
from radpred.cohort.designs.cost import Cost, estimated_cost, estimated_fits, time_fits
from radpred.cohort.designs.design import Design, place_of
from radpred.cohort.designs.given import external
from radpred.cohort.designs.k_fold import repeated_k_fold

__all__ = [
    "Cost",
    "Design",
    "bootstrap",
    "by_date",
    "estimated_cost",
    "estimated_fits",
    "external",
    "leave_one_patient_out",
    "leave_one_site_out",
    "leave_pair_out",
    "names_of_copies",
    "place_of",
    "repeated_k_fold",
    "time_fits",
]
