"""What an article says of itself to editors, and what only looks so."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from worker.core.article import CleanArticle, Stated
from worker.core.clean import clean
from worker.core.clean.decode import decode
from worker.core.stories.notices import headline_in, is_slug

HEADLINE = "Le bac de Farafenni reprend ses rotations"
STORY = (
    "Kaolack (APS) – Le bac qui relie les deux rives du fleuve a repris ses rotations mardi, après "
    "six semaines d’arrêt, a indiqué le capitaine du port, Modou Sarr. Il porte 24 camions.\n\n"
    "La réparation du moteur a coûté 310 millions de francs CFA, selon la direction des Transports "
    "fluviaux, qui promet un second bac pour la saison des pluies. Les chauffeurs en doutent.\n\n"
    "APS\n"
)


def read(*paragraphs: str, file: str = "") -> CleanArticle:
    """What clean makes of a file with these paragraphs."""
    return clean(decode("\n\n".join(paragraphs).encode()), file)


def stated(*paragraphs: str) -> Stated | None:
    return read(*paragraphs).stated


@pytest.mark.parametrize(
    ("line", "kind", "number"),
    [
        ("RECTIFICATIF", "correction", None),
        ("Rectificatif", "correction", None),
        ("(Rectificatif)", "correction", None),
        ("*** CORRECTION ***", "correction", None),
        ("CORRECTIF", "correction", None),
        ("RECTIFICATION", "correction", None),
        ("ERRATUM", "correction", None),
        ("CORRECTED", "correction", None),
        ("CLARIFICATION", "correction", None),
        ("Annule et remplace", "correction", None),
        ("URGENT - RECTIFICATIF", "correction", None),
        ("GAMBIE-SENEGAL-TRANSPORTS-RECTIFICATIF", "correction", None),
        ("Gambie-Sénégal-transports (Rectificatif)", "correction", None),
        ("CORRECTED-UPDATE 1", "correction", 1),
        ("ACTUALISATION", "update", None),
        ("ACTUALISÉ", "update", None),
        ("ACTUALISE", "update", None),
        ("MISE À JOUR", "update", None),
        ("Update", "update", None),
        ("UPDATE 2", "update", 2),
        ("Lead", "update", None),
        ("1er lead", "update", 1),
        ("2e lead", "update", 2),
        ("3rd lead", "update", 3),
        ("LEAD 2", "update", 2),
        ("2nd Ld-Writethru", "update", 2),
        ("GAMBIE-TRANSPORTS, 2E LEAD", "update", 2),
        ("(Développement)", "update", None),
        ("2e développement", "update", 2),
        ("ANNULATION", "withdrawal", None),
        ("ANNULE", "withdrawal", None),
        ("KILL", "withdrawal", None),
        ("MANDATORY KILL", "withdrawal", None),
        ("Advisory kill", "withdrawal", None),
    ],
)
def test_a_slug_on_a_line_of_its_own(line: str, kind: str, number: int | None) -> None:
    """It is found, and is no part of the story."""
    article = read(line, HEADLINE, STORY)
    assert article.stated == Stated(kind, number, (HEADLINE,))  # type: ignore[arg-type]
    assert (article.title, article.dateline and article.dateline.agency) == (HEADLINE, "APS")
    assert article.body == read(HEADLINE, STORY).body


@pytest.mark.parametrize(
    ("title", "kind", "number"),
    [
        (f"RECTIFICATIF - {HEADLINE}", "correction", None),
        (f"RECTIFICATIF : {HEADLINE}", "correction", None),
        (f"RECTIFICATIF/ {HEADLINE}", "correction", None),
        (f"(Rectificatif) {HEADLINE}", "correction", None),
        (f"Rectificatif : {HEADLINE}", "correction", None),
        (f"{HEADLINE} (RECTIFICATIF)", "correction", None),
        (f"CORRECTION - {HEADLINE}", "correction", None),
        (f"CORRECTED-UPDATE 2-{HEADLINE}", "correction", 2),
        (f"UPDATE 2-{HEADLINE}", "update", 2),
        (f"Update: {HEADLINE}", "update", None),
        (f"LEAD - {HEADLINE}", "update", None),
        (f"2e lead : {HEADLINE}", "update", 2),
        (f"{HEADLINE} (Actualisation)", "update", None),
        (f"{HEADLINE} (LEAD 3)", "update", 3),
        (f"{HEADLINE} - 2e lead", "update", 2),
        (f"KILL - {HEADLINE}", "withdrawal", None),
        (f"(ANNULATION) {HEADLINE}", "withdrawal", None),
    ],
)
def test_a_slug_beside_the_headline(title: str, kind: str, number: int | None) -> None:
    """It is found, and the title is the headline."""
    article = read(title, STORY)
    assert article.stated == Stated(kind, number, (HEADLINE,))  # type: ignore[arg-type]
    assert article.title == HEADLINE
    assert article.body == read(HEADLINE, STORY).body


@pytest.mark.parametrize(
    "title",
    [
        "Annulation du sommet de Genève",
        "L’annulation de la dette en débat",
        "ANNULATION : LES CLUBS PROTESTENT",
        "ANNULATION : Les clubs protestent",
        "RETRAIT : la France quitte le Mali",
        "RETRAIT – La France quitte le Mali",
        "Mise à jour du plan national de vaccination",
        "Mise à jour : le plan national change",
        "Correction : la Bourse perd trois pour cent",
        "Forte correction à la Bourse (de Paris)",
        "Kill Bill revient en salles",
        "Kill the bill: protests in London",
        "LEAD-Free petrol comes to Lagos",
        "Lead: the metal that will not go",
        "Le Parlement annule et remplace la loi",
        "Concert de Youssou Ndour (ANNULÉ)",
        "Clarification : le ministre répond",
        "Le rectificatif budgétaire est voté",
        "Update de la flotte à Kaolack",
    ],
)
def test_headlines_with_such_words(title: str) -> None:
    """They are news, and stay as they are."""
    article = read(title, STORY)
    assert (article.title, article.stated) == (title, None)


@pytest.mark.parametrize(
    "line",
    [
        "Développement",
        "Agriculture-Développement",
        "MALI-ARMEE-RETRAIT",
        "Mise à jour",
        "Annulation",
        "Lead, zinc",
        "RETRAIT",
        "Mis à jour le 12 mai 2026 à 10h30",
        "Mise à jour : 12/05/2026",
        "UPDATED: 12 May 2026",
        "UPDATED\n12 May 2026",
        "Dernière mise à jour le 12 mai 2026",
    ],
)
def test_lines_of_a_page(line: str) -> None:
    """Sections, topics and the day of a page's last change say nothing of the story."""
    assert stated(line, HEADLINE, STORY) is None


