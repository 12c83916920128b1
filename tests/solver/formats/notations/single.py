"""One square of order 4 in the notations that people and programs write."""

# ruff: noqa: RUF001, E501 - people write squares in Greek, and as wide as they are

from itertools import chain

from tests.solver.formats.notations.squares import COMMAS, FOUR, ROWS, lines

ONE = {
    "sage": "[0 1 2 3]\n[1 0 3 2]\n[2 3 0 1]\n[3 2 1 0]\n",
    "sage with a prompt": "sage: m\n[0 1 2 3]\n[1 0 3 2]\n[2 3 0 1]\n[3 2 1 0]\n",
    "numpy": "[[0 1 2 3]\n [1 0 3 2]\n [2 3 0 1]\n [3 2 1 0]]\n",
    "numpy's repr": "array([[0, 1, 2, 3],\n       [1, 0, 3, 2],\n       [2, 3, 0, 1],\n"
    "       [3, 2, 1, 0]], dtype=int8)\n",
    "numpy's source": "L = np.array([[0,1,2,3],[1,0,3,2],[2,3,0,1],[3,2,1,0]])\n",
    "numpy's floats": "[[0. 1. 2. 3.]\n [1. 0. 3. 2.]\n [2. 3. 0. 1.]\n [3. 2. 1. 0.]]\n",
    "an assignment": "L = [[0, 1, 2, 3], [1, 0, 3, 2], [2, 3, 0, 1], [3, 2, 1, 0]]\n",
    "an assignment over lines": "L = [\n  [0, 1, 2, 3],\n  [1, 0, 3, 2],\n  [2, 3, 0, 1],\n"
    "  [3, 2, 1, 0],\n]\n",
    "tuples": "((0, 1, 2, 3), (1, 0, 3, 2), (2, 3, 0, 1), (3, 2, 1, 0))\n",
    "a tuple a line": "(0, 1, 2, 3),\n(1, 0, 3, 2),\n(2, 3, 0, 1),\n(3, 2, 1, 0)\n",
    "Mathematica": "{{1, 2, 3, 4}, {2, 1, 4, 3},\n {3, 4, 1, 2}, {4, 3, 2, 1}}\n",
    "Mathematica's answer": "Out[3]= {{1,2,3,4},{2,1,4,3},{3,4,1,2},{4,3,2,1}}\n",
    "MATLAB": "A = [0 1 2 3; 1 0 3 2; 2 3 0 1; 3 2 1 0];\n",
    "MATLAB over lines": "A = [0 1 2 3\n     1 0 3 2\n     2 3 0 1\n     3 2 1 0];  % mine\n",
    "MATLAB's answer": "A =\n\n     0     1     2     3\n     1     0     3     2\n"
    "     2     3     0     1\n     3     2     1     0\n",
    "Julia": "4×4 Matrix{Int64}:\n 0  1  2  3\n 1  0  3  2\n 2  3  0  1\n 3  2  1  0\n",
    "Julia's older answer": "4×4 Array{Int64,2}:\n 0  1  2  3\n 1  0  3  2\n 2  3  0  1\n"
    " 3  2  1  0",
    "C": "int a[4][4] = {\n  {0, 1, 2, 3},\n  {1, 0, 3, 2},\n  {2, 3, 0, 1},\n  {3, 2, 1, 0}\n};\n",
    "GAP": "[ [ 1, 2, 3, 4 ], [ 2, 1, 4, 3 ], [ 3, 4, 1, 2 ], [ 4, 3, 2, 1 ] ];\n",
    "Maple": "Matrix(4, 4, [[0,1,2,3],[1,0,3,2],[2,3,0,1],[3,2,1,0]])\n",
    "R": "     [,1] [,2] [,3] [,4]\n[1,]    0    1    2    3\n[2,]    1    0    3    2\n"
    "[3,]    2    3    0    1\n[4,]    3    2    1    0\n",
    "TeX": "\\begin{pmatrix} 0 & 1 & 2 & 3 \\\\ 1 & 0 & 3 & 2 \\\\ 2 & 3 & 0 & 1 \\\\ 3 & 2 & 1 & 0"
    " \\end{pmatrix}\n",
    "TeX over lines": "\\[\\begin{array}{|c|c|c|c|}\n\\hline\n0 & 1 & 2 & 3 \\\\ \\hline\n"
    "1 & 0 & 3 & 2 \\\\ \\hline\n2 & 3 & 0 & 1 \\\\\n\\hline\n3 & 2 & 1 & 0 \\\\ \\hline\n"
    "\\end{array}\\]\n",
    "Markdown": "| a | b | c | d |\n|---|---|---|---|\n| b | a | d | c |\n| c | d | a | b |\n"
    "| d | c | b | a |\n",
    "Markdown with a header": "|   | 1 | 2 | 3 | 4 |\n|:-:|--|--|--|--|\n| 1 | a | b | c | d |\n"
    "| 2 | b | a | d | c |\n| 3 | c | d | a | b |\n| 4 | d | c | b | a |\n",
    "HTML": "<table>\n"
    "<tr><td>0</td><td>1</td><td>2</td><td>3</td></tr>\n"
    "<tr><td>1</td><td>0</td><td>3</td><td>2</td></tr>\n"
    "<tr><td>2</td><td>3</td><td>0</td>"
    "<td>1</td></tr>\n<tr><td>3</td><td>2</td><td>1</td><td>0</td></tr>\n</table>\n",
    "drawn lines": "┌───┬───┐\n│ 0 1 │ 2 3 │\n│ 1 0 │ 3 2 │\n"
    "├───┼───┤\n│ 2 3 │ 0 1 │\n│ 3 2 │ 1 0 │\n",
    "slashes": "0123/1032/2301/3210\n",
    "slashes between numbers": "0 1 2 3 / 1 0 3 2 / 2 3 0 1 / 3 2 1 0\n",
    "words": "0123 1032 2301 3210\n",
    "commas between rows": "0123,1032,2301,3210\n",
    "numbered rows": "1: 0 1 2 3\n2: 1 0 3 2\n3: 2 3 0 1\n4: 3 2 1 0\n",
    "rows numbered with points": "1. 0 1 2 3\n2. 1 0 3 2\n3. 2 3 0 1\n4. 3 2 1 0\n",
    "rows numbered with brackets": "1) 0123\n2) 1032\n3) 2301\n4) 3210\n",
    "named rows": "row 1: 0 1 2 3\nrow 2: 1 0 3 2\nrow 3: 2 3 0 1\nrow 4: 3 2 1 0\n",
    "a column of labels": "r1 0 1 2 3\nr2 1 0 3 2\nr3 2 3 0 1\nr4 3 2 1 0\n",
    "a column of numbers": "1 0 1 2 3\n2 1 0 3 2\n3 2 3 0 1\n4 3 2 1 0\n",
    "CSV with labels": "row,c1,c2,c3,c4\n1,A,B,C,D\n2,B,A,D,C\n3,C,D,A,B\n4,D,C,B,A\n",
    "CSV with an empty corner": ",c1,c2,c3,c4\nr1,A,B,C,D\nr2,B,A,D,C\nr3,C,D,A,B\nr4,D,C,B,A\n",
    "CSV with column names": "c1,c2,c3,c4\nA,B,C,D\nB,A,D,C\nC,D,A,B\nD,C,B,A\n",
    "a Cayley table": "* e a b c\ne e a b c\na a e c b\nb b c e a\nc c b a e\n",
    "a ruled Cayley table": "  | e a b c\n--+--------\ne | e a b c\na | a e c b\nb | b c e a\n"
    "c | c b a e\n",
    "an order": "4\n0 1 2 3\n1 0 3 2\n2 3 0 1\n3 2 1 0\n",
    "an order alone": "4\n\n0123\n1032\n2301\n3210\n",
    "rows and columns": "4 4\n0 1 2 3\n1 0 3 2\n2 3 0 1\n3 2 1 0\n",
    "an order by name": "n = 4\n0 1 2 3\n1 0 3 2\n2 3 0 1\n3 2 1 0\n",
    "a heading": "Square 1:\n0 1 2 3\n1 0 3 2\n2 3 0 1\n3 2 1 0\n",
    "a heading without a colon": "The Latin square of Klein's group\n\n0 1 2 3\n1 0 3 2\n2 3 0 1\n"
    "3 2 1 0\n",
    "a heading as wide as a row": "Mate\n0123\n1032\n2301\n3210\n",
    "a Markdown heading": "## Square 3\n0 1 2 3\n1 0 3 2\n2 3 0 1\n3 2 1 0\n",
    "a sentence": "This is the square I mean.\n0 1 2 3\n1 0 3 2\n2 3 0 1\n3 2 1 0\nSo it is.\n",
    "comments": "// mine\n0 1 2 3 # first\n1 0 3 2 // second\n"
    "% third\n2 3 0 1\n3 2 1 0 (* last *)\n",
    "blank lines between rows": "0 1 2 3\n\n1 0 3 2\n\n2 3 0 1\n\n3 2 1 0\n\n",
    "a list": "0, 1, 2, 3, 1, 0, 3, 2, 2, 3, 0, 1, 3, 2, 1, 0\n",
    "a wrapped list": "0, 1, 2, 3, 1, 0, 3,\n2, 2, 3, 0, 1, 3,\n2, 1, 0\n",
    "a list of one a line": "0\n1\n2\n3\n1\n0\n3\n2\n2\n3\n0\n1\n3\n2\n1\n0\n",
    "an OEIS b-file": "# A000000\n"
    + "".join(f"{k} {symbol}\n" for k, symbol in enumerate([*chain(*FOUR)], 1)),
    "triples of row, column, symbol": "".join(
        f"{r} {c} {FOUR[r][c]}\n" for r in range(4) for c in range(4)
    ),
    "a quoted mail": "> 0 1 2 3\n> 1 0 3 2\n> 2 3 0 1\n> 3 2 1 0\n",
    "old Macs": "0 1 2 3\r1 0 3 2\r2 3 0 1\r3 2 1 0\r",
    "Greek": "α β γ δ\nβ α δ γ\nγ δ α β\nδ γ β α\n",
    "colours": "🟥 🟩 🟦 🟨\n🟩 🟥 🟨 🟦\n🟦 🟨 🟥 🟩\n🟨 🟦 🟩 🟥\n",
    "strings": '"a","b","c","d"\n"b","a","d","c"\n"c","d","a","b"\n"d","c","b","a"\n',
    "full width": "０１２３\n１０３２\n２３０１\n３２１０\n",
    "rake no braces": "------------------------\nDetected pair for the square: \n------------------------\n"
    + lines(ROWS)
    + "\n------------------------\n",
    "numpy 3d one": "[[[0 1 2 3]\n  [1 0 3 2]\n  [2 3 0 1]\n  [3 2 1 0]]]\n",
    "4x4": "4x4\n" + lines(ROWS),
    "4 × 4": "4 × 4\n" + lines(ROWS),
    "order 4": "order 4\n" + lines(ROWS),
    "Order: 4": "Order: 4\n" + lines(ROWS),
    "#4": "#4\n" + lines(ROWS),
    "4:": "4:\n" + lines(ROWS),
    "n=4": "n=4\n" + lines(ROWS),
    "hdr2": "1\n4\n" + lines(ROWS),
    "NK": "4\n0123103223013210\n",
    "oeis S": "%S A309598 0,1,2,3,1,0,3,2,2,3,0,1,3,2,1,0\n",
    "oeis A": "A309598 0, 1, 2, 3, 1, 0, 3, 2,\n 2, 3, 0, 1, 3, 2, 1, 0\n",
    "stripped": "A309598 ,0,1,2,3,1,0,3,2,2,3,0,1,3,2,1,0,\n",
    "b0": lines(f"{i} {s}" for i, s in enumerate([*chain(*FOUR)])),
    "btab": lines(f"{i}\t{s}" for i, s in enumerate([*chain(*FOUR)], 1)),
    "labels paren": lines(f"({i}) {r}" for i, r in enumerate(ROWS, 1)),
    "labels bar": lines(f"{i} | {r}" for i, r in enumerate(ROWS, 1)),
    "labels dash": lines(f"{i}- {r}" for i, r in enumerate(ROWS, 1)),
    "labels row": lines(f"Row {i} {r}" for i, r in enumerate(ROWS, 1)),
    "labels row,": "label,col 1,col 2,col 3,col 4\n"
    + lines(f"row {i},{r}" for i, r in enumerate(COMMAS, 1)),
    "labels R1": lines(f"R{i}: {r}" for i, r in enumerate(ROWS, 1)),
    "pandas": "   0  1  2  3\n"
    + lines(f"{i}  " + "  ".join(r.split()) for i, r in enumerate(ROWS)),
    "pandas csv": ",0,1,2,3\n" + lines(f"{i},{r}" for i, r in enumerate(COMMAS)),
    "Cayley +": "+ | 0 1 2 3\n--+-------\n" + lines(f"{i} | {r}" for i, r in enumerate(ROWS)),
    "Cayley #": "# | 0 1 2 3\n--+-------\n" + lines(f"{i} | {r}" for i, r in enumerate(ROWS)),
    "Cayley tight": "*eabc\neeabc\naaecb\nbbcea\nccbae\n",
    "Cayley csv": "*,e,a,b,c\ne,e,a,b,c\na,a,e,c,b\nb,b,c,e,a\nc,c,b,a,e\n",
    "Cayley words": "op zero one two three\nzero zero one two three\none one zero three two\ntwo two three zero one\nthree three two one zero\n",
    "C block comment": "/* A square\n * of order 4\n */\n" + lines(ROWS),
    "lisp comment": "; mine\n" + lines(ROWS) + " ; last\n",
    "html comment": "<!-- mine -->\n" + lines(ROWS),
    "blank+label": lines(f"{i}: {r}\n" for i, r in enumerate(ROWS, 1)),
    "blank sage": lines(f"[{r}]\n" for r in ROWS),
    "cont": "0 1 2 3 \\\n1 0 3 2 \\\n2 3 0 1 \\\n3 2 1 0\n",
    "md bold": "| **0** | 1 | 2 | 3 |\n|---|---|---|---|\n"
    + lines("| " + " | ".join(r.split()) + " |" for r in ROWS[1:]),
    "md notrail": "0 | 1 | 2 | 3\n--|---|---|---\n"
    + lines(" | ".join(r.split()) for r in ROWS[1:]),
    "const": "const L = [[0,1,2,3],[1,0,3,2],[2,3,0,1],[3,2,1,0]];\n",
    "java": "int[][] a = new int[][]{{0,1,2,3},{1,0,3,2},{2,3,0,1},{3,2,1,0}};\n",
    "rust": "let a = vec![vec![0,1,2,3],vec![1,0,3,2],vec![2,3,0,1],vec![3,2,1,0]];\n",
    "lisp": "'((0 1 2 3) (1 0 3 2) (2 3 0 1) (3 2 1 0))\n",
    "perl": "@a = ([0,1,2,3],[1,0,3,2],[2,3,0,1],[3,2,1,0]);\n",
    "R matrix": "m <- matrix(c(0,1,2,3,1,0,3,2,2,3,0,1,3,2,1,0), nrow=4, byrow=TRUE)\n",
    "R rbind": "rbind(c(0,1,2,3),c(1,0,3,2),c(2,3,0,1),c(3,2,1,0))\n",
    "maxima": "matrix([0,1,2,3],[1,0,3,2],[2,3,0,1],[3,2,1,0]);\n",
    "pari": "[0,1,2,3;1,0,3,2;2,3,0,1;3,2,1,0]\n",
    "julia lit": "L = [0 1 2 3; 1 0 3 2; 2 3 0 1; 3 2 1 0]\n",
    "julia vec": "1-element Vector{Matrix{Int64}}:\n [0 1 2 3; 1 0 3 2; 2 3 0 1; 3 2 1 0]\n",
    "sudoku": "0 1 | 2 3\n1 0 | 3 2\n----+----\n2 3 | 0 1\n3 2 | 1 0\n",
    "nbsp": lines(ROWS).replace(" ", "\xa0"),
    "dashes": "0-1-2-3\n1-0-3-2\n2-3-0-1\n3-2-1-0\n",
    "emrule": "———————\n" + lines(ROWS) + "\n———————\n",
    "python dict": "{'L': [[0,1,2,3],[1,0,3,2],[2,3,0,1],[3,2,1,0]]}\n",
    "json name": '{"name": "Klein", "L": [[0,1,2,3],[1,0,3,2],[2,3,0,1],[3,2,1,0]]}\n',
    "json name2": '{"name": "Klein", "matrix": [[0,1,2,3],[1,0,3,2],[2,3,0,1],[3,2,1,0]]}\n',
    "yaml": "square:\n  - [0, 1, 2, 3]\n  - [1, 0, 3, 2]\n  - [2, 3, 0, 1]\n  - [3, 2, 1, 0]\n",
    "list of strings": "['0123',\n '1032',\n '2301',\n '3210']\n",
    "latex tabular": "\\begin{table}\n\\centering\n\\begin{tabular}{|c|c|c|c|}\\hline\n0&1&2&3\\\\\\hline\n1&0&3&2\\\\\\hline\n2&3&0&1\\\\\\hline\n3&2&1&0\\\\\\hline\n\\end{tabular}\n\\caption{A square}\n\\end{table}\n",
    "latex doc": "$$L = \\left[\\begin{matrix}0 & 1 & 2 & 3\\\\1 & 0 & 3 & 2\\\\2 & 3 & 0 & 1\\\\3 & 2 & 1 & 0\\end{matrix}\\right]$$\n",
    "latex bmatrix": "A = \\begin{bmatrix}\n 0 & 1 & 2 & 3 \\\\\n 1 & 0 & 3 & 2 \\\\\n 2 & 3 & 0 & 1 \\\\\n 3 & 2 & 1 & 0\n\\end{bmatrix}\n",
    "triples br": ", ".join(f"({r},{c},{FOUR[r][c]})" for r in range(4) for c in range(4)),
    "triples nested": "["
    + ", ".join(f"[{r},{c},{FOUR[r][c]}]" for r in range(4) for c in range(4))
    + "]",
    "cells a line in HTML": "<table><tbody>\n"
    + "".join("<tr>\n" + "".join(f"<td>{x}</td>\n" for x in row) + "</tr>\n" for row in FOUR)
    + "</tbody></table>\n",
    "MediaWiki": '{| class="wikitable"\n|+ Klein, in full\n|-\n'
    + "\n|-\n".join('| align="center" | ' + " || ".join(r.split()) for r in ROWS)
    + "\n|}\n",
    "MediaWiki, a cell a line": "{|\n|-\n"
    + "\n|-\n".join("\n".join(f"| {x}" for x in r.split()) for r in ROWS)
    + "\n|}\n",
    "bullets": lines(f"* {r}" for r in ROWS),
    "bullets and backticks": lines(f"- `{r}`" for r in ROWS),
    "yaml of lists": "square:\n" + lines("- - " + "\n  - ".join(r.split()) for r in ROWS),
    "MATLAB goes on": "A = [0 1 2 ...\n     3; 1 0 3 2; ...\n     2 3 0 1; 3 2 1 0];\n",
    "MATLAB's columns": "A =\n\n  Columns 1 through 2\n\n"
    + lines(r[:3] for r in ROWS)
    + "\n\n  Columns 3 and 4:\n\n"
    + lines(r[4:] for r in ROWS)
    + "\n",
    "R's columns": "     [,1] [,2] [,3]\n"
    + lines(f"[{i},] {r[:5]}" for i, r in enumerate(ROWS, 1))
    + "\n     [,4]\n"
    + lines(f"[{i},] {r[6:]}" for i, r in enumerate(ROWS, 1)),
    "R's list": "[[1]]\n     [,1] [,2] [,3] [,4]\n"
    + lines(f"[{i},] {r}" for i, r in enumerate(ROWS, 1)),
    "reshaped": "np.array([0,1,2,3,1,0,3,2,2,3,0,1,3,2,1,0]).reshape(4, 4)\n",
    "Go": "a := [4][4]int{{0,1,2,3},{1,0,3,2},{2,3,0,1},{3,2,1,0}}\n",
    "C++": "std::vector<std::vector<int>> a = {{0,1,2,3},{1,0,3,2},{2,3,0,1},{3,2,1,0}};\n",
    "C++ without =": "std::array<std::array<int, 4>, 4> a{{{0,1,2,3},{1,0,3,2},{2,3,0,1},{3,2,1,0}}};\n",
    "C's strings": 'const char *a[] = {"0123", "1032", "2301", "3210"};\n',
    "Lean": "def L : Matrix (Fin 4) (Fin 4) ℕ := !![0,1,2,3;1,0,3,2;2,3,0,1;3,2,1,0]\n",
    "Lean's lists": "def l := [[0,1,2,3],[1,0,3,2],[2,3,0,1],[3,2,1,0]]\n",
    "Haskell's cons": "[0:1:2:3:[], 1:0:3:2:[], 2:3:0:1:[], 3:2:1:0:[]]\n",
    "Agda": "L = (0 ∷ 1 ∷ 2 ∷ 3 ∷ []) ∷\n    (1 ∷ 0 ∷ 3 ∷ 2 ∷ []) ∷\n"
    "    (2 ∷ 3 ∷ 0 ∷ 1 ∷ []) ∷\n    (3 ∷ 2 ∷ 1 ∷ 0 ∷ []) ∷ []\n",
    "OCaml's cons": "let l = (0::1::2::3::[])::(1::0::3::2::[])::(2::3::0::1::[])::(3::2::1::0::[])::[]\n",
    "Haskell": "[[0,1,2,3],[1,0,3,2],[2,3,0,1],[3,2,1,0]] :: [[Int]]\n",
    "a program": "import numpy as np\n\ndef show(a, b):\n    return [a, b]\n\n"
    "A = np.array([\n    "
    + ",\n    ".join(str(list(r)) for r in FOUR)
    + ",\n])\nif __name__ == '__main__':\n    print(A, 2)\n",
    "by place": "{"
    + ", ".join(f"({r}, {c}): {FOUR[r][c]}" for r in range(4) for c in range(4))
    + "}\n",
    "a field book": "  plots row col trt\n"
    + lines(
        f"{4 * r + c + 1} {r + 1}0{c + 1} {r} {c} {FOUR[r][c]}" for r in range(4) for c in range(4)
    ),
    "names of two words": "Day,Mon,Tue,Wed,Thu\n"
    + lines(f"Driver {i},{r}" for i, r in enumerate(COMMAS)),
    "TeX in colour": "\\begin{tabular}{|*{4}{c|}}\n"
    + "\n".join(" & ".join("\\textcolor{red}{" + x + "}" for x in r.split()) + "\\\\" for r in ROWS)
    + "\n\\end{tabular}\n",
    "TeX's other letters": "\\begin{pmatrix}\n"
    + "\\\\\n".join(" & ".join(("\\varepsilon", "\\infty", "0", "1")[x] for x in r) for r in FOUR)
    + "\n\\end{pmatrix}\n",
    "primes": "a a' b b'\na' a b' b\nb b' a a'\nb' b a' a\n",
    "line ends in a string": '"0 1 2 3\\n1 0 3 2\\n2 3 0 1\\n3 2 1 0"\n',
    "a terminal's colours": "\x1b[31m0\x1b[0m 1 2 3\n" + lines(ROWS[1:]),
    "the end of DOS": lines(ROWS) + "\n\x1a",
    "json of columns by name": "["
    + ",".join(f'{{"a":{r[0]},"b":{r[1]},"c":{r[2]},"d":{r[3]}}}' for r in FOUR)
    + "]\n",
    "json of rows by name": "{" + ",".join(f'"row{i}":[{r}]' for i, r in enumerate(COMMAS)) + "}\n",
    "json of cells": str(
        [{"row": r, "col": c, "value": FOUR[r][c]} for r in range(4) for c in range(4)]
    ).replace("'", '"'),
    "json among others": '{"id": 5, "tags": ["x", "y"], "data": {"latin": ["0123", "1032", "2301", "3210"]}}',
    "json of lines": '{"square": "0 1 2 3\\n1 0 3 2\\n2 3 0 1\\n3 2 1 0"}',
    "wrapped row": "0 1\n2 3\n1 0\n3 2\n2 3\n0 1\n3 2\n1 0\n",
}
