"""Answers tasks anew from their prompts, and judges answers, by other means than
Pastime's families: prints for each family how often both agree, and each difference."""
import ast
import datetime
import functools
import itertools
import json
import random
import re
import sqlite3
import sys
import warnings
from collections import Counter, defaultdict
from fractions import Fraction


def find(pattern, text):
    m = re.search(pattern, text, re.S)
    if not m:
        raise ValueError(f"nothing like {pattern} in {text!r}")
    return m.groups() if len(m.groups()) != 1 else m.group(1)


# Keys: one function for each family returns the answer as a value.

def value(e):
    """The value of an arithmetic expression."""
    def walk(n):
        if isinstance(n, ast.Constant):
            return n.value
        a, b = walk(n.left), walk(n.right)
        return {ast.Add: a + b, ast.Sub: a - b, ast.Mult: a * b}[type(n.op)]
    return walk(ast.parse(e, mode="eval").body)


def sequences(p):
    s = [int(x) for x in find(r"next: ([-\d, ]+), \.\.\.", p).split(", ")]
    d = [b - a for a, b in zip(s, s[1:])]
    dd = {b - a for a, b in zip(d, d[1:])}
    rules = set()
    if len(dd) == 1:
        rules.add(s[-1] + d[-1] + dd.pop())
    if all(a + b == c for a, b, c in zip(s, s[1:], s[2:])):
        rules.add(s[-2] + s[-1])
    if s[2] - s[0] == s[4] - s[2] and s[3] - s[1] == s[5] - s[3]:
        rules.add(2 * s[4] - s[2])
    if len(rules) != 1:
        raise ValueError(f"{len(rules)} rules continue {s}: {rules}")
    return rules.pop()


def digits(n, base):
    out = ""
    while n:
        n, r = divmod(n, base)
        out = "0123456789abcdef"[r] + out
    return out


ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}


def from_roman(s):
    v = [ROMAN[c] for c in s]
    return sum(-a if a < max(v[i + 1:], default=0) else a for i, a in enumerate(v))


def to_roman(n):
    groups = ["", "a", "aa", "aaa", "ab", "b", "ba", "baa", "baaa", "ac"]
    out = ""
    for digit, names in zip(f"{n:04}", ["M??", "CDM", "XLC", "IVX"]):
        out += groups[int(digit)].translate(str.maketrans("abc", names))
    return out


def text(p):
    quoted = json.loads(find(r'("[^"]*")', p))
    if "upper case" in p:
        return quoted.upper()
    if "backwards" in p:
        return "".join(reversed(quoted))
    if "Remove" in p:
        return re.sub("[aeiou]", "", quoted)
    k = int(find(r"by (\d+) places", p))
    alphabet = "abcdefghijklmnopqrstuvwxyz"
    return quoted.translate(str.maketrans(alphabet, alphabet[k:] + alphabet[:k]))


def sorting(p):
    items = find(r": (.*?)\. Answer", p).split(", ")
    if "alphabetical" in p:
        return sorted(items)
    return [str(n) for n in sorted(map(int, items), reverse="largest first" in p)]


def counting(p):
    s = find(r'in "([^"]*)"|has "([^"]*)"', p)
    s = s[0] or s[1]
    if "How many letters" in p:
        return len(s)
    if "How many words" in p:
        return len(s.split())
    if "vowels" in p:
        return len(re.findall("[aeiou]", s))
    return s.count(find(r'letter "(.)"', p))


SIZES = {"millimetres": ("m", 1), "centimetres": ("m", 10), "metres": ("m", 1000), "kilometres": ("m", 10**6),
         "milligrams": ("g", 1), "grams": ("g", 1000), "kilograms": ("g", 10**6),
         "seconds": ("s", 1), "minutes": ("s", 60), "hours": ("s", 3600), "days": ("s", 86400),
         "inches": ("i", 1), "feet": ("i", 12), "yards": ("i", 36)}


def units(p):
    if m := re.search(r"are (\d+) h (\d+) min (\d+) s", p):
        return datetime.timedelta(hours=int(m[1]), minutes=int(m[2]), seconds=int(m[3])).total_seconds()
    to, n, unit = find(r"How many (\w+) are (\d+) (\w+)", p)
    return Fraction(int(n) * SIZES[unit][1], SIZES[to][1])


