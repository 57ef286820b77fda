"""What is expected of files that are published: each fault is told, and all are counted."""

faults = []
_checked = 0


def expect(holds, what):
    global _checked
    _checked += 1
    if not holds:
        faults.append(what)
        print(f"FAIL  {what}")


def outcome():
    """Tells how many hold; what the process ends with."""
    print(f"{_checked - len(faults)} passed, {len(faults)} failed")
    return 1 if faults else 0
