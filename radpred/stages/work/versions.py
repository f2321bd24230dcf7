"""Which versions made a result."""

from __future__ import annotations

import platform
from importlib.metadata import PackageNotFoundError, version

_PACKAGES = (
    "radpred",
    "numpy",
    "scipy",
    "pandas",
    "SimpleITK",
    "PyWavelets",
    "numba",
    "scikit-learn",
    "xgboost-cpu",
    "xgboost",
    "shap",
    "skops",
    "snakemake",
)


def versions() -> dict[str, str]:
    """Return the version of Python and of each library that a value may depend on."""
    found = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:  # the twin (xgboost, xgboost-cpu) is installed instead
            continue
    return found
