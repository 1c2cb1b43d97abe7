import json

import pytest
from typer.testing import CliRunner

from loadtests.arrivals import __main__ as command
from loadtests.arrivals import proof
from loadtests.arrivals.engine import Snapshot
from loadtests.arrivals.histogram import Histogram
from loadtests.arrivals.live_line import LiveLine
from loadtests.arrivals.report import Report
from loadtests.arrivals.runner import Run

URL = ["--url=http://127.0.0.1:1/callback/a", "--token=t"]
CONSTANT = ["--rate=10", "--seconds=1"]
SPIKE = ["--shape=spike", "--rate=1", "--peak=9", "--spike-at=1", "--spike-seconds=1", "--seconds=3"]
STEP = ["--shape=step", "--rate=1", "--to=9", "--steps=3", "--seconds=3"]


def call(*arguments):
    return CliRunner().invoke(command.app, [*arguments])


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        ([*CONSTANT, "--peak=5"], "--peak: makes no sense with --shape constant"),
        ([*CONSTANT, "--trace=x", "--speed=2"], "--trace, --speed: makes no sense with --shape constant"),
        (["--shape=trace", "--trace=x", "--rate=1"], "--rate: makes no sense with --shape trace"),
        ([*STEP, "--spike-at=1"], "--spike-at: makes no sense with --shape step"),
        (["--shape=poisson", "--rate=1", "--seconds=1", "--to=2"], "--to: makes no sense with --shape poisson"),
        (["--rate=1"], "--shape constant needs --seconds"),
        (["--shape=spike", "--rate=1", "--seconds=1"], "needs --peak, --spike-at, --spike-seconds"),
        (["--shape=trace"], "--shape trace needs --trace"),
        (["--rate=0", "--seconds=1"], "--rate must be above 0"),
        (["--rate=nan", "--seconds=1"], "--rate must be a number that has an end"),
        (["--rate=1", "--seconds=0"], "--seconds must be above 0"),
        (["--rate=1", "--seconds=inf"], "--seconds must be a number that has an end"),
        ([*STEP, "--steps=1"], "--steps must be at least 2"),
        ([*STEP, "--to=-1"], "--rate and --to must not be negative"),
        ([*STEP, "--rate=0", "--to=0"], "--rate and --to must not both be 0"),
        ([*SPIKE, "--rate=-1"], "--rate must not be negative"),
        ([*SPIKE, "--peak=1"], "--peak must be above --rate"),
        ([*SPIKE, "--spike-at=-1"], "--spike-at must not be negative"),
        ([*SPIKE, "--spike-seconds=0"], "--spike-seconds must be above 0"),
        ([*SPIKE, "--spike-at=2.5"], "--spike-at and --spike-seconds must fit into --seconds"),
        (["--shape=trace", "--trace=x", "--speed=0"], "--speed must be above 0"),
        ([*CONSTANT, "--in-flight=0"], "--in-flight must be at least 1"),
        ([*CONSTANT, "--in-flight=5", "--opened=6"], "--opened must be between 0 and --in-flight"),
        ([*CONSTANT, "--deliveries=4"], "--deliveries must be between 1 and 3"),
        ([*CONSTANT, "--deliveries=1", "--pause=1"], "--pause makes no sense with --deliveries 1"),
        ([*CONSTANT, "--pause=-1"], "--pause must be between 0 and 60"),
        ([*CONSTANT, "--deadline=0"], "--deadline must be above 0"),
        ([*CONSTANT, "--max-lag=0"], "--max-lag must be above 0"),
        ([*CONSTANT, "--max-skipped=2"], "--max-skipped must be between 0 and 1"),
        ([*CONSTANT, "--token="], "--token must not be empty"),
        ([*CONSTANT, "--aes-key=k"], "--aes-key makes no sense with --mode plaintext"),
        ([*CONSTANT, "--app-id=wx1"], "--app-id makes no sense with --mode plaintext"),
        ([*CONSTANT, "--mode=secure", "--aes-key=k"], "--app-id is needed with --mode secure"),
        ([*CONSTANT, "--mode=secure", "--app-id=wx1"], "--aes-key is needed with --mode secure"),
        ([*CONSTANT, "--url=http://192.0.2.1/callback/a"], "--i-own-this-system"),
        ([*CONSTANT, "--url=https://127.0.0.1/"], "http://"),
        (["--rate=1e9", "--seconds=1e9"], "more than 500,000 arrivals"),
        (["--shape=trace", "--trace=/nowhere/trace"], "/nowhere/trace"),
    ],
)
def test_what_makes_no_sense_is_refused_by_its_name(arguments, named):
    result = call(*URL, *arguments)
    assert result.exit_code == 2
    assert named in result.stderr
    assert result.stdout == ""


