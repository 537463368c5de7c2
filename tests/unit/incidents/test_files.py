import random

import pytest

from portal.domain.incidents import files
from portal.domain.incidents.files import SORTS, Examination, named, sort_of
from portal.domain.shared.errors import InvalidInput

BEGINNINGS = {
    "png": b"\x89PNG\r\n\x1a\n",
    "jpg": b"\xff\xd8\xff\xe0\0\x10JFIF",
    "gif": b"GIF89a",
    "webp": b"RIFF\x24\0\0\0WEBPVP8 ",
    "bmp": b"BM\x36\0\0\0\0\0\0\0\x36\0\0\0",
    "tiff": b"II*\0\x08\0\0\0",
    "heic": b"\0\0\0\x18ftypheic",
    "pdf": b"%PDF-1.7\n",
    **dict.fromkeys(
        ("docx", "xlsx", "pptx", "odt", "ods", "odp", "zip"), b"PK\x03\x04\x14\0\0\0\x08\0"
    ),
    **dict.fromkeys(("doc", "xls", "ppt", "msg"), b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
    "7z": b"7z\xbc\xaf\x27\x1c",
    "gz": b"\x1f\x8b\x08\0",
    "pcap": b"\xd4\xc3\xb2\xa1",
    "pcapng": b"\x0a\x0d\x0d\x0a",
    "evtx": b"ElfFile\0",
    "mp4": b"\0\0\0\x18ftypisom",
    "m4a": b"\0\0\0\x18ftypM4A ",
    "mov": b"\0\0\0\x14ftypqt  ",
    "webm": b"\x1aE\xdf\xa3",
    "mp3": b"ID3\x04\0",
    "wav": b"RIFF\x24\0\0\0WAVEfmt ",
    "ogg": b"OggS\0\x02",
    **dict.fromkeys(("txt", "log", "md", "csv", "json", "xml"), b"Some words\r\n\tmore"),
    "eml": b"Received: from mail.example\r\nSubject: Your parcel\r\n",
}
PROGRAMS = {
    "windows": b"MZ\x90\0\x03\0\0\0",
    "linux": b"\x7fELF\x02\x01\x01\0",
    "mac": b"\xcf\xfa\xed\xfe\x07\0\0\x01",
    "java": b"\xca\xfe\xba\xbe\0\0\0\x34",
}


def refusal(code: str) -> "pytest.RaisesExc[InvalidInput]":
    return pytest.raises(InvalidInput, check=lambda error: error.code == code)


def examine(sort: str, content: bytes, *, step: int = 7) -> int:
    examined = Examination(SORTS[sort])
    for start in range(0, len(content), step):
        examined.feed(content[start : start + step])
    examined.end()
    return examined.size


def test_every_sort_that_is_taken_is_tried_here() -> None:
    assert set(BEGINNINGS) == set(SORTS)


@pytest.mark.parametrize("sort", BEGINNINGS)
def test_a_file_of_its_sort_is_taken_however_it_is_cut(sort: str) -> None:
    content = BEGINNINGS[sort] + b" more of the same" * 20
    for step in (1, 3, 64, 10_000):
        assert examine(sort, content, step=step) == len(content)
    assert examine(sort, BEGINNINGS[sort]) == len(BEGINNINGS[sort])


@pytest.mark.parametrize("sort", BEGINNINGS)
@pytest.mark.parametrize("program", PROGRAMS)
def test_no_program_is_taken_under_any_ending(sort: str, program: str) -> None:
    with refusal("file-content"):
        examine(sort, PROGRAMS[program] + b"\0" * 300)


def test_bytes_of_another_sort_are_refused() -> None:
    families = [{"docx", "xlsx", "pptx", "odt", "ods", "odp", "zip"}, {"doc", "xls", "ppt", "msg"}]
    families += [{one for one in SORTS if SORTS[one].text}, {"mp4", "m4a", "mov", "heic"}]
    for sort in SORTS:
        for other, content in BEGINNINGS.items():
            if sort != other and not any({sort, other} <= family for family in families):
                with refusal("file-content"):
                    examine(sort, content + b" and more")


def test_text_may_be_of_any_language_and_has_no_bytes_of_programs() -> None:
    assert examine("txt", "Grüße, 你好, עברית\n".encode())
    assert examine("txt", "Grüße".encode("utf-16"), step=3)
    assert examine("log", "latin-1: \xfc\xe9".encode("latin-1"))
    with refusal("file-content"):
        examine("txt", b"Words" * 100 + b"\0")
    with refusal("file-empty"):
        examine("txt", b"")


@pytest.mark.parametrize(
    "name",
    [
        "../secrets.txt",
        "..\\secrets.txt",
        "C:report.txt",
        "a/b.txt",
        "report\u202etxt.exe",
        "report\u2066.txt",
        "a\u200bb.txt",
        "a\0.txt",
        "a\nb.txt",
        "a\x7f.txt",
        " a.txt",
        "a.txt ",
        ".htaccess.txt",
        "a.txt.",
        "CON.txt",
        "con .txt",
        "com¹.txt",
        "CONOUT$.txt",
        "lpt1.pdf",
        "a" * 147 + ".txt",
        "",
        'a".txt',
        "a<b>.txt",
        "a\ud800.txt",
        "a\ue000.txt",
        "a\u2028.txt",
    ],
)
def test_names_that_could_be_taken_for_something_else_are_refused(name: str) -> None:
    with refusal("file-name"):
        named(name)


@pytest.mark.parametrize(
    "name", ["Bildschirmfoto 1.png", "rapport (2) – final.pdf", "证据.txt", "a.b.c.log", "Ünï.pdf"]
)
def test_names_of_people_are_kept(name: str) -> None:
    assert named(name) == name
    assert sort_of(name)


def test_a_name_in_parts_is_kept_composed() -> None:
    assert named("U\u0308bersicht.pdf") == "Übersicht.pdf"


@pytest.mark.parametrize(
    "name",
    [
        *("a.exe", "a.html", "a.svg", "a.js", "a.docm", "a.lnk", "a", "a.unknown", "a.iso"),
        *("photo.exe.png", "a.JS.txt", "invoice.pdf.exe", "a.exe .png", "a.hta.zip"),
    ],
)
def test_what_is_run_is_taken_under_no_name(name: str) -> None:
    with refusal("file-sort"):
        sort_of(name)


def test_the_media_type_must_agree_with_the_name() -> None:
    assert sort_of("a.PNG", "image/png; q=1").code == "png"
    assert sort_of("a.jpeg", "application/octet-stream").code == "jpg"
    assert sort_of("a.csv", "application/vnd.ms-excel").code == "csv"
    for media in ("text/html", "image/jpeg", "application/x-msdownload"):
        with refusal("file-sort"):
            sort_of("a.png", media)


def test_random_names_and_bytes_are_taken_or_refused_and_nothing_else() -> None:
    draw = random.Random(26)
    letters = "ab.\u202e/\\\0é \x1fexe.pngtxt"
    taken, refused = 0, set()
    for _ in range(3000):
        name = "".join(draw.choices(letters, k=draw.randrange(12))) + draw.choice(
            [".png", ".txt", ""]
        )
        try:
            kept = named(name)
            examine(sort_of(kept).code, draw.randbytes(draw.randrange(80)))
            taken += 1
        except InvalidInput as error:
            refused.add(error.code)
            continue
        assert not set(kept) & files.CLIMBING
        assert "\u202e" not in kept
    assert refused == {"file-name", "file-sort", "file-content", "file-empty"}
    assert taken < 3000
