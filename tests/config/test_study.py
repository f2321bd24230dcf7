"""A study file is checked once, at the door."""

from __future__ import annotations

import re

import pytest
import yaml
from pydantic import BaseModel

from radpred.config import StudySettings, read_study
from radpred.config.template import study_template
from radpred.errors import SettingsError

LEAST = {"name": "s", "outcome": {"column": "event"}}


def written(tmp_path, content):
    """Write a study file and return its path."""
    path = tmp_path / "study.yaml"
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    return path


def test_paths_are_seen_from_the_study_file(tmp_path):
    study = read_study(written(tmp_path, LEAST))
    assert study.cases == tmp_path / "cases.csv"
    assert study.out == tmp_path / "results"


def test_an_unknown_setting_is_refused_with_those_known_beside_it(tmp_path):
    path = written(tmp_path, {**LEAST, "learning": {"modles": ["svm"]}})
    with pytest.raises(SettingsError, match=r"learning\.modles: no such setting.*models"):
        read_study(path)


def test_every_wrong_setting_is_named_at_once(tmp_path):
    path = written(tmp_path, {**LEAST, "learning": {"seed": -1}, "regions": {"rings_mm": [0]}})
    with pytest.raises(SettingsError, match=r"(?s)2 setting.*regions.*learning"):
        read_study(path)


def test_a_file_that_is_not_yaml_says_so(tmp_path):
    with pytest.raises(SettingsError, match="not readable as YAML"):
        read_study(written(tmp_path, "a: [1"))


def test_a_modality_changes_only_what_it_names():
    study = StudySettings.model_validate(
        {**LEAST, "extraction": {"voxel_array_shift": 7}, "modalities": {"pet": {"bin_count": 32}}}
    )
    pet = study.extraction_of("pet")
    assert (pet.bin_count, pet.bin_width, pet.voxel_array_shift) == (32, None, 7)


def test_both_ways_to_bin_at_once_are_refused():
    with pytest.raises(ValueError, match="either bin_width or bin_count"):
        StudySettings.model_validate({**LEAST, "extraction": {"bin_width": 5, "bin_count": 8}})


def _leaves(kind: type[BaseModel]) -> set[str]:
    """Return the names of all settings below a model."""
    names: set[str] = set()
    for name, field in kind.model_fields.items():
        inner = field.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            names |= _leaves(inner)
        names.add(name)
    return names


def test_the_template_shows_every_setting():
    shown = set(re.findall(r"(\w+):", study_template()))
    assert _leaves(StudySettings) <= shown
