from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from dedupe.errors import LexiconError
from dedupe.reading.gazetteer import Gazetteer, load_gazetteer
from dedupe.reading.lexicon import WORDS, fold

ZWOLLE = (52.51, 6.09)


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return load_gazetteer()


def meant(gazetteer: Gazetteer, name: str) -> dict[str, object] | None:
    """What a name means, with its place."""
    places = gazetteer.places.with_row_index("index")
    found = gazetteer.names.filter(pl.col("pattern") == f" {fold(name)} ").join(places, on="index").to_dicts()
    return found[0] if found else None


@pytest.mark.parametrize(
    ("names", "official"),
    [
        ("Luik, Lüttich, Luettich, Liege, Liège", "Liège"),
        ("Brussel, Bruxelles, Brüssel, Bruessel, Brussels, Bxl", "Brussel/Bruxelles"),
        ("Leuven, Louvain, Löwen", "Leuven"),
        ("Aken, Aachen, Aix-la-Chapelle", "Aachen"),
        ("Bergen, Mons", "Mons"),
        ("Namen, Namur", "Namur"),
        ("Antwerpen, Anvers, Antwerp, A'pen", "Antwerpen"),
        ("Gent, Gand, Ghent", "Gent"),
        ("Sint-Truiden, St-Truiden, Saint-Trond", "Sint-Truiden"),
        ("Doornik, Tournai", "Tournai"),
        ("Keulen, Köln, Koeln, Cologne", "Köln"),
        ("Den Haag, La Haye, The Hague", "Den Haag"),
        ("Rijsel, Lille", "Lille"),
        ("Elsene, Ixelles", "Elsene/Ixelles"),
        ("Kelmis, La Calamine", "Kelmis"),
        ("Luxemburg, Luxembourg", "Luxembourg"),
        ("Parijs, Paris", "Paris"),
        ("Sint-Pieters-Woluwe, Woluwe-Saint-Pierre", "Sint-Pieters-Woluwe/Woluwe-Saint-Pierre"),
        ("Aarlen, Arlon, Arel", "Arlon"),
        ("Duinkerke, Dunkerque, Dunkirk, Dünkirchen", "Dunkerque"),
        ("Sankt Vith, Saint-Vith, St. Vith, St.Vith", "Sankt Vith"),
        ("Büllingen, Bullange", "Büllingen"),
        ("Malmedy, Malmédy", "Malmedy"),
        ("Waimes, Weismes", "Waimes"),
        ("Mesen, Messines", "Mesen"),
        ("Halle, Hal", "Halle"),
        ("Vloesberg, Flobecq", "Flobecq"),
        ("Comines-Warneton, Komen-Waasten", "Comines-Warneton"),
        ("'s-Gravenvoeren, Fouron-le-Comte", "'s-Gravenvoeren"),
        ("St-Truiden, St Truiden", "Sint-Truiden"),
    ],
)
def test_a_town_has_one_official_name_in_every_language(gazetteer: Gazetteer, names: str, official: str) -> None:
    for name in names.split(", "):
        place = meant(gazetteer, name)
        assert place is not None, name
        assert place["place"] == official, name


def test_parts_of_municipalities_around_are_known(gazetteer: Gazetteer) -> None:
    for name in ("Kiewit", "Kermt", "Runkst", "Godsheide", "Stokrooie", "Kuringen", "Stevoort", "Heusden-Zolder"):
        assert meant(gazetteer, name), name