@pytest.mark.parametrize(
    "note",
    [
        "(Corrects figure in paragraph 3)",
        "(This version CORRECTS the name of the captain.)",
        "(Corrige le montant au 2e paragraphe)",
        "ATTENTION - RECTIFIE le nombre de camions ///",
        "RECTIFICATIF : bien lire « 310 millions » au lieu de « 130 millions ».",
        "Correction : dans notre dépêche d’hier, lire 24 camions et non 42.",
        "ERRATUM : une erreur s’est glissée dans le premier paragraphe.",
        "Bien lire au deuxième paragraphe Modou Sarr, et non Momodou Sarr.",
        "Cette dépêche annule et remplace la précédente.",
        "This story has been corrected to fix the name of the captain.",
        "An earlier version of this story misstated the number of lorries.",
        "Cet article a été corrigé.",
    ],
)
@pytest.mark.parametrize("at", [0, 1, 2])
def test_notes_that_correct(note: str, at: int) -> None:
    """Above the headline, below it and at the foot; the story keeps its title."""
    paragraphs = [HEADLINE, STORY]
    article = read(*paragraphs[:at], note, *paragraphs[at:])
    assert article.stated is not None
    assert (article.title, article.stated.kind) == (HEADLINE, "correction")
    assert HEADLINE in article.stated.about


@pytest.mark.parametrize(
    "note",
    [
        "(Adds details, background)",
        "(Updates with quotes from the captain)",
        "(Actualisé avec des réactions de chauffeurs)",
        "ATTENTION - ACTUALISE avec des précisions du port ///",
        "Eds: UPDATES throughout.",
    ],
)
def test_notes_that_go_on(note: str) -> None:
    """They name what is new; a page that was updated names a day."""
    said = stated(HEADLINE, note, STORY)
    assert said == Stated("update", None, (HEADLINE,))


