"""Run by test_crash.py in a process of its own: importers that are killed with SIGKILL, and what they leave.

usage: python killed.py random|moments|together|crowd [seconds]
"""

import os
import random
import signal
import sys
import time
from itertools import pairwise

import pandas as pd

from parlib.sources import rounds

PLAN = rounds.RoundPlan.model_validate(
    {"id": "2023-test", "year": 2023, "level": "province", "scheme": "876-province", "units": ["ha-noi", "ha-giang"]}
)
MOMENTS = ("open", "os.rename", "os.remove", "os.listdir", "os.scandir", "shutil.copyfile", "fcntl.flock")


def add(unit: str, n: int) -> rounds.Receipt:
    """One import of two rows that differ from all before."""
    rows = pd.DataFrame(
        {
            "unit": unit,
            "code": ["1.1.2", "1.5"],
            "stage": "self",
            "answer": [f"{n % 9973 / 100:.2f}", str(n)],
            "by": "thử",
        }
    )
    return rounds.append(PLAN.id, rows, source=f"{unit}-{n}.csv")


def confirm(pipe: int, receipt: rounds.Receipt) -> None:
    os.write(pipe, f"{receipt.source} {receipt.first_row} {receipt.last_row}\n".encode())


def child(work) -> tuple[int, int]:
    """A process doing ``work(pipe)``; gives its id and the end of the pipe to read confirmations from."""
    inward, outward = os.pipe()
    pid = os.fork()
    if pid:
        os.close(outward)
        return pid, inward
    try:
        work(outward)
    finally:
        os._exit(0)


def confirmations(pipe: int, heard: bytes = b"") -> list[tuple[str, int, int]]:
    with os.fdopen(pipe, "rb") as rest:
        sentence = (heard + rest.read()).decode().splitlines()
    return [(source, int(first), int(last)) for source, first, last in (line.split() for line in sentence)]


def check(confirmed: list[tuple[str, int, int]]) -> None:
    """The ledger loads, and every confirmed row is where the receipt said."""
    opened = rounds.open_round(PLAN.id)
    ledger, imports = opened.ledger, opened.imports
    for source, first, last in confirmed:
        assert list(ledger["source"][first - 1 : last]) == [f"{source} | 1", f"{source} | 2"], (source, first, last)
    assert list(ledger["row"]) == list(range(1, len(ledger) + 1))
    recorded = [n for a, b in zip(imports["first_row"], imports["last_row"], strict=True) for n in range(a, b + 1)]
    assert recorded == list(ledger["row"]), "each row has its record, once"
    assert not list(opened.path.glob(".answers-*")) or len(list(opened.path.glob(".answers-*"))) <= 1


def random_moments(kills: int = 12) -> None:
    """Importers killed after a random time."""
    add("ha-noi", 0)  # what is loaded once is loaded
    begun = time.perf_counter()
    add("ha-noi", 1)
    usual = time.perf_counter() - begun
    dice, confirmed, n = random.Random(7), [], 10
    for _ in range(kills):
        start = n

        def work(pipe: int, start: int = start) -> None:
            for k in range(1000):
                confirm(pipe, add("ha-noi", start + k))

        pid, pipe = child(work)
        heard = b""
        for _ in range(dice.randint(0, 2)):  # however slow the machine: so many are confirmed before it is killed
            heard += os.read(pipe, 100)
        time.sleep(dice.uniform(0.0, 1.5 * usual))
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        confirmed += confirmations(pipe, heard)
        check(confirmed)
        n += 1000
    assert len(confirmed) >= 5, f"only {len(confirmed)} imports were confirmed"
    sys.stdout.write(
        f"{kills} kills, {len(confirmed)} imports confirmed, {len(rounds.open_round(PLAN.id).ledger)} rows"
    )


