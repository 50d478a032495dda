"""What a reader of the whole article puts right in the names that a model found."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.core.enrich import refine
from worker.core.enrich.recognise import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import FrameType

    from worker.core.article import Label

    Rule = Callable[[Sequence[str], refine.Found], refine.Found]

LABELS: Final[tuple[Label, ...]] = ("PER", "ORG", "LOC", "MISC")
_MARK: Final = re.compile(r"\{([^{}]*)\}(PER|ORG|LOC|MISC)")


def read(marked: str) -> tuple[str, list[Span]]:
    """A text whose names are marked ``{Hanoï}LOC``, as the text and its names."""
    text, spans, last = "", [], 0
    for mark in _MARK.finditer(marked):
        text += marked[last : mark.start()]
        label = next(each for each in LABELS if each == mark[2])
        spans.append(Span(len(text), len(text) + len(mark[1]), label))
        text += mark[1]
        last = mark.end()
    return text + marked[last:], spans


def written(text: str, spans: Sequence[Span]) -> str:
    for start, end, label in reversed(spans):
        text = f"{text[:start]}{{{text[start:end]}}}{label}{text[end:]}"
    return text


def after(rule: Rule, *marked: str) -> list[str]:
    """The texts of an article with their marks as a rule leaves them."""
    texts, found = zip(*map(read, marked), strict=True)
    return list(map(written, texts, rule(texts, list(found))))


# trim


@pytest.mark.parametrize(
    ("found", "trimmed"),
    [
        ("{M. Luc Besnard}PER dit", "M. {Luc Besnard}PER dit"),
        ("{Mme Nguyên Thi Lan}PER", "Mme {Nguyên Thi Lan}PER"),
        ("{Son Excellence M. Luc Besnard}PER", "Son Excellence M. {Luc Besnard}PER"),
        ("{Mr. Owen Pryce}PER", "Mr. {Owen Pryce}PER"),
        ("{président Luc Besnard}PER", "président {Luc Besnard}PER"),
        ("{la Chine}LOC", "la {Chine}LOC"),
        ("{l’ONU}ORG et {d'Angola}LOC", "l’{ONU}ORG et d'{Angola}LOC"),
        ("{de la Chine}LOC", "de la {Chine}LOC"),
    ],
)
def test_titles_and_articles_are_no_part(found: str, trimmed: str) -> None:
    """Forms of address go from people, articles from all else, however many there are."""
    assert after(refine.trim, found) == [trimmed]


@pytest.mark.parametrize(
    ("found", "trimmed"),
    [
        ("{« Le Monde »}ORG", "« {Le Monde}ORG »"),
        ("à {Paris.}LOC", "à {Paris}LOC."),
        ("{Hanoï »,}LOC dit-il", "{Hanoï}LOC », dit-il"),
        ("{Banque mondiale (BM}ORG)", "{Banque mondiale}ORG (BM)"),
        ("({BM)}ORG", "({BM}ORG)"),
        ("{(BM}ORG)", "({BM}ORG)"),
        ("le mot {(BM}ORG)", "le mot ({BM}ORG)"),
        ("({BM )}ORG", "({BM}ORG )"),
        ("{Ministère de la}ORG", "{Ministère}ORG de la"),
        ("{Ministère, de la}ORG", "{Ministère}ORG, de la"),
        ("{M. « Luc »}PER", "M. « {Luc}PER »"),
        ("{Le \u00adPort\u200b }LOC", "{Le \u00adPort}LOC\u200b "),
    ],
)
def test_edges_are_no_part(found: str, trimmed: str) -> None:
    """Nor are blanks, punctuation, half brackets and words that lead on to something else."""
    assert after(refine.trim, found) == [trimmed]


@pytest.mark.parametrize(
    "marked",
    [
        "{La Havane}LOC et {Le Monde}ORG",
        "{van der Berg}PER, {de Gaulle}PER et {d’Estaing}PER",
        "{L’Oréal}ORG",
        "{Acme S.A.}ORG",
        "{Comité (national) des fêtes}ORG et {Front (uni)}ORG",
        "{Drancy}LOC, {Mathieu Prat}PER et {Sirine}PER",
        "{G7}ORG",
    ],
)
def test_what_belongs_to_a_name_stays(marked: str) -> None:
    """Capitals, particles, whole brackets and the dots of initials are parts of names."""
    assert after(refine.trim, marked) == [marked]


@pytest.mark.parametrize(
    "found", ["{« »}ORG", "{, - .}PER", "{(}LOC", "{»}MISC {\u200b}LOC", "{île de}LOC Ré"]
)
def test_nothing_is_no_name(found: str) -> None:
    """Where nothing is left, or only the common noun before a name, there is none."""
    assert after(refine.trim, found) == [_MARK.sub(r"\1", found)]


# pairs


@pytest.mark.parametrize(
    ("found", "parted"),
    [
        ("entre {Vietnam-Laos}MISC", "entre {Vietnam}LOC-{Laos}LOC"),
        ("{Vietnam – États-Unis}LOC", "{Vietnam}LOC – {États-Unis}LOC"),
        ("{Chine/Japon/Laos}ORG", "{Chine}LOC/{Japon}LOC/{Laos}LOC"),
        (
            "{Kribi-Limbé}LOC, de {Kribi}LOC à {Limbé}LOC",
            "{Kribi}LOC-{Limbé}LOC, de {Kribi}LOC à {Limbé}LOC",
        ),
        ("{ADF-Laos}MISC, dit l’{ADF}ORG", "{ADF}ORG-{Laos}LOC, dit l’{ADF}ORG"),
    ],
)
def test_pairs(found: str, parted: str) -> None:
    """Names that only stand side by side are names of their own."""
    assert after(refine.pairs, found) == [parted]


@pytest.mark.parametrize(
    "marked",
    [
        "{États-Unis}LOC et {Guinée-Bissau}LOC, non {Guinée}LOC",
        "{accord Vietnam-Laos}MISC",
        "{Comité Vietnam-Russie}ORG",
        "{Kribi-Limbé}LOC et {Kribi}LOC",
        "{Saint-Malo}LOC",
        "{Jordan-Maurice}PER",
        "{-Laos}LOC",
    ],
)
def test_what_is_one_name_is_no_pair(marked: str) -> None:
    """A name with a hyphen, or in which two others stand, is one; people are never parted."""
    assert after(refine.pairs, marked) == [marked]


def test_pairs_are_known_from_other_texts() -> None:
    """The title's pair is one because the body names each side alone."""
    assert after(refine.pairs, "{Kribi-Limbé}MISC", "de {Kribi}LOC à {Limbé}LOC") == [
        "{Kribi}LOC-{Limbé}LOC",
        "de {Kribi}LOC à {Limbé}LOC",
    ]


