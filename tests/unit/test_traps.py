"""Lines of stories that look like something else, and lines that once brought clean to a halt."""

from __future__ import annotations

import pytest

from worker.core.clean import clean
from worker.core.clean.decode import Decoded
from worker.core.clean.segments import Stretch
from worker.core.clean.structure.headlines import above_headline, bare_headline
from worker.core.clean.structure.outline import Piece
from worker.core.clean.structure.pieces import cut
from worker.errors import Permanent

OPENING = "Le phare de Kribi accueille de nouveau le public depuis lundi, a annoncé la mairie."
CLOSING = "Les travaux ont coûté deux millions d’euros, selon le maire."


def whole(line: str) -> Stretch:
    return Stretch(0, len(line))


@pytest.mark.parametrize(
    "line",
    [
        "Share prices fell on Monday after Meta, owner of Facebook, missed forecasts.",
        "Follow-up talks on the Facebook case resume Monday.",
        "Sign in to vote at the port",
        "Nous utilisons moins de sucre dans nos cookies, explique la boulangère.",
        "Merci de votre accueil, a lancé le maire sur Facebook.",
        "Soyez prudents, dit la police sur Facebook.",
        "La désinformation prospère sur les réseaux sociaux",
        "Tải trọng cầu vượt kênh được nâng lên 30 tấn.",
        "Mời thầu dự án nạo vét kênh",
        "Hãy bảo vệ tài khoản của bạn, công an khuyến cáo.",
        "Copyright law changes in Europe",
        "Tous droits réservés à la presse, dit le maire",
        "Vietnam - France",
        "Santé, éducation",
        "100 fois",
        "À gauche, on s’inquiète de la fermeture du phare.",
        "À droite, le parti gagne",
        "Crédits : la Banque mondiale accorde 3 milliards au Vietnam",
        "Images : un drone filme le phare",
        "Photos : le phare rouvre ses portes",
        "Credit: the bank lends more",
        "Hình ảnh 3D về ngọn hải đăng",
        "Prix : 3 000 francs ; poids : 2 kilos ;",
        "La balise <script> sert aux programmes, dit-elle aux élèves.",
        "<le port de Kribi>",
        "Publié le 10/03/2026, le rapport montre que le phare ferme.",
        "Créée le 10/03/2026, l’association aide les marins.",
        "Jean Dupont (LFI) – Le député du port",
        "Organisation de la Santé (OMS) – Le phare",
        "Tại Hà Nội (TTXVN) đã khai trương ngọn hải đăng.",
        "Kribi (AFP) œuvre à la réouverture.",
        "J’ai vu des « corps voler dans les airs » , « c’était un carnage » , a dit un témoin.",
        "Football – Le club s’entraîne au phare.",
        "Le pont est ouvert. (UE)",
        "Le pont est ouvert. (OTAN)",
        "oui/non",
        "By Christmas Day",
        "Par Notre Dame",
    ],
)
def test_stays_in_the_story(line: str) -> None:
    """A line of a story that shares words with what surrounds stories stays in it."""
    text = f"Le phare rouvre aux visiteurs\n\n{OPENING}\n\n{CLOSING}\n\n{line}\n\n{CLOSING}"
    assert line in clean(Decoded(text, "utf-8")).body


@pytest.mark.parametrize(
    "line",
    [
        "-" * 60 + ">",
        "a-" * 40 + "=",
        "-" * 200 + "{",
        "." * 200 + "}",
        "10 AVRİL 2026",
        "Publié le 10 juıllet 2026",
        "Photo : " * 40,
        "(" * 200,
        "<a " * 60,
        "#" * 200,
    ],
)
def test_ends(line: str) -> None:
    """No line takes for ever, and none brings clean down."""
    text = f"Le phare rouvre aux visiteurs\n\n{OPENING}\n\n{line}\n\n{CLOSING}"
    assert OPENING in clean(Decoded(text, "utf-8")).body


