"""One file's whole way through core."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import TYPE_CHECKING

import pytest

from worker.core.article import RawArticle
from worker.core.dedupe import content_hash
from worker.core.enrich.recognise import Span, load_recogniser
from worker.core.process import made_of, process
from worker.errors import Permanent

if TYPE_CHECKING:
    from collections.abc import Sequence

    from worker.core.article import EntitiesBy

STORY = "Le phare rouvre\n\nRéparé, le phare de Kribi accueille de nouveau le public.\n"


def processed(data: bytes) -> dict[str, object]:
    return process(RawArticle("a.txt", "vna", data), load_recogniser("null"), max_bytes=10_000)


def test_stored() -> None:
    """A story comes out as the record of a stored article."""
    found = processed(STORY.encode("cp1252"))
    assert (*(found[key] for key in ("file", "feed", "disposition", "reason")),) == (
        "a.txt",
        "vna",
        "stored",
        None,
    )
    assert (content_hash(STORY), "Le phare rouvre") == (found["content_hash"], found["title"])
    assert (found["language"], found["encoding"], found["mentions"]) == ("fr", "cp1252", [])
    assert (found["recogniser"], found["entities_by"]) == ("none", "none")


def test_article() -> None:
    """The article of a file is what the record is made of."""
    raw = RawArticle("a.txt", None, STORY.encode())
    article = made_of(raw, {"fr": EveryCapital()}, max_bytes=10_000)
    found = process(raw, {"fr": EveryCapital()}, max_bytes=10_000)
    assert (article.clean.title, article.recogniser) == ("Le phare rouvre", "capitals")
    assert (found["recogniser"], found["entities_by"]) == ("capitals", "rules")
    assert found["mentions"] == [asdict(mention) for mention in article.mentions] != []


@pytest.mark.parametrize(
    ("data", "reason"), [(b" \n", "empty"), (b"Voir plus", "no-body"), (b"x" * 101, "too-large")]
)
def test_no_article(data: bytes, reason: str) -> None:
    """A file that is none raises the reason."""
    with pytest.raises(Permanent) as error:
        made_of(RawArticle("a.txt", None, data), {}, max_bytes=100)
    assert error.value.reason == reason


@pytest.mark.parametrize(
    ("data", "reason"),
    [(b" \n", "empty"), (b"%PDF-1.7", "binary"), (b"Voir plus\n\nUn titre", "no-body")],
)
def test_rejected(data: bytes, reason: str) -> None:
    """A file that is no article is rejected, with the reason in front."""
    found = processed(data)
    assert found["disposition"] == "rejected"
    assert str(found["reason"]).startswith(f"{reason}: ")


class EveryCapital:
    """Takes every capitalised word for a name."""

    name: str = "capitals"
    kind: EntitiesBy = "rules"

    def recognise(self, texts: Sequence[str]) -> list[list[Span]]:
        """The words of each text that begin with a capital."""
        return [
            [Span(*found.span(), "PER") for found in re.finditer(r"\b[A-ZÀ-Ý]\w+", text)]
            for text in texts
        ]


@pytest.mark.parametrize("marker", ["Voir plus\n\n", ""])
def test_names_of_other_stories_are_no_mentions(marker: str) -> None:
    """Whoever is named only in a tail, a caption or a link is not in the article."""
    text = (
        f"{STORY}\n>> Ossip Karlov au phare\n\nIvo Brandt au port. Photo : VNA\n\n"
        f"La mairie s’en réjouit, dit Awa Mbarga. -VNA\n\n{marker}"
        "Le maire Karsten Blohm. Photo : VNA\n\nLena Fabre reçue au port\n\n"
        "Lena Fabre a été reçue par Jonas Weill.\n"
    )
    raw = RawArticle("a.txt", None, text.encode())
    found = process(raw, {"fr": EveryCapital()}, max_bytes=10_000)
    mentions = found["mentions"]
    assert isinstance(mentions, list)
    surfaces = {mention["surface"] for mention in mentions}
    assert {"Awa", "Mbarga", "Kribi"} <= surfaces
    assert surfaces.isdisjoint(
        {"Ossip", "Karlov", "Ivo", "Brandt", "Karsten", "Blohm", "Lena", "Fabre", "Jonas", "Weill"}
    )


def test_rejected_text_has_a_hash() -> None:
    """What could be read is known by its content even when no story is in it."""
    assert content_hash("Voir plus") == processed(b"Voir plus")["content_hash"]


def test_a_file_over_the_limit_is_rejected() -> None:
    """As intake would."""
    raw = RawArticle("a.txt", None, b"x" * 11)
    found = process(raw, load_recogniser("null"), max_bytes=10)
    assert (found["disposition"], found["reason"]) == (
        "rejected",
        "too-large: the file has more than 10 bytes",
    )
