"""Recorded difference matrices with blanks: the most squares known of further orders.

Each gives as many squares as it has rows, less two. `Handbook` is C. J. Colbourn, J. H. Dinitz
(eds.), Handbook of Combinatorial Designs, 2nd ed. (2007), part III, section 3.6, by paragraph; the
papers are those that first gave so many squares. The tests verify every square.
"""

from solver.constructions.difference import Matrix, Symmetry

# E. T. Parker, "Orthogonal Latin squares", Proc. Nat. Acad. Sci. 45 (1959) 859-862; R. C. Bose,
# S. S. Shrikhande, E. T. Parker, "Further results on the construction of mutually orthogonal Latin
# squares and the falsity of Euler's conjecture", Canad. J. Math. 12 (1960) 189-203.
ORDER_10 = Matrix(
    squares=2,
    source="Parker 1959",
    moduli=(7,),
    rows="""
- - -
0 0 0
6 5 3
1 2 4
""",
    symmetries=(Symmetry(4, rows="bcda"),),
    fixed=("0 0 0 0",),
)

# R. J. R. Abel, D. T. Todorov, "Four MOLS of orders 20, 30, 38 and 44", J. Combin. Theory A 64
# (1993) 144-148; Handbook 3.49. First: D. T. Todorov, Ars Combin. 27 (1989) 63-65.
ORDER_20 = Matrix(
    squares=4,
    source="Todorov 1989; Abel, Todorov 1993",
    moduli=(19,),
    rows="""
- 7  13 1  16 9  2
0 1  15 7  17 6  14
0 11 10 11 5  4  3
7 -  13 16 1  2  9
1 0  15 17 7  14 6
11 0 10 5  11 3  4
""",
    symmetries=(Symmetry(3, rows="bcafde"),),
)

ORDER_22 = Matrix(
    squares=3,
    source="Handbook III.3.51",
    moduli=(21,),
    rows="""
1  13 18 3  16 19 -
16 19 1  13 18 3  0
18 3  16 19 1  13 0
6  15 6  15 6  15 0
12 9  19 16 5  2  0
""",
    symmetries=(Symmetry(3, rows="cabde", factor=(16,), plus="0 0 0 7 14"),),
    fixed=("0 7 14 - 0", "0 14 7 0 -"),
)

# C. J. Colbourn, J. X. Yin, L. Zhu, "Four MOLS of order 26", J. Combin. Math. Combin. Comput. 17
# (1995) 147-148; Handbook 3.53.
ORDER_26 = Matrix(
    squares=4,
    source="Colbourn, Yin, Zhu 1995",
    moduli=(21,),
    rows="""
- -  -  -  -
0 0  0  0  0
1 6  7  8  14
3 11 20 18 10
6 10 14 1  5
4 19 5  12 2
""",
    symmetries=(Symmetry(6, rows="bcdefa"),),
    fixed=("0 0 0 0 0 0",),
)

ORDER_30 = Matrix(
    squares=4,
    source="Abel, Todorov 1993",
    moduli=(5, 5),
    rows="""
00 -  00 00 00 00 00
00 00 -  04 02 03 01
00 31 30 -  40 10 20
00 30 02 12 -  01 03
00 33 12 42 20 -  04
00 42 24 03 23 32 -
""",
    symmetries=(Symmetry(5, plus="11 21 10 40 34 44"),),
)

ORDER_34 = Matrix(
    squares=4,
    source="Handbook III.3.57",
    moduli=(33,),
    rows="""
-  0  0  0  0  0
30 17 10 25 23 8
22 4  32 29 28 22
25 10 20 15 21 16
0  12 15 16 32 23
6  11 18 14 9  20
""",
    symmetries=(Symmetry(5, rows="eabcdf", factor=(4,)),),
    fixed=(
        "0 0 0 0 0 0",
        "1 4 16 31 25 11",
        "3 12 15 27 9 11",
        "10 7 28 13 19 0",
        "5 20 14 23 26 -",
    ),
)

