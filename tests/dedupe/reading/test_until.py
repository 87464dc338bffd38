"""Until: the end that a text says, in four languages, as a moment of the post it stands in."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dedupe.reading.facts import default_reader, read_facts
from dedupe.reading.moments import SPEC, resolve
from dedupe.wording import read_wordings

ENDS = Path(__file__).parent / "ends.txt"
WRITTEN = datetime(2011, 8, 18, 16, 0, tzinfo=UTC)
"""A Thursday, 18:00 in Brussels."""


def specs_of(*texts: str) -> list[str | None]:
    wordings = read_wordings(pl.Series(texts), kept_tags=default_reader().tags())
    return read_facts(wordings.select("wording"))["until"].to_list()


def moment(spec: str | None, written: datetime = WRITTEN, zone: str = "Europe/Brussels") -> str:
    """When a spec ends on the clocks of the zone, as `19 08:00`; `-` without an end."""
    told = pl.DataFrame(
        {"until": [spec], "written_at": [written], "zone": [zone]}, schema_overrides={"until": pl.String}
    )
    end = resolve(told).dt.convert_time_zone(zone).item()
    return "-" if end is None else f"{end:%d %H:%M}"


def test_ends_are_read_as_a_person_reads_them():
    lines = [line for line in ENDS.read_text("utf-8").splitlines() if " | " in line and line[0] != "#"]
    rows = [line.rsplit(" | ", 1) for line in lines]
    got = [spec or "-" for spec in specs_of(*(text for text, _ in rows))]
    wrong = [f"{text}: {found}, not {told}" for (text, told), found in zip(rows, got, strict=True) if found != told]
    assert not wrong, "\n".join(wrong)


NL = """
Slaapplaats tot morgen 10u in Genk | 19 10:00
Slaapplaats voor 2 vannacht in Zonhoven, DM me | 19 08:00
2 bedden vrij, enkel vannacht | 19 08:00
matras tot zondagavond | 21 23:59
Onze zolder staat open tot zondagmiddag 14u, 4 matrassen | 21 14:00
Je kan hier blijven tot morgenmiddag | 19 12:00
Bed tot morgenvroeg | 19 12:00
Iemand een bed voor ons tot en met zaterdag? We zijn met 3 | 20 23:59
Douche beschikbaar van 7u tot 9u 's morgens in Kuringen | 19 09:00
Tot 1u vannacht kan je bij ons gsm opladen | 19 01:00
Ik kan nog tot 2 uur 's nachts rijden richting Leuven | 19 02:00
soep tot 22u30 | 18 22:30
soep van 18u tot 22u | 18 22:00
soep van 18-22u in de parochiezaal | 18 22:00
douchen tussen 18u en 22u | 18 22:00
Tussen 8 en 12 uur kan je douchen | 19 12:00
zondag open van 10u tot 18u, soep | 21 18:00
bed voor 2 nachten | 20 08:00
Bed voor één nacht in Alken | 19 08:00
nog 3 uur koffie bij ons | 18 21:00
soep dit weekend | 21 23:59
bed deze week | 21 23:59
tot middernacht soep | 18 23:59
bed tot half elf | 18 22:30
bed tot 21/8 | 21 23:59
bed tot vrijdag 19/8 | 19 23:59
bed tot 21 augustus 12u | 21 12:00
bed tot de 21ste | 21 23:59
bed t/m zondag | 21 23:59
uiterlijk 22 uur bellen, bed | 18 22:00
Bel voor 23u, bed in Hasselt | 18 23:00
tot 23:00 bed in Genk | 18 23:00
Slaapplaats tot 9u | 19 09:00
Slaapplaats tot morgen, 4 personen | 19 23:59
Slaapplaats tot overmorgen | 20 23:59
Slaapplaats vannacht, morgenvroeg ontbijt | 19 08:00
vanaf morgen tot zondag slaapplaats | 21 23:59
Kan vanavond mensen ophalen | 18 23:59
Morgen kan ik komen helpen opruimen, heb een schop | 19 23:59
Zaterdag en zondag kan ik helpen met pompen | 21 23:59
Vandaag gratis soep | 18 23:59
tot 8 uur vanavond soep | 18 20:00
BED VRIJ TOT 22U!!! VANNACHT | 18 22:00
bed vannacht, tot morgen 9 uur | 19 09:00
"""
FR = """
lit libre jusqu'à 22h | 18 22:00
lit dispo jusqu'au 21 août | 21 23:59
Lit pour cette nuit près de Genk | 19 08:00
Cherche lit pour ce soir à Hasselt | 18 23:59
encore 2 heures de café chaud | 18 20:00
lit jusqu'à demain matin | 19 12:00
lit jusqu'à demain | 19 23:59
Hébergement dispo jusqu'à dimanche soir | 21 23:59
Hébergement jusqu'à lundi matin 9h | 22 09:00
lit jusqu'à lundi midi | 22 12:00
Chambre libre cette nuit et demain, Liège | 19 23:59
On peut héberger une famille pendant 3 jours | 21 23:59
Logement pour 2 nuits à Namur | 20 08:00
Repas chauds de 18h à 21h, salle communale | 18 21:00
Repas chauds entre 18h et 21h | 18 21:00
Je cherche un covoiturage demain matin vers Mons | 19 12:00
lit disponible d'ici 2 heures | 18 20:00
Au plus tard minuit, appelez | 18 23:59
logement jusqu'au week-end | 21 23:59
Soupe aujourd'hui chez nous | 18 23:59
Douche possible jusqu'à 23h30 | 18 23:30
Venez avant 22h, on a de la soupe | 18 22:00
Toit pour deux toute la semaine | 21 23:59
lit libre jusqu'à samedi 18h | 20 18:00
"""
EN = """
Spare room tonight in Genk | 19 08:00
Spare room tonight and tomorrow night, Genk | 20 08:00
soup from 6pm to 10pm | 18 22:00
soup until 10 | 18 22:00
soup until 10 tomorrow morning | 19 10:00
coffee for the next 3 hours | 18 21:00
bed free until Friday 6pm | 19 18:00
You can stay until Monday morning | 22 12:00
We have room for 4 until noon tomorrow | 19 12:00
Showers open till 9pm | 18 21:00
Free coffee until midnight at ours | 18 23:59
Sofa available for the weekend | 21 23:59
beds from Friday to Sunday | 21 23:59
Can host 2 people for 3 nights | 21 08:00
Need a bed tonight in Hasselt please | 19 08:00
bed free til 22:30 | 18 22:30
bed until 9 a.m. | 19 09:00
Come by 10pm, bed for two | 18 22:00
Tent spots until 25 August | 25 23:59
Tent spots until August 25 | 25 23:59
Sofa until the 21st | 21 23:59
Hot food this evening, all welcome | 18 23:59
We can drive people till 2am | 19 02:00
Sofa here all week | 21 23:59
"""
DE = """
Schlafplatz heute Nacht frei | 19 08:00
Bett frei bis 21.8. | 21 23:59
Bett bis Sonntag | 21 23:59
Bett frei bis Sonntagabend | 21 23:59
Kaffee noch 2 Stunden | 18 20:00
Bett bis morgen früh | 19 12:00
Schlafplatz bis 10 Uhr morgen früh | 19 10:00
Kann bis 23 Uhr fahren, Richtung Aachen | 18 23:00
Wir haben bis Dienstag Platz für zwei | 23 23:59
Schlafplatz für eine Nacht in Eupen | 19 08:00
Schlafplatz für 2 Nächte | 20 08:00
Suppe von 17 bis 20 Uhr | 18 20:00
Bis morgen Mittag könnt ihr bleiben | 19 12:00
Von Montag bis Mittwoch Zimmer frei | 24 23:59
Helfe am Samstag beim Aufräumen | 20 23:59
Bis heute Abend 22 Uhr erreichbar, Bett in Raeren | 18 22:00
Bis zum 25. August kann jemand bei uns wohnen | 25 23:59
Bett übers Wochenende frei | 21 23:59
Suppe heute Abend bei uns | 18 23:59
Duschen zwischen 8 und 12 Uhr | 19 12:00
Bett spätestens bis Freitag 18 Uhr | 19 18:00
Bett frei bis Mitternacht | 18 23:59
Heute warmes Essen im Pfarrheim | 18 23:59
"""
SAID = [tuple(line.rsplit(" | ", 1)) for part in (NL, FR, EN, DE) for line in part.strip().splitlines()]

NONE = """
bed tot 4 personen
van 5 tot 10 personen bed
Rit tot in Gent, vertrek om 22u
Nog 2 plaatsen tot Gent
van Hasselt tot Gent 22u
3500 Hasselt tot 3600 Genk
tot bij jou
tot straks!
tot 18 jaar bed
prijs tot 50 euro
Ticket €12.50, tot €20
tot 10.50 euro
Ik kan tot 50 km rijden
vanaf 22u bed
vanaf morgen bed
22u
Om 22u
Open 24/7
Rit naar Brussel morgen om 8u, 3 plaatsen
Rit naar Antwerpen, vertrek 21u30
Ik heb gisteren tot 22u soep uitgedeeld
Wij vangen jullie op tot de treinen weer rijden
Maximum 3 uur per persoon opladen
vannacht niet, sorry
Goedemorgen allemaal
bus 20 vertrekt om 22:15 naar Gent, lijn 4
18/08/2011 om 18:15 brak de storm los
score 3-2 tot de 85ste minuut
J'attends depuis 2 heures
jusqu'à 4 personnes
jusqu'à Liège
covoiturage à partir de 18h
bonne nuit à tous
Jusqu'ici tout va bien
bis zu 3 Leute können schlafen
Bis bald!
Ab 20 Uhr fahre ich nach Köln
Guten Morgen zusammen
bis Köln, 2 Plätze
Suppe bis alle satt sind
food for between 5 and 10 people
Driving to Ghent at 10pm, two seats
last night was awful
up to 4 people
until further notice
beds for 10
""".strip().splitlines()


@pytest.mark.parametrize(("text", "end"), SAID)
def test_the_end_that_a_text_says_is_read(text: str, end: str) -> None:
    spec = specs_of(text)[0]
    assert moment(spec) == end, spec


@pytest.mark.parametrize("text", NONE)
def test_no_end_is_read_where_none_is_said(text: str) -> None:
    assert specs_of(text) == [None]


def test_a_wording_is_read_alike_alone_and_among_others() -> None:
    texts = [text for text, _ in SAID] + NONE
    assert specs_of(*texts) == [specs_of(text)[0] for text in texts]


def test_the_words_of_an_end_are_told() -> None:
    wordings = read_wordings(pl.Series(["Slaapplaats tot morgen, 4 personen"]), kept_tags=default_reader().tags())
    said = read_facts(wordings.select("wording"))["said"].item()
    assert said.splitlines() == ["kind: slaapplaats", "capacity: 4 personen", "until: tot morgen"]


SNIPPETS = """
tot jusqu'à until bis van 22u 10:30 10pm 3 21/8 21.8. zondag dimanche morgen demain vannacht tonight ce soir nog encore nachten
uur Stunden euro personen half om à midi weekend août juni gisteren des from between en to 99 0u 24u 31/2 bed
"""
WORDS = st.sampled_from(SNIPPETS.split())


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(WORDS, max_size=12).map(" ".join), min_size=1, max_size=8))
def test_whatever_words_meet_a_spec_is_well_formed_and_ends_after_the_post(texts: list[str]) -> None:
    specs = pl.Series(specs_of(*texts), dtype=pl.String)
    assert specs.drop_nulls().str.contains(SPEC).all()
    told = pl.DataFrame({"until": specs}).with_columns(written_at=pl.lit(WRITTEN), zone=pl.lit("Europe/Brussels"))
    assert (resolve(told).drop_nulls() > WRITTEN).all()


ODD = """
😀😀😀 🙏
Ok
A͓̽B͓̽ ͓̽Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢L̠ͨͧͩ͘G̴̻͈͍͔̹̑͗̎̅͛́Ǫ̵̹̻̝̳͂̌̌͘
مكان للنوم متاح الليلة، اتصل
יש לי מיטה פנויה
今晚有空床
3500 3600 1000 B-3590
€ 12,50 €20 20 euro 9,99 £5
0-3 2-1 tegen Genk
lijn 4, bus 20A, perron 3, spoor 12
18/08/2011 2011-08-18 18.08.2011
N74 E313 A13 km 37
!!! ??? ... --- ***
""".strip().splitlines()


@pytest.mark.parametrize("text", ODD)
def test_odd_input_gives_no_facts(text: str) -> None:
    wordings = read_wordings(pl.Series([text]), kept_tags=default_reader().tags())
    facts = read_facts(wordings.select("wording")).select("until", "conditions", "reach", "flags").row(0)
    assert facts == (None, [], [], [])


def test_thousands_of_words_and_capitals_are_read_as_ever() -> None:
    assert specs_of("lorem " * 2_500 + "bed tot 22u", "SLAAPPLAATS TOT MORGEN 10U") == ["22:00", "+1d 10:00"]
    assert specs_of("tot " * 5_000, "22u " * 5_000, "vannacht " * 1_000) == [None, None, "+1n"]


def test_the_end_of_a_month_is_its_last_day():
    assert specs_of("Kamer in Bree tot het einde van de maand") == ["eom 23:59"]
    assert moment("eom 23:59", datetime(2026, 9, 3, 12, tzinfo=UTC)) == "30 23:59"


@pytest.mark.parametrize(
    "text",
    [
        "Opvang voor kinderen van 6 tot 12 in Geel",
        "Kinder von 3 bis 10 sind in Köln willkommen",
        "bis zum Bahnhof in Aachen kann ich dich fahren",
        "de l'eau jusqu'au plafond à Trooz, besoin de bras",
        "a charger in Theux, first come first served, 1h per person",
    ],
)
def test_ages_and_places_are_no_end(text: str):
    assert specs_of(text) == [None]
