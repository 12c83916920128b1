"""Recorded difference matrices: the most squares known of orders that are no prime power.

Each gives as many squares as it has rows, less one. `Handbook` is C. J. Colbourn, J. H. Dinitz
(eds.), Handbook of Combinatorial Designs, 2nd ed. (2007), part III, section 3.6, by paragraph; the
papers are those that first gave so many squares. Nothing here is taken on trust: the tests verify
every square.
"""

from solver.constructions.difference import Matrix, Symmetry

# D. M. Johnson, A. L. Dulmage, N. S. Mendelsohn, "Orthomorphisms of groups and orthogonal Latin
# squares I", Canad. J. Math. 13 (1961) 356-372; this one: H. Hanani, "Balanced incomplete block
# designs and related designs", Discrete Math. 11 (1975) 255-369, lemma 3.21.
ORDER_12 = Matrix(
    squares=5,
    source="Johnson, Dulmage, Mendelsohn 1961",
    moduli=(2, 6),
    rows="""
00 00 00 00 00 00 00 00 00 00 00 00
00 01 02 03 04 05 10 11 12 13 14 15
00 10 12 02 11 01 13 15 04 14 05 03
00 03 10 01 13 15 02 12 05 04 11 14
00 12 01 15 05 13 03 14 02 11 10 04
00 04 15 14 02 11 12 10 13 01 03 05
""",
)

# P. J. Schellenberg, G. H. J. van Rees, S. A. Vanstone, "Four pairwise orthogonal Latin squares of
# order 15", Ars Combin. 6 (1978) 141-150.
ORDER_15 = Matrix(
    squares=4,
    source="Schellenberg, van Rees, Vanstone 1978",
    moduli=(15,),
    rows="""
0 0 0 0 0  0  0  0  0  0  0  0  0  0  0
0 1 2 3 4  5  6  7  8  9 10 11 12 13 14
1 3 6 8 10 13 5 2  0 12  4  7  9 11 14
1 7 4 0 11 8 14 5 12  3  9  6  2 13 10
1 11 7 2 12 3 8 13 4  9 14  5  0 10  6
""",
)

# R. J. R. Abel, "Existence of five MOLS of orders 18 and 60", J. Combin. Des. 23 (2015) 135-139.
# Developed over Z3 x Z3 only, so it has twice as many columns and gives 2 squares less than rows.
ORDER_18 = Matrix(
    squares=5,
    source="Abel 2015",
    moduli=(2, 3, 3),
    rows="""
000 100 100 000 100 100 100 000 000 000 100 000
000 020 100 100 000 120 110 110 010 020 010 120
000 100 022 102 112 001 101 120 121 001 020 002
000 002 100 002 102 122 010 111 110 121 021 001
000 021 000 100 020 112 100 021 112 102 102 012
000 000 011 010 100 010 110 122 011 121 120 111
000 100 002 022 011 121 020 122 100 010 112 112
""",
    symmetries=(Symmetry(3, plus="000 001 010 021 022 012 002"),),
    idle=1,
)

# A. V. Nazarok, "Five pairwise orthogonal Latin squares of order 21" (1991); Handbook 3.50.
ORDER_21 = Matrix(
    squares=5,
    source="Nazarok 1991",
    moduli=(21,),
    rows="""
8  17 20 2
9  16 4  15
11 5  10 6
14 1  3  13
18 19 12 7
0  0  0  0
""",
    symmetries=(Symmetry(5, rows="bcdeaf"),),
    fixed=("0 0 0 0 0 0",),
)

ORDER_24 = Matrix(
    squares=7,
    source="Handbook III.3.52",
    moduli=(3, 2, 2, 2),
    rows="""
0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000
0000 0010 0100 0110 1000 1010 1100 1110 2000 2010 2100 2110
0000 0011 1001 2110 0111 2011 2111 1000 0100 1100 1101 2010
0000 1010 1011 2000 1101 2110 0001 0101 2100 2001 0111 1100
0000 0001 2010 1111 2111 2100 1101 0011 1010 2101 1000 0110
0000 1000 2001 1011 0100 1100 0110 2101 2111 0010 1111 2011
0000 1001 0111 2100 2000 0010 1110 2011 1100 1011 0101 2111
0000 1011 2101 0100 2110 1001 2000 0110 0101 1111 2011 1010
""",
    symmetries=(Symmetry(2, plus="0000 0001 0010 0011 0100 0101 0110 0111"),),
)

