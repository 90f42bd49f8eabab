"""Language codes in one form: "deu", "DE" and "de" are all "de"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from thought.errors import CorpusError, nearest

_CODE = re.compile(r"([A-Za-z]{2,3})(?:[-_]([A-Za-z]{2}|[A-Za-z]{4}|\d{3}))?")

_CODES = """
afr af sqi sq amh am ara ar hye hy aze az eus eu bel be ben bn bos bs bul bg mya my cat ca zho zh cmn zh hrv hr
ces cs dan da nld nl eng en epo eo est et fin fi fra fr glg gl kat ka deu de ell el guj gu hat ht hau ha heb he
hin hi hun hu isl is ind id gle ga ita it jpn ja kan kn kaz kk khm km kor ko kur ku kir ky lao lo lat la lav lv
lvs lv lit lt mkd mk msa ms zsm ms mal ml mlt mt mar mr mon mn nep ne nor no nob nb nno nn oci oc fas fa pes fa
pol pl por pt pan pa ron ro rus ru srp sr sin si slk sk slv sl som so spa es swa sw swe sv tgl tl tgk tg tam ta
tat tt tel te tha th tur tr tuk tk uig ug ukr uk urd ur uzb uz vie vi cym cy xho xh yid yi yor yo zul zu
"""
TWO_LETTERS: dict[str, str] = dict(re.findall(r"(\w{3})\s(\w\w)", _CODES))  # ISO 639-3 -> ISO 639-1, where there is one


def is_language(code: str) -> bool:
    """Whether a word has the form of a code: two or three letters, optionally a script or region."""
    return _CODE.fullmatch(code.strip()) is not None


def normalise_language(code: str) -> str:
    """Bring a code into the form used everywhere: ISO 639-1 where there is one, "pt_br" as "pt-BR".

    Raises
    ------
    CorpusError
        If it does not look like a code.
    """
    match = _CODE.fullmatch(code.strip())
    if match is None:
        raise CorpusError(f"{code!r} is not a language code; expected two or three letters such as de, en or pt-BR")
    language = match[1].lower()
    language = TWO_LETTERS.get(language, language)
    if match[2] is None:
        return language
    return f"{language}-{match[2].title() if len(match[2]) == 4 else match[2].upper()}"


def choose_languages(wanted: Sequence[str], present: Sequence[str], name: str) -> tuple[str, ...]:
    """Return the wanted languages in their order, all present ones if none is named.

    Raises
    ------
    CorpusError
        If one is not present; the message has the nearest that is.
    """
    chosen = tuple(dict.fromkeys(normalise_language(code) for code in wanted))
    for code in chosen:
        if code not in present:
            raise CorpusError(f"{name} has no language {code}{nearest(code, present)}")
    return chosen or tuple(dict.fromkeys(present))
