"""stage_site.py ROOT OUTPUT MERMAID: prepares the sources of the documentation site in OUTPUT.

The pages are README.md, docs/**/*.md, and every file of the repository that they link to. They keep their paths, so that
links work both here and in the repository. Files that are not Markdown become pages that show their content; a directory
becomes a page with the content of its files, or its README.md. The navigation is derived from the pages in docs/.
"""
import os
import pathlib
import re
import shutil
import sys

import yaml

root, output, mermaid = map(pathlib.Path, sys.argv[1:])
pages = output / "pages"

# The navigation: sections with their pages in this order. Pages that do not exist are left out; pages that are not listed
# are added to the section of their directory, or to the last section.
SECTIONS = {
    "Introduction": ["README.md", "docs/concepts.md", "docs/how-a-sync-works.md", "docs/glossary.md", "docs/faq.md"],
    "Administration": ["docs/install.md", "docs/agent.md", "docs/adoption.md", "docs/nova-coexistence.md", "docs/nova-config.md",
                       "docs/allocations.md", "docs/troubleshooting.md"],
    "Tasks": ["docs/tasks/README.md"],
    "Reference": ["docs/crds.md", "docs/reasons.md", "docs/metrics.md", "docs/values.md", "docs/settings.md", "docs/pci.md"],
    "Evidence": ["docs/evidence/nova-conformance.md", "docs/evidence/comparison.md", "docs/evidence/performance.md"],
    "Project": ["docs/CONTRIBUTING.md", "docs/SECURITY.md", "docs/versions.md", "docs/CHANGELOG.md", "hack/README.md"],
    "Decisions": ["docs/adr/README.md"],
}
DIRECTORIES = {"docs/tasks": "Tasks", "docs/evidence": "Evidence", "docs/adr": "Decisions"}
OTHER = "Project"

# A search for a reason should list the page of all reasons among the first results, and no manifests.
BOOSTED = "---\nsearch: {boost: 10}\n---\n"
NOT_SEARCHED = "---\nsearch: {exclude: true}\n---\n"
REASONS = pathlib.Path("docs/reasons.md")

LINK = re.compile(r"(\]\(|^\[[^\]]+\]: *)([^)\s#:]+)((?:#[^)\s]*)?)(?=[)\s])", re.M)
FENCE = re.compile(r"^(`{3,}|~{3,}).*?^\1[`~]*$", re.M | re.S)
LANGUAGES = {".yaml": "yaml", ".yml": "yaml", ".json": "json", ".sh": "bash", ".py": "python", ".lua": "lua", ".java": "java"}
IMAGES = {".svg", ".png"}


def is_markdown(path):
    return path.suffix == ".md"


def page_of(path):
    """The page that shows a file or a directory of the repository; both are relative to the root."""
    if (root / path).is_dir():
        readme = path / "README.md"
        return readme if (root / readme).exists() else path / "index.md"
    return path if is_markdown(path) or path.suffix in IMAGES else path.with_name(path.name + ".md")


def code_block(path):
    text = (root / path).read_text()
    fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))
    return f"{fence}{LANGUAGES.get(path.suffix, 'text')}\n{text.rstrip()}\n{fence}\n"


def source_page(path):
    """Markdown that shows a file, or the files of a directory."""
    if (root / path).is_file():
        return f"# {path.name}\n\n`{path}`\n\n{code_block(path)}"
    files = sorted(file.relative_to(root) for file in (root / path).rglob("*") if file.is_file())
    return f"# {path.name}\n\n`{path}`\n\n" + "\n".join(f"## {file.relative_to(path)}\n\n{code_block(file)}" for file in files)


def outside_fences(text, replace):
    """Applies a function to the text outside of fenced code blocks."""
    result, end = [], 0
    for fence in FENCE.finditer(text):
        result += [replace(text[end:fence.start()]), fence[0]]
        end = fence.end()
    return "".join(result + [replace(text[end:])])


def copy_page(path, pending):
    """Copies one page with its links adapted; adds the targets of its links to the pending pages."""
    def adapt(match):
        target = (root / path.parent / match[2]).resolve()
        if not target.exists() or not target.is_relative_to(root):
            sys.exit(f"error: {path}: broken link {match[2]}")
        target = target.relative_to(root)
        pending.append(target)
        return match[1] + os.path.relpath(page_of(target), path.parent) + match[3]
    destination = pages / page_of(path)
    destination.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix in IMAGES:
        shutil.copyfile(root / path, destination)
    elif is_markdown(path):
        text = outside_fences((root / path).read_text(), lambda text: LINK.sub(adapt, text))
        destination.write_text((BOOSTED if path == REASONS else "") + text)
    elif (root / path).is_dir() and (root / path / "README.md").exists():
        pending.append(path / "README.md")
    else:
        destination.write_text(NOT_SEARCHED + source_page(path))


def navigation(paths):
    """The nav of mkdocs.yml for the pages in paths."""
    sections = {title: [path for path in listed if path in paths] for title, listed in SECTIONS.items()}
    known = {path for listed in SECTIONS.values() for path in listed}
    for path in sorted(paths - known):
        if path.startswith("docs/"):
            sections[DIRECTORIES.get(str(pathlib.PurePath(path).parent), OTHER)].append(path)
    return [{title: listed} for title, listed in sections.items() if listed]


def main():
    # Directories named performance contain fragments, from which hack/bench assembles a page.
    pending = [pathlib.Path("README.md"), *(path.relative_to(root) for path in sorted((root / "docs").rglob("*.md"))
                                            if path.parent.name != "performance")]
    done = set()
    while pending:
        path = pending.pop()
        if path not in done:
            done.add(path)
            copy_page(path, pending)
    shutil.copytree(root / "hack/lib/docs/theme", output / "theme")
    (pages / "assets").mkdir(exist_ok=True)
    shutil.copyfile(mermaid, pages / "assets/mermaid.min.js")
    config = (root / "hack/lib/docs/mkdocs.yml").read_text()
    nav = navigation({str(path) for path in done if is_markdown(path)})
    (output / "mkdocs.yml").write_text(config + yaml.safe_dump({"nav": nav}, sort_keys=False))


main()
