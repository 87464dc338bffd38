"""The HTML of the map: discs for what is offered, rings for what is asked for, names as text, dots as a picture.

Owns the markup. The page lets no SVG in but as a picture, and in a picture no name could be read aloud or set larger; so the
dots of other towns are a picture without meaning, and the towns stand over it. A table says the same (`markup.situation`).
"""

from __future__ import annotations

from html import escape
from urllib.parse import quote

from dashboard.landscape import Land, Spot
from dashboard.markup.plain import clean, shorten
from dashboard.words import Words

BEYOND = 8
"""Towns too far off that are named."""
DOT = "#8a949f"
"""Seen on white and on black."""


def drawn(land: Land, words: Words) -> str:
    """The map with what its signs mean."""
    about = words.say("map.about", km=words.number(round(land.km)))
    away = [_name(place) for place in land.beyond[:BEYOND]] + ["…"] * (len(land.beyond) > BEYOND)
    beyond = words.say("map.beyond", places=", ".join(away)) if away else ""
    return (
        f'<figure class="land">{_ground(land)}'
        f'<figcaption><span class="key-offered">{escape(words.say("map.offered"))}</span> '
        f'<span class="key-asked">{escape(words.say("map.asked"))}</span> '
        f'<span class="note">{escape(about)} {escape(beyond)}</span></figcaption></figure>'
    )


def thumbnail(land: Land, words: Words) -> str:
    """A small map of one town, which is named beneath it too: what the map shows is seen alone, not read aloud."""
    (town,) = land.towns
    told = words.say("map.town", place=_name(town.name), km=words.number(round(land.km)))
    return (
        f'<figure class="land thumbnail">{_ground(land)}<figcaption class="note">{escape(told)}</figcaption></figure>'
    )


def _ground(land: Land) -> str:
    spots = "".join(_landmark(spot) for spot in land.landmarks) + "".join(_spot(spot) for spot in land.towns)
    shape = f'style="aspect-ratio: {land.shape:.3f}"'
    return f'<div class="ground" aria-hidden="true" {shape}><img alt="" src="{_dots(land)}">{spots}</div>'


def _dots(land: Land) -> str:
    """Dots and nothing else: a picture that holds no word of anybody's."""
    tall = 100 / land.shape
    dots = "".join(f"<circle cx='{x:g}' cy='{y * tall / 100:.1f}' r='{size / 3:.2g}'/>" for x, y, size in land.dots)
    drawing = f"<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 100 {tall:.2f}' fill='{DOT}' fill-opacity='.45'>{dots}</svg>"
    return f"data:image/svg+xml,{quote(drawing, safe=chr(39) + '/:= ')}"


def _landmark(spot: Spot) -> str:
    return f'<span class="landmark{_side(spot)}" style="{_at(spot)}">{escape(_name(spot.name))}</span>'


def _spot(spot: Spot) -> str:
    disc = f'<i class="offered" style="{_at(spot, spot.offered)}"></i>' if spot.offers else ""
    ring = f'<i class="asked" style="{_at(spot, spot.asked)}"></i>' if spot.requests else ""
    if not spot.named:
        return disc + ring
    beside = max(spot.offered, spot.asked) / 2
    at = f"left: {spot.x - beside if spot.left else spot.x + beside:.2f}%; top: {spot.y:.2f}%"
    told = f"<b>{spot.offers}</b>" * bool(spot.offers) + f" <em>{spot.requests}</em>" * bool(spot.requests)
    return f'{disc}{ring}<span class="town{_side(spot)}" style="{at}">{escape(_name(spot.name))} {told}</span>'


def _side(spot: Spot) -> str:
    return " left" if spot.left else ""


def _at(spot: Spot, size: float | None = None) -> str:
    place = f"left: {spot.x:.2f}%; top: {spot.y:.2f}%"
    return place if size is None else f"{place}; width: {size:.2f}%"


def _name(place: str) -> str:
    return shorten(clean(place), characters=40, lines=1)
