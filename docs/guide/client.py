#!/usr/bin/env python3
"""A small client of Bongsu, in one file: an example for authors of clients, and a program for people.

    python3 client.py sign-in https://talk.example.kr HANDLE    asks for the password, once
    python3 client.py rooms                                     the conversations
    python3 client.py send ROOM TEXT                            ROOM: an id, or a title
    python3 client.py listen                                    what is said, as it is said
    python3 client.py conformance                               for `npx bongsu conformance`, see conformance.md

Everything is kept in one SQLite file (--file FILE, default client.db). The same file is the same device. One program at a time.
Needs Python 3.9 or newer, and the package websockets (Debian: python3-websockets).

The words and numbers in brackets, such as [M2], are rules of SPEC.md. write-a-client.md explains the wire.
"""

import argparse
import asyncio
import getpass
import json
import os
import random
import sqlite3
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
import uuid

import websockets
import websockets.exceptions

ANSWER_S = 10  # A text without an answer for this long is sent again [C2]; doubled with each try.
ANSWER_S_MAX = 60
WAIT_S_MAX = 30  # Longest own wait between two tries to connect [O3].
EXPIRED_S = 600
HELLO_S = 10  # Longest wait for the answer to hello.
IN_FLIGHT_MAX = 8  # Conversations with a text on its way.
PUT_BACK_MAX = 5000
HISTORY_TRIES = 5

# Refusals after which the same text is never sent again. Everything else, unknown codes included, is tried again later [C2].
NEVER = set(
    """frame-malformed frame-unknown frame-not-text forbidden not-found not-a-member id-conflict handle-taken text-empty text-too-long
    text-malformed body-invalid body-too-large invite-invalid registration-closed conversation-kind conversation-full subject-gone too-late
    limit-reached sign-in-failed""".split()
)


class Refused(Exception):
    def __init__(self, code, retry_after_ms=None):
        super().__init__(code)
        self.code = code
        self.retry_after_ms = retry_after_ms


class Sorry(Exception):
    """A sentence for the person."""


# ---------------------------------------------------------------------------------------------------------------------------------------- store

SCHEMA = """
PRAGMA locking_mode = EXCLUSIVE;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
-- Server, token, device id, epoch, account id, and the cursor of the account log.
CREATE TABLE IF NOT EXISTS kept (name TEXT PRIMARY KEY, value TEXT);
-- The account log: the newest value of each (kind, key) [D9]. Unknown kinds are kept as well.
CREATE TABLE IF NOT EXISTS items (kind TEXT, key TEXT, value TEXT, PRIMARY KEY (kind, key));
-- `first` and `unread_below` are those of the last reset. `wanted` is how far the person here has read.
CREATE TABLE IF NOT EXISTS rooms (id TEXT PRIMARY KEY, cursor INTEGER, joined INTEGER, title TEXT, first INTEGER, unread_below INTEGER,
                                  wanted INTEGER DEFAULT 0);
-- What is held of each conversation. A seq that is not here is a gap [D4].
CREATE TABLE IF NOT EXISTS entries (room TEXT, seq INTEGER, id TEXT, author TEXT, at INTEGER, body TEXT, PRIMARY KEY (room, seq));
-- What the person here wrote and what is no entry yet, in order. `state`: waiting, sent (accepted, not arrived yet), refused.
CREATE TABLE IF NOT EXISTS outbox (position INTEGER PRIMARY KEY, id TEXT UNIQUE, room TEXT, body TEXT, state TEXT, code TEXT,
                                   put_back INTEGER DEFAULT 0);
"""


