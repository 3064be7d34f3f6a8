"""Contrast of every text on a page with what is behind it, by the formula of WCAG 2.2."""

from __future__ import annotations

from browser import Reader

NORMAL, LARGE = 4.5, 3.0
"""Least ratios of level AA, for text and for large text."""

_MEASURE = """() => {
    const context = new OffscreenCanvas(1, 1).getContext("2d", {willReadFrequently: true});
    const rgba = colour => {
        context.clearRect(0, 0, 1, 1);
        context.fillStyle = colour;
        context.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = context.getImageData(0, 0, 1, 1).data;
        return [r, g, b, a / 255];
    };
    const over = (front, back) => back.map((each, i) => front[i] * front[3] + each * (1 - front[3]));
    const behind = element => {
        const layers = [];
        for (let at = element; at; at = at.parentElement) layers.push(rgba(getComputedStyle(at).backgroundColor));
        const dark = matchMedia("(prefers-color-scheme: dark)").matches;
        return layers.reverse().reduce((back, front) => over(front, back), dark ? [18, 18, 18] : [255, 255, 255]);
    };
    const luminance = colour => {
        const [r, g, b] = colour.map(each => each / 255).map(
            each => each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const found = new Map();
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const text = walker.currentNode.textContent.trim(), element = walker.currentNode.parentElement;
        if (!text || !element.checkVisibility({checkOpacity: true, checkVisibilityCSS: true})) continue;
        if (["SCRIPT", "STYLE", "NOSCRIPT", "title"].includes(element.tagName)) continue;
        if (element.closest("[aria-hidden=true], .sr-only")) continue;
        const style = getComputedStyle(element), back = behind(element);
        const ink = rgba(element instanceof SVGElement ? style.fill : style.color);
        for (let at = element; at; at = at.parentElement) ink[3] *= Number(getComputedStyle(at).opacity);
        const [low, high] = [luminance(over(ink, back)), luminance(back)].sort((a, b) => a - b);
        const size = parseFloat(style.fontSize), bold = Number(style.fontWeight) >= 700;
        const large = size >= 24 || (bold && size >= 18.66);
        const ratio = (high + 0.05) / (low + 0.05);
        const key = `${ink} on ${back} ${large}`;
        if (!found.has(key)) found.set(key, [text.slice(0, 60), ratio, large]);
    }
    return [...found.values()];
}"""


def measured(reader: Reader) -> list[tuple[str, float, bool]]:
    """Return one text of every pair of colours, the ratio of the two, and whether it is large."""
    return [(text, ratio, large) for text, ratio, large in reader.page.evaluate(_MEASURE)]


def too_faint(reader: Reader) -> list[tuple[str, float, bool]]:
    """Return the texts of a page that level AA does not allow."""
    return [found for found in measured(reader) if found[1] < (LARGE if found[2] else NORMAL)]
