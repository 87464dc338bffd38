from __future__ import annotations

import polars as pl
import pytest

from dedupe.reading.category import CATEGORIES, read_category
from dedupe.reading.facts import default_reader, read_facts
from dedupe.wording import read_wordings
from tests.dedupe.reading.test_facts import read_sentences


def categories_of(*texts: str) -> list[dict[str, object]]:
    read = read_wordings(pl.Series(texts), kept_tags=default_reader().tags())
    contact = (pl.col("phones").list.len() > 0) | (pl.col("emails").list.len() > 0)
    return read_category(read_facts(read.select("wording", has_contact=contact))).to_dicts()


def test_the_written_sentences_get_the_category_a_person_gives() -> None:
    sentences = read_sentences()
    told = categories_of(*(sentence.text for sentence in sentences))
    wrong = [
        f"{sentence.text}: {row['category']}, not {sentence.category} ({row['why']})"
        for sentence, row in zip(sentences, told, strict=True)
        if sentence.category not in (".", row["category"])
    ]
    assert not wrong, "\n".join(wrong)


def test_the_categories_are_all_among_the_sentences() -> None:
    assert {sentence.category for sentence in read_sentences()} == {*CATEGORIES, "."}


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("Stad Genk opent sporthal als slaapplaats", "information"),
        ("Wij openen ons huis: slaapplaats voor 4 in Genk", "offer"),
        ("Slaapplaats Genk, help@example.org", "offer"),
        ("Respect voor iedereen! Zelf nog 2 bedden vrij in Genk", "offer"),
        ("Veel sterkte aan de families. Slaapplaats bij ons in Genk, welkom", "offer"),
        ("Naar het schijnt kan je slapen in de sporthal", "rumour"),
        ("Schande van de organisatie! Zoek lift naar Gent", "request"),
        ("Dank aan iedereen die een bed gaf", "sympathy"),
    ],
)
def test_the_most_useful_of_two_categories_leads(text: str, category: str) -> None:
    assert categories_of(text)[0]["category"] == category


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("The mayor says tomorrow it begins anew", "information"),
        ("My cousin says tomorrow it begins anew", "rumour"),
        ("The council knew it on Monday", "blame"),
        ("My cousin says you can sleep on his sofa in Genk, room for 2", "offer"),
        ("Le procureur affirme que cela recommence", "information"),
        ("Mon coiffeur affirme que cela recommence", "rumour"),
        ("La province savait cela lundi", "blame"),
    ],
)
def test_who_speaks_of_whom_decides_where_no_word_of_a_category_does(text: str, category: str) -> None:
    assert categories_of(text)[0]["category"] == category


@pytest.mark.parametrize(
    ("text", "category"),
    [
        ("Un divan à Genk ?", "request"),
        ("Un divan à Genk", "offer"),
        ("A sofa in Genk?", "request"),
        ("A sofa in Genk", "offer"),
        ("Besoin d'un divan à Genk ?", "offer"),
    ],
)
def test_a_question_asks_for_the_help_it_names(text: str, category: str) -> None:
    assert categories_of(text)[0]["category"] == category


