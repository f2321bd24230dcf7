"""Settings of a sweep: one study, and what differs in each of its variants."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import product
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, field_validator

from radpred.config._base import Settings, checked
from radpred.config._yaml import read_yaml
from radpred.config.study import StudySettings
from radpred.config.study.study import study_in
from radpred.errors import SettingsError

MEASURED = "measured"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.+-]*")
Overrides = dict[str, Any]


class SweepSettings(Settings):
    """What a sweep file holds; paths are relative to it."""

    study: Path
    title: str = ""
    out: Path = Path("sweep")
    variants: dict[str, dict[str, Any] | None] = Field(
        default={},
        description="What each variant sets in the study file, nested or with dots: "
        "learning.regions: [tumour].",
    )
    grid: dict[str, list[Any] | dict[str, dict[str, Any] | None]] = Field(
        default={},
        description="Axes whose every combination is a variant: a setting with its values, or "
        "named overrides as in variants.",
    )
    reference: str = Field(default="", description="What the others are compared with; the first.")
    model: str = Field(default="selected", description="Whose predictions are compared.")
    label: str = Field(default="", description="What the axis of the picture shows.")
    axis: dict[str, float] = Field(
        default={}, description="Where variants stand on the axis: millimetres, say."
    )

    @field_validator("variants", "axis", mode="before")
    @classmethod
    def _names_are_text(cls, given: Any) -> Any:
        return {str(k): v for k, v in given.items()} if isinstance(given, dict) else given

    @field_validator("reference", mode="before")
    @classmethod
    def _reference_is_text(cls, given: Any) -> Any:
        return str(given)


@dataclass(frozen=True, kw_only=True)
class Variant:
    """One study of a sweep.

    Parameters
    ----------
    name : str
        Its name, and that of its folder.
    study : StudySettings
        All its settings; results go to a folder of its own.
    place : mapping of str to str
        Its place on each axis of the grid; empty where it stands alone.
    """

    name: str
    study: StudySettings
    place: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """A sweep, checked: its settings and its variants in order."""

    settings: SweepSettings
    variants: tuple[Variant, ...]

    @property
    def reference(self) -> str:
        """Return the name of the variant that the others are compared with."""
        return self.settings.reference or self.variants[0].name


def read_sweep(path: str | Path) -> Sweep:
    """Return the sweep in a file.

    Raises
    ------
    SettingsError
        A file is missing or not YAML; a variant sets what no study has, with names near it; two
        variants have one name; or the reference, or a place on the axis, is of no variant.
    """
    path = Path(path)
    if not path.is_file():
        msg = f"{path}: no such sweep file; docs/sweeps.md shows one"
        raise SettingsError(msg)
    settings = checked(SweepSettings, read_yaml(path), source=str(path))
    folder = path.resolve().parent
    settings = settings.model_copy(
        update={"study": folder / settings.study, "out": folder / settings.out}
    )
    if not settings.study.is_file():
        msg = f"{path}: study: {settings.study} is no file; name the study file"
        raise SettingsError(msg)
    base = read_yaml(settings.study)
    checked(StudySettings, base, source=str(settings.study))
    variants = tuple(
        _variant(name, overrides, place, base=base, settings=settings)
        for name, overrides, place in _all_overrides(settings)
    )
    _refuse_unknown_names(settings, [variant.name for variant in variants], path)
    return Sweep(settings=settings, variants=variants)


def _all_overrides(settings: SweepSettings) -> Iterator[tuple[str, Overrides, dict[str, str]]]:
    """Yield the name, the overrides and the place of each variant, those of the grid last."""
    for name, given in settings.variants.items():
        yield name, _nested(given or {}, name), {}
    axes = {axis: _choices(axis, values) for axis, values in settings.grid.items()}
    for cells in product(*(choices.items() for choices in axes.values())) if axes else ():
        place = dict(zip(axes, (choice for choice, _ in cells), strict=True))
        name = "-".join(place.values())
        merged: Overrides = {}
        for _, overrides in cells:
            merged = _merged(merged, _nested(overrides, name))
        yield name, merged, place


def _choices(axis: str, values: list[Any] | Mapping[str, Overrides | None]) -> dict[str, Overrides]:
    """Return the overrides of each choice along one axis of the grid, by name."""
    if isinstance(values, Mapping):
        return {str(name): overrides or {} for name, overrides in values.items()}
    return {
        "+".join(map(str, value)) if isinstance(value, list) else str(value): {axis: value}
        for value in values
    }


def _variant(
    name: str,
    overrides: Overrides,
    place: Mapping[str, str],
    *,
    base: Any,
    settings: SweepSettings,
) -> Variant:
    """Return one variant of the study ``base``."""
    if not _NAME.fullmatch(name) or name == MEASURED:
        msg = (
            f"a variant cannot be called {name!r}: it names a folder; use letters, digits, '_', "
            f"'-', '+' and '.', and another name than {MEASURED}"
        )
        raise SettingsError(msg)
    _refuse_unknown_keys(overrides, name)
    merged = _merged(base, overrides)
    merged |= {"out": str(settings.out / name), "name": f"{base.get('name', '')}.{_plain(name)}"}
    study = study_in(merged, source=f"variant {name}", folder=settings.study.parent)
    return Variant(name=name, study=study, place=place)


def _plain(name: str) -> str:
    """Return a variant's name as a study's name may hold it."""
    return name.replace("+", "_")


def _nested(given: Mapping[Any, Any], variant: str) -> Overrides:
    """Return overrides with dots in their keys as nested ones.

    Raises
    ------
    SettingsError
        Two keys set one place.
    """
    nested: Overrides = {}
    for key, value in given.items():
        first, *rest = str(key).split(".")
        inner = {".".join(rest): value} if rest else value
        if isinstance(inner, dict):
            inner = _nested(inner, variant)
        nested[first] = (
            _joined(nested[first], inner, (variant, first)) if first in nested else inner
        )
    return nested


def _joined(one: Any, two: Any, where: tuple[str, str]) -> Overrides:
    """Return what two keys of a variant set in one section, or refuse a setting set twice."""
    if not (isinstance(one, dict) and isinstance(two, dict)):
        msg = f"variant {where[0]} sets {where[1]} twice; write each setting once"
        raise SettingsError(msg)
    joined = dict(one)
    for key, value in two.items():
        place = (where[0], f"{where[1]}.{key}")
        joined[key] = _joined(one[key], value, place) if key in one else value
    return joined


def _merged(base: Any, overrides: Mapping[str, Any]) -> Overrides:
    """Return ``base`` with what ``overrides`` sets; sections keep what is not set."""
    merged = dict(base) if isinstance(base, Mapping) else {}
    for key, value in overrides.items():
        is_section = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = _merged(merged[key], value) if is_section else value
    return merged


def _refuse_unknown_keys(overrides: Mapping[str, Any], variant: str) -> None:
    """Refuse overrides of what no study has, with the names that are near."""
    known = dict(_settings_of(StudySettings))
    for key in _keys(overrides, known):
        if key not in known:
            near = difflib.get_close_matches(key, known, n=3, cutoff=0.5)
            last = key.rpartition(".")[2]
            near += [k for k in known if k.rpartition(".")[2] == last and k not in near]
            hint = f"near it: {', '.join(near)}" if near else "docs/study-file.md lists them"
            msg = f"variant {variant} sets {key}, and no study has that setting; {hint}"
            raise SettingsError(msg)


def _keys(given: Mapping[str, Any], known: Mapping[str, bool], before: str = "") -> Iterator[str]:
    """Yield the settings that are set, with dots; what is free inside a setting is passed over."""
    for key, value in given.items():
        full = f"{before}{key}"
        yield full
        if known.get(full) and isinstance(value, Mapping):
            yield from _keys(value, known, f"{full}.")


def _settings_of(kind: type[BaseModel], before: str = "") -> Iterator[tuple[str, bool]]:
    """Yield every setting, with dots, and whether it is a section of others."""
    for name, about in kind.model_fields.items():
        inner = _section(about.annotation)
        yield f"{before}{name}", inner is not None
        if inner is not None:
            yield from _settings_of(inner, f"{before}{name}.")


def _section(annotation: Any) -> type[BaseModel] | None:
    """Return the settings that an annotation, or one side of ``X | None``, stands for."""
    kinds = [annotation, *getattr(annotation, "__args__", ())]
    if getattr(annotation, "__origin__", None) in (tuple, list, dict):
        return None
    found = [kind for kind in kinds if isinstance(kind, type) and issubclass(kind, BaseModel)]
    return found[0] if found else None


def _refuse_unknown_names(settings: SweepSettings, names: list[str], path: Path) -> None:
    """Refuse a sweep without two variants, with one name twice, or that names a foreign one."""
    twice = sorted({name for name in names if names.count(name) > 1})
    wanted = [*settings.axis, *([settings.reference] if settings.reference else [])]
    foreign = [name for name in wanted if name not in names]
    problem = ""
    if len(names) < 2:
        problem = f"{len(names)} variant(s), wanted two or more; add variants or a grid"
    elif twice:
        problem = f"several variants are called {', '.join(twice)}; give each its own name"
    elif foreign:
        near = difflib.get_close_matches(foreign[0], names, n=3, cutoff=0.3) or names[:5]
        problem = f"no variant is called {foreign[0]!r}; near it: {', '.join(near)}"
    if problem:
        msg = f"{path}: {problem}"
        raise SettingsError(msg)