@pytest.mark.parametrize(
    "note",
    [
        "Merci de ne pas tenir compte de notre article intitulé « {} ».",
        "Merci de ne pas tenir compte de l’article intitulé « {} »",
        "Prière à nos abonnés de ne pas utiliser la dépêche publiée mardi sous le titre “{}”.",
        'Prière de ne plus diffuser la dépêche "{}".',
        "Nous vous prions de bien vouloir ne pas tenir compte de notre dépêche « {} ».",
        "Veuillez annuler notre dépêche « {} », dont les chiffres sont faux.",
        "Kaolack (APS) – Notre dépêche intitulée {}, diffusée mardi, est annulée.",
        "Nous annulons notre dépêche « {} ».",
        "Editors: Please kill the story headlined “{}”. The story is wrong.",
        "Please disregard our story headlined '{}' moved on Tuesday.",
        "The story headlined “{}” has been withdrawn. There will be no substitute.",
        "Our report “{}” is being withdrawn.",
    ],
)
@pytest.mark.parametrize("slug", ["", "ANNULATION\n\n", "MANDATORY KILL\n\n"])
@pytest.mark.parametrize("foot", ["", "\n\nAPS"])
def test_notes_that_withdraw(note: str, slug: str, foot: str) -> None:
    """However short they are they are articles, and name the headline of what they withdraw."""
    article = read(f"{slug}{note.format(HEADLINE)}{foot}")
    assert article.stated == Stated("withdrawal", None, (HEADLINE,))
    assert HEADLINE in article.body


def test_a_withdrawal_under_the_headline_itself() -> None:
    """It is about that, be it alone, with a plea or with a reason."""
    plea = "Prière de ne pas utiliser cette dépêche."
    reason = "L’APS a retiré cette dépêche, dont les chiffres étaient erronés."
    about = Stated("withdrawal", None, (HEADLINE,))
    assert stated("ANNULATION", HEADLINE) == about
    assert stated("ANNULATION", HEADLINE, "APS") == about
    assert stated("KILL", HEADLINE, plea) == about
    assert stated(f"ANNULATION : {HEADLINE}", plea) == about
    assert stated(f"RETRAIT - {HEADLINE}", reason) == about
    assert stated("RETRAIT", HEADLINE, reason) == about


def test_a_plea_above_another_story_corrects() -> None:
    """What is to be used in its place follows."""
    plea = "Merci de ne pas tenir compte de la version précédente de cette dépêche."
    for head in ("ANNULE ET REMPLACE", "RECTIFICATIF"):
        assert stated(head, HEADLINE, plea, STORY) == Stated("correction", None, (HEADLINE,))
    assert stated(HEADLINE, plea, STORY) == Stated("correction", None, (HEADLINE,))
    follows = "Notre dépêche « Le bac rouvre mardi » est annulée. Une version corrigée suivra."
    assert stated(follows) == Stated("withdrawal", None, ("Le bac rouvre mardi",))


@pytest.mark.parametrize(
    "paragraph",
    [
        "Merci de ne pas utiliser de sacs en plastique à bord, disent les affiches du bac.",
        "L’article 7 du projet de loi a été supprimé par les sénateurs, qui l’ont remplacé.",
        "The Lancet has retracted its article on river blindness, its editor said on Monday.",
        "Le ministre demande aux journaux de ne pas publier ces informations avant mardi.",
        "Le gouvernement a annulé et remplacé le décret, qui corrige une erreur.",
        "Le préfet a retiré les articles les plus contestés de son arrêté.",
        "(Le capitaine corrige le cap.)",
    ],
)
def test_stories_that_tell_of_such_things(paragraph: str) -> None:
    """They are told to readers, not to editors."""
    assert stated(HEADLINE, paragraph, STORY) is None
    assert stated(paragraph, STORY) is None


def test_teasers_are_not_asked() -> None:
    """What another story behind this one says is not said of this one."""
    assert stated(HEADLINE, STORY, "Voir plus", "Un pont à Kaolack (Rectificatif)") is None


def test_a_correction_alone() -> None:
    """A note without the story is an article, and names what it corrects."""
    note = f"Dans notre dépêche intitulée « {HEADLINE} », bien lire 24 camions et non 42."
    article = read("RECTIFICATIF", note, "APS")
    assert article.stated == Stated("correction", None, (HEADLINE,))
    assert (article.title, article.body, article.signature) == (None, note, "APS")


def test_pages() -> None:
    """The title that a page states loses its slug; a page that is called so does not."""
    page = "<html><body><article><h1>{}</h1><p>" + STORY.replace("\n\n", "</p><p>") + "</article>"
    corrected = read(page.format(f"RECTIFICATIF - {HEADLINE}"), file="a.html")
    assert (corrected.title, corrected.stated) == (
        HEADLINE,
        Stated("correction", None, (HEADLINE,)),
    )
    assert read(page.format(HEADLINE), file="a.html").stated is None


@given(st.text(alphabet="RECTIFadlkupe 2-–:()/'«»\n.", max_size=150))
@example("UPDATE 2-")
@example("()")
def test_any_title(title: str) -> None:
    """Its headline is a part of it with nothing but notices around, and a slug is a slug still."""
    start, end = headline_in(title)
    assert 0 <= start <= end <= len(title)
    assert headline_in(title[start:end]) == (0, end - start) or title[start:end] != title
    assert is_slug(title) in (True, False)
