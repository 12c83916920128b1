"""How many mutually orthogonal squares are known of each order to 10,000, and can be at most.

To 108: A. Miller, R. J. R. Abel, I. Valkov, D. Fraser, "Implementing the MOLS table for n up to
500", Symmetry 16 (2024) 1678. Beyond: table III.3.87 of the Handbook of Combinatorial Designs
(C. J. Colbourn, J. H. Dinitz, 2nd ed. 2007), which the former brings up to date: 14 (Todorov
2012), 18 and 60 (Abel 2015), 35, 48 and 63 (Janiszczak, Staszewski, arXiv:1812.06886), 45, 54, 96
and 108 (Abel, Janiszczak, Staszewski, arXiv:2412.00480).
"""

MOST = 10_000

_RECENT = 108
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

TABLE = """
2----1---2-5-44--5-453-7-4-5-4--5468-457-5-564-a-655-86775-5-58-75-566-7-57666-9-8-66667-676666a-688
-6-776-9-66d-6768667-666-6--76-67677-6-676aa7676-6-78876-76976-676-7-686-66e96-6-66796a686-7-676-6-7
8676868eba-6767786a6c6-d86-6-677-67676-7-6-676c776-6c97--6c688-787a7-7-fg6da-697-6-6c67f-666-667aac7
777ff6-777-7-7a7-7aff6g8c67796-78768-676aa-776-6-8ci-69796-8-677a6-ff7f7-7f7d7-7c7-ff7f7-7g78778-77f
-7fb87f8-7d8ca9if7-7-7f7g677a6-f-6f6i7-7f7-7d7bf-7f777f7-7g7-7-ff7-887f7fai7f6-ff6f876-7f6-6g67ff6-7
c9-7f6f7-6f-i7f8c8f8-a-cf8gf-7f8c7f8fafc-7fi77-787i77777-7cf77-77677-6-77fm8-77787a787-7ih7f-8f778-e
-cf7fg-if7f8-8f7-7-8m8ff-788g7-78787c789-7-777-8a777-77ff7-7-7f7f7m7f7ff-7o8-7f7f7-8f7fff7-8f7f7g7f8
-7iff7f8-7f7mlf7f8-f98caoc-7-ggi-77ma8-777-7f787a7-ff8f8-8f7-8f8f8ff-8f8-8onf8i8i7qffa-cf7fkfif8-mgo
f8f8f8f8-8-8f8ffi888-8-8f8-8-8fcg787qp-8-8k8a8gffcm7-gfm-7-mfo-qf7f8f9f7f7f7-8ff-8-8f7-7f8fai8fdf8sr
g888m8-8ia-fe8fgai-o8mcooq8s-7i777e7-7f7-7mff7-7ccf7-7f7f8ff-tf8f8-8f8-aicff-giif7-rfofqms-vv7f8-pq7
flgjf7if-di8-9m7s7-7-7u-o7f9f9-7-7f8g9-ff8f8f8f8-8-8f8ffg888-8-8f8fa-7ffs7o7f8fcm8f8f8-gf8-8-8f8-8f8
f8-ff8q8-8i8f8f8-7fgi7-7f7m8-7f8fa9ff7g787f7f7uuf7-f-7f8qcocq7-giifffm-ofqosfuu8-8fvf8-8s8f8-8f8f8ff
-8f8f8g8f8f8-8fi-7m7f8-7o7f7-7-f98f7-7f7g8a878s8-887778887-7cn7ff9f9q9uun8f9-9-fua-cf9og-i-8imfo-qfs
-u-8f8-uf8fvfcf8f8-8-8q8o7-ff8-8uuf8f9ucf8ufucf9qgoif9kmmofq-ssuu9-s-uf9-ufvg8f8-8f8f8i8f8fff8f8a9-a
f8m888fa-8g799m9c789s7-fo9-9-7q7-9f7f7-ff7f9f9-7f7-7-9ffuu-8f8u8f8uauc-mugsif8om-o-qis-u-df8-uf8fu-u
i9fvf9f9e9-9o999A9uu99-9u999ua-c99uguii8qm-o8qks-uuf-8fu88-ufuf8fu-vf8-8fcf8i8-8f8-fo888f8A7q8f8-8fo
-8f8f8-8-8f8-7fff8-8-7f7f7-7f7fom8f8-7f7f7uuf7qfu7fbuauc-7ugui-fum-o-qosmuujf7mu-9fufuf9fuiu-9fv-9-9
f8f8f8f8-lsff8fag7f8-9-9f7fql8f8-7f7f7A9-8fff8-8f8g9-9f9f8-qf8E9f8f8s8r8f8of-9f8f8-8f8-8-8fff9f8f8f8
-8f9f8ufq8-8A7f9m9g9f9-qo9f9uu-9f9u9f9ufuci9ug-i-9umgofsussu-pm8mu-8iu-u-8fu-u-8fu8888fv-8uuf8f8u8f8
-auff8-guif8-mfoqqusuuur97Eu98-u-u8ffufua8suf8f8-u-vf8f8i8f8A8f8f8fff8q8-8o9f9-9f9fuu9-9fufa-ufu-9-u
gu-99um9E9-usuuv-8frG8fnul-8-8ufudfbu8-8f8u8u8m-f8f8-8f8gas8f9-ff8f8-8i8f9o8uufu-8-8f8-a-cf8uguif8-m
AofqusGuuu-f-uf9suoufafuiugf-u-8q9fu-uf9-9-vf9i9f9f9-afcf9gf-9f9e9f9faecE9fgf9-8f9A9f9-9f9nff8f9-cf9
uu-8f9-f-8ua-cf8ugui-8umoogqusuuuufa-u-guu-uf8fumu-8iuffA8fufuuuu9-u-8fv-aucf8Gg-if8um-ofqus-uuu-9uu
f9Kuuuf9-u-um9kuf9fffumuf9usguf9-ufvf9-8-8a9f8-8s8-fc8f9-9a8f8g898aAma-8a8iq-8a8-8-ff8f8-8f8-8Gafd-f
-8q8f9s7f7-8ihff-7E8f8-eocf8fgfif8f9-9f9-afafa-fuuf9r9u9f9-aucffug-if9um-ofq-sAuuufcuuf9uuKuf9fuuus8
Eu-8f9mufuuuu9fuu8fu-uuco9uvui-9umfoGq-suu-uf9uu-9-uuuf9-uuuu9sufag9nufuuuuffu-9suuuucccuu-v-8umMomq
usuuuu9f-uf9uuuu-8qu-uGEuuA8f8ou-uf8u8gui8fufu-sf8fufufv-a-8f9-9f9f7g9-ff8o8-8f9f8-9f8-f-8fa-8f8f9-9
A8fffa-8fa-9-8fafa-vf9f9oaqa-a-9fafff8f8-8f9f8E9-8fG-9f8f9uuf8f9u7-fuaucK8ug-if9ummofqus-u-uf9uu-9uu
-u-9fuuu-8uus9ffuu-uf8u9ouf8iuiu-9f9-unufu-8f8fvfa-8f9f8-8f8-tdtf9Ktitf8gtm8f8-tGtf9t9-tq8Mtftff-9ft
fu-8f8f8-aEvf9f8-9f8mlA9i9-fs9fafcf9fg-ig9qmf9f9f9f9-9f9-9fff9-9f9f9-9-9fafffcf9fai9f9s9M8ffE9f9A9-9
-9faf9uKf9-9u8faua-cf9-guif9umfofqus-uuv-9uuf9uu-uq9Guuuu9uu-9f9uu-uf9Afuuf8qu-uf9-9iufu-uf9fafui9f9
f9svf9p9-8f9f8f8f9-f-8f9-8Q8f9uuf8fM-9G8uaucf9ugKimfumfofqusuu-uf9-u-9uuuuonfuuu-auufa-cuu-uuuu8uuuo
uu-uuco9-uuuiuum-ofu-suuuufu-ufvQuuuf9Euuuu9uugffa-u-uf9-9-ufauuuuqaq9-ufuousaffguM9faisfuf9Aufvf9-a
-afafa-af9ff-9f9uu-9E9-9n9ue-c-auguiK9umfo-qus-uuufauudauu-u-afuuuucuu-a-auufuuuu9uuu9uu-u-QuauuGuou
DmEonu-suuuu-uuufuuuuufvouuuupKu-9fauuiufduauufm-uuudouq-ufu-u-9f9-u-9afmaoui9Mu-uGafuDvf9-9badafc-9
fauubaf9ua-9uauc-9uquifcum-o-qus-uuuqa-u-buuuu-bfuQuuauu-a-buucucbufGu-buuuuMaua-u-uuugaAafu-bfbiaWu
fadufu-9fumu-9fv-9faf9-asbf9pb-ffafa-9f9f8-bf9fqEaf9fcf9p9-bfbfffai9f9-a-af9-8lffasrfao9fa-aiagf-aqg
-ifofmfo-qfsKafaf9-a-afbo9-ff9fa-af9A9-9faifDaf9mauuq9faucff-aQcfa-g-if9umoWfq-suuuufauufauu-ufa-uuu
ua-uf9KvuuAuf9u9uufa-u-ufaGauufu-ufafafuuafaqa-uf9-u-ufffugufa-uf9f9Q9Mvfauu-afa-9fauauf-auguif9umfo
MquYuu-uf9-ufbuu-u-ffu-uu9uu-9-9uufuuuu9uu-9uu-uucufWuuuuuAqEofuus-uMusuAuouEuuuiuguuuuu-umaoauusuuv
-a-uua-uuuu9-9uuuu-u-9q9ou-9u9uuAuu9quuuuakuiuuf-u-if9fs-ufquugvuaMru9ua-lujug-iuaumfoYqus-u-uu-uu-9
uuuuf9fuuu-fuufamauufufbu9-u-auu-ufbua-uEuuufafafuu9-bu9-u-fuumuftoumuGtfuot-afaAuKtfuQuWtfvftftfafc
-tftftfffa-tf9f9-a-tf9Etotfa-t-tfaftidqf-a-uf9uufcf9-dfvua-c-auguiG9um-o-qusuuuufa-uf9u?-ufaQuuu-9uu
faffuuWuuuu9uuu9uuuuucuauu-uuuYmfofu-s-uuuGuuuuu-uuuuusu-uuuMu-diduugufu-uuufuuuuufvucEufu-umdfd-uQf
qcuduufd-ufufauuuufc-u-dfdkcGufffufuucmu-bfdfu-vfa-cYdfc-dfdfd-ffbfaEcgdfdodAdfg-a-afcfd-dfa-dfffapa
fafafc-dqdff-afa-a-afc-doafffbmafafafafcidf?fa-a-afasafcfcKf-bqbfa-afcfcgdfvmbiafa-afafcfd-ffafa-cfa
Ga-cf9gffdfbf9f9iauu-cfgAffdufufEfug-i-vum-ofqus-u-uffuu-cuuWu-efuuuueu?-cfeuu-uuuueuuGfuu-uueufuuAz
uu-mfofuusuuuuuuQuuu-u-uuuuu-uvu-ufAucuufufuuuKufu-uMufu?u-ufuuufdfviuubfauaDuWfuu-ufc-u-ufa-ufeff-f
-ufafuouuagu-eff-uYufamsocfcfu-vqcfanafaKbscffAffbfamafbfaGb-efihcuufa-bubfc-bufgauguiqa-m?ofqusWuuu
sc-ufauu-uff-uuuua-ufbfauufufc-b-ufb-uuuYa-fuufuMu-afafu-affEbuufc-u-ufa-uuufcfugafbua-ufafu-uuaiu-b
fa-uiuff-a-bfafusufa-a-vfafaKaf9fafafa-f-afbfaM9fa-auuf?fa-bfaYaucfaAguifaum-ofq-suuuu-vuufcuuuufa-u
-uufuu-bfauu-ufaua-uDaKuEufauduufuuufafbQuAbfd-dJufv-ufuqauuuufcfu-fff-fuuffuu-uuf??ufuf-usuugui-fum
fuGuusED-uAfuufvuuuumffuuu-fuu-o-quu-uvuudMAufuEuuWfufuuuuuu-miofuusuuuu-uuuuu-v-uuuuuuuuuuu?fuf-ugu
fu-uuufu-uK?uuuuuuquuu-fiugu-cga-uuuffuuMufvuu-ufa-uQbffufuufcuuuuuauuEfufGuuuug-ifeum-uiuus-uuufc-u
fuuuuu-vfuuu-9uu-c-buufufd?cYu-buuuu-fuE-u-uuufb-bfuufffuaQuGFuuCufbuu-uucgu-g-iua-uiofuuuuuvuuCmAuu
-E-Gua-efcouAufafa-u-afafu-afu-ufafvMasaf9p9fafcuufffbua-aua?c-9ugui-aum-ooqusuu-uffuuAcuu-ufdfuuuuf
uufbfauu?uuuuauuEcuuuu-cubuuuuuuGmfofu-s-uuuuu-uuu-u-uuu-u-uuuuufaua-uQufuuuuufuuu-uuuKu-uuu-uf?uuEu
-afbuuuuib-usufu-uuufuWuoafvuauufbfu-uub-u-ffauu-u?bubfefbuuuufbfb?ufbsbmufgQu-ufb-ufafafu-vfafbfafb
-bf9fb-fDafb-cfafafa-df?oa-bfagaiafafd-ffa-afafb-a-afcff-afa-arbfa-a-bfffdKbfa-a-afafcfmldGd?bfd-dgd
fd-fgdicidmd?dfdYdffuu-dfd-dMdududffug-ifaumgoiqusuu-ufcuuWduu?ufdfuKJubGuodGbAu-uuuug-uQduuuuuqusuu
vuuuuA-ofE-GuuuKuuuuuuuuuuuu-uJuuuuu-duduu-ufu-uuufu-uuuuu?uuuuuuu-cuuuu-cocWu-Kuauufuou-u-ufufufdfu
-uuufcuuEuuv-uubuauu-uugMiffJm-u-uusuuuufc-uuuuuuu-ufuuuKbuuYu-uuufuuuub-uuvJuAuucubuuuuuuEmfofu-s-u
uu-uuuu?uu-uuuuu-uuu-uMLubIu-ufuCuAufuuu-uuuuu-uuuuuAuvu-uuAff-IuGuf-K-Muuuu-ugufuYffu-uuuqffuuuuu-u
-ffvuuuuff-fWfff-u?uff-fDugf-fuuffuu-uffgu-ffffuiuff-fifff-u-ufffu-vffmf-fffff-fffffffff-f?fffff-f?o
AfibffGfMfffQfffgfMf-fmfof-fffWffdffEaKfffgfffff-f-bqdgfffffffm?ffsf-cff-fffffff-ffdfdffff-fGffv?d?f
fcfbffqfmfgffdfficgb-fffffYo-dffKbhcffffuuffff-bfe-b-cff?guv-f-mfogq-s-uuuof-ufb-uuufbfuuuu?uufbfb-u
fufbua-ufauuuugbub-ufuAuQbfbfuubfbub-uffuufufbuuYufb-ufffb-b-ufbfuWuucfu-cfbuu-ufcEcfefi-u-ufbfcAufe
-c-ugbuu-ufbMufbfe-uuu?bocnbfbQP-uMf-umuGbEcfbfggiGvumsosqfs-u-cfa?AhbfEfGofqK-M-ffQffhcfd-f-fffffff
ff-fhfffnfMfffffgfffif-fof-f-fff-fffffff-fffffE?lfffffff-f-fff-fffff-f-fgffffffvff-fff?f-fffYfffff-f
?fffff-fff-quuff-fufgfufufffEguiffumooqqusQvuu-f-uffuuuuff-u-uufuu-fgf-uiuf?-fuuff-uuuffuf-ufuuu-fff
-uKfffufGuff-ufuff-uuuffou-fff?fuuffuu-uuf-uufufQuuuugui-fumuuuuusAu-ufguuuuuu-u?ufuuuufuufuEuuuKuDu
uf-uuuuu-uuuufuuuuuu-mgufu-s-uuuuuuvuuWuAuuuuuuuuu-umdufuu-uguuuuufu?u?uuuuu-uuuGuffuu-uudfd-uuuufuu
iuuuuu-u?u-u-ffuuu-ufauuuuuu-uu?uuuu-uugui-eum-uuuus-uuufduuQuuvuuGufuuuuduuiuuuuu-ufbucAuuuuuuu-uuf
Mu?uuu-f-ugu?dfdufuu-uuuougvuu-u-ffuffEfufuufffu-u-ffuufffuuuuAfufQf-fuu?uWfffKuYfufuu?fuuuu-ffugfMo
fuuuffffuu-ffuuu-fuuEufsuguigfum-ukqusGuuuifuumfuu-usffv-u-fuugfffuufuuuufuu-fuu-uufuf-u-uuuWVfoSu-s
uuMuKu-uuuuuuuAu-u?uuu-uvfuf-AguuEuG-uuK-MuuuQ-u-uuWuuumuu-u-suuuuuuuu?u-uuu-uuuuu-uuuqu-u-ufugu?uuu
uu-uuu-uuuuuuuDWuduu-uufYfuuuuuuuufuuu-uuu-ufufv-uuuuufffuuuKu?uufuu-uuu-eufffuf-uuuff-ffu-fMuuuGu-u
uu-ufufffuhvuuff-ffefe-uuu-fWuuuffuffe?d-fu?ufYXffUf-efu-h-ufugghufsCmAufuovuuveuuGAfeuE-Guf-KfMuguU
sfumfWAYus?uuuff-ugfuu-uoefu-uEfuugfgduu-ufeufuuKfuu-uff?duunuuuff-ffuuf-duf-u-fuu-uffuuuufffuffQfuf
-ufifu-uufquEfgfuu-u-fufof-fuuuu-ffu-ugfuuKufuuu-u-uguif?umuuu-usuuvuffuuufuuu?umfuuuuMuumYu-uusuuu?
uuQufuuu-u-uiuuu-uuufu?uuumufuuvuufuuu-ufuuuuufuuu?f-ufuuf-fuuuuffuu-ufuuuuuEufu-fWuuu-u-ffu-uuviuuf
-uuuuu?fuf-fpfuu-umfff-uffu??uKXuuuu?RfPhfguru-usFmDuuqusxEv-tuuAu-nEl-ifhKmMu-q?sMuuuWqYu--uuuuffou
Wuufuusu-uuuGumfuu-u-fuvuuifuf-u-uuu-fVffu-fffuf?uAfuuf?mfuuuu-ffuif-fuf-uoffuuuMefuuf-fuu-u-fuf-fGf
uuuugffffu-fufuu-fuuQuffhupf-ffuuufffeuuif?uuugfuuuu-eugYifeVm-uuqus-uuuuf?u-uuuuu??uu-u-fuumuguuuAu
uuuuuuufuuuuKfuvuu-uuu-moofu-s-uuuuuuuuuuu-uuu-uuuuu?uffufuu-uuuuu-uguGuAuuuMuYuuuuufmuuuuusftuuuuut
-ufuuuKu??gu-uftfuUu-uftfu-uuuIuGtuu-u-uvt-tuAuf?EuGffkKGMutuQ-uuuuWuYuu-uo?uusu-uftmfuuiu?uuuuu-u-u
fuuguifv-m?uutusuuuuAf-ugu-u-uft?uuuufQu-uguuu-uffEuuugtuuuuft-uuu?u-uuvffou-fff-fuuffuu-uff-uuuff-u
ifgguf-uffuu-uufuu-fufuuuuugui-fumuu-uus-uuuff-uuuuu-uuufuuu-fuufuu?uuMuuuuf?u-uuu-uuuufuuWuuuumuuuv
us-uuu-uuuuuuuuuuu-u-uuuuuuu?u-u?ufu-u-ufuAuuuuu-uQuuuuuguuu-u-vff-uMuufuu?uuuuu?ufusu-ffuuu-ug?fuuu
uuuuufuuWuuuufufAfufuu-uff?f-uuf-uuuuuuu-uuuEumfuu-uuuffQfuuuu-uuuuu-u-uiuugKifuuuuuuquu?uAvufuufu-u
-uffuu-uuf-u-ugu??uu?fuuuuYf-uuufguuuuMu-u-ufs?u-uffyAuvuE-GguoKuM-uiQKuGffWuYuu?fu?uuu?Yu-fufuuuuug
ui-fumuu-uusuuuuffuuuuuu?u-uguuu-fuu-uuuuuEuffufuu-??uuu-uuf-uguuu?fQuuu-fofuf?u-uuuuu-uuuuusffuuu-u
uu-uuffu-uYffuuuufuu-umfuf-uiuuuuufuff-u-uufuugvuuuuiffu-fKfquWugfffff??fu?u-fu?-u-fufAgfiuf-uMofqgs
?uvfhuEAuu-E?GuuqK-Muu-QouffuWhYuu??-?uu-?-?uuff-fEuKufgffMufffufugfqf-ufffv-f?fffhfffffEf-fffff-fff
ff-fffmf-fff-fffff-f-fqfffffff-f-fff-f-ffffffffffffftfgfMfff-f-fff-fgffA-fofif-fifffnfQfgf-fffmf-fqf
sfuvifffAf-fhfffuuff-f?fffufufqf-gu?ff-mfofqus-uuu-fEuffuu?uff?uuuuvuuhfffuuYuffufuuff-uGuffQfuufuuu
-ffffuufffuf-uffWu-uff-uuuff-u-vffufuuffuu-uufuu-fufMuuuugui-fu?uuuuusuuuuff-u-uuuuuuufu-uufuuhu-uuu
?uuuufuuuuuuuuuuuf-u-uuuum?uuuAs-uuuuu-uuu-uuuuu-uMuuuuuuuuuGuuugu-u-uguuuuuuuuu-uuuuu-uuu-uuugf?uEu
?f-ufuuuuu-ufufu-ffuuuuvgfuu-uuu-uufuu-uuuuguiGfum-uWuus-u-uufuuuuuu?u-uuu?uuhuuEu-uuu-uffuuuuuuuuuu
-uuuuu-uuuuuuuuuKufguu-uouuu-u-uuuuuDffu-uYuuuuu-hfvAuufguKuufEuuu-fufWu-uuuuuuuff?uuuufuu?uuuuuifff
"""
"""A hundred orders a line, from 1 on: a digit to base 62 each, a dash where it is n - 1."""

