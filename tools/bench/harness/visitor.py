"""A visitor of the page without a browser: Streamlit's own protocol over a websocket."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import aiohttp
import websockets
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState

DEMO = ("careful (scripted)", "hasty (scripted)", "hoarder (scripted)")


class Visitor:
    """The state that a browser would keep: widgets, texts, and fragments that poll when asked to."""

    def __init__(self, url: str, query: str = "", cookie: str = "") -> None:
        self._url = url.replace("http", "ws", 1) + "/_stcore/stream"
        self._query = query
        self._headers = {"Cookie": cookie} if cookie else {}
        self.labels: dict[str, str] = {}  # a widget's label -> its newest id
        self.ids: dict[str, str] = {}  # a widget's key -> its id
        self.kinds: dict[str, str] = {}
        self.values: dict[str, WidgetState] = {}
        self.progress: list[tuple[float, str]] = []
        self.texts: list[str] = []
        self.charts: list[str] = []
        self.bytes = 0
        self._set_up = False
        self._session = ""
        self._finished = asyncio.Event()
        self._polls: dict[str, asyncio.Task[None]] = {}

    async def open(self) -> Visitor:
        self._socket = await websockets.connect(
            self._url, subprotocols=["streamlit"], additional_headers=self._headers, max_size=2**26
        )
        self._reader = asyncio.create_task(self._read())
        await self.rerun()
        return self

    @property
    def query(self) -> str:
        """The query of the address, as the page has changed it."""
        return self._query

    @property
    def running(self) -> bool:
        """True while the page shows how far a run is; it looks every second."""
        return bool(self.progress) and time.monotonic() - self.progress[-1][0] < 4

    def choose(self, key: str, values: list[str]) -> None:
        """Set a multiselect; sent with the next rerun."""
        state = WidgetState(id=self.ids[key])
        state.string_array_value.data.extend(values)
        self.values[key] = state

    async def close(self) -> None:
        for poll in self._polls.values():
            poll.cancel()
        self._reader.cancel()
        await self._socket.close()

    async def press(self, label: str, **values: WidgetState) -> float:
        """Press the button with this label, with what is in its form; return the seconds the script took."""
        self.values |= {v.id: v for v in values.values()}
        return await self._run(
            self.values | {"pressed": WidgetState(id=self.labels[label], trigger_value=True)}
        )

    async def press_run(self) -> float:
        """Press Run, with the scripted players if nobody was chosen; return the seconds the script took."""
        await self.set_up()
        self.labels.pop("See results", None)
        return await self.rerun(run=True)

    async def see_results(self) -> None:
        """Wait for the run to end, and press *See results*."""
        while "See results" not in self.labels:
            await asyncio.sleep(0.02)
        await self.press("See results")

    async def set_up(self, *names: str) -> None:
        """Choose scripted players under `Another way`, unless that was done."""
        if self._set_up:
            return
        self._set_up = True
        await self.rerun(view="Test models")
        await self.rerun(add=True)
        self.choose("door", ["Recorded or scripted"])
        await self.rerun()
        self.choose("new_scripts", list(names or DEMO))
        await self.rerun()
        await self.rerun(add_player=True)

    async def upload(self, key: str, name: str, data: bytes) -> float:
        """Hand a file to a field as a browser does; return the seconds the script took.

        Works only on a server without Streamlit's XSRF protection.
        """
        message = BackMsg()
        message.file_urls_request.request_id = key
        message.file_urls_request.file_names.append(name)
        message.file_urls_request.session_id = self._session
        self._file_urls = asyncio.get_running_loop().create_future()
        await self._socket.send(message.SerializeToString())
        urls = await asyncio.wait_for(self._file_urls, 30)
        body = aiohttp.FormData()
        body.add_field("file", data, filename=name)
        async with aiohttp.ClientSession() as http:
            address = self._url.replace("ws", "http", 1).partition("/_stcore")[0] + urls.upload_url
            async with http.put(address, data=body) as answer:
                assert answer.status < 300, answer.status
        state = WidgetState(id=self.ids[key])
        info = state.file_uploader_state_value.uploaded_file_info.add(
            file_id=urls.file_id, name=name, size=len(data)
        )
        info.file_urls.CopyFrom(urls)
        self.values[key] = state
        return await self.rerun()

    def typed(self, label: str, text: str) -> WidgetState:
        """Type into the text field with this label; sent with the next press."""
        return WidgetState(id=self.labels[label], string_value=text)

    def picked(self, label: str, value: str) -> WidgetState:
        """Choose an option where a choice's label begins so; sent with the next press."""
        return WidgetState(
            id=next(i for n, i in self.labels.items() if n.startswith(label)), string_value=value
        )

    async def rerun(self, **trigger: Any) -> float:
        """Run the whole script once more; return the seconds it took."""
        changed = dict(self.values)
        for key, value in trigger.items():
            state = WidgetState(id=self.ids[key])
            if value is True:
                state.trigger_value = True
            else:
                setattr(state, self.kinds[key], value)
                self.values[key] = state
            changed[key] = state
        return await self._run(changed)

    async def _run(self, states: dict[str, WidgetState]) -> float:
        self._finished.clear()
        began = time.monotonic()
        await self._send(states)
        await asyncio.wait_for(self._finished.wait(), 60)
        return time.monotonic() - began

    async def _send(self, states: dict[str, WidgetState], fragment: str = "") -> None:
        message = BackMsg()
        message.rerun_script.fragment_id = fragment
        message.rerun_script.query_string = self._query
        message.rerun_script.is_auto_rerun = bool(fragment)
        message.rerun_script.widget_states.widgets.extend(states.values())
        await self._socket.send(message.SerializeToString())

    async def _read(self) -> None:
        async for raw in self._socket:
            self.bytes += len(raw)
            message = ForwardMsg()
            message.ParseFromString(raw)
            kind = message.WhichOneof("type")
            if kind == "new_session":
                self._session = message.new_session.initialize.session_id
            elif kind == "file_urls_response":
                self._file_urls.set_result(message.file_urls_response.file_urls[0])
            elif kind == "script_finished":
                if message.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                    self._finished.set()
            elif kind == "page_info_changed":
                self._query = message.page_info_changed.query_string
            elif kind == "auto_rerun":
                self._poll(message.auto_rerun.fragment_id, message.auto_rerun.interval)
            elif kind == "stop_auto_rerun":
                for fragment in message.stop_auto_rerun.fragment_ids:
                    if poll := self._polls.pop(fragment, None):
                        poll.cancel()
            elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
                self._element(message.delta.new_element)
            elif kind == "delta" and message.delta.WhichOneof("type") == "add_block":
                self._block(message.delta.add_block)

    def _block(self, block: Any) -> None:
        kind = block.WhichOneof("type")
        if kind and getattr(getattr(block, kind), "id", ""):
            self._widget(getattr(block, kind).id, kind)

    def _widget(self, id_: str, kind: str) -> None:
        key = id_.rsplit("-", 1)[-1]
        self.ids[key] = id_
        self.kinds[key] = {"number_input": "double_value"}.get(kind, "string_value")

    def _poll(self, fragment: str, every_s: float) -> None:
        async def poll() -> None:
            while True:
                await asyncio.sleep(every_s)
                await self._send(self.values, fragment)

        if fragment not in self._polls:
            self._polls[fragment] = asyncio.create_task(poll())

    def _element(self, element: Any) -> None:
        kind = element.WhichOneof("type")
        body = getattr(element, kind)
        if kind == "progress":
            self.progress.append((time.monotonic(), body.text))
        elif kind == "html":
            self.texts.append(body.body)
        elif kind == "plotly_chart":
            self.charts.append(body.spec)
        if getattr(body, "id", ""):
            self._widget(body.id, kind)
            if getattr(body, "label", ""):
                self.labels[body.label] = body.id
