"""Lost spaces are put back, and nothing else is touched."""

import random
import sys
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.quality import glue as quality
from worker.core.clean.glue import missing_spaces, warm_up
from worker.core.clean.glue.wrapping import Break, Line, Width, estimate, line_ends

warm_up()


def repaired(*paragraphs: str) -> list[str]:
    """The paragraphs of one story with the spaces put back."""
    found = missing_spaces(paragraphs)
    return [
        "".join(paragraph[start:end] + " " for start, end in pairwise([0, *offsets, None]))[:-1]
        for paragraph, offsets in zip(paragraphs, found, strict=True)
    ]


@pytest.mark.parametrize(
    "sentence",
    [
        "Le vice-Premier|ministre vietnamien a reçu son homologue russe à Hanoï.",
        "Ils sont|également co-présidents du Comité intergouvernemental.",
        "Les deux ministres ont chargé les|sous-comités de continuer à collaborer.",
        "Le partenariat entre les deux pays,|notamment dans les secteurs piliers.",
        "Le vice-Premier ministre Trinh Dinh|Dung. Trinh Dinh Dung a reçu les experts.",
        "Les échanges ont connu une croissance de|13% en variation annuelle.",
        "Ils recherchent des mesures propres|à intensifier les relations.",
        "Ils doivent collaborer pour|avancer des solutions efficaces.",
        "Ils ont constaté|que la Russie avait collaboré avec le Vietnam.",
        "Il faut assurer une mise en|oeuvre efficace de l’accord.",
        "Il a été invité par le secrétaire|d'État américain à la Défense.",
        "Ils se sont vus à Washington|(heure locale) le 25 mars dernier.",
        "Il affirme que les États-Unis|soutenaient la coopération dans la région.",
        "Les deux|parties ont également discuté de la question.",
        "Il a affirmé que les|États-Unis valorisent leur partenariat avec le|Vietnam.",
        "Ils ont convenu de coordonner activement|l'organisation d'activités communes.",
        "Elle a été élue à la tête de l'ONU.|Les pays membres ont salué ce choix.",
        "Le chef du gouvernement, M.|Dupont, a reçu la presse.",
        "La 13e|étape du Tour de France part de Paris samedi matin.",
        "La hausse atteint 13%|des revenus des ménages du pays.",
        "Il a déclaré : « Nous sommes prêts »|avant de quitter la salle de presse.",
    ],
)
def test_a_lost_space_is_put_back(sentence: str) -> None:
    """Wherever it was lost: between words, names, punctuation, digits."""
    assert repaired(sentence.replace("|", "")) == [sentence.replace("|", " ")]


GLUED = (
    "Les deux vice-Premiersministres ont déclaré se réjouir que les échanges commerciaux "
    "bilatéraux entrele Vietnam et la Russie aient atteint 4,1 milliards de dollars au cours "
    "desneuf premiers mois 2020 malgré les impacts de la crise."
)
PROTECTED = (
    *("VietnamPlus", "YouTube", "iPhone", "McDonald", "VinFast", "TikTok", "PowerPoint"),
    *("LinkedIn", "WhatsApp", "COVID-19", "ASEAN+3", "G20", "5G", "13%", "10h30", "1er", "23e"),
    *("A320", "F-16", "3.110", "http://www.vnanet.vn/unepage", "prenom.nom@journal.fr"),
    *("#lesdeuxpays", "@lesdeuxpays", "chinhphu.vn", "l'UE", "aujourd'hui", "etc.", "Nguyên"),
    *("VietJet", "Vietcombank", "A/H5N1", "H5N1", "km/h", "3-0", "J.-C.", "U.S.", "n°4", "XXe"),
    *("CO2", "m2", "20km", "VNA/CVN", "député(e)s", "directeur(trice)s", "A(H1N1)", "O'Brien"),
    *("N'Djamena", "presqu'île", "Booking.com", "mRNA", "eBay", "c'est-à-dire", "cybersécurité"),
    *("multilatéralisation", "dédollarisation", "agrotourisme", "technques", "Whasington"),
    *("VOVWORLD", "lui-même", "vietnamo-coréen", "élu(e)", "2,5", "19h", "main-d'oeuvre"),
)


@pytest.mark.parametrize("token", PROTECTED)
def test_a_whole_token_is_left_alone(token: str) -> None:
    """Names with capitals inside, figures, addresses, new words and slips of the pen."""
    sentence = (
        f"Le ministre vietnamien a déclaré mardi à Hanoï que {token} reste une priorité pour les "
        "deux pays, selon un communiqué du gouvernement publié dans la soirée."
    )
    assert missing_spaces([sentence]) == [[]]


@pytest.mark.parametrize("token", [each for each in PROTECTED if each != "VOVWORLD"])
def test_glue_nearby_is_no_reason_to_split(token: str) -> None:
    """In a glued story, too, a token at another place than a line's end is left whole."""
    sentence = (
        "Le ministre vietnamien des Affaires étrangères a déclaré mardi soir à la presse de la "
        f"capitale que {token} reste une priorité pour les deux pays de la région."
    )
    assert repaired(GLUED, sentence)[1] == sentence


