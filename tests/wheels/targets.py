"""The Pythons and systems that radpred runs on, as pip and markers of requirements name them."""

from __future__ import annotations

import sys
from dataclasses import dataclass

PYTHONS = ("3.11", "3.12", "3.13")
_GLIBC = (28, 27, 26, 24, 17, 12, 5)  # the newest that is asked for, and all that came before


@dataclass(frozen=True)
class System:
    """An operating system: how pip names it, and what markers say there."""

    name: str
    platforms: tuple[str, ...]
    markers: dict[str, str]


@dataclass(frozen=True)
class Target:
    """A Python on a system."""

    python: str
    system: System

    @property
    def options(self) -> list[str]:
        """Return the options of pip that choose wheels for this target."""
        chosen = ["--only-binary=:all:", "--implementation", "cp", "--python-version", self.python]
        for platform in self.system.platforms:
            chosen += ["--platform", platform]
        return chosen

    @property
    def markers(self) -> dict[str, str]:
        """Return what markers of requirements are held against."""
        versions = {"python_version": self.python, "python_full_version": f"{self.python}.0"}
        cpython = {"implementation_name": "cpython", "platform_python_implementation": "CPython"}
        return {**versions, **cpython, **self.system.markers, "extra": ""}


def _system(name: str, platforms: tuple[str, ...], *told: str) -> System:
    """Return a system from what its markers say, in the order of the standard."""
    words = ("sys_platform", "platform_system", "platform_machine", "os_name")
    return System(name, platforms, dict(zip(words, told, strict=True)))


_LINUX = tuple(f"manylinux_2_{minor}_x86_64" for minor in _GLIBC)
SYSTEMS = {
    "linux": _system(
        "Linux x86_64",
        (*_LINUX, "manylinux2014_x86_64", "manylinux2010_x86_64", "manylinux1_x86_64"),
        *("linux", "Linux", "x86_64", "posix"),
    ),
    "macos": _system(
        "macOS arm64", ("macosx_14_0_arm64",), *("darwin", "Darwin", "arm64", "posix")
    ),
    "windows": _system("Windows x86_64", ("win_amd64",), *("win32", "Windows", "AMD64", "nt")),
}
_HERE = {"linux": "linux", "darwin": "macos", "win32": "windows"}[sys.platform]
THIS = Target(f"{sys.version_info.major}.{sys.version_info.minor}", SYSTEMS[_HERE])
TARGETS = [Target(python, system) for system in SYSTEMS.values() for python in PYTHONS]
