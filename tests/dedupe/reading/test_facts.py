from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedupe.contact import dialled
from dedupe.reading.facts import FACTS, default_reader, make_reader, read_facts
from dedupe.reading.lexicon import KINDS
from dedupe.wording import read_numbers, read_wordings

TOLD = Path(__file__).parent / "places-counts-numbers.txt"
SENTENCES = Path(__file__).parent / "sentences.txt"
KINDS_PLACES = Path(__file__).with_name("kinds-places.txt")
CAPACITIES = Path(__file__).parent / "capacities.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence and what it says."""

    text: str
    kind: str
    stance: str
    place: str
    capacity: str
    closed: str
    category: str


def read_sentences() -> list[Sentence]:
    rows = [
        line.rsplit(" | ", 6) for line in SENTENCES.read_text("utf-8").splitlines() if " | " in line and line[0] != "#"
    ]
    names = ("text", "kind", "stance", "place", "capacity", "closed", "category")
    return [Sentence(**dict(zip(names, row, strict=True))) for row in rows]


def facts_of(*texts: str) -> list[dict[str, object]]:
    wordings = read_wordings(pl.Series(texts), kept_tags=default_reader().tags())
    return read_facts(wordings.select("wording")).to_dicts()


def test_the_written_sentences_are_read_as_a_person_reads_them() -> None:
    sentences = read_sentences()
    assert len(sentences) > 450
    wrong = []
    for sentence, facts in zip(sentences, facts_of(*(sentence.text for sentence in sentences)), strict=True):
        for name in ("kind", "stance", "place", "capacity", "closed"):
            expected, got = getattr(sentence, name), facts[name]
            shown = "-" if got is None else ("j" if got else "n") if name == "closed" else str(got)
            if expected not in (".", shown):
                wrong.append(f"{sentence.text}: {name} is {shown}, not {expected}")
    assert not wrong, "\n".join(wrong)


def test_help_said_in_other_words_is_of_its_kind_and_place() -> None:
    lines = [line for line in KINDS_PLACES.read_text("utf-8").splitlines() if " | " in line and line[0] != "#"]
    rows = [tuple(line.rsplit(" | ", 2)) for line in lines]
    read = facts_of(*(text for text, _, _ in rows))
    got = [(facts["kind"], facts["place"]) for facts in read]
    wrong = [f"{row}: {found}" for row, found in zip(rows, got, strict=True) if found != row[1:]]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Acht man met schoppen en emmers, wij helpen scheppen", "hands"),
        ("Wie heeft er nog schoppen en emmers te leen?", "material"),
        ("Brauchen zehn Helfer zum Schippen, Schaufeln mitbringen", "hands"),
        ("Duschen bei uns bis acht, Handtuch mitbringen", "shower"),
        ("Slaapplek voor twee, dekens voorzien", "bed"),
        ("I can mind your kids while you shovel", "children"),
    ],
)
def test_what_is_there_already_or_only_a_tool_is_not_the_help(text: str, kind: str) -> None:
    assert facts_of(text)[0]["kind"] == kind


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("Bed vrij in Köln-Porz voor twee", "Porz"),
        ("Ein Bett in Aachen-Brand frei", "Brand"),
        ("Soep in Rotterdam Delfshaven", "Delfshaven"),
        ("Sofa frei in Nürburg für zwei", "Nürburg"),
        ("2 plaatsen in de auto Hasselt > Breda > Rotterdam", "Rotterdam"),
        ("Wij zitten vast in Brussel, wie heeft een bed? Liefst in Zaventem", "Zaventem"),
        ("Stuck in Genk, who can put us up for the night", "Genk"),
        ("Wie heeft een pomp om water uit de kelder aan te voeren", None),
        ("Geen stroom in de wijk? Bij mij kan je laden", None),
        ("Akku laden bei uns, bringt sie, wenn sie leer", None),
    ],
)
def test_parts_rows_of_towns_and_places_one_is_stuck_at_are_told_apart(text: str, place: str | None) -> None:
    assert facts_of(text)[0]["place"] == place


