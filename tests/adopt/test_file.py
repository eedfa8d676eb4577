"""Files of tokens as people have them: from a spreadsheet, a database, Nango, or damaged."""

from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from symphony_connect.operate.adoption_file import BadFile, File, Row, check, rows

HEAD = "brandId,platform,accessToken"
NANGO = {
    "id": 18393,
    "created_at": "2026-01-08T09:43:03.725Z",
    "provider_config_key": "alpha-login",
    "provider": "alpha-login",
    "connection_id": "12345",
    "credentials": {
        "type": "OAUTH2",
        "access_token": "EAAnango",
        "refresh_token": None,
        "expires_at": "2027-03-08T09:43:03.725Z",
        "raw": {"access_token": "EAAnango", "token_type": "bearer"},
    },
    "connection_config": {},
    "metadata": {},
    "errors": [],
    "end_user": {"id": "12346", "display_name": None, "email": None, "tags": {}, "organization": None},
}
"""As https://nango.dev/docs/reference/api/connection/get shows one."""


def file(folder: Path, content: str | bytes, **more: Any) -> File:
    path = folder / "tokens"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return File(path, ("alpha", "beta", "gamma_ads"), {"alpha-login": "alpha"}, **more)


def read(folder: Path, content: str | bytes, **more: Any) -> list[Row]:
    given = file(folder, content, **more)
    check(given)
    return list(rows(given))


@pytest.mark.parametrize(
    "content",
    [
        f"{HEAD}\n5,alpha,EAAx\n",
        f"\ufeff{HEAD}\r\n5,alpha,EAAx\r\n\r\n",
        "Brand ID;adPlatform;access_token\n5;alpha-login;EAAx",
        'accessToken\tbrandId\tplatform\n"EAAx"\t5\talpha\n',
        '[{"brandId": 5, "platform": "alpha", "accessToken": "EAAx"}]',
        '{"brands": [{"brandId": "5", "platform": "ALPHA", "accessToken": "EAAx"}], "more": 1}',
        '\ufeff{"brandId": 5, "platform": "alpha", "accessToken": "EAAx"}\n',
    ],
)
def test_every_form_of_one_row(tmp_path: Path, content: str) -> None:
    [row] = read(tmp_path, content)
    assert (row.brand_id, row.platform, row.access_token.reveal()) == (5, "alpha", "EAAx")


def test_every_column(tmp_path: Path) -> None:
    content = (
        f"{HEAD},refreshToken,expiresIn,expiresAt,name,adAccountIds\n"
        '1,gamma-ads,a,r,3600,,"Lark, Ltd",act_1;2 3\n'
        "2,beta,b,,,2027-01-21T11:49:35Z,,\n3,beta,c,,,1800000000,,\n4,beta,d,,,1800000000000,,\n"
    )
    first, *others = read(tmp_path, content)
    assert (first.platform, first.refresh_token and first.refresh_token.reveal()) == ("gamma_ads", "r")
    assert (first.expires_in, first.name, first.ad_accounts) == (3600, "Lark, Ltd", ("act_1", "2", "3"))
    assert [row.expires_at for row in others] == [1800532175000, 1800000000000, 1800000000000]


@pytest.mark.parametrize("form", [NANGO, [NANGO], {"connections": [NANGO]}])
def test_nango(tmp_path: Path, form: Any) -> None:
    [row] = read(tmp_path, json.dumps(form))
    assert (row.brand_id, row.platform, row.access_token.reveal()) == (12345, "alpha", "EAAnango")
    assert row.expires_at == 1804498983725


@pytest.mark.parametrize(("id", "brand"), [("theirs", 7), ("unknown", 12346)])
def test_the_brand_of_a_nango_connection(tmp_path: Path, id: str, brand: int) -> None:
    [row] = read(tmp_path, json.dumps(NANGO | {"connection_id": id}), brands={"theirs": 7})
    assert row.brand_id == brand


def test_a_row_that_stands_there_twice(tmp_path: Path) -> None:
    given = file(tmp_path, f"{HEAD}\n5,alpha,EAAx\n6,alpha,EAAx\n5,alpha,EAAx\n")
    assert check(given).repeated == {4: 2}


