"""The verdict: one sentence that follows from the intervals and from nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from .bootstrap import Assessment, Interval
from .scores import Score

__all__ = ["Verdict", "signed", "verdict_of"]

# Rounding errors of sums over rows stay below this.
NOISE = 1e-9


@dataclass(frozen=True)
class Verdict:
    """Who wins, and by how much.

    Attributes
    ----------
    outcome : str
        ``"wins"``, ``"loses"`` or ``"ties"``, of the network against its strongest rival.
    rival : str
        The name of that rival.
    difference : Interval
        Network minus rival in the decisive score, so that above 0 is better if higher scores are.
    sentence : str
        All of it in words.
    """

    outcome: str
    rival: str
    difference: Interval
    sentence: str


def signed(interval: Interval) -> tuple[str, str, str]:
    """Write a difference and its ends with signs, so that none that is not 0 looks like 0."""
    numbers = (interval.value, interval.low, interval.high)
    for digits in range(3, 7):
        if all(number == 0 or round(abs(number), digits) > 0 for number in numbers):
            break
    return tuple(f"{number:+.{digits}f}" for number in numbers)  # type: ignore[return-value]


def verdict_of(
    assessment: Assessment, score: Score, titles: Mapping[str, str], simplest: str
) -> Verdict:
    """Compare the network with the rival that scored best.

    It wins or loses where the 95% interval of the paired difference leaves out 0, and ties
    otherwise: the sign of the difference alone decides nothing.

    Parameters
    ----------
    assessment : Assessment
        What the test part says; the first in ``scores`` is the network.
    score : Score
        The decisive score.
    titles : mapping of str to str
        What to call each rival in the sentence.
    simplest : str
        The rival that has learnt nothing: not to beat it is worth other words.
    """
    who = next(iter(assessment.scores))
    own = assessment.scores[who][score.name].value
    sign = 1 if score.is_higher_better else -1
    rivals = {name: assessment.scores[name][score.name].value for name in assessment.differences}
    rival = max(rivals, key=lambda name: sign * rivals[name])
    difference = assessment.differences[rival]
    outcome = _outcome(difference, sign)
    by, low, high = signed(difference)
    title, other = titles[rival], f"{rivals[rival]:.3f}"
    gap = f"the difference of {by} (95% interval {low} to {high})"
    mine = f"{score.title} on the test rows is {own:.3f}"
    if outcome == "wins":
        best = "" if len(rivals) == 1 else ", the best of the baselines"
        text = (
            f"The network wins: its {mine}, that of {title}{best}, {other}; {gap} is more than "
            "chance explains"
        )
    elif outcome == "loses":
        text = (
            f"The network loses to {title}: its {mine} against {other}; {gap} is more than chance "
            "explains"
        )
    elif max(map(abs, (difference.value, difference.low, difference.high))) < NOISE:
        text = f"A tie: the network's {mine}, and so is that of {title}"
    else:
        text = f"A tie: the network's {mine}, that of {title} {other}; {gap} can be chance"
    if _outcome(assessment.differences.get(simplest, difference), sign) != "wins":
        text += f"; it has not shown that it beats {titles[simplest]}, which learns nothing"
    return Verdict(outcome, rival, difference, f"{text}.")


def _outcome(difference: Interval, sign: int) -> str:
    low, high = sorted((sign * difference.low, sign * difference.high))
    if low > NOISE:
        return "wins"
    return "loses" if high < -NOISE else "ties"
