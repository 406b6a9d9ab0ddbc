"""The field for words of one's own."""

from django import forms

from casework.words import Words, readable


class WordsField(forms.CharField):
    """Words of one's own; what nobody can read is left out, and counts as nothing written.

    As a `max_length` the limit would stand in the page, and a browser cuts what is pasted there without a word.
    """

    def __init__(self, *, most: int, **options: object) -> None:
        super().__init__(validators=[Words(most)], **options)

    def to_python(self, value: object) -> str:
        return readable(super().to_python(value)).strip()
