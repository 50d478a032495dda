"""Which files are markup, and what is read out of pages, newswire and hostile files."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.core.clean.markup import extract
from worker.errors import Permanent

if TYPE_CHECKING:
    from worker.core.clean.markup import Extracted

STORY = "Le ministre a annoncé mardi une série de mesures pour soutenir la filière du riz."
MORE = "Une centaine de familles du delta recevront des semences avant la fin du mois de mai."


def page(body: str, head: str = "", lang: str = "") -> Extracted:
    return extract(f"<!DOCTYPE html><html{lang}><head>{head}</head><body>{body}</body></html>", "")


def lines(body: str) -> list[str]:
    return page(body).text.split("\n\n")


# What is markup


@given(st.text(st.characters(exclude_characters="<")), st.sampled_from(["", "a.html", "a.xml"]))
def test_no_markup(text: str, file: str) -> None:
    """Text without a tag is plain text whatever its file is called, and comes back unchanged."""
    assert extract(text, file).text == text
    assert extract(text, file).format == "text"


@pytest.mark.parametrize(
    "text",
    [
        f"Le riz\n\n{STORY} <b>{MORE}</b>",
        f"{STORY} Si a < b et b<c, alors a<c. {MORE}",
        f"{STORY}\n<script>document.write('<div><p><div><p>')</script>\n{MORE}",
        f"{STORY}\n<SCRIPT>var a = '<div><div><div>';\n{MORE}",
        f"<b>Le riz se porte bien</b>\n\n{STORY}\n\n{MORE}",
        f"<Hanoï> (VNA) – {STORY}",
        f"Le riz<br>\n\n{STORY}\n\n{MORE}\n\n{STORY}<p>\n\n{MORE}\n\n{STORY}<p>",
        "<!-- rien d’autre",
        "<?xml version='1.0'?>",
        "<!DOCTYPE",
        "<" * 1_000,
    ],
)
def test_plain_text(text: str) -> None:
    """A few tags that leaked into a story do not make it a page."""
    assert extract(text, "depeche.txt").text == text


@pytest.mark.parametrize(
    ("text", "file"),
    [
        (f"<!DOCTYPE html><p>{STORY}", "a.txt"),
        (f"\n <!-- <nitf> -->\n<HTML lang=fr><body>{STORY}", ""),
        (f"<?xml version='1.0' encoding='utf-16'?><html><body><p>{STORY}</p></body></html>", "a"),
        (f"<p>{STORY}</p><p>{MORE}</p>", "a.txt"),
        (f"Le riz\n<p>{STORY}</p>\n<p>{MORE}</p>\n<div>Fin.</div>", "a.txt"),
        (f"{STORY} <b>{MORE}</b>", "A.HTML"),
        (f"{STORY}<br>{MORE}", "a.htm"),
        (f"<div>{STORY}</div>", "a.xhtml"),
        (f"<p>{STORY}</p>", "../../etc/\0\n.html"),
    ],
)
def test_html(text: str, file: str) -> None:
    """A page is told by what opens it, by its many blocks, or by its name and a tag."""
    extracted = extract(text, file)
    assert extracted.format == "html"
    assert STORY in extracted.text
    assert "<" not in extracted.text


@pytest.mark.parametrize(
    ("text", "file"),
    [
        ("<?xml version='1.0'?><rss><channel><item><title>Un</title></item></channel></rss>", ""),
        ("<feed xmlns='http://www.w3.org/2005/Atom'><entry>Un</entry></feed>", "a.txt"),
        ("<svg><text>Un</text></svg>", "a.xml"),
        ("<a:urlset xmlns:a='u'><a:url>Un</a:url></a:urlset>\n", "a.txt"),
        ("<nitf><body>", "a.xml"),
        ("<nitf><body></nitf>", "a.nitf"),
    ],
)
def test_other_xml(text: str, file: str) -> None:
    """XML of other kinds, or broken, is rejected in a sentence that quotes little of it."""
    with pytest.raises(Permanent) as caught:
        extract(text, file)
    assert caught.value.reason == "unsupported"
    assert len(str(caught.value)) < 100


@pytest.mark.parametrize(
    ("text", "file"),
    [
        ("<html></html>", ""),
        ("<html><body><script>var a</script></body></html>", ""),
        ("<html><body><img src=a><p>&nbsp;</p><p>***</p></body></html>", ""),
        ("<nitf><head/></nitf>", ""),
        ("<nitf><body><body.content><p> </p></body.content></body></nitf>", ""),
        ("<packageItem xmlns='u'><itemMeta/></packageItem>", ""),
        ("<newsItem><contentSet><remoteContent href='a'/></contentSet></newsItem>", ""),
        ("<NewsML><NewsItem/></NewsML>", ""),
    ],
)
def test_no_body(text: str, file: str) -> None:
    """Markup without text of a story is rejected."""
    with pytest.raises(Permanent) as caught:
        extract(text, file)
    assert caught.value.reason == "no-body"


# Text of pages


def test_words_stay_whole() -> None:
    """Inline elements neither part nor glue words; a line break parts them."""
    body = f"<p><b>Pre</b>mier 1<sup>er</sup> <q>mot</q> de<br>ux <x-y>l</x-y>à. {STORY}</p>"
    assert lines(body) == [f"Premier 1er “mot” de ux là. {STORY}"]


def test_line_breaks() -> None:
    """Two line breaks end a paragraph, one does behind a sentence."""
    body = f"<div>{STORY}<br>{MORE}<br/>&nbsp;<br><b>Fin</b><br>de l’histoire.</div>"
    assert lines(body) == [STORY, MORE, "Fin de l’histoire."]


def test_letters() -> None:
    """Character references are letters, Windows' own too, and the text is composed."""
    body = f"<p>L&#146;&eacute;te&#769; &#128; &#1;&amp;lt; {STORY}</p>"
    assert lines(body) == [f"L’été € &lt; {STORY}"]


