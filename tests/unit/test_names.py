"""Names told by rules and lists."""

from __future__ import annotations

import re
from typing import Final

import pytest

from worker.core.enrich.names import RuleRecogniser

_MARK: Final = re.compile(r"\[([^\[\]]+)\]\((PER|ORG|LOC|MISC)\)")


def _marked(language: str, text: str) -> str:
    """The text with what is found in it marked: ``in [Hanoi](LOC)``."""
    for span in reversed(RuleRecogniser(language).recognise([text])[0]):
        mark = f"[{text[span.start : span.end]}]({span.label})"
        text = text[: span.start] + mark + text[span.end :]
    return text


def _check(language: str, marked: str) -> None:
    assert _marked(language, _MARK.sub(r"\1", marked)) == marked


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("vi", "Hôm qua ông [Nguyễn Văn An](PER) gặp bà [Lê Thu Hà](PER)."),
        ("vi", "Tổng thống [Alasdair Crowe](PER) và bà [Merkens](PER) hội đàm."),
        ("vi", "Chủ tịch tỉnh [Trần Văn Đạt](PER) phát biểu."),
        ("es", "La ministra [Rosa de la Vega](PER) y el señor [Ibáñez](PER) firmaron."),
        ("de", "Bundeskanzler [Matthias Rehling](PER) lobte Herrn [Lindqvist](PER) am Montag."),
        ("de", "Außenministerin [Karin Aldinger](PER) reist ab."),
        ("en", "Foreign Minister [Bui Hong Son](PER) met Dr. [Amina Diallo](PER) there."),
        ("en", "The ferry captain, [Somchai Rattanakul](PER), 67, was offered a desk."),
        ("en", "It was [John F. Whitlock](PER) who called."),
        ("pt", "O presidente [Joaquim Tavares](PER) assistiu ao ato."),
    ],
)
def test_people(language: str, marked: str) -> None:
    """A title, a given name, a Vietnamese family name or an age makes a person."""
    _check(language, marked)


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("vi", "[Bộ Ngoại giao](ORG) và [Sở Y tế](ORG) phối hợp."),
        ("vi", "Theo [Ủy ban nhân dân tỉnh Quảng Ninh](ORG), dự án đã xong."),
        ("vi", "Sinh viên [Đại học Bách khoa Hà Nội](ORG) thắng."),
        ("es", "El [Ministerio de Asuntos Exteriores](ORG) y el [Banco de España](ORG) callan."),
        ("es", "La empresa [Aceros del Norte S.A.](ORG) crece."),
        (
            "de",
            "Das [Bundesministerium für Bildung](ORG) und die [Universität Ulm](ORG) helfen.",
        ),
        ("de", "Die [Brandner GmbH](ORG) streicht Stellen."),
        ("en", "The [Ministry of Sports and Tourism](ORG) agreed."),
        ("en", "A study by the [Southern Handicraft and Wood Association](ORG) is out."),
        ("en", "Shares of [Corvane Inc](ORG) fell, the municipal [People’s Committee](ORG) said."),
        ("it", "L'[Università di Bologna](ORG) e la [FAO](ORG) firmano."),
    ],
)
def test_organisations(language: str, marked: str) -> None:
    """A word that says what it is makes a row of capitals an organisation."""
    _check(language, marked)


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("vi", "Đoàn [Lào](LOC) thăm tỉnh [Vân Đồn](LOC) và [Thái Lan](LOC)."),
        ("vi", "Doan den [Ha Noi](LOC) va [Can Tho](LOC)."),
        ("es", "De [Corea del Sur](LOC) a [Nueva York](LOC) por el río [Duero](LOC)."),
        ("de", "Von [Südkorea](LOC) nach [Österreich](LOC) und auf die Insel [Rügen](LOC)."),
        (
            "en",
            "From [Hanoi](LOC)'s [Old Quarter](LOC) to the [Red River](LOC), [Bangkok](LOC).",
        ),
        ("nl", "Van [Vietnam](LOC) naar [Jakarta](LOC)."),
    ],
)
def test_places(language: str, marked: str) -> None:
    """Lists of places know them, or a common noun beside them does."""
    _check(language, marked)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("vi", "Chiều thứ Ba, Giám đốc Công an cho biết người Pháp ấy nói tiếng Anh."),
        ("vi", "Bị cáo nhận tội. Anh nói mưa đã tạnh."),
        ("es", "La paz llegó tarde. El Ministerio y la Comisión callan, dijo el general."),
        ("de", "Die Feuerwehr rückte im Mai zwölfmal aus, das Ministerium schwieg."),
        ("en", "The Ministry said GDP rose 3% in May. Last Monday the Committee met, CEO or not."),
        ("en", "Chapter IV of the plan costs 300 million USD."),
    ],
)
def test_what_names_nothing(language: str, text: str) -> None:
    """Generic words, peoples, languages, months, currencies and openings of sentences are none."""
    assert _marked(language, text) == text


@pytest.mark.parametrize(
    ("language", "marked"),
    [
        ("en", "The [UN](ORG) and the [IMF](ORG) met [US](LOC) officials over the [RCEP](MISC)."),
        ("de", "Die [SPD](ORG) kritisiert die [USA](LOC)."),
    ],
)
def test_acronyms(language: str, marked: str) -> None:
    """Capitals alone are an organisation, unless a list says what else."""
    _check(language, marked)


def test_capitals() -> None:
    """Where all letters are capitals only names on a list can be told."""
    _check("en", "PORT OF [VIETNAM](LOC) CLOSED BY HIGH SEAS, SAYS NEW MINISTER")


def test_part_of_a_longer_name() -> None:
    """A place beside another capital may name something else."""
    assert _marked("en", "He plays for Real Madrid now.") == "He plays for Real Madrid now."


def test_and_parts_two_names() -> None:
    """*And* is inside a name or between two."""
    _check("en", "The [World Bank](ORG) and the [Asian Development Bank](ORG) lend.")
    _check("en", "The [Ministry of Finance](ORG) and [Ministry of Health](ORG) agree.")


def test_people_are_known_again() -> None:
    """Once named in full, a person is known by one name, in other paragraphs too."""
    _check("en", "[Do Quynh Mai](PER) spoke.\n\n[Mai](PER) left. In May, mail was late.")


def test_paragraphs_are_apart() -> None:
    """No name reaches across a paragraph break."""
    _check("en", "They met Professor\n\nAldous Kerr. So did the Ministry\n\nof Health")


def test_texts_are_apart() -> None:
    """Each text has its own spans, with offsets into it; an empty one has none."""
    found = RuleRecogniser("en").recognise(["", "In Hanoi.", "Hanoi"])
    assert [[(s.start, s.end, s.label) for s in each] for each in found] == [
        [],
        [(3, 8, "LOC")],
        [(0, 5, "LOC")],
    ]


@pytest.mark.parametrize("language", ["", "xx", "zh", "und"])
def test_unknown_languages(language: str) -> None:
    """What all languages have in common is enough for some names."""
    _check(language, "[Angela Brandt](PER), [UNESCO](ORG), [Vietnam](LOC)")