@pytest.mark.parametrize(
    ("country", "names"),
    [
        (
            "BE",
            "Affligem, Bilzen-Hoeselt, Brunehaut, Clavier, Écaussinnes, Erpe-Mere, Fernelmont, Grâce-Hollogne, Habay, Heuvelland, "
            "Honnelles, Kluisbergen, Kruisem, Langemark-Poelkapelle, Lasne, Libramont-Chevigny, Lierde, Lievegem, Linter, "
            "Lo-Reninge, Maarkedal, Malle, Merelbeke-Melle, Mont-de-l'Enclus, Neupré, Pajottegem, Quévy, Roosdaal, Sambreville, "
            "Sivry-Rance, Spiere-Helkijn, Tessenderlo-Ham, Tongeren-Borgloon, Viroinval, Vleteren, Vresse-sur-Semois, Walhain, "
            "Wortegem-Petegem, Zwalm, Sourbrodt, Wallerode, Jeuk, Walshoutem, Vucht",
        ),
        (
            "NL",
            "Beekdaelen, Berg en Dal, Bernheze, Bronckhorst, De Fryske Marren, Echt-Susteren, Eijsden-Margraten, Goeree-Overflakkee, "
            "Gulpen-Wittem, Horst aan de Maas, Kapelle, Katwijk, Krimpenerwaard, Land van Cuijk, Landgraaf, Leudal, Maashorst, "
            "Meierijstad, Noordoostpolder, Peel en Maas, Roerdalen, Schouwen-Duiveland, Texel, Valkenburg aan de Geul, Westland",
        ),
        ("LU", "Käerjeng, Habscht, Helperknapp, Préizerdaul, Rosport-Mompach, Vallée de l'Ernz, Belval, Colmar-Berg"),
        ("DE", "Selfkant, Nordhorn, Bleialf, Eilendorf, Kalterherberg, Schuld"),
        ("FR", "Rocroi, Montmédy, Le Cateau-Cambrésis, Saint-Quentin, Wissant"),
    ],
)
def test_municipalities_and_parts_that_the_package_lacks_are_known(
    gazetteer: Gazetteer, country: str, names: str
) -> None:
    wanted = set(names.split(", "))
    assert wanted <= set(gazetteer.places.filter(country=country)["place"])


def test_parts_stand_where_their_municipality_does(gazetteer: Gazetteer) -> None:
    places = {row["place"]: (row["lat"], row["lon"]) for row in gazetteer.places.filter(country="BE").to_dicts()}
    assert places["Gelmen"] == places["Sint-Truiden"]


def test_a_part_of_an_unknown_municipality_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "places.yaml"
    text = (WORDS / "places.yaml").read_text("utf-8")
    path.write_text(text.replace("    Alveringem: ", "    Alveringemm: "), "utf-8")
    with pytest.raises(LexiconError, match=r"places\.yaml: `parts` of BE names 'Alveringemm'"):
        load_gazetteer(path=path)


def test_keys_are_unique_and_positions_are_on_the_map(gazetteer: Gazetteer) -> None:
    assert gazetteer.places["place_key"].is_unique().all()
    assert gazetteer.places["place_key"].is_sorted()
    assert gazetteer.names["pattern"].is_unique().all()
    assert gazetteer.places.filter(~pl.col("lat").is_between(35, 60) | ~pl.col("lon").is_between(-6, 17)).is_empty()


def test_a_place_that_the_package_has_too_is_there_once(gazetteer: Gazetteer) -> None:
    assert gazetteer.places.filter(place="Kermt").height == 1
    assert gazetteer.places.filter(place="Zonhoven", country="BE").height == 1


def test_of_two_towns_of_one_name_the_near_and_large_one_is_meant() -> None:
    near = meant(load_gazetteer(), "Hasselt")
    far = meant(load_gazetteer(ZWOLLE), "Hasselt")
    assert near is not None
    assert near["place_key"] == "hasselt.be"
    assert far is not None
    assert far["country"] == "NL"


@pytest.mark.parametrize(
    "name",
    ["Peer", "Bree", "Balen", "Mol", "As", "Halle", "Ham", "Essen", "Lens", "Ans", "Spa", "Best", "Goes", "Lede"],
)
def test_towns_that_are_words_need_a_word_of_place(gazetteer: Gazetteer, name: str) -> None:
    place = meant(gazetteer, name)
    assert place is not None
    assert place["strict"]


@pytest.mark.parametrize("name", ["een", "on", "meer", "Limburg", "werken", "alle", "centrum", "station"])
def test_the_most_common_words_are_no_towns(gazetteer: Gazetteer, name: str) -> None:
    assert meant(gazetteer, name) is None


def test_words_of_the_lists_make_a_town_strict() -> None:
    place = meant(load_gazetteer(lexicon_words=frozenset(["genk"])), "Genk")
    assert place is not None
    assert place["strict"]


@pytest.mark.parametrize(
    "text",
    [
        "official: [",
        "words: x\n",
        "- 1\n",
        "official: {}\nalso: {}\nours: [{name: x}]\nparts: {}\nwords: x\nnever: y\nordinary: z\n",
    ],
)
def test_a_broken_list_of_places_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "places.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(LexiconError, match=r"places\.yaml"):
        load_gazetteer(path=path)
    with pytest.raises(LexiconError, match="cannot be read"):
        load_gazetteer(path=tmp_path / "absent.yaml")
