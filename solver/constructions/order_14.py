"""Four squares of order 14, whose group of symmetries is too small for a shorter record.

D. T. Todorov, "Four mutually orthogonal Latin squares of order 14", J. Combin. Des. 20 (2012)
363-367; these four are of I. M. Wanless, by way of SageMath.
"""

from solver.constructions.arrays import Array, array_of

SOURCE = "recorded squares (Todorov 2012)"

SQUARES = """
bjihgkecalnfmd bfmcenidgjhalk bcdefghijklmna bcdefghijklmna
fckjbhledimagn jcgndfalehkbim gnkjdmiclbhaef jflhnkaecmgdib
mgdlkcbafejnih ikdhaegnmfblcj lifhbjemkangcd emkdjbgfnliahc
cnhemldbigfkaj hjlebifkangcmd dalmgnbjehcfik anighmflkbdcej
edabfnmkcjhgli gbkmfcjeliahdn njcaeifhbdgkml kebcajimdgfhln
nfeicgajldkbhm khclngdafmjibe mfbkcdlagnjihe cgnflembihakjd
iagfjdhnkmelcb elbdmahfignkjc aemnhkjdcifblg ilabkdnhfcjegm
dlnkeafimhcjbg ceabkjnihdmgfl hdnikbagmcelfj ljgnihecbamfdk
gemalfihjnbdkc adficlkmjbenhg cgjflhnbiekdam ndmabcjglfeikh
jhfnimgdbkacel liegjdmhnkcfab fkibmagenldhjc mbhiefljadkncg
hkbgajnmeclidf nmjfhkecbaldgi imhlneckdfajgb difjcnkamehgbl
ablchikgnfdmje fankgbljdcimeh klegafdnhjmcbi ghckmlbdeinjaf
licmdbjfhagenk mgialhcbkedjnf jhadicmlfgbekn fajlgidkhncbme
kmjdneclgbihfa dnhjimbgclfeka ebgcjlkfamindh hkemdacngjblfi
"""


def recorded_array(width: int) -> Array:
    """The array of so many columns, six for all four."""
    lines = [line.split() for line in SQUARES.split("\n") if line]
    squares = list(zip(*lines, strict=True))[: width - 2]
    return array_of(
        [tuple(tuple(ord(letter) - ord("a") for letter in row) for row in rows) for rows in squares]
    )
