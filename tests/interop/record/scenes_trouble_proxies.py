"""Scenes of proxies that are not bundled: kamailios with configurations of
their own, which try a second gateway, ring several phones, hide addresses or
shut scanners out.  Packages: kamailio-extra-modules, sipvicious."""

import os
import shutil
import time

import lab
from lab import on, tells
from scenes_faults import SIP_BARRED
from scenes_sipp import ALICE, BOB
from scenes_trouble_sip import ANSWER, CALL as NEAR_CALL
from sip_play import play, written

BASE = ("pv", "tm", "sl", "rr", "maxfwd", "textops", "siputils", "corex")
HEAD = """#!KAMAILIO
debug=1
log_stderror=yes
fork=yes
children=2
auto_aliases=no
"""
# What every proxy here does before its own word of an INVITE.
ROUTE = """
request_route {
	if (!mf_process_maxfwd_header("10")) exit;
	force_rport();
	if (is_method("CANCEL")) {
		if (t_check_trans()) t_relay();
		exit;
	}
	if (has_totag()) {
		if (loose_route()) { t_relay(); exit; }
		if (is_method("ACK")) { if (t_check_trans()) t_relay(); exit; }
		sl_send_reply("404", "Not here");
		exit;
	}
	%s
	record_route();
	route(OUT);
}
"""
CALL = NEAR_CALL.replace("< 200", "< 200 routed", 1)
DIGIT = "0"
BELL_PORTS = {"desk": 5071, "mobile": 5072, "mailbox": 5073}


def proxy(here, out, modules=(), settings="", first="", more="", tcp=False,
          space="server", listen=(), rport=True):
    """One that is told in its own language what to do with an INVITE."""
    at = listen or (f"udp:{lab.SERVER}:5060",) + (
        (f"tcp:{lab.SERVER}:5060",) if tcp else ())
    text = HEAD + ("" if tcp else "disable_tcp=yes\n") + "".join(
        f"listen={x}\n" for x in at) + "".join(
        f'loadmodule "{m}.so"\n' for m in BASE + tuple(modules)) + (
        'modparam("tm", "fr_timer", 2000)\n' + settings +
        (ROUTE if rport else ROUTE.replace("force_rport();", "")) % first +
        "route[OUT] {\n" + out + "\n}\n" + more)
    with open(here.path("proxy.cfg"), "w", encoding="ascii") as file:
        file.write(text)
    program = here.start(
        space, "proxy.log", "kamailio", "-DD", "-E", "-m", "32", "-M", "8",
        "-f", here.path("proxy.cfg"), "-Y", here.folder, "-w", here.folder)
    here.wait_for_port(program, "udp", 5060)
    return program


def phone(here, user, text, space="bob", at=BOB):
    """One of several at a host, each with its port."""
    port = BELL_PORTS[user]
    program = here.sipp(space, f"{user}.log", *written(here, user, text), "-i",
                        at, "-p", str(port), "-default_behaviors", "none")
    here.wait_for_port(program, "udp", port)
    return f"sip:bob@{at}:{port}"


def through(here, caller=CALL, **how):
    """Alice calls by the proxy, which does what it does."""
    play(here, caller, None, at=lab.SERVER, **how)


def gateways(here):
    """A list for dispatcher, which begins with the last: mobile, desk."""
    with open(here.path("gateways"), "w", encoding="ascii") as file:
        file.write("".join(f"1 sip:{BOB}:{BELL_PORTS[x]}\n"
                           for x in ("desk", "mobile")))
    proxy(here, """
	ds_select_dst("1", "8");
	t_on_failure("NEXT");
	t_relay();
	exit;
""", ("dispatcher",), 'modparam("dispatcher", "list_file", "'
          f'{here.path("gateways")}")\nmodparam("dispatcher", "flags", 2)\n'
          'modparam("dispatcher", "xavp_dst", "_dsdst_")\n', more="""
failure_route[NEXT] {
	if (t_is_canceled()) exit;
	if (ds_next_dst()) { t_on_failure("NEXT"); t_relay(); exit; }
}
""")


@on("open")
@tells("established", "exchange/other-hop-failed")
def trouble_second_gateway(here, name):
    """Nobody listens at the first gateway, the second takes the call."""
    gateways(here)
    phone(here, "desk", ANSWER)
    with here.capture("server", name):
        through(here)


@on("open")
@tells("established", "exchange/other-hop-failed", cause="another one took")
def trouble_second_gateway_late(here, name):
    """The first gateway is silent, the second takes the call 2 s later."""
    gateways(here)
    here.rules("bob", SIP_BARRED.replace("5060", "5072"))
    phone(here, "desk", ANSWER)
    with here.capture("server", name):
        through(here)