def test_declared_encoding() -> None:
    """What a page says about its bytes is nothing any more: they were decoded before."""
    assert STORY in page(f"<p>{STORY}</p>", '<meta charset="windows-1258">').text


def test_headings_and_lists() -> None:
    """Intertitles and points of lists are paragraphs of their own."""
    body = f"<p>{STORY}</p><h2>Un <i>pari</i></h2><p>{MORE}</p><ul><li>Un,</li><li>deux ;</li></ul>"
    assert lines(f"<article>{body}<p>{STORY[3:]}</p></article>") == [
        *(STORY, "Un pari", MORE, "Un,", "deux ;", STORY[3:]),
    ]


@pytest.mark.parametrize(
    "around",
    [
        "<figure><img src=a><figcaption>{}</figcaption></figure>",
        '<p class="caption">{}</p>',
        "<table><tr><td>{}</td><td>12</td></tr></table>",
        "<nav><ul><li><a href=a>{}</a></li></ul></nav>",
        '<div class="related"><a href=a>{}</a></div>',
        '<div class="share-buttons">{}</div>',
        '<div id="comments"><p>{}</p></div>',
        '<div class="cookie-consent"><p>{}</p></div>',
        "<footer>{}</footer>",
        "<aside>{}</aside>",
        "<noscript><p>{}</p></noscript>",
        "<script>var a = '{}'</script>",
        "<button>{}</button>",
    ],
)
def test_left_out(around: str) -> None:
    """What stands around a story is no part of it."""
    stray = around.format("Une vedette à saisir.")
    assert lines(f"<article><p>{STORY}</p>{stray}<p>{MORE}</p></article>") == [STORY, MORE]


def test_pull_quote() -> None:
    """A quote that says again what the story says is left out, another is kept."""
    body = f"<p>{STORY}</p><blockquote>« {STORY[:40]} »</blockquote><blockquote>{MORE}</blockquote>"
    assert lines(f"<article>{body}<p>Fin.</p></article>") == [STORY, MORE, "Fin."]


def test_links_in_sentences() -> None:
    """A short paragraph with links in it is still a paragraph."""
    linked = 'Avec le <a href="a">maire</a> et <a href="b">le préfet</a>, mardi.'
    body = f"<div><p>{STORY}</p></div><div><p>{linked}</p></div><div><p>Fin.</p></div>"
    assert lines(body) == [STORY, "Avec le maire et le préfet, mardi.", "Fin."]


def test_brief_beside_teasers() -> None:
    """A short story does not end in the teasers beside it."""
    teasers = f"<div><h3><a href=a>Autre</a></h3><p>{MORE}</p></div>" * 3
    assert lines(f"<article><h1>Un</h1><p>{STORY}</p></article>{teasers}") == ["Un", STORY]


def test_layout_table() -> None:
    """A table that holds a story lays the page out."""
    row = f"<tr><td><a href=a>Accueil</a></td><td>{STORY} {MORE} {STORY}<br><br>{MORE}</td></tr>"
    assert lines(f"<table>{row}</table>") == [f"{STORY} {MORE} {STORY}", MORE]


