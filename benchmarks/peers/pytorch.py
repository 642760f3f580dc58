"""PyTorch's side of the comparison: reads a row as a line of JSON, answers with the seconds of each of its runs.

A row is a convolution, a product of matrices or the training step of a network; see Peer.cs, which starts
this program with the settings that are fair to it and takes turns with it.
"""

import json
import sys
import time

import torch
import torch.nn.functional as F

COPIES = 3  # Inputs take turns, so that a run does not find its own in the nearest cache.


def laid_out(tensor, layout):
    return tensor.contiguous(memory_format=torch.channels_last) if layout == "channels_last" else tensor


def convolution(row, layout):
    xs = [laid_out(torch.rand(row["n"], row["c"], row["h"], row["w"]), layout) for _ in range(COPIES)]
    weight = laid_out(torch.rand(row["k"], row["c"] // row["groups"], row["r"], row["s"]) - 0.5, layout)
    bias = torch.zeros(row["k"])
    backward = row["backward"]
    for tensor in xs + [weight, bias]:
        tensor.requires_grad_(backward)
    dy = None

    def run(i):
        nonlocal dy
        if not backward:
            with torch.no_grad():
                return F.conv2d(xs[i], weight, bias, row["stride"], row["pad"], 1, row["groups"])
        y = F.conv2d(xs[i], weight, bias, row["stride"], row["pad"], 1, row["groups"])
        if dy is None:
            dy = torch.rand_like(y)
        return torch.autograd.grad(y, (xs[i], weight, bias), dy)

    return run


def layer(row, layout, function, *parameters):
    xs = [laid_out(torch.rand(row["n"], row["c"], row["size"], row["size"]), layout) for _ in range(COPIES)]
    for tensor in [*xs, *parameters]:
        tensor.requires_grad_(row["backward"])
    dy = None

    def run(i):
        nonlocal dy
        if not row["backward"]:
            with torch.no_grad():
                return function(xs[i])
        y = function(xs[i])
        if dy is None:
            dy = torch.rand_like(y)
        return torch.autograd.grad(y, (xs[i], *parameters), dy)

    return run


def transposed(row, layout):
    weight = laid_out(torch.rand(row["c"], row["k"], row["kernel"], row["kernel"]) - 0.5, layout)
    bias = torch.zeros(row["k"])
    return layer(row, layout, lambda x: F.conv_transpose2d(x, weight, bias, row["stride"], row["pad"]), weight, bias)


def enlarging(row, layout):
    corners = {"align_corners": False} if row["mode"] == "bilinear" else {}
    return layer(row, layout, lambda x: F.interpolate(x, scale_factor=2, mode=row["mode"], **corners))


def norm(row, layout):
    """Fovea's channelNorm is layer norm with the channels last: there PyTorch has them where it wants them."""
    c, of = row["c"], row["of"]
    extents = [c, row["size"], row["size"]] if of == "layer" else [c]
    weight, bias = torch.ones(extents), torch.zeros(extents)
    if of == "prelu":
        return layer(row, layout, lambda x: F.prelu(x, weight), weight)
    mean, variance = torch.zeros(c), torch.ones(c)
    functions = {
        "batch": lambda x: F.batch_norm(x, mean, variance, weight, bias, training=True),
        "group": lambda x: F.group_norm(x, row["groups"], weight, bias),
        "instance": lambda x: F.instance_norm(x, None, None, weight, bias),
        "layer": lambda x: F.layer_norm(x, extents, weight, bias),
        "channel": lambda x: F.layer_norm(x.permute(0, 2, 3, 1), extents, weight, bias).permute(0, 3, 1, 2),
    }
    return layer(row, layout, functions[of], weight, bias)


def product(row, _layout):
    a = [torch.rand(row["rows"], row["inner"]) for _ in range(COPIES)]
    b = torch.rand(row["inner"], row["columns"])
    return lambda i: a[i] @ b


def two_blocks(row, layout):
    torch.manual_seed(0)
    model = torch.nn.Sequential(
        torch.nn.Conv2d(3, 32, 3, padding=1), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
        torch.nn.Conv2d(32, 64, 3, padding=1), torch.nn.ReLU(), torch.nn.MaxPool2d(2),
        torch.nn.Flatten(), torch.nn.Linear(4096, 128), torch.nn.ReLU(), torch.nn.Linear(128, 10))
    return network(model, row, layout)


def airbench(row, layout):
    """The first layer and the normalisations train biases only."""
    torch.manual_seed(0)

    def group(channels, filters):
        norms = [torch.nn.BatchNorm2d(filters) for _ in range(2)]
        for norm in norms:
            norm.weight.requires_grad_(False)
        return [
            torch.nn.Conv2d(channels, filters, 3, padding=1, bias=False), torch.nn.MaxPool2d(2), norms[0], torch.nn.GELU(),
            torch.nn.Conv2d(filters, filters, 3, padding=1, bias=False), norms[1], torch.nn.GELU()]

    whiten = torch.nn.Conv2d(3, 24, 2)
    whiten.weight.requires_grad_(False)
    model = torch.nn.Sequential(
        whiten, torch.nn.GELU(), *group(24, 64), *group(64, 256), *group(256, 256),
        torch.nn.MaxPool2d(3), torch.nn.Flatten(), torch.nn.Linear(256, 10))
    return network(model, row, layout)


def network(model, row, layout):
    if layout == "channels_last":
        model = model.to(memory_format=torch.channels_last)
    batches = [laid_out(torch.rand(row["n"], 3, 32, 32), layout) for _ in range(COPIES)]
    labels = torch.arange(row["n"]) % 10
    if not row["backward"]:
        model.eval()

        def infer(i):
            with torch.no_grad():
                return model(batches[i])

        return infer
    trained = [p for p in model.parameters() if p.requires_grad]
    optimizer = torch.optim.SGD(trained, lr=0.01, momentum=0.9, nesterov=True, weight_decay=5e-4)

    def step(i):
        optimizer.zero_grad(set_to_none=True)
        loss = F.cross_entropy(model(batches[i]), labels)
        loss.backward()
        optimizer.step()

    return step


def status(field):
    with open("/proc/self/status") as lines:
        return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(field))


def memory(row):
    """By how many bytes training steps raise this process above what it took when PyTorch was loaded."""
    rest = status("VmRSS")
    with open("/proc/self/clear_refs", "w") as refs:
        refs.write("5")
    step = two_blocks({**row, "backward": True}, row["layout"])
    for i in range(30):
        step(i % COPIES)
    return {"bytes": status("VmHWM") - rest}


KINDS = {"convolution": convolution, "transposed": transposed, "enlarging": enlarging, "norm": norm, "product": product, "twoBlocks": two_blocks, "airbench": airbench}
LAYOUTS = {"convolution": ["contiguous", "channels_last"], "transposed": ["contiguous", "channels_last"], "enlarging": ["contiguous", "channels_last"], "norm": ["contiguous", "channels_last"], "product": ["contiguous"], "twoBlocks": ["contiguous", "channels_last"], "airbench": ["contiguous", "channels_last"]}


def main():
    prepared = {}
    for line in sys.stdin:
        row = json.loads(line)
        torch.set_num_threads(row["threads"])
        if row["kind"] == "memory":
            print(json.dumps(memory(row)), flush=True)
            continue
        key = json.dumps({k: v for k, v in row.items() if k != "seconds"}, sort_keys=True)
        if key not in prepared:
            prepared.clear()
            prepared[key] = {layout: KINDS[row["kind"]](row, layout) for layout in LAYOUTS[row["kind"]]}
            for run in prepared[key].values():
                run(0)
                run(1)
        answer = {}
        for layout, run in prepared[key].items():
            times = []
            start = time.perf_counter()
            while len(times) < 3 or time.perf_counter() - start < row["seconds"]:
                before = time.perf_counter()
                run(len(times) % COPIES)
                times.append(time.perf_counter() - before)
            answer[layout] = times
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    print(json.dumps({"name": f"PyTorch {torch.__version__}"}), flush=True)
    main()
