"""The compiled service desk: everything that happens at a desk, tick by tick, on plain arrays.

The only file with compiled code; it imports nothing of the project but the decorators (`sim.desk.cache` says
why). Every array is C-contiguous int64 or float64, so there is one signature to compile. No exponential, logarithm
or power here: NumPy computes rates and probabilities once, for this kernel and for its SimPy reference alike.

At one tick, in this order: completions by officer, at closing also the counter jobs in hand, as overtime; closing
(citizens at counters are sent home) and opening (officers come or stay away, file work is suspended or resumed), or,
within a day, officers who go or come; arrivals, returns and cases that are noticed; citizens who give up; dispatch.
Where the desk does not shut between two days, the second begins without a closing.

A row of the pool is a request from its arrival until it ends, then its complaint if there is one, then vacant.

A service may be a route of queues, its steps. A job in which no error sends the case back leads it to the next step,
drawn by branch, after a hand-off delay. Each error that sends a case back begins a further round. The draws of a job
are those of its step and round, so that they do not depend on what happened before.

A queue may hold its cases until they are noticed: a case carries an amount of attention that it needs (drawn at birth),
and each such queue has a clock that runs at the rate of attention there is now. A queue without staff is such a delay
alone: a case that is released from it goes on at once.

The arrays (D days, O officers, Q queues, H of which hold, A rounds, S steps, B branches, N rows in the pool):

============  ==========================  ==================================================================
v             int64[SCALARS]
day_start     int64[D + 1]                ticks
shut          int64[D + 1]                1: the desk was shut before the day starts
queue         int64[Q+H+2, QUEUE_COLUMNS] queues, then what they hold, then cases that are away (rework, hand-off,
                                          complaints), then patience
heap          int64[Q + H + 3, N]         their rows of the pool, as binary heaps; then a stack of vacant rows
branch        float64[Q, B, 2]            cumulative probability, and the next queue (-1: the case ends)
complaining   float64[Q, 4]               chance to complain after a good end, error, no service; of discard
people        float64[O, Q, 2]            rate (0: not eligible), probability of an error
until         int64[days, O, E]           roster from day ROSTER_FIRST on: ticks at which an officer goes, comes back,
                                          goes again...
officer       int64[O, OFFICER_COLUMNS]
finishes      int64[2P]                   binary tree of minima over officers: tick of the next finish
turns         int64[2P]                   the same: tick of the next going or coming
pool          int64[N, POOL_COLUMNS]
lots          float64[N, .]               of the rows of the pool: draws by kind, step and round, then fate, then
                                          chance
fed           int64[FED_COLUMNS, M]       requests by arrival; those from AHEAD to FED are still to come
draws         float64[4, M, .]            as fed: work and error of requests, then of their complaints; by step and
                                          round (S * A), by round (A), or one for all
fate          float64[4, M, .]            the same: branch and attention needed; [4, 0, 1] where no queue needs them
chance        float64[2, M]               to complain, to be discarded
cases, jobs   int64[columns, .]           the two logs
============  ==========================  ==================================================================
"""

from __future__ import annotations

import numpy as np

from sim.desk.cache import compiled, entry

NEVER = 2**62
LONGEST = 2**50  # ticks: a bound that keeps every sum of times within int64
COMPLAINT_BIT = 2**62
# NumPy integers where helpers take them as arguments: numba compiles a copy for every Python one
DONE, LEFT, LOST, DISCARDED = np.arange(4)
ENDED_WELL, ENDED_IN_ERROR, UNSERVED, DISCARD = np.arange(4)  # columns of complaining

# v
NOW, DAY, BOUNDARY, PEOPLE_CHANGED, ROSTER_CHANGED, ROSTER_FIRST = range(6)
AHEAD, FED, VACANCIES, HEAD, TAIL, CASES, JOBS, ATTEMPTS_ALLOWED, NEXT_RELEASE = range(6, 15)
DRAWS, COMPLAINT_BASE = 15, 16
SCALARS = 17

