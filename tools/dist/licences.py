"""Writes the licences of everything that is in the program: licences.py > THIRD-PARTY.txt

Each text stands once, below the names of those that come under it. A part without a text of its own is
told with the name of its licence; one without either ends this with an error.
"""

import sys

import parts

NAMES = ("licen", "copying", "notice", "unlicense", "copyright")


def texts(part):
    """The texts of a part, in the order of their names."""
    found = []
    for path in sorted(part.sources.glob("*")):
        if path.is_file() and path.name.lower().startswith(NAMES) and path.stat().st_size < 200_000:
            text = path.read_text(errors="replace").replace("\r\n", "\n").strip()
            found.append("\n".join(line.rstrip() for line in text.splitlines()))
    return found


def main():
    _, crates = parts.crates()
    ours = [part for part in crates if not part.hashes]
    others = sorted((part for part in crates + parts.page() if part not in ours),
                    key=lambda part: part.purl)
    unknown = [part.purl for part in others if not part.licence and not texts(part)]
    if unknown:
        sys.exit(f"licences: these say nothing of their licence: {', '.join(unknown)}")
    print("Podium holds the following libraries, each under its own licence.\n")
    for part in others:
        print(f"{part.name} {part.version}: {part.licence or 'see below'}")
    under = {}
    for part in others:
        for text in texts(part):
            under.setdefault(text, []).append(f"{part.name} {part.version}")
    for text, names in under.items():
        print(f"\n{'=' * 80}\n{', '.join(names)}\n{'-' * 80}\n{text}")


if __name__ == "__main__":
    main()
