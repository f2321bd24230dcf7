"""What every settings object has in common."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PositiveFloat, ValidationError, model_validator

from radpred.errors import SettingsError

S = TypeVar("S", bound="Settings")


class Settings(BaseModel):
    """Frozen settings that refuse a key they do not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FilterSettings(Settings):
    """What any filter may set for its own responses; where it does not, the general one holds."""

    bin_width: PositiveFloat | None = None
    bin_count: Annotated[int, Field(ge=2)] | None = None
    voxel_array_shift: float | None = None

    @model_validator(mode="after")
    def _one_way_to_bin(self) -> FilterSettings:
        if self.bin_width is not None and self.bin_count is not None:
            msg = "give either bin_width or bin_count, not both"
            raise ValueError(msg)
        return self


def checked(kind: type[S], given: Any, *, source: str) -> S:
    """Return ``given`` as settings of ``kind``, or say line by line what is wrong with it.

    Raises
    ------
    SettingsError
        With one line a problem: where it is, what came, what was wanted.
    """
    try:
        return kind.model_validate(given)
    except ValidationError as error:
        lines = [f"{source}: {error.error_count()} setting(s) cannot be used"]
        for problem in error.errors():
            place = ".".join(str(part) for part in problem["loc"]) or "(top)"
            if problem["type"] == "extra_forbidden":
                known = ", ".join(_known_keys(kind, problem["loc"][:-1]))
                lines.append(f"  {place}: no such setting; known here: {known}")
            else:
                lines.append(f"  {place}: {problem['msg']} (got {problem['input']!r})")
        raise SettingsError("\n".join(lines)) from error


def _known_keys(kind: type[BaseModel], path: tuple[Any, ...]) -> list[str]:
    """Return the keys that ``kind`` knows below ``path``."""
    model: type[BaseModel] = kind
    for part in path:
        field = model.model_fields.get(str(part))
        inner = field.annotation if field else None
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            model = inner
    return sorted(model.model_fields)
