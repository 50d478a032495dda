"""No figure of the clean and enrich steps may fall below its floor."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

import pytest

from tests.quality import articles, entities
from tests.quality.figures import GROUPS, SHARED, figures, floors
from tests.quality.mentions import LABELS, documents

if TYPE_CHECKING:
    from pathlib import Path
    from types import ModuleType

    from tests.quality.mentions import Asked
    from worker.core.article import Mention


@pytest.mark.parametrize("group", GROUPS)
def test_floors(group: str) -> None:
    """Each measure is at least, or at most, what ``floors.json`` says."""
    values = figures(group).values
    if group in SHARED and not values:
        pytest.skip("the gold beside the checkout is not there")
    limits = floors()[group]
    at_least, at_most = limits.get("at least", {}), limits.get("at most", {})
    assert {name: values[name] for name, floor in at_least.items() if values[name] < floor} == {}
    assert {name: values[name] for name, most in at_most.items() if values[name] > most} == {}


@pytest.mark.parametrize("group", GROUPS)
def test_every_figure_has_a_floor(group: str) -> None:
    """What is measured is also held."""
    limits = floors()[group]
    held = {*limits.get("at least", {}), *limits.get("at most", {})}
    assert set(figures(group).values) <= held


def test_mentions_are_counted_as_by_the_scorer_beside_the_gold() -> None:
    """Hits, extra and missed mentions of each label are those that the other scorer counts."""
    path = articles.SHARED / "gold" / "score.py"
    if not path.exists():
        pytest.skip("the scorer beside the checkout is not there")
    scorer = _module(path)
    counts = entities.result("dev", "fr", entities.ours).counts
    chosen = [
        (gold, found)
        for gold, found in zip(documents("dev"), entities.ours("dev"), strict=True)
        if gold.language == "fr"
    ]
    other = [
        scorer.score_doc(
            {"mentions": [{**_place(asked), "optional": asked.optional} for asked in gold.asked]},
            {"mentions": [_place(mention) for mention in found]},
            LABELS,
        )
        for gold, found in chosen
    ]
    assert any(count.extra and count.missed for count in counts.values())
    for label in LABELS:
        count = counts[label]
        theirs = [sum(each[label][nth] for each in other) for nth in range(3)]
        assert [count.hit, count.extra, count.missed] == theirs


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _place(mention: Asked | Mention) -> dict[str, object]:
    """A mention in the form that the scorer reads."""
    return {
        "text": mention.surface,
        "label": mention.label,
        "region": mention.field,
        "par": 0,
        "start": mention.start,
        "end": mention.end,
    }