def dates(p):
    day = datetime.date.fromisoformat
    if m := re.search(r"Write the date (.*?) with digits", p):
        return datetime.datetime.strptime(m[1], "%d %B %Y").date().isoformat()
    if m := re.search(r"date (\d+) days after (\S+)\?", p):
        return (day(m[2]) + datetime.timedelta(int(m[1]))).isoformat()
    if m := re.search(r"from (\S+) to (\S+)\?", p):
        return (day(m[2]) - day(m[1])).days
    return day(find(r"will be (\S+)\?", p)).strftime("%A")


def clock(p):
    if m := re.search(r"Write the time (\S+ [ap]m) on", p):
        return datetime.datetime.strptime(m[1], "%I:%M %p").strftime("%H:%M")
    at = lambda s: datetime.datetime.strptime(s, "%H:%M")
    if m := re.search(r"it (\d+) minutes after (\S+)\?", p):
        return (at(m[2]) + datetime.timedelta(minutes=int(m[1]))).strftime("%H:%M")
    a, b = find(r"from (\S+) to (\S+),", p)
    return (at(b) - at(a)).seconds // 60


def documents(p):
    given, q = p.split("\n", 1)
    given = json.loads(given)
    if m := re.search(r'Rename the key "(\w+)" to "(\w+)"', q):
        return {m[2] if k == m[1] else k: v for k, v in given.items()}
    if m := re.search(r"above (\d+)", q):
        return [x["name"] for x in given if x["age"] > int(m[1])]
    if m := re.search(r'value of "(\w+)" in "(\w+)"', q):
        return given[m[2]][m[1]]
    return given[find(r'value of "(\w+)"\?', q)]


def tables(p):
    rows = [[c.strip() for c in line.strip("|").split("|")] for line in p.splitlines() if line.startswith("|")]
    head, body, q = rows[0], rows[2:], p.splitlines()[-1]
    if m := re.search(r"What is (\w+)'s (\w+)\?", q):
        return int(next(r for r in body if r[0] == m[1])[head.index(m[2])])
    column = [int(r[head.index(find(r"column (\w+)", q))]) for r in body]
    if "largest" in q:
        return max(column)
    if "sum" in q:
        return sum(column)
    return sum(v > int(find(r"more than (\d+)", q)) for v in column)


def sets(p):
    a, b = (set(s.split(", ")) for s in find(r"A = \{(.*?)\} and B = \{(.*?)\}", p))
    if "in both A and B" in p:
        return a & b
    return a | b if "or in both" in p else a ^ b


def ordering(p):
    below = defaultdict(set)
    people = set()
    for a, how, b in re.findall(r"(\w+) is (taller|shorter) than (\w+)\.", p):
        people |= {a, b}
        below[a if how == "taller" else b].add(b if how == "taller" else a)
    def under(x):
        return set().union(*({y} | under(y) for y in below[x])) if below[x] else set()
    order = sorted(people, key=lambda x: -len(under(x)))
    assert [len(under(x)) for x in order] == list(range(len(people) - 1, -1, -1)), "more than one order"
    return order


