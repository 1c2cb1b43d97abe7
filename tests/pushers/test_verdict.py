"""What each answer of the platform means for a push."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pushers.errcodes import WECOM, label
from pushers.verdict import MAX_ERROR_CHARACTERS, judge, plain_message, unanswered


def answer(errcode: object, errmsg: str = "", **fields: object) -> bytes:
    return json.dumps({"errcode": errcode, "errmsg": errmsg, **fields}, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("body", "msgid"),
    [
        (b'{"errcode":0,"errmsg":"ok","msgid":3557254367693750277}', "3557254367693750277"),
        (b'{"errcode":0,"errmsg":"ok","msgid":"3557254367693750277"}', "3557254367693750277"),
        (b'{"errcode":"0","errmsg":"ok","msg_id":7}', "7"),
        (b'{"msgid":200163836}', "200163836"),
        (b'{"errcode":0,"errmsg":"ok","msgid":99999999999999999999999}', "99999999999999999999999"),
        (b'\xef\xbb\xbf{"errcode":0,"errmsg":"ok"}', ""),
        (b'{"errcode":0,"errmsg":"a raw \x01 control \n character","msgid":5}', "5"),
        (b'{"errcode":0,"errmsg":"not \xff utf-8","msgid":5}', "5"),
    ],
)
def test_accepted_in_all_its_spellings(body, msgid):
    verdict = judge(200, body)
    assert (verdict.kind, verdict.errcode, verdict.msgid, verdict.error) == ("sent", 0, msgid, "")


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (200, b"<html>busy</html>"),
        (200, b"[]"),
        (200, b'"ok"'),
        (200, b'{"errcode":"many"}'),
        (200, b'{"errcode":null}'),
        (200, b'{"errcode":true}'),
        (200, b'{"errcode":NaN}'),
        (200, b'{"errcode":99999999999999999999}'),
        (200, b'{"errcode":"-9999999999999999999"}'),
        (200, b'{"errcode":%b}' % (b"9" * 4_299)),
        (500, b'{"errcode":0,"errmsg":"ok","msgid":1}'),
        (503, b'{"errcode":43004,"errmsg":"require subscribe"}'),
        (502, b"Bad Gateway"),
        (404, b'{"detail":"not found"}'),
        (302, b""),
        (200, b"[" * 100_000),
        (200, b'{"a":' * 100_000),
    ],
)
def test_what_cannot_be_read_is_an_unknown_outcome_and_repeated(status, body):
    verdict = judge(status, body)
    assert (verdict.kind, verdict.errcode, verdict.seconds) == ("retry", None, 0)
    assert verdict.error.startswith("HTTP ")


@pytest.mark.parametrize(
    ("errcode", "kind"),
    [
        (-1, "retry"), (61450, "retry"), (9001002, "retry"), (43117, "retry"), (45066, "retry"),
        (40001, "token"), (40014, "token"), (42001, "token"),
        (45009, "park"), (45011, "park"), (45040, "park"), (45102, "park"), (48001, "stop"), (48003, "stop"),
        (45065, "sent"), (40241, "sent"), (44007, "sent"),
        (40003, "suppressed"), (43004, "suppressed"), (43019, "suppressed"), (46004, "suppressed"),
        (48002, "suppressed"), (50005, "suppressed"), (43101, "suppressed"), (50002, "suppressed"),
        (47003, "dead"), (41001, "dead"), (40036, "dead"), (40165, "dead"), (43116, "dead"), (47001, "dead"),
        (40037, "dead"), (99999, "dead"), (-2, "dead"),
        (40013, "stop"), (40125, "stop"), (40164, "stop"), (40243, "stop"), (48004, "stop"), (50001, "stop"),
        (89503, "stop"), (89506, "stop"), (89507, "stop"),
    ],
)  # fmt: skip
def test_codes_and_their_verdicts(errcode, kind):
    verdict = judge(200, answer(errcode, "words"))
    assert (verdict.kind, verdict.errcode) == (kind, errcode)
    assert judge(200, answer(str(errcode), "words")) == verdict


@pytest.mark.parametrize(
    ("errcode", "scope"),
    [
        (40003, "recipient"), (43004, "recipient"), (43019, "recipient"), (50005, "recipient"),
        (43101, "recipient+template"), (50002, "recipient or account"), (45015, "push"), (45047, "push"),
        (40037, "template"), (48011, "template"), (43116, "template"), (47003, "push"),
        (48001, "api"), (45009, "api"), (45102, "api"), (40164, "account"), (48004, "account"),
    ],
)  # fmt: skip
def test_codes_and_what_they_concern_besides_the_push(errcode, scope):
    assert judge(200, answer(errcode)).scope == scope


def test_the_two_platforms_mean_different_things_by_one_number():
    assert judge(200, answer(48002)).kind == "suppressed"
    assert judge(200, answer(48002), WECOM).kind == "stop"
    assert judge(200, answer(50001)).kind == "stop"
    assert judge(200, answer(50001), WECOM).kind == "dead"


def test_how_long_things_rest():
    assert judge(200, answer(45009)).quota == "day"
    assert judge(200, answer(45011)).quota == "minute"
    assert judge(200, answer(45040)).quota == "month"
    assert judge(200, answer(89507)).seconds == 3_600
    assert judge(200, answer(89506)).seconds == 86_400
    assert judge(200, answer(40164)).seconds == 300
    assert judge(200, answer(43117)).seconds >= 120
    assert (judge(200, answer(99999)).seconds, judge(200, answer(99999)).repeats) == (60, 1)


@pytest.mark.parametrize(
    ("errmsg", "text"),
    [
        (
            "argument invalid! data.thing1.value invalid rid: 6630f0b8-1b2f7bd4-0f0f0f0f",
            "errcode 47003: argument invalid! data.thing1.value invalid",
        ),
        ("bad hint: [1714112500_12_abcdef], from ip: 1.2.3.4, more info", "errcode 47003: bad"),
        ("openid oABCDEFGHIJKLMNOPQRSTUVWXYZ01 is wrong", "errcode 47003: openid … is wrong"),
        ("", "errcode 47003"),
    ],
)
def test_the_text_for_the_upstream_says_what_is_wrong_and_nothing_else(errmsg, text):
    assert judge(200, answer(47003, errmsg)).error == text


@given(st.text(max_size=3_000))
def test_texts_are_bounded_and_hold_nothing_that_may_be_an_openid(errmsg):
    error = judge(200, answer(47003, errmsg)).error
    assert len(error) <= MAX_ERROR_CHARACTERS
    assert "oABCDEFGHIJKLMNOPQRSTUVWXYZ0" not in plain_message(errmsg + "oABCDEFGHIJKLMNOPQRSTUVWXYZ0")


@given(st.integers(100, 599), st.binary(max_size=200))
def test_any_bytes_get_a_verdict(status, body):
    assert judge(status, body).kind in {"sent", "retry", "dead"}


@pytest.mark.parametrize("cut_off", [r"\ud83d", r"\ude00", r"\ud83d\u0041"])
def test_a_message_that_was_cut_within_a_character_keeps_its_code_and_can_be_stored(cut_off):
    verdict = judge(200, b'{"errcode":47003,"errmsg":"argument invalid! %b"}' % cut_off.encode())
    assert (verdict.kind, verdict.errcode) == ("dead", 47003)
    assert verdict.error.encode().startswith(b"errcode 47003: argument invalid! ?")


def test_a_whole_character_that_json_escapes_is_kept():
    assert judge(200, rb'{"errcode":47003,"errmsg":"\ud83d\ude00"}').error == "errcode 47003: \U0001f600"


@pytest.mark.parametrize("msgid", ["-1", "true", '"\u0661\u0662"', "1.5", "9" * 33, '"%s"' % ("9" * 100_000)])
def test_what_is_no_message_id_is_none(msgid):
    verdict = judge(200, f'{{"errcode":0,"msgid":{msgid}}}'.encode())
    assert (verdict.kind, verdict.msgid) == ("sent", "")


def test_no_answer_is_repeated():
    assert unanswered("ReadTimeout: no answer in 5 s").kind == "retry"


def test_labels_are_bounded():
    assert [label(code) for code in (0, -1, 43004, 81013, 12345678)] == ["0", "-1", "43004", "81013", "other"]


def test_the_platforms_id_of_the_request_is_kept_and_not_shown_as_a_part_of_the_error():
    verdict = judge(200, answer(47003, "argument invalid! rid: 6630c9ed-1f2e3d4c-5b6a7988"))
    assert (verdict.rid, verdict.error) == ("6630c9ed-1f2e3d4c-5b6a7988", "errcode 47003: argument invalid!")
    assert judge(200, answer(47003, "no such id")).rid == ""