class Store:
    """Every change that belongs together is one transaction (`with store.db`): after a kill all of it is there, or nothing."""

    def __init__(self, path):
        try:
            self.db = sqlite3.connect(path, timeout=1)
            self.db.executescript(SCHEMA)
        except sqlite3.OperationalError as error:
            raise Sorry(f"{path} cannot be opened ({error}). Is another program using it?") from None

    def all(self, sql, *values):
        return self.db.execute(sql, values).fetchall()

    def one(self, sql, *values):
        return self.db.execute(sql, values).fetchone()

    def kept(self, name):
        row = self.one("SELECT value FROM kept WHERE name = ?", name)
        return None if row is None else json.loads(row[0])

    def keep(self, name, value):
        self.db.execute("INSERT OR REPLACE INTO kept VALUES (?, ?)", (name, json.dumps(value)))

    def item(self, kind, key):
        row = self.one("SELECT value FROM items WHERE kind = ? AND key = ?", kind, key)
        return None if row is None else json.loads(row[0])

    def put_item(self, kind, key, value):
        self.db.execute("INSERT OR REPLACE INTO items VALUES (?, ?, ?)", (kind, key, json.dumps(value)))

    def put_entries(self, room, entries):
        """An own entry that has arrived leaves the outbox in the same transaction, and not before [A4]."""
        for entry in entries:
            values = (room, entry["seq"], entry["id"], entry["author"], entry["acceptedAt"], json.dumps(entry["body"]))
            self.db.execute("INSERT OR REPLACE INTO entries VALUES (?, ?, ?, ?, ?, ?)", values)
            if entry["author"] == self.kept("account"):
                self.db.execute("DELETE FROM outbox WHERE id = ?", (entry["id"],))

    def read_mark(self, room):
        """How far the account has read. It never falls [R1]: each device's own wish counts as soon as it is higher."""
        told = (self.item("read", room) or {"seq": 0})["seq"]
        row = self.one("SELECT wanted FROM rooms WHERE id = ?", room)
        return max(told, row[0] if row else 0)

    def unread(self, room):
        row = self.one("SELECT first, unread_below, joined FROM rooms WHERE id = ?", room)
        if row is None:
            return 0
        first, below, joined = row
        read = self.read_mark(room)
        bodies = self.all(
            "SELECT body FROM entries WHERE room = ? AND seq > ? AND author <> ?", room, max(read, first - 1, joined - 1), self.kept("account")
        )
        count = sum(1 for (body,) in bodies if json.loads(body)["kind"] in ("text", "place", "erased"))
        return count + (below if read < first - 1 else 0)

    def history_is_another(self, epoch, restored):
        """The server's history has gone back, or is a new one [D7, A4]. What it may lack of the own texts goes back into the outbox, before
        everything else that waits. In the same transaction everything else of the old history goes, and the new epoch is kept."""
        with self.db:
            if restored is not None:
                self.put_back(dict(restored))
            self.empty()
            self.keep("cursor", 0)
            self.keep("epoch", epoch)

    def empty(self):
        for table in ("entries", "rooms", "items"):
            self.db.execute(f"DELETE FROM {table}")

    def forget(self):
        """This device was revoked: what the server has not accepted stays, for the same account, and nothing else [C10]."""
        with self.db:
            self.empty()
            self.db.execute("DELETE FROM outbox WHERE state = 'sent'")
            self.db.execute("DELETE FROM kept WHERE name IN ('device', 'epoch', 'cursor')")

    def put_back(self, heads):
        lost = []
        own = self.all("SELECT room, seq, id, body FROM entries WHERE author = ? ORDER BY room, seq", self.kept("account"))
        for room, seq, entry_id, text in own:
            head, body = heads.get(room, 0), json.loads(text)
            if seq <= head or body["kind"] not in ("text", "place"):
                continue
            if body.get("replyTo", 0) > head:
                del body["replyTo"]
            lost.append((entry_id, room, json.dumps(body)))
        # Accepted by the lost history, and not arrived: these follow.
        sent = self.all("SELECT id, room, body FROM outbox WHERE state = 'sent' ORDER BY position")
        self.db.execute("DELETE FROM outbox WHERE state = 'sent'")
        again = lost[-PUT_BACK_MAX:] + sent
        lowest = self.one("SELECT min(position) FROM outbox")[0] or 1
        for index, (entry_id, room, body) in enumerate(again):
            # Under its original id: the server writes it once, however many devices put it back [M2].
            values = (lowest - len(again) + index, entry_id, room, body)
            self.db.execute("INSERT OR IGNORE INTO outbox (position, id, room, body, state, put_back) VALUES (?, ?, ?, ?, 'waiting', 1)", values)


# --------------------------------------------------------------------------------------------------------------------------------------- client