WAYS = {  # a function, its argument, and what asks for it
    "read_file": ("path", r"What is written in (.*)\?|Show me the text of (.*)\."),
    "delete_file": ("path", r"Get rid of (.*)\.|I no longer need (.*), remove it\."),
    "get_value": ("key", r"What is stored under (.*)\?|Look up (.*) in the store\."),
    "delete_value": ("key", r"Forget what is stored under (.*)\.|Clear (.*) in the store\."),
    "search_notes": ("query", r"Which notes speak of (.*)\?|Find what I noted about (.*)\."),
    "play_song": ("title", r"Put on the song (.*)\.|I want to hear (.*)\."),
    "buy_item": ("item", r"Put (.*) on the shopping list\.|We are out of (.*), get some\."),
    "get_weather": ("city", r"Will it rain in (.*)\?|How warm is it in (.*)\?"),
    "get_time": ("city", r"How late is it in (.*)\?|What does the clock in (.*) say\?"),
    "call_person": ("person", r"Ring (.*)\.|I want to speak with (.*)\."),
    "switch_on": ("device", r"Start the (.*)\.|Let the (.*) run\."),
    "switch_off": ("device", r"Stop the (.*)\.|The (.*) need not run any more\."),
    "set_timer": ("minutes", r"Wake me in (.*) minutes\.|Tell me when (.*) minutes are over\."),
    "open_page": ("page", r"Go to page (.*)\.|Show me page (.*)\."),
    "square_root": ("number", r"What is the root of (.*)\?|Which number times itself is (.*)\?"),
    "copy_file": ("target source", r"I need (.*) as a copy of (.*)\."),
    "write_file": ("text path", r'Save the text "(.*)" as (.*)\.'),
    "set_value": ("value key", r"Store (.*) under (.*)\."),
    "send_message": ("text to", r'Write "(.*)" to (.*)\.'),
    "add_event": ("date hour title", r"On (.*) at (.*) o'clock there is \"(.*)\", put it in the calendar\."),
    "transfer": ("euros from to", r"Move (.*) euros from (.*) to (.*)\."),
    "book_table": ("people hour name", r"We are (.*) and come at (.*) o'clock, book a table in the name of (.*)\."),
    "dim_light": ("room slowly percent", r"Dim the light in the (\w+) (slowly|all at once) to (.*) percent\."),
    "order_item": ("size item count address.name address.city", r"Order a (\w+) (\w+)(?:, (\d+) of them)?(?:, for (\w+) in (\w+))?\."),
    "book_trip": ("from to by seat.class seat.window people", r"Book a trip from (\w+) to (\w+) by (\w+)"
                  r"(?:, with a seat in class (\d), (at the window|not at the window))?(?:, for (\d+) people)?\."),
    "add_task": ("title priority due.month due.day tags", r'Add the task "(.*?)"(?: with (\w+) priority)?'
                 r"(?:, due in month (\d+) on day (\d+))?(?:, tagged (\w+ and \w+))?\."),
}


def calls(p):
    request = find(r"\nRequest: (.*?)\n", p)
    asked = [(json.loads(line)["name"], m) for line in p.splitlines() if line.startswith("{")
             if (m := re.fullmatch(WAYS[json.loads(line)["name"]][1], request))]
    if len(asked) != 1:
        raise ValueError(f"{len(asked)} functions do {request!r}")
    name, m = asked[0]
    schema = next(json.loads(line)["parameters"] for line in p.splitlines() if line.startswith('{"name": "%s"' % name))
    values = m.groups() if " " in WAYS[name][0] else [g for g in m.groups() if g]
    arguments = {}
    for path, v in zip(WAYS[name][0].split(), values):
        if v is None:
            continue
        at, s = arguments, schema
        *outer, last = path.split(".")
        for k in outer:
            at, s = at.setdefault(k, {}), s["properties"][k]
        kind = s["properties"][last]
        at[last] = {"integer": lambda: int(v), "boolean": lambda: v in ("slowly", "at the window"), "array": lambda: v.split(" and "),
                    "string": lambda: v}[kind["type"]]()
        if "enum" in kind and at[last] not in kind["enum"]:
            raise ValueError(f"{at[last]} is none of {kind['enum']}")
    return {"name": name, "arguments": arguments}


def run(stack, program):
    s = list(map(int, stack))
    for w in program:
        if re.fullmatch(r"\d+", w):
            s.append(int(w))
        elif w == "dup":
            s += s[-1:]
        elif w == "drop":
            s.pop()
        elif w == "swap":
            s += [s.pop(), s.pop()]
        elif w == "over":
            s.append(s[-2])
        elif w == "rot":
            s.append(s.pop(-3))
        else:
            b, a = s.pop(), s.pop()
            s.append({"+": a + b, "-": a - b, "*": a * b}[w])
    return s


def forth(p):
    if "shortest" in p:
        start, goal = (x.split() for x in find(r"the stack ([0-9 ]+) into ([0-9 ]+),", p))
        for n in range(1, 6):
            for program in itertools.product(["dup", "drop", "swap", "over", "rot"], repeat=n):
                try:
                    if run(start, program) == list(map(int, goal)):
                        return n, start, list(map(int, goal))
                except IndexError:
                    pass
        raise ValueError("no program")
    return run([], find(r'"([^"]*)"', p).split())


def computed(e):
    """The value of an expression and its numbers; None where it is none."""
    numbers = []
    def walk(n):
        if isinstance(n, ast.Constant) and type(n.value) is int:
            numbers.append(n.value)
            return Fraction(n.value)
        if not isinstance(n, ast.BinOp) or type(n.op) not in (ast.Add, ast.Sub, ast.Mult, ast.Div):
            raise ValueError
        a, b = walk(n.left), walk(n.right)
        return {ast.Add: a.__add__, ast.Sub: a.__sub__, ast.Mult: a.__mul__, ast.Div: a.__truediv__}[type(n.op)](b)
    try:
        e = re.sub(r"\b0+(?=\d)", "", e.translate(str.maketrans("×÷−", "*/-")).strip())
        return walk(ast.parse(e, mode="eval").body), numbers
    except (ValueError, SyntaxError, ZeroDivisionError):
        return None, numbers


