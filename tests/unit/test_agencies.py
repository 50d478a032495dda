"""Which names are agencies', and which are only written like them."""

from __future__ import annotations

import pytest

from worker.core.clean.structure.agencies import has_shape, is_known


@pytest.mark.parametrize(
    "name",
    ["VNA", "AFP", "Reuters", "xinhua", "AFP/VNA", "VNA / CVN", "VOV-Miền Trung", "VOV.VN", "NDĐT"],
)
def test_known(name: str) -> None:
    """In any letters, with a web site or an office, and several where each of them is known."""
    assert is_known(name)


@pytest.mark.parametrize("name", ["", "ACAP", "VNA/ACAP", "Kribi", "AFPX", "L’AFP", "/", "VN"])
def test_unknown(name: str) -> None:
    """A name that begins like an agency's, or that one unknown name is joined to, is none."""
    assert not is_known(name)


@pytest.mark.parametrize("name", ["ACAP", "VOV5", "ACAP/VNA", "TTXVN", "NDĐT", "ACAP / CAM"])
def test_shape(name: str) -> None:
    """Two capitals or more, or figures behind one, alone or between slashes."""
    assert has_shape(name)


@pytest.mark.parametrize(
    "name", ["", "Acap", "A", "5VOV", "ACAP/", "ACAP/Awa", "CÔTE", "ACAP-CAM", "A" * 13, "ACAP 2"]
)
def test_other_shapes(name: str) -> None:
    """Words, single letters and compounds are written in another way."""
    assert not has_shape(name)