class Client:
    def __init__(self, path):
        self.store = Store(path)
        self.server, self.token = self.store.kept("server"), self.store.kept("token")
        self.state = "offline"  # What the person may be told: offline, connecting, loading, live, signed-out.
        self.socket = None
        self.welcome = None
        self.in_flight = {}  # Conversation -> (id of the text, when it counts as unanswered).
        self.tries = {}  # Id of a text -> how often it was sent without success.
        self.not_before = {}  # Id of a text -> when it may be sent again.
        self.failures = 0
        self.heard = lambda room, entry: None
        self.tasks = set()

    # ------------------------------------------------------------------------------------------------------------------------------------- HTTP

    def http(self, method, path, body=None):
        headers = {"content-type": "application/json"} if body is not None else {}
        if self.token is not None:
            headers["authorization"] = f"Bearer {self.token}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.server + path, data=data, method=method, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            refusal = json.load(error)
            raise Refused(refusal["code"], refusal.get("retryAfterMs")) from None

    def sign_in(self, server, handle, password):
        """Once for each device. With the earlier device id it stays the same device [F5]."""
        self.server, self.token = server.rstrip("/"), None
        body = {"handle": handle, "password": password, "deviceName": "client.py"}
        if self.store.kept("device") is not None:
            body["deviceId"] = self.store.kept("device")
        signed_in = self.http("POST", "/v1/sessions", body)
        if self.store.kept("account") not in (None, signed_in["profile"]["accountId"]):
            self.store.forget()  # Somebody else's.
            with self.store.db:
                self.store.db.execute("DELETE FROM outbox")
        with self.store.db:
            self.store.keep("server", self.server)
            self.store.keep("device", signed_in["deviceId"])
        self.keep_token(signed_in["token"])

    def keep_token(self, token):
        with self.store.db:
            self.store.keep("token", token)
        self.token = token

    async def older(self, room):
        """Fetches the page below the newest gap [D4, D10]. A busy server is asked again."""
        row = self.store.one("SELECT cursor, joined FROM rooms WHERE id = ?", room)
        if row is None:
            return
        cursor, joined = row
        before = cursor + 1
        for (seq,) in self.store.all("SELECT seq FROM entries WHERE room = ? AND seq <= ? ORDER BY seq DESC", room, cursor):
            if seq != before - 1:
                break
            before = seq
        if before <= joined:
            return
        epoch = self.store.kept("epoch")
        for attempt in range(HISTORY_TRIES):
            try:
                page = await asyncio.to_thread(self.http, "GET", f"/v1/conversations/{room}/entries?before={before}&limit=200")
                break
            except Refused as refusal:
                if refusal.code in NEVER or attempt + 1 == HISTORY_TRIES:
                    raise
                await asyncio.sleep((refusal.retry_after_ms or 1000) / 1000)
        # A page of another history would be a lie in this one.
        if self.store.kept("epoch") == epoch:
            with self.store.db:
                self.store.put_entries(room, page["entries"])

    # --------------------------------------------------------------------------------------------------------------------------- the connection

    async def run(self):
        """Stays connected until the token is not valid any more."""
        sending = asyncio.create_task(self.send_when_due())
        try:
            while self.token is not None:
                await asyncio.sleep(await self.connect_once())
        finally:
            sending.cancel()

    async def connect_once(self):
        """One connection, from its beginning to its end. @returns how long to wait before the next one [O3]."""
        self.state, self.welcome, self.turn_ms, self.spread_ms = "connecting", None, None, 0
        code = 1006
        url = urllib.parse.urlsplit(self.server)
        address = f"{'wss' if url.scheme == 'https' else 'ws'}://{url.netloc}/v1/socket"
        try:
            # Compression is not part of the wire, and the server's beats make the library's own pings unnecessary.
            options = {"subprotocols": ["bongsu.v1"], "compression": None, "ping_interval": None, "max_size": None}
            async with websockets.connect(address, open_timeout=HELLO_S, close_timeout=1, **options) as socket:
                self.socket = socket
                await self.say(self.hello())
                while True:
                    # Silence for a heartbeat and a half is the end of a connection [C4].
                    silence_s = HELLO_S if self.welcome is None else 1.5 * self.welcome["heartbeatMs"] / 1000
                    frame = json.loads(await asyncio.wait_for(socket.recv(), silence_s))
                    if not self.receive(frame):
                        code = 4099  # This device gives the connection up itself.
                        break
                    await self.send_due()
        except websockets.ConnectionClosed as closed:
            code = closed.rcvd.code if closed.rcvd is not None else 1006
        except (OSError, asyncio.TimeoutError, websockets.exceptions.WebSocketException):
            pass  # Nobody there, silence, or no WebSocket: come back later.
        except (ValueError, LookupError, TypeError):
            code = 4099  # Not a frame as the guide describes it.
        self.socket = None
        self.in_flight.clear()  # Sent again on the next connection, under the same ids [M2].
        if code == 4102:  # The token's time is over by a clock that may be wrong: keep it, and ask again now and then.
            self.state = "signed-out"
            return EXPIRED_S
        if code == 4103:
            self.store.forget()
        if 4100 <= code <= 4199:
            self.keep_token(None)  # Last: a program killed before this is told again.
            self.state = "signed-out"
            return 0
        self.state = "offline"
        return self.wait_s(code)

    def wait_s(self, code):
        if self.turn_ms is not None:
            return self.turn_ms / 1000 + random.random()  # A turn is kept, give or take a second.
        shared = code < 4000 or code in (4000, 4005)  # A break that may have hit everybody.
        bound = max(self.spread_ms / 1000 if shared else 0, min(WAIT_S_MAX, 2**self.failures))
        self.failures = min(10, self.failures + 1)
        return random.random() * bound

    async def say(self, frame):
        try:
            if self.socket is not None:
                await self.socket.send(json.dumps(frame))
        except websockets.ConnectionClosed:
            pass  # The next connection begins with the stored state, so nothing is lost.

    def hello(self):
        """The cursors say what this device has. The server sends the rest. There is no other recovery [D2, D7]."""
        cursors = [list(row) for row in self.store.all("SELECT id, cursor FROM rooms")]
        return {"t": "hello", "token": self.token, "epoch": self.store.kept("epoch"), "account": self.store.kept("cursor") or 0, "cursors": cursors}

    # ------------------------------------------------------------------------------------------------------------------------------- receiving

    def receive(self, frame):
        """Applies one frame. @returns False when something is missing: connect again, and say hello with the cursors. Unknown frames and fields
        are ignored [W3]."""
        kind = frame["t"]
        if kind == "welcome":
            self.greet(frame)
        elif kind == "refused":
            return self.refused(frame)
        elif self.welcome is None:
            return True
        elif kind == "account":
            return self.receive_account(frame)
        elif kind == "entries":
            return self.receive_entries(frame)
        elif kind == "reset":
            self.receive_reset(frame)
        elif kind == "accepted":
            with self.store.db:
                self.store.db.execute("UPDATE outbox SET state = 'sent', code = NULL WHERE id = ?", (frame["id"],))
            self.answered(frame["id"])
        elif kind == "caught-up":
            self.state = "live"
        elif kind == "beat":
            self.beat(frame)
        elif kind == "heads":
            self.compare(frame)
        elif kind == "drain":
            self.spread_ms = frame["spreadMs"]
        return True

    def greet(self, frame):
        if "token" in frame:
            self.keep_token(frame["token"])  # Before anything else: the old one may expire.
        before = self.store.kept("epoch")
        if before is not None and before != frame["epoch"]:
            self.store.history_is_another(frame["epoch"], frame.get("restored"))
        with self.store.db:
            self.store.keep("epoch", frame["epoch"])
            self.store.keep("account", frame["accountId"])
        self.welcome, self.spread_ms, self.state = frame, frame["reconnectSpreadMs"], "loading"
        for room, wanted in self.store.all("SELECT id, wanted FROM rooms"):
            if wanted > (self.store.item("read", room) or {"seq": 0})["seq"]:
                self.later(self.say({"t": "read", "conversationId": room, "seq": wanted}))  # It did not come back yet [R3].

    def receive_account(self, frame):
        cursor = self.store.kept("cursor") or 0
        if frame["to"] <= cursor:
            return True
        if frame["from"] != cursor:
            return False
        moved = []
        with self.store.db:
            for item in frame["items"]:
                kind, key, value = item["kind"], item["key"], item["value"]
                self.store.put_item(kind, key, value)
                if kind == "membership" and value is None:
                    self.store.db.execute("DELETE FROM rooms WHERE id = ?", (key,))  # Left. What was stored may stay.
                if kind == "read":
                    moved.append((key, value["seq"]))
            self.store.keep("cursor", frame["to"])
        for room, seq in moved:
            row = self.store.one("SELECT first, unread_below FROM rooms WHERE id = ?", room)
            if row is not None and row[1] > 0 and seq < row[0] - 1:
                self.later(self.say({"t": "refresh", "conversationId": room}))  # Only the server can count what is not held.
        return True

    def receive_entries(self, frame):
        room = frame["conversationId"]
        row = self.store.one("SELECT cursor FROM rooms WHERE id = ?", room)
        if row is None or frame["after"] > row[0]:
            return False  # Something is missing: never skip it [D4].
        new = [entry for entry in frame["entries"] if entry["seq"] > row[0]]
        if new:
            # Entries and cursor in one transaction: a cursor never moves over an entry that is not stored.
            with self.store.db:
                self.store.put_entries(room, new)
                self.store.db.execute("UPDATE rooms SET cursor = ? WHERE id = ?", (new[-1]["seq"], room))
            self.arrived(room, new)
        return True

    def receive_reset(self, frame):
        """The conversation anew: its newest entries. What is held below stays, with a gap between [D4, D7]."""
        room, entries, head = frame["conversationId"], frame["entries"], frame["head"]
        row = self.store.one("SELECT cursor, wanted FROM rooms WHERE id = ?", room)
        cursor, wanted = row if row is not None else (0, 0)
        if head < cursor:
            return  # Older than what is here.
        first = entries[0]["seq"] if entries else head + 1
        with self.store.db:
            self.store.put_entries(room, entries)
            values = (room, head, frame["joinedSeq"], frame["meta"]["title"], first, frame["unreadBelow"], wanted)
            self.store.db.execute("INSERT OR REPLACE INTO rooms VALUES (?, ?, ?, ?, ?, ?, ?)", values)
            self.store.put_item("read", room, {"seq": frame["readSeq"]})
        self.arrived(room, [entry for entry in entries if entry["seq"] > cursor])

    def arrived(self, room, entries):
        for entry in entries:
            if entry["author"] == self.store.kept("account"):
                self.answered(entry["id"])
            if entry["body"]["kind"] == "renamed":
                with self.store.db:
                    self.store.db.execute("UPDATE rooms SET title = ? WHERE id = ?", (entry["body"]["title"], room))
            self.heard(room, entry)

    def beat(self, frame):
        """Equal sums mean equal heads: so a lost last entry is found [D6]."""
        self.failures = 0
        self.spread_ms = frame.get("reconnectSpreadMs", self.spread_ms)
        held = self.store.one("SELECT coalesce(sum(cursor), 0) FROM rooms")[0]
        if frame["total"] is None:
            return
        self.state = "live"
        if frame["total"] != held or frame["account"] != (self.store.kept("cursor") or 0):
            self.later(self.say({"t": "ask-heads"}))

    def compare(self, frame):
        heads, socket = frame["heads"], self.socket

        async def after_a_moment():
            await asyncio.sleep(2)  # Frames may be on their way.
            held = dict(self.store.all("SELECT id, cursor FROM rooms"))
            behind = any(head > held.get(room, 0) for room, head in heads) or frame["account"] > (self.store.kept("cursor") or 0)
            if behind and socket is self.socket and socket is not None:
                await socket.close()

        self.later(after_a_moment())

    # --------------------------------------------------------------------------------------------------------------------------------- sending

    def write(self, room, text):
        """Stored before it is sent [C1]. The id stays the same for ever, so that it can be sent again at any time [M2]."""
        entry_id = str(uuid.uuid4())
        with self.store.db:
            values = (entry_id, room, json.dumps({"kind": "text", "text": text}))
            self.store.db.execute("INSERT INTO outbox (id, room, body, state) VALUES (?, ?, ?, 'waiting')", values)
        return entry_id

    async def send_when_due(self):
        while True:
            await self.send_due()
            await asyncio.sleep(0.2)

    async def send_due(self):
        """The oldest text of each conversation, when none of it is unanswered [M6]."""
        if self.welcome is None or self.socket is None:
            return
        now, seen = time.monotonic(), set()
        for entry_id, room, body in self.store.all("SELECT id, room, body FROM outbox WHERE state = 'waiting' ORDER BY position"):
            if room in seen:
                continue
            seen.add(room)  # Later ones of this conversation wait, also when this one has to.
            flying = self.in_flight.get(room)
            if self.not_before.get(entry_id, 0) > now or (flying is not None and (flying[0] != entry_id or flying[1] > now)):
                continue
            if flying is None and len(self.in_flight) >= IN_FLIGHT_MAX:
                continue
            tries = self.tries.get(entry_id, 0)
            self.tries[entry_id] = tries + 1
            self.in_flight[room] = (entry_id, now + min(ANSWER_S_MAX, ANSWER_S * 2**tries))
            await self.say({"t": "send", "id": entry_id, "conversationId": room, "body": json.loads(body)})

    def answered(self, entry_id):
        self.in_flight = {room: flying for room, flying in self.in_flight.items() if flying[0] != entry_id}
        self.tries.pop(entry_id, None)
        self.not_before.pop(entry_id, None)

    def refused(self, frame):
        """The code decides, never a text. @returns False when the connection shall end."""
        code, entry_id = frame["code"], frame.get("id")
        if self.welcome is None:
            if "retryAfterMs" in frame:
                self.turn_ms = frame["retryAfterMs"]  # The server closes now [O3].
            return True
        if code == "hello-expected":
            return False
        if entry_id is None:
            return True
        if code in NEVER:
            with self.store.db:
                # A text that was put back and exists in another form is there, which is what was wanted [A4].
                if code == "id-conflict":
                    self.store.db.execute("DELETE FROM outbox WHERE id = ? AND put_back = 1", (entry_id,))
                self.store.db.execute("UPDATE outbox SET state = 'refused', code = ? WHERE id = ? AND state = 'waiting'", (code, entry_id))
            self.answered(entry_id)
            return True
        tries = self.tries.get(entry_id, 1)
        own_s = random.random() * min(WAIT_S_MAX, 2**tries)
        self.answered(entry_id)
        self.tries[entry_id] = tries
        self.not_before[entry_id] = time.monotonic() + max(own_s, frame.get("retryAfterMs", 0) / 1000)
        return True

    # -------------------------------------------------------------------------------------------------------------------------------- a person

    def read(self, room, seq):
        with self.store.db:
            self.store.db.execute("UPDATE rooms SET wanted = max(wanted, min(?, cursor)) WHERE id = ?", (seq, room))
        mark = self.store.read_mark(room)
        if mark > (self.store.item("read", room) or {"seq": 0})["seq"] and self.welcome is not None:
            self.later(self.say({"t": "read", "conversationId": room, "seq": mark}))

    def show(self, room):
        """What a screen would show: the entries held, a loading line for each gap, and what is not sent yet."""
        row = self.store.one("SELECT joined FROM rooms WHERE id = ?", room)
        joined = row[0] if row is not None else 1
        items, expected = [], joined
        held = self.store.all("SELECT seq, id, author, at, body FROM entries WHERE room = ? AND seq >= ? ORDER BY seq", room, joined)
        for seq, entry_id, author, at, body in held:
            if seq != expected:
                items.append({"loading": True})
            body = json.loads(body)
            items.append({"seq": seq, "id": entry_id, "author": author, "acceptedAt": at, "kind": body["kind"], "text": body.get("text")})
            expected = seq + 1
        unsent = []
        for entry_id, body, state, code in self.store.all("SELECT id, body, state, code FROM outbox WHERE room = ? ORDER BY position", room):
            flying = state == "waiting" and any(entry_id == one for one, _ in self.in_flight.values())
            shown = {"id": entry_id, "text": json.loads(body).get("text", ""), "state": "sending" if flying else state}
            unsent.append(shown if code is None else {**shown, "code": code})
        return {"items": items, "unsent": unsent}

    def later(self, coroutine):
        task = asyncio.ensure_future(coroutine)
        self.tasks.add(task)  # The event loop itself keeps no task alive.
        task.add_done_callback(self.tasks.discard)


