"""The story in a file, and the account of everything else."""

from __future__ import annotations

from contextlib import suppress
from operator import attrgetter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.core.article import CleanArticle, Dateline
from worker.core.characters import BLANKS, SILENT, nfc, squeeze
from worker.core.clean import CLEANER, clean
from worker.core.clean.decode import Decoded, decode
from worker.core.clean.source import read
from worker.core.clean.structure import label
from worker.errors import Permanent

TITLE = "Le phare de Kribi rouvre aux visiteurs"
LEAD = "Fermé depuis dix ans, le phare de Kribi accueille de nouveau le public."
FIRST = "Le phare de Kribi, fermé depuis dix ans, accueille le public depuis lundi."
LAST = "Les travaux ont coûté deux millions d’euros, selon la mairie."
PARTS = attrgetter("title", "lead", "body", "published", "dateline", "byline", "signature")


def cleaned(*lines: str) -> CleanArticle:
    """The article in a file of these lines, empty lines between them."""
    return clean(Decoded("\n\n".join(lines), "utf-8"))


def printed(article: CleanArticle) -> str:
    """The article as a wire story is printed."""
    dateline = ""
    if article.dateline:
        place, agency = article.dateline.place, article.dateline.agency
        dateline = f"{place or ''} {f'({agency})' if agency else ''} – ".lstrip()
    parts = [
        f"date {article.published}" if article.published else None,
        article.title,
        f"Par {article.byline}" if article.byline else None,
        article.lead,
        dateline + article.body,
        article.signature,
    ]
    return "\n\n".join(filter(None, parts))


def removed(article: CleanArticle, *lines: str) -> list[tuple[str, str]]:
    text = "\n\n".join(lines)
    return [
        (span.kind, text[span.start : span.end])
        for span in article.removed
        if span.kind != "whitespace"
    ]


def test_plain_story() -> None:
    """A story without anything around it is title and body; nothing is made up."""
    article = cleaned(TITLE, FIRST, LAST)
    assert (
        CleanArticle(
            title=TITLE,
            lead=None,
            body=f"{FIRST}\n\n{LAST}",
            published=None,
            dateline=None,
            byline=None,
            signature=None,
            credits=(),
            related=(),
            removed=article.removed,
            repairs=(),
            encoding="utf-8",
            cleaner=CLEANER,
        )
        == article
    )


def test_wire_story() -> None:
    """Every part of an agency's file finds its place."""
    text = (
        f"{TITLE}\n\n{LEAD}\n"
        f"{TITLE} ảnh 1Le phare, vu de la plage. Photo : ACAP\n"
        f"Kribi (ACAP) – {FIRST}\n\n{LAST} -ACAP\n\nsource\n\nVoir plus\n\n"
        "Un marin répare son filet. Photo: ACAP\n\nLa pêche reprend au large\n\n"
        "Les marins ont repris la mer mardi.\n"
    )
    article = clean(Decoded(text, "utf-8"))
    assert (TITLE, LEAD, f"{FIRST}\n\n{LAST}") == (article.title, article.lead, article.body)
    assert (Dateline("Kribi", "ACAP"), "ACAP") == (article.dateline, article.signature)
    assert (article.credits, article.related) == (("ACAP",), ("La pêche reprend au large",))
    assert [span.kind for span in article.removed if span.kind != "whitespace"] == [
        "duplicate-title",
        "caption",
        "navigation",
        "teaser",
        "teaser",
        "teaser",
        "teaser",
    ]


def test_header_date() -> None:
    """The date of a header is the story's; the title may stand on its line."""
    lines = (f" date 2031-05-04 {TITLE}", FIRST)
    article = cleaned(*lines)
    assert (article.published, article.title) == ("2031-05-04", TITLE)
    assert removed(article, *lines) == [("header", "date")]


def test_invalid_header_date() -> None:
    """A day that does not exist is no date, and no part of the story either."""
    lines = ("date 2031-02-30", TITLE, FIRST)
    article = cleaned(*lines)
    assert (article.published, article.title) == (None, TITLE)
    assert removed(article, *lines) == [("header", "date 2031-02-30")]


def test_no_title() -> None:
    """A file that opens with a caption and a sentence has no title."""
    article = cleaned("date 2031-05-04 Le maire au phare de Kribi. Photo: ACAP", FIRST, LAST)
    assert (None, f"{FIRST}\n\n{LAST}") == (article.title, article.body)


def test_lead_that_the_body_repeats() -> None:
    """A first paragraph is a lead where the next says the same again; else it is of the body."""
    assert [cleaned(TITLE, LEAD, below).lead for below in (FIRST, LAST)] == [LEAD, None]


def test_repeated_title() -> None:
    """A title that is said again is said once; above the dateline it opens a caption."""
    lines = (TITLE, TITLE, f"{TITLE} Vue de la plage", f"Kribi (ACAP) – {FIRST}")
    article = cleaned(*lines)
    assert (article.title, article.lead, article.body) == (TITLE, None, FIRST)
    assert removed(article, *lines) == [
        ("duplicate-title", TITLE),
        ("duplicate-title", TITLE),
        ("caption", "Vue de la plage"),
    ]


