"""What can go wrong, each with what came, what was wanted and what to do."""

from __future__ import annotations

import warnings

MOST_CHARACTERS = 8000  # of a message: a cell of a hostile table may hold megabytes


class RadpredError(Exception):
    """Base of all errors that radpred raises on purpose.

    Parameters
    ----------
    message : str
        What came, what was wanted, and what to do.
    code : str, optional
        The stable reason code that a verdict carries; each class has its own default.
    """

    code = "error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        if len(message) > MOST_CHARACTERS:
            half = MOST_CHARACTERS // 2
            message = f"{message[:half]} [...] {message[-half:]}"
        super().__init__(message)
        if code is not None:
            self.code = code


class SettingsError(RadpredError):
    """A setting that radpred does not know or cannot follow."""

    code = "bad_settings"


class InputError(RadpredError):
    """A file or a row that cannot be used."""

    code = "bad_input"


class GeometryError(InputError):
    """Image and mask that do not lie in the same place."""

    code = "geometry"


class RegionError(InputError):
    """A region that is empty, or that a method cannot work on."""

    code = "bad_region"


class DeviceError(RadpredError):
    """A graphics card that is asked for, and is not there or cannot be used."""

    code = "no_device"


class RejectedError(InputError):
    """Rejected cases in a study that is to stop at them."""

    code = "rejected_cases"


class LeakageError(RadpredError):
    """A split or a fit that would see what it must not."""

    code = "leakage"


class BundleError(RadpredError):
    """A model file that is damaged, foreign, or made for other columns."""

    code = "bad_bundle"


class RadpredWarning(UserWarning):
    """Something was mended or set aside; the result stands."""


def warn(message: str) -> None:
    """Tell the user something that does not stop the work."""
    warnings.warn(message, RadpredWarning, stacklevel=3)
