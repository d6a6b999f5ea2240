#!/usr/bin/env python3
"""Works the jobs of a topic over HTTP, with nothing but Python's standard library.

    JOBQ_URL=http://127.0.0.1:8080 JOBQ_KEY=... python3 worker.py mail

A lease of 30 seconds is renewed while a handler runs, so that a job is soon somebody else's when this process dies, and
stays here however long it takes when it does not. SIGTERM lets the job in hand end.
"""

import json
import os
import signal
import sys
import threading
import time
import urllib.error
import urllib.request
from urllib.parse import quote

URL = os.environ.get("JOBQ_URL", "http://127.0.0.1:8080")
KEY = os.environ.get("JOBQ_KEY")
LEASE_SECONDS = 30
WAIT_SECONDS = 20

stopping = threading.Event()
waiting = threading.Event()


def stop(*_):
    """Lets the job in hand end; where there is none, what the server was about to hand out goes to somebody else."""
    stopping.set()
    if waiting.is_set():
        sys.exit(0)


class Refused(Exception):
    """The server understood and said no."""

    def __init__(self, status, code, message):
        super().__init__(f"{code}: {message}")
        self.status = status
        self.code = code


def call(path, body, timeout=10):
    """POSTs JSON and returns what comes back."""
    headers = {"content-type": "application/json"}
    if KEY:
        headers["authorization"] = f"Bearer {KEY}"
    request = urllib.request.Request(URL + path, json.dumps(body).encode(), headers)
    try:
        with urllib.request.urlopen(request, timeout=timeout) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        told = json.load(error)["error"]
        raise Refused(error.code, told["code"], told["message"]) from None


class Job:
    """A job in our hands."""

    def __init__(self, reservation):
        self.id = reservation["id"]
        self.token = reservation["token"]
        self.type = reservation["type"]
        self.payload = reservation.get("payload")
        self.attempt = reservation["attempt"]
        self.lost = threading.Event()
        self.over = threading.Event()

    def act(self, action, **body):
        return call(f"/api/v1/reservations/{quote(self.id, safe='')}/{action}", {"token": self.token, **body})

    def log(self, line):
        self.act("log", line=line)

    def progress(self, value, message=""):
        self.act("progress", value=value, message=message)

    def renew(self):
        """Holds the job until it is over; sets `lost` when it is no longer ours."""
        while not self.over.wait(LEASE_SECONDS / 3):
            try:
                self.act("extend", lease=f"{LEASE_SECONDS}s")
            except Refused as refused:
                if refused.code == "lease_lost":
                    self.lost.set()
                    return
            except OSError:
                pass  # the next one may get through; the lease allows for two that do not


class Reject(Exception):
    """The job can never succeed."""


# The handlers, by the type of the job.


def welcome(job):
    if "@" not in job.payload["to"]:
        raise Reject("no address")
    job.progress(0.5, "half")
    job.log(f"sent to {job.payload['to']}")
    return {"sent": job.payload["to"]}


def flaky(job):
    if job.attempt == 1:
        raise RuntimeError("not yet")
    return {"attempt": job.attempt}


HANDLERS = {"welcome": welcome, "flaky": flaky}


def work(job):
    threading.Thread(target=job.renew, daemon=True).start()
    try:
        handler = HANDLERS.get(job.type)
        if handler is None:
            raise Reject(f"no handler for {job.type}")
        settle(job, "done", result=handler(job))
    except Reject as reject:
        settle(job, "cancel", reason=str(reject))
    except Exception as error:  # whatever a handler throws
        settle(job, "retry", error=f"{type(error).__name__}: {error}")
    finally:
        job.over.set()


def settle(job, action, **body):
    """Says how it went, again when no reply came: a server takes a repeated `done` for the same."""
    for pause in (0.5, 1, 2, 4, None):
        try:
            job.act(action, **body)
            print(f"{job.type} {action}", flush=True)
            return
        except Refused as refused:
            if refused.status < 500:
                print(f"{job.type} not {action}: {refused}", flush=True)
                return
        except OSError as error:
            print(f"no reply: {error}", file=sys.stderr, flush=True)
        if pause is None or stopping.wait(pause):
            return  # its lease ends, and somebody else gets it


def main(topic):
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    path = f"/api/v1/topics/{quote(topic, safe='')}/reserve"
    while not stopping.is_set():
        try:
            asked = {"limit": 1, "wait": f"{WAIT_SECONDS}s", "lease": f"{LEASE_SECONDS}s"}
            waiting.set()
            jobs = call(path, asked, timeout=WAIT_SECONDS + 10)["jobs"]
        except (Refused, OSError) as error:
            print(f"cannot reserve: {error}", file=sys.stderr, flush=True)
            time.sleep(1)
            continue
        finally:
            waiting.clear()
        for reservation in jobs:
            work(Job(reservation))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "mail")
