"""A pair of order 4 in the notations that people and programs write."""

# ruff: noqa: RUF001, E501 - people write squares in Greek, and as wide as they are

from itertools import chain

from tests.solver.formats.notations.squares import FOUR, MATE, cells, each, lines

TWO = {
    "digits": cells("0123", "0123"),
    "digits from 1": cells("1234", "1234"),
    "digits with commas": cells("0123", "0123").replace(" ", ", "),
    "Euler's": cells("abcd", "1234"),
    "capitals": cells("ABCD", "1234"),
    "numbers first": cells("1234", "abcd"),
    "capitals and small letters": cells("ABCD", "abcd"),
    "Latin and Greek": cells("ABCD", "αβγδ"),
    "two alphabets in capitals": cells("ABCD", "WXYZ"),
    "cards": cells("AKQJ", "♠♥♦♣"),
    "coloured cards": cells("AKQJ", "♠♥♦♣", "{}{}\ufe0f"),
    "tens among cards": cells("AKQJ", "♠♥♦♣").replace("J", "10"),
    "cards in letters": cells("AKQJ", "SHDC"),
    "pictures of cards": "\n".join(
        " ".join(chr(0x1F0A1 + 16 * b + (0, 10, 12, 13)[a]) for a, b in zip(*rows, strict=True))
        for rows in zip(FOUR, MATE, strict=True)
    ),
    "brackets": cells("1234", "1234", "({},{})"),
    "brackets with spaces": cells("1234", "1234", "({}, {})"),
    "brackets and commas": cells("1234", "1234", "({},{}),"),
    "points": cells("0123", "0123", "{}.{}"),
    "hyphens": cells("0123", "0123", "{}-{}"),
    "slashes": cells("0123", "0123", "{}/{}"),
    "colons": cells("0123", "0123", "{}:{}"),
    "underscores": cells("abcd", "0123", "{}_{}"),
    "indices": cells("abcd", "₀₁₂₃"),
    "TeX": cells("ABCD", "0123", "${}_{{{}}}$ &").replace("&\n", "\\\\\n"),
    "TeX in Greek": "\\\\ ".join(
        " & ".join(
            "ABCD"[a] + ("\\alpha", "\\beta", "\\gamma", "\\delta")[b]
            for a, b in zip(*rows, strict=True)
        )
        for rows in zip(FOUR, MATE, strict=True)
    ),
    "Markdown": "| w | x | y | z |\n|--|--|--|--|\n| "
    + cells("ABCD", "αβγδ").replace(" ", " | ").replace("\n", " |\n| ")
    + " |\n",
    "lists of cells": "[[[0,0],[1,1],[2,2],[3,3]],[[1,2],[0,3],[3,0],[2,1]],"
    "[[2,3],[3,2],[0,1],[1,0]],[[3,1],[2,0],[1,3],[0,2]]]",
    "Mathematica's cells": "{{{0,0},{1,1},{2,2},{3,3}},{{1,2},{0,3},{3,0},{2,1}},\n"
    "{{2,3},{3,2},{0,1},{1,0}},{{3,1},{2,0},{1,3},{0,2}}}",
    "numbers below n squared": "\n".join(
        " ".join(f"{4 * a + b}" for a, b in zip(*rows, strict=True))
        for rows in zip(FOUR, MATE, strict=True)
    ),
    "nothing between": "\n".join(
        line.replace(" ", "") for line in cells("abcd", "1234").split("\n")
    ),
    "blank lines between": cells("abcd", "1234").replace("\n", "\n\n"),
    "a list of pairs": ", ".join(cells("0123", "0123").split()),
    "side by side": "\n".join(
        "".join(map(str, a)) + "   " + "".join(map(str, b)) for a, b in zip(FOUR, MATE, strict=True)
    ),
    "side by side in brackets": "\n".join(
        f"{list(a)}          {list(b)}" for a, b in zip(FOUR, MATE, strict=True)
    ),
    "side by side with a bar": "\n".join(
        f"{' '.join(map(str, a))} | {' '.join(map(str, b))}"
        for a, b in zip(FOUR, MATE, strict=True)
    ),
    "two on a line": "0123103223013210 0123230132101032",
    "an array": "".join(f"{r} {c} {FOUR[r][c]} {MATE[r][c]}\n" for r in range(4) for c in range(4)),
    "an array with a header": "16 4 4\n"
    + "".join(f"{r}{c}{FOUR[r][c]}{MATE[r][c]}\n" for r in range(4) for c in range(4)),
    "an array turned": "\n".join(
        " ".join(map(str, column))
        for column in zip(
            *((r, c, FOUR[r][c], MATE[r][c]) for r in range(4) for c in range(4)), strict=True
        )
    ),
    "run together": "".join(cells("0123", "0123").split()),
    "a cell a line": "\n".join(cells("0123", "0123").split()),
    "brackets on one line": " ".join(cells("1234", "1234", "({},{})").split()),
    "words of a card": each(lambda a, b: f"{'AKQJ'[a]} of {'SHDC'[b]},").replace(",\n", "\n"),
    "a table of squares": "id,square,found\n"
    + "".join(
        f"{i},{''.join(str(x) for r in s for x in r)},{70 + i}\n"
        for i, s in enumerate((FOUR, MATE))
    ),
    "numbered squares": "".join(
        f"{i}\t{''.join(str(x) for r in s for x in r)}\n" for i, s in enumerate((FOUR, MATE), 1)
    ),
    "two in TeX": ", and ".join(
        f"${name} = \\begin{{pmatrix}}"
        + "\\\\".join(" & ".join(map(str, r)) for r in s)
        + "\\end{pmatrix}$"
        for name, s in (("A", FOUR), ("B", MATE))
    ),
    "json by name": '{"first": ["0123","1032","2301","3210"], "second": ["0123","2301","3210","1032"]}',
    "R's list of two": "".join(
        f"[[{i}]]\n     [,1] [,2] [,3] [,4]\n"
        + "".join(f"[{j},] {' '.join(map(str, r))}\n" for j, r in enumerate(s, 1))
        + "\n"
        for i, s in enumerate((FOUR, MATE), 1)
    ),
    "a result of BOINC": "<result>\n<name>R4_12_0</name>\n<stderr_txt>\n00:12:13 (77): called finish(0)\n{\n{\n"
    + "\n}\n{\n".join(lines(" ".join(map(str, r)) for r in s) for s in (FOUR, MATE))
    + "\n}\n}\n</stderr_txt>\n</result>\n",
    "comma cells": each(lambda a, b: f"{a},{b}"),
    "semi": lines(
        "; ".join(f"{a},{b}" for a, b in zip(x, y, strict=True))
        for x, y in zip(FOUR, MATE, strict=True)
    ),
    "commas of spaced": lines(
        ", ".join(f"{a} {b}" for a, b in zip(x, y, strict=True))
        for x, y in zip(FOUR, MATE, strict=True)
    ),
    "angle": each(lambda a, b: f"<{a},{b}>"),
    "square br": each(lambda a, b: f"[{a},{b}]"),
    "curly": each(lambda a, b: f"{{{a},{b}}}"),
    "paren11": each(lambda a, b: f"({a}{b})"),
    "tex paren": lines(
        " & ".join(f"({a},{b})" for a, b in zip(x, y, strict=True)) + " \\\\"
        for x, y in zip(FOUR, MATE, strict=True)
    ),
    "oa nested": str([[r, c, FOUR[r][c], MATE[r][c]] for r in range(4) for c in range(4)]),
    "oa numbered": lines(
        f"{i}: {t[0]} {t[1]} {t[2]} {t[3]}"
        for i, t in enumerate(
            ((r, c, FOUR[r][c], MATE[r][c]) for r in range(4) for c in range(4)), 1
        )
    ),
    "oa from 1": lines(
        f"{r + 1} {c + 1} {FOUR[r][c] + 1} {MATE[r][c] + 1}" for r in range(4) for c in range(4)
    ),
    "oa names": "A B C D\n"
    + lines(
        f"{r + 1} {c + 1} {FOUR[r][c] + 1} {MATE[r][c] + 1}" for r in range(4) for c in range(4)
    ),
    "oa hdr": "16 4 4 2\n"
    + lines(f"{r} {c} {FOUR[r][c]} {MATE[r][c]}" for r in range(4) for c in range(4)),
    "oa csv hdr": "run,row,col,a,b\n"
    + lines(
        f"{4 * r + c + 1},{r},{c},{FOUR[r][c]},{MATE[r][c]}" for r in range(4) for c in range(4)
    ),
    "sbs head": "A         B\n"
    + lines(
        " ".join(map(str, x)) + "   " + " ".join(map(str, y))
        for x, y in zip(FOUR, MATE, strict=True)
    ),
    "sbs head2": "L1      L2\n"
    + lines(
        " ".join(map(str, x)) + "   " + " ".join(map(str, y))
        for x, y in zip(FOUR, MATE, strict=True)
    ),
    "sbs tab": lines(
        " ".join(map(str, x)) + "\t" + " ".join(map(str, y))
        for x, y in zip(FOUR, MATE, strict=True)
    ),
    "sbs slash": lines(
        "".join(map(str, x)) + "/" + "".join(map(str, y)) for x, y in zip(FOUR, MATE, strict=True)
    ),
    "sbs letters": lines(
        " ".join("ABCD"[s] for s in x) + "   " + " ".join("abcd"[s] for s in y)
        for x, y in zip(FOUR, MATE, strict=True)
    ),
    "sbs greek tight": lines(
        "".join("ABCD"[s] for s in x) + " " + "".join("αβγδ"[s] for s in y)
        for x, y in zip(FOUR, MATE, strict=True)
    ),
    "two assigned": "A, B = [[0,1,2,3],[1,0,3,2],[2,3,0,1],[3,2,1,0]], [[0,1,2,3],[2,3,0,1],[3,2,1,0],[1,0,3,2]]\n",
    "list of two": "[" + str([list(r) for r in FOUR]) + ",\n" + str([list(r) for r in MATE]) + "]",
    "npstack": "[[[0 1 2 3]\n  [1 0 3 2]\n  [2 3 0 1]\n  [3 2 1 0]]\n\n [[0 1 2 3]\n  [2 3 0 1]\n  [3 2 1 0]\n  [1 0 3 2]]]\n",
    "json cells": '{"square": ["a1 b2 c3 d4","b3 a4 d1 c2","c4 d3 a2 b1","d2 c1 b4 a3"]}',
    "json cell lists": '{"square": [["a1","b2","c3","d4"],["b3","a4","d1","c2"],["c4","d3","a2","b1"],["d2","c1","b4","a3"]]}',
    "strings": '["a1 b2 c3 d4",\n"b3 a4 d1 c2",\n"c4 d3 a2 b1",\n"d2 c1 b4 a3"]',
    "cards lower": each(lambda a, b: "AKQJ"[a] + "shdc"[b]),
    "dash row": lines(
        "-".join(f"{a}{b}" for a, b in zip(x, y, strict=True))
        for x, y in zip(FOUR, MATE, strict=True)
    ),
    "bordered pair": "  1 2 3 4\n"
    + lines(
        f"{i} " + " ".join("ABCD"[a] + "abcd"[b] for a, b in zip(x, y, strict=True))
        for i, (x, y) in enumerate(zip(FOUR, MATE, strict=True), 1)
    ),
    "pair header n": "4\n" + each(lambda a, b: f"{a}{b}"),
    "b-file 0..15": lines(
        f"{i} {4 * a + b}"
        for i, (a, b) in enumerate(zip([*chain(*FOUR)], [*chain(*MATE)], strict=True), 1)
    ),
    "b-file 2sq": lines(f"{i} {a}" for i, a in enumerate([*chain(*FOUR), *chain(*MATE)], 1)),
    "b-file digits": lines(
        f"{i} {a + 1}{b + 1}"
        for i, (a, b) in enumerate(zip([*chain(*FOUR)], [*chain(*MATE)], strict=True), 1)
    ),
    "magic 1..16": each(lambda a, b: str(4 * a + b + 1)),
    "tuples": str(
        [[(a, b) for a, b in zip(x, y, strict=True)] for x, y in zip(FOUR, MATE, strict=True)]
    ),
    "np 10A+B": "4×4 Matrix{Int64}:\n" + each(lambda a, b: f" {a + 1}{b + 1}"),
    "numpy cells": "[[11 22 33 44]\n [23 14 41 32]\n [34 43 12 21]\n [42 31 24 13]]\n",
    "prime": each(lambda a, b: f"{'ABCD'[a]}{b}'"),
    "emoji": each(lambda a, b: "🍎🍌🍒🍇"[a] + "🟥🟩🟦🟨"[b]),
    "cyr": each(lambda a, b: "ABCD"[a] + "бвгд"[b]),
    "ace of": each(lambda a, b: "AKQJ"[a] + "-" + "SHDC"[b]),
    "rake 2": "{\n# ------------------------\n# Detected pair for the square: \n# Degree of orthogonality: 16\n# ------------------------\n{\n"
    + lines(" ".join(map(str, x)) + " " for x in FOUR)
    + "\n}\n# ------------------------\n{\n"
    + lines(" ".join(map(str, x)) + " " for x in MATE)
    + "\n}\n\n# Pairs found: 1\n}\n# ------------------------\n# Total pairs found: 1\n# Total squares with pairs: 1\n# Processed 15 squares\n",
}
