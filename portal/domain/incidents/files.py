"""What a file may be that is attached to a report: its name, its sort, and whether its bytes are of
that sort. Nothing is opened, unpacked or shown here; the answer is yes or a reason.

A sort is known by how the name ends; the bytes must begin as files of it begin (the formats' own
specifications; RFC 2083 for PNG, ISO/IEC 14496-12 for the family of MP4, RFC 8259 for JSON and so
on). What an attacker wants somebody to run, programs, scripts and pages, is no sort.
"""

import unicodedata
from collections.abc import Callable, Mapping
from typing import NamedTuple

from portal.domain.shared.errors import InvalidInput

MOST_BYTES = 50 * 1024 * 1024
MOST_FILES = 20
"""In one report, answer or message; also how many may wait."""
LONGEST_NAME = 150
LOOKED_AT = 64
"""Bytes that decide about the sort of what is not text."""
CLIMBING = frozenset('/\\:*?"<>|')
INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Controls, formats (the overrides of direction among them), halves, private and line ends."""
DEVICES = frozenset(
    {
        *("con", "prn", "aux", "nul", "conin$", "conout$"),
        *(f"{one}{n}" for one in ("com", "lpt") for n in range(10)),
    }
)
RAISED = str.maketrans("¹²³", "123")
"""Windows takes COM¹ for COM1, and forgets spaces before the dot."""
ENDINGS_RUN = (
    "apk app appx bat bin chm cmd com cpl dll dmg docm dotm elf exe gadget hta htm html inf"
    " iso jar jnlp js jse lnk mht mhtml msc msi msix pif pkg pptm ps1 psm1 py reg scf scr"
    " sct sh svg sys url vb vbe vbs vhd wsc wsf wsh xht xhtml xlam xll xlsm xsl"
)
RUN = frozenset(ENDINGS_RUN.split())
"""Endings that must not stand anywhere in a name: `photo.exe.png` wants to be taken for another."""
TEXT_CONTROLS = bytes(sorted(set(range(32)) - {9, 10, 12, 13, 27}))
WIDE = (b"\xff\xfe", b"\xfe\xff")

Check = Callable[[bytes], bool]


class Sort(NamedTuple):
    """A sort of file: its code, whether it is text, what its beginning must be, and the media types
    that senders call it."""

    code: str
    begins: Check
    media: frozenset[str]
    text: bool = False


def _at(offset: int, *marks: bytes) -> Check:
    return lambda head: any(head[offset : offset + len(mark)] == mark for mark in marks)


def _riff(form: bytes) -> Check:
    return lambda head: head[:4] == b"RIFF" and head[8:12] == form


def _family(*brands: bytes) -> Check:
    """ISO base media: a first box `ftyp` whose major brand is one of these, "" for any."""
    return lambda head: (
        head[4:8] == b"ftyp" and (not brands or any(head[8:].startswith(one) for one in brands))
    )


def _is_bitmap(head: bytes) -> bool:
    return head[:2] == b"BM" and head[6:10] == bytes(4)


def _is_text(head: bytes) -> bool:
    return not any(one.begins(head) for one in SORTS.values() if not one.text)


ZIP = _at(0, b"PK\x03\x04", b"PK\x05\x06")
OLE = _at(0, b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
OFFICE = "application/vnd.openxmlformats-officedocument."
OPEN = "application/vnd.oasis.opendocument."


def _sort(code: str, begins: Check, *media: str, text: bool = False) -> Sort:
    return Sort(code, begins, frozenset(media), text)


SORTS: Mapping[str, Sort] = {
    one.code: one
    for one in (
        _sort("png", _at(0, b"\x89PNG\r\n\x1a\n"), "image/png"),
        _sort("jpg", _at(0, b"\xff\xd8\xff"), "image/jpeg", "image/pjpeg"),
        _sort("gif", _at(0, b"GIF87a", b"GIF89a"), "image/gif"),
        _sort("webp", _riff(b"WEBP"), "image/webp"),
        _sort("bmp", _is_bitmap, "image/bmp", "image/x-ms-bmp"),
        _sort("tiff", _at(0, b"II*\0", b"MM\0*"), "image/tiff"),
        _sort("heic", _family(b"hei", b"hev", b"mif1", b"msf1"), "image/heic", "image/heif"),
        _sort("pdf", _at(0, b"%PDF-"), "application/pdf"),
        _sort("docx", ZIP, f"{OFFICE}wordprocessingml.document"),
        _sort("xlsx", ZIP, f"{OFFICE}spreadsheetml.sheet"),
        _sort("pptx", ZIP, f"{OFFICE}presentationml.presentation"),
        _sort("odt", ZIP, f"{OPEN}text"),
        _sort("ods", ZIP, f"{OPEN}spreadsheet"),
        _sort("odp", ZIP, f"{OPEN}presentation"),
        _sort("doc", OLE, "application/msword"),
        _sort("xls", OLE, "application/vnd.ms-excel"),
        _sort("ppt", OLE, "application/vnd.ms-powerpoint"),
        _sort("msg", OLE, "application/vnd.ms-outlook"),
        _sort("zip", ZIP, "application/zip", "application/x-zip-compressed"),
        _sort("7z", _at(0, b"7z\xbc\xaf\x27\x1c"), "application/x-7z-compressed"),
        _sort("gz", _at(0, b"\x1f\x8b\x08"), "application/gzip", "application/x-gzip"),
        _sort(
            "pcap",
            _at(
                0,
                b"\xd4\xc3\xb2\xa1",
                b"\xa1\xb2\xc3\xd4",
                b"\x4d\x3c\xb2\xa1",
                b"\xa1\xb2\x3c\x4d",
            ),
            "application/vnd.tcpdump.pcap",
        ),
        _sort("pcapng", _at(0, b"\x0a\x0d\x0d\x0a"), "application/x-pcapng"),
        _sort("evtx", _at(0, b"ElfFile\0"), "application/x-ms-evtx"),
        _sort("mp4", _family(), "video/mp4"),
        _sort("m4a", _family(), "audio/mp4", "audio/x-m4a"),
        _sort("mov", _family(), "video/quicktime"),
        _sort("webm", _at(0, b"\x1aE\xdf\xa3"), "video/webm", "audio/webm"),
        _sort("mp3", _at(0, b"ID3", b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"), "audio/mpeg"),
        _sort("wav", _riff(b"WAVE"), "audio/wav", "audio/x-wav", "audio/wave"),
        _sort("ogg", _at(0, b"OggS"), "audio/ogg", "application/ogg"),
        _sort("txt", _is_text, "text/plain", text=True),
        _sort("log", _is_text, "text/plain", "text/x-log", text=True),
        _sort("md", _is_text, "text/markdown", "text/plain", text=True),
        _sort("csv", _is_text, "text/csv", "text/plain", "application/vnd.ms-excel", text=True),
        _sort("json", _is_text, "application/json", "text/json", text=True),
        _sort("xml", _is_text, "text/xml", "application/xml", text=True),
        _sort("eml", _is_text, "message/rfc822", text=True),
    )
}
ENDINGS: Mapping[str, str] = {
    **{code: code for code in SORTS},
    "jpeg": "jpg",
    "tif": "tiff",
    "heif": "heic",
    "text": "txt",
    "m4v": "mp4",
    "oga": "ogg",
}
UNSAID = frozenset({"", "application/octet-stream", "binary/octet-stream"})


def named(name: str) -> str:
    """The name as it is kept: composed (NFC), otherwise as given. Raises InvalidInput for one that
    could be taken for a path, a device or another name than it is."""
    made = unicodedata.normalize("NFC", name)
    wrong = ""
    if not 1 <= len(made) <= LONGEST_NAME:
        wrong = f"1 to {LONGEST_NAME} characters"
    elif any(unicodedata.category(one) in INVISIBLE for one in made):
        wrong = "no characters that cannot be seen or that turn the direction of writing"
    elif CLIMBING & set(made):
        wrong = "no folders and none of " + " ".join(sorted(CLIMBING))
    elif made != made.strip() or made[0] == "." or made[-1] == ".":
        wrong = "no space or dot at the beginning or the end"
    elif made.partition(".")[0].rstrip().translate(RAISED).casefold() in DEVICES:
        wrong = "not the name of a device"
    if wrong:
        raise _refused(f"the name: {wrong}", "file-name")
    return made


def sort_of(name: str, media: str = "") -> Sort:
    """The sort that a name, and the media type it was sent with, say. Raises InvalidInput for one
    that is not taken, or for two that do not agree."""
    *_, ending = name.casefold().rpartition(".")
    parts = [part.strip() for part in name.casefold().split(".")[1:]]
    if any(part in RUN for part in parts):
        raise _refused("programs, scripts and pages are not taken, whatever the name", "file-sort")
    code = ENDINGS.get(ending) if parts else None
    if code is None:
        taken = ", ".join(SORTS)
        raise _refused(f"this sort of file is not taken; these are: {taken}", "file-sort")
    sort, said = SORTS[code], media.partition(";")[0].strip().lower()
    if said not in UNSAID and said not in sort.media:
        raise _refused("the name and the media type do not agree", "file-sort")
    return sort


class Examination:
    """Looks at the bytes of one file as they come. Raises InvalidInput as soon as they are not of
    the sort."""

    def __init__(self, sort: Sort) -> None:
        self._sort = sort
        self._head = b""
        self._decided = False
        self._wide = False
        self.size = 0

    def feed(self, piece: bytes) -> None:
        """More of it."""
        self.size += len(piece)
        if not self._decided:
            self._head += piece[: LOOKED_AT - len(self._head)]
            if len(self._head) == LOOKED_AT:
                self._decide()
        if self._sort.text and not self._wide:
            wide = self.size == len(piece) and piece[:2] in WIDE
            self._wide = self._wide or wide
            if not self._wide and piece.translate(None, TEXT_CONTROLS) != piece:
                raise _disagree()

    def end(self) -> None:
        """There is no more."""
        if not self.size:
            raise _refused("the file is empty", "file-empty")
        if not self._decided:
            self._decide()

    def _decide(self) -> None:
        self._decided = True
        if not self._sort.begins(self._head):
            raise _disagree()


def _disagree() -> InvalidInput:
    return _refused("what is in the file is not what its name says", "file-content")


def _refused(why: str, code: str) -> InvalidInput:
    return InvalidInput(f"This file cannot be taken: {why}.", fields={"file": why}, code=code)
