"""Line plots as SVG, without dependencies."""
import html
import math

WIDTH, HEIGHT = 560, 320
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 40, 48
COLORS = ("#1f6feb", "#d1242f", "#1a7f37", "#9a6700", "#8250df")


def number(value):
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.3g}"


def ticks(low, high, log):
    if log:
        tick_values = [10.0**e for e in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)]
        return tick_values if len(tick_values) > 2 else sorted({*tick_values, *(m * 3 for m in tick_values)})
    step = 10 ** math.floor(math.log10(high / 4))
    step = next(step * f for f in (1, 2, 2.5, 5, 10) if high / (step * f) <= 6)
    return [step * i for i in range(math.ceil(high / step - 1e-9) + 1)]


def scale(tick_values, start, length, log):
    f = math.log10 if log else float
    low, high = f(tick_values[0]), f(tick_values[-1])
    return lambda v: start + length * (f(v) - low) / ((high - low) or 1)


def svg(plot):
    points = [p for line in plot["lines"].values() for p in line]
    log = plot["log"] and all(x > 0 and y > 0 for x, y in points)
    axes = []
    for axis in (0, 1):
        values = [p[axis] for p in points]
        axes.append(ticks(min(values), max(values) or 1, log))
    x = scale(axes[0], LEFT, WIDTH - LEFT - RIGHT, log)
    y = scale(axes[1], HEIGHT - BOTTOM, TOP + BOTTOM - HEIGHT, log)
    text = html.escape
    out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="11">',
           f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
           f'<text x="{LEFT}" y="18" font-size="13" font-weight="bold">{text(plot["title"])}</text>']
    for tick in axes[0]:
        out.append(f'<text x="{x(tick):.1f}" y="{HEIGHT - BOTTOM + 16}" text-anchor="middle">{number(tick)}</text>')
    for tick in axes[1]:
        out.append(f'<path d="M{LEFT} {y(tick):.1f}H{WIDTH - RIGHT}" stroke="#ddd"/>')
        out.append(f'<text x="{LEFT - 6}" y="{y(tick) + 4:.1f}" text-anchor="end">{number(tick)}</text>')
    out.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{HEIGHT - 10}" text-anchor="middle">{text(plot["x"])}</text>')
    out.append(f'<text x="14" y="{HEIGHT / 2}" text-anchor="middle" transform="rotate(-90 14 {HEIGHT / 2})">{text(plot["y"])}</text>')
    for i, (name, line) in enumerate(plot["lines"].items()):
        color = COLORS[i % len(COLORS)]
        way = " ".join(f"{x(a):.1f},{y(b):.1f}" for a, b in line)
        out.append(f'<polyline points="{way}" fill="none" stroke="{color}" stroke-width="2"/>')
        out += [f'<circle cx="{x(a):.1f}" cy="{y(b):.1f}" r="3" fill="{color}"/>' for a, b in line]
        out.append(f'<text x="{LEFT + 8 + 130 * i}" y="34" fill="{color}">{text(name)}</text>')
    return "\n".join(out + ["</svg>\n"])