@on("open")
@tells("failed", "exchange/server-failed")
def trouble_no_gateway(here, name):
    """Both gateways are out of order: 503 and 500."""
    gateways(here)
    for user, status in (("mobile", 503), ("desk", 500)):
        phone(here, user, f"""
< INVITE
> {status}
< ACK
""")
    with here.capture("server", name):
        through(here, """
> INVITE sdp
< 100?
< 500
> ACK same
. 200
""")


@on("open")
@tells("established")
def trouble_not_mailbox(here, name):
    """No trouble: bob's phone rings for three seconds, and his mailbox takes
    the call."""
    mailbox = f"sip:mailbox@{BOB}:{BELL_PORTS['mailbox']}"
    desk = phone(here, "desk", """
< INVITE
> 180
< CANCEL
> 200
> 487 of INVITE
< ACK
""")
    proxy(here, f"""
	$ru = "{desk}";
	t_set_fr(3000, 2000);
	t_on_failure("MAILBOX");
	t_relay();
	exit;
""", more=f"""
failure_route[MAILBOX] {{
	if (t_is_canceled()) exit;
	$ru = "{mailbox}";
	t_relay();
	exit;
}}
""")
    phone(here, "mailbox", ANSWER)
    with here.capture("server", name + ".server"), \
            here.capture("alice", name + ".caller"):
        through(here)


RINGING = """
< INVITE
> 180
< CANCEL
> 200
> 487 of INVITE
< ACK
"""


@on("open")
@tells("established")
def trouble_not_all_phones(here, name):
    """No trouble: three phones ring, and the last one is answered."""
    desk = phone(here, "desk", RINGING)
    mobile = phone(here, "mobile", RINGING)
    last = phone(here, "mailbox", ANSWER.replace(". 200", ". 900"))
    proxy(here, f"""
	$ru = "{desk}";
	append_branch("{mobile}");
	append_branch("{last}");
	t_relay();
	exit;
""")
    with here.capture("server", name):
        through(here, CALL.replace("< 180?", "< 180\n< 180?\n< 180?"))


@on("open")
@tells("rejected", "exchange/no-such-user")
def trouble_all_refuse(here, name):
    """Three phones: nobody there, busy, and not now; of answers of one class
    the proxy takes the first."""
    numbers = {"desk": 404, "mobile": 486, "mailbox": 480}
    uris = [phone(here, user, f"< INVITE\n. {wait}\n> {status}\n< ACK\n")
            for wait, (user, status) in zip((100, 300, 600), numbers.items())]
    proxy(here, f"""
	$ru = "{uris[0]}";
	append_branch("{uris[1]}");
	append_branch("{uris[2]}");
	t_relay();
	exit;
""")
    with here.capture("server", name):
        through(here, """
> INVITE sdp
< 100?
< 404
> ACK same
. 200
""")


@on("open")
@tells("established")
def trouble_not_hidden(here, name):
    """No trouble: a proxy hides all hosts (topoh), the Call-ID, too."""
    proxy(here, f"""
	$ru = "sip:bob@{BOB}:5060";
	t_relay();
	exit;
""", ("topoh",), 'modparam("topoh", "mask_key", "tea")\n'
          'modparam("topoh", "mask_ip", "127.0.0.8")\n'
          'modparam("topoh", "mask_callid", 1)\n')
    called(here, name)


def called(here, name, caller=CALL, callee=ANSWER):
    """Through the proxy to bob, seen by both and by the proxy."""
    program = here.sipp("bob", "callee.log", *written(here, "bob", callee),
                        "-i", BOB, "-p", "5060", "-default_behaviors", "none")
    here.wait_for_port(program, "udp", 5060)
    with here.capture("server", name + ".server"), \
            here.capture("bob", name + ".callee"), \
            here.capture("alice", name + ".caller"):
        through(here, caller)


def tables(here, module):
    """A database in files, which kamailio writes to."""
    folder = here.path("tables")
    shutil.copytree("/usr/share/kamailio/dbtext/kamailio", folder)
    return f'modparam("{module}", "db_url", "text://{folder}")\n'


@on("open")
@tells("established")
def trouble_not_stripped(here, name):
    """No trouble: a proxy keeps Via and Record-Route to itself (topos)."""
    proxy(here, f"""
	$ru = "sip:bob@{BOB}:5060";
	t_relay();
	exit;
""", ("db_text", "topos"), tables(here, "topos"))
    called(here, name)