def test_paragraph_that_opens_like_the_title() -> None:
    """A sentence of the body that begins with the words of the title stays."""
    sentence = f"{TITLE} et aux écoles."
    assert f"{FIRST}\n\n{sentence}" == cleaned(TITLE, FIRST, sentence).body


def test_links_and_credits_inside_the_story() -> None:
    """Links and picture credits go, the paragraphs around them stay."""
    article = cleaned(TITLE, FIRST, ">> La pêche reprend au large", "Photo : ACAP/CAM", LAST)
    assert f"{FIRST}\n\n{LAST}" == article.body
    assert (article.related, article.credits) == (("La pêche reprend au large",), ("ACAP/CAM",))


def test_credit_glued_to_a_long_paragraph() -> None:
    """A paragraph too long for a caption loses only the credit at its end."""
    paragraph = " ".join([LAST] * 12)
    article = cleaned(TITLE, f"{paragraph} Photo : ACAP")
    assert (paragraph, ("ACAP",)) == (article.body, article.credits)


def test_byline() -> None:
    """A line that only says who wrote the story is its byline."""
    article = cleaned(TITLE, "Par Awa Mbarga", FIRST)
    assert (article.byline, article.body) == ("Awa Mbarga", FIRST)


def test_wrapped_lines() -> None:
    """A sentence that goes on in the next line is one paragraph."""
    text = f"{TITLE}\n\nLe phare est ouvert\ndepuis lundi.\nLe port aussi."
    article = clean(Decoded(text, "utf-8"))
    assert article.body == "Le phare est ouvert depuis lundi.\n\nLe port aussi."
    assert [(repair.before, repair.after, repair.rule) for repair in article.repairs] == [
        ("\n", " ", "line-break")
    ]


def test_headlines_behind_the_signature() -> None:
    """Other stories that begin without a marker are not taken for this one."""
    article = cleaned(TITLE, f"{FIRST} -VNA/VI", "La pêche reprend au large", "Un port s’éveille")
    assert (article.body, article.signature) == (FIRST, "VNA/VI")
    assert article.related == ("La pêche reprend au large", "Un port s’éveille")


def test_button_in_the_middle() -> None:
    """A marker between paragraphs, the signature still to come, ends no story."""
    lines = (TITLE, FIRST, "Voir plus", f"{LAST} -VNA")
    article = cleaned(*lines)
    assert f"{FIRST}\n\n{LAST}" == article.body
    assert removed(article, *lines) == [("navigation", "Voir plus")]


def test_english() -> None:
    """English wire copy has the same parts."""
    article = cleaned(
        "Lighthouse opens to visitors",
        "KRIBI (Reuters) - The lighthouse opened on Monday.",
        "Read more",
        "Fishing resumes",
    )
    assert article.body == "The lighthouse opened on Monday."
    assert (Dateline("KRIBI", "Reuters"), ("Fishing resumes",)) == (
        article.dateline,
        article.related,
    )


@pytest.mark.parametrize(
    "lines",
    [
        ("Voir plus", "La pêche reprend au large", LAST),
        (TITLE, "Voir plus", "La pêche reprend au large", LAST),
        (TITLE, "Photo : ACAP"),
        (TITLE, "VNA"),
        ("* * *", "---"),
    ],
)
def test_no_story(lines: tuple[str, ...]) -> None:
    """Teasers, captions and titles alone are no article."""
    with pytest.raises(Permanent) as caught:
        cleaned(*lines)
    assert caught.value.reason == "no-body"


_LINES = st.sampled_from(
    [
        *(TITLE, LEAD, FIRST, LAST, "date 2031-05-04", f"date 2031-99-04{TITLE}", "Voir plus"),
        *(f"Kribi (ACAP) –{FIRST}", "(VOVWORLD) -", f"{LAST}-VNA", "VNA/CVN", "source", ">>"),
        *("Par Awa Mbarga", f"{TITLE} ảnh 1Vue", "Photo : VNA", f"{LAST} Photo : VNA", "suite"),
        *(f"{LAST} " * 12 + "Photo : VNA", f">> {TITLE}", "Lire aussi : un autre", "\u200b"),
        *("Publié le 10/03/2031 à 14:05", "Sur le même sujet", "Commentaires (2)", "LE COURRIER"),
        *("gtag('js', new Date());", f"{LEAD}Kribi, 3 mai 2031 (ACAP) – {FIRST}", "<p>Oui.</p>"),
        "Le phare estouvert depuislundi à Kribi,et\u00a0la  ville s’en\u00adréjouit &amp; danse.",
    ]
)
_BREAKS = st.sampled_from(["\n", "\n\n", "\r\n", "\r\n\r\n", "\n \n", "\u2028", "\x0b"])
_FILES = st.lists(st.tuples(_LINES | st.text(), _BREAKS)).map(
    lambda lines: "".join(line + end for line, end in lines)
)


