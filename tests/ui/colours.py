"""What the colours of a pane are, and whether they can be read."""
import re


def palette(number):
    """xterm's, in parts of 1."""
    first = [(0, 0, 0), (205, 0, 0), (0, 205, 0), (205, 205, 0), (0, 0, 238),
             (205, 0, 205), (0, 205, 205), (229, 229, 229)]
    if number < 8:
        red, green, blue = first[number]
    elif number < 232:
        levels = [0, 95, 135, 175, 215, 255]
        number -= 16
        red, green, blue = (levels[number // 36], levels[number // 6 % 6],
                            levels[number % 6])
    else:
        red = green = blue = 8 + 10 * (number - 232)
    return red / 255, green / 255, blue / 255


def contrast(one, other):
    """As WCAG 2 counts it."""
    def light(colour):
        return sum(weight * (part / 12.92 if part <= 0.03928 else
                             ((part + 0.055) / 1.055) ** 2.4)
                   for weight, part in zip((0.2126, 0.7152, 0.0722), colour))
    dark, bright = sorted((light(one), light(other)))
    return (bright + 0.05) / (dark + 0.05)


def coloured(pane):
    """Each character with its two colours; None is the terminal's own."""
    front = back = None
    for part in re.split(r"(\x1b\[[0-9;]*m)", pane):
        if not part.startswith("\x1b"):
            yield from ((c, front, back) for c in part if not c.isspace())
            continue
        codes = [int(c or 0) for c in part[2:-1].split(";")]
        while codes:
            code = codes.pop(0)
            if code == 0:
                front = back = None
            elif code in (38, 48):
                codes.pop(0)
                colour = codes.pop(0)
                front, back = (colour, back) if code == 38 else (front, colour)
            elif 30 <= code <= 37:
                front = code - 30
            elif 40 <= code <= 47:
                back = code - 40
            elif code == 39:
                front = None
            elif code == 49:
                back = None