def test_who_is_counted_is_counted_as_a_person_counts() -> None:
    lines = [line for line in CAPACITIES.read_text("utf-8").splitlines() if " | " in line and line[0] != "#"]
    rows = [line.rsplit(" | ", 1) for line in lines]
    read = facts_of(*(text for text, _ in rows))
    got = ["-" if facts["capacity"] is None else str(facts["capacity"]) for facts in read]
    wrong = [f"{text}: {found}, not {told}" for (text, told), found in zip(rows, got, strict=True) if found != told]
    assert not wrong, "\n".join(wrong)


def test_people_of_whom_news_speaks_too_are_counted_but_make_no_offer() -> None:
    people, folk = facts_of("Zes personen in de kerk van Mol", "Zes pelgrims in de kerk van Mol")
    assert (people["capacity"], people["counted"]) == (6, True)
    assert (folk["capacity"], folk["counted"]) == (6, False)


def test_place_capacity_and_number_are_read_as_a_person_reads_them() -> None:
    rows, lang = [], ""
    for line in TOLD.read_text("utf-8").splitlines():
        lang = line[2:] if line[:2] == "# " and len(line) == 4 else lang
        if " | " in line and line[0] != "#":
            rows.append((lang, *line.rsplit(" | ", 3)))
    assert all(sum(row[0] == lang for row in rows) >= 60 for lang in ("nl", "fr", "en", "de"))
    wrong = []
    written = read_numbers(pl.Series([row[1] for row in rows]))
    for (lang, text, *told), facts, numbers in zip(rows, facts_of(*(row[1] for row in rows)), written, strict=True):
        country = str(facts["place_key"]).split(".")[1].upper() if facts["place_key"] else None
        number = dialled(numbers, country=country, lang=lang, ride=facts["kind"] == "ride")
        got = [str(value or "-") for value in (facts["place"], facts["capacity"], number)]
        if got != told:
            wrong.append(f"{text}: {got}, not {told}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("texts", "kind", "capacity", "place"),
    [
        (
            (
                "Slaapplaats voor 3 in Kermt, ontbijt inbegrepen",
                "Bij mij in Kermt kunnen 3 mensen blijven slapen, ik kom jullie halen",
                "Je peux héberger 3 personnes à Kermt",
                "Three people can crash at ours in Kermt",
                "Schlafplatz für drei Leute in Kermt, Frühstück gibt's auch",
            ),
            "bed",
            3,
            "Kermt",
        ),
        (
            (
                "Rij straks naar Luik, nog 2 plaatsen in de auto",
                "Covoiturage vers Liège, 2 places",
                "Driving to Liege tonight, two seats left",
                "Mitfahrgelegenheit nach Lüttich, 2 Plätze frei",
            ),
            "ride",
            2,
            "Liège",
        ),
    ],
)
def test_an_offer_reworded_or_translated_keeps_kind_capacity_and_place(
    texts: tuple[str, ...], kind: str, capacity: int, place: str
) -> None:
    for text, facts in zip(texts, facts_of(*texts), strict=True):
        assert (facts["kind"], facts["capacity"], facts["place"]) == (kind, capacity, place), text


@pytest.mark.parametrize(
    "text",
    [
        "plaats van de ramp",
        "place de la mairie",
        "am Platz vor der Bühne",
        "er is geen openbaar vervoer meer",
        "the street lamps lit up",
        "vergeten te weten",
        "autosnelweg",
    ],
)
def test_words_that_look_like_help_are_none(text: str) -> None:
    assert facts_of(text)[0]["kind"] is None