ORDER_38 = Matrix(
    squares=4,
    source="Abel, Todorov 1993",
    moduli=(37,),
    rows="""
-  10 1  2  6  3  22 5  7  9  14 18 28
0  1  10 20 23 30 35 13 33 16 29 32 21
0  26 26 15 8  4  17 19 34 12 31 24 25
10 -  10 6  2  22 3  7  5  14 9  28 18
1  0  26 23 20 35 30 33 13 29 16 21 32
26 0  1  8  15 17 4  34 19 31 12 25 24
""",
    symmetries=(Symmetry(3, rows="bcafde"),),
)

ORDER_42 = Matrix(
    squares=5,
    source="Handbook III.3.63",
    moduli=(35,),
    rows="""
-  -   -  -   -  -   -
0  0   0  0   0  0   0
18 -18 11 -11 5  -5  4
26 -26 10 -10 30 -30 23
20 -20 3  -3  33 -33 23
5  -5  25 -25 24 -24 4
17 -17 4  -4  22 -22 0
""",
    symmetries=(Symmetry(7, rows="bcdefga"),),
)

# The vector V(4, 9) of A. E. Brouwer, G. H. J. van Rees, "More mutually orthogonal Latin squares",
# Discrete Math. 39 (1982) 263-281: its multiples by the ninth roots of unity, turned.
ORDER_46 = Matrix(
    squares=4,
    source="V(4, 9) vector, Brouwer, van Rees 1982",
    moduli=(37,),
    rows="""
-
0
1
3
2
8
""",
    symmetries=(Symmetry(9, factor=(16,)), Symmetry(6, rows="bcdefa")),
    fixed=("0 0 0 0 0 0",),
)

# The vector V(6, 7) of C. J. Colbourn, "Some direct constructions for incomplete transversal
# designs", J. Statist. Plann. Inference 56 (1996) 93-104.
ORDER_50 = Matrix(
    squares=6,
    source="V(6, 7) vector, Colbourn 1996",
    moduli=(43,),
    rows="""
-
0
1
3
16
35
26
36
""",
    symmetries=(Symmetry(7, factor=(41,)), Symmetry(8, rows="bcdefgha")),
    fixed=("0 0 0 0 0 0 0 0",),
)

ORDER_54 = Matrix(
    squares=5,
    source="Handbook III.3.71",
    moduli=(45,),
    rows="""
-  -  -  -  -   -   -   -   -
0  0  0  0  0   0   0   0   0
1  27 16 7  -1  -27 -16 -7  3
24 40 1  35 -24 -40 -1  -35 7
10 30 22 44 -10 -30 -22 -44 7
5  18 14 33 -5  -18 -14 -33 3
30 16 33 27 -30 -16 -33 -27 0
""",
    symmetries=(Symmetry(7, rows="gabcdef"),),
)

ORDER_62 = Matrix(
    squares=5,
    source="Handbook III.3.74",
    moduli=(54,),
    rows="""
0  -  -  -  0   -   -   -   -  -
17 0  0  0  -17 0   0   0   1  11
29 28 35 23 -29 -28 -35 -23 3  19
36 50 5  33 -36 -50 -5  -33 7  33
31 2  43 30 -31 -2  -43 -30 34 33
16 47 44 51 -16 -47 -44 -51 30 19
41 11 1  17 -41 -11 -1  -17 28 11
""",
    symmetries=(Symmetry(7, rows="gabcdef"),),
)

MATRICES = {
    10: ORDER_10,
    20: ORDER_20,
    22: ORDER_22,
    26: ORDER_26,
    30: ORDER_30,
    34: ORDER_34,
    38: ORDER_38,
    42: ORDER_42,
    46: ORDER_46,
    50: ORDER_50,
    54: ORDER_54,
    62: ORDER_62,
}
