"""How many files are decoded exactly: news of five languages in every encoding that can carry it.

``python -m tests.quality.decoding`` prints a table for snippets of 100, 300 and 1,000 characters,
beside chardet and charset-normalizer where they are installed. ``--tuning FILE`` measures on the
texts that the costs were chosen by instead: the ones written for that, and French stories of
FILE, one JSON object with a ``text``, or ``paragraphs``, a line.
"""

from __future__ import annotations

import argparse
import importlib
import json
import re
import unicodedata
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from worker.core.characters import nfc
from worker.core.clean.decode import decode, vietnamese
from worker.errors import Permanent

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    Encode = Callable[[str], bytes]
    Read = Callable[[bytes], str]

_DATA: Final = Path(__file__).parent / "data"
HELD_OUT: Final = _DATA / "wikinews-heldout.jsonl"

_WRITTEN: Final = ("de", "en", "es", "vi")
_MAX_SNIPPETS: Final = 200  # of one language and length
_OVERLAP: Final = 3  # windows of a text begin a third of their length apart
_LENGTHS: Final = (100, 300, 1000)

_QUOTES: Final = str.maketrans(
    {"’": "'", "‘": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "…": "...", "−": "-"}
    | {"\u202f": "\xa0", "\u2009": " ", "œ": "oe", "Œ": "Oe"}
)
"""What writers do with characters that their encoding lacks."""


def texts(french: Path, tuning: bool = False) -> dict[str, list[str]]:  # noqa: FBT001, FBT002
    """Clean texts by language; the costs were chosen by other ones than those of the test."""
    part = "tuning" if tuning else "test"
    found = {
        language: [(_DATA / f"encodings/{language}-{part}.txt").read_text(encoding="utf-8")]
        for language in _WRITTEN
    }
    lines = french.read_text(encoding="utf-8").splitlines()
    stories = map(json.loads, lines)
    found["fr"] = [s.get("text") or "\n\n".join(s["paragraphs"]) for s in stories]
    found["fr, typeset"] = [_typeset(text) for text in found["fr"]]
    return found


def _typeset(text: str) -> str:
    """French with the quotes and no-break spaces that agencies set and Wikinews does not."""
    text = re.sub(r'"([^"\n]{1,200})"', "«\xa0\\1\xa0»", text).replace("'", "’").replace("...", "…")
    return re.sub(r" ?([:;!?»])(?=\s|$)", "\xa0\\1", text).replace("« ", "«\xa0")


