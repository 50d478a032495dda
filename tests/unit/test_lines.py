"""What single lines look like."""

from __future__ import annotations

import pytest

from worker.core.clean.lines import (
    find_credit,
    find_header,
    find_link,
    furniture,
    is_headline,
    is_numbered,
    split_lines,
)
from worker.core.clean.segments import Stretch


def whole(line: str) -> Stretch:
    return Stretch(0, len(line))


def test_lines_show_something() -> None:
    """Lines come trimmed, empty ones not at all, and say whether they follow directly."""
    text = " un \r\ndeux\n\u200b\n\n trois"
    assert [(line.stretch.of(text), line.follows) for line in split_lines(text)] == [
        ("un", False),
        ("deux", True),
        ("trois", False),
    ]


@pytest.mark.parametrize(
    ("line", "day"),
    [
        ("date 2031-05-04 Un titre", "2031-05-04"),
        ("Date : 2031-05-04", "2031-05-04"),
        ("date 2031-13-45", "2031-13-45"),
        ("La date 2031-05-04", None),
        ("date 2031-05-041", None),
    ],
)
def test_headers(line: str, day: str | None) -> None:
    """A header opens the line and states a day in figures."""
    header = find_header(line, whole(line))
    assert day == (header.day.of(line) if header else None)


@pytest.mark.parametrize(
    ("line", "owner"),
    [
        ("Photo : VNA/CVN", "VNA/CVN"),
        ("(Photo: Lan Nguyên)", "Lan Nguyên"),
        ("La foule au port. Photo : site.example", "site.example"),
        ("La foule au port. Photo: Capture d'écran", "Capture d'écran"),
        ("La foule au port. Photo diffusée par la mairie", "diffusée par la mairie"),
        ("La foule au port. Crédit photo : AFP.", "AFP"),
        ("La foule au port © AFP", "AFP"),
        ("Ảnh: TTXVN", "TTXVN"),
        ("Il a montré la photo : elle est floue.", None),
        ("Photo : la foule attend. Le port est fermé.", None),
        ("Le crédit : 3 milliards", None),
    ],
)
def test_credits(line: str, owner: str | None) -> None:
    """A credit ends the line and says whose picture it is."""
    credit = find_credit(line, whole(line))
    assert owner == (credit.owner.of(line) if credit else None)


@pytest.mark.parametrize(
    ("line", "headline"),
    [
        (">> Le port rouvre", "Le port rouvre"),
        (">>>Le port rouvre", "Le port rouvre"),
        ("À lire aussi : Le port rouvre", "Le port rouvre"),
        ("Read more: The port opens", "The port opens"),
        (">>", None),
        ("Lire aussi le livre", None),
        ("Le port >> rouvre", None),
    ],
)
def test_links(line: str, headline: str | None) -> None:
    """A link names another story's headline."""
    found = find_link(line, whole(line))
    assert headline == (found.of(line) if found else None)


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("Voir plus", "marker"),
        ("VOIR\u00a0PLUS…", "marker"),
        ("Read more >>", "marker"),
        ("source", "navigation"),
        (">>", "navigation"),
        ("Voir plus loin", None),
        ("La source", None),
    ],
)
def test_furniture(line: str, kind: str | None) -> None:
    """Only a line that is nothing else is furniture."""
    assert kind == furniture(line, whole(line))


@pytest.mark.parametrize(
    ("line", "numbered"),
    [
        ("Le port rouvre ảnh 1La foule attend", True),
        ("Le port rouvre ảnh 12", True),
        ("Trong ảnh 1 là cảng mới.", False),
        ("Bức ảnh đẹp", False),
    ],
)
def test_numbered_captions(line: str, numbered: bool) -> None:  # noqa: FBT001 - an expectation
    """A picture's number is one only where a caption is glued to it, or nothing follows."""
    assert numbered == is_numbered(line, whole(line))


@pytest.mark.parametrize(
    ("line", "headline"),
    [
        ("Le port rouvre", True),
        ("Le port rouvrira-t-il ?", True),
        ("« Le port rouvre »", True),
        ("Le port rouvre.", False),
        ("« Le port rouvre. »", False),
        ("Le port, les quais et", True),
        ("Le port " * 40, False),
    ],
)
def test_headlines(line: str, headline: bool) -> None:  # noqa: FBT001 - an expectation
    """Headlines are short and do not end as sentences do."""
    assert headline == is_headline(line, whole(line))