@pytest.mark.parametrize(
    ("text", "capacity"),
    [
        ("slaapplaats tot 10u", None),
        ("slaapplaats om 18:15", None),
        ("lit pour cette nuit, 20h", None),
        ("bed op 5 km van Hasselt", None),
        ("slaapplaats langs de N 74", None),
        ("rit via E313, 5 euro", None),
        ("slaapplaats in 3500 Hasselt", None),
        ("bus 20 naar Gent, lift", None),
        ("slaapplaats voor 2 nachten", None),
        ("bed voor jongen van 18 jaar", None),
        ("slaapplaats op 18/08", None),
        ("slaapplaats, 3 slaapkamers", None),
        ("een paar bedden vrij", None),
        ("ein paar Betten frei", None),
        ("a couple of beds free", None),
        ("slaapplaats voor een koppel", 2),
        ("lit pour un couple", 2),
        ("bed for a couple", 2),
        ("Bett für ein Pärchen", 2),
        ("slaapplaats voor 2-3 personen", 3),
        ("2 of 3 slaapplaatsen", 3),
        ("4 tot 6 mensen kunnen hier slapen", 6),
        ("hébergement de 2 à 3 personnes", 3),
        ("lift, nog 2 van de 4 plaatsen", 2),
        ("seats left: 2 of the 4 seats", 2),
        ("2 bedden voor 4 personen", 4),
        ("voor 2 volwassenen en 2 kinderen slaapplaats", 4),
        ("4p kunnen hier slapen", 4),
        ("2x slaapplaats", 2),
        ("zwölf Schlafplätze", 12),
        ("onze bedden staan klaar", None),
        ("een dubbel bed voor wie wil", 2),
        ("2 dubbele bedden", 4),
        ("3 lits simples et un lit double", 5),
        ("één dubbel bed, een matras op zolder", None),
        ("2 kamers met elk 2 bedden", None),
        ("bed voor een koppel met 2 kinderen", 4),
        ("Platz für 2 Erwachsene und ein Kind", 3),
        ("gezin met 3 kinderen zoekt onderdak", None),
        ("2+1 slaapplaatsen", 3),
        ("oppas voor 2 kindjes en 1 baby", 3),
        ("bed voor 2, 25 euro", 2),
        ("2 of 4 seats left", 2),
        ("opvang voor 5 honden en 3 katten", 8),
        ("quatre lits une personne", 4),
        ("zoeken met 6 een slaapplaats", 6),
        ("met z'n tweetjes op zoek naar een bed", 2),
    ],
)
def test_only_numbers_that_count_places_are_a_capacity(text: str, capacity: int | None) -> None:
    assert facts_of(text)[0]["capacity"] == capacity


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("slaapplaats vlak bij Genk, in Zonhoven", "Zonhoven"),
        ("bed 5 km van Hasselt", "Hasselt"),
        ("rit van Hasselt naar Gent", "Gent"),
        ("lift vanuit Hasselt", None),
        ("trajet Hasselt-Namur", "Namur"),
        ("covoiturage de Hasselt à Mons", "Mons"),
        ("bed in de provincie Antwerpen", None),
        ("bed rue de Namur", None),
        ("de peer valt van de boom", None),
        ("slaapplaats in Peer", "Peer"),
        ("il balaye la cour", None),
        ("hij gaf een mol voer", None),
        ("bed in Bree", "Bree"),
        ("the best bed at best", None),
        ("lit à Spa", "Spa"),
        ("hasseltse mensen bieden bedden", None),
        ("lift naar Gent of Brugge", "Gent"),
        ("slaapplaats tussen Hasselt en Genk", "Hasselt"),
        ("ophalen in Hasselt, slapen in Diest", "Diest"),
        ("bed in Luxembourg belge", None),
        ("Sofie Van Gent heeft een bed vrij", None),
        ("Mevrouw Van Genk helpt", None),
        ("bed in St.-Truiden", "Sint-Truiden"),
        ("lit à Ste-Ode", "Sainte-Ode"),
        ("bed in Woluwe-Saint-Pierre", "Sint-Pieters-Woluwe/Woluwe-Saint-Pierre"),
        ("bed in Kwaadmechelen", "Kwaadmechelen"),
        ("bed #genk", "Genk"),
    ],
)
def test_the_leading_place_is_where_it_is_or_goes(text: str, place: str | None) -> None:
    assert facts_of(text)[0]["place"] == place


