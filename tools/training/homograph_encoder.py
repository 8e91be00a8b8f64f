"""The context encoder: a small Transformer that says which reading of a homograph is meant. PyTorch alone.

src/text/g2p/context_encoder.cc computes the same; docs/models/pronunciation.md specifies it. It starts from the
first three layers of all-MiniLM-L6-v2, with a part of its pieces and half of the neurons between.
"""

from collections import Counter

import torch
from torch import nn
from torch.nn import functional

from context_features import is_mark

WIDTH, HEADS, INNER, LAYERS = 384, 12, 768, 3
PIECES = 8192
REACH = 12  # pieces to either side of the word's first
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
PAD, UNKNOWN, FIRST, LAST = range(4)
LONGEST_WORD = 48  # bytes
SHAPES = 16


def is_word_byte(character):
    """Whether a character belongs to a word: ASCII letters and digits, and what is no general punctuation."""
    if ord(character) < 128:
        return character.isalnum()
    return not 0x2000 <= ord(character) <= 0x206F


def words_in(text):
    """The pieces' words of a token: "don't" is don ' t. ASCII letters in lower case."""
    words, current = [], ""
    for character in text:
        if "A" <= character <= "Z":
            character = character.lower()
        if is_word_byte(character):
            current += character
            continue
        if current:
            words.append(current)
        current = ""
        if character != " ":
            words.append(character)
    return words + [current] if current else words


def cut_word(word, vocabulary):
    """Greedily the longest piece each time; UNKNOWN when nothing fits."""
    if len(word.encode()) > LONGEST_WORD:
        return [UNKNOWN]
    ids, at = [], 0
    while at < len(word):
        for end in range(len(word), at, -1):
            found = vocabulary.get(("##" if at else "") + word[at:end])
            if found is not None:
                break
        else:
            return [UNKNOWN]
        ids.append(found)
        at = end
    return ids


def shape_of(text):
    """Bits: 1 a capital first, 2 capitals only (two at least)."""
    letters = [c for c in text if c.isascii() and c.isalpha()]
    upper = sum(c.isupper() for c in letters)
    return (1 if text[:1].isascii() and text[:1].isupper() else 0) | (2 if upper >= 2 and upper == len(letters) else 0)


class Cutter:
    """Tokens to pieces, remembering what it has cut."""

    def __init__(self, vocabulary):
        self.vocabulary = vocabulary
        self.known = {}

    def pieces(self, text):
        found = self.known.get(text)
        if found is None:
            found = [piece for word in words_in(text) for piece in cut_word(word, self.vocabulary)]
            self.known[text] = found
        return found

    def window(self, texts, at, reach=REACH):
        """(ids, shapes, place of the word's first piece) around token `at`."""
        own = self.pieces(texts[at]) or [UNKNOWN]
        mark = shape_of(texts[at])
        before, after = [], []
        for index in range(at - 1, -1, -1):
            shape = shape_of(texts[index])
            before += [(piece, shape) for piece in reversed(self.pieces(texts[index]))]
            if len(before) >= reach:
                break
        for piece in own[1:]:
            after.append((piece, mark))
        for index in range(at + 1, len(texts)):
            if len(after) >= reach:
                break
            shape = shape_of(texts[index])
            after += [(piece, shape) for piece in self.pieces(texts[index])]
        starts = 4 if all(is_mark(text) for text in texts[max(0, at - 2) : at]) else 0
        before = before[:reach][::-1]
        row = [(FIRST, 0), *before, (own[0], 8 | starts | mark), *after[:reach], (LAST, 0)]
        return [r[0] for r in row], [r[1] for r in row], len(before) + 1


def reduced_vocabulary(bert_vocabulary, texts, keep):
    """The PIECES pieces that are commonest in texts, all single characters and `keep` among them."""
    cutter = Cutter({piece: number for number, piece in enumerate(bert_vocabulary)})
    counts = Counter()
    for text, count in Counter(texts).items():
        for piece in cutter.pieces(text):
            counts[bert_vocabulary[piece]] += count
    wanted = [p for p in bert_vocabulary if len(p.removeprefix("##")) == 1 and p.isascii()]
    wanted += [word for word in keep if word in cutter.vocabulary]
    wanted += [piece for piece, _ in counts.most_common()]
    chosen = list(dict.fromkeys(SPECIAL + [p for p in wanted if not p.startswith("[")]))[:PIECES]
    return chosen


def quick_gelu(x):
    return x * torch.sigmoid(1.702 * x)