def every_moment() -> None:
    """Importers killed just before each thing that an import does with a file, one after another."""
    add("ha-noi", 0)  # what is loaded once is loaded
    confirmed, kills = [], 0
    for moment in range(1, 400):

        def work(pipe: int, moment: int = moment) -> None:
            seen = 0

            def watch(event: str, arguments: tuple) -> None:
                nonlocal seen
                if (event in MOMENTS and "2023-test" in str(arguments)) or event == "fcntl.flock":
                    seen += 1
                    if seen == moment:
                        os.kill(os.getpid(), signal.SIGKILL)

            sys.addaudithook(watch)
            confirm(pipe, add("ha-noi", moment))

        pid, pipe = child(work)
        _, status = os.waitpid(pid, 0)
        sentence = confirmations(pipe)
        confirmed += sentence
        check(confirmed)
        if not os.WIFSIGNALED(status):
            break
        kills += 1
        if moment % 4 == 0:  # the next importer is not held up
            after = add("ha-giang", moment)
            confirmed.append((after.source, after.first_row, after.last_row))
    assert kills >= 10, f"only {kills} moments"
    check(confirmed)
    sys.stdout.write(f"killed at {kills} moments, {len(confirmed)} imports confirmed")


def together(each: int = 12) -> None:
    """Two importers at once: nothing is lost, nothing is told twice."""

    def work_for(unit: str):
        def work(pipe: int) -> None:
            for k in range(each):
                confirm(pipe, add(unit, k))

        return work

    children = [child(work_for(unit)) for unit in ("ha-noi", "ha-giang")]
    confirmed = []
    for pid, pipe in children:
        confirmed += confirmations(pipe)
        os.waitpid(pid, 0)
    assert len(confirmed) == 2 * each
    check(confirmed)
    order = [source.rpartition("-")[0] for source, _, _ in sorted(confirmed, key=lambda sentence: sentence[1])]
    changes = sum(a != b for a, b in pairwise(order))
    sys.stdout.write(f"{len(confirmed)} imports, the writer changed {changes} times")
    assert len(rounds.open_round(PLAN.id).ledger) == 4 * each


def crowd(seconds: float = 60.0, writers: int = 3, readers: int = 20) -> None:
    """Many read while some write: nobody is told that the ledger was tampered with, and nothing is lost."""
    ends = time.monotonic() + seconds

    def write(number: int):
        def work(pipe: int) -> None:
            n = number
            while time.monotonic() < ends:
                confirm(pipe, add(PLAN.units[number % 2], n))
                n += writers

        return work

    def read(pipe: int) -> None:
        before, looks = 0, 0
        try:
            while time.monotonic() < ends:
                opened = rounds.open_round(PLAN.id)
                recorded = opened.imports["last_row"].max() if len(opened.imports) else 0
                assert before <= len(opened.ledger) == recorded, "a state that never was"
                before, looks = len(opened.ledger), looks + 1
        except Exception as error:
            os.write(pipe, f"refused {type(error).__name__}: {error}".encode())
        os.write(pipe, f"\n{looks}\n".encode())

    writing = [child(write(number)) for number in range(writers)]
    reading = [child(read) for _ in range(readers)]
    confirmed = [each for _, pipe in writing for each in confirmations(pipe)]
    told = []
    for _, pipe in reading:
        with os.fdopen(pipe, "rb") as rest:
            told.append(rest.read().decode().strip())
    for pid, _ in (*writing, *reading):
        os.waitpid(pid, 0)
    assert all(text.isdecimal() and int(text) for text in told), told
    check(confirmed)
    assert len(rounds.open_round(PLAN.id).ledger) == 2 * len(confirmed)
    sys.stdout.write(f"{len(confirmed)} imports confirmed, {sum(map(int, told))} openings")


if __name__ == "__main__":
    rounds.create_round(PLAN, by="thử")
    what = {"random": random_moments, "moments": every_moment, "together": together, "crowd": crowd}[sys.argv[1]]
    what(*map(float, sys.argv[2:]))