def snippets(source: Mapping[str, list[str]], length: int) -> Iterator[tuple[str, str]]:
    """Language and text of ``length`` characters that are not all ASCII, the same every time."""
    for language, found in source.items():
        windows = [
            text[start : start + length]
            for text in map(nfc, found)
            for start in range(0, len(text) - length + 1, max(1, length // _OVERLAP))
        ]
        windows = [window for window in windows if not window.isascii()]
        every = max(1, len(windows) // _MAX_SNIPPETS)
        for window in windows[::every][:_MAX_SNIPPETS]:
            yield language, window


def _codec(name: str) -> Callable[[str], bytes]:
    return lambda text: text.encode(name)


def _cp1258(text: str) -> bytes:
    """As Windows writes it: the letter with its circumflex, breve or horn, then its tone."""
    written = []
    for letter in text:
        try:
            written.append(letter.encode("cp1258"))
        except UnicodeEncodeError:
            bare, *marks = list(unicodedata.normalize("NFD", letter))
            tones = [mark for mark in marks if mark in "\u0300\u0301\u0303\u0309\u0323"]
            rest = [mark for mark in marks if mark not in tones]
            whole = nfc("".join([bare, *rest])) + "".join(tones)
            written.append(whole.encode("cp1258"))
    return b"".join(written)


def _by_table(table: str) -> Callable[[str], bytes]:
    """The bytes of a table of 256 characters, combining marks never used."""
    codes = {letter: bytes((code,)) for code, letter in reversed(list(enumerate(table)))}

    def encode(text: str) -> bytes:
        try:
            return b"".join(codes[letter] for letter in text)
        except KeyError as missing:
            raise UnicodeError(str(missing)) from None

    return encode


def _tcvn3_pairs(text: str) -> bytes:
    """TCVN3 with toned capitals as two characters."""
    pairs = {toned: pair for pair, toned in vietnamese._CAPITALS.items()}
    return _by_table(vietnamese.TCVN3)("".join(pairs.get(letter, letter) for letter in text))


def _tcvn3_font(text: str) -> bytes:
    """TCVN3 with toned capitals as the small letters that a font of capitals shows as such."""
    pairs = {toned: pair for pair, toned in vietnamese._CAPITALS.items()}
    small = "".join(pairs.get(letter, letter)[-1] for letter in text)
    return _by_table(vietnamese.TCVN3)(small)


def _vni(text: str) -> bytes:
    groups = {letter: group for group, letter in sorted(vietnamese._VNI.items(), reverse=True)}
    return "".join(groups.get(letter, letter) for letter in text).encode("cp1252")


ENCODERS: Final[dict[str, Callable[[str], bytes]]] = {
    "utf-8": _codec("utf-8"),
    "utf-8, BOM": _codec("utf-8-sig"),
    "utf-8, NFD": lambda text: unicodedata.normalize("NFD", text).encode(),
    "utf-16, BOM": _codec("utf-16"),
    "utf-16-le": _codec("utf-16-le"),
    "utf-16-be": _codec("utf-16-be"),
    "cp1252": _codec("cp1252"),
    "iso8859-1": _codec("iso8859-1"),
    "iso8859-15": _codec("iso8859-15"),
    "cp850": _codec("cp850"),
    "mac-roman": _codec("mac-roman"),
    "cp1258": _cp1258,
    "tcvn3": _by_table(vietnamese.TCVN3),
    "tcvn3, pairs": _tcvn3_pairs,
    "tcvn 5712-1": _by_table(vietnamese.VSCII),
    "vni": _vni,
}
_VIETNAMESE: Final = ("cp1258", "tcvn3", "tcvn3, pairs", "tcvn 5712-1", "vni")


def _misread(*encodings: str) -> Callable[[str], bytes]:
    """UTF-8 of text that was read as another encoding, once for each that is named."""

    def encode(text: str) -> bytes:
        for name in encodings:
            text = _LENIENT.get(name, _strict)(text.encode(), name)
        return text.encode()

    return encode


def _strict(data: bytes, name: str) -> str:
    return data.decode(name)


_LENIENT: Final[dict[str, Callable[[bytes, str], str]]] = {
    # Browsers, and most programs, show the five undefined bytes as Latin-1 has them.
    "cp1252": lambda data, _name: "".join(vietnamese.WINDOWS[byte] for byte in data)
}
LOSSY: Final[dict[str, Encode]] = {"tcvn3, capitals by font": _tcvn3_font}
"""Encodings that do not hold the whole text: what comes back is partly a guess."""

MOJIBAKE: Final = {
    "cp1252": _misread("cp1252"),
    "iso8859-1": _misread("iso8859-1"),
    "iso8859-15": _misread("iso8859-15"),
    "mac-roman": _misread("mac-roman"),
    "cp850": _misread("cp850"),
    "cp1252, twice": _misread("cp1252", "cp1252"),
    "iso8859-1, twice": _misread("iso8859-1", "iso8859-1"),
    "mac-roman, twice": _misread("mac-roman", "mac-roman"),
    "cp1252, then mac-roman": _misread("cp1252", "mac-roman"),
}


def cases(
    source: Mapping[str, list[str]], length: int, encoders: Mapping[str, Encode]
) -> Iterator[tuple[str, str, str, bytes]]:
    """Encoding, language, text and bytes of every snippet that the encoding can carry."""
    for language, snippet in snippets(source, length):
        for name, encode in encoders.items():
            if language != "vi" and name in (*_VIETNAMESE, *LOSSY):
                continue
            for text in (snippet, snippet.translate(_QUOTES)):
                try:
                    data = encode(text)
                except UnicodeError:
                    continue
                if not text.isascii():
                    yield name, language, text, data
                break


def measure(
    source: Mapping[str, list[str]],
    length: int = 300,
    encoders: Mapping[str, Encode] = ENCODERS,
    read: Read = lambda data: decode(data).text,
) -> dict[str, float]:
    """The share of snippets that come back exactly, after composing, for each encoding."""
    exact: defaultdict[str, list[bool]] = defaultdict(list)
    for name, _, text, data in cases(source, length, encoders):
        try:
            exact[name].append(nfc(read(data)) == text)
        except (Permanent, UnicodeError, LookupError, TypeError):
            exact[name].append(False)
    return {name: sum(results) / len(results) for name, results in exact.items()}


def macro(shares: Mapping[str, float]) -> float:
    """The mean of the encodings' shares."""
    return sum(shares.values()) / len(shares)


def _baselines() -> dict[str, Read]:
    """Other detectors, where they are installed; each fails by raising."""
    found: dict[str, Read] = {}
    try:
        chardet = importlib.import_module("chardet")
        found["chardet"] = lambda data: data.decode(chardet.detect(data)["encoding"])
    except ImportError:
        pass
    try:
        normalizer = importlib.import_module("charset_normalizer")
        found["charset-normalizer"] = lambda data: str(normalizer.from_bytes(data).best())
    except ImportError:
        pass
    return found


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tuning", type=Path, help="French stories that are not held out")
    tuning = parser.parse_args().tuning
    source = texts(tuning or HELD_OUT, tuning=tuning is not None)
    lines = []
    for title, encoders in (
        ("encoding", ENCODERS),
        ("UTF-8 misread as", MOJIBAKE),
        ("encoding that loses some", LOSSY),
    ):
        columns = {str(length): measure(source, length, encoders) for length in _LENGTHS}
        if encoders is ENCODERS:
            for name, read in _baselines().items():
                columns[f"{name}, 300"] = measure(source, 300, encoders, read)
        lines += [
            "",
            " | ".join(["", title, *columns, ""]).strip(),
            "|---" * (len(columns) + 1) + "|",
        ]
        lines += [
            _row(name, [column.get(name) for column in columns.values()]) for name in encoders
        ]
        lines.append(_row("**mean**", [macro(column) for column in columns.values()]))
    print("\n".join(lines))  # noqa: T201 - what the command is for


def _row(name: str, shares: list[float | None]) -> str:
    cells = ("" if share is None else f"{share:.3f}" for share in shares)
    return " | ".join(["", name, *cells, ""]).strip()


if __name__ == "__main__":
    main()
