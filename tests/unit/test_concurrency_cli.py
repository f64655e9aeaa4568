from __future__ import annotations

import json
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from serverless_patterns.concurrency_cli import main
from tests.conftest import ROOT

if TYPE_CHECKING:
    from pathlib import Path

LOAD = ["--rate", "200", "--duration", "0.35s"]


def run(*arguments: str) -> str:
    result = CliRunner().invoke(main, [*arguments])
    assert result.exit_code == 0, result.output
    return result.output


def cells(output: str) -> list[list[str]]:
    """The rows of every table, what breaks a line within one joined again."""
    rows: list[list[str]] = []
    for line in output.splitlines():
        if line.startswith("│"):
            row = [cell.strip() for cell in line.strip("│").split("│")]
            if row[0] or not rows:
                rows.append(row)
            else:
                rows[-1] = [f"{old} {new}".strip() for old, new in zip(rows[-1], row, strict=True)]
    return rows


def answers(*arguments: str) -> dict[str, str]:
    return {row[0]: row[1] for row in cells(run(*LOAD, *arguments)) if len(row) == 2}


def test_the_answers_for_a_load_that_is_served() -> None:
    told = answers()

    assert list(told.items())[:7] == [
        ("executions at once, by Little's law", "70 = 200 a second for 0.35 s each"),
        ("if requests arrive at random", "up to 97 for 99.9 % of the time"),
        ("limit", "1,000 of the account's 1,000; 900 can be reserved, as 100 stay unreserved"),
        ("ramp of one function", "1,000 new at once, then 100 a second, which is enough"),
        ("requests that wait for a cold start", "70 of 10,000 (0.7%)"),
        ("throttled requests", "0 of 10,000 (0.0%)"),
        ("none waits and none is throttled with", "70 provisioned"),
    ]


def test_the_answers_for_a_burst_that_is_throttled() -> None:
    told = answers("--burst", "10", "--init", "800ms", "--provisioned", "100", "--others", "200")

    assert list(told.items())[:10] == [
        ("executions at once, by Little's law", "70 = 200 a second for 0.35 s each"),
        ("at the peak", "700"),
        ("at the peak, if requests arrive at random", "up to 783 for 99.9 % of the time"),
        ("with the initialization of new ones", "up to 2,080"),
        (
            "limit",
            "800 of the account's 1,000 beside 200 of other functions; 700 can be reserved, as 100 "
            "stay unreserved",
        ),
        ("ramp of one function", "1,000 new at once, then 100 a second; 10 s for the peak"),
        ("provisioned", "100; requests that spill over: 50,140 of 64,000 (78.3%)"),
        ("requests that wait for a cold start", "700 of 64,000 (1.1%)"),
        (
            "throttled requests",
            "1,280 of 64,000 (2.0%), in seconds 10 to 11: 1,280 by the account's limit",
        ),
        ("none waits and none is throttled with", "700 provisioned"),
    ]


def test_what_is_reserved_is_said_to_be_the_limit() -> None:
    told = answers("--reserved", "50")

    assert told["limit"] == "50 reserved, as a share and as a limit"
    assert told["throttled requests"].endswith("in seconds 0 to 49: 2,850 by what is reserved")


def test_a_single_second_of_throttles_is_named() -> None:
    told = answers("--burst", "10", "--burst-for", "1s", "--provisioned", "100")

    assert "(0.0%)" in told["throttled requests"]
    told = answers("--burst", "30", "--burst-for", "1s", "--init", "0.2s")
    assert re.search(r", in second 10: [\d,]+ by the account's limit$", told["throttled requests"])


def test_an_account_that_is_too_small_to_provision_that_much_is_told() -> None:
    told = answers("--burst", "30")

    assert told["none waits and none is throttled with"] == (
        "2,100 provisioned, for which the account's limit must be 2,200 or more"
    )


def test_short_requests_are_told_why_they_take_more() -> None:
    told = {
        row[0]: row[1] for row in cells(run("--rate", "100", "--duration", "20ms")) if len(row) == 2
    }

    assert told["executions at once, by Little's law"] == (
        "10 = 100 a second for 0.1 s each (an execution takes 10 a second at most)"
    )


def test_the_time_line_tells_the_first_seconds_at_each_rate_apart() -> None:
    output = run(*LOAD, "--burst", "10", "--init", "0.8s", "--provisioned", "100")

    rows = [row for row in cells(output) if len(row) == 6]
    assert rows[4:8] == [
        ["10", "2,000", "1,810", "1,000", "900", "810"],
        ["11", "2,000", "2,080", "1,000", "0", "270"],
        ["12 to 14", "6,000", "1,238", "1,000", "0", "0"],
        ["15 to 39", "50,000", "700", "1,000", "0", "0"],
    ]
    assert [row[0] for row in rows] == [
        *("0", "1", "2 to 4", "5 to 9"),
        *("10", "11", "12 to 14", "15 to 39"),
        *("40", "41", "42 to 44", "45 to 49"),
    ]
    assert "200 requests a second of 0.35 s, 10 times as many in seconds 10 to 39" in output


def test_a_short_burst_has_no_empty_stretches() -> None:
    output = run(*LOAD, "--burst", "2", "--burst-for", "1s")

    assert [row[0] for row in cells(output) if len(row) == 6][4:8] == [
        *("10", "11", "12", "13 to 15"),
    ]