@pytest.mark.parametrize(
    ("text", "how"),
    [
        ("bed in Genk", "at"),
        ("Genk: bed vrij", "at"),
        ("bed vlak bij Genk", "near"),
        ("Bett unweit von Eupen", "near"),
        ("lift naar Genk", "to"),
        ("trajet Hasselt-Namur", "to"),
        ("bed vrij", None),
    ],
)
def test_near_and_towards_a_town_are_told_from_in_it(text: str, how: str | None) -> None:
    assert facts_of(text)[0]["place_how"] == how


def test_a_ride_knows_where_it_begins() -> None:
    first, second, third = facts_of("rit van Hasselt naar Gent", "Lift Genk-Luik", "bed in Genk")
    assert (first["origin_key"], first["place_key"]) == ("hasselt.be", "gent.be")
    assert (second["origin_key"], second["place_key"]) == ("genk.be", "liege.be")
    assert third["origin_key"] is None
    assert first["places"] == ["hasselt.be", "gent.be"]  # as they come: the way back is another ride


@pytest.mark.parametrize(
    "text",
    [
        "ik rijd naar Luik, sta nu in Diest",
        "je roule vers Liège, suis à Diest",
        "lift naar Luik om 21u, wij zijn in Diest",
    ],
)
def test_where_one_stands_who_goes_elsewhere_is_where_the_ride_begins(text: str) -> None:
    facts = facts_of(text)[0]
    assert (facts["origin_key"], facts["place_key"]) == ("diest.be", "liege.be")


def test_a_town_that_is_also_an_attic_offers_no_bed_by_its_name() -> None:
    ride, bed = facts_of("vertrek om 9u in Zolder, nog plaats, richting Aarschot", "bed op zolder")
    assert ride["kind"] == "ride"
    assert isinstance(ride["places"], list)
    assert "zolder.be" in ride["places"]
    assert bed["kind"] == "bed"


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("Pik je op in Hasselt en zet je af in Gent", ("hasselt.be", "gent.be")),
        ("Je passe prendre à Hasselt et je ramène à Verviers", ("hasselt.be", "verviers.be")),
        ("Pickup in Kiewit, drop off in Brussels, 3 seats", ("kiewit.be", "brussel-bruxelles.be")),
        ("Kann in Hasselt abholen und euch nach Köln bringen, 2 Sitzplätze", ("hasselt.be", "koln.de")),
        ("Lift: vertrek aan station Hasselt, huiswaarts richting Aarschot", ("hasselt.be", "aarschot.be")),
        ("Retour sur Namur en voiture au départ de Genk", ("genk.be", "namur.be")),
        ("Dekens ophalen in Hasselt", (None, "hasselt.be")),
    ],
)
def test_a_ride_begins_where_people_get_in(text: str, way: tuple[str | None, str]) -> None:
    facts = facts_of(text)[0]
    assert (facts["origin_key"], facts["place_key"]) == way


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Nurse here, can drive to you in Hasselt", "care"),
        ("Arzt, fahre heute nach Verviers", "care"),
        ("Gsm opladen kan in mijn auto in Kiewit", "charging"),
        ("Je viens chercher vos chevaux à Liège", "animal"),
        ("Can drive over with a pump to Verviers", "material"),
        ("Fahre heute nach Verviers, drei Leute können mit", "ride"),
        ("Rij naar Gent met de auto, nog twee mensen mee", "ride"),
    ],
)
def test_driving_is_a_ride_unless_it_is_how_other_help_comes(text: str, kind: str) -> None:
    assert facts_of(text)[0]["kind"] == kind


def test_home_decides_between_towns_of_one_name() -> None:
    reader = make_reader(home=(52.51, 6.09))
    key = reader.read(pl.Series(["bed in hasselt"]))["place_key"].item()
    assert key.startswith("hasselt.nl")


