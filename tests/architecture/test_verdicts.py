"""Every code that radpred raises, and every reason for a missing value, is documented."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOCUMENT = (ROOT / "docs" / "verdicts.md").read_text(encoding="utf-8")
TREES = {
    path: ast.parse(path.read_text(encoding="utf-8"))
    for path in sorted((ROOT / "radpred").rglob("*.py"))
    if "report" not in path.parts  # what it calls codes are names of sentences
}
KINDS = ("structure", "segment")  # what f"{kind}_missing" begins with


def words(node: ast.AST | None) -> Iterator[str]:
    """Yield the texts that an expression can be; of one that is computed none."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from words(node.body)
        yield from words(node.orelse)
    elif isinstance(node, ast.JoinedStr):
        assert [getattr(getattr(part, "value", 0), "id", "") for part in node.values] == [
            "kind",
            "",
        ]
        yield from (f"{kind}{node.values[1].value}" for kind in KINDS)


def assigned(node: ast.Assign | ast.AnnAssign, name: str) -> Iterator[str]:
    """Yield the texts that are assigned to ``name``, alone or first of several names."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    for target in targets:
        if isinstance(target, ast.Name) and target.id == name:
            yield from words(node.value)
        if (
            isinstance(target, ast.Tuple)
            and isinstance(node.value, ast.Tuple)
            and isinstance(target.elts[0], ast.Name)
            and target.elts[0].id == name
        ):
            yield from words(node.value.elts[0])


def codes_in(tree: ast.Module) -> Iterator[str]:
    """Yield the codes of errors and verdicts in a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from named(node, "code")
            yield from positional(node, {"_RowError": 0, "Verdict": 4})
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            yield from assigned(node, "code")
            yield from first_of(node, "found")  # a code and what came, handed on together


def named(node: ast.Call, name: str) -> Iterator[str]:
    """Yield the texts that a call gives to an argument."""
    for keyword in node.keywords:
        if keyword.arg == name:
            yield from words(keyword.value)


def positional(node: ast.Call, places: dict[str, int]) -> Iterator[str]:
    """Yield the texts at the places of arguments of some callables."""
    place = places.get(getattr(node.func, "id", ""))
    if place is not None and len(node.args) > place:
        yield from words(node.args[place])


def first_of(node: ast.Assign | ast.AnnAssign, name: str) -> Iterator[str]:
    """Yield the first text of a tuple that is assigned to ``name``."""
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    names = [getattr(target, "id", "") for target in targets]
    if name in names and isinstance(node.value, ast.Tuple):
        yield from words(node.value.elts[0])


def reasons_in(tree: ast.Module) -> Iterator[str]:
    """Yield the reasons for missing values in a module."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from named(node, "reason")
            yield from positional(node, {"NotComputableError": 0})
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            yield from assigned(node, "reason")


def found(of: str) -> list[str]:
    """Return all codes, or all reasons, once."""
    look = {"codes": codes_in, "reasons": reasons_in}[of]
    return sorted({word for tree in TREES.values() for word in look(tree) if word})


@pytest.mark.parametrize("code", found("codes"))
def test_a_code_is_documented(code):
    assert f"`{code}`" in DOCUMENT


@pytest.mark.parametrize("reason", found("reasons"))
def test_a_reason_for_a_missing_value_is_documented(reason):
    assert f"`{reason}`" in DOCUMENT


@pytest.mark.parametrize(
    "code", ["missing_file", "no_outcome", "several_labels", "structure_missing", "rejected_cases"]
)
def test_codes_are_found_however_they_are_raised(code):
    assert code in found("codes")


def test_reasons_are_found():
    assert {"empty", "flat", "too_small", "ring_cut_away"} <= set(found("reasons"))


@pytest.mark.parametrize("word", [*found("codes"), *found("reasons")])
def test_a_code_is_lower_snake_case(word):
    assert word.isidentifier() and word == word.lower()
