"""The fusion network in plain PyTorch, in two ways: the peers, and what torch.onnx.export sees.

The ways differ in the layer norm alone. By its formula, over the channel axis, it is plain mathematics: means and
variances along an axis that is not the last. As `nn.LayerNorm` between two permutations it is a fused kernel, and leaves
images with their channels last, which the convolutions after it compute faster.
"""
import torch
import torch.nn as nn
import torch.nn.functional as F


def pointwise(inputs, outputs):
    return nn.Conv2d(inputs, outputs, 1, bias=False)


def depthwise(channels):
    return nn.Conv2d(channels, channels, 3, padding=1, groups=channels, bias=False)


def full(inputs, outputs):
    return nn.Conv2d(inputs, outputs, 3, padding=1, bias=False)


def heads_of(x, heads):
    return x.reshape(x.shape[0], heads, x.shape[1] // heads, x.shape[2] * x.shape[3])


def attention(q, k, v, temperature):
    heads = temperature.shape[0]
    unit_q, unit_k = (F.normalize(heads_of(x, heads), dim=-1) for x in (q, k))
    attention_map = (unit_q @ unit_k.transpose(-2, -1) * temperature).softmax(dim=-1)
    return (attention_map @ heads_of(v, heads)).reshape(v.shape)


class FusedNorm(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.body = nn.LayerNorm(channels)

    def forward(self, x):
        return self.body(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class FormulaNorm(FusedNorm):
    def forward(self, x):
        mean, variance = x.mean(1, keepdim=True), x.var(1, keepdim=True, unbiased=False)
        scale, shift = (p[None, :, None, None] for p in (self.body.weight, self.body.bias))
        return (x - mean) / torch.sqrt(variance + self.body.eps) * scale + shift


NORMS = {"formula": FormulaNorm, "nn.LayerNorm": FusedNorm}


class Attention(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        self.temperature = nn.Parameter(torch.ones(heads, 1, 1))
        self.qkv, self.qkv_dwconv = pointwise(dim, 3 * dim), depthwise(3 * dim)
        self.project_out = pointwise(dim, dim)

    def forward(self, x):
        q, k, v = self.qkv_dwconv(self.qkv(x)).chunk(3, dim=1)
        return self.project_out(attention(q, k, v, self.temperature))


class FeedForward(nn.Module):
    def __init__(self, dim, expansion):
        super().__init__()
        hidden = int(dim * expansion)
        self.project_in, self.dwconv = pointwise(dim, 2 * hidden), depthwise(2 * hidden)
        self.project_out = pointwise(hidden, dim)

    def forward(self, x):
        g, y = self.dwconv(self.project_in(x)).chunk(2, dim=1)
        return self.project_out(F.gelu(g) * y)


class Block(nn.Module):
    def __init__(self, dim, heads, expansion, norm):
        super().__init__()
        self.norm1, self.attn = norm(dim), Attention(dim, heads)
        self.norm2, self.ffn = norm(dim), FeedForward(dim, expansion)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.ffn(self.norm2(x))


class FusionModule(nn.Module):
    def __init__(self, dim, heads):
        super().__init__()
        for s in "12":
            setattr(self, "temperature" + s, nn.Parameter(torch.ones(heads, 1, 1)))
            setattr(self, "qkv" + s, pointwise(dim, 3 * dim))
            setattr(self, f"qkv{s}_dwconv", depthwise(3 * dim))
            setattr(self, "project_mid" + s, pointwise(dim, dim))
            setattr(self, "project_E" + s, pointwise(dim, 4 * dim))
            setattr(self, f"project_E{s}_d", depthwise(4 * dim))
            setattr(self, "project_out" + s, pointwise(4 * dim, 2 * dim))
        self.project_E, self.project_E_d = pointwise(2 * dim, 8 * dim), depthwise(8 * dim)

    def forward(self, x1, x2):
        q1, k1, v1 = self.qkv1_dwconv(self.qkv1(x1)).chunk(3, dim=1)
        q2, k2, v2 = self.qkv2_dwconv(self.qkv2(x2)).chunk(3, dim=1)
        x1 = x1 + self.project_mid1(attention(q2, k1, v1, self.temperature1))
        x2 = x2 + self.project_mid2(attention(q1, k2, v2, self.temperature2))
        x = torch.cat([x1, x2], dim=1)
        g1, g2 = self.project_E_d(self.project_E(x)).chunk(2, dim=1)
        y1 = F.gelu(g1) * self.project_E1_d(self.project_E1(x1))
        y2 = F.gelu(g2) * self.project_E2_d(self.project_E2(x2))
        return x + self.project_out1(y1) + self.project_out2(y2)


class Fusion(nn.Module):
    """F with the names of the authors' parameters: `load_state_dict` takes a state dict that `fuse` can read."""

    def __init__(self, norm="formula", dim=16, blocks=2, heads=8, expansion=2):
        super().__init__()
        stack = lambda width: nn.Sequential(*(Block(width, heads, expansion, NORMS[norm]) for _ in range(blocks)))
        self.project_in_1, self.project_in_2 = full(1, dim), full(1, dim)
        self.encoder1, self.encoder2 = stack(dim), stack(dim)
        self.FM = FusionModule(dim, heads)
        self.decoder = stack(2 * dim)
        self.project_out_0, self.project_out_1 = full(2 * dim, dim), full(dim, 1)

    def forward(self, a, b):
        x1 = self.encoder1(self.project_in_1(a))
        x2 = self.encoder2(self.project_in_2(b))
        x = self.decoder(self.FM(x1, x2))
        return torch.sigmoid(self.project_out_1(F.leaky_relu(self.project_out_0(x), 0.01)))