# columns of queue; ORDER[i] is the i-th queue by class; KEY_COLUMN and PLACE_COLUMN say how a heap uses the pool
# HELD is the row of what a queue holds (-1: nothing ever); there OF is the queue, ATTENTION its rate, SEEN the
# attention given up to tick SEEN_AT, both in units of 1/UNIT of a tick, RELEASE when the next case is noticed.
KLASS, ORDER, SUSPENDS, GOES_HOME, REWORK, CLOCK_DAYS, SIZE, FREE, KEY_COLUMN, PLACE_COLUMN = range(10)
STEP, HAND_OFF, IMPATIENT, STAFFED, HELD, OF, ATTENTION, SEEN, SEEN_AT, RELEASE = range(10, 20)
QUEUE_COLUMNS = 20
UNIT = 1024

# columns of pool: what is fed; what is logged of a case; its state now. JOINED is when the wait for an attempt
# began, of a case that is away when it will come (back).
PATIENCE, RETURNS, REWORK_DELAY, COMPLAINT_QUEUE, COMPLAINT_DELAY, ID, FIRST_QUEUE, ARRIVAL, DUE = range(9)
FED_COLUMNS = 9
SENT_HOME, FIRST_START, FIRST_OFFICER, ATTEMPTS, ERRORS = range(9, 14)
LOGGED, LOGGED_END = ID, ERRORS + 1
QUEUE, JOINED, PLACE, GIVES_UP, PATIENCE_PLACE, ROUND, FLAWED, NOTICED = range(14, 22)
POOL_COLUMNS = 22

# kinds of lots of a request; those of its complaint are two further on
WORK, U_ERROR, U_BRANCH, ATTENTIONS = 0, 1, 4, 5

# columns of officer
JOB, START, FINISH, SERVICE, REMAINING, LAST_END, PREVIOUS, NEXT, IDLE, ON = range(10)
OFFICER_COLUMNS = 10

RATE, P_ERROR = 0, 1  # of people
ALL_DONE, MORE_ROWS, LONGER_LOGS = range(3)  # what `advance` returns

# id, first queue, arrival, due, times sent home, first start, first officer, attempts, errors, finish, status
CASE_COLUMNS = 11
# id, queue, attempt, officer, joined, start, finish, overtime, service, error
JOB_COLUMNS = 10


# ---- heaps of rows, ordered by (pool[key], joined, id); pool[place] says where in its heap a row stands


@compiled
def _before(pool, key, a, b):
    if pool[a, key] != pool[b, key]:
        return pool[a, key] < pool[b, key]
    if pool[a, JOINED] != pool[b, JOINED]:
        return pool[a, JOINED] < pool[b, JOINED]
    return pool[a, ID] < pool[b, ID]


@compiled
def _up(queue, heap, pool, h, i):
    key, place = queue[h, KEY_COLUMN], queue[h, PLACE_COLUMN]
    row = heap[h, i]
    while i > 0:
        above = heap[h, (i - 1) >> 1]
        if not _before(pool, key, row, above):
            break
        heap[h, i] = above
        pool[above, place] = i
        i = (i - 1) >> 1
    heap[h, i] = row
    pool[row, place] = i


@compiled
def _push(queue, heap, pool, h, row):
    i = queue[h, SIZE]
    queue[h, SIZE] = i + 1
    heap[h, i] = row
    _up(queue, heap, pool, h, i)


@compiled
def _remove(queue, heap, pool, h, row):
    key, place = queue[h, KEY_COLUMN], queue[h, PLACE_COLUMN]
    size = queue[h, SIZE] - 1
    queue[h, SIZE] = size
    last = heap[h, size]
    if last == row:
        return
    i = pool[row, place]  # the last row takes the place, or that of the best below, and so on down
    while 2 * i + 1 < size:
        j = 2 * i + 1
        if j + 1 < size and _before(pool, key, heap[h, j + 1], heap[h, j]):
            j += 1
        below = heap[h, j]
        if not _before(pool, key, below, last):
            break
        heap[h, i] = below
        pool[below, place] = i
        i = j
    heap[h, i] = last
    _up(queue, heap, pool, h, i)


# ---- binary trees of minima over officers, whose leaves are the second half


