"""What single lines look like."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.characters import BLANKS
from worker.core.clean.segments import Stretch
from worker.core.clean.structure.lines import (
    find_credit,
    find_inner_link,
    find_link,
    find_number,
    is_headline,
    opens_caption,
    split_lines,
    unbulleted,
)


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


@given(st.text(alphabet="ab \t\r\n\u200b\u00a0\x85"))
def test_lines_lose_nothing(text: str) -> None:
    """All that shows is in a line, in its order, and no line is empty."""
    lines = [line.stretch.of(text) for line in split_lines(text)]
    assert all(line.strip(BLANKS) == line != "" for line in lines)
    blanks = dict.fromkeys(map(ord, BLANKS))
    assert text.translate(blanks) == "".join(lines).translate(blanks)


@pytest.mark.parametrize(
    ("line", "owner"),
    [
        ("Photo : VNA/CVN", "VNA/CVN"),
        ("(Photo: Lan Nguyên)", "Lan Nguyên"),
        ("La foule au port. Photo : site.example", "site.example"),
        ("La foule au port. Photo: Capture d'écran", "Capture d'écran"),
        ("La foule au port. Photo diffusée par la mairie", "diffusée par la mairie"),
        ("La foule au port. Photo ACAP", "ACAP"),
        ("La foule au port. Crédit photo : AFP.", "AFP"),
        ("La foule au port. Photos : A. Mbarga", "A. Mbarga"),
        ("La foule au port © AFP", "AFP"),
        ("La foule au port. – VNA Photo", "VNA"),
        ("La foule au port. VNA Photo Lan", "Lan"),
        ("La foule au port. /Photo prise le 3 avril/REUTERS/Lan Roy", "REUTERS/Lan Roy"),
        ("The crowd at the port. (AP Photo/Lan Roy)", "AP Photo/Lan Roy"),
        ("The crowd at the port. Photo credit: AFP", "AFP"),
        ("Ảnh: TTXVN", "TTXVN"),
        ("Ngọn hải đăng. Ảnh minh họa: TTXVN", "TTXVN"),
    ],
)
def test_credits(line: str, owner: str) -> None:
    """A credit ends the line and says whose picture it is."""
    credit = find_credit(line, whole(line))
    assert credit is not None
    assert credit.owner is not None
    assert (owner, len(line)) == (credit.owner.of(line), credit.stretch.end)


@pytest.mark.parametrize(
    "credit", ["(photo d’archives)", "(Photo d'illustration)", "(ảnh tư liệu)"]
)
def test_nobodys_credits(credit: str) -> None:
    """A credit may say whose picture it is by not saying it."""
    line = f"La foule au port {credit}"
    found = find_credit(line, whole(line))
    assert found is not None
    assert (credit, None) == (found.stretch.of(line), found.owner)


@pytest.mark.parametrize(
    "line",
    [
        "Il a montré la photo : elle est floue.",
        "Il aime la photo : c’est son métier",
        "Photo : la foule attend. Le port est fermé.",
        "Le crédit : 3 milliards",
        "Le ministère ouvre un crédit : 3 milliards",
        "Le livre d’images : un art ancien",
        "Le port (photo à l’appui) est fermé.",
        "Photo de famille au port",
        "Tranh ảnh: cũ",
        "Une question à Reuters/Lan Roy.",
    ],
)
def test_no_credits(line: str) -> None:
    """Sentences and headlines speak of photos and of credits too."""
    assert find_credit(line, whole(line)) is None


@pytest.mark.parametrize(
    ("line", "headline"),
    [
        (">> Le port rouvre", "Le port rouvre"),
        (">>>Le port rouvre", "Le port rouvre"),
        ("À lire aussi : Le port rouvre", "Le port rouvre"),
        ("A LIRE AUSSI : Le port rouvre", "Le port rouvre"),
        ("Voir plus : Le port rouvre", "Le port rouvre"),
        ("Read more: The port opens", "The port opens"),
        ("See also: The port opens", "The port opens"),
        ("Xem thêm: Cảng mở cửa", "Cảng mở cửa"),
        (">> Le port rouvre. Les marins aussi", "Le port rouvre. Les marins aussi"),
    ],
)
def test_links(line: str, headline: str) -> None:
    """A link names another story's headline."""
    found = find_link(line, whole(line))
    assert found is not None
    assert headline == found.of(line)


def test_link_that_a_paragraph_follows() -> None:
    """Where a whole paragraph stands behind the headline, the headline ends at its full stop."""
    line = (
        ">> Le port rouvre. Le maire l’a dit lundi devant la foule qui attendait sur le quai "
        "depuis le matin, sous la pluie."
    )
    found = find_link(line, whole(line))
    assert found is not None
    assert found.of(line) == "Le port rouvre."


