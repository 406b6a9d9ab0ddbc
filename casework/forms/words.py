"""The field for words of one's own."""

from django import forms

from casework.words import Words, readable


class WordsField(forms.CharField):
    """Words of one's own; what nobody can read is left out, and counts as nothing written.

    As a `max_length` the limit would stand in the page, and a browser cuts what is pasted there without a word.
    With `one_line` line breaks and tabs become blanks.
    """

    def __init__(self, *, most: int, one_line: bool = False, **options: object) -> None:
        self.one_line = one_line
        super().__init__(validators=[Words(most)], **options)

    def to_python(self, value: object) -> str:
        words = readable(super().to_python(value)).strip()
        return " ".join(words.split()) if self.one_line else words