@compiled
def _set_time(tree, o, tick):
    i = (tree.size >> 1) + o
    tree[i] = tick
    while i > 1:  # no branch on ticks: which is first is hard to predict
        tick = min(tick, tree[i ^ 1])
        i >>= 1
        tree[i] = tick


@compiled
def _first(tree):
    """The officer with the earliest tick, the lowest index of several."""
    i = 1
    while 2 * i < tree.size:
        i = 2 * i + (tree[2 * i] != tree[1])
    return i - (tree.size >> 1)


# ---- idle officers: a linked list ordered by (last_end, index)


@compiled
def _come_idle(v, queue, people, officer, o):
    after = v[TAIL]
    while after >= 0 and (
        officer[after, LAST_END] > officer[o, LAST_END]
        or (officer[after, LAST_END] == officer[o, LAST_END] and after > o)
    ):
        after = officer[after, PREVIOUS]
    if after < 0:
        before = v[HEAD]
        v[HEAD] = o
    else:
        before = officer[after, NEXT]
        officer[after, NEXT] = o
    if before < 0:
        v[TAIL] = o
    else:
        officer[before, PREVIOUS] = o
    officer[o, PREVIOUS] = after
    officer[o, NEXT] = before
    officer[o, IDLE] = 1
    for q in range(people.shape[1]):
        queue[q, FREE] += people[o, q, RATE] > 0.0  # no branch: who may serve what is hard to predict


@compiled
def _leave_idle(v, queue, people, officer, o):
    before, after = officer[o, PREVIOUS], officer[o, NEXT]
    if before < 0:
        v[HEAD] = after
    else:
        officer[before, NEXT] = after
    if after < 0:
        v[TAIL] = before
    else:
        officer[after, PREVIOUS] = before
    officer[o, IDLE] = 0
    for q in range(people.shape[1]):
        queue[q, FREE] -= people[o, q, RATE] > 0.0  # no branch: who may serve what is hard to predict


# ---- cases


@compiled
def _begin(pool, row):
    pool[row, SENT_HOME] = 0
    pool[row, FIRST_START] = -1
    pool[row, FIRST_OFFICER] = -1
    pool[row, ATTEMPTS] = 0
    pool[row, ERRORS] = 0
    pool[row, ROUND] = 0
    pool[row, FLAWED] = 0


@compiled
def _deal(v, lots, given, first, row, i):
    """Copy draws of a request, given by job, by round (the same for all steps) or for all jobs alike."""
    n, wide = v[DRAWS], given.shape[2]
    for kind in range(4 if v[COMPLAINT_BASE] >= 0 else 2):
        k = 0
        for column in range(n):
            lots[row, (first + kind) * n + column] = given[kind, i, k]
            k = k + 1 if k + 1 < wide else 0


@compiled
def _lot(v, pool, row, column):
    """Where the draw of a job stands among those of its kind: a complaint's follow its request's (bit 62 of the id)."""
    return 2 * (pool[row, ID] >> 62) * v[DRAWS] + column


@compiled
def _arrive(v, heap, pool, lots, fed, draws, fate, chance):
    """The next request takes a row of the pool."""
    i = v[AHEAD]
    v[AHEAD] = i + 1
    v[VACANCIES] -= 1
    row = heap[heap.shape[0] - 1, v[VACANCIES]]
    for column in range(FED_COLUMNS):
        pool[row, column] = fed[column, i]
    pool[row, COMPLAINT_QUEUE] += v[COMPLAINT_BASE]
    _deal(v, lots, draws, 0, row, i)
    if fate.shape[1] > 0:
        _deal(v, lots, fate, 4, row, i)
    lots[row, lots.shape[1] - 2] = chance[0, i]
    lots[row, lots.shape[1] - 1] = chance[1, i]
    pool[row, QUEUE] = pool[row, FIRST_QUEUE]
    _begin(pool, row)
    return row


@compiled
def _return_at(queue, heap, pool, row, q, tick):
    """A case will come (back) to a queue."""
    pool[row, QUEUE] = q
    pool[row, JOINED] = tick
    _push(queue, heap, pool, queue.shape[0] - 2, row)


