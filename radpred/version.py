"""The version of radpred, as its distribution says it."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("radpred")
except PackageNotFoundError:  # a source tree that was never installed
    __version__ = "0+unknown"
