"""Case codes in addresses."""

from casework.codes import ALPHABET, normalised


class CaseCodeConverter:
    """Only well-formed codes with a right check digit reach a view; anything else is a 404."""

    regex = rf"[{ALPHABET}]{{4}}-[{ALPHABET}]{{4}}"

    def to_python(self, value: str) -> str:
        code = normalised(value)
        if code is None:
            raise ValueError
        return code

    def to_url(self, value: str) -> str:
        return value