BEST = TABLE.replace("\n", "")

LARGE = """
4288:63 4544:63 4672:63 4757:66 4891:66 5056:63 5183:70 5184:63 5293:66 5312:63 5427:66 5561:66
5609:70 5696:63 5751:70 5767:72 5824:63 5893:70 5913:72 5963:66 6059:72 6208:63 6319:70 6391:70
6399:78 6464:63 6497:72 6499:66 6557:78 6592:63 6723:80 6767:66 6848:63 6887:70 6901:66 6976:63
7031:78 7081:72 7169:66 7171:70 7209:80 7232:63 7303:66 7313:70 7373:72 7387:82 7519:72 7571:66
7597:70 7663:78 7739:70 7744:63 7811:72 7857:80 7957:72 7979:78 8000:63 8023:70 8051:82 8107:66
8128:63 8129:62 8137:78 8181:80 8249:72 8256:62 8343:80 8375:66 8383:82 8384:63 8453:78 8509:66
8510:65 8549:82 8576:66 8591:70 8611:78 8633:88 8667:80 8768:63 8777:66 8829:80 8833:72 8875:70
8881:82 8896:63 8927:78 8989:88 9017:70 9018:69 9021:66 9047:82 9081:63 9084:66 9088:70 9125:72
9152:63 9153:80 9167:88 9179:66 9271:72 9272:71 9275:68 9280:63 9301:70 9313:66 9335:63 9336:68
9338:66 9342:70 9344:72 9379:82 9523:88 9536:63 9559:78 9563:72 9664:63 9701:88 9727:70 9797:96
9801:80 9869:70 9875:78 9983:66 9991:96
"""
"""What needs more than one digit: a question mark in the table."""