@on("open")
@tells("rejected", "exchange/redirected-in-circle", cause="circle")
def trouble_redirects_in_a_circle(here, name):
    """Two redirect servers, each of which sends the caller to the other; it
    gives up at the fifth."""
    proxy(here, f"""
	append_branch("sip:bob@{BOB}:5060");
	sl_send_reply("302", "Moved Temporarily");
	exit;
""")
    back = """
< INVITE
> 302
  Contact: <sip:bob@203.0.113.5:5060>
< ACK
"""
    program = here.sipp("bob", "callee.log", *written(here, "bob", back * 3),
                        "-i", BOB, "-p", "5060", "-default_behaviors", "none")
    here.wait_for_port(program, "udp", 5060)
    with here.capture("alice", name):
        follows(here)


def follows(here):
    """SIPp asks one host only, so this caller is a script."""
    program = here.start("alice", "follower.log", "/usr/bin/python3",
                         os.path.join(lab.HERE, "follow.py"), ALICE,
                         lab.SERVER, "5")
    here.finished(program, "follower.log", 20)


@on("open")
@tells(None, "registration/wrong-credentials")
def trouble_trunk_password(here, name):
    """A proxy registers itself with its carrier, by a wrong password."""
    here.kamailio()
    settings = tables(here, "uac").replace("db_url", "reg_db_url")
    with open(here.path("tables/uacreg"), "a", encoding="ascii") as file:
        file.write("1:trunk:alice:lab.example:alice:lab.example:lab.example:"
                   f"alice:nothing:{32 * DIGIT}:sip\\:{lab.SERVER}:60:0:0:.:."
                   "\n")
    with here.capture("bob", name):
        proxy(here, "	exit;", ("db_text", "uac"), settings + f"""
modparam("uac", "reg_contact_addr", "{BOB}:5060")
modparam("uac", "reg_timer_interval", 2)
modparam("uac", "reg_retry_interval", 20)
""", space="bob", listen=(f"udp:{BOB}:5060",))
        time.sleep(6)


@on("open")
@tells(None, "registration/wrong-credentials",
       "registration/passwords-tried", cause="one password after another")
def trouble_scanned(here, name):
    """Somebody on the Internet looks for phones, and tries
    names and passwords."""
    here.kamailio()
    with here.capture("server", name):
        for tool in (["svmap", "-p5060", lab.SERVER],
                     ["svwar", "-e100-110", "--force", lab.SERVER],
                     ["svcrack", "-u", "alice", "-r100-120", lab.SERVER]):
            program = here.start("alice", tool[0] + ".log",
                                 tool[0], *tool[1:])
            program.wait(60)


@on("open")
@tells(None)
def trouble_not_shut_out(here, name):
    """Who asks too much gets no answers any more (pike)."""
    proxy(here, "	exit;", ("pike",), """
modparam("pike", "sampling_time_unit", 2)
modparam("pike", "reqs_density_per_unit", 10)
""", first="""
	if (!pike_check_req()) exit;
	sl_send_reply("401", "Unauthorized");
	exit;
""")
    with here.capture("server", name):
        program = here.start("alice", "war.log", "svwar",
                             "-e100-160", "--force", lab.SERVER)
        program.wait(60)


@on("open")
@tells("established")
def trouble_not_over_tcp_behind(here, name):
    """No trouble: what is too large for UDP goes on over TCP."""
    here.start("bob", "callee.log", "sipp", "-nostdin",
               *written(here, "bob", ANSWER.replace(
                   "200 sdp", "200 sdp\n  Contact: <sip:bob@203.0.113.40;"
                   "transport=tcp>")), "-i", BOB, "-p", "5060", "-t",
               "t1", "-default_behaviors", "none")
    proxy(here, f"""
	$ru = "sip:bob@{BOB}:5060;transport=tcp";
	t_relay();
	exit;
""", tcp=True)
    time.sleep(1)
    with here.capture("server", name):
        through(here, CALL.replace(" sdp", " sdp\n" + "\n".join(
            f"  a=x-lab-{n}:{'long' * 20}" for n in range(14)), 1))


@on("symmetric")
@tells(None, "registration/refused", "registration/answered-aside",
       cause="another port")
def trouble_answered_aside(here, name):
    """A registrar answers to the port that Via names, not to where alice's NAT
    lets REGISTER come from."""
    proxy(here, "	exit;", first="""
	sl_send_reply("403", "Forbidden");
	exit;
""", rport=False)
    with here.capture("server", name):
        here.sipp("alice", "caller.log", *written(
            here, "alice", "> REGISTER\n< 200\n"), "-i", "10.1.0.2", "-p",
            "5060", "-m", "1", "-timeout", "20", "-default_behaviors", "none",
            lab.SERVER + ":5060")
        time.sleep(9)
