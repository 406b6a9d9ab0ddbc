"""Kreise and concealed numbers in addresses."""

from pik.concealed import SHAPE, conceal, reveal


class DistrictConverter:
    """Only the AGS of a Kreis reaches a view; anything else is a 404."""

    regex = "08[0-9]{3}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


def concealing(kind: str) -> type:
    """A converter for rows of one kind: views and templates know their numbers, addresses do not."""

    class ConcealingConverter:
        regex = SHAPE

        def to_python(self, value: str) -> int:
            number = reveal(kind, value)
            if number is None:
                raise ValueError
            return number

        def to_url(self, value: int) -> str:
            return conceal(kind, value)

    return ConcealingConverter