def countdown(p, answer):
    target, *given = map(int, re.findall(r"\d+", p))
    sides = answer.split("=")
    if any(computed(s)[0] != target for s in sides) or re.search(r"\b0\d", answer):
        return False
    return any(not Counter(computed(s)[1]) - Counter(given) for s in sides)


CLASSES = {"digits from 0 to 9": "0123456789", "lower-case letters from a to z": "abcdefghijklmnopqrstuvwxyz",
           "upper-case letters from A to Z": "ABCDEFGHIJKLMNOPQRSTUVWXYZ", "characters, each x or y": "xy", "digits from 0 to 4": "01234"}


def pattern(p):
    """The parts that a description asks for: characters, the fewest and the most."""
    words = find(r"exactly when it is: (.*?)\. For example", p)
    parts = []
    for w in words.split(", then "):
        if m := re.fullmatch(r'the character "(.)"', w):
            parts.append((m[1], 1, 1))
            continue
        low, high, name = re.fullmatch(r"(\d+)(?: to (\d+))? (.*)", w).groups()
        parts.append((CLASSES[name], int(low), int(high or low)))
    return parts


def fits(parts, s):
    """Whether a text is made of the parts: the places that each may end at."""
    ends = {0}
    for chars, low, high in parts:
        after = set()
        for i in ends:
            n = 0
            while n <= high:
                if n >= low:
                    after.add(i + n)
                if i + n >= len(s) or s[i + n] not in chars:
                    break
                n += 1
        ends = after
    return len(s) in ends


OTHERS = [chr(c) for c in range(128)] + list("\u00e9\u017f\u212a\u0663")


@functools.lru_cache(maxsize=4)
def samples(prompt):
    """Texts that fit, and texts that differ from one by a character or by how often
    one comes, each with whether it fits."""
    parts, r = pattern(prompt), random.Random(prompt)
    write = lambda counts: ["".join(r.choice(chars) for _ in range(n)) for (chars, _, _), n in zip(parts, counts)]
    texts = {"", "\n", *OTHERS}
    for pick in (1, 2):
        base = [part[pick] for part in parts]
        for i, (_, low, high) in enumerate(parts):
            for n in {*range(max(0, low - 2), high + 3), 0, 1, 2 * high}:
                texts.add("".join(write(base[:i] + [n] + base[i + 1:])))
            for c in OTHERS:
                runs = write(base)
                at = r.randrange(len(runs[i]))
                runs[i] = runs[i][:at] + c + runs[i][at + 1:]
                texts.add("".join(runs))
        text = "".join(write(base))
        texts |= {text + text, "x" + text, text + "x", text + "\n", text[:-1], text[1:]}
    return [(s, fits(parts, s)) for s in texts]


# Problems with many solutions: each line of an answer is one.

def lines_of(a):
    """The solutions of an answer, in each way to read it: with marks and numbers of its lines, or without."""
    a = a.split("</think>")[-1].strip()
    rows = [r.strip() for r in (a.split("\n") if "\n" in a else a.removesuffix(";").split(";"))]
    rows = [r for r in rows if r]
    readings = [rows]
    for mark in ("- ", "* ", "\u2022 "):
        if rows and all(r.startswith(mark) for r in rows):
            readings.append([r[len(mark):] for r in rows])
    if rows and all(re.match(rf"{i}[.)] ", r) for i, r in enumerate(rows, 1)):
        readings.append([r.split(" ", 1)[1] for r in rows])
    return readings


def way_of_numbers(p):
    target, *given = map(int, re.findall(r"\d+", find(r"(Make .*?), each", p)))
    def solve(row):
        sides = row.split("=")
        if not countdown(f"{target} {' '.join(map(str, given))}", row):
            return None
        def walk(n, at):
            if isinstance(n, ast.Constant):
                return at[n.value]
            a, b = walk(n.left, at), walk(n.right, at)
            return {ast.Add: a.__add__, ast.Sub: a.__sub__, ast.Mult: a.__mul__, ast.Div: a.__truediv__}[type(n.op)](b)
        side = next(s for s in sides if not Counter(computed(s)[1]) - Counter(given))
        tree = ast.parse(re.sub(r"\b0+(?=\d)", "", side.translate(str.maketrans("\u00d7\u00f7\u2212", "*/-")).strip()), mode="eval").body
        r = random.Random(7)
        try:
            return tuple(walk(tree, {n: Fraction(r.randrange(10**6, 10**9), r.randrange(1, 10**4)) for n in given}) for _ in range(3))
        except ZeroDivisionError:
            return None
    return solve


