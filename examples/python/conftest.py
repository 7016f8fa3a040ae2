"""Starts the emulator for the tests, resets it before each of them, and stops it at the end.

The program is `patch-manager-emulator`, or what the variable PATCH_MANAGER_EMULATOR names.
"""

import json
import os
import subprocess
import urllib.request

import pytest


class Emulator:
    """The running program, and the requests that only it has."""

    def __init__(self, process):
        self.variables = {}
        for line in process.stdout:
            name, _, value = line.removeprefix("export ").strip().partition("=")
            self.variables[name] = value
            if name == "AWS_SECRET_ACCESS_KEY":
                return
        raise RuntimeError(f"{process.args[0]} did not start")

    def send(self, method, path, body=None):
        """A request under /_emulator/; GET / lists them all."""
        request = urllib.request.Request(
            f"{self.variables['AWS_ENDPOINT_URL']}/_emulator/{path}",
            method=method,
            data=json.dumps(body or {}).encode(),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)

    def advance(self, seconds):
        self.send("POST", "advance", {"Seconds": seconds})

    def calls(self, operation):
        calls = self.send("GET", "calls")["Calls"]
        return [call for call in calls if call["Operation"] == operation]


@pytest.fixture(scope="session")
def program():
    name = os.environ.get("PATCH_MANAGER_EMULATOR", "patch-manager-emulator")
    process = subprocess.Popen([name, "--speed", "0"], stdout=subprocess.PIPE, text=True)
    try:
        yield Emulator(process)
    finally:
        process.terminate()
        process.wait(timeout=30)


@pytest.fixture
def emulator(program, monkeypatch):
    """The emulator as it was at the start, and the environment that leads boto3 to it."""
    for name, value in program.variables.items():
        monkeypatch.setenv(name, value)
    program.send("POST", "reset")
    return program
