import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from loadtests.chaos.exported import read_total

PAGE = b"""\
# TYPE lost_total counter
lost_total 3.0
sent_total{account="a"} 1.0
sent_total{account="b"} 2.0
sent_total_more 9.0
"""


class Exporter(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(PAGE)

    def log_message(self, *_):
        pass


@pytest.fixture
def address():
    with HTTPServer(("127.0.0.1", 0), Exporter) as server:
        thread = threading.Thread(target=server.handle_request)
        thread.start()
        yield f"127.0.0.1:{server.server_port}"
        thread.join()


@pytest.mark.parametrize(("counter", "total"), [("lost_total", 3), ("sent_total", 3), ("none_total", None)])
def test_the_series_of_a_counter_are_added_up(address, counter, total):
    assert read_total(address, counter) == total


def test_where_nobody_answers_nothing_was_told():
    assert read_total("127.0.0.1:9", "lost_total") is None