@given(_FILES)
def test_segments_cover_the_text(text: str) -> None:
    """Each character is in exactly one segment, and only blanks are called whitespace."""
    end = 0
    for segment in label(text):
        assert end == segment.stretch.start < segment.stretch.end
        end = segment.stretch.end
        if segment.part == "whitespace":
            assert segment.stretch.of(text).strip(BLANKS) == ""
    assert len(text) == end


@given(_FILES)
def test_account(text: str) -> None:
    """What was not removed reads, with the repairs, as the fields do; nothing else is in them."""
    try:
        source = read(Decoded(text, "utf-8"), "")
        article = clean(Decoded(text, "utf-8"))
    except Permanent:
        return
    kept = _kept(source.text, article)
    paragraphs = article.body.split("\n\n")
    done = 0
    for paragraph in paragraphs:
        done = kept.index(paragraph, done) + len(paragraph)
    prose = [*filter(None, (article.title, article.lead)), *paragraphs]
    names = [*filter(None, (article.byline, article.signature))]
    for field in (*prose, *names):
        assert field in kept
    rest = len(kept) - sum(map(len, prose))
    if article.dateline or article.published:
        assert rest > sum(map(len, names))
    else:
        assert rest >= sum(map(len, names))
        assert names or rest == 0
    for value in (*article.related, *article.credits):
        assert any(
            value in squeeze(source.text[span.start : span.end].translate(SILENT))
            for span in article.removed
        )


def _kept(text: str, article: CleanArticle) -> str:
    """What was not removed, as the repairs say that it reads."""
    edges = [0, *(edge for span in article.removed for edge in (span.start, span.end)), len(text)]
    assert edges == sorted(edges)
    reads = ""
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        done = start
        for repair in article.repairs:
            if start <= repair.start < end:
                assert done <= repair.start < repair.end <= end
                assert repair.before == text[repair.start : repair.end] != repair.after
                reads += text[done : repair.start] + repair.after
                done = repair.end
        reads += text[done:end]
    return reads


_SENTENCES = st.sampled_from([LEAD, FIRST, LAST, "Le maire s’en réjouit.", "Le port estouvert."])
_PARAGRAPHS = st.lists(_SENTENCES, min_size=1, max_size=4).map(" ".join)
_BETWEEN = st.sampled_from(
    [
        *(f">> {TITLE} encore", "Photo : VNA/CVN", "Le phare, de nuit. Photo : VNA", "Partager"),
        *("gtag('js', new Date());", "Lire aussi : Le port rouvre", "Une joie partagée"),
    ]
)
_STORIES = st.tuples(
    st.sampled_from(["", "date 2031-05-04 ", "Publié le 10/03/2031 à 14:05\n\n", "Accueil\n\n"]),
    st.sampled_from(["", f"{TITLE}\n\n", f"LE COURRIER DU VIETNAM\n\n{TITLE}\n\n"]),
    st.sampled_from(["", "Par Awa Mbarga\n\n", "Par Awa Mbarga | 10 mars 2031 à 8h\n\n"]),
    st.sampled_from(["", f"{LEAD}\n", f"{LEAD}\n{TITLE} ảnh 1Le phare. Photo : VNA\n"]),
    st.sampled_from(["", "Kribi (VNA) – ", "Kribi, 3 mai 2031 (AFP) -", "(VOVWORLD) - "]),
    st.lists(_PARAGRAPHS | _BETWEEN | st.text(max_size=80), min_size=1).map("\n\n".join),
    st.just(f"\n\n{LAST}"),
    st.sampled_from(["", " -VNA/VI", "-VNA", "\n\nVNA/CVN", "\n\n(AFP)", "\n\nThu Lan/CVN"]),
    st.sampled_from(["", "\n\nsource", "\n\nVoir plus\n\nLe port rouvre\n\nOui, dit-il."]),
).map("".join)


@settings(derandomize=True, max_examples=300)
@given(_STORIES)
def test_clean_is_idempotent(text: str) -> None:
    """What clean makes of a story stays as it is when it comes as a file again."""
    try:
        article = clean(Decoded(nfc(text), "utf-8"))
    except Permanent:
        return
    parts = [segment.part for segment in label(read(Decoded(nfc(text), "utf-8"), "").text)]
    if "dateline" in parts and "body" in parts[: parts.index("dateline")]:
        return  # printed, it would stand higher than it stood
    assert PARTS(article) == PARTS(clean(Decoded(nfc(printed(article)), "utf-8")))


@pytest.mark.parametrize("name", ["any.txt", "page.html", "wire.xml"])
@given(data=st.binary())
def test_any_bytes(data: bytes, name: str) -> None:
    """Whatever comes is an article, or rejected for a reason."""
    with suppress(Permanent):
        assert clean(decode(data), name).body
