"""Deliveries and stories for tests."""

from __future__ import annotations

import itertools
import random
import re
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, cast

from tests.quality.mentions import article
from worker import intake, ledger
from worker.articles import write
from worker.contents import claim
from worker.core.article import ENRICHER, EnrichedArticle, Label, Mention, Stated
from worker.core.persist import rows
from worker.core.stories.told import told
from worker.judgements import in_force
from worker.stories import place

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sqlalchemy import Connection

_number = itertools.count(1)

MAX_BYTES = 100_000


def story(title: str | None = None) -> str:
    """A French wire story that no other call returns."""
    number = next(_number)
    return (
        f"{title or f'Le port de Lomé reçoit son navire numéro {number}'}\n\n"
        f"Lomé (ATOP) – Le navire numéro {number} est arrivé mardi au port de Lomé, a déclaré "
        "Afi Mensah, directrice du port. Il apporte du matériel pour les écoles du Togo.\n\n"
        "Le déchargement doit durer trois jours, selon le ministère des Transports. -ATOP\n"
    )


def arrived(
    content: str | bytes | None = None, *, file: str = "a.txt", feed: str | None = None
) -> intake.Arrived:
    """A file that has arrived, with a story that is new unless told otherwise."""
    data = story() if content is None else content
    raw = data.encode() if isinstance(data, str) else data
    kept = raw if len(raw) <= MAX_BYTES else None
    return intake.Arrived(f"test:{uuid.uuid4()}", feed, file, len(raw), kept)


def deliver(
    connection: Connection, *contents: str | bytes | None, feed: str | None = None
) -> Sequence[int]:
    """Deliver files with these contents (None: a new story); returns the deliveries' ids."""
    files = [arrived(content, feed=feed) for content in contents]
    return [delivered.id for delivered in intake.deliver(connection, files, MAX_BYTES)]


def enriched(
    body: str,
    names: Mapping[str, str],
    *,
    recogniser: str = "rotative-fr-1.0",
    enricher: str = ENRICHER,
) -> EnrichedArticle:
    """A French article in which each of these surfaces was found, wherever it stands, as a key."""
    mentions = [
        Mention("body", hit.start(), hit.end(), surface, _label(key), surface, key)
        for surface, key in names.items()
        for hit in re.finditer(re.escape(surface), body)
    ]
    clean = article({"title": "Un titre", "body": body})
    in_order = tuple(sorted(mentions, key=lambda mention: mention.start))
    return EnrichedArticle(clean, "fr", in_order, recogniser, enricher, "model")


def _label(key: str) -> Label:
    return cast("Label", key.partition(":")[0].upper())


_WORDS = """
accord affaire agence agriculteur aide annonce appel arbre argent assemblée atelier avenir bateau
bibliothèque bois bourse cadre caisse campagne canal candidat carrière centre chaleur chantier
chemin chercheur chiffre choix colline commerce commune conseil contrat coopérative coton courant
crise culture débat décret département dépense désert digue directeur district eau école économie
effort électricité élève enquête entrepôt équipe estuaire étude étudiant facture famille fête
filière fleuve fonds forage forêt formation fournisseur frontière gare gestion grève groupe
habitant hausse hôpital impôt incendie industrie ingénieur institut jardin journal juge
laboratoire langue lettre logement maire maison manifestation marchand marché médecin mer mesure
mine ministère moisson monument mouvement musée navire niveau ouvrier paysan pêcheur peinture
pluie pont population port préfet président prix procès programme projet quartier rapport récolte
recherche réforme région réserve réseau rivière riz route saison salaire santé sécheresse semence
service silo société source syndicat tarif taxe témoin terrain théâtre transport travail tribunal
troupeau usine vallée vendeur village ville voisin voiture volontaire vote voyage
"""
WORDS = _WORDS.split()


def prose(seed: int, words: int = 160) -> str:
    """Words in an order that no other seed gives, in paragraphs of 40."""
    drawn = random.Random(seed).choices(WORDS, k=words)  # noqa: S311 - guards nothing
    paragraphs = [drawn[start : start + 40] for start in range(0, words, 40)]
    return "\n\n".join(" ".join(each).capitalize() + "." for each in paragraphs)


def retold(text: str, seed: int, changed: int = 6) -> str:
    """The same with other words in so many places, none of them at its beginning."""
    draw = random.Random(seed)  # noqa: S311 - guards nothing
    words = text.split(" ")
    for number in draw.sample(range(40, len(words)), changed):
        words[number] = draw.choice(WORDS)
    return " ".join(words)


def telling(
    body: str,
    title: str | None = None,
    *,
    published: str | None = None,
    stated: Stated | None = None,
) -> EnrichedArticle:
    """A French article in which nobody is named."""
    clean = article({"title": title or "", "body": body}, published)
    return EnrichedArticle(replace(clean, stated=stated), "fr", (), "none", ENRICHER, "none")


def store(connection: Connection, *articles: EnrichedArticle, feed: str | None = None) -> list[int]:
    """Store articles as the persist step does, duplicates too; returns their ids."""
    deliveries = deliver(connection, *[None] * len(articles), feed=feed)
    claim(connection, {each: f"sha256:{uuid.uuid4().hex}" for each in deliveries})
    given = dict(zip(deliveries, articles, strict=True))
    written = write(
        connection,
        {delivery: rows(each) for delivery, each in given.items()},
        in_force(connection),
    )
    place(connection, {written[delivery]: told(each.clean) for delivery, each in given.items()})
    ledger.dispose(connection, "stored", "persist", dict.fromkeys(deliveries))
    return [written[delivery] for delivery in deliveries]