class Layer(nn.Module):
    def __init__(self, inner=INNER):
        super().__init__()
        self.mixed = nn.Linear(WIDTH, 3 * WIDTH)  # query, key, value
        self.out = nn.Linear(WIDTH, WIDTH)
        self.norm1 = nn.LayerNorm(WIDTH, eps=1e-12)
        self.up = nn.Linear(WIDTH, inner)
        self.down = nn.Linear(inner, WIDTH)
        self.norm2 = nn.LayerNorm(WIDTH, eps=1e-12)

    def forward(self, x, mask, dropout, only=None):
        """only: [batch] the places that alone are wanted."""
        batch, length, _ = x.shape
        query, key, value = self.mixed(x).split(WIDTH, -1)
        if only is not None:
            rows = torch.arange(batch)
            query, x = query[rows, only][:, None], x[rows, only][:, None]

        def heads(t):
            return t.view(batch, -1, HEADS, WIDTH // HEADS).transpose(1, 2)

        mixed = functional.scaled_dot_product_attention(heads(query), heads(key), heads(value), attn_mask=mask)
        mixed = mixed.transpose(1, 2).reshape(batch, -1, WIDTH)
        x = self.norm1(x + functional.dropout(self.out(mixed), dropout, self.training))
        inner = self.down(quick_gelu(self.up(x)))
        return self.norm2(x + functional.dropout(inner, dropout, self.training))


class Encoder(nn.Module):
    def __init__(self, pieces, readings):
        super().__init__()
        self.pieces = nn.Embedding(pieces, WIDTH)
        self.places = nn.Parameter(torch.zeros(2 * REACH + 3, WIDTH))
        self.shapes = nn.Embedding(SHAPES, WIDTH)
        self.norm = nn.LayerNorm(WIDTH, eps=1e-12)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.head = nn.Linear(WIDTH, readings)
        for zeros in (self.shapes.weight, self.head.weight, self.head.bias):
            nn.init.zeros_(zeros)

    def forward(self, ids, shapes, at, dropout=0.0):
        """ids, shapes: [batch, length]; at: [batch]. Returns the scores of all readings, [batch, readings]."""
        mask = (ids != PAD)[:, None, None, :]
        x = self.pieces(ids) + self.places[: ids.shape[1]] + self.shapes(shapes)
        x = functional.dropout(self.norm(x), dropout, self.training)
        for layer in self.layers[:-1]:
            x = layer(x, mask, dropout)
        x = self.layers[-1](x, mask, dropout, at)[:, 0]
        return self.head(functional.dropout(x, dropout, self.training))


def from_minilm(state, bert_vocabulary, vocabulary, readings, sample):
    """An Encoder with MiniLM's weights. sample: (ids of bert_vocabulary as [batch, length], mask) to choose neurons by."""
    model = Encoder(len(vocabulary), readings)
    number = {piece: i for i, piece in enumerate(bert_vocabulary)}
    with torch.no_grad():
        table = state["embeddings.word_embeddings.weight"]
        model.pieces.weight.copy_(table[[number[piece] for piece in vocabulary]])
        model.places.copy_(
            state["embeddings.position_embeddings.weight"][: len(model.places)]
            + state["embeddings.token_type_embeddings.weight"][0]
        )
        copy_norm(model.norm, state, "embeddings.LayerNorm")
        ids, mask = sample
        x = table[ids] + state["embeddings.position_embeddings.weight"][: ids.shape[1]]
        x = model.norm(x + state["embeddings.token_type_embeddings.weight"][0])
        bias = mask[:, None, None, :]
        for i, layer in enumerate(model.layers):
            x = fill_layer(layer, state, f"encoder.layer.{i}.", x, bias, mask)
    return model


def copy_norm(norm, state, name):
    norm.weight.copy_(state[f"{name}.weight"])
    norm.bias.copy_(state[f"{name}.bias"])


def fill_layer(layer, state, name, x, bias, mask):
    """Keeps the INNER neurons that say most and fits what reads them, so that little is lost."""
    own = Layer(inner=state[f"{name}intermediate.dense.weight"].shape[0])
    parts = [f"{name}attention.self.{part}." for part in ("query", "key", "value")]
    own.mixed.weight.copy_(torch.cat([state[part + "weight"] for part in parts]))
    own.mixed.bias.copy_(torch.cat([state[part + "bias"] for part in parts]))
    for linear, source in ((own.out, "attention.output.dense"), (own.up, "intermediate.dense"), (own.down, "output.dense")):
        linear.weight.copy_(state[f"{name}{source}.weight"])
        linear.bias.copy_(state[f"{name}{source}.bias"])
    copy_norm(own.norm1, state, f"{name}attention.output.LayerNorm")
    copy_norm(own.norm2, state, f"{name}output.LayerNorm")
    own.eval()
    seen = []
    hook = own.down.register_forward_pre_hook(lambda _, inputs: seen.append(inputs[0]))
    result = own(x, bias, 0.0)
    hook.remove()
    inner = seen[0][mask]
    wanted = inner @ own.down.weight.T
    strength = inner.pow(2).mean(0).sqrt() * own.down.weight.norm(dim=0)
    kept = strength.topk(INNER).indices.sort().values
    few = torch.cat([inner[:, kept], torch.ones(len(inner), 1)], 1).double()
    square = few.T @ few
    square += 1e-4 * square.diagonal().mean() * torch.eye(len(square), dtype=torch.double)
    fitted = torch.linalg.solve(square, few.T @ wanted.double()).float()
    lost = (few.float() @ fitted - wanted).pow(2).sum() / wanted.pow(2).sum()
    print(f"{name} {100 * lost:.1f} % of the energy lost with {INNER} neurons", flush=True)
    for copied in ("mixed", "out", "norm1", "norm2"):
        getattr(layer, copied).load_state_dict(getattr(own, copied).state_dict())
    layer.up.weight.copy_(own.up.weight[kept])
    layer.up.bias.copy_(own.up.bias[kept])
    layer.down.weight.copy_(fitted[:-1].T)
    layer.down.bias.copy_(own.down.bias + fitted[-1])
    return result
