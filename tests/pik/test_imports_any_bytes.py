import zipfile
from contextlib import suppress

from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from tests.handed_in import CSV, PARTS, packed, read


def _outcome(content: bytes) -> None:
    """A table in which every row fits the head, or a refusal; nothing else may happen."""
    with suppress(ValidationError):
        table = read(content)
        assert {len(row.cells) for row in table.rows} == {len(table.head)}
        assert all(cell.encode() or not cell for row in table.rows for cell in row.cells)


def _mutated(content: bytes, changes: list[tuple[int, bytes, int]]) -> bytes:
    for place, new, dropped in changes:
        start = place % (len(content) + 1)
        content = content[:start] + new + content[start + dropped :]
    return content


starts = st.sampled_from([b"", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"PK\x03\x04", b"a;b\n"])
strange = st.sampled_from([b"9" * 30, b"-1", b"1e999", b"", b"A1:XFD9"])
changes = st.lists(st.tuples(st.integers(0, 20_000), st.binary(max_size=4), st.integers(0, 8)), min_size=1, max_size=6)


@given(starts, st.binary())
def test_any_bytes_are_a_table_or_refused(start, rest):
    _outcome(start + rest)


@given(st.text(alphabet='ab;,\t"\r\n\x0b\x85\u2028=ä', max_size=40))
def test_any_text_is_a_table_or_refused(text):
    _outcome(text.encode())


@given(changes)
def test_damaged_csv_is_a_table_or_refused(changed):
    _outcome(_mutated((CSV * 3).encode("utf-16"), changed))


@given(changes)
def test_damaged_archive_is_a_table_or_refused(changed):
    _outcome(_mutated(packed(PARTS), changed))


@given(st.sampled_from(sorted(PARTS)), changes)
def test_damaged_xml_is_a_table_or_refused(name, changed):
    _outcome(packed({**PARTS, name: _mutated(PARTS[name], changed)}, zipfile.ZIP_STORED))


@given(st.sampled_from(sorted(PARTS)), st.integers(0, 200), strange)
def test_strange_attributes_are_a_table_or_refused(name, number, value):
    pieces = PARTS[name].split(b'"')
    place = (2 * number + 1) % len(pieces)
    pieces[place] = value

    _outcome(packed({**PARTS, name: b'"'.join(pieces)}, zipfile.ZIP_STORED))