@pytest.mark.parametrize(
    "paragraph",
    [
        (
            "HANOI (Reuters) - Vietnam will pay households for electricity they store in "
            "homebatteries and send back to thegrid, the government said onMonday."
        ),
        (
            "Thủ tướng Chính phủ Phạm Minh Chính đã chủ trì cuộc họp về phát triển kinhtế xã hội "
            "năm nay tạiHà Nội với sự tham gia của các bộ trưởng."
        ),
        (
            "El presidente del gobierno español anunció este lunes que laeconomía del país creció "
            "un dos por ciento en el último año, según datosoficiales."
        ),
        (
            "Der Bundeskanzler hat am Montag in Berlin erklärt, dass dieRegierung die "
            "Verhandlungen mit den Ländern fortsetzen wird."
        ),
    ],
)
def test_other_languages_are_left_alone(paragraph: str) -> None:
    """A story in another language, and a quotation in a French one."""
    assert missing_spaces([paragraph]) == [[]]
    assert missing_spaces([GLUED, paragraph])[1] == []


def test_french_without_accents_is_left_alone() -> None:
    """``touchees`` is no glue of ``touche`` and ``es``: no word of such a story can be judged."""
    story = "Les regions touchees par la secheresse ont ete declarees sinistrees apres ces deces. "
    assert missing_spaces([story.strip()] * 8) == [[]] * 8


def test_a_name_of_the_document_is_a_word() -> None:
    """A name that no list has is told from what is glued to it by its other occurrences."""
    glued = "M. Zwqrtkovont annoncé la signature de cet accord avec les autorités du pays."
    known = "La ministre et M. Zwqrtkov ont signé un accord. Les experts de M. Zwqrtkov aussi."
    assert repaired(known, glued)[1] == glued.replace("Zwqrtkovont", "Zwqrtkov ont")


def test_glue_elsewhere_makes_glue_likelier() -> None:
    """``Sonet`` might be a name; in a story that lost other spaces it is not."""
    glued = "Le ministre Bui Thanh Sonet son homologue américain ont coprésidé le dialogue à Hanoï."
    known = "Le vice-Premier ministre Bui Thanh Son a souligné l'importance de ces relations."
    assert repaired(known, GLUED, glued)[2] == glued.replace("Sonet", "Son et")


def test_one_width_explains_the_lines() -> None:
    """Lines of one width that are broken where the next word would not have fitted."""
    lines = [Line(74, 5), Line(70, 9), Line(75, 3), Line(73, 12), Line(68, 8)]
    width = estimate([], lines)
    assert 74 <= width.mean <= 77


def test_a_line_end_foretells_the_next() -> None:
    """Of two doubtful places the one is likelier that is a line after a sure one."""
    width = Width(76.0, 2.2, 0.5)
    spaces = [Break(at, at + 1, -2.0) for at in range(5, 160, 6) if at not in {71, 107, 149}]
    sure, early, due = Break(72, 72, 9.0), Break(108, 108, 1.0), Break(146, 146, 1.0)
    breaks = sorted([*spaces, sure, early, due])
    likely = dict(zip(breaks, line_ends(160, breaks, width), strict=True))
    assert likely[sure] > 0.9
    assert likely[due] > 0.8
    assert likely[early] < 0.1


def test_repaired_text_needs_no_repair() -> None:
    """What was put right once stays."""
    again = 0
    for number, story in enumerate(quality.held_out()[:40]):
        paragraphs, _ = quality.glue(story.paragraphs, random.Random(number), 0.8)  # noqa: S311
        again += sum(map(len, missing_spaces(repaired(*paragraphs))))
    assert again <= 1


PIECES = st.sampled_from(
    [
        *"aeiou .,'’-()«»%0123456789é",
        "le",
        "deux",
        "ministre",
        "Vietnam",
        "pays,",
        "de13%",
        "\u0301",
    ]
)


@given(st.lists(st.lists(PIECES, max_size=60).map("".join), max_size=4))
@settings(max_examples=200)
def test_only_spaces_are_put(texts: list[str]) -> None:
    """Offsets ascend, lie inside, and no space is put beside another."""
    paragraphs = [" ".join(text.split()) for text in texts]
    found = missing_spaces(paragraphs)
    assert len(found) == len(paragraphs)
    for paragraph, offsets in zip(paragraphs, found, strict=True):
        assert offsets == sorted(set(offsets))
        for at in offsets:
            assert 0 < at < len(paragraph)
            assert " " not in paragraph[at - 1 : at + 1]


def steps(paragraphs: list[str]) -> int:
    """Calls of functions that a repair takes: a measure of work that no clock disturbs."""
    count = 0

    def count_call(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(count_call)
    try:
        missing_spaces(paragraphs)
    finally:
        sys.setprofile(None)
    return count


@pytest.mark.parametrize(
    "piece",
    ["a", "1", "\u0301", ">>", "a-", "l'", "(", ".", "Aa", "pays,", "a ", "- ", "13% ", "lesdeux "],
)
def test_hostile_text_takes_work_in_proportion(piece: str) -> None:
    """Eight times the text takes no more than some eight times the work, and not much of it."""
    few, many = (steps([GLUED, piece * size, "été " * (size // 20)]) for size in (1_000, 8_000))
    assert many < 10 * few
    assert many < 70 * 8_000
