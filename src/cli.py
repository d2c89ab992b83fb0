"""What the entry points share: run a Hydra task, and turn every error a user can mend into one line and exit code 2.

`HYDRA_FULL_ERROR=1` shows the traceback instead.
"""

from __future__ import annotations

import functools
import logging
import os
import re
import sys
from collections.abc import Callable
from typing import Any, NoReturn

from src.config import CONFIG_PATH, register
from src.errors import StancelabError, unknown_value


def run(task: Callable[[Any], Any], config_name: str) -> Any:
    """Compose `configs/<config_name>.yaml` with the command line's overrides and call `task` with it.

    Returns what the task returns (None for a multirun). Exits with 2 and one line on stderr for a bad key or value or any
    `StancelabError`, with 130 when interrupted.
    """
    import hydra
    from hydra.errors import HydraException
    from omegaconf.errors import OmegaConfBaseException

    full = os.environ.get("HYDRA_FULL_ERROR") == "1"
    os.environ["HYDRA_FULL_ERROR"] = "1"  # Hydra then raises, and we say it in one line
    register()
    # transformers and others announce themselves on stderr; our users read results there
    os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    logging.captureWarnings(True)
    expected = (HydraException, OmegaConfBaseException, StancelabError)

    def refuse(error: BaseException) -> NoReturn:
        if full:
            raise error
        print(f"error: {one_line(error, config_name)}", file=sys.stderr)
        sys.exit(2)

    @functools.wraps(task)
    def told(config: Any) -> Any:
        try:
            return task(config)
        except expected as error:  # caught here, before Hydra adds a line of its own
            refuse(error)

    main = hydra.main(version_base="1.3", config_path=CONFIG_PATH, config_name=config_name)(told)
    try:
        return main()
    except expected as error:
        refuse(error)
    except KeyboardInterrupt:
        if full:
            raise
        print("interrupted; the same command continues where this one stopped", file=sys.stderr)
        sys.exit(130)


def one_line(error: BaseException, config_name: str) -> str:
    """What went wrong in one line that names the bad word and the allowed ones."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, StancelabError):
        cause = cause.__cause__
    if cause is not None:
        return " ".join(str(cause).split())
    text = str(error)
    for pattern in (r"Could not override '([^']+)'", r"Key '([^']+)' is not in struct"):
        if found := re.search(pattern, text):
            inner = _explain_value(text)
            return inner or _unknown_key(found.group(1), config_name)
    if found := re.search(r"Could not find '([^']+)'(?:\s*\n)*\s*Available options in '([^']+)':(.*)", text, re.S):
        group, _, name = found.group(1).rpartition("/")
        listed = found.group(3).partition("Config search path")[0]
        options = [option for option in listed.split() if option != "schema" and not option.endswith("_schema")]
        return unknown_value(group, name, options)
    if found := re.search(r"Could not override '([^']+)'.*No match in the defaults list", text, re.S):
        return _unknown_key(found.group(1), config_name)
    return _explain_value(text) or " ".join(text.split())


def _explain_value(text: str) -> str | None:
    """The wrong-type message of OmegaConf with its key in front."""
    value = re.search(r"Value '(.*?)'.* could not be converted to (\w+)", text, re.S)
    value = value or re.search(r"(?:Error merging|Invalid value assigned|Invalid type assigned)(.*?)()(?:\n|$)", text, re.S)
    key = re.search(r"full_key: (\S+)", text)
    if value is None or key is None:
        return None
    if value.group(2):
        kind = {"Integer": "a whole number", "Float": "a number", "Boolean": "true or false"}
        return f"{key.group(1)}={value.group(1)} is not {kind.get(value.group(2), value.group(2))}"
    return f"{key.group(1)}: {' '.join(text.splitlines()[0].split())}"


def _unknown_key(key: str, config_name: str) -> str:
    """Name the keys that stand beside the unknown one."""
    from hydra import compose, initialize_config_dir
    from hydra.core.global_hydra import GlobalHydra
    from omegaconf import DictConfig

    key = key.lstrip("+~")
    GlobalHydra.instance().clear()
    with initialize_config_dir(CONFIG_PATH, version_base="1.3"):
        # the groups chosen on the command line decide which keys there are
        chosen = [word for word in sys.argv[1:] if re.fullmatch(r"(?:data|corpus|actors|task|model|engine|logger|experiment)=\w+", word)]
        node: Any = compose(config_name, chosen)
    parts, depth = key.split("."), 0
    while depth < len(parts) - 1 and isinstance(node, DictConfig) and isinstance(node.get(parts[depth]), DictConfig):
        node = node[parts[depth]]
        depth += 1
    prefix = ".".join(parts[: depth + 1])
    return unknown_value("key", prefix, [".".join([*parts[:depth], str(name)]) for name in node])
