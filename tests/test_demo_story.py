"""The demo is told in five chapters: a live panel on a terminal, plain lines elsewhere, results on standard output."""

from __future__ import annotations

import io
import unicodedata
from pathlib import Path

import pytest
from screens import WATCHED, moment, record, results, screen, text

from thought.demo.results import CHAPTERS, Results
from thought.demo.story import BETWEEN_DRAWINGS, Story
from thought.progress import BETWEEN_LINES


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_chapters_have_the_number_of_their_title_and_begin_once() -> None:
    console = screen(is_terminal=False)
    with Story(console) as story:
        for title in (CHAPTERS[0], CHAPTERS[2], CHAPTERS[2], CHAPTERS[4], "Encore"):
            story.chapter(title)
    assert text(console).split("\n") == [f"1. {CHAPTERS[0]}", f"3. {CHAPTERS[2]}", f"5. {CHAPTERS[4]}", "6. Encore", ""]


def test_a_log_has_a_line_every_ten_seconds_with_the_translation_and_no_control_characters() -> None:
    console = screen(is_terminal=False)
    with Story(console) as story:
        story.note("[8,000] pieces")
        for seconds in (0.0, 1.0, BETWEEN_LINES - 0.1):
            story.progress(record(1, seconds))
        story.moment(moment(10, "Ein Koch rennt.", seconds=9.95, p_at_1=0.987, bleu=28.34), WATCHED)
        story.progress(record(11, BETWEEN_LINES))
        story.moment(moment(20, "Ein \x1b[31mHund\x07.", seconds=14.0, bleu=None), WATCHED)
        story.chapter(CHAPTERS[2])
    assert text(console).split("\n") == [
        "  [8,000] pieces",
        "  0:00  step 1  11,240 tokens/s  1:01 left",
        "  watching en-de: A dog [bold]runs[/bold].  =>  Ein Hund rennt.",
        "  0:10  step 11  11,240 tokens/s  1:01 left  P@1 98.7 %  BLEU 28.3  Ein Koch rennt.",
        "  0:14  step 20  P@1 50.0 %  BLEU 28.3  Ein  [31mHund .",
        f"3. {CHAPTERS[2]}",
        "",
    ]


def test_of_two_moments_of_a_step_the_later_stays() -> None:
    with Story(screen(is_terminal=False)) as story:
        for told in (moment(5, "Ein.", bleu=None), moment(5, "Ein Koch."), moment(9, "Ein Hund.")):
            story.moment(told, WATCHED)
    assert [(told.step, told.translation) for told in story.moments] == [(5, "Ein Koch."), (9, "Ein Hund.")]


def test_a_log_before_any_bleu_says_that_it_is_unknown() -> None:
    console = screen(is_terminal=False)
    with Story(console) as story:
        story.moment(moment(5, "Ein.", bleu=None), WATCHED)
        story.progress(record(6, BETWEEN_LINES))
    assert "P@1 50.0 %  BLEU –  Ein." in text(console)


def test_the_panel_is_drawn_a_few_times_a_second_and_ends_with_the_training() -> None:
    console, clock = screen(is_terminal=True), Clock()
    with Story(console, now=clock) as story:
        for step in range(1, 101):
            clock.seconds = step * BETWEEN_DRAWINGS / 50
            story.progress(record(step, clock.seconds))
        assert text(console).count("tokens/s") == 2, "of a hundred steps in a second"
        story.moment(moment(100, "Ein Koch rennt."), WATCHED)
        assert text(console).count("tokens/s") == 3, "a moment is seen at once"
        story.chapter(CHAPTERS[2])
        said = text(console)
        assert said.index("\x1b[?25h") < said.index(CHAPTERS[2]), "the cursor is back before the next chapter"
    assert "[bold]runs[/bold]" in said


