"""Kreise in addresses."""


class DistrictConverter:
    """Only the AGS of a Kreis reaches a view; anything else is a 404."""

    regex = "08[0-9]{3}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