def way_of_words(p):
    given = find(r"(?:letters together and share no letter|the one before it ends): ([a-z, ]+)\.", p).split(", ")
    n = re.search(r"have (\d+) letters together", p)
    def solve(row):
        ws = [w.strip(" \"'`[](){}") for w in re.split(r",?\s+and\s+|,", row.lower().strip("[](){} "))]
        if len(set(ws)) != len(ws) or not set(ws) <= set(given):
            return None
        if n:
            return frozenset(ws) if len(ws) == 2 and len("".join(ws)) == int(n[1]) and not set(ws[0]) & set(ws[1]) else None
        return tuple(ws) if len(ws) == 3 and all(a[-1] == b[0] for a, b in zip(ws, ws[1:])) else None
    return solve


def way_of_programs(p):
    start, goal, allowed = find(r"the stack ([0-9 ]+) into ([-0-9 ]+), where the top is last\. Use no words but ([^.]*)\.", p)
    most, allowed = int(find(r"at most (\d+) words", p)), re.findall(r"[a-z]+|[-+*]", allowed.replace(" and ", " "))
    def solve(row):
        words = row.lower().split()
        try:
            return tuple(words) if set(words) <= set(allowed) and 0 < len(words) <= most and run(start.split(), words) == list(map(int, goal.split())) else None
        except IndexError:
            return None
    return solve


def ways(family, prompt, answer):
    """Whether all lines of an answer are different solutions, and as many as asked for."""
    solve = {"number_ways": way_of_numbers, "word_ways": way_of_words, "program_ways": way_of_programs}[family](prompt)
    k = int(find(r"Give exactly (\d+)", prompt))
    def bare(row):
        for form in (r"\*\*(.*)\*\*", r"`(.*)`", r"(?:The answer is|Answer|It is) ?:? ?(.*)", r"\\boxed\{(.*)\}", r"(.*[^.])\."):
            if m := re.fullmatch(form, row.strip()):
                row = m[1]
        return row.strip()
    for rows in lines_of(answer):
        solved = [solve(bare(r)) for r in rows]
        if len(rows) == k and None not in solved and len(set(solved)) == k:
            return True
    return False


# Logs.

def log(p):
    rows = [re.split(r": |, ", r) for r in find(r"```\n(.*?)```", p).splitlines()]
    q = p.split("```")[2]
    column = {"tool": 1, "topic": 2}
    if m := re.search(r"How many lines have the (tool|topic) (\S+)\?", q):
        return sum(r[column[m[1]]] == m[2] for r in rows)
    if "say failed?" in q and "How many lines does" in q or "In how many lines" in q:
        return sum(r[3] == "failed" for r in rows)
    if m := re.search(r"first after line (\d+) that says (\w+)\?", q):
        return next(int(r[0]) for r in rows if int(r[0]) > int(m[1]) and r[3] == m[2])
    if m := re.search(r"one after the other that say (\w+)\?", q):
        return max(len(list(g)) for same, g in itertools.groupby(rows, lambda r: r[3] == m[1]) if same)
    if m := re.search(r"List the (tool|topic)s that occur", q):
        return list(dict.fromkeys(r[column[m[1]]] for r in rows if r[column[m[1]]] != "-"))
    if "took the longest" in q:
        return int(max(rows, key=lambda r: float(r[4].split()[0]))[0])
    raise ValueError(q)


# SQL: what the words ask for, computed on rows (id, customer, city, amount).