def test_what_becomes_of_a_throttled_request_is_told_for_each_invocation() -> None:
    told = answers()

    assert list(told)[-4:] == [
        "synchronous (APIs, function URLs)",
        "asynchronous (S3, SNS, EventBridge)",
        "queue (SQS)",
        "stream (Kinesis, DynamoDB)",
    ]
    assert "429" in told["synchronous (APIs, function URLs)"]
    assert "max_receive_count" in told["queue (SQS)"]


def test_its_assumptions_are_told() -> None:
    output = " ".join(run(*LOAD).split())

    assert "Assumed: nothing is warm at second 0 but what is provisioned;" in output
    assert "An initialization over 10 s" not in output
    slow = " ".join(run(*LOAD, "--init", "11s").split())
    assert "An initialization over 10 s is begun anew within the first request" in slow


@pytest.mark.parametrize("duration", ["350ms", "0.35s", ".35 s", "0.35s "])
def test_a_time_may_be_written_in_several_ways(duration: str) -> None:
    told = json.loads(run("--rate", "200", "--duration", duration, "--json"))

    assert told["load"]["duration"] == pytest.approx(0.35)


def test_a_time_may_be_in_minutes() -> None:
    told = json.loads(run("--rate", "1", "--duration", "2m", "--json"))

    assert told["load"]["duration"] == 120


def test_json_holds_every_second() -> None:
    told = json.loads(run(*LOAD, "--json"))

    assert told["steady"] == 70
    assert [each["second"] for each in told["seconds"]] == list(range(50))


def test_every_option_is_heeded() -> None:
    told = json.loads(
        run(
            *LOAD,
            *("--burst", "2", "--burst-for", "40s", "--init", "0.8s", "--reserved", "300"),
            *("--provisioned", "20", "--account-limit", "2000", "--others", "10", "--json"),
        )
    )

    assert told["load"] == {
        "rate": 200,
        "duration": 0.35,
        "burst": 2,
        "burst_duration": 40,
        "init": 0.8,
    }
    assert told["capacity"] == {
        "account_limit": 2_000,
        "others": 10,
        "reserved": 300,
        "provisioned": 20,
        "ceiling": 300,
    }


def test_a_chart_is_written(tmp_path: Path) -> None:
    file = tmp_path / "load.svg"

    run(*LOAD, "--svg", str(file))

    assert file.read_text().startswith("<svg")


def test_a_chart_that_can_not_be_written_is_told(tmp_path: Path) -> None:
    file = tmp_path / "missing" / "load.svg"

    result = CliRunner().invoke(main, [*LOAD, "--svg", str(file)])

    assert result.exit_code == 1
    assert result.output == f"Error: [Errno 2] No such file or directory: '{file}'\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["--rate", "200", "--duration", "0.35"],
            "--duration must be a number with ms, s or m, such as 350ms, 0.35s or 2m, got '0.35'",
        ),
        (
            [*LOAD, "--init", "-1s"],
            "--init must be a number with ms, s or m, such as 350ms, 0.35s or 2m, got '-1s'",
        ),
        (
            [*LOAD, "--burst-for", "1h"],
            "--burst-for must be a number with ms, s or m, such as 350ms, 0.35s or 2m, got '1h'",
        ),
        (
            ["--rate", "0", "--duration", "1s"],
            "rate must be more than 0 and at most 1,000,000,000 requests a second, got 0",
        ),
        (
            ["--rate", "1", "--duration", "20m"],
            "duration must be more than 0 s and at most the 900 s that Lambda runs, got 1200",
        ),
        (
            [*LOAD, "--reserved", "950"],
            "reserved must be 0 to 900, because 100 of the account's 1000 stay unreserved, got 950",
        ),
        (
            [*LOAD, "--reserved", "10", "--provisioned", "20"],
            "provisioned must be 0 to the 10 that are reserved, got 20",
        ),
    ],
)
def test_what_can_not_be_is_told_in_a_line(arguments: list[str], message: str) -> None:
    result = CliRunner().invoke(main, arguments)

    assert (result.exit_code, result.output) == (1, f"Error: {message}\n")


def test_it_is_a_command_of_serverless_patterns_and_needs_no_cdk() -> None:
    code = (
        "import sys; sys.argv = ['serverless-patterns', 'concurrency', *sys.argv[1:]]\n"
        "from serverless_patterns.__main__ import main\nmain()"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, *LOAD], capture_output=True, text=True, check=True
    )
    assert "70 = 200 a second for 0.35 s each" in ran.stdout
    imported = "import sys, serverless_patterns.concurrency_cli; print('aws_cdk' in sys.modules)"
    ran = subprocess.run(
        [sys.executable, "-c", imported], capture_output=True, text=True, check=True
    )
    assert ran.stdout == "False\n"


def test_the_output_and_the_chart_in_the_docs_are_those_of_the_command_beside_them(
    tmp_path: Path,
) -> None:
    page = (ROOT / "docs" / "concurrency.md").read_text()
    [command, shown] = re.findall(r"```(?:console)?\n(.*?)```", page, re.DOTALL)[:2]

    output = run(*command.split()[2:], "--svg", str(tmp_path / "load.svg"))

    assert [line.rstrip() for line in output.splitlines()] == shown.splitlines()
    drawn = (tmp_path / "load.svg").read_text()
    assert drawn == (ROOT / "docs" / "images" / "concurrency.svg").read_text()


def test_the_docs_name_every_option() -> None:
    page = (ROOT / "docs" / "concurrency.md").read_text()

    for option in main.params:
        assert f"`{option.opts[0]}" in page
