"""What making an article again changed is told as a reader would."""

from __future__ import annotations

from worker.reprocess.changes import Change, Named, Place, Rewritten, compare

HUE = Named("Huế", "loc:hue")
VINH = Named("Vinh", "loc:vinh")


def test_names_are_compared_place_by_place() -> None:
    """What stands at the same place and means something else is linked otherwise."""
    before = {Place("body", 0, 3): HUE, Place("body", 9, 13): VINH}
    after = {Place("body", 0, 3): Named("Huế", "org:hue"), Place("lead", 9, 13): VINH}
    assert compare(7, before, after) == Change(
        7, gained=(VINH,), lost=(VINH,), relinked=((HUE, "org:hue"),)
    )


def test_in_a_text_that_is_another_now_places_do_not_count() -> None:
    """A paragraph less moves all names, and loses none but its own."""
    before = {Place("body", 0, 3): VINH, Place("body", 9, 12): HUE, Place("title", 0, 3): HUE}
    after = {Place("body", 0, 3): HUE, Place("title", 0, 3): HUE}
    body = Rewritten("body", "Vinh. \n\nHuế.", "Huế.")
    change = compare(7, before, after, (body,))
    assert (change.gained, change.lost, change.relinked) == ((), (VINH,), ())


def test_how_texts_are_shown() -> None:
    """From shortly before where they part; short ones whole; none as what it is."""
    body = "Le port de Lomé a reçu mardi un navire qui apporte du matériel.\n\nIl repart vendredi."
    change = Change(
        7,
        (),
        (),
        (),
        (
            Rewritten("title", None, "Un\ntitre"),
            Rewritten("body", f"{body} Voir plus", body.replace("vendredi", "samedi")),
        ),
    )
    assert [line for _, line in change.lines()] == [
        "article 7: title none → “Un titre”",
        "article 7: body “…el. ¶ Il repart vendredi. Voir plus” → “…el. ¶ Il repart samedi.”",
    ]
    assert change.any
    assert not Change(7, (), (), ()).any