@compiled
def _join(queue, heap, pool, row, tick):
    """A case takes its place in its queue."""
    q = pool[row, QUEUE]
    pool[row, JOINED] = tick
    _push(queue, heap, pool, q, row)
    if pool[row, PATIENCE] < NEVER and queue[q, IMPATIENT] == 1:
        pool[row, GIVES_UP] = tick + pool[row, PATIENCE]
        _push(queue, heap, pool, queue.shape[0] - 1, row)


@compiled
def _wait_no_more(queue, heap, pool, row):
    """A case can no longer give up."""
    if pool[row, PATIENCE] < NEVER and queue[pool[row, QUEUE], IMPATIENT] == 1:
        _remove(queue, heap, pool, queue.shape[0] - 1, row)


# ---- attention


@compiled
def _plan_release(v, queue, heap, pool, h, tick):
    """Say when the next case that row `h` holds will be noticed, and the first of all such."""
    queue[h, RELEASE] = NEVER
    if queue[h, SIZE] > 0 and pool[heap[h, 0], NOTICED] < NEVER:
        wanted = pool[heap[h, 0], NOTICED] - queue[h, SEEN]
        if wanted <= 0:
            queue[h, RELEASE] = tick
        elif queue[h, ATTENTION] > 0:
            queue[h, RELEASE] = queue[h, SEEN_AT] + (wanted + queue[h, ATTENTION] - 1) // queue[h, ATTENTION]
    first = NEVER
    for other in range(queue.shape[0]):
        if queue[other, OF] >= 0 and queue[other, RELEASE] < first:
            first = queue[other, RELEASE]
    v[NEXT_RELEASE] = first


@compiled
def _see(queue, h, tick):
    """Run the clock of attention up to `tick`."""
    queue[h, SEEN] += queue[h, ATTENTION] * (tick - queue[h, SEEN_AT])
    queue[h, SEEN_AT] = tick


@compiled
def _enter(v, queue, heap, pool, lots, row, tick):
    """A case comes to its queue: it takes its place, or is held until it is noticed."""
    q = pool[row, QUEUE]
    h = queue[q, HELD]
    if h < 0:
        _join(queue, heap, pool, row, tick)
        return
    column = queue[q, STEP] * v[ATTEMPTS_ALLOWED] + pool[row, ROUND]
    needed = lots[row, ATTENTIONS * v[DRAWS] + _lot(v, pool, row, column)]
    _see(queue, h, tick)
    pool[row, NOTICED] = NEVER if needed >= LONGEST else queue[h, SEEN] + UNIT * int(needed)
    pool[row, JOINED] = tick
    _push(queue, heap, pool, h, row)
    _plan_release(v, queue, heap, pool, h, tick)


@compiled
def _go_on(v, queue, heap, branch, complaining, pool, lots, cases, row, tick):
    """A case goes to its next step, or ends."""
    q = pool[row, QUEUE]
    i = 0
    if branch[q, 0, 0] < 1.0:
        column = queue[q, STEP] * v[ATTEMPTS_ALLOWED] + pool[row, ROUND]
        u = lots[row, U_BRANCH * v[DRAWS] + _lot(v, pool, row, column)]
        while branch[q, i, 0] <= u and i + 1 < branch.shape[1]:
            i += 1
    to = int(branch[q, i, 1])
    if to >= 0:
        _return_at(queue, heap, pool, row, to, tick + queue[q, HAND_OFF])
    else:
        ended = ENDED_IN_ERROR if pool[row, FLAWED] == 1 else ENDED_WELL
        _end(v, queue, heap, complaining, pool, lots, cases, row, tick, DONE, ended)


