"""Lines that belong to a page, and lines of a story that share their words."""

from __future__ import annotations

import pytest

from worker.core.clean.segments import Stretch
from worker.core.clean.structure.furniture import furniture


def kind(line: str, *, opening: bool = False) -> str | None:
    return furniture(line, Stretch(0, len(line)), opening=opening)


@pytest.mark.parametrize(
    "line",
    [
        "Voir plus",
        "VOIR\xa0PLUS…",
        "Read more >>",
        "Xem thêm:",
        "Tin khác",
        "Dernières nouvelles",
        "- Autres articles -",
        "Plus d’articles",
        "Most read",
        "À la une",
    ],
)
def test_more(line: str) -> None:
    """Announcements of other stories, in any letters and between any signs."""
    assert kind(line) == "more"


@pytest.mark.parametrize(
    "line",
    [
        "Sur le même sujet",
        "LIRE AUSSI",
        "À lire aussi :",
        "Articles liés",
        "Related stories",
        "Tin liên quan",
        "Tin, bài liên quan",
    ],
)
def test_related(line: str) -> None:
    """Announcements of stories on the same matter."""
    assert kind(line) == "related"


@pytest.mark.parametrize(
    "line",
    [
        "3 commentaires",
        "Commentaires (3)",
        "Comments",
        "Laisser un commentaire",
        "Leave a comment",
        "Bình luận (2)",
        "Ý kiến bạn đọc",
        "Réagir à cet article",
        "À propos de l’auteur",
    ],
)
def test_comments(line: str) -> None:
    """What heads the words of readers, or of the author about himself."""
    assert kind(line) == "comments"


@pytest.mark.parametrize(
    "line",
    [
        *("Lire la suite", "Lire la suite…", "Lire l’article", "Lire le reportage", "Read on"),
        *("Read the full story", "Xem chi tiết", "Se désabonner | Modifier mes préférences"),
    ],
)
def test_read_on(line: str) -> None:
    """What stands below the beginning of a story says that it is only that."""
    assert kind(line) == "read-on"


@pytest.mark.parametrize(
    "line", ["La suite demain", "Lire le journal au phare", "Read the room, he said."]
)
def test_not_read_on(line: str) -> None:
    """A sentence about reading is none."""
    assert kind(line) is None


@pytest.mark.parametrize(
    "line",
    [
        "source",
        ">>",
        "***",
        "Imprimer",
        "Imprimer Envoyer par mail",
        "Partager cet article",
        "Partager sur Facebook",
        "Share on Facebook",
        "Chia sẻ",
        "Facebook | Imprimer",
        "Accueil > Monde > Afrique",
        "Mots-clés : phare, Kribi",
        "Tags: lighthouse",
        "Từ khóa: hải đăng",
        "#phare #Kribi",
        "1 234 vues",
        "3 min de lecture",
        "10:30",
        "A+ A-",
        "© ACAP 2026",
        "Tous droits réservés",
        "All rights reserved.",
        "acap.example",
        "redaction@acap.example",
        "https://acap.example/phare",
        "Abonnez-vous à notre newsletter",
        "Suivez-nous sur Facebook",
        "Follow us on Facebook",
        "Votre adresse e-mail",
        "(NDLR : le phare est fermé)",
        "(This story has been updated.)",
        "Publicité",
        "Quảng cáo",
        "(Fin)",
    ],
)
def test_navigation(line: str) -> None:
    """Buttons, paths, counters, rights, addresses and prompts are controls of the page."""
    assert kind(line) == "navigation"


@pytest.mark.parametrize(
    "line", ["Politique", "Économie", "Thời sự", "Sports", "Kribi | Cameroun", "Kribi > Le port"]
)
def test_sections(line: str) -> None:
    """A section's name is one at the head of a file; below, it may be a heading of the story."""
    assert kind(line, opening=True) == "navigation"
    assert kind(line) is None


@pytest.mark.parametrize(
    "line",
    [
        "Voir plus loin",
        "Voir plus loin, c’est le métier du gardien.",
        "La source",
        "La source du fleuve est à sec.",
        "Fin du monde",
        "Le commentaire",
        "Les commentaires du maire",
        "Dossier : le phare",
        "Partager les eaux du fleuve",
        "Partager le fleuve par la négociation",
        "Imprimer sa marque au port",
        "Santé publique",
        "Le Monde",
        "La France",
        "Kribi",
        "Oui",
        "5",
        "12",
        "1.",
        "Inflation : 3 % | Chômage : 5 %",
        "Kribi 3 – Douala 2",
        "Menu du jour au port",
        "Le phare compte 1 234 vues sur la mer.",
        "Suivez le guide, dit le gardien du phare.",
        "Abonnés absents au port",
        "© ACAP",
        "Follow the light, says the keeper",
        "Xem thêm nhiều điều ở cảng",
        "Tin vui ở cảng Kribi",
        "(Rires)",
        "(Kribi)",
    ],
)
@pytest.mark.parametrize("opening", [True, False])
def test_lines_of_a_story(line: str, opening: bool) -> None:  # noqa: FBT001 - both must hold
    """Only a line that is nothing else is furniture."""
    assert kind(line, opening=opening) is None


def test_long_lines() -> None:
    """No control of a page is as long as a paragraph."""
    line = f"Abonnez-vous {'à nos nouvelles du port ' * 10}sur Facebook"
    assert kind(line) is None
    assert kind("Abonnez-vous à nos nouvelles du port sur Facebook") == "navigation"
