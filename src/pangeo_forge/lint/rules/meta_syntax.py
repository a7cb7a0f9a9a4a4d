"""Whether ``meta.yaml`` is YAML, and a mapping of what it should be."""

from __future__ import annotations

from pangeo_forge.lint.findings import Level
from pangeo_forge.lint.rule import ReadingRule


class InvalidYaml(ReadingRule):
    """`meta.yaml` is not valid YAML.

    Nothing of it can be read. The usual causes are a tab in the indentation, a text with a colon that wants quotes, and keys of one
    mapping that do not start in one column. Files that are not UTF-8, or larger than any that a person writes, are refused as well.

    Bad (`meta.yaml`):

    ```yaml
    title: Sea surface temperature: daily, 1/4 degree
    ```

    Good (`meta.yaml`):

    ```yaml
    title: "Sea surface temperature: daily, 1/4 degree"
    ```
    """

    code = "PFM001"
    name = "invalid-yaml"
    level = Level.ERROR


class NoMapping(ReadingRule):
    """`meta.yaml` is empty, or holds something else than the keys of a `meta.yaml`.

    Bad (`meta.yaml`):

    ```yaml
    - id: sst
      object: "recipe:sst"
    ```

    Good (`meta.yaml`):

    ```yaml
    recipes:
      - id: sst
        object: "recipe:sst"
    ```
    """

    code = "PFM002"
    name = "no-mapping"
    level = Level.ERROR


class DuplicateKey(ReadingRule):
    """A key stands twice in one mapping.

    Most readers of YAML keep the last of the two without a word, so that the first is lost.

    Bad (`meta.yaml`):

    ```yaml
    title: Sea surface temperature
    title: Sea ice
    ```

    Good (`meta.yaml`):

    ```yaml
    title: Sea surface temperature and sea ice
    ```
    """

    code = "PFM003"
    name = "duplicate-key"
    level = Level.ERROR


class WrongKind(ReadingRule):
    """A value is of another kind than its key asks for: a list where a text should be, a text where a mapping should be.

    Bad (`meta.yaml`):

    ```yaml
    maintainers: Ada Lovelace
    ```

    Good (`meta.yaml`):

    ```yaml
    maintainers:
      - name: Ada Lovelace
        github: ada
    ```
    """

    code = "PFM007"
    name = "wrong-kind"
    level = Level.ERROR