ORDER_28 = Matrix(
    squares=5,
    source="Handbook III.3.54",
    moduli=(2, 2, 7),
    rows="""
000 116 011 011 013 014 000 014 105
102 000 015 101 102 106 113 000 101
103 114 000 115 112 114 112 016 000
005 106 005 006 103 000 004 015 114
003 003 115 000 005 116 011 001 103
013 006 006 015 000 003 116 102 002
""",
    symmetries=(Symmetry(3, rows="bcafde"),),
    fixed=("000 000 000 000 000 000",),
)

ORDER_33 = Matrix(
    squares=5,
    source="Handbook III.3.56",
    moduli=(33,),
    rows="""
0  0  0  0  0  0
15 11 22 4  17 8
19 7  14 32 22 18
22 19 8  24 21 6
9  12 15 7  26 14
14 28 23 2  19 3
""",
    symmetries=(Symmetry(5, rows="eabcdf", factor=(4,)),),
    fixed=("0 0 0 0 0 0", "1 4 16 31 25 22", "7 28 13 19 10 0"),
)

# Found for squarm in November 2026: of the matrices over Z35 that stay the same when turned by a
# row, and when multiplied by 16 while row i becomes row 2 i modulo 7, those of one column's three
# images and two fixed columns were gone through: 3,528 choices of columns will do.
# First with 6 squares: I. Janiszczak, R. Staszewski, "Isometry invariant permutation codes and
# mutually orthogonal Latin squares", arXiv:1812.06886 (2018); we have not seen theirs in full.
ORDER_35 = Matrix(
    squares=6,
    source="squarm 2026; cf. Janiszczak, Staszewski 2018",
    moduli=(35,),
    rows="""
0  0  0  0  0
0  25 11 13 26
1  0  15 33 31
18 22 4  17 34
30 16 0  3  6
32 9  23 12 24
29 8  2  27 19
""",
    symmetries=(Symmetry(7, rows="bcdefga"),),
)

ORDER_36 = Matrix(
    squares=8,
    source="Handbook III.3.59",
    moduli=(2, 2, 3, 3),
    rows="""
0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000 0000
0000 0100 1000 1100 0001 0101 1001 1101 0002 0102 1002 1102
0000 1112 0021 0012 0120 0102 1111 0111 1110 1022 1001 1010
0000 0010 1010 0100 1100 1020 1000 0120 1120 0020 1110 0110
0000 0120 0010 1110 1020 1010 0100 0020 0110 1100 1120 1000
0000 0110 0120 1120 1102 0012 1122 1002 1001 1011 0021 0111
0000 1010 1101 1012 1022 0021 0101 0100 1122 0110 0012 1121
0000 1100 0110 1021 0102 1022 0022 1110 1011 0121 1111 0002
0000 1000 1110 0112 1121 0111 0011 1020 0122 1102 1022 0001
""",
    symmetries=(Symmetry(3, plus="0000 0010 0020 0001 0002 0011 0022 0012 0021"),),
)

ORDER_39 = Matrix(
    squares=5,
    source="Handbook III.3.61",
    moduli=(39,),
    rows="""
0  0  0  0  0  0
4  23 13 5  12 11
25 11 22 34 23 6
13 4  20 17 15 29
27 21 8  16 19 26
16 19 34 38 26 21
""",
    symmetries=(Symmetry(3, rows="cabfde", factor=(16,)), Symmetry(2, factor=(-1,))),
    fixed=("0 0 0 0 0 0", "1 16 22 17 38 23", "-1 -16 -22 -17 -38 -23"),
)

