"""Files that commands load: broken ones are told by line and column, well-formed ones are left in peace."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safeshell.shell.preflight.formats import mistake_in

GOOD = {
    "yaml": [
        "", "a: 1\nb:\n  - x\n", "---\na: 1\n---\nb: 2\n", "!Ref x", "a: !vault |\n  abc\n", "a: &x 1\nb: *x\n",
        "a: {{ .Values.x }}\n", "# only a comment\n", '{"a": [1, 2]}', "a: 1\r\nb: 2\r\n", "text: |\n  {[\n",
        "a: é ☃ 😀\n", "%YAML 1.1\n---\na: 1\n",
    ],
    "json": ['{"a": 1}', "[]", "1", ' {"a": 1}\n{"b": 2}\n', '"x"\n', '{"a": {"b": [null, true, 1e3]}}'],
    "toml": ["", "a = 1\n", "[x.y]\nz = [1,\n 2]\n", "[[x]]\n[[x]]\n"],
    "ini": ["", "[a]\nb = 1\n", "; c\n[a]\nflag\n", "[Service]\nExecStart=/bin/sh -c 'a \\\n  b'\n",
        "[a]\nb=%i\n[a]\nb=2\n"],
    "xml": ["<a/>", "<?xml version='1.0'?>\n<a><b c='d'>&amp;</b></a>\n",
        "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>"],
    "dotenv": [
        "", "A=1\n", "# c\n\nexport B=2\n", 'A="two\nlines"\nB=1\n', "A='two\nlines'\n",
        "TAKEN_FROM_OUTSIDE\n", "A=\n",
        "A: 1\n", "A=it's\nB=2", "A=1", "  A = 1  # why\n", "a.b-c=1\n",
    ],
    "crontab": [
        "", "\n", "* * * * * ls\n", "*/5 0-6,22-23 1,15 * mon-fri ls | sort\n", "@reboot /usr/bin/x\n",
        "@hourly\tx\n",
        "# c\n\n   # d\n  0 5 * * * ls\n", "MAILTO=ops@example.com\n", "PATH = /bin\n",
        '"A"="b c"\n', "0 5 * * * root ls\n",
        "1-59/2 * * * * x\n", "0 0 1 jan-mar * x\n", "0 0 * * 7 x\n", "0 0 * * Sun x\n", "0 0 * * fri-sun x\n",
        "00 05 * * * x\n",
        "* * * * * date +\\%F % stdin\n", "* * * * * x\n   ", "~ 0~5 * * * x\n", "* * * * * x\r\n", "A=* * * * *\n",
    ],
    "nginx": [
        "", "a { b; }\n", "# {\n", "a \"{\";\n", "a '}';\n", "a don't;\n", "location ~ \\.php$ { }\n",
        "set $x ${y};\n",
        "log_format x '$a \"$b\"';\n", 'if ($x ~ "^{") { }\n', "content_by_lua_block { x = '}' }\n", "a { # }\n}\n",
        "proxy_pass http://b; # it's\n", "map $x $y { ~^\\{ 1; }\n", "return 200 \"it's {\";\n", "a 'x\\'y {';\n",
    ],
    "named": ["zone \"x\" { type master; };\n", "// {\na { };\n", "/* { */ a { };\n", "# {\n"],
    "something else": ["{[<"],
}  # fmt: skip

BAD = [
    ("yaml", "a: [1\nb: 2\n", 2, 2),
    ("yaml", "a: 1\n\tb: 2\n", 2, 1),
    ("yaml", "a: b: c\n", 1, 5),
    ("yaml", "---\na: 1\n---\nb: c: d\n", 4, 5),
    ("yaml", "a:\n  - b\n c: d\n", 3, 2),
    ("yaml", "key: 'x\n", 2, 1),
    ("yaml", "x: 1\na: é\x01\n", 2, 5),
    ("yaml", "a: *gone\n", 1, 4),
    ("yaml", "---\na: &x 1\n---\nb: *x\n", 4, 4),
    ("json", "", 1, 1),
    ("json", '{"a": 1,}', 1, 9),
    ("json", '{\n "a": 1\n "b": 2}', 3, 2),
    ("json", '{"a": 1}\n}', 2, 1),
    ("json", "// x\n{}", 1, 1),
    ("toml", "a = \n", 1, 5),
    ("toml", "a = 1\na = 2\n", 2, 6),
    ("toml", "[x\n", 1, 3),
    ("toml", 'a = 1\nb = "x', 2, 7),
    ("ini", "b = 1\n", 1, 1),
    ("ini", "[a]\n= 3\n", 2, 1),
    ("xml", "<a><b></a>", 1, 9),
    ("xml", "<a>\n <b x=1/></a>", 2, 7),
    ("xml", "", 1, 1),
    ("dotenv", "A=1\n- B\n", 2, 1),
    ("dotenv", "A 1\n", 1, 1),
    ("crontab", "60 * * * * x\n", 1, 1),
    ("crontab", "# c\n* 24 * * * x\n", 2, 3),
    ("crontab", "* * 0 * * x\n", 1, 5),
    ("crontab", "* * * 13 * x\n", 1, 7),
    ("crontab", "* * * * 8 x\n", 1, 9),
    ("crontab", "0 0 * * mo x\n", 1, 9),
    ("crontab", "*/0 * * * * x\n", 1, 1),
    ("crontab", "5-1 * * * * x\n", 1, 1),
    ("crontab", "0, * * * * x\n", 1, 1),
    ("crontab", "٣ * * * * x\n", 1, 1),
    ("crontab", "* * * * ls\n", 1, 9),
    ("crontab", "* * * * *\n", 1, 10),
    ("crontab", "@fortnightly x\n", 1, 1),
    ("crontab", "@daily\n", 1, 7),
    ("crontab", "* * * * * ls", 1, 13),
    ("crontab", "0 5 * * * a\n* * * * * ls", 2, 13),
    ("nginx", "a { b;\n", 1, 3),
    ("nginx", "server {\n  a { }\n", 1, 8),
    ("nginx", "a { }\n}\n", 2, 1),
    ("nginx", 'a "x\n', 1, 3),
    ("named", "options {\n", 1, 9),
]


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in GOOD.items() for text in texts])
def test_a_well_formed_file_is_left_in_peace(kind: str, text: str) -> None:
    assert mistake_in(kind, text) is None


@pytest.mark.parametrize(("kind", "text", "line", "column"), BAD)
def test_the_first_mistake_is_told_with_its_place(kind: str, text: str, line: int, column: int) -> None:
    mistake = mistake_in(kind, text)

    assert mistake is not None
    assert (mistake.line, mistake.column) == (line, column), mistake
    assert mistake.reason


def test_a_crontab_without_its_last_line_end_is_told_why() -> None:
    mistake = mistake_in("crontab", "* * * * * ls")

    assert mistake is not None
    assert "line end" in mistake.reason


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("yaml", "[" * 200_000 + "]" * 200_000),
        ("yaml", "- " * 200_000),
        ("yaml", "{a: " * 200_000),
        ("json", "[" * 200_000),
        ("json", '{"a":' * 200_000),
        ("toml", "a = " + "[" * 100_000),
        ("xml", "<a>" * 100_000),
        ("nginx", "a {" * 100_000),
        ("dotenv", " " * 200_000 + "-"),
        ("dotenv", 'A="' * 50_000),
        ("crontab", "1," * 100_000),
    ],
)
def test_however_deep_or_long_a_file_is_it_is_answered(kind: str, text: str) -> None:
    mistake_in(kind, text)


@given(
    st.sampled_from(sorted(GOOD)), st.text(st.sampled_from("{}[]\"'\\#*/ \n\t:=-@1a&<>!\x00é"), max_size=40)
)
def test_any_text_is_answered_and_places_are_inside_of_it(kind: str, text: str) -> None:
    mistake = mistake_in(kind, text)

    if mistake is not None:
        lines = text.replace("\r", "\n").count("\n") + 1
        assert 1 <= mistake.line <= lines + 1
        assert mistake.column >= 1
        assert mistake.reason
