"""Words on figures: every script, one warning at most, and widths known before anything is drawn."""

from __future__ import annotations

import io
import warnings

import pytest
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from thought.plots import words
from thought.plots.words import DOTS, fonts, legible, measure, wrap, write

HAS_CJK = any("CJK" in name or "Han" in name or "WenQuanYi" in name for name in fonts())
UNASSIGNED = "\U000e0fff"  # no font has it


def test_fonts_begin_with_the_one_that_comes_with_matplotlib():
    assert fonts()[0] == "DejaVu Sans"
    assert len(set(fonts())) == len(fonts())


def test_latin_with_diacritics_greek_and_cyrillic_need_no_further_font(monkeypatch):
    monkeypatch.setattr(words, "fonts", lambda: ("DejaVu Sans",))
    words._is_known.cache_clear()
    for text in ("Žluťoučký kůň úpěl", "Œuvre, garçon", "Съешь ещё этих", "Ξεσκεπάζω"):
        assert legible(text) == text
    words._is_known.cache_clear()


def test_where_a_font_is_missing_a_square_stands_and_one_warning_is_given(monkeypatch):
    monkeypatch.setattr(words, "fonts", lambda: ("DejaVu Sans",))
    words._is_known.cache_clear()
    with pytest.warns(UserWarning, match="install Noto Sans CJK") as caught:
        assert legible("狗 and 狗狗") == "□ and □□"
    assert len(caught) == 1
    figure = Figure()
    FigureCanvasAgg(figure)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        figure.text(0, 0, "□ and □□", fontfamily=("DejaVu Sans",))
        figure.savefig(io.BytesIO())
    words._is_known.cache_clear()


@pytest.mark.skipif(not HAS_CJK, reason="no font for Chinese is installed")
def test_chinese_japanese_and_korean_are_drawn_without_a_warning():
    text = "一只狗在雪地里奔跑 犬が走る 개가 달린다"
    assert legible(text) == text
    figure = Figure()
    FigureCanvasAgg(figure)
    write(figure, 0, 0, text, size=9, colour="black")
    for form in ("png", "svg"):
        figure.savefig(io.BytesIO(), format=form)


def test_what_has_no_shape_of_its_own_is_left_out_silently():
    assert unknown_joiner() == "ab"


def unknown_joiner() -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return legible("a\U000e0001b")  # a language tag: of the category Cf, in no font


def test_lines_and_tabs_of_a_sentence_become_spaces():
    assert legible(" a\tdog\nruns ") == "a dog runs"


def test_dollars_begin_no_formula():
    figure = Figure()
    FigureCanvasAgg(figure)
    written = write(figure, 0, 0, r"from $5 to $10 \frac", size=9, colour="black")
    figure.savefig(io.BytesIO())
    assert written.get_text() == r"from $5 to $10 \frac"
    assert not written.get_parse_math()


def test_a_width_is_that_of_what_is_drawn():
    figure = Figure(dpi=DOTS)
    FigureCanvasAgg(figure)
    text = "A man in an orange hat"
    drawn = write(figure, 0, 0, text, size=9, colour="black").get_window_extent()
    assert measure(text, 9) == pytest.approx(drawn.width / DOTS, abs=0.02)
    assert measure(text, 9, is_bold=True) > measure(text, 9)


@given(st.text("ab cdef ", max_size=60), st.floats(0.5, 3))
def test_wrapped_lines_fit_and_lose_nothing(text, width):
    lines = wrap(text, width, 8)
    assert all(measure(line, 8) <= width for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


def test_a_word_longer_than_a_line_is_broken():
    lines = wrap("abcdefghij" * 5, 1.0, 9)
    assert len(lines) > 2
    assert "".join(lines) == "abcdefghij" * 5


def test_what_does_not_fit_is_cut_at_a_word_with_an_ellipsis():
    (line,) = wrap("a black dog is running over green grass", 1.5, 9, lines=1)
    assert line.endswith("…")
    assert "a black dog is running over green grass".startswith(line[:-1])
    assert line[:-1].split()[-1] in ["a", "black", "dog", "is", "running", "over", "green", "grass"]
    assert measure(line, 9) <= 1.5


def test_paragraphs_of_a_caption_are_kept():
    assert wrap("one\ntwo", 5, 8) == ["one", "two"]
    assert wrap("", 5, 8) == [""]
