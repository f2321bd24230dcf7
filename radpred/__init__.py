"""From scans and lesions to calibrated, explained clinical predictions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from radpred.lazy import looked_up
from radpred.version import __version__

if TYPE_CHECKING:
    from radpred.deploy import Predictor, load_predictor
    from radpred.image import Grid, Image, Mask
    from radpred.io import read_image, read_mask
    from radpred.pipeline.demo import make_cohort
    from radpred.pipeline.measuring.extract import Extractor
    from radpred.pipeline.measuring.habitats import fit_habitats
    from radpred.regions import peritumoral_ring
    from radpred.workflow import Results, Study

# Looked up when first used, so that `radpred --help` loads nothing heavy.
_HOME = {
    "Extractor": "radpred.pipeline.measuring.extract",
    "Grid": "radpred.image",
    "Image": "radpred.image",
    "Mask": "radpred.image",
    "Predictor": "radpred.deploy",
    "Results": "radpred.workflow",
    "Study": "radpred.workflow",
    "fit_habitats": "radpred.pipeline.measuring.habitats",
    "load_predictor": "radpred.deploy",
    "make_cohort": "radpred.pipeline.demo",
    "peritumoral_ring": "radpred.regions",
    "read_image": "radpred.io",
    "read_mask": "radpred.io",
}

__all__ = [
    "Extractor",
    "Grid",
    "Image",
    "Mask",
    "Predictor",
    "Results",
    "Study",
    "__version__",
    "fit_habitats",
    "load_predictor",
    "make_cohort",
    "peritumoral_ring",
    "read_image",
    "read_mask",
]


__getattr__ = looked_up(__name__, _HOME)


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
