"""What is read of a Dockerfile without building it."""

from __future__ import annotations

import pytest

from serverless_patterns._dockerfile import Dockerfile


def last_words(text: str) -> list[list[str]]:
    return [each.words for each in Dockerfile(text).instructions]


def test_a_line_that_is_continued_is_one_instruction_and_comments_within_are_none() -> None:
    said = Dockerfile("FROM a\nENV X=1 \\\n  # why\n\n  Y='2 3'\n")

    [instruction] = said.instructions
    assert (instruction.name, instruction.line) == ("ENV", 2)
    assert said.stages[0].environment == {"X": "1", "Y": "2 3"}


def test_a_directive_chooses_the_character_that_continues_a_line() -> None:
    assert last_words("# escape=`\nFROM a\nEXPOSE 1 `\n  2\n") == [["1", "2"]]
    assert last_words("# why\n# escape=`\nFROM a\nEXPOSE 1 \\\n  2\n") == [["1", "2"]]


def test_the_lines_of_a_here_document_are_no_instructions() -> None:
    text = "FROM a\nRUN <<EOF\nCOPY --from=b /x /y\nEOF\nCOPY <<-'A' <<B /t/\nA\nB\nCMD x"
    said = Dockerfile(text).instructions

    assert [each.name for each in said] == ["RUN", "COPY", "CMD"]
    assert [each.document for each in said] == ["COPY --from=b /x /y", "", ""]


@pytest.mark.parametrize(
    "run",
    [
        "cat <<<word",
        'cat <<<"word"',
        "echo $((1<<20))",
        "echo 'a <<EOF b'",
        'echo "a <<EOF b"',
        "x <<'E.O-F'\nFROM b\nE.O-F",
        "x <<END-OF-FILE 0<<EOF >/log\nFROM b\nEND-OF-FILE\nFROM c\nEOF",
    ],
)
def test_a_word_that_starts_with_the_sign_alone_begins_a_here_document(run: str) -> None:
    said = Dockerfile(f"FROM a\nRUN {run}\nCMD x\n")

    assert [each.base for each in said.stages] == ["a"]
    assert [each.name for each in said.instructions] == ["RUN", "CMD"]


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffFROM a AS b\nEXPOSE 80\n",
        "\ufeff# escape=`\nFROM a AS b\nEXPOSE `\n 80\n",
        "FROM\ta\tAS\tb\nEXPOSE\t80\n",
        "  FROM a AS b\r\n\tEXPOSE 80",
    ],
)
def test_marks_tabs_and_line_ends_of_any_editor_change_nothing(text: str) -> None:
    said = Dockerfile(text)

    assert [(each.base, each.name) for each in said.stages] == [("a", "b")]
    assert last_words(text) == [["80"]]


def test_instructions_are_told_by_their_names_in_any_case() -> None:
    said = Dockerfile("from --platform=linux/arm64 a as Base\nexpose 80/tcp\n")

    assert (said.stages[0].platform, said.stages[0].name) == ("linux/arm64", "Base")
    assert [each.name for each in said.instructions] == ["EXPOSE"]


def test_flags_are_kept_apart_from_what_follows() -> None:
    [copy] = Dockerfile('FROM a\nCOPY --link --from=b --chmod=755 ["x y", "/z/"]\n').instructions

    assert copy.flags == {"link": "", "from": "b", "chmod": "755"}
    assert copy.words == ["x y", "/z/"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[not json", ["[not", "json"]),
        ("it's", ["it's"]),
        ('"a b" c', ["a b", "c"]),
    ],
)
def test_words_are_read_as_far_as_they_can_be(text: str, words: list[str]) -> None:
    assert last_words(f"FROM a\nLABEL {text}\n") == [words]


@pytest.mark.parametrize(
    ("before", "reference", "base"),
    [
        ("ARG V=1", "a:$V", "a:1"),
        ("ARG V=1", "a:${V}", "a:1"),
        ("ARG V", "a:${V:-2}", "a:2"),
        ("ARG V", "a:${V-2}", "a:2"),
        ("ARG V=1", "a${V:+-slim}", "a-slim"),
        ("ARG W", "a${V:+-slim}", "a"),
        ("ARG W", "a:$V", "a:$V"),
        ("ARG W", r"a:\$V", r"a:\$V"),
    ],
)
def test_arguments_are_put_in_where_they_are_known(before: str, reference: str, base: str) -> None:
    assert Dockerfile(f"{before}\nFROM {reference}\n").stages[0].base == base


def test_an_argument_is_known_in_a_stage_that_asks_for_it() -> None:
    text = (
        "ARG V=1\nFROM a\nCOPY --from=b:$V x /\nARG V\nCOPY --from=b:$V x /\nARG V=2\nEXPOSE $V\n"
    )
    said = Dockerfile(text).instructions

    assert [each.flags["from"] for each in said if each.name == "COPY"] == ["b:$V", "b:1"]
    assert said[-1].words == ["2"]


def test_a_variable_is_put_in_after_it_is_set_and_a_shell_reads_its_own() -> None:
    text = "FROM a\nENV PORT 80 80\nENV P=1\nEXPOSE $P\nCMD serve $P\n"

    assert last_words(text)[2:] == [["1"], ["serve", "$P"]]
    assert Dockerfile(text).stages[0].environment == {"PORT": "80 80", "P": "1"}


def test_an_image_is_made_by_its_last_stage_and_those_it_is_built_on() -> None:
    text = "FROM a AS one\nENV A=1\nFROM b AS two\nENV B=1\nFROM ONE\nENV C=1\n"
    said = Dockerfile(text)

    assert [stage.base for stage in said.image] == ["a", "ONE"]
    assert [each.text for each in said.instructions] == ["A=1", "C=1"]
    assert said.stages[-1].environment == {"A": "1", "C": "1"}


def test_a_stage_may_be_called_as_the_image_that_it_starts_from() -> None:
    assert [stage.base for stage in Dockerfile("FROM a AS a\nFROM a\n").image] == ["a", "a"]


@pytest.mark.parametrize("text", ["", "# nothing\n", "ARG V=1\nRUN x\n", "FROM", "FROM a\nRUN <<E"])
def test_what_makes_no_image_is_read_without_an_error(text: str) -> None:
    assert [stage.base for stage in Dockerfile(text).stages] in ([], [""], ["a"])
