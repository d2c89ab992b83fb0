"""Figures for reports and papers, each saved as SVG and PNG, in colours that the colour-blind can tell apart."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

#: Okabe and Ito's palette, by stance.
COLOURS = {"favor": "#0072B2", "against": "#D55E00", "neutral": "#8A8A8A"}


def _axes(width: float, height: float) -> tuple[Any, Any]:
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    mpl.rcParams.update({"font.size": 11, "svg.fonttype": "none", "svg.hashsalt": "stancelab", "axes.spines.top": False,
                         "axes.spines.right": False, "font.family": "DejaVu Sans"})  # fmt: skip
    return plt.subplots(figsize=(width, height), layout="constrained")


def save(figure: Any, stem: Path) -> Path:
    """Write `<stem>.svg` and `<stem>.png` and return the SVG's path."""
    import matplotlib.pyplot as plt

    stem.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(stem.with_suffix(".svg"), metadata={"Date": None})
    figure.savefig(stem.with_suffix(".png"), dpi=160)
    plt.close(figure)
    return stem.with_suffix(".svg")


def scores(models: Mapping[str, float], intervals: Mapping[str, Sequence[float]], label: str) -> Any:
    """A dot with its 95% interval for each model."""
    figure, axes = _axes(6.4, 0.9 + 0.45 * len(models))
    for row, (name, value) in enumerate(reversed(list(models.items()))):
        low, high = intervals.get(name) or (value, value)
        axes.plot([low, high], [row, row], color="#555", linewidth=2)
        axes.plot(value, row, "o", color=COLOURS["favor"], markersize=8)
        axes.annotate(f"{value:.3f}", (value, row), xytext=(0, 8), textcoords="offset points", ha="center", fontsize=10)
    axes.set_yticks(range(len(models)), list(reversed(list(models))))
    axes.set_ylim(-0.5, len(models) - 0.3)
    axes.set_xlim(0, 1)
    axes.set_xlabel(f"{label} (95% interval)")
    return figure


def rank_plot(places: Mapping[str, tuple[float, float, float]]) -> Any:
    """The rank of each run over resampled articles: a dot at the mean, a line over 95% of the resamples; best on top."""
    figure, axes = _axes(6.4, 0.9 + 0.45 * len(places))
    ordered = sorted(places.items(), key=lambda item: -item[1][0])
    for row, (_, (middle, low, high)) in enumerate(ordered):
        axes.plot([low, high], [row, row], color="#555", linewidth=2)
        axes.plot(middle, row, "o", color=COLOURS["favor"], markersize=8)
    axes.set_yticks(range(len(ordered)), [_plain(name, 40) for name, _ in ordered])
    axes.set_ylim(-0.5, len(ordered) - 0.5)
    axes.set_xlim(0.8, len(ordered) + 0.2)
    axes.set_xticks(range(1, len(ordered) + 1))
    axes.set_xlabel("rank (95% of resamples)")
    return figure


def curve(points: Sequence[tuple[float, float, Sequence[float] | None]], setting: str, label: str) -> Any:
    """A figure against the one numeric setting in which runs differ (a learning curve where it is `data.sample`)."""
    figure, axes = _axes(6.4, 3.4)
    ordered = sorted(points, key=lambda point: point[0])
    axes.plot([x for x, _, _ in ordered], [y for _, y, _ in ordered], "-o", color=COLOURS["favor"], linewidth=2)
    for x, y, bounds in ordered:
        low, high = bounds or (y, y)
        axes.plot([x, x], [low, high], color="#555", linewidth=2, zorder=0)
    axes.set_xlabel(setting)
    axes.set_ylabel(f"{label} (95% interval)")
    return figure


def confusion(matrix: Sequence[Sequence[int]], labels: Sequence[str]) -> Any:
    """Gold by predicted; the shade is the share of the gold label, the number the count."""
    figure, axes = _axes(4.4, 3.9)
    shares = [[count / max(1, sum(row)) for count in row] for row in matrix]
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for i, row in enumerate(matrix):
        for j, count in enumerate(row):
            colour = "white" if shares[i][j] > 0.55 else "#111"
            axes.text(j, i, f"{count}\n{shares[i][j]:.0%}", ha="center", va="center", color=colour, fontsize=10)
    axes.set_xticks(range(len(labels)), labels)
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xlabel("predicted")
    axes.set_ylabel("gold")
    for side in axes.spines.values():
        side.set_visible(False)
    return figure


