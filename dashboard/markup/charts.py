"""The plots: posts written against unique offers, and what the sources brought, each on one time axis.

Two panels, for thousands of posts would flatten a hundred offers to a line at the bottom. Drawn in the browser by the
Vega that comes with Streamlit; nothing in the specification points outside.
"""

from __future__ import annotations

from html import escape
from typing import Literal

import altair as alt
import polars as pl

from dashboard.words import Words

POSTS_COLOUR = "#7a8794"
OFFERS_COLOUR = "#009e73"
SOURCE_COLOURS = {
    "bluesky": "#0072b2", "mastodon": "#cc79a7", "x": "#e69f00", "file": "#009e73", "desk": "#56b4e9", "replay": "#7a8794",
}  # fmt: skip
"""Okabe and Ito's, that can be told apart by all, in the light and in the dark."""
PANEL_HEIGHT = 130
RUNS_HEIGHT = 190
"""With room for the names of the sources."""
AXIS_WIDTH = 44
"""The same for both panels, so that one moment stands at one place."""
TABLE_ROWS = 12
TIME_AXIS = alt.Axis(format="%H:%M", labelFlush=True, tickCount=6, grid=False)


def posts_panel(series: pl.DataFrame, words: Words) -> alt.Chart:
    """Posts written per step. `series` has the columns of `queries.over_time`."""
    return _panel(series, words, "posts", POSTS_COLOUR)


def offers_panel(series: pl.DataFrame, words: Words) -> alt.Chart:
    """Unique offers so far."""
    return _panel(series, words, "offers", OFFERS_COLOUR)


def runs_panel(series: pl.DataFrame, words: Words, column: Literal["new", "failed"]) -> alt.Chart:
    """What runs brought, or how many failed, in each step, a colour for each source. `series` as `runs.over_time`."""
    sources = series["source"].unique().sort().to_list()
    colours = [SOURCE_COLOURS.get(each, POSTS_COLOUR) for each in sources]
    names = [words.word("source", each) for each in sources]
    axis = alt.Axis(tickCount=3, format="d", tickMinStep=1, minExtent=AXIS_WIDTH, maxExtent=AXIS_WIDTH)
    local = _local(words)
    rows = series.filter(pl.col(column) > 0).select(
        column, at=_written(local), to=_written(local + pl.duration(seconds="step")), source=_named(sources, names)
    )
    ends = series.select(first=_written(local.min()), last=_written((local + pl.duration(seconds="step")).max())).row(0)
    time = alt.X("at:T", title=None, axis=TIME_AXIS, scale=alt.Scale(domain=ends, nice=False))
    chart: alt.Chart = alt.Chart(alt.InlineData(values=rows.to_dicts())).mark_bar()
    return chart.encode(
        x=time,
        x2="to:T",
        y=alt.Y(f"sum({column}):Q", title=None, stack="zero", axis=axis),
        color=alt.Color(
            "source:N",
            title=None,
            scale=alt.Scale(domain=names, range=colours),
            legend=alt.Legend(orient="top", padding=0, offset=6),
        ),
        tooltip=[alt.Tooltip("at:T", format="%H:%M"), alt.Tooltip("source:N"), alt.Tooltip(f"{column}:Q")],
    ).properties(height=RUNS_HEIGHT)


def runs_summary(series: pl.DataFrame, words: Words) -> str:
    """The plot of the runs in one sentence."""
    times = series["at"].sort()
    first, last = times[0], times[-1]
    return words.say(
        "runs.summary",
        first=words.clock(first, last),
        last=words.clock(last, last),
        posts=words.count("runs.posts", int(series["new"].sum())),
        failures=words.count("runs.failures", int(series["failed"].sum())),
    )


def any_failed(series: pl.DataFrame) -> bool:
    """Whether there is a failure to plot."""
    return bool((series["failed"] > 0).any())


def runs_table(series: pl.DataFrame, words: Words) -> str:
    """What each source brought, and how often it failed, as an HTML table."""
    names = ("runs.source", "runs.new_posts", "runs.failed_runs")
    heading = "".join(f'<th scope="col">{escape(words.say(name))}</th>' for name in names)
    rows = "".join(
        f'<tr><th scope="row">{escape(words.word("source", source))}</th>'
        f"<td>{escape(words.number(new))}</td><td>{escape(words.number(failed))}</td></tr>"
        for source, new, failed in series.group_by("source")
        .agg(pl.col("new", "failed").sum())
        .sort("source")
        .iter_rows()
    )
    return f'<table class="series"><thead><tr>{heading}</tr></thead><tbody>{rows}</tbody></table>'


def _named(sources: list[str], names: list[str]) -> pl.Expr:
    return pl.col("source").replace_strict(sources, names, return_dtype=pl.String)


def _panel(series: pl.DataFrame, words: Words, column: str, colour: str) -> alt.Chart:
    amount = alt.Y(
        f"{column}:Q", title=None, axis=alt.Axis(tickCount=3, format="d", minExtent=AXIS_WIDTH, maxExtent=AXIS_WIDTH)
    )
    time = alt.X("at:T", title=None, axis=TIME_AXIS, scale=alt.Scale(nice=False))
    tip = [alt.Tooltip("at:T", format="%d/%m %H:%M", title=words.say("plot.from")), alt.Tooltip(f"{column}:Q")]
    chart: alt.Chart = alt.Chart(alt.InlineData(values=_steps(series, words, column))).mark_area(
        line={"color": colour}, color=colour, fillOpacity=0.3, interpolate="step-after"
    )
    return chart.encode(x=time, y=amount, tooltip=tip).properties(height=PANEL_HEIGHT)


def _steps(series: pl.DataFrame, words: Words, column: str) -> list[dict[str, object]]:
    """The start of each step with its value, and the last value once more at its end."""
    rows = series.select(column, "step", at=_local(words))
    rows = pl.concat([rows, rows.tail(1).with_columns(at=pl.col("at") + pl.duration(seconds="step"))])
    return rows.select(column, at=_written(pl.col("at"))).to_dicts()


def _local(words: Words) -> pl.Expr:
    """The column `at` as the incident's clock shows it, without a zone: the browser would otherwise show its own."""
    return pl.col("at").dt.convert_time_zone(words.zone.key).dt.replace_time_zone(None)


def _written(moment: pl.Expr) -> pl.Expr:
    return moment.dt.strftime("%Y-%m-%dT%H:%M:%S")


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
