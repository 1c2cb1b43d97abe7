"""What may be wrong with an upstream, and the one line that says so."""

from pathlib import Path

from tests.runtime.configuration.loading import ACCOUNT, UPSTREAM, error_of, load


def test_names_and_keys_must_differ(in_directory: Path) -> None:
    assert error_of(ACCOUNT + ACCOUNT) == 'tidegate.toml: accounts[1].name: "traffic" is there twice; names must differ'
    same_key = UPSTREAM + UPSTREAM.replace("violations", "weather")
    assert error_of(ACCOUNT + same_key) == (
        "tidegate.toml: upstreams[1].key: another upstream has the same key; give each its own"
    )


def test_faults_of_an_upstream(in_directory: Path) -> None:
    assert error_of(ACCOUNT + UPSTREAM + 'accounts = ["trafic"]') == (
        'tidegate.toml: upstreams[0].accounts: no account is named "trafic"; did you mean "traffic"?'
    )
    assert error_of(ACCOUNT + UPSTREAM.replace("upstream-key-1", "short")) == (
        "tidegate.toml: upstreams[0].key: expected at least 8 printable ASCII characters without a space"
    )
    assert error_of(ACCOUNT + UPSTREAM.replace('key = "upstream-key-1"', "")) == (
        "tidegate.toml: upstreams[0].key: missing; give it here or as TIDEGATE_UPSTREAMS__0__KEY"
    )


def test_yes_and_no_from_the_file_and_the_environment(in_directory: Path) -> None:
    assert load(ACCOUNT + UPSTREAM + "operator = true").upstreams[0].operator
    assert load(ACCOUNT + UPSTREAM, {"TIDEGATE_UPSTREAMS__0__OPERATOR": "true"}).upstreams[0].operator
    assert error_of(ACCOUNT + UPSTREAM + "operator = 1").endswith("expected true or false, got 1")


def test_a_webhook_has_a_url_and_a_secret_that_libraries_take(in_directory: Path) -> None:
    url, secret = 'webhook_url = "https://fines.test/hooks"\n', "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    upstream = load(ACCOUNT + UPSTREAM + url + f'webhook_secret = "{secret}"').upstreams[0]
    assert (upstream.webhook_url, upstream.webhook_secret.reveal()) == ("https://fines.test/hooks", secret)
    assert error_of(ACCOUNT + UPSTREAM + url).endswith("webhook_secret: expected whsec_ and 24 to 64 bytes in base64")
    without_url = error_of(ACCOUNT + UPSTREAM + f'webhook_secret = "{secret}"')
    broken = url.replace("fines.test", "fines..test")
    assert error_of(ACCOUNT + UPSTREAM + broken + f'webhook_secret = "{secret}"').endswith(
        "webhook_url: expected a URL such as https://receiver.example/webhooks"
    )
    assert without_url.endswith("webhook_url: expected a URL such as https://receiver.example/webhooks")