# ----------------------------------------------------------------------------------------------------------------------- the commands of people


NOT_SIGNED_IN = "This device is not signed in. Use `sign-in`."


def room_named(client, name):
    for room, title in client.store.all("SELECT id, title FROM rooms"):
        if name in (room, title):
            return room
    raise Sorry(f"There is no conversation {name} here. `rooms` lists them.")


async def until(client, done):
    """Connects until `done()`."""
    running = asyncio.ensure_future(client.run())
    while not done() and client.state != "signed-out":
        await asyncio.sleep(0.1)
    running.cancel()
    await asyncio.wait([running])
    if not done():
        raise Sorry(NOT_SIGNED_IN)


async def command_rooms(client, _):
    await until(client, lambda: client.state == "live")
    for room, title in client.store.all("SELECT id, title FROM rooms"):
        print(f"{room}  {client.store.unread(room):4} unread  {title}")


async def command_send(client, options):
    entry_id = client.write(room_named(client, options.room), options.text)

    def outcome():
        return client.store.one("SELECT state, code FROM outbox WHERE id = ?", entry_id) or ("arrived", None)

    await until(client, lambda: outcome()[0] != "waiting")
    state, code = outcome()
    if state == "refused":
        raise Sorry(f"The server refused it: {code}")
    print("Sent.")