def test_every_line_of_a_bad_trace_is_named(tmp_path):
    path = tmp_path / "trace"
    path.write_text("1\nsoon\n0.5\n")
    result = call(*URL, "--shape=trace", f"--trace={path}")
    assert result.exit_code == 2
    assert f"{path}:2: " in result.stderr
    assert f"{path}:3: " in result.stderr


def report(*void):
    nothing = Histogram().percentiles()
    return Report(
        shape="constant", void=void, seconds=1, arrivals=10, offered_rate=10, acked=10, acked_rate=10, failed=0,
        skipped=0, repeats=0, repeats_skipped=0, answers={"200": 10}, connections_opened=1, connections_most=1,
        source_addresses=1, cpu_share=0, latency=nothing, from_write=nothing, unacked=nothing, lag=nothing,
    )  # fmt: skip


def test_a_run_that_counts_ends_with_status_0_and_one_json_line(monkeypatch):
    monkeypatch.setattr(command, "run_arrivals", lambda *_: Run(report(), [], Histogram()))
    result = call(*URL, *CONSTANT)
    assert result.exit_code == 0
    assert json.loads(result.stdout)["acked"] == 10
    assert "the run counts" in result.stderr


def test_a_void_run_ends_with_status_3_and_says_why(monkeypatch):
    monkeypatch.setattr(
        command, "run_arrivals", lambda *_: Run(report("the generator itself was late"), [], Histogram())
    )
    result = call(*URL, *CONSTANT)
    assert result.exit_code == 3
    assert json.loads(result.stdout)["void"] == ["the generator itself was late"]
    assert "VOID: the generator itself was late" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "field", "value"),
    [
        (["--in-flight=8"], "opened", 8),
        ([], "opened", 64),
        (["--i-own-this-system"], "owned", True),
        (["--pause=0"], "pause", 0),
        ([], "pause", 0.5),
    ],
)
def test_what_is_not_given_has_a_default_that_fits(monkeypatch, arguments, field, value):
    seen = []
    monkeypatch.setattr(
        command, "run_arrivals", lambda options, _: seen.append(options) or Run(report(), [], Histogram())
    )
    assert call(*URL, *CONSTANT, *arguments).exit_code == 0
    assert getattr(seen[0], field) == value


class Terminal:
    def __init__(self, watched):
        self.watched = watched
        self.written = ""

    def isatty(self):
        return self.watched

    def write(self, text):
        self.written += text

    def flush(self):
        pass


@pytest.mark.parametrize("watched", [True, False])
def test_progress_shows_where_somebody_watches(watched):
    terminal = Terminal(watched)
    line = LiveLine(terminal)
    line(Snapshot(elapsed=1, begun=2000, acked=1990, failed=0, skipped=3, in_flight=10))
    line.end()
    assert ("2,000 sent" in terminal.written) == watched
    assert ("3 skipped" in terminal.written) == watched
    assert bool(terminal.written) == watched


@pytest.mark.parametrize("stall", ["0.1", "4", "nan"])
def test_a_stall_that_could_not_show_is_refused(stall):
    result = CliRunner().invoke(proof.app, [f"--stall={stall}"])
    assert result.exit_code == 2
    assert "--stall must be" in result.stderr