def reliability(confidence: Sequence[float], right: Sequence[bool], bins: int = 10) -> Any:
    """How often the model is right at each level of confidence; on the diagonal it knows what it knows."""
    figure, axes = _axes(4.4, 3.9)
    groups: dict[int, list[tuple[float, bool]]] = defaultdict(list)
    for value, hit in zip(confidence, right, strict=True):
        groups[min(bins - 1, int(value * bins))].append((value, hit))
    axes.plot([0, 1], [0, 1], "--", color="#999", linewidth=1)
    for rows in groups.values():
        x, y = sum(v for v, _ in rows) / len(rows), sum(h for _, h in rows) / len(rows)
        axes.plot(x, y, "o", color=COLOURS["favor"], markersize=4 + 10 * math.sqrt(len(rows) / len(right)))
    axes.set_xlim(0, 1.02)
    axes.set_ylim(0, 1.02)
    axes.set_xlabel("confidence")
    axes.set_ylabel("share right (area: number of pairs)")
    return figure


def risk_coverage(confidence: Sequence[float], right: Sequence[bool]) -> Any:
    """The error rate that remains when only the surest part is answered (El-Yaniv and Wiener 2010)."""
    figure, axes = _axes(4.4, 3.9)
    order = sorted(range(len(right)), key=lambda i: -confidence[i])
    wrong, xs, ys = 0, [], []
    for count, i in enumerate(order, 1):
        wrong += not right[i]
        xs.append(count / len(order))
        ys.append(wrong / count)
    axes.plot(xs, ys, color=COLOURS["against"], linewidth=2)
    axes.set_xlim(0, 1)
    axes.set_ylim(0, max(0.05, *ys[len(ys) // 20 :]) * 1.15 if ys else 1)
    axes.set_xlabel("share answered, surest first")
    axes.set_ylabel("share wrong")
    return figure


def _represented(party: Mapping[str, Any]) -> str:
    return str(party["represents"]["name"] if party.get("represents") else party["name"])


def network(positions: Sequence[Mapping[str, Any]], most: int = 16) -> Any:
    """Who is for or against whom: an arrow from actor to target, wide where often, dashed where it alleges bias."""
    figure, axes = _axes(7.2, 6.4)
    edges: Counter[tuple[str, str, str]] = Counter()
    alleged: set[tuple[str, str, str]] = set()
    for row in positions:
        edge = (_represented(row["actor"]), _represented(row["target"]), row["stance"])
        if row["stance"] != "neutral" and edge[0] != edge[1]:
            edges[edge] += 1
            if row["alleges_bias"]:
                alleged.add(edge)
    degree: Counter[str] = Counter()
    for (actor, target, _), count in edges.items():
        degree[actor] += count
        degree[target] += count
    nodes = sorted(name for name, _ in degree.most_common(most))
    place = {
        name: (math.cos(2 * math.pi * i / max(1, len(nodes))), math.sin(2 * math.pi * i / max(1, len(nodes))))
        for i, name in enumerate(nodes)
    }
    for (actor, target, stance), count in edges.items():
        if actor in place and target in place:
            axes.annotate(
                "", place[target], place[actor],
                arrowprops={
                    "arrowstyle": "-|>", "color": COLOURS[stance], "linewidth": 1 + min(5, math.log2(1 + count)),
                    "connectionstyle": f"arc3,rad={0.12 if stance == 'against' else 0.24}", "shrinkA": 14, "shrinkB": 14,
                    "linestyle": "--" if (actor, target, stance) in alleged else "-", "mutation_scale": 16, "alpha": 0.85,
                },
            )  # fmt: skip
    for name, (x, y) in place.items():
        axes.plot(x, y, "o", color="#333", markersize=7)
        axes.text(x * 1.12, y * 1.12, _plain(name), ha="center" if abs(x) < 0.3 else "left" if x > 0 else "right", va="center")
    axes.set_xlim(-1.75, 1.75)
    axes.set_ylim(-1.35, 1.35)
    axes.axis("off")
    from matplotlib.lines import Line2D

    keys = [Line2D([], [], color=COLOURS[name], linewidth=2, label=name) for name in ("favor", "against")]
    keys.append(Line2D([], [], color="#333", linewidth=2, linestyle="--", label="alleges bias"))
    axes.legend(handles=keys, loc="lower center", ncols=3, frameon=False, fontsize=10)
    return figure


def matrix(positions: Sequence[Mapping[str, Any]], most: int = 14) -> Any:
    """Actors by targets: favor minus against, and how many positions that sums."""
    totals: Counter[tuple[str, str]] = Counter()
    balance: Counter[tuple[str, str]] = Counter()
    actors: Counter[str] = Counter()
    targets: Counter[str] = Counter()
    for row in positions:
        key = (_represented(row["actor"]), _represented(row["target"]))
        if row["stance"] == "neutral" or key[0] == key[1]:
            continue
        totals[key] += 1
        balance[key] += 1 if row["stance"] == "favor" else -1
        actors[key[0]] += 1
        targets[key[1]] += 1
    rows = [name for name, _ in actors.most_common(most)]
    columns = [name for name, _ in targets.most_common(most)]
    figure, axes = _axes(2.8 + 0.5 * len(columns), 1.9 + 0.42 * len(rows))
    grid = [[balance[(a, t)] / totals[(a, t)] if totals[(a, t)] else 0 for t in columns] for a in rows]
    if rows and columns:
        axes.imshow(grid, cmap="PuOr_r", vmin=-1.4, vmax=1.4, aspect="auto")
    for i, actor in enumerate(rows):
        for j, target in enumerate(columns):
            if count := totals[(actor, target)]:
                axes.text(j, i, str(count), ha="center", va="center", fontsize=9)
    axes.set_xticks(range(len(columns)), [_plain(name) for name in columns], rotation=40, ha="right")
    axes.set_yticks(range(len(rows)), [_plain(name) for name in rows])
    axes.set_xlabel("target")
    axes.set_ylabel("actor")
    return figure


def timeline(dated: Sequence[tuple[str, str]]) -> Any:
    """Positions a month: favor above the line, against below. `dated` holds (ISO date, stance)."""
    figure, axes = _axes(7.2, 2.8)
    months = sorted({date[:7] for date, _ in dated})
    for stance, sign in (("favor", 1), ("against", -1)):
        counts = [sign * sum(d[:7] == month and s == stance for d, s in dated) for month in months]
        axes.bar(range(len(months)), counts, color=COLOURS[stance], label=stance)
    axes.axhline(0, color="#333", linewidth=0.8)
    step = max(1, len(months) // 12)
    axes.set_xticks(range(0, len(months), step), months[::step], rotation=40, ha="right")
    axes.yaxis.set_major_formatter(lambda value, _: f"{abs(value):g}")
    axes.set_ylabel("positions")
    axes.legend(frameon=False, fontsize=10)
    return figure


def _plain(text: str, length: int = 26) -> str:
    """Names as figure labels: no mathtext, no control characters, not too long."""
    clean = "".join(c for c in text if c.isprintable()).replace("$", r"\$")
    return clean if len(clean) <= length else clean[: length - 1] + "…"


def dataset_balance(rows: Sequence[Sequence[Any]]) -> Any:
    """Stances of the pairs of each part as stacked bars; `rows` as in `src.data.statistics.counts`."""
    figure, axes = _axes(6.4, 0.9 + 0.45 * len(rows))
    names = [str(row[0]) for row in rows]
    left = [0] * len(rows)
    for column, stance in zip((4, 5, 6), ("favor", "against", "neutral"), strict=True):
        values = [int(row[column]) for row in rows]
        axes.barh(names, values, left=left, color=COLOURS[stance], label=stance)
        left = [a + b for a, b in zip(left, values, strict=True)]
    axes.invert_yaxis()
    axes.set_xlabel("directed pairs")
    axes.legend(frameon=False)
    return figure
