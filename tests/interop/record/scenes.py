"""The scenes that are recorded, one function each, named like its capture.

usage: scenes.py                        lists the names of those bundled
       scenes.py --more                 lists the others
       scenes.py PREFIX FOLDER NAME     leaves FOLDER/NAME/NAME.pcap, or with
                                        several points NAME.POINT.pcap

A scene with one capture is recorded on the interface of alice, the caller.
What each must show in the end is held by check.py.
"""

import os
import signal
import sys
import time

import lab
import scenes_baresip
import scenes_faults
import scenes_ice
import scenes_media
import scenes_sctp
import scenes_sipp
import scenes_tls
import scenes_trouble
import scenes_trouble_chromium
import scenes_trouble_chromium_changes
import scenes_trouble_dialogs
import scenes_trouble_gateways
import scenes_trouble_linphone
import scenes_trouble_media
import scenes_trouble_nets
import scenes_trouble_odd
import scenes_trouble_others
import scenes_trouble_pages
import scenes_trouble_pion
import scenes_trouble_proxies
import scenes_trouble_relays
import scenes_trouble_requests
import scenes_trouble_servers
import scenes_trouble_services
import scenes_trouble_sights
import scenes_trouble_sip
import scenes_trouble_streams
import scenes_trouble_uclient
import scenes_trouble_webrtc
import scenes_turn

SCENES = {key.replace("_", "-"): scene
          for room in (scenes_baresip, scenes_faults, scenes_ice, scenes_media,
                       scenes_sctp, scenes_sipp, scenes_tls, scenes_trouble,
                       scenes_trouble_chromium,
                       scenes_trouble_chromium_changes, scenes_trouble_dialogs,
                       scenes_trouble_gateways, scenes_trouble_linphone,
                       scenes_trouble_media, scenes_trouble_nets,
                       scenes_trouble_odd, scenes_trouble_others,
                       scenes_trouble_pages, scenes_trouble_pion,
                       scenes_trouble_proxies, scenes_trouble_relays,
                       scenes_trouble_requests, scenes_trouble_servers,
                       scenes_trouble_services, scenes_trouble_sights,
                       scenes_trouble_sip, scenes_trouble_streams,
                       scenes_trouble_uclient, scenes_trouble_webrtc,
                       scenes_turn)
          for key, scene in vars(room).items()
          if hasattr(scene, "network")}


def play(prefix, folder, name):
    began = time.monotonic()
    scene = SCENES[name]
    with lab.Lab(prefix, os.path.join(folder, name), scene.network) as here:
        scene(here, name)
    print(f"{name}: {time.monotonic() - began:.1f} s", flush=True)


def interrupted(*_):
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    raise lab.Failed("interrupted")


def main(arguments):
    if not arguments or arguments == ["--more"]:
        print(*(name for name in SCENES
                if name.startswith("trouble-") == bool(arguments)), sep="\n")
        return
    signal.signal(signal.SIGTERM, interrupted)
    try:
        play(*arguments)
    except lab.Failed as failure:
        sys.exit(f"record: {failure}")


if __name__ == "__main__":
    main(sys.argv[1:])