def asked(q, rows):
    """The readings of what is asked for, and whether their order is."""
    by_id = sorted(rows)
    by_size = sorted(rows, key=lambda o: (-o[3], o[0]))
    number = lambda pattern: int(find(pattern, q))
    group = defaultdict(list)
    for o in by_id:
        group[o[2]].append(o)
    if "customer of each order" in q:
        return [[(o[1],) for o in rows if o[3] > number(r"more than (\d+)")]], False
    if "the id and the amount of each order from" in q:
        return [[(o[0], o[3]) for o in rows if o[2] == find(r"order from (\w+)", q)]], False
    if "the number of orders with" in q:
        return [[(sum(o[3] < number(r"less than (\d+)") for o in rows),)]], False
    if "not from" in q:
        amounts = [o[3] for o in rows if o[2] != find(r"not from (\w+)", q)]
        return [[(sum(amounts),)], [(sum(amounts) if amounts else None,)]], False
    if "orders with the largest amounts" in q:
        return [[(o[1],) for o in by_size[:number(r"of the (\d+) orders")]]], True
    if "each city once" in q:
        return [[(c,) for c in sorted({o[2] for o in rows if o[3] > number(r"more than (\d+)")})]], True
    if "the number of its orders" in q:
        return [[(c, len(os)) for c, os in group.items()]], False
    if "in all, with that sum" in q:
        sums = [(c, sum(o[3] for o in os)) for c, os in group.items()]
        return [[s for s in sums if s[1] > number(r"more than (\d+)")]], False
    if "each customer with their largest" in q:
        return [[(c, max(o[3] for o in rows if o[1] == c)) for c in sorted({o[1] for o in rows})]], True
    if "above the average" in q:
        return [[(o[0],) for o in rows if o[3] * len(rows) > sum(x[3] for x in rows)]], False
    if "each city with the id of its order" in q:
        return [[(c, next(o[0] for o in by_size if o[2] == c)) for c in group]], False
    if "lower ids, in the order of the ids" in q:
        return [[(o[0], sum(x[3] for x in by_id[:i + 1])) for i, o in enumerate(by_id)]], True
    raise ValueError(q)


# Orders with the average amount, and between two that are mistaken for it.
EDGES = [[(i + 1, "P", c, n) for i, (c, n) in enumerate(zip(["Oslo", "Zagreb", "Lima", "Aba", "Oslo"], amounts))]
         for amounts in ([10, 11, 12], [1, 1, 1, 3, 2], [10, 11], [300, 300])]


CITIES = ["Oslo", "Lima", "Cairo", "Delhi", "Turin", "Perth", "Oslow", "Old Lima", "Cairota"]


def borders(q):
    """Orders at the numbers of a question and one off, one of each city, and all of them just above."""
    return [[(i + 1, "PQRSTU"[i % 6], c, int(n) + d[i % len(d)]) for i, c in enumerate(CITIES)]
            for n in re.findall(r"\d+", q) for d in ((-1, 0, 1), (1,))]


def oddities(q):
    """Pairs of orders with values that are seldom thought of, above and below the numbers of a question."""
    n = max([int(n) for n in re.findall(r"\d+", q)] + [60])
    here = (re.findall(r"from (\w+)", q) or ["Oslo"])[0]
    ids = [0, 1, -9, 9 * 10**9, -9 * 10**9, 123456, n]
    names = ["", "it's", "yyy", "zzz", "2nd", "NULL", "P-Q", "P Q", "%", "_", "\u00d6", "p" * 36, "p" * 35 + "q", here]
    pairs = [(n + 2, n + 1), (10**12, n + 1), (2**31, n + 9), (2, 0), (-1, -2), (-1, -10**12), (10, 9), (-2, -30), (10000, 9999)]
    made = []
    for i, name in enumerate(names):
        a, b = ids[i % 7], ids[(i + 1) % 7]
        for city in (here, names[i - 1]):
            for more, less in (pairs[i % 9], pairs[(i + 4) % 9]):
                made += [[(a, name, city, more), (b, name, city, less)], [(a, names[i - 2], city, more), (b, name, names[i - 3], less)],
                         [(a, name, city, more), (b, names[i - 1], names[i - 2], more)]]
    many = [(i, "PQRSTU"[i % 6], f"{here} {i % 25}" if i % 2 else here, n + 1 - (i == 3)) for i in range(160)]
    alike = [(3, "p" * 36, "p" * 36, n + 1), (2, "p" * 35 + "q", "p" * 35 + "q", n + 2), (4, "A", "A", -10**12), (5, "p p", "", -10**12),
             (6, "B", "A", 10**13), (1, "P P", "", n + 1)] + [(7 + i, f"R{i}", here, n + i) for i in range(12)]
    around = [(i, f"{'Bz'[i % 2]}{i + 40}", f"{'Bz'[i % 2]}{i + 40}", n - i) for i in range(-14, 12)] + [(40, "P", here, n + 50)]
    return made + [many, around, [(i, f"P{i}", f"Q{i}", -10 - i % 2) for i in range(13)], [(n + 1, "C", here, n + 1), (2, "C", "C", 2)]] + 3 * [alike]