async def command_listen(client, _):
    def heard(room, entry):
        title = client.store.one("SELECT title FROM rooms WHERE id = ?", room)[0]
        person = client.store.item("person", entry["author"]) or client.store.item("friend", entry["author"]) or {}
        at = time.strftime("%H:%M", time.localtime(entry["acceptedAt"] / 1000))
        print(f"{at} [{title or room}] {person.get('displayName', entry['author'])}: {entry['body'].get('text', entry['body']['kind'])}", flush=True)

    client.heard = heard
    await until(client, lambda: False)


# ----------------------------------------------------------------------------------------------------------------------------- the conformance kit


async def conformance():
    """Reads commands and writes answers, one JSON object in each line. See conformance.md."""
    client = None

    async def answer(command):
        nonlocal client
        do, room = command["do"], command.get("conversation")
        if do == "open":
            os.makedirs(command["folder"], exist_ok=True)
            client = Client(os.path.join(command["folder"], "client.db"))
            if client.token is None:
                client.sign_in(command["server"], command["handle"], command["password"])
            client.later(client.run())
            return {"name": "client.py", "can": ["outbox", "put-back", "history", "reading"]}
        if do == "send":
            return {"id": client.write(room, command["text"])}
        if do == "show":
            return client.show(room)
        if do == "older":
            return await client.older(room) or {}
        if do == "unread":
            return {"count": client.store.unread(room)}
        if do == "read":
            return client.read(room, command["seq"]) or {}
        if do == "state":
            return {"state": client.state}
        raise ValueError(f"unknown command: {do}")

    async def handle(line):
        command = json.loads(line)
        try:
            result = await answer(command)
        except Exception as error:  # Whatever it is, the kit shall hear of it.
            result = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps({"n": command["n"], **result}), flush=True)

    lines = asyncio.StreamReader(limit=1_000_000)
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    while line := await lines.readline():
        await handle(line) if client is None else asyncio.ensure_future(handle(line))


