"""Flags: what is marked for a person to judge, what is not, and by which words. Every name and number is made up."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest

from dedupe.reading.flags import FLAGS, THRESHOLD, WEIGHED, make_flag_reader
from dedupe.reading.hatred import weigh_hatred
from dedupe.reading.readers import current_reader
from dedupe.wording import read_wordings


def read(*texts: str) -> list[dict[str, Any]]:
    reader = current_reader()
    said = read_wordings(pl.Series(texts), kept_tags=reader.facts.tags())
    contact = (pl.col("phones").list.len() > 0) | (pl.col("emails").list.len() > 0)
    return reader.read(said.select("wording", has_contact=contact)).to_dicts()


def flags_of(text: str) -> list[str]:
    flags: list[str] = read(text)[0]["flags"]
    return flags


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("Ik ga die gast vermoorden, ik zweer het. Ik ga hem doodslaan", "threat"),
        ("We weten waar je woont", "threat"),
        ("Je vais te buter", "threat"),
        ("On sait où tu habites", "threat"),
        ("We know where you live, watch your back", "threat"),
        ("Ich bring dich um", "threat"),
        ("Alle moslims moeten worden afgeslacht", "threat"),
        ("Die vluchtelingen zijn uitschot", "hate"),
        ("Les étrangers sont des parasites", "hate"),
        ("Immigrants are vermin", "hate"),
        ("Ausländer sind Abschaum", "hate"),
        ("Ik haat buitenlanders", "hate"),
        ("M0slims zijn ongedierte", "hate"),
        ("die b u i t e n l a n d e r s zijn ongedierte", "hate"),
        ("Alle buitenlnaders zijn ongedierte", "hate"),
        ("Hier is zijn adres: Kerkstraat 12. Ga eens langs bij die profiteur", "doxing"),
        ("Voici son adresse, allez lui dire ce que vous pensez", "doxing"),
        ("Here's her home address, make them pay", "doxing"),
        ("Hier ist seine Privatadresse, macht ihn fertig", "doxing"),
        ("Bed vrij in Genk, eerst 50 euro voorschot via tikkie", "scam"),
        ("Chambre à Liège, acompte par paypal, payez d'abord", "scam"),
        ("Room in Ghent, gift card as upfront fee", "scam"),
        ("Zimmer frei, Anzahlung vorab überweisen", "scam"),
        ("Doneer voor de slachtoffers, IBAN in bio, klik op de link", "scam"),
        ("2 bedden vrij, Kerkstraat 12 in Genk", "address"),
        ("Chambre libre, 12 rue de la Gare à Liège", "address"),
        ("Lit libre rue de la Station 45, Tongres", "address"),
        ("Beds free, 7 Church Street, Ghent", "address"),
        ("Schlafplatz frei, Bahnhofstr. 5 in Aachen", "address"),
        ("Schlafplatz frei, Bahnhofstraße 5a in Aachen", "address"),
        ("Mijn dochter Lisa (9) zoekt een lift naar Gent", "minor"),
        ("Notre fils Tom, 12 ans, cherche un lit", "minor"),
        ("Our daughter Emma, 9 years, is missing", "minor"),
        ("Unsere Tochter Mia (7 Jahre) sucht ihren Teddy", "minor"),
        ("11-jarige Noor is kwijt bij de ingang", "minor"),
        ("Naar het schijnt is er een tweede tent ingestort", "hedged"),
        ("Il paraît que la scène est tombée", "hedged"),
        ("Apparently the bridge is gone", "hedged"),
        ("Angeblich fährt kein Zug mehr", "hedged"),
    ],
)
def test_what_a_person_should_see_is_flagged(text: str, flag: str) -> None:
    assert flag in flags_of(text)


@pytest.mark.parametrize(
    "text",
    [
        "Slaapplaats voor 2 vrouwen in Genk, bel 0470 00 00 01",
        "Femmes et enfants bienvenus, 4 lits à Hasselt",
        "Women only: bed in Ghent",
        "Vluchtelingen en migranten zijn ook welkom bij ons",
        "5 doden en 140 gewonden op het festival",
        "Mijn batterij is bijna dood, ik kan niet bellen",
        "Ik ga die posters ophangen in de sporthal",
        "Wir hängen die Lampen auf",
        "Niemand haat vrouwen hier",
        "Ik haat immigranten niet",
        "I don't hate Muslims",
        "Je ne déteste pas les étrangers",
        "Wie zegt dat vluchtelingen uitschot zijn, is zelf racistisch",
        "Stop met vrouwen uitschot te noemen, dat is haatdragend",
        "Geen voorschot nodig, helemaal gratis",
        "Opgelet: oplichters vragen een voorschot, trap er niet in",
        "Rode Kruis: stort op het rekeningnummer van 1212",
        "Mijn moeder heeft plaats voor 3, haar nummer is 0470 00 00 01",
        "Onderweg 2 personen opgepikt, nog 5 km",
        "In onze straat 12 mensen zonder dak",
        "Op het marktplein 50 bedden",
        "Onze kinderen van 4 en 9 jaar zoeken een bed",
        "Mijn zoon brengt 2 tenten naar Kiewit",
        "Mijn dochter heeft 3 bedden vrij",
        "12-jarige jongen zoekt zijn moeder",
        "I'll find you a bed",
        "Mijn hond heet Max",
        "Veel sterkte aan iedereen",
    ],
)
def test_what_is_harmless_is_not(text: str) -> None:
    assert flags_of(text) == []


def test_an_authority_may_give_its_address_and_an_offer_is_no_doxing() -> None:
    assert flags_of("Stad Genk opent sporthal, Kerkstraat 12") == []
    assert flags_of("2 bedden vrij bij mijn buur, zijn adres is Kerkstraat 12, Genk") == ["address"]


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("Ik ga je vermoorden", "abuse"),
        ("Alle buitenlanders zijn walgelijk uitschot en ongedierte", "abuse"),
        ("Nog 2 bedden vrij in Genk, Kerkstraat 12", "offer"),
        ("Mijn dochter Lisa (9) zoekt een lift naar Gent", "request"),
    ],
)
def test_a_firm_flag_leads_to_abuse_and_what_protects_the_writer_never_does(text: str, category: str) -> None:
    told = read(text)[0]
    assert told["category"] == category
    if category == "abuse":
        assert told["why"]


def test_a_flag_tells_the_words_that_made_it() -> None:
    texts = pl.DataFrame(
        {"wording": ["de vluchtelingen zijn ongedierte", "bed in genk"], "has_contact": [False, False]}
    )
    texts = texts.with_columns(category=pl.lit("other"), kind=pl.lit(None, pl.String))
    weighed = make_flag_reader().weigh(texts)
    assert weighed.schema == WEIGHED
    assert weighed["hate_words"].to_list() == [["vluchteling", "ongedierte"], []]
    assert weighed["hate"][0] >= THRESHOLD > weighed["hate"][1] == 0


def test_what_is_said_further_apart_weighs_less_and_another_sentence_nothing() -> None:
    reader = make_flag_reader()

    def hate(text: str) -> float:
        texts = pl.DataFrame({"wording": [text], "has_contact": [False], "category": ["other"], "kind": ["bed"]})
        return float(reader.weigh(texts)["hate"][0])

    near, far, apart = (hate(f"vluchtelingen {'x' * gap} uitschot") for gap in (3, 50, 200))
    assert near > far > apart == 0


def test_rows_do_not_tell_on_each_other() -> None:
    texts = ["vluchtelingen", "uitschot", "ik ga je", "vermoorden", "de vluchtelingen zijn uitschot"]
    together = [row["flags"] for row in read(*texts)]
    assert together == [flags_of(text) for text in texts]
    assert together[:4] == [[], [], [], []]


def test_many_texts_are_flagged_as_few_are() -> None:
    texts = ["Kerkstraat 12 bedden vrij", "Les étrangers sont des parasites", "niets", "naar het schijnt waar"] * 1500
    assert [row["flags"] for row in read(*texts)][:4] == [flags_of(text) for text in texts[:4]]


def test_nothing_gives_nothing() -> None:
    empty = pl.DataFrame(
        schema={"wording": pl.String, "has_contact": pl.Boolean, "category": pl.String, "kind": pl.String}
    )
    assert make_flag_reader().weigh(empty).schema == WEIGHED
    read_nothing = current_reader().read(empty.select("wording", "has_contact"))
    assert read_nothing.height == 0
    nothing = {"row": pl.UInt32, "start": pl.Int64, "stop": pl.Int64, "value": pl.String, "firm": pl.Boolean}
    assert weigh_hatred(pl.LazyFrame(schema=nothing)).collect().height == 0


# What should never be absurd

BAD = {
    "another language": "Hay dos camas libres en mi casa, llámame por favor. Precisamos de ajuda em Lisboa",
    "mixed languages": "Hallo alle, on a 2 lits vrij in Genk, kommt vorbei, see you soon",
    "emoji only": "🙏🙏❤️😢",
    "one word": "help",
    "five thousand words": "woord " * 5000,
    "zalgo": "b̷̢̛e̸͝d̵͘ v̶r̷i̸j̵ i̶n̷ G̸e̵n̶k̷",
    "all capitals": "NOG TWEE BEDDEN VRIJ IN GENK!!! BEL 0470 00 00 01",
    "right to left": "يوجد سرير شاغر في المنزل اتصل بي",
    "right to left marks": "\u202ebed vrij in Genk\u202c",
    "a time": "Om 20:15 aan de ingang, tot 22u30",
    "a price": "Kostte 149,99 euro bij de winkel",
    "a postcode": "3500 Hasselt en 3600 Genk",
    "a date": "18/08/2011 en 19-08-2011",
    "a bus line": "Bus 20a en lijn 178 rijden niet",
    "nothing": "",
    "blanks": " \n\t ",
    "one letter": "a",
    "a long run": "a" * 20_000,
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_read_without_a_crash_and_without_an_absurd_flag(name: str) -> None:
    told = read(BAD[name])[0]
    assert told["flags"] == []
    assert told["category"] in {"offer", "other", "information", "request"}


def test_bad_input_together_is_read_as_apart() -> None:
    told = read(*BAD.values())
    assert [row["category"] for row in told] == [read(text)[0]["category"] for text in BAD.values()]
    assert all(set(row["flags"]) <= set(FLAGS) for row in told)


def test_capitals_and_zalgo_are_read_as_plain_words_are() -> None:
    capitals, plain = read(BAD["all capitals"], BAD["all capitals"].lower())
    assert (capitals["category"], capitals["capacity"], capitals["place"]) == ("offer", 2, "Genk")
    assert capitals == plain
