"""The plot: posts written against unique offers, on one time axis.

Two panels, for thousands of posts would flatten a hundred offers to a line at the bottom. Drawn in the browser by the
Vega that comes with Streamlit; nothing in the specification points outside.
"""

from __future__ import annotations

from html import escape

import altair as alt
import polars as pl

from dashboard.words import Words

POSTS_COLOUR = "#7a8794"
OFFERS_COLOUR = "#009e73"
PANEL_HEIGHT = 130
AXIS_WIDTH = 44
"""The same for both panels, so that one moment stands at one place."""
TABLE_ROWS = 12


def posts_panel(series: pl.DataFrame, words: Words) -> alt.Chart:
    """Posts written per step. `series` has the columns of `queries.over_time`."""
    return _panel(series, words, "posts", POSTS_COLOUR)


def offers_panel(series: pl.DataFrame, words: Words) -> alt.Chart:
    """Unique offers so far."""
    return _panel(series, words, "offers", OFFERS_COLOUR)


def _panel(series: pl.DataFrame, words: Words, column: str, colour: str) -> alt.Chart:
    amount = alt.Y(
        f"{column}:Q", title=None, axis=alt.Axis(tickCount=3, format="d", minExtent=AXIS_WIDTH, maxExtent=AXIS_WIDTH)
    )
    axis = alt.Axis(format="%H:%M", labelFlush=True, tickCount=6, grid=False)
    time = alt.X("at:T", title=None, axis=axis, scale=alt.Scale(nice=False))
    tip = [alt.Tooltip("at:T", format="%d/%m %H:%M", title=words.say("plot.from")), alt.Tooltip(f"{column}:Q")]
    chart: alt.Chart = alt.Chart(alt.InlineData(values=_steps(series, words, column))).mark_area(
        line={"color": colour}, color=colour, fillOpacity=0.3, interpolate="step-after"
    )
    return chart.encode(x=time, y=amount, tooltip=tip).properties(height=PANEL_HEIGHT)


def _steps(series: pl.DataFrame, words: Words, column: str) -> list[dict[str, object]]:
    """The start of each step with its value, and the last value once more at its end.

    Times are those of the incident's clock, without a zone: the browser would otherwise show its own.
    """
    local = pl.col("at").dt.convert_time_zone(words.zone.key).dt.replace_time_zone(None)
    rows = series.select(column, "step", at=local)
    rows = pl.concat([rows, rows.tail(1).with_columns(at=pl.col("at") + pl.duration(seconds="step"))])
    return rows.select(column, at=pl.col("at").dt.strftime("%Y-%m-%dT%H:%M:%S")).to_dicts()


def summary(series: pl.DataFrame, words: Words) -> str:
    """The plot in one sentence."""
    first, last = series["at"][0], series["at"][-1]
    return words.say(
        "plot.summary",
        first=words.clock(first, last),
        last=words.clock(last, last),
        posts=words.number(int(series["posts"].sum())),
        offers=words.count("list.found_offer", int(series["offers"][-1])),
        requests=words.count("list.found_request", int(series["requests"][-1])),
    )


def table(series: pl.DataFrame, words: Words) -> str:
    """The plot as an HTML table of at most `TABLE_ROWS` stretches."""
    size = -(-series.height // TABLE_ROWS)
    stretches = (
        series.with_row_index("bar")
        .group_by(stretch=pl.col("bar") // size)
        .agg(pl.col("at").first(), pl.col("posts").sum(), pl.col("offers", "requests").last())
        .sort("stretch")
    )
    names = ("plot.from", "plot.written", "plot.unique_offers", "plot.unique_requests")
    heading = "".join(f'<th scope="col">{escape(words.say(name))}</th>' for name in names)
    end = series["at"][-1]
    rows = "".join(
        f'<tr><th scope="row">{escape(words.clock(row["at"], end))}</th>'
        + "".join(f"<td>{escape(words.number(row[name]))}</td>" for name in ("posts", "offers", "requests"))
        + "</tr>"
        for row in stretches.iter_rows(named=True)
    )
    return f'<table class="series"><thead><tr>{heading}</tr></thead><tbody>{rows}</tbody></table>'