LEAK = "EAA-never-shown"
MISTAKES = {
    f"{HEAD}\n{LEAK},alpha,x\n": "row 2: brandId is not a whole number",
    f"{HEAD}\n0,alpha,x\n9007199254740992,alpha,x\n": "row 3: brandId is not a whole number",
    f"{HEAD}\n5,{LEAK},x\n": "row 2: platform is none of alpha",
    f"{HEAD}\n5,alpha,\n": "row 2: accessToken is empty",
    f"{HEAD}\n5,alpha,a\0{LEAK}\n": "row 2: accessToken holds characters",
    f"{HEAD}\n5,alpha,{LEAK} b\n": "row 2: accessToken holds characters",
    f"{HEAD}\n5,alpha,{'a' * 8193}\n": "row 2: accessToken is longer",
    f"{HEAD}\n5,alpha,{LEAK}\n5,alpha,y\n": "row 3: brandId and platform are those of row 2",
    f"{HEAD}\n5,alpha,x,{LEAK}\n": "row 2: has 4 cells, and the first row names 3",
    f"{HEAD},refreshTokn\n": "row 1: a column has a name that is not known; did you mean refreshToken",
    "brandId,platform\n": "row 1: there is no column accessToken",
    f"{HEAD},brand_id\n": "row 1: column brandId is there twice",
    f'{HEAD}\n5,alpha,"{LEAK}\n': "row 2: unexpected end of data",
    f"{HEAD},expiresAt\n5,alpha,x,2027-01-21T11:49:35\n": "row 2: expiresAt is not a time",
    f"{HEAD},expiresIn\n5,alpha,x,-1\n": "row 2: expiresIn is not a whole number",
    f"{HEAD},name\n5,alpha,x,a\tb\0\n": "row 2: name is not text",
    f"{HEAD},adAccountIds\n5,alpha,x,<{LEAK}>\n": "row 2: adAccountIds is not a list of ids",
    f"{HEAD}\n": "has no rows",
    "": "there is no column|has no rows",
    '[{"brandId": 5, "platform": "alpha", "accessToken": "x"}': "row 2: the file is cut off",
    '[{"brandId": 5, "platfo': "row 1: the file is cut off",
    f'[5, "{LEAK}"]': "row 1: this is no object",
    '[{"brandId": 5, "brandId": 6}]': "one name twice",
    "[" + '{"a":' * 5_000: "row 1: the file is cut off",
    f'[{{"brandId": true, "platform": "alpha", "accessToken": "{LEAK}"}}]': "row 1: brandId is not a whole number",
    f'[{{"brandId": 5, "platform": "alpha", "accessToken": ["{LEAK}"]}}]': "row 1: accessToken holds",
    f'[{{"brandId": 5, "platform": "alpha", "accesToken": "{LEAK}"}}]': "row 1: has a name that is not known",
    json.dumps([NANGO, NANGO | {"connection_id": "x", "end_user": None}]): "row 2: connection_id is not a number",
    json.dumps({"connections": [{"connection_id": "5"}]}): "row 1: credentials is missing: Nango's list has none",
    json.dumps(NANGO | {"credentials": {"type": "API_KEY", "apiKey": LEAK}}): "row 1: credentials.type is not OAUTH2",
}


@pytest.mark.parametrize("content", MISTAKES, ids=MISTAKES.values())
def test_a_mistake_is_named_and_not_shown(tmp_path: Path, content: str) -> None:
    with pytest.raises(BadFile, match=MISTAKES[content]) as refused:
        check(file(tmp_path, content))
    assert LEAK not in str(refused.value)


@pytest.mark.parametrize("content", [f"{HEAD}\n5,alpha,".encode() + b"\xff\n", f"{HEAD}\n".encode("utf-16")])
def test_another_encoding(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(BadFile, match="is not UTF-8"):
        check(file(tmp_path, content))


def test_all_mistakes_are_named_up_to_ten(tmp_path: Path) -> None:
    with pytest.raises(BadFile) as refused:
        check(file(tmp_path, f"{HEAD}\n" + "0,alpha,x\n" * 100))
    assert str(refused.value).count("row ") == 10


@pytest.mark.parametrize("form", ["csv", "json"])
def test_a_large_file_is_not_held(tmp_path: Path, form: str) -> None:
    """40 MB."""
    line = "{0},alpha,{1}\n" if form == "csv" else '{{"brandId": {0}, "platform": "alpha", "accessToken": "{1}"}},\n'
    body = "".join(line.format(brand, "E" * 4_000) for brand in range(1, 10_001))
    given = file(tmp_path, f"{HEAD}\n{body}" if form == "csv" else f"[{body}]")
    del body
    assert check(given).rows == 10_000
    tracemalloc.start()
    assert sum(1 for _ in rows(given)) == 10_000
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4_000_000
