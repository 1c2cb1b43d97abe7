from itertools import islice

from loadtests.bench.prepared_requests import read_requests, signed_callbacks, write_requests
from loadtests.platform.options import SimulatorOptions


def test_requests_come_back_from_their_file_as_they_were(tmp_path):
    requests = [b"POST / HTTP/1.1\r\n\r\n", b"", b"\x00\xff" * 300]
    write_requests(tmp_path / "requests", requests, 3)
    assert read_requests(tmp_path / "requests") == requests


def test_only_as_many_as_asked_for_are_written(tmp_path):
    write_requests(tmp_path / "requests", signed_callbacks(SimulatorOptions(), 1), 5)
    assert len(read_requests(tmp_path / "requests")) == 5


def test_no_two_callbacks_are_alike_and_each_says_its_length():
    requests = list(islice(signed_callbacks(SimulatorOptions(), 1), 200))
    bodies = [request.partition(b"\r\n\r\n")[2] for request in requests]
    assert len(set(bodies)) == 200
    assert all(b"Content-Length: %d\r\n" % len(body) in request for request, body in zip(requests, bodies, strict=True))