# R. J. R. Abel, Y. W. Cheng, "Some new MOLS of order 2^n p for p a prime power", Australas. J.
# Combin. 10 (1994) 175-186; Handbook 3.62. The last three groups are the field of 8 elements, and
# the shifts the multiples of one vector by a hyperplane in it.
ORDER_40 = Matrix(
    squares=7,
    source="Abel, Cheng 1994",
    moduli=(5, 2, 2, 2),
    rows="""
0000 0000 0000 0000 0000 0000 0000 0000 0000 0000
0000 1000 2100 3100 4100 2000 3000 4000 0100 1100
0000 2111 4111 1100 3101 3110 0001 2010 4010 1101
0000 3110 1110 4001 2111 3000 1001 4010 2100 0011
0000 4101 3000 2011 1110 2010 1000 0110 4001 3100
0000 1100 4101 4110 1001 0101 2011 3101 3111 2111
1000 0011 1100 4111 4000 2011 0001 2100 3001 3000
4000 1011 0001 1010 4001 3010 2111 0000 2010 3000
""",
    symmetries=(
        Symmetry(2, plus="0000 0001 0010 0101 0111 0110 0011 0100"),
        Symmetry(2, plus="0000 0010 0100 0001 0101 0111 0110 0011"),
    ),
)

ORDER_44 = Matrix(
    squares=5,
    source="Handbook III.3.64",
    moduli=(2, 2, 11),
    rows="""
000 000 000 000 000 000 000 000
114 014 117 106 119 012 015 011
106 013 100 019 111 014 119 109
116 119 012 110 010 115 004 009
109 002 001 102 007 116 110 107
101 106 113 015 005 013 010 110
""",
    symmetries=(Symmetry(5, rows="eabcdf", factor=(1, 1, 5)),),
    fixed=(
        "000 000 000 000 000 000",
        "101 105 103 104 109 000",
        "112 11a 116 118 117 000",
        "008 007 002 00a 006 000",
    ),
)

# Handbook 3.65 is in error; this is the correction that R. J. R. Abel gave SageMath. The error is
# also corrected in R. J. R. Abel, I. Janiszczak, R. Staszewski, arXiv:2412.00480 (2024).
ORDER_45 = Matrix(
    squares=6,
    source="Handbook III.3.65, corrected",
    moduli=(5, 3, 3),
    rows="""
000 221 311 412 401 011 021 322 211 122 301 201 100 421 110
000 121 422 120 410 311 300 212 312 210 022 421 021 201 112
000 411 221 320 120 210 100 321 010 211 400 002 422 322 122
000 010 211 400 002 422 322 122 411 221 320 120 210 100 321
000 312 210 022 421 021 201 112 121 422 120 410 311 300 212
000 211 122 301 201 100 421 110 221 311 412 401 011 021 322
000 000 000 000 000 000 000 000 000 000 000 000 000 000 000
""",
    symmetries=(Symmetry(3, plus="001 020 012 021 010 002 000"),),
)

# The last four groups are the field of 16 elements, and the shifts the multiples of
# one vector by its first two powers of a primitive element.
ORDER_48 = Matrix(
    squares=8,
    source="Handbook III.3.67",
    moduli=(3, 2, 2, 2, 2),
    rows="""
00011 20100 20100 01101 00011 21101 00010 01011 11011 20100 01100 21010
21011 01010 21011 21000 01000 01010 11111 01100 01111 21001 21011 01110
21111 21111 01001 01001 20101 00101 00100 10100 01110 00010 20011 21111
11000 00100 00111 01001 01010 11000 01111 21101 20010 21010 20001 11011
00001 10101 01011 10101 00011 01001 21100 00100 21000 11111 21001 20110
01111 00110 11101 00011 11101 01010 20101 21110 01011 20111 10100 20011
11111 20001 11001 01100 11010 01001 10011 00110 10101 11000 20010 10010
10011 10100 20110 00011 01110 11001 11101 11010 00111 11100 10101 21100
20111 11010 11011 10011 01010 00010 00001 11000 11001 21110 11110 11101
""",
    symmetries=(
        Symmetry(2, plus="01111 00100 01011 00001 00110 00111 01000 00101 01101"),
        Symmetry(2, plus="01101 01000 00101 00010 01100 01110 00011 01010 01001"),
    ),
)

MATRICES = {
    12: ORDER_12,
    15: ORDER_15,
    18: ORDER_18,
    21: ORDER_21,
    24: ORDER_24,
    28: ORDER_28,
    33: ORDER_33,
    35: ORDER_35,
    36: ORDER_36,
    39: ORDER_39,
    40: ORDER_40,
    44: ORDER_44,
    45: ORDER_45,
    48: ORDER_48,
}
