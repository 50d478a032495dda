"""No figure of the clean step may fall below its floor."""

from __future__ import annotations

import pytest

from tests.quality.figures import GROUPS, SHARED, figures, floors


@pytest.mark.parametrize("group", GROUPS)
def test_floors(group: str) -> None:
    """Each measure is at least, or at most, what ``floors.json`` says."""
    values = figures(group).values
    if group == SHARED and not values:
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
