"""What no newsroom means to send: contents that are hostile, broken or odd, and what they come to.

Each is below the default limit of a file's size, and so gets as far as clean, which must be quick.
"""

from __future__ import annotations

import gzip
import io
import os
import random
import zipfile
from typing import TYPE_CHECKING, Final

from tests.factories import story

if TYPE_CHECKING:
    from collections.abc import Callable

FULL: Final = os.environ.get("ROTATIVE_FAULTS") == "all"
NEARLY_THE_LIMIT: Final = 900_000  # bytes
_LONG: Final = NEARLY_THE_LIMIT if FULL else 30_000  # bytes
_MANY: Final = 100_000 if FULL else 2_000
_SEED: Final = 20_260_302
_CANARY: Final = "file:///etc/passwd"


def _between(line: str) -> bytes:
    """A story that has this between its paragraphs."""
    opening, rest = story().split("\n\n", 1)
    return f"{opening}\n\n{rest}\n\n{line}\n\n{rest}".encode()


def _long(piece: str) -> Callable[[], bytes]:
    """A story with one long line made of this."""
    return lambda: _between(piece * (_LONG // len(piece.encode())))


def _page(inside: str) -> bytes:
    paragraphs = "".join(f"<p>{each}</p>" for each in story().split("\n\n"))
    return (
        f"<!DOCTYPE html><html><body><article>{paragraphs}</article>{inside}</body></html>".encode()
    )


def _newswire(inside: str, before: str = "") -> bytes:
    told = "".join(f"<p>{each}</p>" for each in story().split("\n\n"))
    return (
        f'<?xml version="1.0"?>{before}<nitf><body><body.head><hedline><hl1>Le port</hl1></hedline>'
        f"</body.head><body.content>{told}{inside}</body.content></body></nitf>"
    ).encode()


def _billion_laughs() -> bytes:
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return _newswire("<p>&l9;</p>", f'<!DOCTYPE nitf [<!ENTITY l0 "ha">{levels}]>')


def external(address: str) -> bytes:
    """A newswire story that wants something fetched by the parser that reads it."""
    return _newswire(
        "<p>Suite : &e;</p>", f'<!DOCTYPE nitf SYSTEM "{address}" [<!ENTITY e SYSTEM "{address}">]>'
    )


def linked(address: str) -> bytes:
    """A page that wants things fetched by whoever shows it."""
    return _page(
        f'<img src="{address}"><link rel="stylesheet" href="{address}"><iframe src="{address}">'
        f'</iframe><script src="{address}"></script><p>Il <a href="{address}">repart</a> jeudi.</p>'
    )


def _zip(name: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, story())
    return file.getvalue()


def _utf16(cut: int) -> bytes:
    return story().encode("utf-16")[:-cut]


def _random(letters: str | None = None) -> bytes:
    chance = random.Random(_SEED)  # noqa: S311 - repeats
    if letters is None:
        return chance.randbytes(100_000)
    return _between("".join(chance.choices(letters, k=_LONG * 4 // 5)))


CONTENTS: Final[dict[str, tuple[Callable[[], bytes], str]]] = {
    "empty": (lambda: b"", "rejected: empty"),
    "blanks": (lambda: b" \n\t\xc2\xa0\r\n" * 1_000, "rejected: empty"),
    "a BOM alone": (lambda: b"\xef\xbb\xbf", "rejected: empty"),
    "a BOM of UTF-16 alone": (lambda: b"\xff\xfe", "rejected: empty"),
    "NULs": (lambda: bytes(10_000), "rejected: binary"),
    "NULs in a story": (lambda: _between("Le\0 navire\0 repart."), "stored"),
    "lone surrogates": (
        lambda: _between("X").replace(b"X", b"Le navire \xed\xa0\x80 repart \xed\xbf\xbf."),
        "stored",
    ),
    "random bytes": (_random, "rejected: binary"),
    "UTF-16, cut off in a character": (lambda: _utf16(1), "stored"),
    "UTF-16, cut off in a pair": (
        lambda: (story() + "\U0001f6a2").encode("utf-16")[:-2],
        "stored",
    ),
    "UTF-8, cut off in a character": (lambda: (story() + "é").encode()[:-1], "stored"),
    "half in one encoding, half in another": (
        lambda: _between("X").replace(b"X", "Le décès est avéré, à Lomé.".encode("latin-1")),
        "stored",
    ),
    "one line of nearly the limit": (
        lambda: _between("Le navire est arrivé. " * (NEARLY_THE_LIMIT // 23)),
        "stored",
    ),
    "one word of nearly the limit": (lambda: _between("a" * NEARLY_THE_LIMIT), "stored"),
    "a million line ends": (lambda: b"\n" * 999_999, "rejected: empty"),
    "blank lines in a story": (lambda: _between("\n" * NEARLY_THE_LIMIT), "stored"),
    "many lines of one letter": (lambda: _between("a\n" * _MANY), "stored"),
    "many paragraphs of one letter": (lambda: _between("a\n\n" * _MANY), "stored"),
    "many lines of one word": (lambda: _between("Navire\n" * _MANY), "stored"),
    "many sentences": (lambda: _between("Le navire est arrivé mardi.\n" * (_MANY // 5)), "stored"),
    "many paragraphs": (
        lambda: _between("Le navire est arrivé mardi.\n\n" * (_MANY // 5)),
        "stored",
    ),
    "many headlines": (lambda: _between("Le navire est arrivé\n\n" * (_MANY // 5)), "stored"),
    "only boilerplate": (
        lambda: "Accueil\n\nSur le même sujet\n\nPartager\n\nVoir plus\n".encode(),  # noqa: PLW0108
        "rejected: no-body",
    ),
    # --- long runs, at which patterns may go back and forth ---------------------------------
    "capitals": (_long("A"), "stored"),
    "capitals and dots": (_long("A."), "stored"),
    "capitals and blanks": (_long("A "), "stored"),
    "names": (_long("Afi Mensah "), "stored"),
    "hyphened names": (_long("Afi-"), "stored"),
    "dots": (_long("."), "stored"),
    "dashes": (_long("-"), "stored"),
    "long dashes": (_long(" – "), "stored"),
    "quotes": (_long('"'), "stored"),
    "guillemets": (_long("« "), "stored"),
    "apostrophes": (_long("l'"), "stored"),
    "brackets": (_long("("), "stored"),
    "brackets in pairs": (_long("()"), "stored"),
    "agencies": (_long("(VNA) "), "stored"),
    "digits": (_long("1"), "stored"),
    "digits and commas": (_long("1,"), "stored"),
    "digits and dots": (_long("1."), "stored"),
    "digits and blanks": (_long("1 "), "stored"),
    "digits and slashes": (_long("1/"), "stored"),
    "thousands": (_long("1 000 "), "stored"),
    "amounts": (_long("3 millions d’euros "), "stored"),
    "days": (_long("10 mars 2026 "), "stored"),
    "days without a year": (_long("lundi 10 mars "), "stored"),
    "commas": (_long(","), "stored"),
    "colons": (_long("Photo : "), "stored"),
    "addresses": (_long("http://a.b/"), "stored"),
    "at signs": (_long("a@"), "stored"),
    "ampersands": (_long("&amp;"), "stored"),
    "ampersands unfinished": (_long("&"), "stored"),
    "smaller signs": (_long("<"), "stored"),
    "tags unfinished": (_long("<p "), "stored"),
    "chevrons": (_long(">> "), "stored"),
    "glued words": (_long("Lenavireestarrivéauport"), "stored"),
    "glued sentences": (_long("arrivé.Le"), "stored"),
    "soft hyphens": (_long("a\u00ad"), "stored"),
    "zero-width": (_long("a\u200b"), "stored"),
    "marks on one letter": (_long("\u0301"), "stored"),
    "marks in the wrong order": (_long("a\u0301\u0323"), "stored"),
    "directions": (_long("\u202ea\u202c"), "stored"),
    "emoji": (_long("🚢"), "stored"),
    "mojibake": (_long("Ã©"), "stored"),
    "ideographs": (_long("船"), "stored"),
    "Arabic": (_long("سفينة "), "stored"),
    "replacements": (_long("\ufffd"), "stored"),
    "controls between": (_long("abcdefghijklmnopqrstuvwxyzabcde\x07"), "stored"),
    "programs": (_long("gtag('js', new Date());"), "stored"),
    "letters at random": (lambda: _random("abcdefghi éàAEI’«».,;:-–()0123456789\n"), "stored"),
    "signs at random": (lambda: _random("A.-,'\"« »’()/:;1 9\n"), "stored"),
    # --- days that are none -----------------------------------------------------------------
    "year 9999": (
        lambda: _between("Lomé, 31 décembre 9999 – Le 31/12/9999 puis en 9999."),
        "stored",
    ),
    "year 0": (lambda: _between("Lomé, 1er janvier 0000 – Le 00/00/0000, 0000-00-00."), "stored"),
    "year 99999": (lambda: _between("Le 31 décembre 99999, en 99999-12-31."), "stored"),
    "year 9999 in markup": (
        lambda: _newswire("").replace(
            b"<body>",
            b'<head><docdata><date.issue norm="99991231T235959-1200"/></docdata></head><body>',
        ),
        "stored",
    ),
    "year 0 in markup": (
        lambda: _newswire("").replace(
            b"<body>",
            b'<head><docdata><date.issue norm="00010101T000000+1400"/></docdata></head><body>',
        ),
        "stored",
    ),
    # --- markup -----------------------------------------------------------------------------
    "100,000 nested tags": (lambda: _page("<b>" * 100_000), "rejected: too-large"),
    "100,000 nested blocks": (lambda: _page("<div>" * 100_000), "rejected: too-large"),
    "100,000 paragraphs of a page": (lambda: _page("<p>a" * 100_000), "rejected: too-large"),
    "tables in tables": (lambda: _page("<table><tr><td>" * 20_000), "rejected: too-large"),
    "endings without beginnings": (lambda: _page("</div>" * 100_000), "stored"),
    "a huge attribute": (lambda: _page(f'<p class="{"a " * 400_000}">Oui.</p>'), "stored"),
    "many attributes": (
        lambda: _page(f"<p {' '.join(f'a{n}=1' for n in range(90_000))}>Oui.</p>"),
        "rejected: too-large",
    ),
    "a page cut off in a tag": (lambda: _page("")[:-60], "stored"),
    "a comment without an end": (lambda: _page("<!--" + "a" * 100_000), "stored"),
    "a script without an end": (lambda: _page("<script>" + "a<" * 100_000), "stored"),
    "billion laughs": (_billion_laughs, "rejected: unsupported"),
    "an entity that is a file": (lambda: external(_CANARY), "rejected: unsupported"),
    "an inclusion of a file": (
        lambda: _newswire(
            f'<p><i xmlns="http://www.w3.org/2001/XInclude" href="{_CANARY}" parse="text"/></p>'
        ),
        "stored",
    ),
    "deep XML": (lambda: _newswire("<a>" * 5_000 + "</a>" * 5_000), "rejected: unsupported"),
    "wide XML": (lambda: _newswire("<a/>" * 200_000), "rejected: too-large"),
    "a huge attribute of XML": (lambda: _newswire(f'<p a="{"a" * 800_000}">Oui.</p>'), "stored"),
    "XML cut off": (lambda: _newswire("")[:-20], "rejected: unsupported"),
    "other XML": (lambda: b"<?xml version='1.0'?><svg><p>Oui.</p></svg>", "rejected: unsupported"),
    # --- other kinds of file ----------------------------------------------------------------
    "gzip": (lambda: gzip.compress(story().encode()), "rejected: binary"),
    "a zip": (lambda: _zip("a.txt"), "rejected: binary"),
    "docx": (lambda: _zip("word/document.xml"), "rejected: binary"),
    "pdf": (lambda: b"%PDF-1.7\n" + story().encode(), "rejected: binary"),
    "jpeg": (lambda: b"\xff\xd8\xff\xe0\0\x10JFIF" + story().encode(), "rejected: binary"),
    "a program": (lambda: b"\x7fELF\x02\x01\x01" + bytes(9) + story().encode(), "rejected: binary"),
}
"""Each content by what it is: how it is made, and what becomes of it."""
