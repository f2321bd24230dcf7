"""A stand-in for CuPy that runs without a card, and is stricter than CuPy is.

Its arrays hold NumPy's, and its functions are NumPy's and SciPy's: those, with those arguments,
that the oldest release has which radpred asks for (``release.txt``). Nothing becomes a NumPy array
unless it is asked to, nothing mixes with one, and every way between host and device is counted.
"""

from fake_cupy.device import FakeDevice, installed

__all__ = ["FakeDevice", "installed"]
