"""`slm-net server`: the rules, fixes and pages of slm_net for an editor, over standard input and output."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from lsprotocol import types as lsp
from pygls.lsp.server import LanguageServer
from pygls.uris import to_fs_path
from pygls.workspace import TextDocument

from slm_net import __version__
from slm_net.editing.fix import is_safe
from slm_net.problems import ERROR, Edit, Problem
from slm_net.reporting.report import LIMIT
from slm_net.schema.files import PACKAGE
from slm_net.server.cursor import cursor_at
from slm_net.server.hover import hover
from slm_net.server.opened import Found, Opened, options_for
from slm_net.server.positions import Point, Positions
from slm_net.server.suggestions import NEEDED, suggestions
from slm_net.text.mending import Change
from slm_net.words import visible

#: Seconds to wait for more of what is typed.
PAUSE = 0.002
FIX_ALL = "source.fixAll.slm-net"
#: A text so short may become a spec, whatever it is now.
SHORT = 200
SOURCE = "slm-net"


class Server(LanguageServer):
    """The texts that are open, and what is known of them."""

    def __init__(self) -> None:
        super().__init__(SOURCE, __version__, text_document_sync_kind=lsp.TextDocumentSyncKind.Full)
        self.opened: dict[str, Opened] = {}
        self._told: set[str] = set()

    def text(self, uri: str) -> Opened:
        """An open text as it is now."""
        document = self.workspace.get_text_document(uri)
        opened, text = self.opened.get(uri), document.source
        if opened is None:
            encoding = str(getattr(self.workspace.position_encoding, "value", self.workspace.position_encoding))
            file = to_fs_path(uri) or f"untitled.{'yaml' if document.language_id == 'yaml' else 'json'}"
            options, notice = options_for(file)
            if notice and notice not in self._told:
                self._told.add(notice)
                message = f"slm-net: {visible(notice, LIMIT)}"
                self.window_show_message(lsp.ShowMessageParams(lsp.MessageType.Warning, message))
            opened = Opened(file, text, options, encoding=encoding)
        elif opened.text != text.removeprefix("\ufeff"):
            opened = opened.changed(text)
        self.opened[uri] = opened
        return opened

    def document(self, uri: str) -> TextDocument | None:
        """What an editor has opened, which pygls (2.1) keeps by its URI without %: of a space, of C: in VS Code."""
        return self.workspace.text_documents.get(uri) or self.workspace.text_documents.get(unquote(uri))

    async def check(self, uri: str, version: int | None) -> None:
        """Tell what is wrong with a text, unless it has been changed again meanwhile."""
        await asyncio.sleep(PAUSE)
        if (document := self.document(uri)) is None or document.version != version:
            return
        try:
            opened = self.text(uri)
            diagnostics = [diagnostic(found, opened.positions) for found in opened.problems]
        except Exception:  # the next change may be one that can be told of
            logging.getLogger(__name__).exception("a text could not be checked")
            diagnostics = []
        self.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(uri, diagnostics, version))


server = Server()


@server.feature(lsp.TEXT_DOCUMENT_DID_OPEN)
@server.feature(lsp.TEXT_DOCUMENT_DID_CHANGE)
async def changed(ls: Server, params: lsp.DidOpenTextDocumentParams | lsp.DidChangeTextDocumentParams) -> None:
    """Look at what has changed."""
    await ls.check(params.text_document.uri, params.text_document.version)


@server.feature(lsp.TEXT_DOCUMENT_DID_SAVE)
async def saved(ls: Server, params: lsp.DidSaveTextDocumentParams) -> None:
    """Look again: a pyproject.toml or a file that is named may be another one."""
    uri = params.text_document.uri
    ls.opened.pop(uri, None)
    document = ls.document(uri)
    await ls.check(uri, document.version if document else None)


@server.feature(lsp.TEXT_DOCUMENT_DID_CLOSE)
def closed(ls: Server, params: lsp.DidCloseTextDocumentParams) -> None:
    """Forget a text."""
    ls.opened.pop(params.text_document.uri, None)
    ls.text_document_publish_diagnostics(lsp.PublishDiagnosticsParams(params.text_document.uri, []))


@server.feature(lsp.TEXT_DOCUMENT_HOVER)
def hovered(ls: Server, params: lsp.HoverParams) -> lsp.Hover | None:
    """The page of the key or value there, and what is wrong with it."""
    opened = ls.text(params.text_document.uri)
    found = hover(opened, _offset(opened, params.position))
    if found is None:
        return None
    content = lsp.MarkupContent(lsp.MarkupKind.Markdown, found.markdown)
    return lsp.Hover(content, _range(opened.positions, found.start, found.end))


@server.feature(lsp.TEXT_DOCUMENT_COMPLETION, lsp.CompletionOptions(trigger_characters=['"', ":", " "]))
def completed(ls: Server, params: lsp.CompletionParams) -> list[lsp.CompletionItem]:
    """What can be written there."""
    opened = ls.text(params.text_document.uri)
    cursor = cursor_at(opened.file, opened.text, _offset(opened, params.position))
    after_colon = not params.context or params.context.trigger_character != " " or (cursor and not cursor.is_key)
    if cursor is None or not after_colon or not (opened.is_spec or len(opened.text) < SHORT):
        return []
    place = _range(opened.positions, cursor.start, cursor.end)
    snippets = _has_snippets(ls)
    items = []
    for number, found in enumerate(suggestions(cursor)):
        filter_text = found.text.split(": ")[0] if found.is_key else found.text
        items.append(
            lsp.CompletionItem(
                label=found.label,
                kind=lsp.CompletionItemKind.Property if found.is_key else lsp.CompletionItemKind.Value,
                detail=found.detail or None,
                documentation=lsp.MarkupContent(lsp.MarkupKind.PlainText, found.about) if found.about else None,
                sort_text=f"{found.detail != NEEDED:d}{number:04d}",
                filter_text=filter_text if cursor.word[:1] == '"' else filter_text.strip('"'),
                text_edit=lsp.TextEdit(place, found.snippet if snippets else found.text),
                insert_text_format=lsp.InsertTextFormat.Snippet if snippets else lsp.InsertTextFormat.PlainText,
            )
        )
    return items


def _has_snippets(ls: Server) -> bool:
    completion = ls.client_capabilities.text_document and ls.client_capabilities.text_document.completion
    return bool(completion and completion.completion_item and completion.completion_item.snippet_support)


@server.feature(
    lsp.TEXT_DOCUMENT_CODE_ACTION, lsp.CodeActionOptions(code_action_kinds=[lsp.CodeActionKind.QuickFix, FIX_ALL])
)
def actions(ls: Server, params: lsp.CodeActionParams) -> list[lsp.CodeAction]:
    """The fixes of the problems there; and all that are safe, if somebody asks for that."""
    uri, only = params.text_document.uri, params.context.only
    opened, found = ls.text(uri), list[lsp.CodeAction]()
    if _is_asked(lsp.CodeActionKind.QuickFix.value, only):
        start, end = (_offset(opened, place) for place in (params.range.start, params.range.end))
        here = (part for part in opened.problems if part.start <= end and start <= max(part.end, part.start + 1))
        found += [action for part in here if (action := _quick_fix(opened, uri, part))]
    automatic = params.context.trigger_kind == lsp.CodeActionTriggerKind.Automatic
    if _is_asked(FIX_ALL, only) and (only or not automatic) and opened.fixed != opened.text:
        edit = _workspace_edit(uri, [_difference(opened)])
        found.append(lsp.CodeAction("Fix all that is safe to fix (slm-net)", FIX_ALL, edit=edit))
    return found


def _is_asked(kind: str, only: Sequence[Any] | None) -> bool:
    """Whether somebody wants actions of a kind: all, this one, or one that it belongs to."""
    return not only or any(f"{kind}.".startswith(f"{getattr(other, 'value', other)}.") for other in only)


def _quick_fix(opened: Opened, uri: str, found: Found) -> lsp.CodeAction | None:
    problem = found.problem
    changes = opened.changes(problem)
    if not changes:
        return None
    safe = is_safe(problem)
    return lsp.CodeAction(
        title=_title(problem) + ("" if safe else " (unsafe: may change what the spec means)"),
        kind=lsp.CodeActionKind.QuickFix,
        diagnostics=[diagnostic(found, opened.positions)],
        is_preferred=safe,
        edit=_workspace_edit(uri, [_text_edit(opened.positions, change) for change in changes]),
    )


def _title(problem: Problem) -> str:
    """What a fix does."""
    title = _done(problem.fix[0]) if len(problem.fix) == 1 else problem.hint
    return visible(title or problem.hint or f"Fix {problem.rule_name}", 120)


def _done(edit: Edit) -> str:
    name = edit.path[-1] if edit.path else ""
    if edit.action == "rename":
        return f"Rename {name!r} to {edit.value!r}"
    if edit.action == "replace":
        return f"Write {edit.value!r}" if isinstance(edit.value, str) else ""
    return f"Remove {name!r}" if edit.action == "remove" else ""


def diagnostic(found: Found, positions: Positions) -> lsp.Diagnostic:
    """A problem as an editor shows it."""
    problem = found.problem
    message = visible(found.message, LIMIT) + (f" ({visible(problem.hint, LIMIT)})" if problem.hint else "")
    page = rules_page()
    href = f"{page}#{problem.rule.lower()}-{problem.rule_name}" if page else ""
    return lsp.Diagnostic(
        range=_range(positions, found.start, found.end),
        message=message,
        severity=lsp.DiagnosticSeverity.Error if problem.severity == ERROR else lsp.DiagnosticSeverity.Warning,
        code=problem.rule,
        code_description=lsp.CodeDescription(href) if href else None,
        source=SOURCE,
        related_information=[_there(problem)] if found.elsewhere else None,
        data={"pointer": visible(problem.pointer, LIMIT), "name": problem.rule_name, "safe": is_safe(problem)},
    )


def _there(problem: Problem) -> lsp.DiagnosticRelatedInformation:
    """The place in another file at which a problem is."""
    place = lsp.Position(max(problem.line - 1, 0), max(problem.column - 1, 0))
    where = lsp.Location(Path(problem.file).absolute().as_uri(), lsp.Range(place, place))
    return lsp.DiagnosticRelatedInformation(where, visible(problem.message, LIMIT))


@cache
def rules_page() -> str:
    """Where docs/rules.md is: in a wheel inside the package, in a source tree beside it."""
    places = (folder / "docs" / "rules.md" for folder in (PACKAGE, Path(PACKAGE).parent))
    return next((place.as_uri() for place in places if place.is_file()), "")


def _difference(opened: Opened) -> lsp.TextEdit:
    """From the text to the fixed one: what lies between where they begin and end alike."""
    old, new = opened.text, opened.fixed
    start, most = 0, min(len(old), len(new))
    while start < most and old[start] == new[start]:
        start += 1
    end = 0
    while end < most - start and old[-1 - end] == new[-1 - end]:
        end += 1
    return _text_edit(opened.positions, Change(start, len(old) - end, new[start : len(new) - end]))


def _workspace_edit(uri: str, edits: list[lsp.TextEdit]) -> lsp.WorkspaceEdit:
    return lsp.WorkspaceEdit(changes={uri: edits})


def _text_edit(positions: Positions, change: Change) -> lsp.TextEdit:
    return lsp.TextEdit(_range(positions, change.start, change.end), change.new)


def _range(positions: Positions, start: int, end: int) -> lsp.Range:
    return lsp.Range(*(lsp.Position(*positions.point(offset)) for offset in (start, end)))


def _offset(opened: Opened, place: lsp.Position) -> int:
    return opened.positions.offset(Point(place.line, place.character))