def test_an_interrupted_training_puts_the_terminal_right_and_keeps_what_was_learned() -> None:
    console = screen(is_terminal=True)
    with pytest.raises(KeyboardInterrupt), Story(console) as story:
        story.progress(record(1, 1.0))
        story.moment(moment(1, "Ein Koch rennt."), WATCHED)
        raise KeyboardInterrupt
    said = text(console)
    assert said.count("\x1b[?25l") == said.count("\x1b[?25h") == 1
    assert "BLEU" in said.rpartition("\x1b[?25h")[2], "the record of training stands below"


def test_the_panel_leaves_room_for_what_the_terminal_writes_at_an_interrupt() -> None:
    console = screen(is_terminal=True, width=60)
    with Story(console) as story:
        story.progress(record(1, 1.0))
    assert f"╭{'─' * 56}╮" in text(console), "^C after the last corner stays on its line"


def test_a_training_without_moments_leaves_nothing_behind() -> None:
    console = screen(is_terminal=True)
    with Story(console) as story:
        story.progress(record(1, 1.0))
    assert story.moments == []
    assert "BLEU" not in text(console).rpartition("\x1b[?25h")[2]


def tell_all(story: Story, found: Results) -> None:
    with story:
        story.chapter(CHAPTERS[0])
        story.examples(found.examples)
        story.chapter(CHAPTERS[1])
        story.recall(found)
        story.chapter(CHAPTERS[2])
        story.results(found)
        story.chapter(CHAPTERS[3])
        story.walk(found.walk)
        story.chapter(CHAPTERS[4])
        story.closing(Path("runs/demo/index.html"), found)


def test_results_go_to_standard_output_and_everything_else_does_not(capsys: pytest.CaptureFixture[str]) -> None:
    tell_all(Story(), results())
    out, err = capsys.readouterr()
    assert out.split("\n")[-2] == "runs/demo/index.html"
    assert "Meaning accuracy, %" in out
    assert "The woman washed the car." in out
    assert "Meaning accuracy" not in err
    assert [number for number in "12345" if f"{number}. " in err] == [*"12345"]
    steering = [letter for letter in out + err if unicodedata.category(letter) == "Cc" and letter != "\n"]
    assert steering == [], "there is no terminal"


def test_aside_everything_goes_to_the_screen(capsys: pytest.CaptureFixture[str]) -> None:
    console = screen(is_terminal=True, width=60)
    tell_all(Story(console, aside=True), results())
    assert capsys.readouterr().out == ""
    assert "Meaning accuracy" in text(console)
    assert "runs/demo/index.html" in text(console)


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_a_terminal_that_wants_no_colours_gets_plain_lines(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Terminal(io.StringIO):
        encoding = "utf-8"

        def isatty(self) -> bool:
            return True

    for variable in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(variable, raising=False)
    coloured, plain = Terminal(), Terminal()
    for stream in (coloured, plain):
        monkeypatch.setattr("sys.stderr", stream)
        with Story() as story:
            story.progress(record(1, 1.0))
            story.moment(moment(1, "Ein Koch rennt."), WATCHED)
        monkeypatch.setenv(name, value)
    assert "\x1b[" in coloured.getvalue()
    assert "\x1b" not in plain.getvalue()
    assert "tokens/s" in plain.getvalue()


def test_what_to_try_next_can_be_copied_whole(capsys: pytest.CaptureFixture[str]) -> None:
    watched = {"from": "en", "to": "de", "source": "It's a dog.", "plain": "Es ist ein Hund."}
    console = screen(is_terminal=False, width=40)
    with Story(console) as story:
        story.closing(Path("some where/index.html"), results(watched=watched))
    commands = [line.strip() for line in text(console).split("\n") if line.startswith("    ")]
    assert capsys.readouterr().out == "some where/index.html\n"
    assert commands[0] == "thought demo --out 'some where' --open"
    assert commands[1] == """echo 'It'"'"'s a dog.' | thought translate 'some where' --to cs"""
    assert len(commands) == 3
    with Story(console) as story:
        story.closing(Path("runs/demo/index.html"), results())
    assert "    thought demo --open\n" in text(console)