def main():
    parser = argparse.ArgumentParser(description="A small client of Bongsu.")
    parser.add_argument("--file", default="client.db", help="where everything of this device is kept")
    commands = parser.add_subparsers(dest="command", required=True)
    sign_in = commands.add_parser("sign-in", help="sign this device in")
    sign_in.add_argument("server", help="such as https://talk.example.kr")
    sign_in.add_argument("handle")
    commands.add_parser("rooms", help="list the conversations")
    send = commands.add_parser("send", help="send a text")
    send.add_argument("room", help="id or title of a conversation")
    send.add_argument("text")
    commands.add_parser("listen", help="print what is said")
    commands.add_parser("conformance", help="be driven by `npx bongsu conformance`")
    options = parser.parse_args()
    os.umask(0o077)  # The file holds the token of this device: for its owner only.
    if options.command == "conformance":
        return asyncio.run(conformance())
    try:
        client = Client(options.file)
        if options.command == "sign-in":
            password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
            client.sign_in(options.server, options.handle, password)
            return print("Signed in.")
        if client.token is None:
            raise Sorry(NOT_SIGNED_IN)
        asyncio.run({"rooms": command_rooms, "send": command_send, "listen": command_listen}[options.command](client, options))
    except Refused as refusal:
        raise SystemExit(f"The server refused it: {refusal.code}") from None
    except (Sorry, OSError) as sorry:
        raise SystemExit(str(sorry)) from None
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
