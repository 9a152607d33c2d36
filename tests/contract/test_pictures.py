"""S8: pictures out of an item's field: what is read, what is refused, and what never leaves."""

from __future__ import annotations

import base64
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labelwright.adapters.chat.picture_bytes import media_type_of, without_metadata
from labelwright.adapters.chat.pictures import LARGEST_PICTURE, picture_of, read_picture
from labelwright.domain.canonical import Json
from labelwright.errors import InvalidValue
from labelwright.testing.chat_suite import PICTURE

SECRET = b"48.2082N 16.3738E, taken by Ann"


def png(*extra: tuple[bytes, bytes]) -> bytes:
    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    pixel = (b"IDAT", zlib.compress(b"\0\x80"))
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)), *extra, pixel, (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*one) for one in chunks)


def segment(marker: int, content: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", 2 + len(content)) + content


def exif(orientation: int, order: str = "<") -> bytes:
    """Two entries: the orientation, and a description that points at a secret."""
    head = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(order + "I", 8)
    entries = struct.pack(order + "HHHIHH", 2, 0x0112, 3, 1, orientation, 0)
    entries += struct.pack(order + "HHII", 0x010E, 2, len(SECRET), 38) + struct.pack(order + "I", 0)
    return segment(0xE1, b"Exif\0\0" + head + entries + SECRET)


SCAN = (
    segment(0xDA, b"\1\1\0\0\x3f\0") + b"pixels\xff\x00more\xff\xd0more" + segment(0xDA, b"\1\1\0\0\x3f\0") + b"again"
)


def jpeg(*segments: bytes, tail: bytes = b"") -> bytes:
    return b"\xff\xd8" + b"".join(segments) + segment(0xDB, b"table") + SCAN + b"\xff\xd9" + tail


GIF_HEAD = b"GIF89a\1\0\1\0\x80\0\0" + b"\0\0\0\xff\xff\xff"
GIF_FRAME = b"\x2c\0\0\0\0\1\0\1\0\0\2\2D\1\0"
LOOP = b"\x21\xff\x0bNETSCAPE2.0\3\1\0\0\0"


def webp(*chunks: tuple[bytes, bytes]) -> bytes:
    body = b"".join(n + struct.pack("<I", len(c)) + c + b"\0" * (len(c) % 2) for n, c in chunks)
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def test_a_pngs_texts_and_places_are_left_out_and_its_pixels_are_not() -> None:
    noisy = png((b"tEXt", b"Comment\0" + SECRET), (b"eXIf", SECRET), (b"tRNS", b"\0\1"), (b"iTXt", SECRET))
    assert without_metadata(noisy) == ("image/png", png((b"tRNS", b"\0\1")))
    assert without_metadata(png() + SECRET) == ("image/png", png())  # what stands behind the end


@pytest.mark.parametrize("order", ["<", ">"])
def test_a_photograph_says_how_it_is_turned_and_nothing_else_of_itself(order: str) -> None:
    for orientation in (1, 6):
        noisy = jpeg(
            segment(0xE0, b"JFIF\0"),
            exif(orientation, order),
            segment(0xFE, SECRET),
            segment(0xED, SECRET),
            tail=SECRET,
        )
        kind, clean = without_metadata(noisy)
        assert kind == "image/jpeg"
        assert SECRET not in clean
        assert clean.endswith(SCAN + b"\xff\xd9")
        assert (b"Exif" in clean) == (orientation == 6)
    turned = without_metadata(jpeg(exif(6)))[1]
    assert turned[2:].startswith(b"\xff\xe1\0\x22Exif\0\0MM\0*\0\0\0\x08\0\1\x01\x12\0\3\0\0\0\1\0\6")
    assert without_metadata(turned)[1] == turned


def test_a_gif_keeps_its_frames_and_loses_its_comments() -> None:
    comment = b"\x21\xfe" + bytes([len(SECRET)]) + SECRET + b"\0"
    xmp = b"\x21\xff\x0bXMP DataXMP" + bytes([len(SECRET)]) + SECRET + b"\0"
    noisy = GIF_HEAD + LOOP + comment + GIF_FRAME + xmp + b"\x3b" + SECRET
    assert without_metadata(noisy) == ("image/gif", GIF_HEAD + LOOP + GIF_FRAME + b"\x3b")


def test_a_webp_loses_exif_and_xmp_and_no_longer_says_that_it_has_them() -> None:
    noisy = webp((b"VP8X", b"\x2c" + b"\0" * 9), (b"VP8 ", b"pixels!"), (b"EXIF", SECRET), (b"XMP ", SECRET))
    assert without_metadata(noisy) == ("image/webp", webp((b"VP8X", b"\0" * 10), (b"VP8 ", b"pixels!")))


@pytest.mark.parametrize(
    "content", [png(), jpeg(exif(3)), GIF_HEAD + LOOP + GIF_FRAME + b"\x3b", webp((b"VP8L", b"pixels"))]
)
def test_half_an_image_is_refused(content: bytes) -> None:
    without_metadata(content)
    for length in range(len(content)):
        with pytest.raises(InvalidValue, match=r"no PNG, JPEG, GIF or WebP|broken or not whole"):
            without_metadata(content[:length])


@given(head=st.sampled_from([png(), jpeg(exif(3)), GIF_HEAD + GIF_FRAME, webp((b"VP8L", b"p"))]), data=st.data())
def test_whatever_the_bytes_are_they_are_an_image_or_refused(head: bytes, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(head)))
    changed = head[:place] + data.draw(st.binary(max_size=8)) + head[place + data.draw(st.integers(0, 8)) :]
    try:
        kind, clean = without_metadata(changed)
    except InvalidValue:
        return
    assert media_type_of(clean) == kind