def test_summary_above_the_story() -> None:
    """The summary below the title is the story's first paragraph though it is no part of it."""
    body = (
        f'<h1>Le riz</h1><div class="art-chapo"><div>{MORE}</div></div>'
        f'<div class="article-body"><p>{STORY}</p><p>Il a plu. {STORY}</p></div>'
    )
    assert lines(body) == ["Le riz", MORE, STORY, f"Il a plu. {STORY}"]


@pytest.mark.parametrize(
    "body", ["Un mort.", "<p>Un mort.</p>", "<div><span>Un mort.</span></div>"]
)
def test_tiny_page(body: str) -> None:
    """A page too small to tell story from surroundings is all story."""
    assert lines(body) == ["Un mort."]


# Metadata of pages


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        ("", "<h1>Le  <b>riz</b></h1>", "Le riz"),
        ("<title>Le riz | Le Monde</title>", "<h1>Le riz</h1>", "Le riz"),
        ("<title>Le riz | Le Monde</title>", "", "Le riz"),
        ("<title>Le riz - VietnamPlus</title>", "<h1>Lettre</h1><h1>Autre</h1>", "Le riz"),
        ("<title>La Gazette - Le riz monte</title>", "<p><b>Le riz monte</b></p>", "Le riz monte"),
        ('<meta property="og:title" content="Tour - 3e étape">', "", "Tour - 3e étape"),
        (
            '<meta name="headline" content="Riz – A"><meta property="og:site_name" content="A">',
            "<h1>A</h1>",
            "Riz",
        ),
        ("<title>Riz - A</title><meta property='og:site_name' content='A'>", "<h1>A</h1>", "Riz"),
        ("", "", None),
    ],
)
def test_title(head: str, body: str, title: str | None) -> None:
    """The title is the heading, or the stated one without the site's name; it opens the text."""
    found = page(f"{body}<article><p>{STORY}</p><p>{MORE}</p></article>", head)
    assert (found.title and found.title.of(found.text)) == title
    assert found.text == "\n\n".join(filter(None, [title, STORY, MORE]))


def test_title_once() -> None:
    """A title that stands in the story's element too is said once."""
    assert lines(f"<article><h1>Le riz</h1><p>{STORY}</p><p>{MORE}</p></article>") == [
        *("Le riz", STORY, MORE),
    ]


LINKED = '<script type="application/ld+json">{}</script>'


@pytest.mark.parametrize(
    ("head", "body", "published"),
    [
        ('<meta property="article:published_time" content="2026-03-10T23:30Z">', "", "2026-03-10"),
        (LINKED.format('{"@type":"NewsArticle","datePublished":"2026-03-10"}'), "", "2026-03-10"),
        (
            LINKED.format('{"@graph":[{"@type":["Thing","Article"],"datePublished":"20260310"}]}'),
            "",
            "2026-03-10",
        ),
        ("", '<time itemprop="datePublished" datetime="2026-03-10">mardi</time>', "2026-03-10"),
        ("", '<time pubdate datetime="2026-03-10">mardi</time>', "2026-03-10"),
        ("", '<p>Publié le <time datetime="2026-03-10T08:00">10 mars</time></p>', "2026-03-10"),
        (
            "",
            '<time class="entry-date published" datetime="2026-03-10">10 mars</time>',
            "2026-03-10",
        ),
        ("", "<p>Copyright 2019 – 2026-03-10 Le Courrier</p>", None),
        ('<link rel="canonical" href="https://a.example/2026/03/10/riz">', "", None),
        ('<meta property="article:modified_time" content="2026-03-10">', "", None),
        (LINKED.format('{"@type":"NewsArticle","dateModified":"2026-03-10"}'), "", None),
        (LINKED.format('{"@type":"WebSite","datePublished":"2026-03-10"}'), "", None),
        ("", '<time class="updated" datetime="2026-03-10">10 mars</time>', None),
        ("", '<p>Mis à jour le <time datetime="2026-03-10">10 mars</time></p>', None),
        ('<meta property="article:published_time" content="2026-02-30">', "", None),
        ('<meta property="article:published_time" content="hier">', "", None),
        (LINKED.format("[" * 100_000), "", None),
        (LINKED.format('{"@type":"NewsArticle","datePublished":2026'), "", None),
    ],
)
def test_published(head: str, body: str, published: str | None) -> None:
    """The day is one that the page calls its publication's; none is guessed."""
    assert page(f"{body}<p>{STORY}</p>", head).published == published


