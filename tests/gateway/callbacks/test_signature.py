"""A callback's query: what is accepted as signed by the platform, and when."""

import pytest

from gateway.callbacks.rejection import ForgedCallbackError
from gateway.callbacks.signature import check_freshness, check_signature, parse_query, sign

GOOD = b"signature=abc&timestamp=1714112445&nonce=415670741&openid=oX"


@pytest.mark.parametrize(
    ("token", "timestamp", "nonce", "signature"),
    [
        ("AAAAA", "1714036504", "1514711492", "f464b24fc39322e44b38aa78f5edd27bd1441696"),
        ("AAAAA", "1714037059", "486452656", "899cf89e464efb63f54ddac96b0a0a235f53aa78"),
        ("gwTestToken01", "1714112445", "415670741", "7b772114a8d98a753872a5aab68f49d500161e88"),
    ],
)
def test_published_signatures_hold(token, timestamp, nonce, signature):
    assert sign(token, timestamp, nonce) == signature
    check_signature(signature, token, timestamp, nonce)


@pytest.mark.parametrize("signature", ["", "f464", "F464B24FC39322E44B38AA78F5EDD27BD1441696", "签名"])
def test_any_other_signature_is_forged(signature):
    with pytest.raises(ForgedCallbackError) as refused:
        check_signature(signature, "AAAAA", "1714036504", "1514711492")
    assert refused.value.status == 403
    assert refused.value.result == "rejected_signature"


def test_query_is_read_with_names_we_do_not_know_left_aside():
    asked = parse_query(GOOD + b"&encrypt_type=aes&msg_signature=def&tenant=7")
    assert (asked.signature, asked.timestamp, asked.nonce) == ("abc", "1714112445", "415670741")
    assert (asked.encrypt_type, asked.msg_signature, asked.echostr) == ("aes", "def", "")


def test_plus_stays_a_plus_escaped_or_not():
    assert parse_query(GOOD + b"&echostr=a%2Bb%2Fc%3D%3D").echostr == "a+b/c=="
    assert parse_query(GOOD + b"&echostr=a+b/c==").echostr == "a+b/c=="


@pytest.mark.parametrize(
    "query",
    [
        b"",
        b"&",
        GOOD + b"&",
        GOOD + b"&nonce=1",
        GOOD + b"&n%6Fnce=1",
        GOOD + b"&echostr",
        GOOD + b"&=x",
        GOOD + b"&echostr=%",
        GOOD + b"&echostr=%2",
        GOOD + b"&echostr=%zz",
        GOOD + b"&echostr=%ff",
        GOOD + b"&echostr=\xe4\xbd\xa0",
        GOOD + b"&echostr=" + b"a" * 5000,
        GOOD + b"".join(b"&p%d=1" % n for n in range(40)),
        b"signature=abc&nonce=1",
        b"signature=abc&timestamp=&nonce=1",
        b"signature=abc&timestamp=-5&nonce=1",
        b"signature=abc&timestamp=1714112445.0&nonce=1",
        b"signature=abc&timestamp=%D9%A1&nonce=1",
        b"signature=abc&timestamp=1714112445000&nonce=1",
        b"signature=abc&timestamp=1714112445",
        b"signature=abc&timestamp=1714112445&nonce=",
        b"signature=abc&timestamp=1714112445&nonce=" + b"1" * 129,
    ],
)
def test_malformed_query_is_forged(query):
    with pytest.raises(ForgedCallbackError):
        parse_query(query)


@pytest.mark.parametrize("now", [1714112445 - 600, 1714112445, 1714112445 + 600])
def test_timestamp_within_the_window_is_fresh(now):
    check_freshness("1714112445", now, 600)


@pytest.mark.parametrize("now", [1714112445 - 601, 1714112445 + 601])
def test_timestamp_outside_the_window_is_refused_either_way(now):
    with pytest.raises(ForgedCallbackError, match="check the clock"):
        check_freshness("1714112445", now, 600)


def test_a_window_of_zero_switches_the_check_off():
    check_freshness("1", 1714112445, 0)
