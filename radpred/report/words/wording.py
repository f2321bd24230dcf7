"""What may be said about the numbers: each rule turns an interval into one plain sentence.

A rule speaks only of what the interval shows. "Not shown" is said where an interval holds the
value that means nothing; no rule turns "not shown" into "no".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from radpred.report.words.names import OutcomeWords
from radpred.report.words.numbers import (
    NOT_AVAILABLE,
    Interval,
    bounds,
    counted,
    known,
    listed,
    number,
    percent,
    read_interval,
    signed,
)

Tone = Literal["good", "caution", "bad", "plain"]

# At least 100 events and 100 non-events to judge a model on: Vergouwe et al. (2005), Collins,
# Ogundimu and Altman (2016). Below 10 of either this report draws no conclusion at all.
ENOUGH_EVENTS = 100
TOO_FEW_EVENTS = 10
# A slope as far as this from 1 is named even where its interval still holds 1.
SLOPE_TOLERANCE = 0.2

_AGAINST = {
    "volume": "tumour volume alone",
    "clinical": "clinical data alone",
    "site": "the site alone",
}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One thing that the numbers show or do not show.

    ``code`` names the rule, ``tone`` its colour and mark, ``head`` the finding in a few words,
    ``text`` in a sentence or two.
    """

    code: str
    tone: Tone
    head: str
    text: str


_NO_VOLUME = Finding(
    code="volume_unknown",
    tone="caution",
    head="Not compared with tumour volume alone",
    text="No column holds the volume of the tumour, so no gain on it can be claimed. Measure the "
    "shape, or name the column of a table that holds it in volume_column.",
)


