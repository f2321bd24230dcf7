"""How numbers are spelt in the names of response maps.

A name says the filter, its kernel and how responses are pooled, each number without a trailing 0
and with a dash for the point. What lies beyond the image, and where a kernel is cut off, are no
part of it: settings that ask for two maps which differ only there are refused.
"""

from __future__ import annotations


def spelt(number: float) -> str:
    """Return a number as it stands in a name.

    Examples
    --------
    >>> spelt(1.5), spelt(3.0)
    ('1-5', '3')
    """
    return f"{number:g}".replace(".", "-")
