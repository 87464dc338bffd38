"""Urgency: danger to life is flagged, news and manners of speaking are not."""

from __future__ import annotations

import polars as pl
import pytest

from dedupe.reading.facts import default_reader, read_facts
from dedupe.wording import read_wordings

DANGER = """
Help! mijn buurman is bewusteloos
we verdrinken hier help!!
Oma zit vast op het dak en het water stijgt
Het water stijgt en er zitten nog kinderen binnen
baby zonder melk in Kiewit
Mijn zoon is diabeet en heeft geen insuline meer, help
Iemand heeft dringend zuurstof nodig in Chênée
Zwangere vrouw heeft weeën, geen auto, help
Er ligt iemand bekneld onder een boom aan de weide
Mijn vader heeft pijn op de borst, waar is een dokter
Meisje ademt niet meer, camping B
Vriendin is onderkoeld, wie kan komen
Hij bloedt hevig, stuur een ambulance
Ik wil niet meer leven
Au secours, l'eau monte, on est coincés au premier étage avec un bébé
Mon père a une douleur à la poitrine, aidez-nous
Un homme inconscient près de la scène
Mamie est bloquée sur le toit à Pepinster
Plus d'insuline pour mon fils, urgent
Il ne respire plus, vite
Une personne coincée sous un arbre
Hypothermie, besoin de couvertures pour ma fille
My friend can't breathe, please send help
Trapped in the basement, water rising
Old man with chest pain near the gate
She is unconscious, camping field 3
My mum has no insulin left
We are stuck and the water keeps rising
He is bleeding heavily, need a medic
Someone here is suicidal, what do I do
Hilfe, Mann eingeklemmt unter Baum
Oma hat kein Insulin mehr
Das Wasser steigt, wir sitzen fest mit zwei Kindern
Frau bewusstlos am Eingang
Er atmet nicht mehr
Mein Opa hat Brustschmerzen, Straße ist gesperrt
Wir sitzen auf dem Dach, holt uns
Schwer verletzt, bitte Krankenwagen schicken
""".strip().splitlines()

NONE = """
Ik verdrink in het werk
Niemand gewond gelukkig
We zitten vast aan het station, lift nodig naar Gent
Verpleegkundige, kan gewonden verzorgen in Hasselt
Gisteren werden 3 mensen gered van het dak
Brandweer: twee zwaargewonden bij instorting, 5 doden
Bedolven onder de reacties, dank u
Wij bieden soep, help mee
EHBO cursus: wat doe je bij een hartaanval
Ik sterf van de honger
Bed vrij in Genk voor 2 personen
Sterkte aan alle slachtoffers en hun families
Zit vast in de file op de E313
De zelfmoordlijn is bereikbaar op 1813
mort de rire
Personne n'est blessé
Hier soir deux personnes ont été secourues, inconscientes
Noyé sous le travail aujourd'hui
Lit libre à Liège pour deux
Coincés dans les bouchons
Pas de blessés, merci
I'm dying of laughter
no one injured thankfully
People trapped under the stage in 2011 were rescued
stuck in traffic on the E313
Drowning in work today
Nearly had a heart attack when I saw the bill
Spare bed in Genk
Film tonight: trapped in an elevator
Ich ertrinke in Arbeit
Niemand verletzt
Das Fest ist ins Wasser gefallen
Gestern wurde ein Mann bewusstlos gefunden
Sterbe vor Lachen
Bett frei in Eupen
Wir stecken fest am Bahnhof, wer fährt nach Köln?
""".strip().splitlines()


def flags_of(*texts: str) -> list[list[str]]:
    wordings = read_wordings(pl.Series(texts), kept_tags=default_reader().tags())
    return read_facts(wordings.select("wording"))["flags"].to_list()


@pytest.mark.parametrize("text", DANGER)
def test_danger_to_life_is_flagged(text: str) -> None:
    assert flags_of(text) == [["danger"]]


@pytest.mark.parametrize("text", NONE)
def test_what_is_over_denied_or_a_manner_of_speaking_is_not_flagged(text: str) -> None:
    assert flags_of(text) == [[]]
