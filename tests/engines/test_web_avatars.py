"""Who is there on the browser page: nobody, an avatar that is made meanwhile, a picture of the visitor's own."""

from __future__ import annotations

import json
from pathlib import Path

from browser import Browser
from engine_runs import PICTURES
from live_stack import live_stack
from PIL import Image
from web_page import LIVE, NOTICE, address

ORIENTATION = 0x0112
"""Tag of EXIF."""


def test_nobody_is_there_until_an_avatar_is_made(chrome: Browser, npc_folder: Path, tmp_path: Path) -> None:
    with live_stack(tmp_path, bridge=("--web",)) as stack:
        chrome.do("goto", address(stack))
        assert "visavis avatar build" in chrome.until(NOTICE)
        chrome.shot(PICTURES / "web_nobody.png")
        (tmp_path / "npc.visavis").write_bytes((npc_folder / "android.visavis").read_bytes())
        chrome.until(f"{LIVE} && ({NOTICE}) === ''")
        assert chrome.js("visavis.face") == "npc"


def test_a_picture_of_ones_own_talks_and_is_forgotten(chrome: Browser, root: Path, tmp_path: Path) -> None:
    picture, text = tmp_path / "Anna Mäi.jpeg", tmp_path / "notes.png"
    lying, exif = Image.open(root / "samples" / "portraits" / "scholar.png").convert("RGB"), Image.Exif()
    exif[ORIENTATION] = 6  # as telephones write it: to be turned a quarter to the right
    lying.transpose(Image.Transpose.ROTATE_90).save(picture, exif=exif)
    text.write_text("no picture")
    folder = tmp_path / "avatars"
    with live_stack(folder, bridge=("--web",)) as stack:
        chrome.do("goto", "about:blank")
        chrome.do("goto", address(stack))
        assert "Drop a picture" in chrome.until(NOTICE)
        before = len(chrome.do("faults"))
        chrome.do("setInputFiles", "#portrait", str(text))
        chrome.until(f"({NOTICE}).includes('cannot read notes.png')")
        chrome.do("setInputFiles", "#portrait", str(picture))
        chrome.until(f"({NOTICE}).includes('being made')")
        chrome.shot(PICTURES / "web_making.png")
        chrome.until(f"{LIVE} && ({NOTICE}) === '' && visavis.face === 'anna-mai'", within_s=60)
        assert (folder / "anna-mai.visavis").is_file()
        chrome.until("visavis.view === 'picture' && visavis.picture.shown")
        chrome.do("click", ".line >> nth=0")
        chrome.until("visavis.talker.sound.now({ now_s: 0 }).position > 8000")
        chrome.shot(PICTURES / "web_yours.png")
        chrome.do("check", "[name=view][value=head]", {"force": True})
        chrome.until(LIVE)
        chrome.do("setInputFiles", "#portrait", str(picture))  # once more: under a name of its own
        chrome.until(f"{LIVE} && ({NOTICE}) === '' && visavis.face === 'anna-mai-2'", within_s=60)
        for left in (["anna-mai"], []):
            chrome.do("click", ".forget >> nth=-1")
            chrome.until(f"JSON.stringify(visavis.names) === '{json.dumps(left)}'")
        assert list(folder.glob("*.visavis")) == []
        assert "Drop a picture" in chrome.until(NOTICE)
        assert chrome.do("isDisabled", "#talk")
        assert chrome.do("faults")[before:] == [], chrome.do("faults")
