"""The areas, the regions and the parts of an index in sentences."""

from __future__ import annotations

import pandas as pd

from parlib.analysis.comparison import part_means
from parlib.numerals import rounded
from parlib.report.blocks import Paragraph, Ref
from parlib.report.views import End, View, ends, part_node
from parlib.report.wording import Content, Parts, is_known
from parlib.scoring.results import WHOLE


def areas(view: View, areas: pd.DataFrame) -> Paragraph | None:
    """The areas with the highest and the lowest mean, where the means of at least two are known."""
    areas = areas[areas["node"] != WHOLE]
    known = areas[areas["mean"].notna()]
    if len(known) < 2:
        return None
    best, worst = ends(known["node"], known["mean"])

    def mean(end: End) -> Parts:
        node = end.keys[0]
        return view.amount(view.number(end.value, view.ref(node=node), node=node, made="mean"))

    contents: dict[str, Content] = {
        "best": shared_nodes(view, best),
        "high": mean(best),
        "worst": shared_nodes(view, worst),
        "low": mean(worst),
    }
    if len(known) == len(areas):
        return Paragraph(
            view.phrase(
                "Highest mean of the {areas}: {best}, {high}; lowest: {worst}, {low}.", areas=view.areas, **contents
            )
        )
    n = view.wording.count(len(known), view.ref(node="*", column="areas_known"))
    of = view.wording.count(len(areas), view.ref(node="*", column="areas"))
    return Paragraph(
        view.phrase(
            "Of the {n}/{all} {areas} whose mean is known, the highest is {best}, {high}; the lowest {worst}, {low}.",
            areas=view.areas,
            n=n,
            all=of,
            **contents,
        )
    )


def shared_nodes(view: View, end: End) -> Parts:
    """The areas that share an extreme."""
    return view.shared(map(view.node_name, end.keys), *(view.ref(node=node) for node in end.keys), noun=view.areas)


def regions(view: View, regions: pd.DataFrame) -> Paragraph | None:
    """The regions with the highest and the lowest mean, where the means of at least two are known."""
    known = regions[regions["mean"].notna()] if not regions.empty else regions
    if len(known) < 2:
        return None
    high, low = float(known["mean"].max()), float(known["mean"].min())

    def told(mean: float) -> tuple[str, Parts]:
        tied = [region for region, value in zip(known["region"], known["mean"], strict=True) if _same(value, mean)]
        names = "".join(str(part) for part in view.wording.join(view.region_names[region] for region in tied))
        refs: tuple[Ref, ...] = tuple(view.ref(f"region:{region}") for region in tied)
        return names, view.amount(view.number(mean, *refs, made="mean"))

    (best, top), (worst, bottom) = told(high), told(low)
    contents = {"best": best, "high": top, "worst": worst, "low": bottom}
    if len(known) == len(regions):
        return Paragraph(view.phrase("Highest regional mean: {best}, {high}; lowest: {worst}, {low}.", **contents))
    n = view.wording.count(len(known), view.ref("region:*", column="regions_known"))
    of = view.wording.count(len(regions), view.ref("region:*", column="regions"))
    return Paragraph(
        view.phrase(
            "The mean is known for {n}/{all} regions; which is the highest and which the lowest is not settled.",
            n=n,
            all=of,
        )
    )


def _same(value: float, other: float) -> bool:
    return rounded(value, 9) == rounded(other, 9)


def parts(view: View, parts: pd.DataFrame) -> Paragraph | None:
    """The mean of each component over the units, where every ranked unit is known."""
    items = []
    for component, points, most, differs in part_means(parts, view.results).itertuples(index=False):
        node = part_node(str(component))
        decimals = view.measure.decimals
        mean = view.wording.number(float(points), decimals, view.ref(node=node, column="points"), made="mean")
        if is_known(most):
            of = view.ref(node=node, column="maximum")
            maximum = view.wording.number(float(most), decimals, of, made="mean" if differs else "value")
            if differs:
                items.append(
                    view.phrase(
                        "{part} {mean} points of a mean maximum of {maximum} that applies",
                        part=view.part_name(str(component)), mean=mean, maximum=maximum,
                    )
                )  # fmt: skip
                continue
            items.append(
                view.phrase(
                    "{part} {mean} of {maximum} points", part=view.part_name(str(component)), mean=mean, maximum=maximum
                )
            )
        else:
            items.append(view.phrase("{part} {mean} points", part=view.part_name(str(component)), mean=mean))
    return Paragraph(view.phrase("Mean of the parts: {list}.", list=view.wording.join(items))) if items else None
