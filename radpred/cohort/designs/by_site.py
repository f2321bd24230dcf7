"""Leave one site out: what a model is worth where it was not made."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from radpred.cohort.designs.design import N_NAMED, Design, Part, design_of
from radpred.cohort.designs.labels import (
    Labels,
    OutcomeKind,
    labels_of,
    names_of,
    patients_of,
)
from radpred.errors import InputError

FEW_PATIENTS = 10


def leave_one_site_out(
    y: ArrayLike, groups: ArrayLike, sites: ArrayLike, *, kind: OutcomeKind | None = None
) -> Design:
    """Return one split a site: its rows are tested, all other sites are learnt from.

    A patient who was seen at several sites is tested at each, and never learnt from there. A
    site without every outcome, or with fewer than 10 patients, is tested all the same; areas
    under its ROC curve are undefined, or say little, and the notes name it.

    Parameters
    ----------
    y, groups, sites : array of shape (n,)
        Outcome, patient and site of each row.
    kind : str, optional
        As in `repeated_k_fold`.

    Raises
    ------
    InputError
        A single site, a row without one, or an outcome that only one site has: then there is
        nothing to learn it from.

    Warns
    -----
    RadpredWarning
        Sites that cannot be judged fully, patients seen at several sites.
    """
    labels = labels_of(y, kind)
    patients = patients_of(groups, len(labels.values))
    places = names_of(sites, len(labels.values), what="site")
    names = np.unique(places)
    if len(names) < 2:
        msg = f"all {len(places)} rows come from {names[0]}; wanted are two sites or more"
        raise InputError(msg, code="one_site")
    parts = []
    for fold, name in enumerate(names):
        is_tested = places == name
        is_known = np.isin(patients, patients[is_tested])
        parts.append(
            Part(0, fold, np.flatnonzero(~is_known), np.flatnonzero(is_tested), label=str(name))
        )
    notes = [
        *_without_outcome(labels, parts),
        *_small(patients, parts),
        *_seen_twice(patients, places),
    ]
    return design_of("leave_one_site_out", parts, labels=labels, patients=patients, notes=notes)


def _without_outcome(labels: Labels, parts: list[Part]) -> list[str]:
    """Name the sites that lack an outcome."""
    return [
        f"site {part.label} has no row with {' or '.join(lacking[:N_NAMED])} among its "
        f"{len(part.test)}: its ranks are undefined"
        for part in parts
        if (lacking := labels.lacking(part.test))
    ]


def _small(patients: np.ndarray, parts: list[Part]) -> list[str]:
    """Name the sites with few patients."""
    return [
        f"site {part.label} has {n} patients, fewer than {FEW_PATIENTS}: its metrics say little"
        for part in parts
        if (n := len(np.unique(patients[part.test]))) < FEW_PATIENTS
    ]


def _seen_twice(patients: np.ndarray, places: np.ndarray) -> list[str]:
    """Say how many patients were seen at several sites."""
    pairs = np.unique(np.stack([patients, places]), axis=1)[0]
    names, n_sites = np.unique(pairs, return_counts=True)
    several = names[n_sites > 1]
    if not len(several):
        return []
    return [
        f"{len(several)} patients were seen at several sites, first {several[0]}: none is learnt "
        "from where they are tested"
    ]