# types


@pytest.mark.parametrize(
    ("found", "typed"),
    [
        ("le {Vietnam}ORG", "le {Vietnam}LOC"),
        ("aux {Etats-Unis}MISC", "aux {Etats-Unis}LOC"),
        ("l’{ASEAN}LOC", "l’{ASEAN}ORG"),
        ("l’{ASEAN}PER", "l’{ASEAN}ORG"),
    ],
)
def test_known_names_are_what_they_are(found: str, typed: str) -> None:
    """Known places, and known names in capitals, have their own type."""
    assert after(refine.types, found) == [typed]


@pytest.mark.parametrize(
    "marked", ["{Jordan}PER", "{Kribi-Plage}ORG", "{ZQXV}MISC", "{Vietnam}LOC"]
)
def test_unknown_names_and_people_keep_their_type(marked: str) -> None:
    """Who is called like a country is no country, and of others nothing is known."""
    assert after(refine.types, marked) == [marked]


# acronyms


@pytest.mark.parametrize(
    ("found", "defined"),
    [
        (
            "la {Banque du Sud}ORG (BDS) ; la BDS prête",
            "la {Banque du Sud}ORG ({BDS}ORG) ; la {BDS}ORG prête",
        ),
        ("{BM}LOC ? {Bureau maritime}ORG ({BM}LOC)", "{BM}ORG ? {Bureau maritime}ORG ({BM}ORG)"),
        ("{Fonds vert}ORG ({XYZ}ORG), XYZ", "{Fonds vert}ORG ({XYZ}ORG), {XYZ}ORG"),
        ("{Ligue du Nord}ORG ( LDN )", "{Ligue du Nord}ORG ( {LDN}ORG )"),
        (
            "{Ligue}ORG (LDN), {Ligue du Nord}ORG (LDN)",
            "{Ligue}ORG ({LDN}ORG), {Ligue du Nord}ORG ({LDN}ORG)",
        ),
    ],
)
def test_acronyms(found: str, defined: str) -> None:
    """An acronym in brackets has the type of the name that it abbreviates, wherever it stands."""
    assert after(refine.acronyms, found) == [defined]


def test_acronyms_of_other_texts() -> None:
    """What the body explains holds in the title."""
    assert after(refine.acronyms, "La BDS prête", "la {Banque du Sud}ORG (BDS)") == [
        "La {BDS}ORG prête",
        "la {Banque du Sud}ORG ({BDS}ORG)",
    ]


