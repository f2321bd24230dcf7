"""The container, the conda environment and the wheelhouse say what pyproject.toml says."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONTAINERFILE = (ROOT / "Containerfile").read_text(encoding="utf-8")
CONDA = yaml.safe_load((ROOT / "workflow" / "envs" / "radpred.yaml").read_text(encoding="utf-8"))
INSTRUCTIONS = [
    line
    for line in re.sub(r"\\\n\s*", "", CONTAINERFILE).splitlines()
    if line and not line.startswith("#")
]


def said(word: str) -> list[str]:
    """Return what follows an instruction, wherever it stands in the Containerfile."""
    return [line.split(maxsplit=1)[1] for line in INSTRUCTIONS if line.split()[0] == word]


def test_the_linter_of_containerfiles_finds_nothing():
    linter = shutil.which("hadolint", path=str(Path(sys.executable).parent)) or shutil.which(
        "hadolint"
    )
    if linter is None:
        pytest.skip("needs hadolint (in the extra dev on Linux x86_64)")
    done = subprocess.run(
        [linter, ROOT / "Containerfile"], capture_output=True, text=True, check=False
    )
    assert done.stdout == ""
    assert done.returncode == 0


def test_both_stages_begin_with_the_same_python_to_the_last_digit():
    bases = {line.split()[0] for line in said("FROM")}
    assert len(said("FROM")) == 2
    assert len(bases) == 1
    assert re.fullmatch(r"python:3\.\d+\.\d+-slim-\w+", bases.pop())


def test_the_container_s_python_is_one_that_radpred_runs_on():
    minor = re.match(r"python:(3\.\d+)", said("FROM")[0])[1]
    assert f"Programming Language :: Python :: {minor}" in PROJECT["classifiers"]


def test_the_container_runs_as_a_numbered_user_other_than_root():
    assert said("USER")[-1] == "1000"
    assert INSTRUCTIONS.index("USER 1000") > INSTRUCTIONS.index(f"RUN {said('RUN')[-1]}")


def test_nothing_is_fetched_but_by_pip_without_its_cache():
    assert said("ADD") == []
    runs = " ".join(said("RUN"))
    assert re.findall(r"curl|wget|git |https?:|apt", runs) == []
    commands = re.findall(r"pip (?:install|wheel) [^&]*", runs)
    assert commands
    assert [command for command in commands if "--no-cache-dir" not in command] == []


def test_what_is_copied_is_in_the_clone_and_not_ignored():
    kept = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    copied = [name for line in said("COPY") if "--from" not in line for name in line.split()[:-1]]
    assert copied
    for name in copied:
        assert (ROOT / name).exists(), name
        assert f"!{Path(name)}" in kept, name


def test_the_container_starts_a_command_of_the_package():
    assert said("ENTRYPOINT") == ['["radpred"]']
    assert "radpred" in PROJECT["scripts"]


def test_the_container_has_extras_that_there_are():
    extras = re.search(r"\$\{wheel\}\[([\w,]+)\]", CONTAINERFILE)[1].split(",")
    assert set(extras) <= set(PROJECT["optional-dependencies"])


@pytest.mark.parametrize(
    ("label", "value"),
    [
        ("title", PROJECT["name"]),
        ("description", PROJECT["description"]),
        ("version", PROJECT["version"]),
        ("licenses", PROJECT["license"]),
    ],
)
def test_labels_say_what_the_package_says(label, value):
    assert f'org.opencontainers.image.{label}="{value}"' in CONTAINERFILE


def test_the_conda_environment_has_one_channel_and_no_defaults():
    assert CONDA["channels"] == ["conda-forge", "nodefaults"]


def test_the_conda_environment_has_the_package_s_version():
    pip = next(item["pip"] for item in CONDA["dependencies"] if isinstance(item, dict))
    assert pip == [f"{PROJECT['name']}[s3]=={PROJECT['version']}"]


def test_the_conda_environment_has_the_package_s_pythons():
    python = next(d for d in CONDA["dependencies"] if str(d).startswith("python"))
    newest = max(
        int(c.rpartition(".")[2]) for c in PROJECT["classifiers"] if re.search(r":: 3\.\d+$", c)
    )
    assert python == f"python {PROJECT['requires-python']},<3.{newest + 1}"


def test_the_rules_name_the_environment():
    for rules in (ROOT / "workflow" / "rules").glob("*.smk"):
        named = set(re.findall(r"envs/[\w.]+", rules.read_text(encoding="utf-8")))
        assert named <= {"envs/radpred.yaml"}