def read(value: Json, folder: Path) -> str:
    return read_picture(value, folder=folder, item="i7", field="photo").url


def test_a_field_holds_a_data_url_a_link_or_a_file_of_the_workspace(tmp_path: Path) -> None:
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "a name nobody needs.png").write_bytes(png((b"tEXt", SECRET)))
    clean = "data:image/png;base64," + base64.b64encode(png()).decode()
    assert read("pictures/a name nobody needs.png", tmp_path) == clean
    assert read("data:image/jpeg;base64," + base64.b64encode(png((b"tEXt", SECRET))).decode(), tmp_path) == clean
    assert read("https://pictures.example/1.png?size=2", tmp_path) == "https://pictures.example/1.png?size=2"
    assert read(PICTURE, tmp_path) == PICTURE


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (None, "there is no image"),
        ("", "there is no image"),
        (["a.png"], "there is no image"),
        ("data:image/png,abc", "not in base64"),
        ("data:image/png;base64,!!!", "no base64 text"),
        ("data:image/svg+xml;base64," + base64.b64encode(b"<svg/>").decode(), "no PNG, JPEG, GIF or WebP"),
        ("http://pictures.example/1.png", "no https link"),
        ("file:///etc/passwd", "no https link"),
        ("https://ann:secret@pictures.example/1.png", "a user or password"),
        ("https://[::1", "no address"),
        ("missing.png", "there is no file 'missing.png'"),
        ("text.png", "no PNG, JPEG, GIF or WebP"),
        (".", "no file inside the workspace"),
        ("a\0.png", "neither an image nor the path"),
    ],
)
def test_everything_else_is_refused_with_the_items_name(value: Json, said: str, tmp_path: Path) -> None:
    (tmp_path / "text.png").write_bytes(b"not an image")
    with pytest.raises(InvalidValue) as caught:
        read(value, tmp_path)
    assert said in str(caught.value)
    assert str(caught.value).startswith("item 'i7', field 'photo': ")
    assert "secret" not in str(caught.value)


def test_s8_no_path_leads_out_of_the_workspace(tmp_path: Path) -> None:
    """S8: neither by its dots, nor from the root, nor by a link, of the file or of a folder on the way."""
    inside, outside = tmp_path / "workspace", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (outside / "secret.png").write_bytes(png())
    (inside / "link.png").symlink_to(outside / "secret.png")
    (inside / "folder").symlink_to(outside)
    (inside / "loop.png").symlink_to(inside / "loop.png")
    for path in ("../outside/secret.png", str(outside / "secret.png"), "link.png", "folder/secret.png", "loop.png"):
        with pytest.raises(InvalidValue, match=r"no file inside the workspace|there is no file"):
            read(path, inside)


def test_an_image_of_five_megabytes_is_taken_and_a_byte_more_is_not(tmp_path: Path) -> None:
    filler = LARGEST_PICTURE - len(png((b"IDAT", b"")))
    largest = png((b"IDAT", b"\0" * filler))
    assert len(largest) == LARGEST_PICTURE
    assert picture_of(largest).url.startswith("data:image/png")
    (tmp_path / "large.png").write_bytes(png((b"IDAT", b"\0" * (filler + 1))))
    with pytest.raises(InvalidValue, match=r"5\.0 MB, and 5 MB is the most"):
        read("large.png", tmp_path)
    with pytest.raises(InvalidValue, match="5 MB is the most"):
        read("data:image/png;base64," + "A" * 8_000_000, tmp_path)
