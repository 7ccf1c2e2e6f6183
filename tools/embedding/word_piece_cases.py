#!/usr/bin/env python3
"""Makes tests/adapters/embedders/word_piece_cases.jsonl: texts, and the pieces that the reference takes them for.

  python3 -m venv VENV && VENV/bin/pip install tokenizers==0.23.3
  VENV/bin/python tools/embedding/word_piece_cases.py VOCABULARY > tests/adapters/embedders/word_piece_cases.jsonl

VOCABULARY is the vocab.txt that tools/embedding/distil.py finds beside the weights. The reference is the library
`tokenizers` with BERT's normaliser, splitter and WordPiece, without special tokens: "[MASK]" in a text is text.
"""
import json
import pathlib
import random
import sys

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

QUALITY = pathlib.Path(__file__).resolve().parents[2] / "tests" / "search" / "quality"

BY_HAND = [
    "", " ", "\t\r\n", "a", "A", "the", "The quick brown fox jumps over the lazy dog.", "unaffable", "embeddings",
    "Don't you think it's O'Connor's?", "rock'n'roll", "state-of-the-art", "snake_case_name", "camelCaseName",
    "HTTPServer2", "v1.2.3-rc.1+build", "foo@example.org", "https://example.org/a/b?c=d#e", "C++ and C# and F#",
    "$1,234.56", "100%", "3 < 4 > 2 = x", "a`b^c~d|e", "[MASK] [CLS] [SEP] [UNK] [PAD]", "[unused1]", "##ing", "##",
    # accents, composed and not, and what has several
    "café", "cafe\u0301", "CAFÉ", "Ångström", "A\u030angstro\u0308m", "naïve façade", "Dvořák", "Łódź", "Straße",
    "ẞ", "Ð ð Þ þ Æ æ Ø ø Œ œ", "Việt Nam", "e\u0301\u0323\u0308x", "\u0301", "a\u0301\u0301\u0301\u0301b", "Ǆ ǅ ǆ",
    "İstanbul", "ISTANBUL ıspanak", "ﬁne ﬂow", "ſ", "K Å Ω", "Ｆｕｌｌ ｗｉｄｔｈ １２３", "²³¹ ½ Ⅳ ⅳ",
    # punctuation and signs of other scripts
    "«guillemets» „quotes“ ‘single’ — dash – dash … dots", "¿Qué? ¡No!", "§ 5 ¶ 6", "€ 5 £ 6 ¥ 7 ₿ 8", "© ® ™ ° ± × ÷",
    "a·b‧c•d", "‹x›", "′ ″ ‰", "。、！？「」『』", "＃ ＋ ＝", "≠ ≮ ≯", "\u1fef", "\u037e", "؟ ، ؛", "१।२",
    # blanks and what is not seen
    "a\u00a0b\u2003c\u3000d\u2028e\u2029f\u202fg", "a\u200bb", "a\u200db", "so\u00adft", "\ufeffbom", "a\u0085b",
    "a\u0001b\u0007c\u001bd\u007fe", "\u000b\u000c", "a\ufffdb", "\u202eabc\u202c", "a\ue000b", "\U000f0000",
    # other scripts
    "Привет, мир", "ЁЛКА ёлка йод", "Ελλάδα ΣΊΣΥΦΟΣ ς", "ΐ ΰ", "שָׁלוֹם עולם", "السلام عليكم",
    "مَرْحَبًا", "हिन्दी में",
    "ภาษาไทย", "தமிழ்", "বাংলা", "ქართული", "Հայերեն", "አማርኛ", "ខ្មែរ", "မြန်မာ", "မ", "ᚠᚢᚦ", "𐍈", "𝒜𝒷𝒸 𝟘",
    "中文", "東京タワー", "ひらがな カタカナ ﾊﾝｶｸ ガ か\u3099", "大阪の病院で看護師", "한국어", "서울 특별시", "ᄒ ᅡ ᆫ",
    "𠀀𪜀𫝀𫠠𬺡", "豈更車", "㐀㐁", "々〆〇", "a中b文c", "中.文", "ㄅㄆㄇ",
    # emoji
    "😀", "I ❤️ NY", "👩‍👩‍👧‍👦 family", "🇩🇪🇫🇷", "👍🏽", "1️⃣", "☃ ☺ ★ ✓", "ok👌ok", "\U0001fae0", "\U0001fae9",
    # not assigned, and the last
    "\u0378", "a\u0378b", "\U000e0041", "\U0010ffff", "\ufdd0", "\uffff",
    # long
    "a" * 99, "a" * 100, "a" * 101, "é" * 100, "é" * 101, "中" * 120, "x" * 5000, "!" * 300, "ab" * 50, "ab" * 51,
    "antidisestablishmentarianism", "pneumonoultramicroscopicsilicovolcanoconiosis",
    "Donaudampfschifffahrtsgesellschaft",
    "llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch", "0123456789" * 10, "0123456789" * 11,
    "qzxjk", "zzzzzzzz", "xn--bcher-kva", "deadbeefcafebabe", "550e8400-e29b-41d4-a716-446655440000", "ÿÿÿÿ",
]


def from_the_quality_set(random_source):
    claims = [json.loads(line) for line in (QUALITY / "claims.jsonl").read_text(encoding="utf-8").splitlines()]
    texts = [f"{c['subject']} {c['predicate']} {c['value']}" for c in claims]
    return random_source.sample(texts, 90)


def of_mixed_characters(random_source):
    """Characters of everywhere side by side, all older than the Unicode of any library that reads them."""
    blocks = [(0x20, 0x7E), (0xA0, 0x17F), (0x370, 0x377), (0x391, 0x3A1), (0x410, 0x44F), (0x5D0, 0x5EA),
              (0x621, 0x63A), (0x905, 0x939), (0x300, 0x315), (0x2010, 0x2027), (0x2190, 0x21FF), (0x3041, 0x3096),
              (0x4E00, 0x4FFF), (0xAC00, 0xAFFF), (0x1F600, 0x1F640), (0x1, 0x1F)]
    for _ in range(60):
        yield "".join(chr(random_source.randint(*random_source.choice(blocks)))
                      for _ in range(random_source.randint(3, 25)))


def main():
    pieces = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8").split("\n")
    vocabulary = {piece: number for number, piece in enumerate(pieces) if piece}
    reference = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=100,
                                           continuing_subword_prefix="##"))
    reference.normalizer = normalizers.BertNormalizer(clean_text=True, handle_chinese_chars=True, strip_accents=None,
                                                      lowercase=True)
    reference.pre_tokenizer = pre_tokenizers.BertPreTokenizer()

    random_source = random.Random(6)
    for text in [*BY_HAND, *from_the_quality_set(random_source), *of_mixed_characters(random_source)]:
        numbers = reference.encode(text, add_special_tokens=False).ids
        print(json.dumps({"text": text, "pieces": numbers}, separators=(",", ":")))


if __name__ == "__main__":
    main()