@pytest.mark.parametrize(
    "marked",
    [
        "{Luc Besnard}PER (LB) et LB",
        "{Kribi}LOC (VNA) et VNA",
        "{Fonds vert}ORG ({XYZ}MISC) et XYZ",
        "{Port du Sud}LOC (Psud)",
        "{Banque du Sud}ORG (bds)",
        "{Banque du Sud}ORG, à Kribi (BDS)",
        "{Banque du Sud}ORG\n\n(BDS)",
    ],
)
def test_what_is_no_acronym(marked: str) -> None:
    """Nothing is made of a person's letters, of other words in brackets, or of ones elsewhere."""
    assert after(refine.acronyms, marked) == [marked]


def test_acronyms_inside_names() -> None:
    """A longer name that holds the acronym stays whole."""
    marked = "{Banque du Sud}ORG ({BDS}ORG), {Institut BDS}LOC et BDSM"
    assert after(refine.acronyms, marked) == [marked]


# majority


def test_majority() -> None:
    """A name has one type throughout the article: what it has most often."""
    assert after(refine.majority, "{Kribi}PER", "{Kribi}LOC, {Kribi}LOC, {Limbé}ORG") == [
        "{Kribi}LOC",
        "{Kribi}LOC, {Kribi}LOC, {Limbé}ORG",
    ]


def test_majority_of_equals() -> None:
    """Where it has two as often, each stays what it is."""
    marked = ["{Kribi}LOC", "{Kribi}ORG"]
    assert after(refine.majority, *marked) == marked


def test_other_spellings_have_no_say() -> None:
    """Another name, though it only differs in a capital, keeps its type."""
    marked = "{Kribi}LOC, {Kribi}LOC, {KRIBI}ORG, {Port de Kribi}ORG"
    assert after(refine.majority, marked) == [marked]


# consistency


@pytest.mark.parametrize(
    ("found", "consistent"),
    [
        ("{Kribi}LOC. De Kribi à Limbé", "{Kribi}LOC. De {Kribi}LOC à Limbé"),
        (
            "{Awa Mbarga}PER parle. Mbarga sourit, Awa aussi",
            "{Awa Mbarga}PER parle. {Mbarga}PER sourit, Awa aussi",
        ),
        (
            "{Sud}LOC et {Banque du Sud}ORG ; Banque du Sud",
            "{Sud}LOC et {Banque du Sud}ORG ; {Banque du Sud}ORG",
        ),
        ("{Mbarga}LOC, {Awa Mbarga}PER, Mbarga", "{Mbarga}LOC, {Awa Mbarga}PER, {Mbarga}LOC"),
        ("{Port}ORG de Kribi, {Port de Kribi}LOC", "{Port de Kribi}LOC, {Port de Kribi}LOC"),
    ],
)
def test_consistency(found: str, consistent: str) -> None:
    """What is a name once is one everywhere, the longest first; people also by their surname."""
    assert after(refine.consistency, found) == [consistent]


def test_consistency_in_other_texts() -> None:
    """The title's name is found in the body, and the body's in the title."""
    assert after(refine.consistency, "Kribi et {Limbé}LOC", "{Kribi}LOC et Limbé") == [
        "{Kribi}LOC et {Limbé}LOC",
        "{Kribi}LOC et {Limbé}LOC",
    ]


@pytest.mark.parametrize(
    "marked",
    [
        "{Kribi}LOC, les Kribiens, Nkribi, kribi",
        "{Justice}ORG ! La justice. Justice !",
        "{Lô}LOC, Lô",
        "{Nguyên Van Anh}PER, Anh",
        "{Luc Paix}PER veut la paix. Paix !",
        "{Pacte vert}MISC, Pacte vert",
        "{Kribi}LOC, {Kribi}ORG",
        "{Kribi}LOC, {Port de Kribi}ORG",
        "{Banque du Sud}ORG, {la Banque}ORG du Sud",
        "{iPhone}ORG, iPhone",
    ],
)
def test_what_is_not_made_consistent(marked: str) -> None:
    """No part of a word, no word in use in small letters, nothing short, no other name's place."""
    assert after(refine.consistency, marked) == [marked]


# all rules

PIECES: Final = [
    *("Vietnam", "États-Unis", "Union européenne", "UE", "(UE)", "Awa Mbarga", "Mbarga", "M. "),
    *("l’", "La ", "de ", "-", " – ", "/", "«", "» ", "(", ")", "[", ". ", ", ", " ", "\xa0"),
    *("\n\n", "\u200b"),
]
TEXTS: Final = st.lists(st.sampled_from(PIECES) | st.text(max_size=4), max_size=20).map("".join)


@st.composite
def named(draw: st.DrawFn) -> tuple[str, list[Span]]:
    """Any text with any names in it, in order and without overlaps."""
    text = draw(TEXTS)
    cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=12)))
    labels = draw(st.lists(st.sampled_from(LABELS), min_size=6, max_size=6))
    return text, list(map(Span, cuts[::2], cuts[1::2], labels))