class Databases:
    def __init__(self):
        self.db = sqlite3.connect(":memory:", isolation_level=None)

    def rows(self, q, r):
        """Rows near the names and the numbers of a question."""
        near = [7, 8, 9, 300] + [int(n) + d for n in re.findall(r"\d+", q) for d in (-1, 0, 1)] + [int(n) // 2 for n in re.findall(r"\d+", q)]
        cities = r.sample(CITIES, r.randint(1, 6))
        ids = r.sample(range(1, 90), r.randint(0, 26))
        return [(i, r.choice("PQRSTU"), r.choice(cities), r.choice(near)) for i in ids]

    def answer(self, query, rows, turn):
        self.db.executescript("DROP TABLE IF EXISTS orders; CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT NOT NULL,"
                              f"city TEXT NOT NULL, amount INTEGER NOT NULL); PRAGMA reverse_unordered_selects = {turn % 2}")
        self.db.executemany("INSERT INTO orders VALUES (?, ?, ?, ?)", rows)
        if turn % 3 == 1:
            self.db.executescript("CREATE INDEX a ON orders (city, amount DESC, id DESC); CREATE INDEX b ON orders (amount DESC, id DESC)")
        if turn % 3 == 2:
            self.db.executescript("CREATE INDEX a ON orders (customer DESC, id DESC); CREATE INDEX b ON orders (city DESC, id DESC)")
        return self.db.execute(query).fetchall()

    def right(self, prompt, query):
        q = prompt.split("\n")[-1]
        shown = [(int(a), b, c, int(d)) for a, b, c, d in re.findall(r"\((\d+), '(\w+)', '(\w+)', (\d+)\)", prompt)]
        r = random.Random(prompt)
        alive = None
        if re.search(r"--.*wrong", query):
            return False
        odd = oddities(q)
        made = [shown, []] + EDGES + borders(q) + odd[-7:] + r.sample(odd, 36)
        for turn in range(40 + len(made)):
            rows = made[turn] if turn < len(made) else self.rows(q, r)
            if turn == len(made):  # nothing but what is asked for, or left out
                rows = [(i, c, (re.findall(r"from (\w+)", q) or ["Oslo"])[0], n) for i, c, _, n in rows]
            try:
                got = self.answer(query, rows, turn)
            except sqlite3.Error:
                return False
            wants, ordered = asked(q, rows)
            key = (lambda x: x) if ordered else (lambda x: sorted(x, key=repr))
            got = [tuple(int(v) if isinstance(v, float) and v == int(v) else v for v in row) for row in got]
            agree = {i for i in range(2) if key(got) == key(wants[min(i, len(wants) - 1)])}
            alive = agree if alive is None else alive & agree
            if not alive:
                return False
        return True


DATABASES = Databases()

KEYS = {
    "arithmetic": lambda p: value(find(r"What is (.*?)\?", p)),
    "modular": lambda p: (lambda e, m: value(e) % int(m))(*find(r"remainder of (.*?) divided by (\d+)\?", p)),
    "sequences": sequences,
    "bases": lambda p: (lambda a, n, b: digits(int(n, int(a)), int(b)))(*find(r"base-(\d+) number (\w+) in base (\d+)", p)),
    "roman": lambda p: from_roman(find(r"numeral (\w+)\?", p)) if "What number" in p else to_roman(int(find(r"Write (\d+) as", p))),
    "text": text, "sorting": sorting, "counting": counting, "units": units, "dates": dates, "clock": clock,
    "json": documents, "tables": tables, "sets": sets, "ordering": ordering,
    "calls": calls, "forth": forth,
} | {f"log-{name}": log for name in ("count", "first", "run", "order", "slowest")}


def plain(a):
    """An answer without its form."""
    a = a.split("</think>")[-1].strip()
    for form in (r"(?:It is|(?:The answer is|Answer) ?:?) ?(.*?)\.?", r"\\boxed\{(.*)\}", r"\*\*(.*)\*\*", r"`(.*)`", r"(.*[^.])\."):
        if m := re.fullmatch(form, a, re.S):
            a = m[1].strip()
    return a


def inside(a):
    """An answer without a pair of brackets around it."""
    m = re.fullmatch(r"\[([^\[\]]*)\]|\{([^{}]*)\}|\(([^()]*)\)", a.strip())
    return next(g for g in m.groups() if g is not None).strip() if m else a.strip()


def right(family, prompt, key, answer):
    """Whether an answer is right, by the key that was computed here."""
    if family == "patterns":
        if re.search(r"\{0\d|,0\d+\}|[}*+?]\+", answer):
            return None  # a count such as 04, and a possessive one, which RE2 has not
        try:
            e = re.compile(plain(answer), re.ASCII)
        except (re.error, RecursionError, OverflowError):
            return None if re.search(r"\\p|\\z|\[\[:", answer) else False
        if not answer.strip() or re.search(r"\s", plain(answer)):  # words around an expression
            return False
        return all(bool(e.fullmatch(s)) == fit for s, fit in samples(prompt))
    if family in ("number_ways", "word_ways", "program_ways") and "Give exactly" in prompt:
        return ways(family, prompt, answer)
    if family in ("countdown", "number_ways"):
        return countdown(prompt, plain(answer))
    if family in ("forth", "program_ways"):
        if family == "program_ways":
            key = forth(prompt)
        a = plain(answer)
        if isinstance(key, tuple):
            words = a.lower().split()
            try:
                return len(words) == key[0] and set(words) <= {"dup", "drop", "swap", "over", "rot"} and run(key[1], words) == key[2]
            except IndexError:
                return False
        got = [x.strip() for x in inside(a).replace(" and ", ",").split(",")]
        got = got if len(got) > 1 else inside(a).split()
        return all(re.fullmatch(r"[+-]?\d+", x) for x in got) and [int(x) for x in got] == key
    if family in ("json", "calls"):
        try:
            pairs = lambda ps: dict(ps) if len(dict(ps)) == len(ps) else {"twice": ps}
            got = json.loads(plain(answer), object_pairs_hook=pairs)
        except ValueError:
            return False
        return json.dumps(got, sort_keys=True) == json.dumps(key, sort_keys=True)
    a = plain(answer)
    if family == "bases":
        base = int(find(r"in base (\d+)\.", prompt))
        a = a.lower().removeprefix({2: "0b", 8: "0o", 16: "0x"}.get(base, "!")).removesuffix(f" (base {base})")
        return re.fullmatch("[0-9a-f]+", a) is not None and a.lstrip("0") == key
    if isinstance(key, (int, float, Fraction)):
        a = a.removesuffix(" " + (re.findall(r"How many (\w+)", prompt) or ["!"])[0])
        if not re.fullmatch(r"[+-]?(\d{1,3}(,\d{3})+|\d+)(\.\d+)?", a):
            return False
        return Fraction(a.replace(",", "")) == Fraction(key)
    if isinstance(key, (list, set)):
        got = [x.strip() for x in re.split(r",\s*and\s|,|\sand\s", inside(a))]
        return got == key if isinstance(key, list) else len(got) == len(key) and set(got) == key
    if family in ("roman", "dates"):
        return a.upper() == key.upper()
    return " ".join(a.split()) == key


def main():
    warnings.simplefilter("ignore", FutureWarning)
    keys, answers, skipped, differences = Counter(), Counter(), Counter(), defaultdict(list)
    paths, families = [a for a in sys.argv[1:] if a.endswith(".jsonl")], [a for a in sys.argv[1:] if not a.endswith(".jsonl")]
    for path in paths:
        for line in open(path, encoding="utf-8"):
            t = json.loads(line)
            family, prompt = t["family"], t["prompt"]
            if families and family not in families:
                continue
            keys[family] += 1
            try:
                key = KEYS[family](prompt) if family in KEYS else None
            except ValueError as e:
                differences[family].append(str(e))
                continue
            for answer, said in t["verdicts"].items():
                mine = DATABASES.right(prompt, answer) if family == "sql" else right(family, prompt, key, answer)
                if mine is None:
                    skipped[family] += 1
                    continue
                answers[family] += 1
                if mine != said:
                    differences[family].append(f"{prompt[-200:]!r}: key {t['key']!r}, {answer!r}: {'passed' if said else 'failed'}")
    for family in keys:
        print(f"{family:11} {keys[family]:6} keys  {answers[family]:6} verdicts  {skipped[family]:4} not judged  {len(differences[family]):4} differ")
        for d in differences[family][:8]:
            print("   ", d)
    sys.exit(any(differences.values()))


main()
