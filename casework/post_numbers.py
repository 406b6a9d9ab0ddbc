"""When two numbers of posts are the same one, however somebody typed them."""

import re
import unicodedata

from django.db import models

_BLANKS = re.compile(r"\s+")
# Beside those that Unicode calls formats: letters without a shape, joiners, and what only picks the look of a letter.
_INVISIBLE = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
# Beside those that Unicode calls dashes: minus signs and the hyphen of lists.
_DASHES = re.compile("[\u2043\u2212\u02d7]")


def tidy_number(text: str) -> str:
    """A number as it is shown: what nobody sees is dropped, blanks stand alone and inside only."""
    spaced = _BLANKS.sub(" ", _INVISIBLE.sub("", text))
    return "".join(letter for letter in spaced if unicodedata.category(letter) not in ("Cf", "Cc")).strip()


def number_key(text: str) -> str:
    """What is left of a number when case, width, kinds of dash, doubled blanks and invisible signs do not count."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    dashed = "".join("-" if unicodedata.category(letter) == "Pd" else letter for letter in _DASHES.sub("-", folded))
    return _BLANKS.sub(" ", tidy_number(dashed)).strip()


class NumberKeyField(models.TextField):
    """The key of the number in another field, made anew whenever the row is saved, in bulk as well."""

    def __init__(self, *args: object, of: str = "", **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        self.of = of

    def deconstruct(self) -> tuple[str, str, list, dict]:
        """For migrations it is a text like any other."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", args, kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        key = number_key(getattr(model_instance, self.of))
        setattr(model_instance, self.attname, key)
        return key
