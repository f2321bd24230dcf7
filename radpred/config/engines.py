"""Who computes: whether the engine that settings ask for is installed."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.util import find_spec

from radpred.config.extraction import ExtractionSettings
from radpred.errors import SettingsError

CURE = (
    "pip install 'radpred[pyradiomics]' builds it (this needs a C compiler), "
    "and engine: native needs nothing"
)


def require_engine(asked: Iterable[ExtractionSettings]) -> None:
    """Raise if settings ask for an engine that is not installed.

    Raises
    ------
    SettingsError
        PyRadiomics is asked for, and not there.
    """
    if any(s.engine == "pyradiomics" for s in asked) and find_spec("radiomics") is None:
        msg = f"engine: pyradiomics: PyRadiomics is not installed; {CURE}"
        raise SettingsError(msg)