@compiled
def _release(v, queue, heap, branch, complaining, pool, lots, cases, jobs, tick):
    """Cases are noticed at `tick`: they take their place, or go on from where nobody serves."""
    for h in range(branch.shape[0], queue.shape[0] - 2):
        if queue[h, RELEASE] != tick:
            continue
        q = queue[h, OF]
        _see(queue, h, tick)
        while queue[h, SIZE] > 0 and pool[heap[h, 0], NOTICED] <= queue[h, SEEN]:
            row = heap[h, 0]
            _remove(queue, heap, pool, h, row)
            if queue[q, STAFFED] == 1:
                _join(queue, heap, pool, row, tick)
                continue
            pool[row, ATTEMPTS] += 1
            n = v[JOBS]
            v[JOBS] = n + 1
            jobs[0, n] = pool[row, ID]
            jobs[1, n] = q
            jobs[2, n] = pool[row, ROUND] + 1
            jobs[3, n] = -1
            for column in range(4, 7):
                jobs[column, n] = tick
            for column in range(7, JOB_COLUMNS):
                jobs[column, n] = 0
            _go_on(v, queue, heap, branch, complaining, pool, lots, cases, row, tick)
        _plan_release(v, queue, heap, pool, h, tick)


@compiled
def _end(v, queue, heap, complaining, pool, lots, cases, row, tick, status, ended):
    """A case ends, and its complaint, if there is one, begins."""
    n = v[CASES]
    v[CASES] = n + 1
    for column in range(LOGGED, LOGGED_END):
        cases[column - LOGGED, n] = pool[row, column]
    cases[9, n] = tick
    cases[10, n] = status
    u_complain = lots[row, lots.shape[1] - 2]
    if pool[row, ID] >= COMPLAINT_BIT or u_complain >= complaining[pool[row, FIRST_QUEUE], ended]:
        heap[heap.shape[0] - 1, v[VACANCIES]] = row
        v[VACANCIES] += 1
        return
    q = pool[row, COMPLAINT_QUEUE]
    pool[row, ID] |= COMPLAINT_BIT
    pool[row, FIRST_QUEUE] = q
    pool[row, ARRIVAL] = tick + pool[row, COMPLAINT_DELAY]
    pool[row, PATIENCE] = NEVER
    pool[row, RETURNS] = 1
    _begin(pool, row)
    _return_at(queue, heap, pool, row, q, pool[row, ARRIVAL])


# ---- officers


@compiled
def _start(v, queue, heap, people, officer, finishes, pool, lots, o, row, tick):
    q = pool[row, QUEUE]
    _leave_idle(v, queue, people, officer, o)
    _remove(queue, heap, pool, q, row)
    _wait_no_more(queue, heap, pool, row)
    if pool[row, FIRST_START] < 0:
        pool[row, FIRST_START] = tick
        pool[row, FIRST_OFFICER] = o
    column = queue[q, STEP] * v[ATTEMPTS_ALLOWED] + pool[row, ROUND]
    work = lots[row, WORK * v[DRAWS] + _lot(v, pool, row, column)]
    service = int(np.floor(work / people[o, q, RATE] + 0.5))
    if service < 1:
        service = 1
    officer[o, JOB] = row
    officer[o, START] = tick
    officer[o, SERVICE] = service
    officer[o, FINISH] = tick + service
    _set_time(finishes, o, tick + service)


@compiled
def _complete(
    v,
    queue,
    heap,
    branch,
    complaining,
    people,
    officer,
    finishes,
    pool,
    lots,
    cases,
    jobs,
    o,
    tick,
):
    """An officer ends a job at `tick`; what of it lies later, after closing, is overtime."""
    row = officer[o, JOB]
    q = pool[row, QUEUE]
    column = queue[q, STEP] * v[ATTEMPTS_ALLOWED] + pool[row, ROUND]
    u_error = lots[row, U_ERROR * v[DRAWS] + _lot(v, pool, row, column)]
    error = 1 if u_error < people[o, q, P_ERROR] else 0
    pool[row, ATTEMPTS] += 1
    pool[row, ERRORS] += error
    n = v[JOBS]
    v[JOBS] = n + 1
    jobs[0, n] = pool[row, ID]
    jobs[1, n] = q
    jobs[2, n] = pool[row, ROUND] + 1
    jobs[3, n] = o
    jobs[4, n] = pool[row, JOINED]
    jobs[5, n] = officer[o, START]
    jobs[6, n] = tick
    jobs[7, n] = officer[o, FINISH] - tick
    jobs[8, n] = officer[o, SERVICE]
    jobs[9, n] = error
    officer[o, JOB] = -1
    officer[o, FINISH] = NEVER
    officer[o, LAST_END] = tick
    _set_time(finishes, o, officer[o, FINISH])
    if officer[o, ON] == 1:
        _come_idle(v, queue, people, officer, o)
    if error == 1 and queue[q, REWORK] >= 0 and pool[row, ROUND] + 1 < v[ATTEMPTS_ALLOWED]:
        pool[row, ROUND] += 1
        _return_at(queue, heap, pool, row, queue[q, REWORK], tick + pool[row, REWORK_DELAY])
    else:
        pool[row, FLAWED] |= error
        _go_on(v, queue, heap, branch, complaining, pool, lots, cases, row, tick)