def model_named(evaluation: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Return the entry of one model in ``evaluation["models"]``, empty where it is not there."""
    return next((m for m in evaluation.get("models", ()) if m["name"] == name), {})


def metric_of(evaluation: Mapping[str, Any], metric: str, *, model: str = "selected") -> Interval:
    """Return one metric of one model with its interval."""
    return read_interval(model_named(evaluation, model).get("metrics", {}).get(metric))


def discrimination(auroc: Interval, words: OutcomeWords) -> Finding:
    """Say whether the AUROC is shown to be above chance."""
    if not auroc.has_bounds:
        text = f"The AUROC or its interval is {NOT_AVAILABLE}, so nothing is shown either way."
        return Finding(code="auroc_unknown", tone="bad", head="Discrimination unknown", text=text)
    if auroc.high < 0.5:
        text = (
            f"The whole interval ({bounds(auroc)}) lies below 0.50: higher predicted risks go with "
            "fewer events. Check how the outcome is coded before reading on."
        )
        return Finding(code="worse_than_chance", tone="bad", head="Worse than chance", text=text)
    if auroc.low <= 0.5:
        text = (
            f"The interval of the AUROC ({bounds(auroc)}) includes 0.50, which is guessing. This "
            "does not show that there is no signal; it shows that none was demonstrated here."
        )
        head = "Not shown to be better than chance"
        return Finding(code="not_better_than_chance", tone="bad", head=head, text=text)
    text = (
        f"Take one case {words.present} and one without: the model gave the first the higher risk "
        f"in {percent(auroc.value)} of such pairs ({percent(auroc.low)} to "
        f"{percent(auroc.high)}). Guessing gives 50\u00a0%."
    )
    return Finding(code="better_than_chance", tone="good", head="Better than chance", text=text)


def against(difference: Interval, baseline: str) -> Finding:
    """Say whether the model is shown to be better than ``volume`` or ``clinical`` alone."""
    what = _AGAINST[baseline]
    if not difference.has_bounds:
        text = f"The difference to {what} is {NOT_AVAILABLE}, so no gain can be claimed."
        head = f"Not compared with {what}"
        return Finding(code=f"{baseline}_unknown", tone="caution", head=head, text=text)
    shown = (
        f"{signed(difference.value)} AUROC ({signed(difference.low)} to {signed(difference.high)})"
    )
    if difference.low > 0:
        text = f"The model gains {shown} on {what}; the interval excludes 0."
        return Finding(
            code=f"adds_to_{baseline}", tone="good", head=f"Better than {what}", text=text
        )
    if difference.high < 0:
        text = f"The difference is {shown}; the interval excludes 0. {_capital(what)} does better."
        return Finding(
            code=f"worse_than_{baseline}", tone="bad", head=f"Worse than {what}", text=text
        )
    text = f"The difference is {shown}. The interval includes 0: a gain is possible, not shown."
    head = f"Not shown to add to {what.removesuffix(' alone')}"
    return Finding(code=f"not_shown_to_add_to_{baseline}", tone="caution", head=head, text=text)


def calibration(slope: Interval) -> Finding:
    """Say whether predicted risks are too extreme, too timid, or in line."""
    if not slope.has_bounds:
        text = f"The calibration slope is {NOT_AVAILABLE}: take no risk at its face value."
        return Finding(code="slope_unknown", tone="caution", head="Calibration unknown", text=text)
    shown = f"slope {number(slope.value)} ({bounds(slope)}; 1 is ideal)"
    kind, advice = _confidence_of(slope)
    if slope.excludes(1.0):
        text = f"Predicted risks are {advice}: {shown}."
        return Finding(code=kind, tone="bad", head=_capital(kind.replace("_", "-")), text=text)
    if abs(slope.value - 1) > SLOPE_TOLERANCE:
        text = f"Predicted risks look {advice}, but the interval still includes 1: {shown}."
        head = f"Possibly {kind.replace('_', '-')}"
        return Finding(code=f"possibly_{kind}", tone="caution", head=head, text=text)
    if slope.low < 1 - SLOPE_TOLERANCE and slope.high > 1 + SLOPE_TOLERANCE:
        text = (
            f"The slope is close to its ideal, but the interval leaves room for risks that are too "
            f"extreme and for risks that are too cautious: {shown}."
        )
        head = "Risks near their ideal, not settled"
        return Finding(code="calibration_not_settled", tone="caution", head=head, text=text)
    text = f"No sign that predicted risks are too extreme or too cautious: {shown}."
    return Finding(code="calibrated", tone="good", head="Risks in line with outcomes", text=text)


def on_average(intercept: Interval) -> Finding | None:
    """Say whether predicted risks are too high or too low on average; nothing if they are not."""
    if not intercept.excludes(0.0):
        return None
    direction = "low" if intercept.value > 0 else "high"
    text = (
        f"On average the predicted risks are too {direction}: calibration intercept "
        f"{number(intercept.value)} ({bounds(intercept)}; 0 is ideal)."
    )
    code = f"risks_too_{direction}"
    return Finding(code=code, tone="bad", head=f"Risks too {direction} on average", text=text)


def enough_events(study: Mapping[str, Any]) -> Finding | None:
    """Say whether the smaller outcome group is large enough; nothing if it is.

    Patients are counted where the study says how many had the event, else cases.
    """
    unit, keys = "patient", ("n_patients", "n_event_patients")
    if not known(study.get(keys[1])):
        unit, keys = "case", ("n_cases", "n_events")
    n_all, n_events = (study.get(key) for key in keys)
    if not known(n_all) or not known(n_events):
        return None
    n_smaller = int(min(n_events, n_all - n_events))
    group = "with the event" if n_smaller == n_events else "without it"
    came = f"Only {counted(n_smaller, unit)} {group}"
    if n_smaller < TOO_FEW_EVENTS:
        text = f"{came}: too few events for any conclusion, whatever the other numbers say."
        return Finding(code="too_few_events", tone="bad", head="Too few events", text=text)
    if n_smaller < ENOUGH_EVENTS:
        text = (
            f"{came}. To judge a model, at least {ENOUGH_EVENTS} of each kind are usually asked "
            "for: too few events for a firm statement on calibration or on small gains."
        )
        return Finding(code="few_events", tone="caution", head="Few events", text=text)
    return None


def coverage(rows: Sequence[Mapping[str, Any]], words: OutcomeWords) -> Finding | None:
    """Say whether the prediction sets of one level hold their promise in each class."""
    named = {0: words.absent, 1: words.present}
    rows = [row for row in rows if row["class"] in named]
    if not rows:
        return None
    level = percent(rows[0]["level"])
    short = [row for row in rows if read_interval(row["coverage"]).high < row["level"]]
    shown = listed(
        [f"{percent(read_interval(r['coverage']).value)} {named[r['class']]}" for r in rows]
    )
    if any(not read_interval(row["coverage"]).has_bounds for row in rows):
        text = f"How often the sets held the truth is {NOT_AVAILABLE} for at least one group."
        return Finding(
            code="coverage_unknown", tone="caution", head="Promise not checked", text=text
        )
    if short:
        groups = listed([named[row["class"]] for row in short])
        text = f"Sets that promise {level} held the truth less often for cases {groups}: {shown}."
        return Finding(code="promise_broken", tone="bad", head="Promise not kept", text=text)
    if all(read_interval(row["coverage"]).low > row["level"] for row in rows):
        text = (
            f"Sets that promise {level} held the truth for {shown}: more often than promised, so "
            "the answers are more cautious than they need to be."
        )
        head = "Promise more than kept"
        return Finding(code="promise_exceeded", tone="good", head=head, text=text)
    text = f"Sets that promise {level} held the truth for {shown}: in line with the promise."
    return Finding(code="promise_kept", tone="good", head="Promise kept in both groups", text=text)


def certainty(row: Mapping[str, Any] | None) -> Finding | None:
    """Say how many cases get a certain answer; ``row`` is one level over all classes."""
    if row is None or not known(row.get("singleton")):
        return None
    share, level = row["singleton"], percent(row["level"])
    text = f"At the {level} level {percent(share)} of cases get a single answer."
    if share < 0.5:
        rest = "For most, the honest answer is \u201ccould be either\u201d or \u201cneither\u201d."
        return Finding(
            code="mostly_open", tone="caution", head="Most answers stay open", text=f"{text} {rest}"
        )
    rest = "The others are told openly that the model cannot decide."
    return Finding(
        code="mostly_certain", tone="plain", head="Most answers are certain", text=f"{text} {rest}"
    )


def expected_error(null: Mapping[str, Any]) -> str:
    """Say what the ECE means beside the value that a perfect model would show by luck."""
    ece, ece_null = null.get("ece"), null.get("ece_null")
    if not known(ece) or not known(ece_null):
        return f"The expected calibration error (ECE) is {NOT_AVAILABLE}."
    shown = f"ECE {number(ece, digits=3)}; a perfectly calibrated model would show about"
    shown = f"{shown} {number(ece_null, digits=3)} in a cohort of this size by luck alone."
    if ece <= ece_null:
        return f"{shown} The error is no larger than that."
    return f"{shown} The error is larger than that."


def adaptive_error(null: Mapping[str, Any]) -> str:
    """Say what the calibration error in bins of equal counts is, or nothing where it is unknown."""
    ace, ace_null = null.get("ace"), null.get("ace_null")
    if not known(ace) or not known(ace_null):
        return ""
    return f"ACE {number(ace, digits=3)}; by luck alone about {number(ace_null, digits=3)}."


def verdict(evaluation: Mapping[str, Any], words: OutcomeWords) -> Finding:
    """Return the verdict in one line: the weakest link decides what may be said."""
    events = enough_events(evaluation.get("study", {}))
    if events is not None and events.code == "too_few_events":
        return replace(events, head="Too few events to tell.")
    chance = discrimination(metric_of(evaluation, "auroc"), words)
    if chance.code != "better_than_chance":
        return Finding(code=chance.code, tone="bad", head=f"{chance.head}.", text=chance.text)
    compared = comparisons(evaluation)
    parts = [
        ("and better than", "adds_to"),
        ("but not shown to add to", "not_shown_to_add_to"),
        ("but worse than", "worse_than"),
    ]
    head = "Better than chance in this cohort"
    for phrase, code in parts:
        names = [b for b, finding in compared.items() if finding.code == f"{code}_{b}"]
        if names:
            head = f"{head}, {phrase} {listed([_AGAINST[b] for b in names])}"
            head = head.replace("add to clinical data alone", "add to clinical data")
    slope = calibration(metric_of(evaluation, "calibration_slope"))
    is_clear = events is None and all(f.tone == "good" for f in (*compared.values(), slope))
    tone: Tone = "good" if is_clear else "caution"
    return Finding(code="better_than_chance", tone=tone, head=f"{head}.", text=chance.text)


def comparisons(evaluation: Mapping[str, Any]) -> dict[str, Finding]:
    """Return what may be said against each baseline; volume is asked for always."""
    given = {d["against"]: d.get("auroc") for d in evaluation.get("differences", ())}
    found = {b: against(read_interval(given[b]), b) for b in _AGAINST if b in given}
    if "volume" in found:
        return found
    is_there = bool(model_named(evaluation, "volume"))
    return {"volume": against(Interval(), "volume") if is_there else _NO_VOLUME, **found}


def findings(
    evaluation: Mapping[str, Any], words: OutcomeWords, *, rows: Sequence[Mapping[str, Any]]
) -> list[Finding]:
    """Return everything that may be said, in the order a reader asks; ``rows`` of one level."""
    overall = next((row for row in rows if row["class"] == "all"), None)
    given = [
        discrimination(metric_of(evaluation, "auroc"), words),
        *comparisons(evaluation).values(),
        calibration(metric_of(evaluation, "calibration_slope")),
        on_average(metric_of(evaluation, "calibration_intercept")),
        coverage(rows, words),
        certainty(overall),
        enough_events(evaluation.get("study", {})),
    ]
    shown = [finding for finding in given if finding is not None]
    return sorted(shown, key=lambda finding: finding.code != "too_few_events")


def _confidence_of(slope: Interval) -> tuple[str, str]:
    """Return what a slope below or above 1 is called, and what it means."""
    if slope.value < 1:
        return "over_confident", "too extreme (high ones too high, low ones too low)"
    return "under_confident", "too cautious (high ones too low, low ones too high)"


def _capital(words: str) -> str:
    """Return words with a capital at the start."""
    return words[:1].upper() + words[1:]