def test_agency_in_brackets_amid_a_story() -> None:
    """An agency that a paragraph is taken from does not end the story, headings or not."""
    text = f"Le phare rouvre\n\n{OPENING} (AFP)\n\nUne longue attente\n\n{OPENING}\n\n{CLOSING}"
    assert clean(Decoded(text, "utf-8")).body.endswith(f"{OPENING}\n\n{CLOSING}")


def test_beginnings_of_stories() -> None:
    """A page that shows how several stories begin is none of them; one such button is a button."""
    item = f"Une longue attente\n\n{OPENING}\n\nLire la suite\n\n"
    assert clean(Decoded(f"Le phare rouvre\n\n{item}{CLOSING}", "utf-8")).body
    with pytest.raises(Permanent):
        clean(Decoded(item + item.replace("attente", "route"), "utf-8"))


def test_links_in_a_short_story() -> None:
    """Two headlines in the middle of a story do not make a list of teasers of it."""
    links = (
        "La pêche reprend au large de Kribi après un mois d’arrêt\n\n"
        "Le marché aux poissons de Douala change de quartier"
    )
    text = f"Le phare de Kribi rouvre aux visiteurs\n\n{OPENING}\n\n{links}\n\n{CLOSING}"
    article = clean(Decoded(text, "utf-8"))
    assert article.body == f"{OPENING}\n\n{CLOSING}"
    assert len(article.related) == 2


@pytest.mark.parametrize(
    "headline",
    [
        "Saint-Jean-de-Luz",
        "Un phare ouvert",
        "Paris 2024",
        "Kribi-Douala-Yaoundé : le train roule",
    ],
)
def test_short_headlines(headline: str) -> None:
    """A short headline above another line is no slug and no section's name."""
    text = f"{headline}\nUne foule attendait depuis l’aube sur le port\n{OPENING}"
    lines = [piece.stretch for piece in cut(text, None)]
    assert not [each for each in above_headline(text, lines) if each.part == "header"]
    if len(headline.split()) > 2:
        assert above_headline(text, lines) == []


@pytest.mark.parametrize(
    ("line", "bare"),
    [
        ("Retour sur le 13 mai 2026", "Retour sur le 13 mai 2026"),
        ("Le port rouvre le 13 mai 2026", "Le port rouvre le 13 mai 2026"),
        ("Le port rouvre 13/05/2026 17:45", "Le port rouvre"),
        ("Le port rouvre | 13 mai 2026", "Le port rouvre"),
    ],
)
def test_days_in_headlines(line: str, bare: str) -> None:
    """A day in figures is no part of a headline; one in words may be."""
    assert bare == bare_headline(line, whole(line)).of(line)


@pytest.mark.parametrize(
    ("line", "look"),
    [
        ("Last updated: March 4, 2026", "header"),
        ("@media (max-width: 600px) {", "tracking"),
        ("/* pub */", "tracking"),
        ('"name": "Kribi",', "tracking"),
        ("Subscribe to our newsletter", "navigation"),
        ("Suivez VietnamPlus sur Facebook", "navigation"),
        ("Recevez chaque matin l’essentiel de l’actualité", "navigation"),
        ("Đăng ký nhận bản tin", "navigation"),
        ("© 2026 Le Fil du Sud. Tous droits réservés.", "navigation"),
    ],
)
def test_is_no_story(line: str, look: str) -> None:
    """And these are told for what they are."""
    assert [Piece] == list({type(piece) for piece in cut(line, None)})
    assert look in [piece.look for piece in cut(line, None)]


def test_tag_at_the_end_of_a_line() -> None:
    """A tag that parts two lines is in neither, and in nothing twice."""
    text = f"Le phare rouvre\n\n{OPENING}\n\nLe maire</b>\ns’en réjouit.\n\n{CLOSING}"
    article = clean(Decoded(text, "utf-8"))
    assert "Le maire\n\ns’en réjouit." in article.body
    assert [text[each.start : each.end] for each in article.removed if each.kind == "tracking"] == [
        "</b>"
    ]
