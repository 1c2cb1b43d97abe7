"""`doctor`: looks at a deployment as an expert would."""

import sys
from typing import Annotated

import typer

from runtime.commands.options import Config
from runtime.errors import ConfigurationError


def doctor(
    config: Config = None,
    *,
    callback_url: Annotated[
        str,
        typer.Option("--callback-url", metavar="URL", help="The console's, up to /callback/; default: server.bind."),
    ] = "",
    json: Annotated[bool, typer.Option("--json", help="One JSON object a finding.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 for warnings as well.")] = False,
) -> int:
    """Examine a deployment and say what is wrong, what comes of it and what to do; exit 1 if anything is."""
    import msgspec  # noqa: PLC0415  see the package
    import trio  # noqa: PLC0415  see the package
    from rich.console import Console  # noqa: PLC0415  see the package

    from monitoring.logs import configure_logging  # noqa: PLC0415  see the package
    from runtime.configuration.addresses import is_web_address  # noqa: PLC0415  see the package
    from runtime.configuration.settings import file_in_use, load_settings  # noqa: PLC0415  see the package
    from runtime.doctor.deployment import open_deployment  # noqa: PLC0415  see the package
    from runtime.doctor.examiner import examine  # noqa: PLC0415  see the package
    from runtime.doctor.finding import Finding  # noqa: PLC0415  see the package
    from runtime.doctor.report import draw, is_healthy, worst_first  # noqa: PLC0415  see the package

    if callback_url and not is_web_address(callback_url):
        example = "https://push.example.com"
        raise ConfigurationError(f'--callback-url: expected a URL such as {example}, got "{callback_url}"')
    settings = load_settings(config)
    configure_logging("doctor", again=True)

    async def look() -> list[Finding]:
        async with open_deployment(settings, file_in_use(config), callback_url) as deployment:
            return await examine(deployment)

    findings = trio.run(look)
    if json:
        for finding in worst_first(findings):
            sys.stdout.write(msgspec.json.encode(finding).decode() + "\n")
    else:
        Console().print(draw(findings))
    return 0 if is_healthy(findings, strict=strict) else 1
