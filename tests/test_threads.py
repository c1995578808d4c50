"""Two threads that trace and run at once do not disturb each other."""

import threading

import numpy as np

from glia import ops
from glia.autodiff import gradients
from glia.function import function
from glia.graph import Variable, current_trace


def in_threads(work, count=4):
    """Run work(number) in threads that begin together; raise what any of them raised."""
    gate, found, failures = threading.Barrier(count), [None] * count, []

    def run(number):
        try:
            gate.wait()
            found[number] = work(number)
        except Exception as error:  # noqa: BLE001 - raised again by the caller
            failures.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return found


def network(x, w):
    h, ys = ops.scan(lambda h, v: (ops.tanh(h @ w + v), h * 2.0), x[0] * 0, x)
    loss = ops.sum(h) + ops.mean(ys)
    return loss, gradients(loss, [w, x])


def test_tracing_and_running_at_once_gives_what_one_thread_gives():
    rng = np.random.default_rng(0)
    cases = [(rng.normal(size=(n, 2, 3)), rng.normal(size=(3, 3))) for n in (2, 3, 4, 5)]
    expected = [function(network)(*case) for case in cases]

    def work(number):
        for _ in range(5):
            found = function(network)(*cases[number])
        return found

    for (loss, slopes), (one, others) in zip(in_threads(work), expected, strict=True):
        assert loss.tobytes() == one.tobytes()
        for slope, other in zip(slopes, others, strict=True):
            assert slope.tobytes() == other.tobytes()


def test_one_function_called_by_several_threads():
    shared = function(lambda x: ops.exp(x) * 2.0)

    def work(number):
        return [shared(np.full(size, number, np.float64)) for size in [*range(1, 80)] * 2]

    for number, results in enumerate(in_threads(work)):
        for result in results:
            assert np.array_equal(result, np.full(result.shape, np.exp(float(number)) * 2))


def test_a_trace_belongs_to_its_thread():
    entered, checked = threading.Event(), threading.Event()
    seen = []

    def other():
        entered.wait()
        seen.append(current_trace())
        seen.append(Variable(1.0).shape)  # refused in traced code
        checked.set()

    def call(x):
        entered.set()
        assert checked.wait(timeout=30)
        return x + 1

    thread = threading.Thread(target=other)
    thread.start()
    assert function(call)(1.0) == 2
    thread.join()
    assert seen == [None, ()]
