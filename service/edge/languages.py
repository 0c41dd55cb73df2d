"""Which of the three languages an answer speaks (API 1)."""

from service.core.errors import FieldError, ValidationFailed

LANGUAGES = ("zh-Hans", "zh-Hant", "en")
_TRADITIONAL = ("zh-tw", "zh-hk", "zh-mo", "zh-hant")


def negotiate(header: str | None) -> str:
    """Return the language of an Accept-Language header; Simplified Chinese by default."""
    ranges = [_weighted(part, n) for n, part in enumerate((header or "").split(",")[:20])]
    for _, _, tag in sorted(ranges):
        found = _known(tag)
        if found is not None:
            return found
    return LANGUAGES[0]


def chosen(parameter: str | None, header: str | None) -> str:
    """Return the language; `?lang=` wins. Raises ValidationFailed for one not offered."""
    if parameter is None:
        return negotiate(header)
    found = _known(parameter.strip().lower())
    if found is None:
        raise ValidationFailed([FieldError("?lang", "not_allowed", allowed=LANGUAGES)])
    return found


def _weighted(part: str, position: int) -> tuple[float, int, str]:
    tag, _, rest = part.partition(";")
    weight = 1.0
    name, _, value = rest.strip().partition("=")
    if name == "q":
        try:
            weight = float(value)
        except ValueError:
            weight = 0.0
    return (-weight if weight > 0 else 1.0, position, tag.strip().lower() if weight > 0 else "")


def _known(tag: str) -> str | None:
    if tag == "en" or tag.startswith("en-"):
        return "en"
    if tag.startswith(_TRADITIONAL):
        return "zh-Hant"
    if tag == "zh" or tag.startswith("zh-"):
        return "zh-Hans"
    return None