class NotKnown(ValueError):
    """Squares that nobody has, or that cannot be; says in one sentence what is known."""


def best_published(order: int) -> int:
    """The most squares published of an order from 1 to 10,000.

    Of order 1 there are any number, all the same; the table says 2, a pair.
    """
    if not 1 <= order <= MOST:
        raise NotKnown(f"Order {order}: constructions go from order 1 to {MOST:,}.")
    digit = BEST[order - 1]
    if digit == "-":
        return order - 1
    if digit == "?":
        return int(LARGE.partition(f"{order}:")[2].split(maxsplit=1)[0])
    return _DIGITS.index(digit)


def source_of(order: int) -> str:
    """Which table the number published is from."""
    if order <= _RECENT:
        return "Miller, Abel, Valkov, Fraser 2024"
    return "Handbook of Combinatorial Designs 2007, table III.3.87"


def most_possible(order: int) -> tuple[int, str]:
    """How many squares of an order there can be at most, and why.

    R. H. Bruck, H. J. Ryser, Canad. J. Math. 1 (1949) 88-93; R. H. Bruck, "Finite nets II", Pacific
    J. Math. 13 (1963) 421-457: with d squares less than a plane there is the plane, if d ** 4 is at
    most 2 n.
    """
    if order == 1:
        return 2, "a convention: the only square is orthogonal to itself, so there is no bound"
    if order == 6:
        return 1, "no two squares of order 6 are orthogonal (Tarry 1900)"
    complete = best_published(order) == order - 1
    ruled_out = order % 4 in (1, 2) and not _sum_of_two_squares(order)
    if complete or (not ruled_out and order != 10):
        return order - 1, "as many as a projective plane makes"
    less = next(d for d in range(1, order) if d**4 > 2 * order)
    why = "Lam, Thiel, Swiercz 1989" if order == 10 else "Bruck, Ryser 1949"
    return order - 1 - less, f"no projective plane has order {order} ({why}; Bruck 1963)"


def refusal(order: int, count: int, known: int) -> NotKnown:
    """Why there are no `count` squares of an order of which `known` can be constructed."""
    best = max(known, best_published(order))
    if count < 1:
        return NotKnown(f"Order {order}: ask for 1 square or more, not {count}.")
    if order == 1:
        return NotKnown(f"Order 1: there is one square; a pair of it is all there is, not {count}.")
    if best == 1:
        return NotKnown(f"Order {order}: no two squares are orthogonal, so there are no {count}.")
    if best == order - 1:
        return NotKnown(f"Order {order}: there cannot be more than {best} MOLS, so not {count}.")
    if count > best + 1:
        return NotKnown(f"Order {order}: {best} MOLS are known, not {count}.")
    if count > best:
        return NotKnown(f"Order {order}: {best} MOLS are known, {count} is an open problem.")
    return NotKnown(f"Order {order}: {best} MOLS are published, this program has {known} of them.")


def _sum_of_two_squares(number: int) -> bool:
    root = int(number**0.5) + 1
    squares = {a * a for a in range(root + 1)}
    return any(number - square in squares for square in squares)