@compiled
def _attend(v, queue, people, officer, finishes, turns, pool, until, o, tick):
    """At `tick` officer `o` comes, stays, goes or stays away, as the roster of the day has it."""
    present, turn = v[BOUNDARY] < NEVER, NEVER  # nobody is there after the last day
    day = v[DAY] - v[ROSTER_FIRST]
    if present and 0 <= day < until.shape[0]:
        for i in range(until.shape[2]):
            if until[day, o, i] > tick:
                turn = until[day, o, i]
                break
            present = not present
    officer[o, ON] = 1 if present else 0
    _set_time(turns, o, turn if turn < v[BOUNDARY] else NEVER)
    row = officer[o, JOB]
    if row >= 0:
        if queue[pool[row, QUEUE], SUSPENDS] == 1:
            if present and officer[o, FINISH] == NEVER:
                officer[o, FINISH] = tick + officer[o, REMAINING]
            elif not present and officer[o, FINISH] < NEVER:
                officer[o, REMAINING] = officer[o, FINISH] - tick
                officer[o, FINISH] = NEVER
            _set_time(finishes, o, officer[o, FINISH])
    elif present and officer[o, IDLE] == 0:
        _come_idle(v, queue, people, officer, o)
    elif not present and officer[o, IDLE] == 1:
        _leave_idle(v, queue, people, officer, o)


