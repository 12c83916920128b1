"""The square and the pair as consoles, mails, chats, logs and version control show them."""

# ruff: noqa: RUF001, E501 - what is shown, and as wide as it is

from tests.solver.formats.notations.squares import COMMAS, FOUR, MATE, ROWS, lines

_MAIL = "From: anna@example.org\nSubject: a square\nDate: Mon, 30 Nov 2026 09:12:00 +0100\n\n"
_COMMIT = "commit deadbeefdeadbeefdeadbeefdeadbeefdeadbeef\nAuthor: Anna <anna@example.org>\nDate:   Mon Nov 30 10:12:33 2026 +0100\n\n    Add a square\n\n"

SESSIONS = {
    "R's list of vectors": "\n\n".join(f"[[{n}]]\n[1] {row}" for n, row in enumerate(ROWS, 1))
    + "\n\n",
    "agricolae": '$parameters\n$parameters$design\n[1] "lsd"\n\n$parameters$trt\n[1] "A" "B" "C" "D"\n\n$parameters$r\n[1] 4\n\n$parameters$seed\n[1] 543\n\n$parameters[[7]]\n[1] TRUE\n\n\n$sketch\n     [,1] [,2] [,3] [,4]\n'
    + lines(f"[{n},] " + " ".join(f'"{"ABCD"[x]}" ' for x in row) for n, row in enumerate(FOUR, 1))
    + "\n\n",
    "DoE.base": "   A B C\n"
    + lines(
        f"{4 * r + c + 1}  {r + 1} {c + 1} {FOUR[r][c] + 1}" for r in range(4) for c in range(4)
    )
    + "\nclass=design, type= oa\n",
    "R's columns of two": "     [,1] [,2]\n"
    + lines(f"[{n},] {row[:3]}" for n, row in enumerate(ROWS, 1))
    + "\n     [,3] [,4]\n"
    + lines(f"[{n},] {row[4:]}" for n, row in enumerate(ROWS, 1)),
    "Mathematica's session": "In[1]:= Table[Mod[i + j, 4], {i, 4}, {j, 4}]\n\nOut[1]= {{"
    + "}, {".join(COMMAS)
    + "}}\n",
    "numpy's shape": ">>> L\narray([["
    + "],\n       [".join(COMMAS)
    + "], dtype=int8)\n>>> L.shape\n(4, 4)\n".replace("]", "]]", 1),
    "Prolog's answer": "?- latin(4, X).\nX = [[" + "], [".join(COMMAS) + "]] ;\nfalse.\n",
    "Elixir": "iex(1)> l\n[\n  [" + "],\n  [".join(COMMAS) + "]\n]\n",
    "a mail's head": _MAIL + lines(ROWS),
    "three times quoted": lines(f">>> {row}" for row in ROWS),
    "quoted-printable": lines(f"{row}=20" for row in ROWS),
    "a forum": "Message 12345 - Posted: 30 Nov 2026, 10:12:33 UTC\nI found this one:\n\n"
    + lines(ROWS)
    + "\n\nID: 12345 · Rating: 0 · rate: / Reply Quote\n",
    "a chat's sender": "anna  10:12 AM\n```\n" + lines(ROWS) + "\n```\n",
    "WeeChat": lines(f"10:12:33 anna | {row}" for row in ROWS),
    "Python's log": lines(f"2026-11-30 10:12:33,123 - root - INFO - {row}" for row in ROWS),
    "Python's short log": lines(f"INFO:root:{row}" for row in ROWS),
    "times in brackets": lines(f"[2026-11-30 10:12:33] {row}" for row in ROWS),
    "git show": _COMMIT
    + "diff --git a/sq.txt b/sq.txt\nnew file mode 100644\n--- /dev/null\n+++ b/sq.txt\n@@ -0,0 +1,4 @@\n"
    + lines(f"+{row}" for row in ROWS),
    "git blame": lines(
        f"^a1b2c3d (Anna Berg 2026-11-30 10:12:33 +0100 {n}) {row}" for n, row in enumerate(ROWS, 1)
    ),
    "grep over files": lines(f"data/sq-4.txt:{row}" for row in ROWS),
    "head of files": f"==> sq.txt <==\n{lines(ROWS)}\n",
    "time": lines(ROWS) + "\n\nreal\t0m0.123s\nuser\t0m0.100s\nsys\t0m0.010s\n",
    "a checksum behind": lines(ROWS)
    + "\nmd5: d41d8cd98f00b204e9800998ecf8427e\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855  sq.txt\n",
    "a word behind": lines(ROWS) + "\ndone\n",
    "a word behind letters": "ABCD\nBADC\nCDAB\nDCBA\nend\n",
    "diagonals and transversals behind": lines(ROWS)
    + "\nAnti diagonal: 3 3 3 3\nT1: (0,0) (1,2) (2,3) (3,1)\nT2: (0,1) (1,3) (2,2) (3,0)\n",
    "Chinese": f"4阶拉丁方:\n{lines(ROWS)}\n谢谢\n",
    "a terminal's title": f"\x1b]0;title\x07\x1b[2J\x1b[H{lines(ROWS)}\n\x1b[?25h\n",
    "a document in a shell": f"$ squarm analyse - <<END\n{lines(ROWS)}\nEND\n",
    "echo": f'echo "{lines(ROWS)}"\n',
}

SESSIONS_PAIRS = {
    "Julia's pages": "4×4×2 Array{Int64, 3}:\n[:, :, 1] =\n"
    + "\n\n[:, :, 2] =\n".join(
        lines(f" {'  '.join(map(str, row))}" for row in square) for square in (FOUR, MATE)
    ),
    "a word between": "\nmate\n".join(
        lines(" ".join(map(str, row)) for row in square) for square in (FOUR, MATE)
    ),
    "files one behind the other": "\n".join(
        lines(f"{name}.txt:{' '.join(map(str, row))}" for row in square)
        for name, square in (("a", FOUR), ("b", MATE))
    ),
}