@pytest.mark.parametrize(
    "line",
    [
        ">>",
        "Lire aussi :",
        "Lire aussi le livre",
        "Voir plus loin",
        "Le port >> rouvre",
        "> Le port rouvre",
        "Il faut lire aussi : Le port",
        "Read the book: it is short",
    ],
)
def test_no_links(line: str) -> None:
    """An arrow that leads nowhere is no link, and neither is an advice to read."""
    assert find_link(line, whole(line)) is None


@pytest.mark.parametrize(
    ("before", "link"),
    [
        ("Le port rouvre. ", "À lire aussi : Le phare ferme"),
        ("Le port rouvre.", "Lire aussi : Le phare ferme"),
        ("Il l’a dit : « Le port. » ", "Voir aussi : Le phare ferme"),
        ("The port opens. ", "Read also: The lighthouse closes"),
        ("Cảng mở cửa. ", "Xem thêm: Ngọn hải đăng"),
    ],
)
def test_inner_links(before: str, link: str) -> None:
    """A link may end a paragraph."""
    line = before + link
    found = find_inner_link(line, whole(line))
    assert found is not None
    assert link == found.of(line)


@pytest.mark.parametrize(
    "line",
    [
        "À lire aussi : Le phare ferme",
        "Le port rouvre. Lire aussi le rapport",
        "Il faut lire aussi : Le phare ferme",
        "Le port rouvre. À lire aussi : Le phare ferme. La mairie l’a dit.",
        f"Le port rouvre. À lire aussi : {'le phare ' * 40}",
    ],
)
def test_no_inner_links(line: str) -> None:
    """What goes on as sentences do is no headline, and a whole line is no inner link."""
    assert find_inner_link(line, whole(line)) is None


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("Le port rouvre ảnh 1La foule attend", "ảnh 1"),
        ("Le port rouvre ảnh 1Émile attend", "ảnh 1"),
        ("Le port rouvre ảnh 12", "ảnh 12"),
        ("Trong ảnh 1 là cảng mới.", None),
        ("Trong ảnh 1, cảng mới.", None),
        ("Le port rouvre ảnh 123", None),
        ("Bức ảnh đẹp", None),
    ],
)
def test_numbered_captions(line: str, number: str | None) -> None:
    """A picture's number is one only where a caption is glued to it, or nothing follows."""
    found = find_number(line, whole(line))
    assert number == (found.of(line) if found else None)


@pytest.mark.parametrize(
    "line",
    [
        "De gauche à droite : Awa Mbarga et Paul Essomba",
        "LÉGENDE : le phare",
        "Ci-dessus, le phare de Kribi",
        "Ci-dessous : le phare de Kribi",
        "From left: Awa Mbarga, Paul Essomba",
        "Left to right: Awa Mbarga, Paul Essomba",
        "Chú thích ảnh: ngọn hải đăng",
        "Từ trái sang: Thu Lan, Mai Lan",
    ],
)
def test_openings_of_captions(line: str) -> None:
    """Some words open a caption and nothing else."""
    assert opens_caption(line, whole(line))


@pytest.mark.parametrize(
    "line",
    [
        "Légende vivante du port",
        "À gauche comme à droite, on vote",
        "From left field",
        "Từ trái tim",
        "La légende : le phare",
        "De gauche à droite de l’échiquier, on vote",
    ],
)
def test_no_openings_of_captions(line: str) -> None:
    """The same words go on as a sentence."""
    assert not opens_caption(line, whole(line))


@pytest.mark.parametrize(
    ("line", "bare"),
    [
        ("- Le port", "Le port"),
        ("–Le port", "–Le port"),
        ("-5 °C à Sapa", "-5 °C à Sapa"),
        ("+7 % : le port bondit", "+7 % : le port bondit"),
        ("• Le port", "Le port"),
        ("► Le port", "Le port"),
        ("* Le port", "Le port"),
        ("Le port", "Le port"),
        ("Le port - Le phare", "Le port - Le phare"),
        ("-", "-"),
    ],
)
def test_bullets(line: str, bare: str) -> None:
    """A list's dash or dot goes, once, and only from the head of a line."""
    assert bare == unbulleted(line, whole(line)).of(line)


@pytest.mark.parametrize(
    "line",
    [
        "Le port rouvre",
        "Le port rouvrira-t-il ?",
        "« Le port rouvre »",
        "Le port, les quais et",
        "Kribi : le port rouvre",
        "Le port rouvre (photos)",
        "Le port rouvre…",
        "a" * 250,
    ],
)
def test_headlines(line: str) -> None:
    """Headlines are short and do not end as sentences do."""
    assert is_headline(line, whole(line))


@pytest.mark.parametrize(
    "line",
    [
        "Le port rouvre.",
        "« Le port rouvre. »",
        "(Le port rouvre.)",
        "Le port rouvre :",
        "Le port,",
        "Le port rouvre ;",
        "a" * 251,
    ],
)
def test_no_headlines(line: str) -> None:
    """A full stop ends a sentence inside quotes too; a colon announces what follows."""
    assert not is_headline(line, whole(line))