@pytest.mark.parametrize(
    ("head", "body", "byline"),
    [
        ('<meta name="author" content="Par Lan Nguyên">', "", "Lan Nguyên"),
        ('<meta name="author" content="Lan Nguyên (lan@a.example)">', "", "Lan Nguyên"),
        (
            LINKED.format('{"@type":"Article","author":[{"name":"Léa Roy"},"Tom Ardley"]}'),
            "",
            "Léa Roy, Tom Ardley",
        ),
        ("", '<p class="byline">By <a rel="author" href="a">Tom Ardley</a></p>', "Tom Ardley"),
        ("", '<span class="author-name">Nguyễn Hoài An</span>', "Nguyễn Hoài An"),
        (
            '<meta name="author" content="La Une"><meta property="og:site_name" content="La Une">',
            "",
            None,
        ),
        ('<meta name="author" content="https://a.example/lan">', "", None),
        ('<meta name="author" content="admin2">', "", None),
    ],
)
def test_byline(head: str, body: str, byline: str | None) -> None:
    """Writers are names without addresses and "Par", and never the site."""
    assert page(f"{body}<p>{STORY}</p>", head).byline == byline


@pytest.mark.parametrize(
    ("lang", "head", "language"),
    [
        (' lang="fr-FR"', "", "fr"),
        (' xml:lang="VI"', "", "vi"),
        ("", '<meta property="og:locale" content="en_GB">', "en"),
        ("", '<meta http-equiv="Content-Language" content="fr">', "fr"),
        (' lang="french"', '<meta http-equiv="content-language" content="fr, en">', None),
        ("", "", None),
    ],
)
def test_language(lang: str, head: str, language: str | None) -> None:
    """The language is two letters that the page states."""
    assert page(f"<p>{STORY}</p>", head, lang).language == language


# Hostile pages


@pytest.mark.parametrize(
    "piece",
    [
        *("<p>", "<div>", "<b>", "<span class=a>", "<table><tr><td>x", "<ul><li>x", "<q>x"),
        *("<br>x", "<dt>x<dd>y", "<a href=x>x</a> ", "<img>x", "<x-y>x</x-y>"),
    ],
)
def test_intricate(piece: str) -> None:
    """A page of hundreds of levels or tens of thousands of elements is rejected at once."""
    with pytest.raises(Permanent) as caught:
        page(piece * 60_000)
    assert caught.value.reason == "too-large"


def test_attributes() -> None:
    """libxml2 needs a minute for an element with 100,000 attributes: it is not asked to."""
    with pytest.raises(Permanent) as caught:
        page(f"<p {' '.join(f'a{i}' for i in range(100_000))}>{STORY}</p>")
    assert caught.value.reason == "too-large"


def test_deep_text() -> None:
    """Much text below many levels is read again by each, and rejected."""
    with pytest.raises(Permanent) as caught:
        page("<div>" * 150 + STORY * 2_000)
    assert caught.value.reason == "too-large"


@pytest.mark.parametrize(
    "piece", ["<", "&amp;", "&", "<!-- ", "<script>", "</p>", "<p", "\0", "]]>"]
)
def test_senseless(piece: str) -> None:
    """Whatever a page is made of, it is read or rejected."""
    with suppress(Permanent):
        assert page(f"<p>{STORY}</p>{piece * 20_000}").format == "html"


def test_names_that_lxml_refuses() -> None:
    """Control characters in names and values of attributes do no harm."""
    assert lines(f"<p a\x01b='c' class='d\x02' \"e>{STORY}</p>") == [STORY]


def test_same_every_time() -> None:
    """No page changes what is read out of the next, not even its own copy."""
    body = f"<article><p>{STORY}</p><p>{MORE}</p></article>"
    assert {page(body).text for _ in range(5)} == {f"{STORY}\n\n{MORE}"}


def test_names_in_any_case() -> None:
    """Names of blocks are known in capitals too."""
    body = f'<div class="Article-Body"><p>{STORY}</p><div class="Newsletter"><p>{MORE}</p></div>'
    assert lines(f"{body}<p>Fin, dit-il.</p></div>") == [STORY, "Fin, dit-il."]


def test_spans_of_cells() -> None:
    """Cells that span thousands of others are not multiplied."""
    cells = f"<tr><td rowspan=99 colspan=99>{STORY} {MORE} {MORE}</td></tr>" * 300
    assert len(page(f"<table>{cells}</table>").text) < len(cells)


@given(st.text(st.sampled_from("<>/=\"' abp&;!-[]\n"), max_size=200))
def test_any_markup(text: str) -> None:
    """No text raises anything but what says why it is rejected."""
    for file in ("a.html", "a.xml", ""):
        with suppress(Permanent):
            extract(text, file)
