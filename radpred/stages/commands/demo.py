"""A whole study on a cohort that radpred makes itself."""

from __future__ import annotations

from pathlib import Path

from radpred.config.template import study_template
from radpred.pipeline.demo import make_cohort
from radpred.stages.work.files import write_if_changed


def demo(folder: Path, *, n_patients: int, strength: float, seed: int) -> Path:
    """Make a cohort with planted effects in ``folder``, and the study file that looks for them."""
    make_cohort(folder, n_patients=n_patients, strength=strength, seed=seed)
    text = study_template(
        name="demo",
        title="In-silico lesions: do the planted effects come out?",
        column="event",
        clinical=("age", "sex", "marker", "smoking"),
        bin_width=10,
        sigma_mm=(2,),
        preset="quick",
    )
    study = folder / "study.yaml"
    write_if_changed(study, text.encode())
    return study
