"""Sends a model directory to a model hub, with Hugging Face's own client."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

_TOKEN_HELP = (
    "Make a token with write access in the hub's settings, then run `hf auth login` or set HF_TOKEN"
)


class UploadError(Exception):
    """An upload that did not happen; the message says why and what to do."""


def upload(
    directory: Path,
    repo: str,
    *,
    private: bool = False,
    exist_ok: bool = False,
    message: str | None = None,
    report: Callable[[str], None] = lambda _: None,
) -> str:
    """Makes `repo` ("owner/name") and commits every file of the directory; returns its address.

    The hub and the token are the client's own settings: HF_ENDPOINT, HF_TOKEN or
    `hf auth login`. Without `exist_ok` a repository that is already there is an error.
    Raises UploadError, before anything is sent where that can be known.
    """
    _check(directory, repo)
    try:
        from huggingface_hub import HfApi, get_token
    except ModuleNotFoundError as error:
        raise UploadError(
            "huggingface_hub is not installed; run with "
            "`uv run --project pipeline --group upload edge-llm upload …`"
        ) from error
    if not get_token():
        raise UploadError(f"there is no token for the hub. {_TOKEN_HELP}")
    api = HfApi(library_name="react-edge-llm")
    try:
        address = str(api.create_repo(repo, private=private, exist_ok=exist_ok))
        report(f"uploading {directory} to {address}")
        api.upload_folder(
            repo_id=repo,
            folder_path=directory,
            commit_message=message or f"Upload {directory.name}",
        )
    except Exception as error:
        raise _explained(error, repo) from error
    return address


def _check(directory: Path, repo: str) -> None:
    from edge_llm.layout import check

    owner, _, name = repo.partition("/")
    if not owner or not name or "/" in name:
        raise UploadError(f"--repo {repo}: write it as owner/name")
    problems = check(directory)
    if problems:
        listed = "\n".join(f"  {problem}" for problem in problems)
        raise UploadError(f"{directory} is not a model that browsers can load:\n{listed}")


def _explained(error: Exception, repo: str) -> UploadError:
    """The client's error in words that say what to do."""
    response = _response_of(error)
    status = getattr(response, "status_code", None)
    said = str(getattr(error, "server_message", None) or error).strip()
    if status == 401:
        return UploadError(f"the hub does not accept the token (401). {_TOKEN_HELP}")
    if status == 403:
        return UploadError(
            f"the token may not write to {repo} (403: {said}). Use a token with write access, or "
            "a repository of your own account or organisation"
        )
    if status == 409:
        return UploadError(
            f"{repo} exists already. Choose another name, or add --exist-ok to put a new version "
            "into it"
        )
    if status is not None:
        return UploadError(f"the hub answered {status}: {said}. Try again later")
    return UploadError(
        f"the upload broke off: {said}. Check the network and HF_ENDPOINT; a second try sends only "
        "what is missing"
    )


def _response_of(error: BaseException | None) -> object | None:
    """The hub's answer, which the client may wrap in another error."""
    while error is not None:
        response = getattr(error, "response", None)
        if response is not None:
            return response  # type: ignore[no-any-return]
        error = error.__cause__
    return None