def surfaces(texts: Sequence[str], found: refine.Found) -> list[str]:
    pairs = zip(texts, found, strict=True)
    return [text[start:end] for text, spans in pairs for start, end, _ in spans]


@given(st.lists(named(), max_size=3))
def test_any_names(article: list[tuple[str, list[Span]]]) -> None:
    """Whatever was found, names stand in order within their text, and each holds something."""
    texts, found = [text for text, _ in article], [spans for _, spans in article]
    for rule in (*refine.RULES, refine.refine):
        after_rule = rule(texts, found)
        for text, spans in zip(texts, after_rule, strict=True):
            bounds = [bound for start, end, _ in spans for bound in (start, end)]
            assert bounds == sorted(bounds)
            assert all(0 <= start < end <= len(text) for start, end, _ in spans)
    assert all(any(map(str.isalnum, each)) for each in surfaces(texts, after_rule))


@settings(max_examples=500)
@given(st.lists(st.sampled_from(PIECES), max_size=6).map("".join), st.sampled_from(LABELS))
def test_trimmed_names_stay(text: str, label: Label) -> None:
    """What is trimmed once is trimmed."""
    once = refine.trim([text], [[Span(0, len(text), label)]])
    assert refine.trim([text], once) == once


@given(st.lists(named(), max_size=3))
def test_no_rule_writes_into_its_input(article: list[tuple[str, list[Span]]]) -> None:
    """What the recogniser said is still there after all rules."""
    texts, found = [text for text, _ in article], [spans for _, spans in article]
    copy = [list(spans) for spans in found]
    refine.refine(texts, found)
    assert found == copy


@given(st.lists(named(), max_size=3))
def test_no_name_crosses_paragraphs(article: list[tuple[str, list[Span]]]) -> None:
    """The rules never join what a paragraph break parts."""
    texts = [text for text, _ in article]
    found = [
        [span for span in spans if "\n\n" not in text[span.start : span.end]]
        for text, spans in article
    ]
    assert not any("\n\n" in each for each in surfaces(texts, refine.refine(texts, found)))


def test_all_rules_at_once() -> None:
    """The rules work together, over title and body."""
    body = "{Mme Awa Mbarga}PER dirige {la Banque du Sud}ORG (BDS) à {Kribi}LOC, au {Laos}ORG."
    assert after(refine.refine, "Kribi : Mbarga à la BDS", body) == [
        "{Kribi}LOC : {Mbarga}PER à la {BDS}ORG",
        "Mme {Awa Mbarga}PER dirige la {Banque du Sud}ORG ({BDS}ORG) à {Kribi}LOC, au {Laos}LOC.",
    ]


def test_nothing_found() -> None:
    """Where the recogniser found no name, the rules find none."""
    assert refine.refine(["Le port de Kribi (PDK)", ""], [[], []]) == [[], []]


# work


def letters(number: int) -> str:
    """A word of its own for each number."""
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


NAMES: Final[dict[str, Callable[[int], str]]] = {
    "words": lambda n: f"{{K{letters(n)}}}LOC",
    "people of one family": lambda n: f"{{Nguyên {letters(n).title()}}}PER",
    "surnames": lambda n: f"{{Awa K{letters(n)}}}PER",
    "acronyms": lambda n: f"{{Banque K{letters(n)}}}ORG (BK)",
    "the same acronym": lambda _: "{Banque du Sud}ORG ({BDS}ORG)",
    "pairs": lambda n: f"{{K{letters(n)}-Laos}}LOC {{K{letters(n)}}}LOC",
    "brackets": lambda n: f"{{((K{letters(n)}]}}ORG",
}


@pytest.mark.parametrize("kind", NAMES)
def test_work(kind: str) -> None:
    """Twice the names are twice the calls."""

    def work(names: int) -> int:
        text, spans = read(", ".join(map(NAMES[kind], range(1000, 1000 + names))))
        calls = 0

        def profile(_frame: FrameType, event: str, _argument: object) -> None:
            nonlocal calls
            calls += event in {"call", "c_call"}

        sys.setprofile(profile)
        try:
            refine.refine([text], [spans])
        finally:
            sys.setprofile(None)
        return calls

    work(400)  # fills the caches
    assert work(400) < 2.1 * work(200)


@pytest.mark.parametrize("kind", NAMES)
def test_ten_thousand_names(kind: str) -> None:
    """A file of nothing but names comes to its end, and no name is lost."""
    text, spans = read(", ".join(map(NAMES[kind], range(10_000))))
    [found] = refine.refine([text], [spans])
    assert len(found) >= 10_000
