"""No source is shown with its user, password or token; what is no secret is shown as it is."""

import pytest
from sarbridge.contract import protocol, report_page
from sarbridge.contract.errors import UserError
from sarbridge.contract.secrets import without_secrets

SOURCES = [
    "/vsicurl/http://jane:hunter2@example.org/a.tif",
    "/vsicurl/https://jane:hun@ter2@example.org:8443/a.tif?x=1",
    "/vsicurl?url=https%3A%2F%2Fjane%3Ahunter2%40example.org%2Fa.tif",
    "/vsicurl?userpwd=jane:hunter2&url=http://example.org/a.tif",
    "/vsicurl?header.Authorization=Bearer%20hunter2&url=http%3A%2F%2Fexample.org",
    "/vsicurl/https://a.blob.core.windows.net/c/a.tif?sv=2020-08-04&sig=hunter2%3D&se=2030",
    "/vsicurl/https://bucket.s3.amazonaws.com/a.tif?X-Amz-Credential=jane/2024&X-Amz-Signature=hunter2",
    "/vsicurl/https://s.amazonaws.com/a.tif?AWSAccessKeyId=jane&Signature=hunter2",
    "https://tiles.example.org/{z}/{x}/{y}.png?api_key=hunter2",
    "https://tiles.example.org/a?subscription-key=hunter2&token=hunter2",
    "PG:dbname='gis' host=example.org user='jane' password='hunter2' schema='public' table='dem' mode=2",
    "PG:dbname=gis user=jane password=hunter2 table=dem",
    "dbname='gis' host=example.org user='jane' password='it\\'s hunter2' sslmode=disable table=\"p\".\"t\" (rast)",
    "dpiMode=7&identifier=dem&password=hunter2&username=jane&url=https://example.org/wcs",
    "cache=AlwaysNetwork&authcfg=hunter2&url=https://example.org/wms",
    "MSSQL:server=example.org;database=gis;UID=jane;PWD=hunter2;",
    "GEOR:jane,hunter2,db,table",
    "GEORASTER:jane/hunter2@db,table,column",
    "mongodb://jane:hunter2@example.org/gis",
    "<GDAL_WMS><Service><ServerUrl>http://example.org</ServerUrl></Service><UserPwd>jane:hunter2</UserPwd></GDAL_WMS>",
    "<WCS_GDAL><UserName>jane</UserName><Password>hunter2</Password></WCS_GDAL>",
    "a.tif|option:HTTP_PASSWORD=hunter2|option:USER=jane",
    '{"user": "jane", "password": "hunter2"}',
    "http://example.org/a.tif?access_token=hunter2",
    "PG:dbname=&apos;gis&apos; user=&apos;jane&apos; password=&apos;hun ter2 hunter2&apos; host=example.org",
]


@pytest.mark.parametrize("source", SOURCES)
def test_sources_are_shown_without_user_password_and_token(source):
    shown = without_secrets(f"Layer 'a' cannot be read ({source}): its file is damaged or gone, replace it.")
    assert "hunter2" not in shown and "jane" not in shown and "ter2" not in shown
    assert shown.startswith("Layer 'a' cannot be read (") and shown.endswith("its file is damaged or gone, replace it.")
    assert "***" in shown and without_secrets(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "/data/a@b.tif",
        "/vsicurl/https://example.org/~jane/a@2x.tif?x=1&y=2",
        "The heading of the satellite (HEADING) must be a number of 0 to 360, got east.",
        "C:\\Users\\jane\\keys\\a=b.tif",
        "Choose another key, token or password: this one is no file.",
        "PG:dbname='gis' host=example.org schema='public' table='dem' mode=2",
    ],
)
def test_what_is_no_secret_is_shown_as_it_is(text):
    assert without_secrets(text) == text


@pytest.mark.parametrize("source", SOURCES)
def test_sentences_messages_and_reports_are_masked(source):
    said = [
        str(UserError(f"Layer 'a' ({source}).")),
        *protocol.message("warning", source).values(),
        *map(str, protocol.error(source, user=False, traceback=f"Traceback\n{source}").values()),
        report_page.page(source, source, report_page.properties({"Layer": source}), chapter="coregister"),
    ]
    assert not any("hunter2" in text for text in said)