STAY_AWAY = (
    *(
        "Politie Bree: kom uw kinderen niet zelf halen, ze slapen veilig in de turnzaal",
        "Brandweer Peer: blijf weg, wacht thuis",
    ),
    *(
        "Stad Bree: kom je auto nog niet halen, de parking is dicht tot 6u",
        "Politie: breng uw kinderen niet naar de weide",
    ),
    "Gemeente Alken: laat uw kinderen niet komen, ze kunnen niet in de zaal slapen. Info 0470 00 00 31",
    "Police de Huy : ne venez pas chercher vos enfants, ils dorment au gymnase. Attendez à la maison",
    "Pompiers de Huy : ne venez pas avec vos voitures, restez chez vous, vos enfants sont au hall",
    "La commune de Huy : ne venez pas chercher vos enfants, ils sont logés à l'école, attendez notre appel",
    "Polizei: Holt eure Kinder nicht selbst ab, eure Kinder schlafen in der Turnhalle",
    "Feuerwehr: Kommen Sie nicht zur Halle, Ihre Kinder schlafen dort. Bleiben Sie zu Hause",
    "Police: do not come to collect your children, they are asleep in the school. Wait at home",
    "Council: please stay away from the school, your children are sleeping there, wait for our call",
)
COME = (
    *("Kom uw kinderen hier gerust laten slapen", "Kom je kinderen gerust hier ophalen, we hebben nog een bed vrij"),
    *("Politie laat niemand door. Kom niet te voet, ik haal u op, 3 plaatsen", "Bij ons in Peer: kom uw gsm opladen"),
    *(
        "Brandweer zegt: blijf binnen. Wie buiten staat mag bij mij slapen in Genk",
        "Politie: blijf weg. Slaapplaats vrij in Alken",
    ),
    *(
        "Venez faire dormir vos enfants chez nous, deux lits à Huy",
        "Ne venez pas à pied, je vous ramène en voiture, 3 places",
    ),
    *(
        "Police : restez chez vous. Je loge deux personnes à Huy",
        "Vos enfants dorment chez nous si vous voulez, deux lits à Huy",
    ),
    *("Holt eure Kinder bei uns ab, hier ist ein Bett", "Polizei sagt: bleibt zu Hause. Zwei Betten bei mir in Eupen"),
    *(
        "Bringt eure Kinder zu uns, sie können hier schlafen",
        "Kommt nicht zu Fuß, ich fahre euch heim, 3 Plätze ab Eupen",
    ),
    *("Your children are welcome to sleep at our place in Leeds", "Police: stay at home. My sofa in York is free"),
    *(
        "Don't come on foot, I can drive you home, 3 seats",
        "Police say stay away from Leeds. We have a spare room in York",
    ),
)


@pytest.mark.parametrize("text", STAY_AWAY)
def test_an_authority_that_tells_people_not_to_come_informs_and_offers_nothing(text: str) -> None:
    told = categories_of(text)[0]
    assert (told["category"], told["stance"] if told["firm_stance"] else None) == ("information", None)


@pytest.mark.parametrize("text", COME)
def test_who_invites_offers_whatever_an_authority_says_and_however_one_should_not_come(text: str) -> None:
    assert categories_of(text)[0]["category"] == "offer"


@pytest.mark.parametrize(
    "text",
    [
        "Politie Genk zoekt vrijwilligers om zandzakken te vullen, kom niet met de auto",
        "Oma zit vast in Genk, de brandweer kan niet komen, wie kan haar halen?",
        "Les pompiers disent d'attendre : restez chez vous, mais ma mère est bloquée à Huy, qui peut l'héberger ?",
        "Die Polizei sagt, bleibt zu Hause. Wir sitzen fest in Eupen und suchen ein Bett",
        "Police told us to stay put in Leeds, we need blankets for three children",
    ],
)
def test_who_asks_for_help_asks_though_an_authority_says_to_stay_away(text: str) -> None:
    assert categories_of(text)[0]["category"] == "request"


def test_the_words_that_decided_are_quoted() -> None:
    request, rumour, other = categories_of(
        "Gezocht: slaapplaats in Genk", "Naar het schijnt valt er nog iets", "morgen weer naar de les"
    )
    assert request["why"] == "‘gezocht’, ‘slaapplaats’"
    assert rumour["why"] == "‘naar het schijnt’"
    assert (other["category"], other["why"]) == ("other", "")


def test_certainty_lies_between_nothing_and_all_and_is_higher_for_firm_words() -> None:
    sure, unsure = categories_of("Ik bied een slaapplaats in Genk", "bed Genk")
    assert 0 < float(str(unsure["certainty"])) < float(str(sure["certainty"])) < 1


def test_nothing_gives_nothing() -> None:
    texts = pl.DataFrame({"wording": [], "has_contact": []}, schema={"wording": pl.String, "has_contact": pl.Boolean})
    told = read_category(read_facts(texts))
    assert told.height == 0
    assert told.select("category", "certainty", "why").dtypes == [pl.String, pl.Float64, pl.String]
