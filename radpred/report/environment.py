"""The templates of the report."""

from __future__ import annotations

from jinja2 import Environment, PackageLoader, StrictUndefined


def environment() -> Environment:
    """Return the templates; a name that no one filled is an error, and text is escaped."""
    return Environment(
        loader=PackageLoader("radpred.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