@entry
def advance(
    v, day_start, shut, queue, heap, branch, complaining, people, until, officer, finishes, turns, pool, lots, fed,
    draws, fate, chance, cases, jobs, to,
):  # fmt: skip
    """Let everything happen that happens strictly before tick `to`; return ALL_DONE, or what is too
    small for the next tick, of which nothing has happened then: give more room and call again.
    """
    days, queues = day_start.size - 1, people.shape[1]
    away, patience = queue.shape[0] - 2, queue.shape[0] - 1
    while True:
        tick = v[BOUNDARY]
        if finishes[1] < tick:
            tick = finishes[1]
        if turns[1] < tick:
            tick = turns[1]
        if v[AHEAD] < v[FED] and fed[ARRIVAL, v[AHEAD]] < tick:
            tick = fed[ARRIVAL, v[AHEAD]]
        if queue[away, SIZE] > 0 and pool[heap[away, 0], JOINED] < tick:
            tick = pool[heap[away, 0], JOINED]
        if queue[patience, SIZE] > 0 and pool[heap[patience, 0], GIVES_UP] < tick:
            tick = pool[heap[patience, 0], GIVES_UP]
        if v[NEXT_RELEASE] < tick:
            tick = v[NEXT_RELEASE]
        if v[PEOPLE_CHANGED] == 1:
            tick = v[NOW]
        if tick >= to:
            v[NOW] = to
            return ALL_DONE
        if v[AHEAD] + v[VACANCIES] < v[FED] and fed[ARRIVAL, v[AHEAD] + v[VACANCIES]] <= tick:
            return MORE_ROWS
        if (
            cases.shape[1] < v[CASES] + 2 * pool.shape[0]
            or jobs.shape[1] < v[JOBS] + 2 * v[DRAWS] * pool.shape[0]
        ):
            return LONGER_LOGS  # a row may end twice at a tick: that of an arrival who takes it and gives up

        # completions, at closing also of counter jobs in hand
        opening = v[BOUNDARY] == tick
        closing = opening and shut[v[DAY] + 1] == 1
        if closing:
            for o in range(officer.shape[0]):
                row = officer[o, JOB]
                if row >= 0 and queue[pool[row, QUEUE], SUSPENDS] == 0:
                    _set_time(finishes, o, tick)
        while finishes[1] == tick:
            done = _first(finishes)
            _complete(
                v,
                queue,
                heap,
                branch,
                complaining,
                people,
                officer,
                finishes,
                pool,
                lots,
                cases,
                jobs,
                done,
                tick,
            )

        # closing: citizens at counters are sent home
        if closing:
            for q in range(queues):
                if queue[q, GOES_HOME] == 0:
                    continue
                stay = 0
                for i in range(queue[q, SIZE]):
                    row = heap[q, i]
                    pool[row, SENT_HOME] += 1
                    if pool[row, RETURNS] == 1:
                        heap[q, stay] = row
                        stay += 1
                    else:
                        _wait_no_more(queue, heap, pool, row)
                        _end(v, queue, heap, complaining, pool, lots, cases, row, tick, LOST, UNSERVED)
                if stay < queue[q, SIZE]:
                    queue[q, SIZE] = stay
                    for i in range(stay):
                        _up(queue, heap, pool, q, i)
        if opening:
            v[DAY] += 1
            v[BOUNDARY] = day_start[v[DAY] + 1] if v[DAY] < days else NEVER

        # officers come and go
        if opening or v[ROSTER_CHANGED] == 1:
            for o in range(officer.shape[0]):
                _attend(v, queue, people, officer, finishes, turns, pool, until, o, tick)
        while turns[1] == tick:
            _attend(v, queue, people, officer, finishes, turns, pool, until, _first(turns), tick)

        # arrivals, and returns (rework and hand-off; a complaint gets its due date and passes triage first), and
        # cases that are noticed
        while v[AHEAD] < v[FED] and fed[ARRIVAL, v[AHEAD]] == tick:
            row = _arrive(v, heap, pool, lots, fed, draws, fate, chance)
            _enter(v, queue, heap, pool, lots, row, tick)
        while True:
            while queue[away, SIZE] > 0 and pool[heap[away, 0], JOINED] == tick:
                row = heap[away, 0]
                _remove(queue, heap, pool, away, row)
                discarded = False
                if pool[row, ID] >= COMPLAINT_BIT and pool[row, ATTEMPTS] == 0:
                    closed = v[DAY] + queue[pool[row, QUEUE], CLOCK_DAYS] + 1
                    pool[row, DUE] = day_start[closed if closed < days else days]
                    discarded = lots[row, lots.shape[1] - 1] < complaining[pool[row, QUEUE], DISCARD]
                if discarded:
                    _end(v, queue, heap, complaining, pool, lots, cases, row, tick, DISCARDED, UNSERVED)
                else:
                    _enter(v, queue, heap, pool, lots, row, tick)
            if v[NEXT_RELEASE] != tick:
                break
            _release(v, queue, heap, branch, complaining, pool, lots, cases, jobs, tick)

        # citizens who give up
        while queue[patience, SIZE] > 0 and pool[heap[patience, 0], GIVES_UP] == tick:
            row = heap[patience, 0]
            _remove(queue, heap, pool, pool[row, QUEUE], row)
            _wait_no_more(queue, heap, pool, row)
            _end(v, queue, heap, complaining, pool, lots, cases, row, tick, LEFT, UNSERVED)

        # dispatch: the first of the lowest class that has a free eligible officer, until none has
        v[PEOPLE_CHANGED] = 0
        v[ROSTER_CHANGED] = 0
        while v[HEAD] >= 0:
            best = -1
            for i in range(queues):
                q = queue[i, ORDER]
                if best >= 0 and queue[q, KLASS] != queue[best, KLASS]:
                    break
                served = queue[q, SIZE] > 0 and queue[q, FREE] > 0
                if served and (best < 0 or _before(pool, queue[q, KEY_COLUMN], heap[q, 0], heap[best, 0])):
                    best = q
            if best < 0:
                break
            o = v[HEAD]
            while people[o, best, RATE] == 0.0:
                o = officer[o, NEXT]
            _start(v, queue, heap, people, officer, finishes, pool, lots, o, heap[best, 0], tick)
