"""Plots are SVG whose text can be read, with units on their axes and honest baselines."""

from xml.etree import ElementTree as ET

import msgspec
import pytest

from loadtests.report import plots

SVG = "{http://www.w3.org/2000/svg}"
DRAWN = {
    plots.throughput: ("a second", "callbacks acknowledged", "pushes accepted by the platform", "2,000"),
    plots.latency: ("milliseconds", "median", "99th percentile", "slowest"),
    plots.depth: ("entries", "pushes waiting", "events not yet worked on"),
    plots.waits: ("seconds", "high", "normal"),
    plots.shed: ("a second", "Shed: callbacks told to come later"),
}


def words(svg):
    return {"".join(text.itertext()).strip() for text in ET.fromstring(svg).iter(f"{SVG}text")}


@pytest.mark.parametrize("plot", DRAWN)
def test_axes_and_lines_are_named_and_quantities_begin_at_zero(recording, plot):
    assert {*DRAWN[plot], "seconds since the run began", "0"} <= words(plot(recording))


def test_the_readmes_picture_has_both_plots_and_its_title(recording):
    assert {"Throughput", "Callback latency", "all well"} <= words(plots.readme_picture(recording, "all well"))


def test_the_same_recording_makes_the_same_picture(recording):
    assert plots.throughput(recording) == plots.throughput(recording)


def test_an_empty_recording_can_be_drawn(recording):
    empty = msgspec.structs.replace(recording, spike=[], campaign=[], sends=[], depths=[])
    for plot in DRAWN:
        assert words(plot(empty))