@pytest.mark.parametrize(
    "text",
    [
        "De slaapplekken in Bilzen zijn ondertussen allemaal weg, bedankt om te delen",
        "Soep in Kiewit is op, merci iedereen",
        "Sorry, volle bak hier",
        "Wij nemen niemand meer, ons huis zit stampvol",
        "Chambre à Visé réservée, merci",
        "Tout le monde est logé, merci à tous",
        "Je ne prends plus personne, ma voiture est remplie",
        "Il n'y a plus de couvertures",
        "Update: filled, thanks all",
        "Couch in Maastricht gone, thanks folks",
        "We cannot take anyone else",
        "Zimmer in Eupen leider schon reserviert",
        "Suppe ist aus, danke an alle",
        "Alle untergebracht, danke fürs Teilen",
    ],
)
def test_what_is_gone_is_read_as_gone(text: str) -> None:
    assert facts_of(text)[0]["closed"]


@pytest.mark.parametrize(
    "text",
    [
        "Is het bij jullie al vol?",
        "Tente dispo, c'est complet ou pas ?",
        "Are all the beds gone?",
        "Onze tent is weg",
        "De trein zit vol",
        "Frigo vol drinken, kom gerust langs",
        "Le coeur plein de gratitude",
        "The road to Bilzen is closed",
        "Our hearts are full",
        "Der Keller ist voll",
        "Bett in Raeren, zehn Minuten weg vom Bahnhof, noch frei",
    ],
)
def test_what_is_full_of_something_or_lost_is_not_gone(text: str) -> None:
    assert not facts_of(text)[0]["closed"]


def test_no_more_beds_is_not_asking_for_beds() -> None:
    texts = (
        "Wij hebben geen bedden meer",
        "Wir haben keinen Platz mehr",
        "We have run out of blankets",
        "Plus de lits",
    )
    assert [(facts["stance"] == "request", facts["closed"]) for facts in facts_of(*texts)] == [(False, True)] * 4


def test_the_words_that_told_are_given() -> None:
    assert facts_of("Gezocht: slaapplaats in Genk")[0]["signs"] == ["gezocht", "slaapplaats"]


def test_tags_that_say_something_are_kept() -> None:
    tags = default_reader().tags()
    assert {"genk", "slaapplaats", "volzet", "lift"} <= tags
    assert not {"hasselthelpt", "peer", "in"} & tags


def test_nothing_gives_nothing() -> None:
    empty = read_facts(pl.DataFrame({"wording": []}, schema={"wording": pl.String}))
    assert empty.height == 0
    assert empty.drop("wording").schema == FACTS
    told = read_facts(
        pl.DataFrame({"wording": [None, "", "?", "日本 語", "a" * 100_000]}, schema={"wording": pl.String})
    )
    assert told["kind"].null_count() == told["place"].null_count() == told["capacity"].null_count() == 5
    assert told["kinds"].to_list() == told["places"].to_list() == told["signs"].to_list() == [[]] * 5


VOCABULARY = [
    "slaapplaats",
    "lift",
    "naar",
    "in",
    "hasselt",
    "gent",
    "voor",
    "2",
    "3",
    "van de",
    "vol",
    "?",
    "zoek",
    "nodig",
    "x",
]
texts = st.lists(st.lists(st.sampled_from(VOCABULARY), max_size=8).map(" ".join), max_size=12)


@given(texts)
@settings(max_examples=15)
def test_each_text_is_read_alike_alone_and_among_others(batch: list[str]) -> None:
    frame = pl.DataFrame({"wording": batch}, schema={"wording": pl.String})
    together = read_facts(frame)
    assert together["wording"].to_list() == batch
    assert set(together["kind"].drop_nulls()) <= set(KINDS)
    for row in range(min(len(batch), 3)):
        assert read_facts(frame[row]).equals(together[row])
