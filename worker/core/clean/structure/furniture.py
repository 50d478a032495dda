"""Lines that belong to the page a story was on: buttons, prompts, counters, lists of links."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from worker.core.clean.segments import Stretch

Furniture = Literal["more", "related", "comments", "read-on", "navigation"]

_LONGEST: Final = 240  # characters

_MORE: Final = frozenset(
    {
        *("voir plus", "lire plus", "plus d'articles", "plus d'actualités", "en savoir plus"),
        *("autres articles", "autres nouvelles", "autres actualités", "autres infos"),
        *("les plus lus", "les plus lues", "à la une", "actualités", "dernières nouvelles"),
        *(
            "à lire également",
            "vous aimerez aussi",
            "voir plus d'articles",
            "vous pourriez aussi aimer",
            "recommandés",
        ),
        *("à ne pas manquer", "dans l'actualité", "suivant", "articles suivants", "nos articles"),
        *("read more", "see more", "more news", "other news", "latest news", "top stories"),
        *("more stories", "you may also like", "recommended", "most read", "more on this topic"),
        *("xem thêm", "tin khác", "tin mới", "tin mới nhất", "các tin khác", "đọc thêm"),
        *("tin cùng chuyên mục", "có thể bạn quan tâm", "đọc nhiều nhất", "tin nổi bật"),
    }
)
"""What announces other stories, usually below this one."""

_RELATED: Final = frozenset(
    {
        *("voir aussi", "lire aussi", "à lire aussi", "à voir aussi", "lire également"),
        *("sur le même sujet", "sur le même thème", "dans la même rubrique", "articles liés"),
        *("articles similaires", "articles connexes", "à propos du même sujet", "dossier"),
        *("voir aussi sur ce sujet", "nouvelles connexes", "sujets connexes", "articles associés"),
        *("related news", "related stories", "related articles", "related", "related content"),
        *("tin liên quan", "tin, bài liên quan", "bài viết liên quan", "tin bài liên quan"),
    }
)
"""What announces other stories on the same matter, below this one or in its middle."""

_BUTTONS: Final = frozenset(
    {
        *("source", "sources", "imprimer", "print", "envoyer", "share", "email", "e-mail", "nom"),
        *("mail", "courriel", "facebook", "twitter", "x", "zalo", "linkedin", "whatsapp"),
        *("telegram", "messenger", "pinterest", "wechat", "weibo", "tiktok", "youtube", "line"),
        *("instagram", "viber", "reddit", "tweeter", "tweet", "rss", "pdf", "favoris", "like"),
        *("copier le lien", "copy link", "copier", "j'aime", "aimer", "répondre", "reply"),
        *("signaler", "annuler", "valider", "fermer", "close", "menu", "accueil", "home"),
        *("trang chủ", "retour", "retour en haut", "haut de page", "suivre", "follow", "thích"),
        *("chia sẻ", "in bài", "in", "gửi", "gửi bình luận", "trả lời", "bản in", "sao chép"),
        *("sao chép liên kết", "theo dõi", "votre nom", "votre e-mail", "votre email", "publier"),
        *("se connecter", "s'inscrire", "s'abonner", "connexion", "log in", "sign in", "sign up"),
        *("subscribe", "login", "đăng nhập", "đăng ký", "écouter", "écouter l'article", "listen"),
        *("nghe", "lecture", "agrandir", "zoom", "diaporama", "publicité", "advertisement"),
        *("quảng cáo", "annonce", "sponsorisé", "sponsored", "nguồn", "ok", "tags", "mots-clés"),
        *("menu", "rechercher", "recherche", "search", "vidéos", "vidéo", "photos", "en direct"),
        *("aller au contenu", "aller au contenu principal", "skip to content", "mentions légales"),
        *("plan du site", "sitemap", "gérer les cookies", "contact", "contacts", "newsletter"),
        *("politique de confidentialité", "conditions générales", "privacy policy", "à propos"),
        *("je m'inscris", "tout accepter", "accepter", "refuser", "tout refuser", "paramétrer"),
        *("continuer sans accepter", "s'abonner à la lettre d'information", "podcasts", "météo"),
        *("retour en haut de page", "accept all", "la lettre du soir", "abonnez-vous", "afficher"),
        *("partager", "partage", "commentaires", "noter", "imprimer la recette", "alertes"),
        *("recevoir les alertes", "signaler une erreur", "offrir cet article"),
        *("partager cet article", "partager cette histoire", "envoyer par mail", "plus", "fin"),
        *("enditem", "ends", "end", "-0-", "--30--", "hết", "communiqué", "live"),
        *("font size", "keywords", "enter your email", "(end)", "(fin)", "(hết)", "đọc báo in"),
        *("ảnh minh họa", "photo d'illustration", "image d'illustration", "viết bình luận"),
        *("taille du texte", "google news", "tags :", "share this", "a+ a-", "a- a+", "aa"),
    }
)
_SECTIONS: Final = frozenset(
    {
        *("politique", "économie", "société", "monde", "international", "culture", "sport"),
        *("sports", "environnement", "tourisme", "santé", "asean", "actualité", "politics"),
        *("afrique", "asie", "europe", "amérique", "amériques", "moyen-orient", "france", "maroc"),
        *("algérie", "sénégal", "tunisie", "régions", "région", "sciences", "technologie"),
        *("technologies", "high-tech", "opinion", "opinions", "médias", "justice", "éducation"),
        *("football", "transports", "agriculture", "automobile", "people", "style", "cinéma"),
        *("activités royales", "vietnam", "viêt nam", "việt nam", "diplomatie", "national"),
        *("thời sự", "văn hóa", "thể thao", "pháp luật", "giáo dục", "du lịch", "sức khỏe"),
        *("business", "world", "society", "chính trị", "kinh tế", "xã hội", "thế giới"),
    }
)


def _bar(names: frozenset[str]) -> re.Pattern[str]:
    """Several controls in a row: ``Imprimer Envoyer par mail``, ``Monde | Sport``."""
    item = "|".join(
        re.escape(name).replace("'", "['’]") for name in sorted(names, key=len, reverse=True)
    )
    return re.compile(rf"(?:(?:{item})(?:\s?[|·•/,>»–-]\s?|\s|$)){{2,20}}")


_BAR: Final = _bar(_BUTTONS)
_SECTION_BAR: Final = _bar(_BUTTONS | _SECTIONS)

_READ_ON: Final = re.compile(
    r"lire\s(?:la\ssuite|tout|l['’](?:article|entretien|interview|enquête|analyse)"
    r"|le\s(?:reportage|dossier|portrait|texte|récit)|davantage).{0,20}"
    r"|(?:en\ssavoir\splus|read\s(?:on|the\s(?:full\s)?story|full\sstory|the\sarticle|article)"
    r"|continue\sreading|full\sstory|chi\stiết|đọc\stiếp|xem\schi\stiết|xem\stiếp)"
    r"|(?:se\sdésabonner|unsubscribe|hủy\sđăng\ský)\b.{0,80}"
)
"""Below an item of a list: the story is elsewhere."""

_COMMENTS: Final = re.compile(
    r"(?:[0-9]{1,5}\s)?(?:commentaires?|ý\skiến\sbạn\sđọc|comments?|bình\sluận|réactions?|ý\skiến)"
    r"(?:\s?\(\s?[0-9]{1,5}\s?\)|\s?:?\s?[0-9]{1,5})?"
    r"|(?:votre|vos|your|laisser\sun|laissez\sun|ajouter\sun|ajoutez\sun|poster\sun|écrire\sun"
    r"|leave\sa|add\sa|post\sa|gửi)\s(?:commentaires?|comments?|bình\sluận|ý\skiến)"
    r"|(?:à\spropos\sde|au\ssujet\sde)\s?l['’]auteure?|about\sthe\s(?:author|writer)|về\stác\sgiả"
    r"|(?:réagissez|réagir|commenter|commentez)(?:\sà\s)?(?:cet\sarticle)?"
)
_PROMPT: Final = re.compile(
    r"(?:abonnez|inscrivez|connectez|identifiez|enregistrez)-vous\s"
    r"|(?:suivez|rejoignez|retrouvez|contactez|écrivez)-nous\b"
    r"|(?:suivez|retrouvez|rejoignez)\s\S{2,20}(?:\s\S{2,20})?\ssur\s(?:facebook|twitter|x\b|instagram|youtube"
    r"|telegram|whatsapp|zalo|tiktok|google)"
    r"|recevez\s(?:chaque|tous|toutes|notre|nos|gratuitement|l['’]essentiel|les\salertes)\s"
    r"|téléchargez\s(?:notre|l['’]application)|partagez\s(?:cet|l['’]article|cette\spage|sur)\b"
    r"|soyez\sle\spremier\sà\s|réservée?s?\saux\sabonn|(?:réagissez|commentez)\b"
    r"|(?:merci\sde|veuillez|vous\sdevez|pour\scommenter|pour\slaisser)\s.{0,60}(?:connect|inscri|identifi"
    r"|(?<!tenir\s)(?<!en\s)compte|saisir"
    r"|commentaire)"
    r"|votre\s(?:adresse|nom|pr[ée]nom|e-?mail|message|commentaire)\b.{0,80}$"
    r"|your\s(?:name|e-?mail|comment)\b.{0,80}$"
    r"|(?:nous\sutilisons|ce\ssite\sutilise)\s(?:des|les)\scookies"
    r"|en\spoursuivant\s.{0,60}(?:cookies|navigation)"
    r"|(?:we\suse|this\s(?:site|website)\suses|chúng\stôi\ssử\sdụng)\scookies"
    r"|(?:cet\sarticle\sest|contenu|article)\sréservée?s?\saux?\sabonn"
    r"|this\sarticle\sis\sfor\ssubscribers|les\schamps\sobligatoires"
    r"|pour\snous\s(?:signaler|écrire|contacter)|add\s.{2,30}\son\sgoogle"
    r"|(?:\S{2,20}\s){1,2}sur\sles\sréseaux\ssociaux$"
    r"|(?:sign|log)\sin\sto\s(?:continue|read|comment|view|post|your)"
    r"|subscribe\s(?:to|now)\b|sign\sup\s(?:for|to)\b|follow\s(?:us|\S{2,20}\son\s(?:facebook|x|twitter))"
    r"|download\s(?:our|the\sapp)|join\sus\b|get\s(?:our|the\slatest|breaking)\s|load\smore"
    r"|(?:please|you\smust)\s(?:log|sign|be\slogged|subscribe)"
    r"|đăng\s(?:ký|nhập)\s(?:nhận|để|theo|kênh|tài)|theo\sdõi\s(?:chúng\stôi|báo|kênh|trên|\S{2,20}\strên)"
    r"|mời\s(?:bạn|quý|độc\sgiả)|tải\sứng\sdụng|hãy\s(?:đăng\ský|theo\sdõi|chia\ssẻ|bình\sluận)"
)
_SHARED: Final = re.compile(
    r"(?:partager|envoyer|imprimer|tweeter|share|send|print|chia\ssẻ|gửi|in)"
    r"(?:\s(?:cet|l[’']|cette|this|bài|the)\s?(?:article|page|viết|story))?"
    r"(?:\s(?:sur|par|on|via|by|qua|à|with|lên)\s.{1,30})?"
)
_LABELLED: Final = re.compile(
    r"(?:mots?[- ]cl(?:és|efs?)|étiquettes?|tags?|thèmes?|keywords?|topics?|từ\skh[óo]a|thẻ"
    r"|rubriques?|catégories?|categor(?:y|ies)|chuyên\smục|chủ\sđề)\s?:.{1,230}"
)
_HASHTAGS: Final = re.compile(r"(?:#[^\s#][^#]{0,40}){1,20}")
_ADDRESS: Final = re.compile(
    r"(?:[a-z0-9-]{2,40}\.){1,3}(?:com|net|org|info|eu|fr|vn|cn|be|ch|ma|sn|dz|tn|ci|uk|de|es|example)"
    r"|(?:e-?mail|courriel|tél|tel|web|site)?\s?:?\s?(?:\S{1,60}@\S{1,60}|https?://\S{1,200}|www\.\S{1,100})"
    r"|(?:facebook|twitter|x|instagram|telegram|zalo|youtube|tiktok|fanpage)\s?:\s?\S{1,100}"
)
_NOTE: Final = re.compile(
    r"\((?:attention|note\s|n\.?d\.?l\.?r|eds?\b|this\s(?:report|story|article)|cette\sdépêche"
    r"|cet\sarticle|lead|bài\sviết)\b.{2,230}\)"
)
_COUNTER: Final = re.compile(
    r"(?:(?:lu|vu)\s?:?\s|partagé\s|read\s|viewed\s)?[0-9][0-9.,\s]{0,9}[kKM]?\s?"
    r"(?:vues?|lectures?|partages?|j[’']aime|likes?|views?|shares?|reads?|times"
    r"|lượt\sxem|min(?:utes?)?(?:\s(?:de\slecture|read))?)"
    r"|(?:lu|vu|partagé|consulté)\s?:?\s[0-9][0-9.\s]{0,9}\sfois"
    r"|.{0,40}?(?:il\sy\sa\s[0-9]{1,2}\s?(?:min|h|s|j)\w{0,6}"
    r"|[0-9]{1,2}\s?(?:min|h|d|sec)\w{0,6}\sago|[0-9]{1,2}\s(?:phút|giờ|ngày)\strước)"
    r"|(?:temps\sde\slecture|reading\stime|lượt\sxem|vues?|views?)\s?:\s?.{1,20}"
    r"|[0-2]?[0-9]\s?[:h]\s?[0-5][0-9]"
    r"|[aA]\s?[-+]?(?:\s?[aA]\s?[-+]?){0,3}"
)
_TRAIL: Final = re.compile(
    r"(?:accueil|home|trang\schủ)\s?(?:[>/|»›→]\s?[^>/|»›→\n]{1,60}){1,6}"
    r"|[^>/|»«›→\n]{1,40}(?:\s[>»›→]\s[^>/|»«›→\n]{1,60}){2,6}"
)
_RIGHTS: Final = re.compile(
    r"(?:(?:©|\(c\)|copyright)\s?){1,2}(?=.{0,60}(?:[12][0-9]{3}|agence|agency|droits|rights)).{0,200}"
    r"|.{0,80}(?:tous\sdroits\sréservés|all\srights\sreserved|bản\squyền\sthuộc\s.{2,60}"
    r"|reproduction\sinterdite)\.?"
)
_NAVIGATION: Final = (
    _BAR,
    _SHARED,
    _LABELLED,
    _HASHTAGS,
    _COUNTER,
    _TRAIL,
    _RIGHTS,
    _ADDRESS,
    _NOTE,
)
_MENU: Final = re.compile(
    r"[^|\d]{1,40}(?:\s\|\s[^|\d]{1,40}){1,8}|[^>\d]{1,40}(?:\s?>\s?[^>\d]{1,40}){1,6}"
    r"|[^/\d]{1,30}(?:\s/\s[^/\d]{1,30}){2,6}"
)
_EDGES: Final = " .:…»>«<|-–—•*!→▶►↑#_=~"


def furniture(text: str, line: Stretch, *, opening: bool = False) -> Furniture | None:
    """What part of a page without content the line is, if any.

    "more" and "related" announce other stories, "comments" the readers' words; "read-on" stands
    below what is but the beginning of a story. "navigation" is a control of the page that the
    story was on, such as a stray ``source``, or a ``>>`` that leads nowhere, and in the file's
    ``opening`` the name of a section: ``Politique``.
    """
    if line.end - line.start > _LONGEST:
        return None
    printed = " ".join(line.of(text).casefold().split()).replace("’", "'")
    bare = printed.strip(_EDGES)
    if bare in _MORE:
        return "more"
    if bare in _RELATED:
        return "related"
    if _COMMENTS.fullmatch(bare):
        return "comments"
    if _READ_ON.fullmatch(bare):
        return "read-on"
    return "navigation" if _is_navigation(printed, bare, opening=opening) else None


def _is_navigation(printed: str, bare: str, *, opening: bool) -> bool:
    if len(bare) <= 1:
        return printed == "-0-" or not bare.isdigit()
    if opening and (
        bare in _SECTIONS or _MENU.fullmatch(printed) or _SECTION_BAR.fullmatch(printed)
    ):
        return True
    return (
        bare in _BUTTONS
        or _PROMPT.match(printed) is not None
        or any(pattern.fullmatch(printed) for pattern in _NAVIGATION)
    )
